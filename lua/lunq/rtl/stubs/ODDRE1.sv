// ODDRE1 - ODDR of UltraScale: both data at one edge. Written from UG974.
module ODDRE1 #(
  parameter SIM_DEVICE = "ULTRASCALE",
  parameter [0:0] IS_C_INVERTED = 1'b0, IS_D1_INVERTED = 1'b0, IS_D2_INVERTED = 1'b0, SRVAL = 1'b0
) (output Q, input C, input D1, input D2, input SR);
  ODDR #(.DDR_CLK_EDGE("SAME_EDGE"), .INIT(SRVAL)) same (
    .Q(Q), .C(C ^ IS_C_INVERTED), .CE(1'b1), .D1(D1 ^ IS_D1_INVERTED), .D2(D2 ^ IS_D2_INVERTED), .R(SR & !SRVAL),
    .S(SR & SRVAL));
endmodule
