// The block RAM of ECP5, as far as windrow and yosys's inference use it; what is not modelled stops
// the simulation.
//
// 512 rows of 36 bits. A port of 1, 2, 4, 9, 18 or 36 bits addresses with AD13 down to AD0, AD1,
// AD2, AD3, AD4 or AD5. Ports of 1, 2 and 4 bits do not reach every ninth bit. On writes of 18 and
// 36 bits the lowest address bits enable one byte of 9 bits each. A port of 36 bits takes both data
// ports: {DIB, DIA} or {DOB, DOA}; one such port writes and the other reads.
//
// A port acts on its clock edge while CE is 1 and CS equals CSDECODE. It then writes where WE is 1,
// else reads; a port that writes gives what it gave before (WRITEMODE "NORMAL") or the word as it
// was ("READBEFOREWRITE"). RST clears the output and keeps the port from writing. With REGMODE
// "OUTREG" the output comes through one more register, which OCE enables. RESETMODE "ASYNC" is
// taken where the resets are tied to 0.
//
// Bits that one port reads while the other writes them are noise: Lattice promises nothing there.
// This takes both ports to be on one clock, as they are in a core.
//
// Sources: Lattice FPGA-TN-02204 "ECP5 and ECP5-5G Memory User Guide"; yosys's
// lattice/brams_16kd.txt and brams_map_16kd.v (address alignment, byte enables, reset);
// nextpnr's ecp5/bitstream.cc (INITVAL: 16 words of 18 bits, 20 bits apart).
module DP16KD (
  input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
  DIA3, DIA2, DIA1, DIA0,
  input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
  output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4,
  DOA3, DOA2, DOA1, DOA0,
  input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
  DIB3, DIB2, DIB1, DIB0,
  input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
  output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4,
  DOB3, DOB2, DOB1, DOB0
);
  parameter DATA_WIDTH_A = 18;
  parameter DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG";
  parameter REGMODE_B = "NOREG";
  parameter WRITEMODE_A = "NORMAL";
  parameter WRITEMODE_B = "NORMAL";
  parameter RESETMODE = "SYNC";
  parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter [39:0] CSDECODE_A = "0b000";
  parameter [39:0] CSDECODE_B = "0b000";
  parameter CLKAMUX = "CLKA";
  parameter CLKBMUX = "CLKB";
  parameter GSR = "ENABLED";
  parameter WID = 0;
  parameter INIT_DATA = "STATIC";
  parameter [319:0] INITVAL_00 = 320'd0;
  parameter [319:0] INITVAL_01 = 320'd0;
  parameter [319:0] INITVAL_02 = 320'd0;
  parameter [319:0] INITVAL_03 = 320'd0;
  parameter [319:0] INITVAL_04 = 320'd0;
  parameter [319:0] INITVAL_05 = 320'd0;
  parameter [319:0] INITVAL_06 = 320'd0;
  parameter [319:0] INITVAL_07 = 320'd0;
  parameter [319:0] INITVAL_08 = 320'd0;
  parameter [319:0] INITVAL_09 = 320'd0;
  parameter [319:0] INITVAL_0A = 320'd0;
  parameter [319:0] INITVAL_0B = 320'd0;
  parameter [319:0] INITVAL_0C = 320'd0;
  parameter [319:0] INITVAL_0D = 320'd0;
  parameter [319:0] INITVAL_0E = 320'd0;
  parameter [319:0] INITVAL_0F = 320'd0;
  parameter [319:0] INITVAL_10 = 320'd0;
  parameter [319:0] INITVAL_11 = 320'd0;
  parameter [319:0] INITVAL_12 = 320'd0;
  parameter [319:0] INITVAL_13 = 320'd0;
  parameter [319:0] INITVAL_14 = 320'd0;
  parameter [319:0] INITVAL_15 = 320'd0;
  parameter [319:0] INITVAL_16 = 320'd0;
  parameter [319:0] INITVAL_17 = 320'd0;
  parameter [319:0] INITVAL_18 = 320'd0;
  parameter [319:0] INITVAL_19 = 320'd0;
  parameter [319:0] INITVAL_1A = 320'd0;
  parameter [319:0] INITVAL_1B = 320'd0;
  parameter [319:0] INITVAL_1C = 320'd0;
  parameter [319:0] INITVAL_1D = 320'd0;
  parameter [319:0] INITVAL_1E = 320'd0;
  parameter [319:0] INITVAL_1F = 320'd0;
  parameter [319:0] INITVAL_20 = 320'd0;
  parameter [319:0] INITVAL_21 = 320'd0;
  parameter [319:0] INITVAL_22 = 320'd0;
  parameter [319:0] INITVAL_23 = 320'd0;
  parameter [319:0] INITVAL_24 = 320'd0;
  parameter [319:0] INITVAL_25 = 320'd0;
  parameter [319:0] INITVAL_26 = 320'd0;
  parameter [319:0] INITVAL_27 = 320'd0;
  parameter [319:0] INITVAL_28 = 320'd0;
  parameter [319:0] INITVAL_29 = 320'd0;
  parameter [319:0] INITVAL_2A = 320'd0;
  parameter [319:0] INITVAL_2B = 320'd0;
  parameter [319:0] INITVAL_2C = 320'd0;
  parameter [319:0] INITVAL_2D = 320'd0;
  parameter [319:0] INITVAL_2E = 320'd0;
  parameter [319:0] INITVAL_2F = 320'd0;
  parameter [319:0] INITVAL_30 = 320'd0;
  parameter [319:0] INITVAL_31 = 320'd0;
  parameter [319:0] INITVAL_32 = 320'd0;
  parameter [319:0] INITVAL_33 = 320'd0;
  parameter [319:0] INITVAL_34 = 320'd0;
  parameter [319:0] INITVAL_35 = 320'd0;
  parameter [319:0] INITVAL_36 = 320'd0;
  parameter [319:0] INITVAL_37 = 320'd0;
  parameter [319:0] INITVAL_38 = 320'd0;
  parameter [319:0] INITVAL_39 = 320'd0;
  parameter [319:0] INITVAL_3A = 320'd0;
  parameter [319:0] INITVAL_3B = 320'd0;
  parameter [319:0] INITVAL_3C = 320'd0;
  parameter [319:0] INITVAL_3D = 320'd0;
  parameter [319:0] INITVAL_3E = 320'd0;
  parameter [319:0] INITVAL_3F = 320'd0;

  // One always block for each port, both on one clock.
  /* verilator lint_off MULTIDRIVEN */
  reg [35:0] rows [0:511];
  /* verilator lint_on MULTIDRIVEN */

  wire [35:0] do_a, do_b;
  wire [35:0] write_data_a, write_mask_a, write_data_b, write_mask_b;
  wire [8:0] row_a, row_b;
  wire write_a, write_b;

  wire [17:0] di_a = {
    DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
    DIA3, DIA2, DIA1, DIA0
  };
  wire [17:0] di_b = {
    DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
    DIB3, DIB2, DIB1, DIB0
  };
  wire clock_a = CLKAMUX == "INV" ? ~CLKA : CLKA;
  wire clock_b = CLKBMUX == "INV" ? ~CLKB : CLKB;

  // A port that writes 36 bits takes its upper half from the other port, and one that reads 36 bits
  // gives it there.
  assign {
    DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4,
    DOA3, DOA2, DOA1, DOA0
  } = DATA_WIDTH_B == 36 ? do_b[17:0] : DATA_WIDTH_A == 36 ? 18'bx : do_a[17:0];
  assign {
    DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4,
    DOB3, DOB2, DOB1, DOB0
  } = DATA_WIDTH_B == 36 ? do_b[35:18] : do_b[17:0];

  WINDROW_DP16KD_PORT #(
    .DATA_WIDTH(DATA_WIDTH_A), .REGMODE(REGMODE_A), .WRITEMODE(WRITEMODE_A),
    .CSDECODE({CSDECODE_A[16], CSDECODE_A[8], CSDECODE_A[0]})
  ) port_a (
    .clock(clock_a), .ce(CEA), .oce(OCEA), .we(WEA), .rst(RSTA), .cs({CSA2, CSA1, CSA0}),
    .address({
      ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0
    }),
    .di(DATA_WIDTH_A == 36 ? {di_b, di_a} : {18'd0, di_a}), .dout(do_a),
    .row(row_a), .word(rows[row_a]),
    .write(write_a), .write_data(write_data_a), .write_mask(write_mask_a),
    .other_mask(write_b && row_b == row_a ? write_mask_b : 36'd0)
  );
  WINDROW_DP16KD_PORT #(
    .DATA_WIDTH(DATA_WIDTH_B), .REGMODE(REGMODE_B), .WRITEMODE(WRITEMODE_B),
    .CSDECODE({CSDECODE_B[16], CSDECODE_B[8], CSDECODE_B[0]})
  ) port_b (
    .clock(clock_b), .ce(CEB), .oce(OCEB), .we(WEB), .rst(RSTB), .cs({CSB2, CSB1, CSB0}),
    .address({
      ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0
    }),
    .di({18'd0, di_b}), .dout(do_b),
    .row(row_b), .word(rows[row_b]),
    .write(write_b), .write_data(write_data_b), .write_mask(write_mask_b),
    .other_mask(write_a && row_a == row_b ? write_mask_a : 36'd0)
  );

  task stop(input [639:0] what);
    begin
      $display("DP16KD: %0s, which is not modelled: %m", what);
      $finish;
    end
  endtask

  always @(posedge clock_a) begin
    if (write_a) rows[row_a] <= (rows[row_a] & ~write_mask_a) | (write_data_a & write_mask_a);
    if ((write_a & ^row_a) === 1'bx) stop("port A writes with an undefined address or enable");
  end
  always @(posedge clock_b) begin
    if (write_b) rows[row_b] <= (rows[row_b] & ~write_mask_b) | (write_data_b & write_mask_b);
    if ((write_b & ^row_b) === 1'bx) stop("port B writes with an undefined address or enable");
    if (write_a && write_b && row_a == row_b) stop("both ports write to one row at once");
    if (write_b && (DATA_WIDTH_A == 36 || DATA_WIDTH_B == 36))
      stop("port B writes beside a port of 36 bits");
  end
  always @(posedge clock_a or posedge clock_b)
    if (RESETMODE == "ASYNC" && (RSTA !== 1'b0 || RSTB !== 1'b0))
      stop("an asynchronous reset is not held at 0");

  wire legal =
    (DATA_WIDTH_A == 1 || DATA_WIDTH_A == 2 || DATA_WIDTH_A == 4 || DATA_WIDTH_A == 9
     || DATA_WIDTH_A == 18 || DATA_WIDTH_A == 36)
    && (DATA_WIDTH_B == 1 || DATA_WIDTH_B == 2 || DATA_WIDTH_B == 4 || DATA_WIDTH_B == 9
        || DATA_WIDTH_B == 18 || DATA_WIDTH_B == 36)
    && (REGMODE_A == "NOREG" || REGMODE_A == "OUTREG")
    && (REGMODE_B == "NOREG" || REGMODE_B == "OUTREG")
    && (WRITEMODE_A == "NORMAL" || WRITEMODE_A == "READBEFOREWRITE")
    && (WRITEMODE_B == "NORMAL" || WRITEMODE_B == "READBEFOREWRITE")
    && (RESETMODE == "SYNC" || RESETMODE == "ASYNC") && INIT_DATA == "STATIC"
    && (CLKAMUX == "CLKA" || CLKAMUX == "INV") && (CLKBMUX == "CLKB" || CLKBMUX == "INV");

  task load(input integer first, input [319:0] words);
    integer i;
    for (i = 0; i < 8; i = i + 1)
      rows[first + i] = {words[40 * i + 20 +: 18], words[40 * i +: 18]};
  endtask

  initial begin
    if (!legal) begin
      $display("DP16KD: DATA_WIDTH %0d and %0d, REGMODE %0s and %0s, WRITEMODE %0s and %0s, ",
               DATA_WIDTH_A, DATA_WIDTH_B, REGMODE_A, REGMODE_B, WRITEMODE_A, WRITEMODE_B,
               "RESETMODE %0s, CLKAMUX %0s, CLKBMUX %0s, INIT_DATA %0s are not modelled: %m",
               RESETMODE, CLKAMUX, CLKBMUX, INIT_DATA);
      $finish;
    end
    load(0, INITVAL_00);
    load(8, INITVAL_01);
    load(16, INITVAL_02);
    load(24, INITVAL_03);
    load(32, INITVAL_04);
    load(40, INITVAL_05);
    load(48, INITVAL_06);
    load(56, INITVAL_07);
    load(64, INITVAL_08);
    load(72, INITVAL_09);
    load(80, INITVAL_0A);
    load(88, INITVAL_0B);
    load(96, INITVAL_0C);
    load(104, INITVAL_0D);
    load(112, INITVAL_0E);
    load(120, INITVAL_0F);
    load(128, INITVAL_10);
    load(136, INITVAL_11);
    load(144, INITVAL_12);
    load(152, INITVAL_13);
    load(160, INITVAL_14);
    load(168, INITVAL_15);
    load(176, INITVAL_16);
    load(184, INITVAL_17);
    load(192, INITVAL_18);
    load(200, INITVAL_19);
    load(208, INITVAL_1A);
    load(216, INITVAL_1B);
    load(224, INITVAL_1C);
    load(232, INITVAL_1D);
    load(240, INITVAL_1E);
    load(248, INITVAL_1F);
    load(256, INITVAL_20);
    load(264, INITVAL_21);
    load(272, INITVAL_22);
    load(280, INITVAL_23);
    load(288, INITVAL_24);
    load(296, INITVAL_25);
    load(304, INITVAL_26);
    load(312, INITVAL_27);
    load(320, INITVAL_28);
    load(328, INITVAL_29);
    load(336, INITVAL_2A);
    load(344, INITVAL_2B);
    load(352, INITVAL_2C);
    load(360, INITVAL_2D);
    load(368, INITVAL_2E);
    load(376, INITVAL_2F);
    load(384, INITVAL_30);
    load(392, INITVAL_31);
    load(400, INITVAL_32);
    load(408, INITVAL_33);
    load(416, INITVAL_34);
    load(424, INITVAL_35);
    load(432, INITVAL_36);
    load(440, INITVAL_37);
    load(448, INITVAL_38);
    load(456, INITVAL_39);
    load(464, INITVAL_3A);
    load(472, INITVAL_3B);
    load(480, INITVAL_3C);
    load(488, INITVAL_3D);
    load(496, INITVAL_3E);
    load(504, INITVAL_3F);
  end
endmodule

// One port of the block RAM. ``word`` is the row that ``row`` addresses, before this edge's writes.
module WINDROW_DP16KD_PORT #(
  parameter DATA_WIDTH = 18,
  parameter REGMODE = "NOREG",
  parameter WRITEMODE = "NORMAL",
  parameter [2:0] CSDECODE = 3'd0
) (
  input clock, input ce, input oce, input we, input rst, input [2:0] cs,
  input [13:0] address, input [35:0] di, output [35:0] dout,
  output [8:0] row, input [35:0] word,
  output write, output [35:0] write_data, output [35:0] write_mask,
  input [35:0] other_mask
);
  // Where in its row the port's word lies, and which of its bits a write reaches.
  wire [5:0] offset =
    DATA_WIDTH == 36 ? 6'd0
    : DATA_WIDTH == 18 ? (address[4] ? 6'd18 : 6'd0)
    : 9 * address[4:3] + (DATA_WIDTH == 9 ? 4'd0
                          : DATA_WIDTH == 4 ? {address[2], 2'd0}
                          : DATA_WIDTH == 2 ? {address[2:1], 1'd0}
                          : address[2:0]);
  wire [35:0] enabled =
    DATA_WIDTH == 36 ? {{9{address[3]}}, {9{address[2]}}, {9{address[1]}}, {9{address[0]}}}
    : DATA_WIDTH == 18 ? {18'd0, {9{address[1]}}, {9{address[0]}}}
    : (36'd1 << DATA_WIDTH) - 36'd1;

  assign row = address[13:5];
  wire active = ce && cs == CSDECODE;
  assign write = active && we && !rst;
  assign write_data = di << offset;
  assign write_mask = enabled << offset;

  reg [35:0] noise = 36'h5a3c96f01;
  wire [35:0] taken =
`ifdef VERILATOR
    // No x there: the bits that nobody promises toggle at random.
    word ^ (other_mask & noise);
  always @(posedge clock)
    noise <= {noise[34:0], noise[35] ^ noise[24]};
`else
    (word & ~other_mask) | (other_mask & 36'bx);
`endif

  // A control input that is undefined or not connected makes the output undefined.
  wire defined = ^{ce, cs, rst, active & we} !== 1'bx;
  reg [35:0] latch = 36'd0;
  always @(posedge clock)
    if (!defined) latch <= 36'bx;
    else if (rst) latch <= 36'd0;
    else if (active && (!we || WRITEMODE == "READBEFOREWRITE")) latch <= taken >> offset;

  reg [35:0] out = 36'd0;
  always @(posedge clock)
    if ((defined ^ oce) === 1'bx || !defined) out <= 36'bx;
    else if (rst) out <= 36'd0;
    else if (oce) out <= latch;

  // Pins above the port's width carry nothing.
  wire [35:0] pins = {36{1'b1}} >> (36 - DATA_WIDTH);
  wire [35:0] shown = REGMODE == "OUTREG" ? out : latch;
  assign dout = (shown & pins) | (~pins & 36'bx);
endmodule
