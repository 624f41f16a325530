// BUFIO - a clock buffer: a wire. Written from UG953.
module BUFIO (output O, input I);
  assign O = I;
endmodule
