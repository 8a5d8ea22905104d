// The 18x18 multiplier of ECP5, as far as windrow and yosys's inference use it; what is not
// modelled stops the simulation.
//
// P is A * B, each of them signed or not as SIGNEDA and SIGNEDB say. Up to three registers lie on
// the way: at the inputs (REG_INPUTA, REG_INPUTB), amid the multiplier (REG_PIPELINE) and at the
// output (REG_OUTPUT). Each is there where its _CLK is not "NONE"; it then has a clock, an enable
// and a synchronous reset of four each. The signs travel with their operands.
//
// Not modelled: the operand C, the shift chains (SOURCEA, SOURCEB, SRI*, SRO*), the outputs RO* and
// SIGNEDP, and an enable or reset of the output register other than CE0 and RST0, which nextpnr's
// ecp5/bitstream.cc does not write into every slice.
//
// Sources: Lattice FPGA-TN-02205 "ECP5 and ECP5-5G sysDSP Usage Guide"; yosys's
// lattice/dsp_map_18x18.v and cells_bb_ecp5.v.
module MULT18X18D (
  input A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
  input B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
  input C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
  input CLK3, CLK2, CLK1, CLK0,
  input CE3, CE2, CE1, CE0,
  input RST3, RST2, RST1, RST0,
  input SRIA17, SRIA16, SRIA15, SRIA14, SRIA13, SRIA12, SRIA11, SRIA10, SRIA9, SRIA8, SRIA7, SRIA6,
  SRIA5, SRIA4, SRIA3, SRIA2, SRIA1, SRIA0,
  input SRIB17, SRIB16, SRIB15, SRIB14, SRIB13, SRIB12, SRIB11, SRIB10, SRIB9, SRIB8, SRIB7, SRIB6,
  SRIB5, SRIB4, SRIB3, SRIB2, SRIB1, SRIB0,
  output SROA17, SROA16, SROA15, SROA14, SROA13, SROA12, SROA11, SROA10, SROA9, SROA8, SROA7, SROA6,
  SROA5, SROA4, SROA3, SROA2, SROA1, SROA0,
  output SROB17, SROB16, SROB15, SROB14, SROB13, SROB12, SROB11, SROB10, SROB9, SROB8, SROB7, SROB6,
  SROB5, SROB4, SROB3, SROB2, SROB1, SROB0,
  output ROA17, ROA16, ROA15, ROA14, ROA13, ROA12, ROA11, ROA10, ROA9, ROA8, ROA7, ROA6, ROA5, ROA4,
  ROA3, ROA2, ROA1, ROA0,
  output ROB17, ROB16, ROB15, ROB14, ROB13, ROB12, ROB11, ROB10, ROB9, ROB8, ROB7, ROB6, ROB5, ROB4,
  ROB3, ROB2, ROB1, ROB0,
  output ROC17, ROC16, ROC15, ROC14, ROC13, ROC12, ROC11, ROC10, ROC9, ROC8, ROC7, ROC6, ROC5, ROC4,
  ROC3, ROC2, ROC1, ROC0,
  output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
  P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0,
  output SIGNEDP
);
  parameter REG_INPUTA_CLK = "NONE";
  parameter REG_INPUTA_CE = "CE0";
  parameter REG_INPUTA_RST = "RST0";
  parameter REG_INPUTB_CLK = "NONE";
  parameter REG_INPUTB_CE = "CE0";
  parameter REG_INPUTB_RST = "RST0";
  parameter REG_PIPELINE_CLK = "NONE";
  parameter REG_PIPELINE_CE = "CE0";
  parameter REG_PIPELINE_RST = "RST0";
  parameter REG_OUTPUT_CLK = "NONE";
  parameter REG_OUTPUT_CE = "CE0";
  parameter REG_OUTPUT_RST = "RST0";
  parameter REG_INPUTC_CLK = "NONE";
  parameter REG_INPUTC_CE = "CE0";
  parameter REG_INPUTC_RST = "RST0";
  parameter CLK0_DIV = "ENABLED";
  parameter CLK1_DIV = "ENABLED";
  parameter CLK2_DIV = "ENABLED";
  parameter CLK3_DIV = "ENABLED";
  parameter HIGHSPEED_CLK = "NONE";
  parameter GSR = "ENABLED";
  parameter CAS_MATCH_REG = "FALSE";
  parameter SOURCEB_MODE = "B_SHIFT";
  parameter MULT_BYPASS = "DISABLED";
  parameter RESETMODE = "SYNC";

  wire [17:0] a = {
    A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0
  };
  wire [17:0] b = {
    B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0
  };
  wire [3:0] clk = {CLK3, CLK2, CLK1, CLK0};
  wire [3:0] ce = {CE3, CE2, CE1, CE0};
  wire [3:0] rst = {RST3, RST2, RST1, RST0};

  wire [18:0] a_in, b_in;
  WINDROW_MULT18X18D_REG #(
    .WIDTH(19), .CLK(REG_INPUTA_CLK), .CE(REG_INPUTA_CE), .RST(REG_INPUTA_RST)
  ) reg_a (.clk(clk), .ce(ce), .rst(rst), .d({SIGNEDA, a}), .q(a_in));
  WINDROW_MULT18X18D_REG #(
    .WIDTH(19), .CLK(REG_INPUTB_CLK), .CE(REG_INPUTB_CE), .RST(REG_INPUTB_RST)
  ) reg_b (.clk(clk), .ce(ce), .rst(rst), .d({SIGNEDB, b}), .q(b_in));

  // Each operand extended by its sign, if it has one, to the width of the product.
  wire [35:0] a_wide = {{18{a_in[18] & a_in[17]}}, a_in[17:0]};
  wire [35:0] b_wide = {{18{b_in[18] & b_in[17]}}, b_in[17:0]};
  wire [35:0] product = a_wide * b_wide;

  wire [35:0] piped, p;
  WINDROW_MULT18X18D_REG #(
    .WIDTH(36), .CLK(REG_PIPELINE_CLK), .CE(REG_PIPELINE_CE), .RST(REG_PIPELINE_RST)
  ) reg_pipeline (.clk(clk), .ce(ce), .rst(rst), .d(product), .q(piped));
  WINDROW_MULT18X18D_REG #(
    .WIDTH(36), .CLK(REG_OUTPUT_CLK), .CE(REG_OUTPUT_CE), .RST(REG_OUTPUT_RST)
  ) reg_output (.clk(clk), .ce(ce), .rst(rst), .d(piped), .q(p));

  // A source that is switched to its shift chain, or not connected, makes the product undefined.
  wire parallel = SOURCEA === 1'b0 && SOURCEB === 1'b0;
  assign {
    P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17,
    P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
  } = parallel ? p : 36'bx;

  wire legal =
    REG_INPUTC_CLK == "NONE" && HIGHSPEED_CLK == "NONE" && SOURCEB_MODE == "B_SHIFT"
    && MULT_BYPASS == "DISABLED" && RESETMODE == "SYNC" && CAS_MATCH_REG == "FALSE"
    && (REG_OUTPUT_CLK == "NONE" || (REG_OUTPUT_CE == "CE0" && REG_OUTPUT_RST == "RST0"));
  initial
    if (!legal) begin
      $display("MULT18X18D: REG_INPUTC_CLK %0s, REG_OUTPUT_CE %0s, REG_OUTPUT_RST %0s, ",
               REG_INPUTC_CLK, REG_OUTPUT_CE, REG_OUTPUT_RST,
               "HIGHSPEED_CLK %0s, SOURCEB_MODE %0s, MULT_BYPASS %0s, RESETMODE %0s, ",
               HIGHSPEED_CLK, SOURCEB_MODE, MULT_BYPASS, RESETMODE,
               "CAS_MATCH_REG %0s are not modelled: %m", CAS_MATCH_REG);
      $finish;
    end
  always @(posedge CLK0)
    if (SOURCEA === 1'b1 || SOURCEB === 1'b1) begin
      $display("MULT18X18D: SOURCEA or SOURCEB is 1, which is not modelled: %m");
      $finish;
    end
