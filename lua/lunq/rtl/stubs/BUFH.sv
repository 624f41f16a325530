// BUFH - a clock buffer: a wire. Written from UG953.
module BUFH (output O, input I);
  assign O = I;
endmodule
