// MMCME2_BASE - a mixed-mode clock manager: divided clocks, see lunq_clock.sv for others. Written from UG953.
module MMCME2_BASE #(
  parameter BANDWIDTH = "OPTIMIZED", CLKFBOUT_MULT_F = 5.0, CLKFBOUT_PHASE = 0.0, CLKIN1_PERIOD = 0.0,
            CLKOUT0_DIVIDE_F = 1.0, CLKOUT0_DUTY_CYCLE = 0.5, CLKOUT0_PHASE = 0.0, CLKOUT1_DIVIDE = 1,
            CLKOUT1_DUTY_CYCLE = 0.5, CLKOUT1_PHASE = 0.0, CLKOUT2_DIVIDE = 1, CLKOUT2_DUTY_CYCLE = 0.5,
            CLKOUT2_PHASE = 0.0, CLKOUT3_DIVIDE = 1, CLKOUT3_DUTY_CYCLE = 0.5, CLKOUT3_PHASE = 0.0,
            CLKOUT4_CASCADE = "FALSE", CLKOUT4_DIVIDE = 1, CLKOUT4_DUTY_CYCLE = 0.5, CLKOUT4_PHASE = 0.0,
            CLKOUT5_DIVIDE = 1, CLKOUT5_DUTY_CYCLE = 0.5, CLKOUT5_PHASE = 0.0, CLKOUT6_DIVIDE = 1,
            CLKOUT6_DUTY_CYCLE = 0.5, CLKOUT6_PHASE = 0.0, DIVCLK_DIVIDE = 1, REF_JITTER1 = 0.01,
            STARTUP_WAIT = "FALSE"
) (
  output CLKFBOUT, output CLKFBOUTB, output CLKOUT0, output CLKOUT0B, output CLKOUT1, output CLKOUT1B, output CLKOUT2,
  output CLKOUT2B, output CLKOUT3, output CLKOUT3B, output CLKOUT4, output CLKOUT5, output CLKOUT6, output LOCKED,
  input CLKFBIN, input CLKIN1, input PWRDWN, input RST
);
  wire clock = CLKIN1, off = RST | PWRDWN;
  wire [6:0] out;
  lunq_clocks #(
    .MULTIPLY(integer'(CLKFBOUT_MULT_F * 8)), .DIVIDE(DIVCLK_DIVIDE), .D0(integer'(CLKOUT0_DIVIDE_F * 8)),
    .D1(integer'(CLKOUT1_DIVIDE * 8)), .D2(integer'(CLKOUT2_DIVIDE * 8)), .D3(integer'(CLKOUT3_DIVIDE * 8)),
    .D4(integer'(CLKOUT4_DIVIDE * 8)), .D5(integer'(CLKOUT5_DIVIDE * 8)), .D6(integer'(CLKOUT6_DIVIDE * 8))
  ) clocks (clock, off, out, LOCKED);
  assign CLKOUT0 = out[0], CLKOUT0B = !out[0], CLKOUT1 = out[1], CLKOUT1B = !out[1], CLKOUT2 = out[2],
         CLKOUT2B = !out[2], CLKOUT3 = out[3], CLKOUT3B = !out[3], CLKOUT4 = out[4], CLKOUT5 = out[5],
         CLKOUT6 = out[6], CLKFBOUT = clock, CLKFBOUTB = !clock;
endmodule