endmodule

// A register of the multiplier, or none.
module WINDROW_MULT18X18D_REG #(
  parameter WIDTH = 18,
  parameter [31:0] CLK = "NONE",
  parameter [23:0] CE = "CE0",
  parameter [31:0] RST = "RST0"
) (
  input [3:0] clk, input [3:0] ce, input [3:0] rst, input [WIDTH-1:0] d, output [WIDTH-1:0] q
);
  // The last character is the number.
  wire clock = clk[CLK[1:0]];
  wire enable = ce[CE[1:0]];
  wire reset = rst[RST[1:0]];

  reg [WIDTH-1:0] state = {WIDTH{1'b0}};
  // An enable or a reset that is undefined or not connected makes the output undefined.
  always @(posedge clock)
    if (^{enable, reset} === 1'bx) state <= {WIDTH{1'bx}};
    else if (reset) state <= {WIDTH{1'b0}};
    else if (enable) state <= d;

  assign q = CLK == "NONE" ? d : state;

  initial
    if (!((CLK == "NONE" || CLK == "CLK0" || CLK == "CLK1" || CLK == "CLK2" || CLK == "CLK3")
          && (CE == "CE0" || CE == "CE1" || CE == "CE2" || CE == "CE3")
          && (RST == "RST0" || RST == "RST1" || RST == "RST2" || RST == "RST3"))) begin
      $display("MULT18X18D: a register with CLK %0s, CE %0s, RST %0s is not modelled: %m",
               CLK, CE, RST);
      $finish;
    end
endmodule
