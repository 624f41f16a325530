// OBUF - an output pad: a wire. Written from UG953.
module OBUF #(parameter CAPACITANCE = "DONT_CARE", DRIVE = 12, IOSTANDARD = "DEFAULT", SLEW = "SLOW") (
  output O, input I
);
  assign O = I;
endmodule
