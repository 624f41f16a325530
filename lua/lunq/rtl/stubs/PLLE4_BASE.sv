// PLLE4_BASE - a phase-locked loop: divided clocks, see lunq_clock.sv for others. Written from UG974.
module PLLE4_BASE #(
  parameter CLKFBOUT_MULT = 5, CLKFBOUT_PHASE = 0.0, CLKIN_PERIOD = 0.0, CLKOUT0_DIVIDE = 1, CLKOUT0_DUTY_CYCLE = 0.5,
            CLKOUT0_PHASE = 0.0, CLKOUT1_DIVIDE = 1, CLKOUT1_DUTY_CYCLE = 0.5, CLKOUT1_PHASE = 0.0,
            CLKOUTPHY_MODE = "VCO_2X", DIVCLK_DIVIDE = 1, REF_JITTER = 0.01, STARTUP_WAIT = "FALSE",
  parameter [0:0] IS_CLKFBIN_INVERTED = 1'b0, IS_CLKIN_INVERTED = 1'b0, IS_PWRDWN_INVERTED = 1'b0,
            IS_RST_INVERTED = 1'b0
) (
  output CLKFBOUT, output CLKOUT0, output CLKOUT0B, output CLKOUT1, output CLKOUT1B, output CLKOUTPHY, output LOCKED,
  input CLKFBIN, input CLKIN, input CLKOUTPHYEN, input PWRDWN, input RST
);
  wire clock = CLKIN ^ IS_CLKIN_INVERTED, off = (RST ^ IS_RST_INVERTED) | (PWRDWN ^ IS_PWRDWN_INVERTED);
  wire [6:0] out;
  lunq_clocks #(
    .MULTIPLY(integer'(CLKFBOUT_MULT * 8)), .DIVIDE(DIVCLK_DIVIDE), .D0(integer'(CLKOUT0_DIVIDE * 8)),
    .D1(integer'(CLKOUT1_DIVIDE * 8))
  ) clocks (clock, off, out, LOCKED);
  assign CLKOUT0 = out[0], CLKOUT0B = !out[0], CLKOUT1 = out[1], CLKOUT1B = !out[1], CLKFBOUT = clock,
         CLKOUTPHY = clock & CLKOUTPHYEN;
endmodule
