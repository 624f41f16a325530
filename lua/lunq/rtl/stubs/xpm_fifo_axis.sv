// xpm_fifo_axis - a FIFO of AXI4-Stream words, with PACKET_FIFO = "true" one that gives a packet when all of it, or as
// much as fits, is there. Written from UG974; no ECC.
module xpm_fifo_axis #(
  parameter CASCADE_HEIGHT = 0, CDC_SYNC_STAGES = 2, CLOCKING_MODE = "common_clock", ECC_MODE = "no_ecc",
            EN_SIM_ASSERT_ERR = "warning", FIFO_DEPTH = 2048, FIFO_MEMORY_TYPE = "auto", PACKET_FIFO = "false",
            PROG_EMPTY_THRESH = 10, PROG_FULL_THRESH = 10, RD_DATA_COUNT_WIDTH = 1, RELATED_CLOCKS = 0,
            SIM_ASSERT_CHK = 0, TDATA_WIDTH = 32, TDEST_WIDTH = 1, TID_WIDTH = 1, TUSER_WIDTH = 1,
            USE_ADV_FEATURES = "1000", WR_DATA_COUNT_WIDTH = 1
) (
  input s_aresetn, input s_aclk, input m_aclk,
  input s_axis_tvalid, output s_axis_tready, input [TDATA_WIDTH-1:0] s_axis_tdata,
  input [TDATA_WIDTH/8-1:0] s_axis_tstrb, input [TDATA_WIDTH/8-1:0] s_axis_tkeep, input s_axis_tlast,
  input [TID_WIDTH-1:0] s_axis_tid, input [TDEST_WIDTH-1:0] s_axis_tdest, input [TUSER_WIDTH-1:0] s_axis_tuser,
  output m_axis_tvalid, input m_axis_tready, output [TDATA_WIDTH-1:0] m_axis_tdata,
  output [TDATA_WIDTH/8-1:0] m_axis_tstrb, output [TDATA_WIDTH/8-1:0] m_axis_tkeep, output m_axis_tlast,
  output [TID_WIDTH-1:0] m_axis_tid, output [TDEST_WIDTH-1:0] m_axis_tdest, output [TUSER_WIDTH-1:0] m_axis_tuser,
  output prog_full_axis, output [WR_DATA_COUNT_WIDTH-1:0] wr_data_count_axis, output almost_full_axis,
  output prog_empty_axis, output [RD_DATA_COUNT_WIDTH-1:0] rd_data_count_axis, output almost_empty_axis,
  input injectsbiterr_axis, input injectdbiterr_axis, output sbiterr_axis, output dbiterr_axis
);
  localparam COMMON = CLOCKING_MODE == "common_clock", STAGES = COMMON ? 0 : CDC_SYNC_STAGES;
  localparam W = TDATA_WIDTH + TDATA_WIDTH / 8 * 2 + 1 + TID_WIDTH + TDEST_WIDTH + TUSER_WIDTH;
  localparam CW = $clog2(FIFO_DEPTH) + 1;
  wire rd_clk = COMMON ? s_aclk : m_aclk;
  wire full, empty, wr_busy, rd_busy;
  wire [CW-1:0] there;
  wire write = s_axis_tvalid & s_axis_tready, read = m_axis_tvalid & m_axis_tready;
  assign s_axis_tready = !full & !wr_busy & s_aresetn, sbiterr_axis = 0, dbiterr_axis = 0;

  lunq_fifo #(
    .WW(W), .RW(W), .DEPTH(FIFO_DEPTH), .FWFT(1), .STAGES(STAGES), .FULL_IN_RESET(1), .PROG_FULL(PROG_FULL_THRESH),
    .PROG_EMPTY(PROG_EMPTY_THRESH), .WCW(WR_DATA_COUNT_WIDTH), .RCW(CW)
  ) fifo (
    .wr_clk(s_aclk), .rst(!s_aresetn), .wr_en(write), .full(full), .almost_full(almost_full_axis),
    .prog_full(prog_full_axis), .wr_ack(), .overflow(), .wr_rst_busy(wr_busy), .wr_data_count(wr_data_count_axis),
    .din({s_axis_tdata, s_axis_tstrb, s_axis_tkeep, s_axis_tlast, s_axis_tid, s_axis_tdest, s_axis_tuser}),
    .rd_clk(rd_clk), .rd_en(read), .empty(empty), .almost_empty(almost_empty_axis), .prog_empty(prog_empty_axis),
    .data_valid(), .underflow(), .rd_rst_busy(rd_busy), .rd_data_count(there),
    .dout({m_axis_tdata, m_axis_tstrb, m_axis_tkeep, m_axis_tlast, m_axis_tid, m_axis_tdest, m_axis_tuser})
  );
  assign rd_data_count_axis = RD_DATA_COUNT_WIDTH < CW ? RD_DATA_COUNT_WIDTH'(there >> (CW - RD_DATA_COUNT_WIDTH))
                                                       : RD_DATA_COUNT_WIDTH'(there);

  generate
    if (PACKET_FIFO == "true") begin : packets
      reg [31:0] ends_in = 0, ends_out = 0;
      wire [31:0] ends_seen;
      reg under_way = 0; // a packet larger than the FIFO has begun to leave
      always @(posedge s_aclk) ends_in <= !s_aresetn ? 0 : ends_in + 32'(write & s_axis_tlast);
      if (STAGES == 0) assign ends_seen = ends_in;
      else begin : later // not before the words themselves
        reg [31:0] line [0:STAGES-1];
        integer k;
        initial for (k = 0; k < STAGES; k = k + 1) line[k] = 0;
        always @(posedge rd_clk) begin
          line[0] <= ends_in;
          for (k = 1; k < STAGES; k = k + 1) line[k] <= line[k-1];
        end
        assign ends_seen = line[STAGES-1];
      end
      wire whole = ends_seen != ends_out;
      assign m_axis_tvalid = !empty & (whole | under_way | 32'(there) == FIFO_DEPTH);
      always @(posedge rd_clk)
        if (rd_busy) begin ends_out <= 0; under_way <= 0; end
        else if (read) begin
          ends_out <= ends_out + 32'(m_axis_tlast);
          under_way <= !m_axis_tlast & (under_way | !whole);
        end
    end else begin : words
      assign m_axis_tvalid = !empty;
    end
  endgenerate
endmodule
