// BUFG_GT - a clock buffer of transceivers, that divides by DIV + 1. Written from UG974.
module BUFG_GT #(parameter SIM_DEVICE = "ULTRASCALE", STARTUP_SYNC = "FALSE") (
  output O, input CE, input CEMASK, input CLR, input CLRMASK, input [2:0] DIV, input I
);
  wire clear = CLR & !CLRMASK;
  reg on = 1;
  reg [2:0] left = 0;
  always @(negedge I or posedge clear)
    if (clear) begin left <= 0; on <= 0; end
    else if (CE | CEMASK) begin
      on <= left == DIV;
      left <= left == DIV ? 0 : left + 1;
    end else on <= 0;
  assign O = I & on;
endmodule
