// xpm_cdc_single - one bit to another clock, through DEST_SYNC_FF flip-flops. Written from UG974.
module xpm_cdc_single #(parameter DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, SIM_ASSERT_CHK = 0, SRC_INPUT_REG = 1) (
  input src_clk, input src_in, input dest_clk, output dest_out
);
  xpm_cdc_array_single #(.DEST_SYNC_FF(DEST_SYNC_FF), .SRC_INPUT_REG(SRC_INPUT_REG), .WIDTH(1)) bits (.*);
endmodule
