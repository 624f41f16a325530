// BSCANE2 - a register of JTAG that nobody selects. Written from UG953.
module BSCANE2 #(parameter DISABLE_JTAG = "FALSE", JTAG_CHAIN = 1) (
  output CAPTURE, output DRCK, output RESET, output RUNTEST, output SEL, output SHIFT, output TCK, output TDI,
  output TMS, output UPDATE, input TDO
);
  assign CAPTURE = 0, DRCK = 0, RESET = 0, RUNTEST = 0, SEL = 0, SHIFT = 0, TCK = 0, TDI = 0, TMS = 0, UPDATE = 0;
endmodule
