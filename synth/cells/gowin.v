// The block RAMs and the multiplier of Gowin, as far as windrow uses them; what is not modelled
// stops the simulation. yosys leaves them as black boxes.
//
// A semi-dual port block RAM, SDPX9B or SDPB: port A writes, port B reads. 16384 bits, and in an
// SDPX9B a ninth bit with each 8. A port of 1, 2, 4, 8 or 9, 16 or 18, 32 or 36 bits addresses with
// AD13 down to AD0, AD1, AD2, AD3, AD4, AD5. On writes of two and four bytes the lowest address bits
// enable one byte each. A port acts on its clock edge while CE is 1 and BLKSEL equals BLK_SEL. With
// READ_MODE 1 the output comes through one more register, which OCE enables. RESETB clears the
// output.
//
// A word that is read while it is written is noise: Gowin promises nothing there.
//
// Sources: Gowin UG285 "BSRAM & SSRAM User Guide"; UG287 "DSP User Guide"; yosys's
// gowin/brams_map.v (address alignment, byte enables) and gowin/cells_xtra_gw1n.v (ports).
module SDPB(CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB, ADA, ADB, DI, BLKSELA, BLKSELB, DO);
  parameter READ_MODE = 1'b0;
  parameter BIT_WIDTH_0 = 32;
  parameter BIT_WIDTH_1 = 32;
  parameter BLK_SEL_0 = 3'b000;
  parameter BLK_SEL_1 = 3'b000;
  parameter RESET_MODE = "SYNC";
  input CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB;
  input [13:0] ADA, ADB;
  input [31:0] DI;
  input [2:0] BLKSELA, BLKSELB;
  output [31:0] DO;

  WINDROW_GOWIN_RAM #(
    .BYTE(8), .READ_MODE(READ_MODE), .BIT_WIDTH_0(BIT_WIDTH_0), .BIT_WIDTH_1(BIT_WIDTH_1),
    .BLK_SEL_0(BLK_SEL_0), .BLK_SEL_1(BLK_SEL_1), .RESET_MODE(RESET_MODE)
  ) ram (CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB, ADA, ADB, DI, BLKSELA, BLKSELB, DO);
endmodule

module SDPX9B(CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB, ADA, ADB, BLKSELA, BLKSELB, DI, DO);
  parameter READ_MODE = 1'b0;
  parameter BIT_WIDTH_0 = 36;
  parameter BIT_WIDTH_1 = 36;
  parameter BLK_SEL_0 = 3'b000;
  parameter BLK_SEL_1 = 3'b000;
  parameter RESET_MODE = "SYNC";
  input CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB;
  input [13:0] ADA, ADB;
  input [35:0] DI;
  input [2:0] BLKSELA, BLKSELB;
  output [35:0] DO;

  WINDROW_GOWIN_RAM #(
    .BYTE(9), .READ_MODE(READ_MODE), .BIT_WIDTH_0(BIT_WIDTH_0), .BIT_WIDTH_1(BIT_WIDTH_1),
    .BLK_SEL_0(BLK_SEL_0), .BLK_SEL_1(BLK_SEL_1), .RESET_MODE(RESET_MODE)
  ) ram (CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB, ADA, ADB, DI, BLKSELA, BLKSELB, DO);
endmodule

// 512 rows of four bytes of BYTE bits. Both ports have to be as wide as each other.
module WINDROW_GOWIN_RAM(
  CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB, ADA, ADB, DI, BLKSELA, BLKSELB, DO
);
  parameter BYTE = 8;
  parameter READ_MODE = 1'b0;
  parameter BIT_WIDTH_0 = 32;
  parameter BIT_WIDTH_1 = 32;
  parameter BLK_SEL_0 = 3'b000;
  parameter BLK_SEL_1 = 3'b000;
  parameter RESET_MODE = "SYNC";
  localparam BITS = 4 * BYTE;
  input CLKA, CEA, CLKB, CEB, OCE, RESETA, RESETB;
  input [13:0] ADA, ADB;
  input [BITS-1:0] DI;
  input [2:0] BLKSELA, BLKSELB;
  output [BITS-1:0] DO;

  localparam WIDTH = BIT_WIDTH_0;
  localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == BYTE ? 3
                   : WIDTH == 2 * BYTE ? 4 : 5;

  reg [WIDTH-1:0] words [0:(16384 >> LOW) - 1];

  wire writes = CEA && BLKSELA == BLK_SEL_0;
  wire [WIDTH-1:0] mask;
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : bits
      assign mask[i] = WIDTH > BYTE ? ADA[i / BYTE] : 1'b1;
    end
  endgenerate
  always @(posedge CLKA)
    if (writes)
      words[ADA[13:LOW]] <= words[ADA[13:LOW]] & ~mask | DI[WIDTH-1:0] & mask;

  wire meets = writes && ADA[13:LOW] == ADB[13:LOW];
  reg [35:0] noise = 36'h5a3c96f01;
  reg [WIDTH-1:0] latch, out;
  always @(posedge CLKB) begin
    noise <= {noise[34:0], noise[35] ^ noise[24]};
    if (RESETB) latch <= 0;
    else if (CEB && BLKSELB == BLK_SEL_1)
