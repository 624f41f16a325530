// VCC - a constant 1. Written from UG953.
module VCC (output P);
  assign P = 1'b1;
endmodule
