// LUT6 - a table of 64 bits. Written from UG953.
module LUT6 #(parameter [63:0] INIT = 0) (output O, input I0, input I1, input I2, input I3, input I4, input I5);
  assign O = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule
