// What yosys has as black boxes only, as far as the video outputs use it. Source: Lattice
// FPGA-TN-02035, "ECP5 and ECP5-5G High-Speed I/O Interface".
`timescale 1ns / 1ps

// Two bits a clock: D0 while it is high, D1 while it is low. The hardware takes more cycles.
module ODDRX1F (input D0, D1, SCLK, RST, output Q);
    parameter GSR = "ENABLED";
    reg [1:0] held = 0;
    always @(posedge SCLK or posedge RST)
        if (RST) held <= 0;
        else held <= {D1, D0};
    assign Q = SCLK ? held[0] : held[1];
endmodule
