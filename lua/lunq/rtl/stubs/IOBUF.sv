// IOBUF - a pad in both directions. Written from UG953.
module IOBUF #(
  parameter DRIVE = 12, IBUF_LOW_PWR = "TRUE", IOSTANDARD = "DEFAULT", SLEW = "SLOW", SIM_DEVICE = "7SERIES"
) (output O, inout IO, input I, input T);
  assign IO = T ? 1'bz : I, O = IO;
endmodule
