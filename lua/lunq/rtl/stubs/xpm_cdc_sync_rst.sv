// xpm_cdc_sync_rst - a reset to another clock, both edges with it. Written from UG974.
module xpm_cdc_sync_rst #(parameter DEST_SYNC_FF = 4, INIT = 1, INIT_SYNC_FF = 0, SIM_ASSERT_CHK = 0) (
  input src_rst, input dest_clk, output dest_rst
);
  reg [DEST_SYNC_FF-1:0] line = {DEST_SYNC_FF{INIT != 0}};
  always @(posedge dest_clk) line <= DEST_SYNC_FF'({line, src_rst});
  assign dest_rst = line[DEST_SYNC_FF-1];
endmodule
