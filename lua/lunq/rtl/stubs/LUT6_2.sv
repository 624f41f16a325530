// LUT6_2 - a table of 64 bits, and its lower half. Written from UG953.
module LUT6_2 #(parameter [63:0] INIT = 0) (
  output O6, output O5, input I0, input I1, input I2, input I3, input I4, input I5
);
  wire [4:0] low = {I4, I3, I2, I1, I0};
  assign O6 = INIT[{I5, low}], O5 = INIT[{1'b0, low}];
endmodule
