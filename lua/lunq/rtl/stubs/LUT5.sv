// LUT5 - a table of 32 bits. Written from UG953.
module LUT5 #(parameter [31:0] INIT = 0) (output O, input I0, input I1, input I2, input I3, input I4);
  assign O = INIT[{I4, I3, I2, I1, I0}];
endmodule
