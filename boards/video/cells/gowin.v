// What yosys has as black boxes only, as far as the video outputs use it. Source: Gowin UG289,
// "Gowin Programmable IO (GPIO) User Guide".
`timescale 1ns / 1ps

// Ten bits a PCLK on both edges of FCLK, D0 first. The hardware takes more cycles.
module OSER10 (
    input D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, PCLK, FCLK, RESET,
    output Q
);
    parameter GSREN = "false";
    parameter LSREN = "true";
    reg [9:0] word = 0, bits = 0;
    reg toggle = 0, seen = 0;
    always @(posedge PCLK) begin
        word <= {D9, D8, D7, D6, D5, D4, D3, D2, D1, D0};
        toggle <= ~toggle;
    end
    always @(posedge FCLK) begin
        seen <= toggle;
        if (RESET) bits <= 0;
        else if (seen != toggle) bits <= word;
        else bits <= bits >> 2;
    end
    assign Q = FCLK ? bits[0] : bits[1];
endmodule

// A differential output made of two single-ended ones.
module ELVDS_OBUF (input I, output O, OB);
    assign O = I;
    assign OB = ~I;
endmodule
