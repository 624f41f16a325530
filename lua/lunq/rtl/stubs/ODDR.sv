// ODDR - D1 while the clock is high, D2 while it is low. Written from UG953.
module ODDR #(
  parameter DDR_CLK_EDGE = "OPPOSITE_EDGE", SRTYPE = "SYNC", MSGON = "TRUE", XON = "TRUE",
  parameter [0:0] INIT = 1'b0, IS_C_INVERTED = 1'b0, IS_D1_INVERTED = 1'b0, IS_D2_INVERTED = 1'b0
) (output reg Q, input C, input CE, input D1, input D2, input R, input S);
  wire clock = C ^ IS_C_INVERTED, set = S & !R, at_once = SRTYPE == "ASYNC" & (R | S);
  reg next = INIT;
  initial Q = INIT;
  always @(posedge clock)
    if (R | S) next <= set;
    else if (CE) next <= D2 ^ IS_D2_INVERTED;
  // Not a choice by the clock's level: who samples the pad at this edge sees what was there before.
  always @(posedge clock or negedge clock or posedge at_once)
    if (at_once) Q <= set;
    else if (R | S) Q <= set;
    else if (CE) Q <= clock ? D1 ^ IS_D1_INVERTED : DDR_CLK_EDGE == "SAME_EDGE" ? next : D2 ^ IS_D2_INVERTED;
endmodule
