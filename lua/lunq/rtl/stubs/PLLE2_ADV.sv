// PLLE2_ADV - a clock manager of which nothing is left but the wires: all outputs have the frequency and the phase of
// the input, as it says once. Give the core clocks of their own as ports where that matters. Written from UG953.
module PLLE2_ADV #(
  parameter BANDWIDTH = "OPTIMIZED", CLKIN1_PERIOD = 0.0, REF_JITTER1 = 0.0, STARTUP_WAIT = "FALSE",
            DIVCLK_DIVIDE = 1, CLKIN2_PERIOD = 0.0, REF_JITTER2 = 0.0, COMPENSATION = "AUTO", CLKFBOUT_MULT = 5,
            CLKFBOUT_PHASE = 0.0, CLKOUT0_DIVIDE = 1, CLKOUT0_DUTY_CYCLE = 0.5, CLKOUT0_PHASE = 0.0,
            CLKOUT1_DIVIDE = 1, CLKOUT1_DUTY_CYCLE = 0.5, CLKOUT1_PHASE = 0.0, CLKOUT2_DIVIDE = 1,
            CLKOUT2_DUTY_CYCLE = 0.5, CLKOUT2_PHASE = 0.0, CLKOUT3_DIVIDE = 1, CLKOUT3_DUTY_CYCLE = 0.5,
            CLKOUT3_PHASE = 0.0, CLKOUT4_DIVIDE = 1, CLKOUT4_DUTY_CYCLE = 0.5, CLKOUT4_PHASE = 0.0,
            CLKOUT5_DIVIDE = 1, CLKOUT5_DUTY_CYCLE = 0.5, CLKOUT5_PHASE = 0.0
) (
  output CLKOUT0, output CLKOUT1, output CLKOUT2, output CLKOUT3, output CLKOUT4, output CLKOUT5, output CLKFBOUT,
  output LOCKED, input CLKIN1, input CLKIN2, input CLKINSEL, input [6:0] DADDR, input DCLK, input DEN,
  input [15:0] DI, output [15:0] DO, output DRDY, input DWE, input CLKFBIN, input PWRDWN, input RST
);
  wire clock = CLKINSEL ? CLKIN1 : CLKIN2;
  assign CLKOUT0 = clock, CLKOUT1 = clock, CLKOUT2 = clock, CLKOUT3 = clock, CLKOUT4 = clock, CLKOUT5 = clock;
  assign CLKFBOUT = clock;
  assign DO = 0, DRDY = DEN;
  reg [3:0] steady = 0; // locked after some cycles
  wire off = RST | PWRDWN;
  always @(posedge clock or posedge off) steady <= off ? 0 : {steady[2:0], 1'b1};
  assign LOCKED = steady[3];
  initial $display("note: %m (PLLE2_ADV) passes its input clock to all outputs");
endmodule
