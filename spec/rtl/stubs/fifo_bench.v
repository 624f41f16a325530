// fifo_bench.v - the stubs of xpm_fifo_*: order, width conversion, limits, flags, resets, packets, two clocks.
module fifo_bench (input clk_a, input clk_b, input rst, output done, output reg [15:0] bad);
  initial bad = 0;
  reg [15:0] n = 0; // cycles since the reset, of clk_a
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask

  // ---- one clock, depth 16, standard reads of latency 2
  reg w = 0, r = 0;
  reg [7:0] in = 0, next = 0, wrote = 0;
  wire [7:0] out;
  wire full, empty, almost_full, almost_empty, over, under, ack, valid, prog_full, prog_empty, busy;
  wire [4:0] count, count_r;
  xpm_fifo_sync #(
    .FIFO_WRITE_DEPTH(16), .WRITE_DATA_WIDTH(8), .READ_DATA_WIDTH(8), .FIFO_READ_LATENCY(2), .WR_DATA_COUNT_WIDTH(5),
    .RD_DATA_COUNT_WIDTH(5), .PROG_FULL_THRESH(12), .PROG_EMPTY_THRESH(3)
  ) one (
    .sleep(1'b0), .rst(rst), .wr_clk(clk_a), .wr_en(w), .din(in), .full(full), .almost_full(almost_full),
    .prog_full(prog_full), .wr_data_count(count), .overflow(over), .wr_ack(ack), .wr_rst_busy(busy), .rd_en(r),
    .dout(out), .empty(empty), .almost_empty(almost_empty), .prog_empty(prog_empty), .rd_data_count(count_r),
    .underflow(under), .rd_rst_busy(), .data_valid(valid), .injectsbiterr(1'b0), .injectdbiterr(1'b0), .sbiterr(),
    .dbiterr());
  always @(posedge clk_a) if (!rst) begin
    if (n == 1) check(busy & empty, "busy");
    if (n == 8) begin check(!busy & empty & !full & prog_empty, "idle"); w <= 1; in <= 1; end
    if (w) begin in <= in + 1; wrote <= wrote + {7'b0, !full}; end
    if (n == 20) check(count == 11 & !prog_full, "count"); // eleven edges with wr_en, the twelfth is this one
    if (n == 21) check(prog_full, "progfull");
    if (n == 24) check(almost_full & !full, "almost");
    if (n == 25) check(full & count == 16, "full");
    if (n == 26) begin check(over & !ack, "overflow"); w <= 0; end
    if (n == 30) begin check(wrote == 16, "wrote"); r <= 1; end
    if (n == 32) check(!valid, "latency1");
    if (n == 33) check(valid & out == 1, "latency2");
    if (valid) begin check(out == next + 1, "order"); next <= next + 1; end
    if (n == 46) check(almost_empty & !empty, "almostE");
    if (n == 47) check(empty & !under, "empty");
    if (n == 48) begin check(under, "underfl"); r <= 0; end
    if (n == 55) check(next == 16 & prog_empty & count_r == 0, "all");
  end

  // ---- wide in, narrow out, and back; first-word-fall-through
  reg [31:0] wide = 32'h03020100;
  reg ww = 0;
  wire wfull, bempty, hempty, hfull;
  wire [7:0] octet;
  wire [31:0] again;
  xpm_fifo_sync #(.FIFO_WRITE_DEPTH(16), .WRITE_DATA_WIDTH(32), .READ_DATA_WIDTH(8), .READ_MODE("fwft"),
                  .FIFO_READ_LATENCY(0)) apart (
    .sleep(1'b0), .rst(rst), .wr_clk(clk_a), .wr_en(ww), .din(wide), .full(wfull), .rd_en(!bempty & !hfull),
    .dout(octet), .empty(bempty), .injectsbiterr(1'b0), .injectdbiterr(1'b0));
  xpm_fifo_sync #(.FIFO_WRITE_DEPTH(64), .WRITE_DATA_WIDTH(8), .READ_DATA_WIDTH(32), .READ_MODE("fwft"),
                  .FIFO_READ_LATENCY(0)) together (
    .sleep(1'b0), .rst(rst), .wr_clk(clk_a), .wr_en(!bempty & !hfull), .din(octet), .full(hfull), .rd_en(!hempty),
    .dout(again), .empty(hempty), .injectsbiterr(1'b0), .injectdbiterr(1'b0));
  reg [7:0] first = 0;
  always @(posedge clk_a) if (!rst) begin
    ww <= n > 10 & n < 60 & !n[1];
    if (ww & !wfull) wide <= wide + 32'h04040404;
    if (!hempty) begin
      check(again == {first + 8'd3, first + 8'd2, first + 8'd1, first}, "widths");
      first <= first + 4;
    end
    if (n == 300) check(first > 60, "words");
  end

  // ---- two clocks
  reg aw = 0;
  reg [15:0] a_in = 0, a_out = 0, seen = 0;
  wire [15:0] a_word;
  wire a_full, a_empty, a_valid, a_busy;
  xpm_fifo_async #(.FIFO_WRITE_DEPTH(16), .WRITE_DATA_WIDTH(16), .READ_DATA_WIDTH(16), .CDC_SYNC_STAGES(3)) two (
    .sleep(1'b0), .rst(rst), .wr_clk(clk_a), .wr_en(aw & !a_full), .din(a_in), .full(a_full), .wr_rst_busy(a_busy),
    .rd_clk(clk_b), .rd_en(!a_empty & seen[2:0] != 5), .dout(a_word), .empty(a_empty), .data_valid(a_valid),
    .injectsbiterr(1'b0), .injectdbiterr(1'b0));
  always @(posedge clk_a) begin
    aw <= !rst & !a_busy & n > 40 & n < 600;
    if (aw & !a_full) a_in <= a_in + 1;
  end
  always @(posedge clk_b) begin
    seen <= seen + 1;
    if (a_valid & !rst) begin check(a_word == a_out, "clocks"); a_out <= a_out + 1; end
  end

  // ---- packets: nothing leaves before the end is there, unless the packet is larger than the FIFO
  reg [15:0] p_in = 0, p_out = 0;
  reg p_valid = 0, closed = 0;
  wire p_ready, q_valid, q_last;
  wire [15:0] q_word;
  wire [1:0] q_keep;
  // Words 0 to 4, then 5 to 29: five words, then more than fit. The last but one comes late.
  wire p_last = p_in == 4 | p_in == 29;
  xpm_fifo_axis #(.FIFO_DEPTH(16), .TDATA_WIDTH(16), .PACKET_FIFO("true")) packets (
    .s_aresetn(!rst), .s_aclk(clk_a), .m_aclk(clk_a), .s_axis_tvalid(p_valid), .s_axis_tready(p_ready),
    .s_axis_tdata(p_in), .s_axis_tstrb(2'b11), .s_axis_tkeep(p_last ? 2'b01 : 2'b11), .s_axis_tlast(p_last),
    .s_axis_tid(1'b0), .s_axis_tdest(1'b0), .s_axis_tuser(1'b0), .m_axis_tvalid(q_valid), .m_axis_tready(n > 30),
    .m_axis_tdata(q_word), .m_axis_tstrb(), .m_axis_tkeep(q_keep), .m_axis_tlast(q_last), .injectsbiterr_axis(1'b0),
    .injectdbiterr_axis(1'b0));
  always @(posedge clk_a) if (!rst) begin
    p_valid <= n >= 10 & p_in + {15'b0, p_valid & p_ready} < 30 & !(p_in + {15'b0, p_valid & p_ready} == 3 & n < 80);
    if (p_valid & p_ready) p_in <= p_in + 1;
    if (n == 70) check(!q_valid & p_in == 3, "early");
    if (q_valid & n > 30) begin
      check(q_word == p_out & q_last == (p_out == 4 | p_out == 29) & q_keep == (q_last ? 2'b01 : 2'b11), "packet");
      p_out <= p_out + 1;
      if (p_out == 5) check(p_in >= 21, "large"); // it waited until no more fitted
    end
    // ... and does not stop again, as there is nothing more to wait for
    if (p_out > 5 & p_in > p_out + 1 & n > 30) check(q_valid, "stops");
    if (n == 400) check(p_out == 30, "whole");
  end

  reg ended = 0;
  assign done = ended;
  always @(posedge clk_a) if (n == 1000) begin
    check(a_out > 100 & a_out == a_in, "through");
    ended <= 1;
  end
endmodule
