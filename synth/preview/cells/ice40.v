// Pads of iCE40, without clock enables and latches, and the PLL on its oscillator's pin. Its clock
// comes from outside: what it makes of its oscillator is computed from its parameters.
// Sources: Lattice FPGA-TN-02250, "iCE40 Technology Library", SB_IO;
// FPGA-TN-02052, "iCE40 sysCLOCK PLL Design and Usage Guide".

module SB_IO_INPUT(
  input PACKAGE_PIN, LATCH_INPUT_VALUE, CLOCK_ENABLE, INPUT_CLK, OUTPUT_CLK, OUTPUT_ENABLE,
  D_OUT_0, D_OUT_1, output D_IN_0, D_IN_1
);
  parameter [5:0] PIN_TYPE = 6'b000000;
  parameter [0:0] PULLUP = 1'b0;
  parameter [0:0] NEG_TRIGGER = 1'b0;
  parameter IO_STANDARD = "SB_LVCMOS";
  reg held = 0;
  always @(posedge INPUT_CLK) held <= PACKAGE_PIN;
  assign D_IN_0 = PIN_TYPE[0] ? PACKAGE_PIN : held;
endmodule

// PIN_TYPE[5:4] is 01 where it always drives, 10 or 11 where it can be switched off; PIN_TYPE[3:2] is
// 00 for both edges, 01 for a register and 10 for none.
module SB_IO(
  inout PACKAGE_PIN, input LATCH_INPUT_VALUE, CLOCK_ENABLE, INPUT_CLK, OUTPUT_CLK, OUTPUT_ENABLE,
  D_OUT_0, D_OUT_1, output D_IN_0, D_IN_1
);
  parameter [5:0] PIN_TYPE = 6'b000000;
  parameter [0:0] PULLUP = 1'b0;
  parameter [0:0] NEG_TRIGGER = 1'b0;
  parameter IO_STANDARD = "SB_LVCMOS";
  initial if (NEG_TRIGGER || PIN_TYPE[3:2] == 2'b11 || PIN_TYPE[5:4] == 2'b00) begin
    $display("SB_IO: PIN_TYPE %b is not modelled", PIN_TYPE);
    $finish;
  end
  reg first = 0, second = 0, enabled = 0;
  always @(posedge OUTPUT_CLK) {first, enabled} <= {D_OUT_0, OUTPUT_ENABLE};
  always @(negedge OUTPUT_CLK) second <= D_OUT_1;
  wire level = PIN_TYPE[3] ? D_OUT_0 : PIN_TYPE[2] || OUTPUT_CLK ? first : second;
  generate
    if (PIN_TYPE[5:4] == 2'b01) assign PACKAGE_PIN = level;
    else assign PACKAGE_PIN = (PIN_TYPE[4] ? enabled : OUTPUT_ENABLE) ? level : 1'bz;
  endgenerate
  assign D_IN_0 = PACKAGE_PIN;
endmodule

module SB_PLL40_PAD(
  input PACKAGEPIN, EXTFEEDBACK, BYPASS, RESETB, LATCHINPUTVALUE, SDI, SCLK,
  input [7:0] DYNAMICDELAY,
  output PLLOUTCORE, PLLOUTGLOBAL, LOCK, SDO
);
  parameter FEEDBACK_PATH = "SIMPLE";
  parameter DELAY_ADJUSTMENT_MODE_FEEDBACK = "FIXED";
  parameter DELAY_ADJUSTMENT_MODE_RELATIVE = "FIXED";
  parameter SHIFTREG_DIV_MODE = 1'b0;
  parameter FDA_FEEDBACK = 4'b0000;
  parameter FDA_RELATIVE = 4'b0000;
  parameter PLLOUT_SELECT = "GENCLK";
  parameter DIVR = 4'b0000;
  parameter DIVF = 7'b0000000;
  parameter DIVQ = 3'b000;
  parameter FILTER_RANGE = 3'b000;
  parameter ENABLE_ICEGATE = 1'b0;
  parameter TEST_MODE = 1'b0;
  parameter EXTERNAL_DIVIDE_FACTOR = 1;
  assign PLLOUTGLOBAL = preview.clocks[0];
  assign PLLOUTCORE = preview.clocks[0];
  assign LOCK = preview.locked;
endmodule
