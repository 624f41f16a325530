// xpm_fifo_sync - a FIFO with one clock. Written from UG974; no ECC, no sleep, DOUT_RESET_VALUE is 0.
module xpm_fifo_sync #(
  parameter CASCADE_HEIGHT = 0, DOUT_RESET_VALUE = "0", ECC_MODE = "no_ecc", EN_SIM_ASSERT_ERR = "warning",
            FIFO_MEMORY_TYPE = "auto", FIFO_READ_LATENCY = 1, FIFO_WRITE_DEPTH = 2048, FULL_RESET_VALUE = 0,
            PROG_EMPTY_THRESH = 10, PROG_FULL_THRESH = 10, RD_DATA_COUNT_WIDTH = 1, READ_DATA_WIDTH = 32,
            READ_MODE = "std", SIM_ASSERT_CHK = 0, USE_ADV_FEATURES = "0707", WAKEUP_TIME = 0,
            WRITE_DATA_WIDTH = 32, WR_DATA_COUNT_WIDTH = 1
) (
  input sleep, input rst, input wr_clk, input wr_en, input [WRITE_DATA_WIDTH-1:0] din, output full, output prog_full,
  output [WR_DATA_COUNT_WIDTH-1:0] wr_data_count, output overflow, output wr_rst_busy, output almost_full,
  output wr_ack, input rd_en, output [READ_DATA_WIDTH-1:0] dout, output empty, output prog_empty,
  output [RD_DATA_COUNT_WIDTH-1:0] rd_data_count, output underflow, output rd_rst_busy, output almost_empty,
  output data_valid, input injectsbiterr, input injectdbiterr, output sbiterr, output dbiterr
);
  assign sbiterr = 0, dbiterr = 0;
  lunq_fifo #(
    .WW(WRITE_DATA_WIDTH), .RW(READ_DATA_WIDTH), .DEPTH(FIFO_WRITE_DEPTH), .FWFT(READ_MODE == "fwft"),
    .LATENCY(FIFO_READ_LATENCY), .STAGES(0), .FULL_IN_RESET(FULL_RESET_VALUE), .PROG_FULL(PROG_FULL_THRESH),
    .PROG_EMPTY(PROG_EMPTY_THRESH), .WCW(WR_DATA_COUNT_WIDTH), .RCW(RD_DATA_COUNT_WIDTH)
  ) fifo (.rd_clk(wr_clk), .*);
endmodule
