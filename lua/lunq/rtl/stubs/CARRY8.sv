// CARRY8 - a carry chain of eight bits, or two of four. Written from UG974.
module CARRY8 #(parameter CARRY_TYPE = "SINGLE_CY8") (
  output [7:0] CO, output [7:0] O, input CI, input CI_TOP, input [7:0] DI, input [7:0] S
);
  CARRY4 low (.CO(CO[3:0]), .O(O[3:0]), .CI(CI), .CYINIT(1'b0), .DI(DI[3:0]), .S(S[3:0]));
  CARRY4 high (.CO(CO[7:4]), .O(O[7:4]), .CI(CARRY_TYPE == "DUAL_CY4" ? CI_TOP : CO[3]), .CYINIT(1'b0),
               .DI(DI[7:4]), .S(S[7:4]));
endmodule
