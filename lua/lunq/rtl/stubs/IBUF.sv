// IBUF - an input pad: a wire. Written from UG953.
module IBUF #(
  parameter CAPACITANCE = "DONT_CARE", IBUF_DELAY_VALUE = "0", IBUF_LOW_PWR = "TRUE", IFD_DELAY_VALUE = "AUTO",
            IOSTANDARD = "DEFAULT"
) (output O, input I);
  assign O = I;
endmodule
