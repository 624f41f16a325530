// BUFGCE_DIV - a clock buffer that divides by BUFGCE_DIVIDE, 1 to 8. Written from UG974.
module BUFGCE_DIV #(
  parameter BUFGCE_DIVIDE = 1, CE_TYPE = "SYNC", HARDSYNC_CLR = "FALSE", parameter [0:0] IS_CE_INVERTED = 1'b0,
  IS_CLR_INVERTED = 1'b0, IS_I_INVERTED = 1'b0, parameter SIM_DEVICE = "ULTRASCALE"
) (output O, input CE, input CLR, input I);
  wire clock = I ^ IS_I_INVERTED, clear = CLR ^ IS_CLR_INVERTED, enable = CE ^ IS_CE_INVERTED;
  reg [2:0] count = 0;
  reg slow = 0, on;
  always @* if (!clock) on = enable & !clear;
  always @(posedge clock or posedge clear)
    if (clear) begin count <= 0; slow <= 0; end
    else if (enable) begin
      count <= 32'(count) == BUFGCE_DIVIDE - 1 ? 0 : count + 1;
      slow <= 32'(count) < BUFGCE_DIVIDE / 2 || (count == 0 && BUFGCE_DIVIDE > 1);
    end
  assign O = BUFGCE_DIVIDE == 1 ? clock & on : slow;
endmodule
