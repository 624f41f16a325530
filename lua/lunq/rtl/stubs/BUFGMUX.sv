// BUFGMUX - chooses between two clocks, here at once. Written from UG953.
module BUFGMUX #(parameter CLK_SEL_TYPE = "SYNC") (output O, input I0, input I1, input S);
  assign O = S ? I1 : I0;
endmodule
