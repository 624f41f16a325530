// CARRY4 - a carry chain of four bits. Written from UG953.
module CARRY4 (output [3:0] CO, output [3:0] O, input CI, input CYINIT, input [3:0] DI, input [3:0] S);
  wire c0 = CI | CYINIT, c1 = S[0] ? c0 : DI[0], c2 = S[1] ? c1 : DI[1], c3 = S[2] ? c2 : DI[2];
  assign CO = {S[3] ? c3 : DI[3], c3, c2, c1}, O = S ^ {c3, c2, c1, c0};
endmodule
