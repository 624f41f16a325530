// xpm_cdc_pulse - a pulse to another clock, of one cycle there. Written from UG974.
module xpm_cdc_pulse #(
  parameter DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, REG_OUTPUT = 0, RST_USED = 1, SIM_ASSERT_CHK = 0
) (input src_clk, input src_rst, input src_pulse, input dest_clk, input dest_rst, output dest_pulse);
  wire clear_src = RST_USED != 0 & src_rst, clear_dest = RST_USED != 0 & dest_rst;
  reg was_up = 0, level = 0, seen = 0, later = 0;
  wire arrived;
  always @(posedge src_clk) begin
    was_up <= src_pulse & !clear_src;
    level <= clear_src ? 0 : level ^ (src_pulse & !was_up);
  end
  xpm_cdc_single #(.DEST_SYNC_FF(DEST_SYNC_FF), .SRC_INPUT_REG(0)) toggle (
    .src_clk(src_clk), .src_in(level), .dest_clk(dest_clk), .dest_out(arrived));
  wire edge_seen = (arrived ^ seen) & !clear_dest;
  always @(posedge dest_clk) begin
    seen <= arrived & !clear_dest;
    later <= edge_seen;
  end
  assign dest_pulse = REG_OUTPUT != 0 ? later : edge_seen;
endmodule
