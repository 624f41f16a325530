// BUFGP - a clock buffer: a wire. Written from UG953.
module BUFGP (output O, input I);
  assign O = I;
endmodule
