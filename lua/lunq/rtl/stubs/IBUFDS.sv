// IBUFDS - a differential input pad: its positive side. Written from UG953.
module IBUFDS #(
  parameter CAPACITANCE = "DONT_CARE", DIFF_TERM = "FALSE", DQS_BIAS = "FALSE", IBUF_DELAY_VALUE = "0",
            IBUF_LOW_PWR = "TRUE", IFD_DELAY_VALUE = "AUTO", IOSTANDARD = "DEFAULT"
) (output O, input I, input IB);
  assign O = I;
endmodule
