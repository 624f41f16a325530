// BUFHCE - a clock buffer that stops: the enable counts while the clock is low. Written from UG953.
module BUFHCE #(parameter CE_TYPE = "SYNC", INIT_OUT = 0, parameter [0:0] IS_CE_INVERTED = 1'b0) (
  output O, input CE, input I
);
  BUFGCE gate (.O(O), .CE(CE ^ IS_CE_INVERTED), .I(I));
endmodule
