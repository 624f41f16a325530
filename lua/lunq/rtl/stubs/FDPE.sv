// FDPE - a flip-flop with clock enable and preset at once. Written from UG953.
module FDPE #(
  parameter [0:0] INIT = 1'b1, IS_C_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_PRE_INVERTED = 1'b0
) (output reg Q, input C, input CE, input D, input PRE);
  wire clock = C ^ IS_C_INVERTED, on = PRE ^ IS_PRE_INVERTED;
  initial Q = INIT;
  always @(posedge clock or posedge on)
    if (on) Q <= 1'b1;
    else if (CE) Q <= D ^ IS_D_INVERTED;
endmodule
