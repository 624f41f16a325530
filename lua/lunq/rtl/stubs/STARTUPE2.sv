// STARTUPE2 - the pins of configuration: start-up has ended, nothing else happens. Written from UG953.
module STARTUPE2 #(parameter PROG_USR = "FALSE", SIM_CCLK_FREQ = 0.0) (
  output CFGCLK, output CFGMCLK, output EOS, output PREQ, input CLK, input GSR, input GTS, input KEYCLEARB, input PACK,
  input USRCCLKO, input USRCCLKTS, input USRDONEO, input USRDONETS
);
  assign CFGCLK = 0, CFGMCLK = 0, EOS = 1, PREQ = 0;
endmodule
