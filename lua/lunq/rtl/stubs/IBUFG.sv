// IBUFG - an input pad of a clock: a wire. Written from UG953.
module IBUFG #(
  parameter CAPACITANCE = "DONT_CARE", IBUF_DELAY_VALUE = "0", IBUF_LOW_PWR = "TRUE", IOSTANDARD = "DEFAULT"
) (output O, input I);
  assign O = I;
endmodule
