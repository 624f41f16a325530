// LUT4 - a table of 16 bits. Written from UG953.
module LUT4 #(parameter [15:0] INIT = 0) (output O, input I0, input I1, input I2, input I3);
  assign O = INIT[{I3, I2, I1, I0}];
endmodule