`ifdef VERILATOR
      // No x there.
      latch <= words[ADB[13:LOW]] ^ (noise[WIDTH-1:0] & {WIDTH{meets}});
`else
      latch <= meets ? {WIDTH{1'bx}} : words[ADB[13:LOW]];
`endif
    if (RESETB) out <= 0;
    else if (OCE) out <= latch;
  end
  // Pins above the port's width carry nothing.
  assign DO = {{BITS{1'bx}}, READ_MODE ? out : latch};

  initial
    if (BIT_WIDTH_0 != BIT_WIDTH_1 || RESET_MODE != "SYNC"
        || !(WIDTH == 4 * BYTE || WIDTH == 2 * BYTE || WIDTH == BYTE
             || BYTE == 8 && (WIDTH == 4 || WIDTH == 2 || WIDTH == 1))) begin
      $display("SDPB: BIT_WIDTH %0d and %0d of bytes of %0d bits, RESET_MODE %0s are not modelled: %m",
               BIT_WIDTH_0, BIT_WIDTH_1, BYTE, RESET_MODE);
      $finish;
    end
  always @(posedge CLKA)
    if (RESETA !== 1'b0) begin
      $display("SDPB: RESETA, which is not modelled, is not 0: %m");
      $finish;
    end
endmodule

// The multiplier: A * B, each of them signed or not as ASIGN and BSIGN say, with registers at the
// inputs (AREG, BREG and for the signs ASIGN_REG, BSIGN_REG), amid the multiplier (PIPE_REG) and at
// the output (OUT_REG), all with one clock, enable and reset. Not modelled: the shift chains.
module MULT18X18(A, SIA, B, SIB, ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET, DOUT, SOA, SOB);
  input [17:0] A, SIA, B, SIB;
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET;
  output [35:0] DOUT;
  output [17:0] SOA, SOB;
  parameter AREG = 1'b0;
  parameter BREG = 1'b0;
  parameter OUT_REG = 1'b0;
  parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0;
  parameter BSIGN_REG = 1'b0;
  parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";

  reg [17:0] a, b;
  reg a_sign, b_sign;
  reg [35:0] piped, out;
  wire [17:0] a_in = AREG ? a : A;
  wire [17:0] b_in = BREG ? b : B;
  wire a_signed = ASIGN_REG ? a_sign : ASIGN;
  wire b_signed = BSIGN_REG ? b_sign : BSIGN;
  wire [35:0] product =
    {{18{a_signed & a_in[17]}}, a_in} * {{18{b_signed & b_in[17]}}, b_in};
  wire [35:0] middle = PIPE_REG ? piped : product;
  assign DOUT = OUT_REG ? out : middle;
  assign {SOA, SOB} = 36'bx;

  always @(posedge CLK)
    if (RESET) {a, b, a_sign, b_sign, piped, out} <= 0;
    else if (CE) begin
      {a, b, a_sign, b_sign} <= {A, B, ASIGN, BSIGN};
      piped <= product;
      out <= middle;
    end

  initial
    if (MULT_RESET_MODE != "SYNC") begin
      $display("MULT18X18: MULT_RESET_MODE %0s is not modelled: %m", MULT_RESET_MODE);
      $finish;
    end
  always @(posedge CLK)
    if (ASEL !== 1'b0 || BSEL !== 1'b0) begin
      $display("MULT18X18: ASEL or BSEL, which are not modelled, are not 0: %m");
      $finish;
    end
endmodule

module MULT9X9(A, SIA, B, SIB, ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET, DOUT, SOA, SOB);
  input [8:0] A, SIA, B, SIB;
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET;
  output [17:0] DOUT;
  output [8:0] SOA, SOB;
  parameter AREG = 1'b0;
  parameter BREG = 1'b0;
  parameter OUT_REG = 1'b0;
  parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0;
  parameter BSIGN_REG = 1'b0;
  parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";

  // Signs do not change while a product is made.
  wire [35:0] product;
  wire [17:0] a_out, b_out;
  assign DOUT = product[17:0];
  assign {SOA, SOB} = {a_out[8:0], b_out[8:0]};
  MULT18X18 #(
    .AREG(AREG), .BREG(BREG), .OUT_REG(OUT_REG), .PIPE_REG(PIPE_REG), .ASIGN_REG(ASIGN_REG),
    .BSIGN_REG(BSIGN_REG), .SOA_REG(SOA_REG), .MULT_RESET_MODE(MULT_RESET_MODE)
  ) wide (
    .A({{9{ASIGN & A[8]}}, A}), .B({{9{BSIGN & B[8]}}, B}), .SIA({9'b0, SIA}), .SIB({9'b0, SIB}),
    .ASIGN(ASIGN), .BSIGN(BSIGN), .ASEL(ASEL), .BSEL(BSEL), .CE(CE), .CLK(CLK), .RESET(RESET),
    .DOUT(product), .SOA(a_out), .SOB(b_out)
  );
endmodule
