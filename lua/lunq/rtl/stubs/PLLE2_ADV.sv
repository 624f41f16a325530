// PLLE2_ADV - a phase-locked loop: divided clocks, see lunq_clock.sv for others. Written from UG953.
module PLLE2_ADV #(
  parameter BANDWIDTH = "OPTIMIZED", COMPENSATION = "ZHOLD", STARTUP_WAIT = "FALSE", CLKOUT0_DIVIDE = 1,
            CLKOUT1_DIVIDE = 1, CLKOUT2_DIVIDE = 1, CLKOUT3_DIVIDE = 1, CLKOUT4_DIVIDE = 1, CLKOUT5_DIVIDE = 1,
            DIVCLK_DIVIDE = 1, CLKFBOUT_MULT = 5, CLKFBOUT_PHASE = 0.0, CLKIN1_PERIOD = 0.0, CLKIN2_PERIOD = 0.0,
            CLKOUT0_DUTY_CYCLE = 0.5, CLKOUT0_PHASE = 0.0, CLKOUT1_DUTY_CYCLE = 0.5, CLKOUT1_PHASE = 0.0,
            CLKOUT2_DUTY_CYCLE = 0.5, CLKOUT2_PHASE = 0.0, CLKOUT3_DUTY_CYCLE = 0.5, CLKOUT3_PHASE = 0.0,
            CLKOUT4_DUTY_CYCLE = 0.5, CLKOUT4_PHASE = 0.0, CLKOUT5_DUTY_CYCLE = 0.5, CLKOUT5_PHASE = 0.0,
            REF_JITTER1 = 0.01, REF_JITTER2 = 0.01, VCOCLK_FREQ_MAX = 2133.0, VCOCLK_FREQ_MIN = 800.0,
            CLKIN_FREQ_MAX = 1066.0, CLKIN_FREQ_MIN = 19.0, CLKPFD_FREQ_MAX = 550.0, CLKPFD_FREQ_MIN = 19.0,
  parameter [0:0] IS_CLKINSEL_INVERTED = 1'b0, IS_PWRDWN_INVERTED = 1'b0, IS_RST_INVERTED = 1'b0
) (
  output CLKFBOUT, output CLKOUT0, output CLKOUT1, output CLKOUT2, output CLKOUT3, output CLKOUT4, output CLKOUT5,
  output DRDY, output LOCKED, output [15:0] DO, input CLKFBIN, input CLKIN1, input CLKIN2, input CLKINSEL, input DCLK,
  input DEN, input DWE, input PWRDWN, input RST, input [15:0] DI, input [6:0] DADDR
);
  wire clock = (CLKINSEL ^ IS_CLKINSEL_INVERTED) ? CLKIN1 : CLKIN2;
  wire off = (RST ^ IS_RST_INVERTED) | (PWRDWN ^ IS_PWRDWN_INVERTED);
  wire [6:0] out;
  lunq_clocks #(
    .MULTIPLY(integer'(CLKFBOUT_MULT * 8)), .DIVIDE(DIVCLK_DIVIDE), .D0(integer'(CLKOUT0_DIVIDE * 8)),
    .D1(integer'(CLKOUT1_DIVIDE * 8)), .D2(integer'(CLKOUT2_DIVIDE * 8)), .D3(integer'(CLKOUT3_DIVIDE * 8)),
    .D4(integer'(CLKOUT4_DIVIDE * 8)), .D5(integer'(CLKOUT5_DIVIDE * 8))
  ) clocks (clock, off, out, LOCKED);
  assign CLKOUT0 = out[0], CLKOUT1 = out[1], CLKOUT2 = out[2], CLKOUT3 = out[3], CLKOUT4 = out[4], CLKOUT5 = out[5],
         CLKFBOUT = clock, DO = 0, DRDY = DEN;
endmodule
