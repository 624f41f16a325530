// copy.v - AXI4 master that copies LEN (0x28) bytes from SRC (0x10, 0x14) to DST (0x1c, 0x20), whole bus words; control as in scale.v, 0x30 sticky
// response, NO4K=1 breaks the 4 KiB rule on purpose.
module copy #(parameter DW = 32, NO4K = 0) (input ap_clk, input ap_rst_n,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid,
  output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready, input [7:0] s_axi_araddr, input s_axi_arvalid,
  output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output [63:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize, output [1:0] m_axi_awburst, output m_axi_awvalid, input m_axi_awready,
  output [DW-1:0] m_axi_wdata, output [DW/8-1:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
  input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
  output [63:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize, output [1:0] m_axi_arburst, output m_axi_arvalid, input m_axi_arready,
  input [DW-1:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast, input m_axi_rvalid, output m_axi_rready, output interrupt);
  localparam NB = DW / 8, S = $clog2(NB);
  wire aclk = ap_clk, aresetn = ap_rst_n; wire [1:0] wr_resp = 0, rd_resp = 0; reg [31:0] rval, len; reg [63:0] src, dst; reg done, gie, ier, isr; reg [1:0] bad;
  wire wr, rd; wire [7:0] waddr, raddr; wire [31:0] wval; wire [3:0] wmask;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid, s_axi_wready,
    s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready,
    wr, waddr, wval, wmask, wr_resp, rd, raddr, rval, rd_resp);
  // one burst at a time: 1 read address, 2 read data into the buffer, 3 write address, 4 write data, 5 response
  reg [2:0] st; reg [63:0] rp, wp; reg [31:0] left; reg [4:0] n, k; reg [DW-1:0] buffer [0:15];
  wire [31:0] words = left >> S; wire [63:0] room_r = (64'd4096 - (rp & 4095)) >> S, room_w = (64'd4096 - (wp & 4095)) >> S;
  wire [63:0] room = NO4K ? 16 : room_r < room_w ? room_r : room_w; wire [4:0] most = room < 16 ? room[4:0] : 5'd16;
  wire [4:0] beats = words < {27'b0, most} ? words[4:0] : most;
  assign m_axi_arvalid = st == 1, m_axi_araddr = rp, m_axi_arlen = n - 1, m_axi_arsize = S, m_axi_arburst = 1, m_axi_rready = st == 2;
  assign m_axi_awvalid = st == 3, m_axi_awaddr = wp, m_axi_awlen = n - 1, m_axi_awsize = S, m_axi_awburst = 1, m_axi_bready = st == 5;
  assign m_axi_wvalid = st == 4, m_axi_wdata = buffer[k[3:0]], m_axi_wstrb = {NB{1'b1}}, m_axi_wlast = k == n - 1, interrupt = gie & isr;
  always @* case (raddr[7:2]) 0: rval = {29'b0, st == 0, done, st != 0}; 1: rval = gie; 2: rval = ier; 3: rval = isr; 4: rval = src[31:0]; 5: rval = src[63:32];
    7: rval = dst[31:0]; 8: rval = dst[63:32]; 10: rval = len; 12: rval = bad; default: rval = 0; endcase
  always @(posedge aclk)
    if (!aresetn) begin st <= 0; done <= 0; gie <= 0; ier <= 0; isr <= 0; bad <= 0; src <= 0; dst <= 0; len <= 0; n <= 0; k <= 0; left <= 0; end
    else begin
      if (rd && raddr[7:2] == 0) done <= 0;
      if (wr) case (waddr[7:2]) 1: gie <= wval[0]; 2: ier <= wval[0]; 3: isr <= isr & !wval[0]; 4: src[31:0] <= wval; 5: src[63:32] <= wval;
        7: dst[31:0] <= wval; 8: dst[63:32] <= wval; 10: len <= wval; default: ; endcase
      case (st)
        0: if (wr && waddr[7:2] == 0 && wval[0]) begin rp <= src; wp <= dst; left <= len; bad <= 0; st <= 6; end
        6: if (words == 0) begin st <= 0; done <= 1; if (ier) isr <= 1; end else begin n <= beats; k <= 0; st <= 1; end
        1: if (m_axi_arready) st <= 2;
        2: if (m_axi_rvalid) begin buffer[k[3:0]] <= m_axi_rdata; bad <= bad | m_axi_rresp; k <= m_axi_rlast ? 0 : k + 1; if (m_axi_rlast) st <= 3; end
        3: if (m_axi_awready) st <= 4;
        4: if (m_axi_wready) begin k <= k + 1; if (m_axi_wlast) st <= 5; end
        5: if (m_axi_bvalid) begin bad <= bad | m_axi_bresp; rp <= rp + (n << S); wp <= wp + (n << S); left <= left - (n << S); st <= 6; end
        default: st <= 0;
      endcase
    end
endmodule
