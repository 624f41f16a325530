// LUT1 - a table of 2 bits. Written from UG953.
module LUT1 #(parameter [1:0] INIT = 0) (output O, input I0);
  assign O = INIT[{I0}];
endmodule
