// BUFMR - a clock buffer: a wire. Written from UG953.
module BUFMR (output O, input I);
  assign O = I;
endmodule
