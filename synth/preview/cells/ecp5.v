// Cells of ECP5 that yosys has as black boxes, or with what Verilator does not take. The clocks of a
// PLL come from outside: what it makes of its oscillator is computed from its parameters.
// Sources: Lattice FPGA-TN-02032 "ECP5 and ECP5-5G sysI/O Usage Guide"; FPGA-TN-02200 "ECP5 and
// ECP5-5G sysCLOCK PLL/DLL Design and Usage Guide".

module IB(input I, output O);
  assign O = I;
endmodule

module OB(input I, output O);
  assign O = I;
endmodule

module OBZ(input I, T, output O);
  assign O = T ? 1'bz : I;
endmodule

module BB(input I, T, output O, inout B);
  assign B = T ? 1'bz : I;
  assign O = B;
endmodule

// What synthesis makes of all of them, by DIR.
module TRELLIS_IO_INPUT(input B, I, T, output O);
  parameter DIR = "INPUT";
  assign O = B;
endmodule

module TRELLIS_IO_OUTPUT(input I, T, output B, O);
  parameter DIR = "OUTPUT";
  assign B = T ? 1'bz : I;
endmodule

module TRELLIS_IO_BIDIR(input I, T, output O, inout B);
  parameter DIR = "BIDIR";
  assign B = T ? 1'bz : I;
  assign O = B;
endmodule

module EHXPLLL(
  input CLKI, CLKFB, PHASESEL1, PHASESEL0, PHASEDIR, PHASESTEP, PHASELOADREG, STDBY, PLLWAKESYNC,
  RST, ENCLKOP, ENCLKOS, ENCLKOS2, ENCLKOS3,
  output CLKOP, CLKOS, CLKOS2, CLKOS3, LOCK, INTLOCK, REFCLK, CLKINTFB
);
  parameter CLKI_DIV = 1;
  parameter CLKFB_DIV = 1;
  parameter CLKOP_DIV = 8;
  parameter CLKOS_DIV = 8;
  parameter CLKOS2_DIV = 8;
  parameter CLKOS3_DIV = 8;
  parameter CLKOP_ENABLE = "ENABLED";
  parameter CLKOS_ENABLE = "DISABLED";
  parameter CLKOS2_ENABLE = "DISABLED";
  parameter CLKOS3_ENABLE = "DISABLED";
  parameter CLKOP_CPHASE = 0;
  parameter CLKOS_CPHASE = 0;
  parameter CLKOS2_CPHASE = 0;
  parameter CLKOS3_CPHASE = 0;
  parameter CLKOP_FPHASE = 0;
  parameter CLKOS_FPHASE = 0;
  parameter CLKOS2_FPHASE = 0;
  parameter CLKOS3_FPHASE = 0;
  parameter FEEDBK_PATH = "CLKOP";
  parameter OUTDIVIDER_MUXA = "DIVA";
  parameter OUTDIVIDER_MUXB = "DIVB";
  parameter OUTDIVIDER_MUXC = "DIVC";
  parameter OUTDIVIDER_MUXD = "DIVD";
  parameter STDBY_ENABLE = "DISABLED";
  parameter DPHASE_SOURCE = "DISABLED";
  parameter PLLRST_ENA = "DISABLED";
  parameter INTFB_WAKE = "DISABLED";
  assign {CLKOS3, CLKOS2, CLKOS, CLKOP} = preview.clocks;
  assign LOCK = preview.locked;
endmodule
