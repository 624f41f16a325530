// MUXCY - one bit of a carry chain, of older families and netlists. Written from UG953.
module MUXCY (output O, input CI, input DI, input S);
  assign O = S ? CI : DI;
endmodule
