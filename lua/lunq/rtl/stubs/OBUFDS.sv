// OBUFDS - a differential output pad. Written from UG953.
module OBUFDS #(parameter CAPACITANCE = "DONT_CARE", IOSTANDARD = "DEFAULT", SLEW = "SLOW") (
  output O, output OB, input I
);
  assign O = I, OB = !I;
endmodule
