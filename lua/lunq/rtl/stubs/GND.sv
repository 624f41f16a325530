// GND - a constant 0. Written from UG953.
module GND (output G);
  assign G = 1'b0;
endmodule
