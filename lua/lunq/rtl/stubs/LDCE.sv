// LDCE - a latch with enables and clear. Written from UG953.
module LDCE #(parameter [0:0] INIT = 1'b0, IS_CLR_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_G_INVERTED = 1'b0) (
  output reg Q, input CLR, input D, input G, input GE
);
  initial Q = INIT;
  always @*
    if (CLR ^ IS_CLR_INVERTED) Q = 1'b0;
    else if ((G ^ IS_G_INVERTED) & GE) Q = D ^ IS_D_INVERTED;
endmodule
