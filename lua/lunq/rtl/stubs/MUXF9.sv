// MUXF9 - chooses between two outputs of tables. Written from UG953.
module MUXF9 (output O, input I0, input I1, input S);
  assign O = S ? I1 : I0;
endmodule
