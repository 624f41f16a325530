// MMCME2_ADV - a clock manager of which nothing is left but the wires: all outputs have the frequency and the phase of
// the input, as it says once. Give the core clocks of their own as ports where that matters. Written from UG953.
module MMCME2_ADV #(
  parameter BANDWIDTH = "OPTIMIZED", CLKIN1_PERIOD = 0.0, REF_JITTER1 = 0.0, STARTUP_WAIT = "FALSE",
            DIVCLK_DIVIDE = 1, CLKIN2_PERIOD = 0.0, REF_JITTER2 = 0.0, COMPENSATION = "AUTO", CLKFBOUT_MULT_F = 5.0,
            CLKFBOUT_PHASE = 0.0, CLKOUT0_DIVIDE_F = 1.0, CLKOUT4_CASCADE = "FALSE", CLKFBOUT_USE_FINE_PS = "FALSE",
            SS_EN = "FALSE", SS_MODE = "CENTER_HIGH", SS_MOD_PERIOD = 10000, CLKOUT0_DUTY_CYCLE = 0.5,
            CLKOUT0_PHASE = 0.0, CLKOUT0_USE_FINE_PS = "FALSE", CLKOUT1_DIVIDE = 1, CLKOUT1_DUTY_CYCLE = 0.5,
            CLKOUT1_PHASE = 0.0, CLKOUT1_USE_FINE_PS = "FALSE", CLKOUT2_DIVIDE = 1, CLKOUT2_DUTY_CYCLE = 0.5,
            CLKOUT2_PHASE = 0.0, CLKOUT2_USE_FINE_PS = "FALSE", CLKOUT3_DIVIDE = 1, CLKOUT3_DUTY_CYCLE = 0.5,
            CLKOUT3_PHASE = 0.0, CLKOUT3_USE_FINE_PS = "FALSE", CLKOUT4_DIVIDE = 1, CLKOUT4_DUTY_CYCLE = 0.5,
            CLKOUT4_PHASE = 0.0, CLKOUT4_USE_FINE_PS = "FALSE", CLKOUT5_DIVIDE = 1, CLKOUT5_DUTY_CYCLE = 0.5,
            CLKOUT5_PHASE = 0.0, CLKOUT5_USE_FINE_PS = "FALSE", CLKOUT6_DIVIDE = 1, CLKOUT6_DUTY_CYCLE = 0.5,
            CLKOUT6_PHASE = 0.0, CLKOUT6_USE_FINE_PS = "FALSE"
) (
  output CLKOUT0, output CLKOUT0B, output CLKOUT1, output CLKOUT1B, output CLKOUT2, output CLKOUT2B, output CLKOUT3,
  output CLKOUT3B, output CLKOUT4, output CLKOUT5, output CLKOUT6, output CLKFBOUT, output CLKFBOUTB, output LOCKED,
  input CLKIN1, input CLKIN2, input CLKINSEL, input [6:0] DADDR, input DCLK, input DEN, input [15:0] DI,
  output [15:0] DO, output DRDY, input DWE, output CLKINSTOPPED, output CLKFBSTOPPED, input PSCLK, input PSEN,
  input PSINCDEC, output PSDONE, input CLKFBIN, input PWRDWN, input RST
);
  wire clock = CLKINSEL ? CLKIN1 : CLKIN2;
  assign CLKOUT0 = clock, CLKOUT1 = clock, CLKOUT2 = clock, CLKOUT3 = clock, CLKOUT4 = clock, CLKOUT5 = clock;
  assign CLKOUT6 = clock;
  assign CLKOUT0B = !clock, CLKOUT1B = !clock, CLKOUT2B = !clock, CLKOUT3B = !clock, CLKFBOUTB = !clock;
  assign CLKFBOUT = clock;
  assign DO = 0, DRDY = DEN, PSDONE = PSEN, CLKINSTOPPED = 0, CLKFBSTOPPED = 0;
  reg [3:0] steady = 0; // locked after some cycles
  wire off = RST | PWRDWN;
  always @(posedge clock or posedge off) steady <= off ? 0 : {steady[2:0], 1'b1};
  assign LOCKED = steady[3];
  initial $display("note: %m (MMCME2_ADV) passes its input clock to all outputs");
endmodule
