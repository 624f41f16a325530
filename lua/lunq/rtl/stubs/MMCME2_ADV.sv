// MMCME2_ADV - a mixed-mode clock manager: divided clocks, see lunq_clock.sv for others. Written from UG953.
module MMCME2_ADV #(
  parameter CLKIN_FREQ_MAX = 1066.0, CLKIN_FREQ_MIN = 10.0, CLKPFD_FREQ_MAX = 550.0, CLKPFD_FREQ_MIN = 10.0,
            VCOCLK_FREQ_MAX = 1600.0, VCOCLK_FREQ_MIN = 600.0, BANDWIDTH = "OPTIMIZED", CLKFBOUT_MULT_F = 5.0,
            CLKFBOUT_PHASE = 0.0, CLKFBOUT_USE_FINE_PS = "FALSE", CLKIN1_PERIOD = 0.0, CLKIN2_PERIOD = 0.0,
            CLKOUT0_DIVIDE_F = 1.0, CLKOUT0_DUTY_CYCLE = 0.5, CLKOUT0_PHASE = 0.0, CLKOUT0_USE_FINE_PS = "FALSE",
            CLKOUT1_DIVIDE = 1, CLKOUT1_DUTY_CYCLE = 0.5, CLKOUT1_PHASE = 0.0, CLKOUT1_USE_FINE_PS = "FALSE",
            CLKOUT2_DIVIDE = 1, CLKOUT2_DUTY_CYCLE = 0.5, CLKOUT2_PHASE = 0.0, CLKOUT2_USE_FINE_PS = "FALSE",
            CLKOUT3_DIVIDE = 1, CLKOUT3_DUTY_CYCLE = 0.5, CLKOUT3_PHASE = 0.0, CLKOUT3_USE_FINE_PS = "FALSE",
            CLKOUT4_CASCADE = "FALSE", CLKOUT4_DIVIDE = 1, CLKOUT4_DUTY_CYCLE = 0.5, CLKOUT4_PHASE = 0.0,
            CLKOUT4_USE_FINE_PS = "FALSE", CLKOUT5_DIVIDE = 1, CLKOUT5_DUTY_CYCLE = 0.5, CLKOUT5_PHASE = 0.0,
            CLKOUT5_USE_FINE_PS = "FALSE", CLKOUT6_DIVIDE = 1, CLKOUT6_DUTY_CYCLE = 0.5, CLKOUT6_PHASE = 0.0,
            CLKOUT6_USE_FINE_PS = "FALSE", COMPENSATION = "ZHOLD", DIVCLK_DIVIDE = 1, REF_JITTER1 = 0.01,
            REF_JITTER2 = 0.01, SS_EN = "FALSE", SS_MODE = "CENTER_HIGH", SS_MOD_PERIOD = 10000,
            STARTUP_WAIT = "FALSE",
  parameter [0:0] IS_CLKINSEL_INVERTED = 1'b0, IS_PSEN_INVERTED = 1'b0, IS_PSINCDEC_INVERTED = 1'b0,
            IS_PWRDWN_INVERTED = 1'b0, IS_RST_INVERTED = 1'b0
) (
  output CLKFBOUT, output CLKFBOUTB, output CLKFBSTOPPED, output CLKINSTOPPED, output CLKOUT0, output CLKOUT0B,
  output CLKOUT1, output CLKOUT1B, output CLKOUT2, output CLKOUT2B, output CLKOUT3, output CLKOUT3B, output CLKOUT4,
  output CLKOUT5, output CLKOUT6, output [15:0] DO, output DRDY, output LOCKED, output PSDONE, input CLKFBIN,
  input CLKIN1, input CLKIN2, input CLKINSEL, input [6:0] DADDR, input DCLK, input DEN, input [15:0] DI, input DWE,
  input PSCLK, input PSEN, input PSINCDEC, input PWRDWN, input RST
);
  wire clock = (CLKINSEL ^ IS_CLKINSEL_INVERTED) ? CLKIN1 : CLKIN2;
  wire off = (RST ^ IS_RST_INVERTED) | (PWRDWN ^ IS_PWRDWN_INVERTED);
  wire [6:0] out;
  lunq_clocks #(
    .MULTIPLY(integer'(CLKFBOUT_MULT_F * 8)), .DIVIDE(DIVCLK_DIVIDE), .D0(integer'(CLKOUT0_DIVIDE_F * 8)),
    .D1(integer'(CLKOUT1_DIVIDE * 8)), .D2(integer'(CLKOUT2_DIVIDE * 8)), .D3(integer'(CLKOUT3_DIVIDE * 8)),
    .D4(integer'(CLKOUT4_DIVIDE * 8)), .D5(integer'(CLKOUT5_DIVIDE * 8)), .D6(integer'(CLKOUT6_DIVIDE * 8))
  ) clocks (clock, off, out, LOCKED);
  assign CLKOUT0 = out[0], CLKOUT0B = !out[0], CLKOUT1 = out[1], CLKOUT1B = !out[1], CLKOUT2 = out[2],
         CLKOUT2B = !out[2], CLKOUT3 = out[3], CLKOUT3B = !out[3], CLKOUT4 = out[4], CLKOUT5 = out[5],
         CLKOUT6 = out[6], CLKFBOUT = clock, CLKFBOUTB = !clock, DO = 0, DRDY = DEN, PSDONE = PSEN, CLKINSTOPPED = 0,
         CLKFBSTOPPED = 0;
endmodule
