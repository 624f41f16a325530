// XORCY - one sum of a carry chain, of older families and netlists. Written from UG953.
module XORCY (output O, input CI, input LI);
  assign O = CI ^ LI;
endmodule
