// BUFGCE - a clock buffer that stops: the enable counts while the clock is low. Written from UG953 and UG974.
module BUFGCE #(
  parameter CE_TYPE = "SYNC", parameter [0:0] IS_CE_INVERTED = 1'b0, IS_I_INVERTED = 1'b0,
  parameter SIM_DEVICE = "ULTRASCALE", STARTUP_SYNC = "FALSE"
) (output O, input CE, input I);
  wire clock = I ^ IS_I_INVERTED;
  reg on;
  always @* if (!clock) on = CE ^ IS_CE_INVERTED;
  assign O = clock & on;
endmodule
