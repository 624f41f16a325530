// FDCE - a flip-flop with clock enable and clear at once. Written from UG953.
module FDCE #(
  parameter [0:0] INIT = 1'b0, IS_C_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_CLR_INVERTED = 1'b0
) (output reg Q, input C, input CE, input D, input CLR);
  wire clock = C ^ IS_C_INVERTED, on = CLR ^ IS_CLR_INVERTED;
  initial Q = INIT;
  always @(posedge clock or posedge on)
    if (on) Q <= 1'b0;
    else if (CE) Q <= D ^ IS_D_INVERTED;
endmodule
