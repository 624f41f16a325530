// BUFGCE_DIV - a clock buffer that divides by BUFGCE_DIVIDE, 1 to 8. Written from UG974.
module BUFGCE_DIV #(
  parameter BUFGCE_DIVIDE = 1, CE_TYPE = "SYNC", HARDSYNC_CLR = "FALSE", parameter [0:0] IS_CE_INVERTED = 1'b0,
  IS_CLR_INVERTED = 1'b0, IS_I_INVERTED = 1'b0, parameter SIM_DEVICE = "ULTRASCALE"
) (output O, input CE, input CLR, input I);
  wire clear = CLR ^ IS_CLR_INVERTED;
  wire gated;
  BUFGCE gate (.O(gated), .CE((CE ^ IS_CE_INVERTED) & !clear), .I(I ^ IS_I_INVERTED));
  lunq_clock #(.NUMERATOR(BUFGCE_DIVIDE)) divider (gated, clear, O);
endmodule
