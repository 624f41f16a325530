// IDELAYE2 - a delay of less than a cycle: a wire. Written from UG953.
module IDELAYE2 #(
  parameter CINVCTRL_SEL = "FALSE", DELAY_SRC = "IDATAIN", HIGH_PERFORMANCE_MODE = "FALSE", IDELAY_TYPE = "FIXED",
            IDELAY_VALUE = 0, PIPE_SEL = "FALSE", REFCLK_FREQUENCY = 200.0, SIGNAL_PATTERN = "DATA", SIM_DELAY_D = 0,
  parameter [0:0] IS_C_INVERTED = 1'b0, IS_DATAIN_INVERTED = 1'b0, IS_IDATAIN_INVERTED = 1'b0
) (
  output [4:0] CNTVALUEOUT, output DATAOUT, input C, input CE, input CINVCTRL, input [4:0] CNTVALUEIN, input DATAIN,
  input IDATAIN, input INC, input LD, input LDPIPEEN, input REGRST
);
  reg [4:0] taps = IDELAY_VALUE;
  always @(posedge C)
    if (LD) taps <= IDELAY_TYPE == "VAR_LOAD" ? CNTVALUEIN : IDELAY_VALUE;
    else if (CE) taps <= INC ? taps + 1 : taps - 1;
  assign CNTVALUEOUT = taps;
  assign DATAOUT = DELAY_SRC == "DATAIN" ? DATAIN ^ IS_DATAIN_INVERTED : IDATAIN ^ IS_IDATAIN_INVERTED;
endmodule
