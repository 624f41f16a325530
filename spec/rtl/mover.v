// mover.v - AXI4 master that copies LEN (0x28) bytes from SRC (0x10, 0x14) to DST (0x1c, 0x20), reading and writing at the
// same time: four read bursts out, a FIFO between. SRC, DST and LEN are whole bursts (16 words of the bus). Control as in
// copy.v: write 1 to 0x00 starts, bit 2 of it is idle; 0x30: worst answer so far.
module mover #(parameter DW = 32) (input ap_clk, input ap_rst_n,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb,
  input s_axi_wvalid, output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp,
  output s_axi_rvalid, input s_axi_rready,
  output [63:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize, output [1:0] m_axi_awburst,
  output m_axi_awvalid, input m_axi_awready,
  output [DW-1:0] m_axi_wdata, output [DW/8-1:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
  input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
  output [63:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize, output [1:0] m_axi_arburst,
  output m_axi_arvalid, input m_axi_arready,
  input [DW-1:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast, input m_axi_rvalid, output m_axi_rready,
  output interrupt);

  localparam NB = DW / 8, SIZE = $clog2(NB), BEATS = 16, BURST = BEATS * NB, AHEAD = 4;
  wire wr, rd;
  wire [7:0] waddr, raddr;
  wire [31:0] wval;
  wire [3:0] wmask;
  wire [1:0] okay = 0;
  reg [31:0] rval, len;
  reg [63:0] src, dst;
  axil_port #(8) port (ap_clk, ap_rst_n, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid,
    s_axi_wready, s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata,
    s_axi_rresp, s_axi_rvalid, s_axi_rready, wr, waddr, wval, wmask, okay, rd, raddr, rval, okay);

  // ---- bursts still to be asked for, to be announced, to be written, to be answered
  reg [31:0] to_read, to_announce, to_write, to_answer;
  reg [63:0] rp, wp;
  reg [4:0] left;            // beats of the burst being written
  reg [1:0] bad;
  reg [DW-1:0] fifo [0:AHEAD*BEATS-1];
  reg [6:0] head, tail, taken; // taken: room that is promised to bursts that were asked for
  wire [6:0] stored = head - tail, promised = taken - tail;
  wire idle = to_answer == 0;
  wire start = wr & waddr == 0 & wval[0] & idle;
  wire last = left == 1;
  assign m_axi_arvalid = to_read != 0 & promised <= (AHEAD - 1) * BEATS, m_axi_araddr = rp;
  assign m_axi_arlen = BEATS - 1, m_axi_arsize = SIZE, m_axi_arburst = 1, m_axi_rready = 1;
  assign m_axi_awvalid = to_announce != 0, m_axi_awaddr = wp;
  assign m_axi_awlen = BEATS - 1, m_axi_awsize = SIZE, m_axi_awburst = 1, m_axi_bready = 1;
  assign m_axi_wvalid = to_write > to_announce & stored != 0, m_axi_wdata = fifo[tail[5:0]];
  assign m_axi_wstrb = {NB{1'b1}}, m_axi_wlast = last, interrupt = 0;
  wire ar = m_axi_arvalid & m_axi_arready, aw = m_axi_awvalid & m_axi_awready, w = m_axi_wvalid & m_axi_wready;

  always @* case (raddr)
    8'h00: rval = {29'b0, idle, 2'b0};
    8'h30: rval = {30'b0, bad};
    default: rval = 0;
  endcase

  always @(posedge ap_clk)
    if (!ap_rst_n) begin
      src <= 0; dst <= 0; len <= 0; rp <= 0; wp <= 0; bad <= 0; left <= BEATS; head <= 0; tail <= 0; taken <= 0;
      to_read <= 0; to_announce <= 0; to_write <= 0; to_answer <= 0;
    end else begin
      if (wr) case (waddr)
        8'h10: src[31:0] <= wval;
        8'h14: src[63:32] <= wval;
        8'h1c: dst[31:0] <= wval;
        8'h20: dst[63:32] <= wval;
        8'h28: len <= wval;
        default: ;
      endcase
      if (start) begin
        rp <= src; wp <= dst; bad <= 0;
        to_read <= len / BURST; to_announce <= len / BURST; to_write <= len / BURST; to_answer <= len / BURST;
      end else begin
        if (ar) begin rp <= rp + BURST; to_read <= to_read - 1; taken <= taken + BEATS; end
        if (m_axi_rvalid) begin fifo[head[5:0]] <= m_axi_rdata; head <= head + 1; end
        if (aw) begin wp <= wp + BURST; to_announce <= to_announce - 1; end
        if (w) begin
          tail <= tail + 1;
          left <= last ? BEATS : left - 1;
          if (last) to_write <= to_write - 1;
        end
        if (m_axi_bvalid) to_answer <= to_answer - 1;
        bad <= bad | (m_axi_rvalid ? m_axi_rresp : 2'b0) | (m_axi_bvalid ? m_axi_bresp : 2'b0);
      end
    end
endmodule
