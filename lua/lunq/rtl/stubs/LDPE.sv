// LDPE - a latch with enables and preset. Written from UG953.
module LDPE #(parameter [0:0] INIT = 1'b1, IS_PRE_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_G_INVERTED = 1'b0) (
  output reg Q, input PRE, input D, input G, input GE
);
  initial Q = INIT;
  always @*
    if (PRE ^ IS_PRE_INVERTED) Q = 1'b1;
    else if ((G ^ IS_G_INVERTED) & GE) Q = D ^ IS_D_INVERTED;
endmodule
