// IDDR - what a pad has at both edges of a clock: Q1 at the rise, Q2 at the fall. Written from UG953.
module IDDR #(
  parameter DDR_CLK_EDGE = "OPPOSITE_EDGE", SRTYPE = "SYNC", MSGON = "TRUE", XON = "TRUE",
  parameter [0:0] INIT_Q1 = 1'b0, INIT_Q2 = 1'b0, IS_C_INVERTED = 1'b0, IS_D_INVERTED = 1'b0
) (output Q1, output Q2, input C, input CE, input D, input R, input S);
  wire clock = C ^ IS_C_INVERTED, in = D ^ IS_D_INVERTED, set = S & !R, at_once = SRTYPE == "ASYNC" & (R | S);
  reg rise = INIT_Q1, fall = INIT_Q2, rise_later = INIT_Q1, fall_later = INIT_Q2;
  always @(posedge clock or posedge at_once)
    if (at_once) begin rise <= set; rise_later <= set; fall_later <= set; end
    else if (R | S) begin rise <= set; rise_later <= set; fall_later <= set; end
    else if (CE) begin rise <= in; rise_later <= rise; fall_later <= fall; end
  always @(negedge clock or posedge at_once)
    if (at_once) fall <= set;
    else if (R | S) fall <= set;
    else if (CE) fall <= in;
  assign Q1 = DDR_CLK_EDGE == "SAME_EDGE_PIPELINED" ? rise_later : rise;
  assign Q2 = DDR_CLK_EDGE == "OPPOSITE_EDGE" ? fall : fall_later;
endmodule
