// LUT2 - a table of 4 bits. Written from UG953.
module LUT2 #(parameter [3:0] INIT = 0) (output O, input I0, input I1);
  assign O = INIT[{I1, I0}];
endmodule
