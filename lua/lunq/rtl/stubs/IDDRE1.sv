// IDDRE1 - IDDR of UltraScale; CB is taken for the other edge of C. Written from UG974.
module IDDRE1 #(
  parameter DDR_CLK_EDGE = "OPPOSITE_EDGE", parameter [0:0] IS_CB_INVERTED = 1'b0, IS_C_INVERTED = 1'b0
) (output Q1, output Q2, input C, input CB, input D, input R);
  IDDR #(.DDR_CLK_EDGE(DDR_CLK_EDGE), .SRTYPE("ASYNC")) same (
    .Q1(Q1), .Q2(Q2), .C(C ^ IS_C_INVERTED), .CE(1'b1), .D(D), .R(R), .S(1'b0));
endmodule
