// OBUFT - an output pad that can be off. Written from UG953.
module OBUFT #(parameter CAPACITANCE = "DONT_CARE", DRIVE = 12, IOSTANDARD = "DEFAULT", SLEW = "SLOW") (
  output O, input I, input T
);
  assign O = T ? 1'bz : I;
endmodule
