// Cells of Gowin that yosys has as black boxes, or with what Verilator does not take. The clock of a
// PLL comes from outside: what it makes of its oscillator is computed from its parameters.
// Source: Gowin UG286, "Gowin Clock User Guide".

module IBUF(input I, output O);
  assign O = I;
endmodule

module OBUF(input I, output O);
  assign O = I;
endmodule

module TBUF(input I, OEN, output O);
  assign O = OEN ? 1'bz : I;
endmodule

module IOBUF(input I, OEN, output O, inout IO);
  assign IO = OEN ? 1'bz : I;
  assign O = IO;
endmodule

module rPLL(
  input CLKIN, CLKFB, RESET, RESET_P, input [5:0] FBDSEL, IDSEL, ODSEL, input [3:0] PSDA, DUTYDA,
  FDLY, output CLKOUT, CLKOUTP, CLKOUTD, CLKOUTD3, LOCK
);
  parameter DEVICE = "GW1N-1";
  parameter FCLKIN = "100.0";
  parameter IDIV_SEL = 0;
  parameter FBDIV_SEL = 0;
  parameter ODIV_SEL = 8;
  parameter DYN_IDIV_SEL = "false";
  parameter DYN_FBDIV_SEL = "false";
  parameter DYN_ODIV_SEL = "false";
  parameter DYN_SDIV_SEL = 2;
  parameter DYN_DA_EN = "true";
  parameter PSDA_SEL = "0000";
  parameter DUTYDA_SEL = "1000";
  parameter CLKFB_SEL = "internal";
  parameter CLKOUT_FT_DIR = 1'b1;
  parameter CLKOUTP_FT_DIR = 1'b1;
  parameter CLKOUT_DLY_STEP = 0;
  parameter CLKOUTP_DLY_STEP = 0;
  parameter CLKOUTD_SRC = "CLKOUT";
  parameter CLKOUTD3_SRC = "CLKOUT";
  parameter CLKOUT_BYPASS = "false";
  parameter CLKOUTP_BYPASS = "false";
  parameter CLKOUTD_BYPASS = "false";
  assign {CLKOUTD3, CLKOUTD, CLKOUTP, CLKOUT} = preview.clocks;
  assign LOCK = preview.locked;
endmodule

// Divides by 5 only: high for two cycles and low for three.
module CLKDIV(input HCLKIN, RESETN, CALIB, output CLKOUT);
  parameter DIV_MODE = "2";
  parameter GSREN = "false";
  reg [2:0] count = 0;
  reg high = 0;
  initial if (DIV_MODE != "5") begin
    $display("CLKDIV: DIV_MODE is not 5");
    $finish;
  end
  always @(posedge HCLKIN) begin
    count <= count == 4 ? 0 : count + 1;
    high <= count < 2;
  end
  assign CLKOUT = high;
endmodule
