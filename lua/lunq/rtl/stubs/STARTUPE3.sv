// STARTUPE3 - the pins of configuration: start-up has ended, nothing else happens. Written from UG974.
module STARTUPE3 #(parameter PROG_USR = "FALSE", SIM_CCLK_FREQ = 0.0) (
  output CFGCLK, output CFGMCLK, output [3:0] DI, output EOS, output PREQ, input [3:0] DO, input [3:0] DTS,
  input FCSBO, input FCSBTS, input GSR, input GTS, input KEYCLEARB, input PACK, input USRCCLKO, input USRCCLKTS,
  input USRDONEO, input USRDONETS
);
  assign CFGCLK = 0, CFGMCLK = 0, DI = 0, EOS = 1, PREQ = 0;
endmodule
