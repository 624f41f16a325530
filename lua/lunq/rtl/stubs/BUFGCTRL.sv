// BUFGCTRL - chooses between two clocks, each with an enable of its own, here at once. Written from UG953.
module BUFGCTRL #(
  parameter CE_TYPE_CE0 = "SYNC", CE_TYPE_CE1 = "SYNC", INIT_OUT = 0, PRESELECT_I0 = "FALSE", PRESELECT_I1 = "FALSE",
            SIM_DEVICE = "ULTRASCALE", STARTUP_SYNC = "FALSE",
  parameter [0:0] IS_CE0_INVERTED = 1'b0, IS_CE1_INVERTED = 1'b0, IS_I0_INVERTED = 1'b0, IS_I1_INVERTED = 1'b0,
                  IS_IGNORE0_INVERTED = 1'b0, IS_IGNORE1_INVERTED = 1'b0, IS_S0_INVERTED = 1'b0, IS_S1_INVERTED = 1'b0
) (
  output O, input CE0, input CE1, input I0, input I1, input IGNORE0, input IGNORE1, input S0, input S1
);
  wire use0 = (S0 ^ IS_S0_INVERTED) & (CE0 ^ IS_CE0_INVERTED), use1 = (S1 ^ IS_S1_INVERTED) & (CE1 ^ IS_CE1_INVERTED);
  assign O = use0 ? I0 ^ IS_I0_INVERTED : use1 ? I1 ^ IS_I1_INVERTED : INIT_OUT != 0;
endmodule
