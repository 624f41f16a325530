// xpm_cdc_async_rst - a reset that begins at once and ends with the other clock. Written from UG974.
module xpm_cdc_async_rst #(parameter DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, RST_ACTIVE_HIGH = 0, SIM_ASSERT_CHK = 0) (
  input src_arst, input dest_clk, output dest_arst
);
  wire on = RST_ACTIVE_HIGH != 0 ? src_arst : !src_arst;
  reg [DEST_SYNC_FF-1:0] line = 0;
  always @(posedge dest_clk or posedge on)
    if (on) line <= {DEST_SYNC_FF{1'b1}};
    else line <= DEST_SYNC_FF'({line, 1'b0});
  assign dest_arst = RST_ACTIVE_HIGH != 0 ? line[DEST_SYNC_FF-1] : !line[DEST_SYNC_FF-1];
endmodule
