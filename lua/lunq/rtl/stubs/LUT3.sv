// LUT3 - a table of 8 bits. Written from UG953.
module LUT3 #(parameter [7:0] INIT = 0) (output O, input I0, input I1, input I2);
  assign O = INIT[{I2, I1, I0}];
endmodule
