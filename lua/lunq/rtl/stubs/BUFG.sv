// BUFG - a clock buffer: a wire. Written from UG953.
module BUFG (output O, input I);
  assign O = I;
endmodule
