// crossing.v - buses on two clocks: a stream that goes from s_clk to m_clk through eight words with gray pointers,
// registers at each side, and a master on m_clk. s_axil 0x00: beats taken from s_axis; m_axil 0x00: beats given to
// m_axis, 0x04: cycles of m_clk, 0x08: a write goes to memory at that address, with the number of cycles as data.
module crossing (
  input s_clk, input s_rst, input m_clk, input m_rst,
  input [15:0] s_axis_tdata, input s_axis_tlast, input s_axis_tvalid, output s_axis_tready,
  output [15:0] m_axis_tdata, output m_axis_tlast, output m_axis_tvalid, input m_axis_tready,
  input [7:0] s_axil_awaddr, input s_axil_awvalid, output s_axil_awready,
  input [31:0] s_axil_wdata, input [3:0] s_axil_wstrb, input s_axil_wvalid, output s_axil_wready,
  output [1:0] s_axil_bresp, output s_axil_bvalid, input s_axil_bready,
  input [7:0] s_axil_araddr, input s_axil_arvalid, output s_axil_arready,
  output [31:0] s_axil_rdata, output [1:0] s_axil_rresp, output s_axil_rvalid, input s_axil_rready,
  input [7:0] m_axil_awaddr, input m_axil_awvalid, output m_axil_awready,
  input [31:0] m_axil_wdata, input [3:0] m_axil_wstrb, input m_axil_wvalid, output m_axil_wready,
  output [1:0] m_axil_bresp, output m_axil_bvalid, input m_axil_bready,
  input [7:0] m_axil_araddr, input m_axil_arvalid, output m_axil_arready,
  output [31:0] m_axil_rdata, output [1:0] m_axil_rresp, output m_axil_rvalid, input m_axil_rready,
  output reg [31:0] m_axi_awaddr, output reg m_axi_awvalid, input m_axi_awready,
  output reg [31:0] m_axi_wdata, output [3:0] m_axi_wstrb, output reg m_axi_wvalid, input m_axi_wready,
  input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready, output reg done_irq);

  // ---- the stream
  reg [16:0] words [0:7];
  reg [3:0] in, out, in_gray, out_gray, in_1, in_2, out_1, out_2;
  wire [3:0] in_next = in + 1, out_next = out + 1;
  assign s_axis_tready = in_gray != {~out_2[3:2], out_2[1:0]};
  assign m_axis_tvalid = out_gray != in_2;
  assign {m_axis_tlast, m_axis_tdata} = words[out[2:0]];
  reg [31:0] taken, given, cycles;
  always @(posedge s_clk) if (s_rst) begin in <= 0; in_gray <= 0; out_1 <= 0; out_2 <= 0; taken <= 0; end
    else begin
      {out_2, out_1} <= {out_1, out_gray};
      if (s_axis_tvalid & s_axis_tready) begin
        words[in[2:0]] <= {s_axis_tlast, s_axis_tdata};
        in <= in_next;
        in_gray <= in_next ^ in_next >> 1;
        taken <= taken + 1;
      end
    end
  always @(posedge m_clk) if (m_rst) begin out <= 0; out_gray <= 0; in_1 <= 0; in_2 <= 0; given <= 0; cycles <= 0; end
    else begin
      cycles <= cycles + 1;
      {in_2, in_1} <= {in_1, in_gray};
      if (m_axis_tvalid & m_axis_tready) begin
        out <= out_next;
        out_gray <= out_next ^ out_next >> 1;
        given <= given + 1;
      end
    end

  // ---- registers
  wire s_wr, s_rd, m_wr, m_rd;
  wire [7:0] s_wa, s_ra, m_wa, m_ra;
  wire [31:0] s_wv, m_wv;
  wire [3:0] s_wm, m_wm;
  axil_port #(8) s_port (s_clk, !s_rst, s_axil_awaddr, s_axil_awvalid, s_axil_awready, s_axil_wdata, s_axil_wstrb,
    s_axil_wvalid, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_bready, s_axil_araddr, s_axil_arvalid,
    s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, s_axil_rready, s_wr, s_wa, s_wv, s_wm, 2'b00, s_rd,
    s_ra, taken, 2'b00);
  axil_port #(8) m_port (m_clk, !m_rst, m_axil_awaddr, m_axil_awvalid, m_axil_awready, m_axil_wdata, m_axil_wstrb,
    m_axil_wvalid, m_axil_wready, m_axil_bresp, m_axil_bvalid, m_axil_bready, m_axil_araddr, m_axil_arvalid,
    m_axil_arready, m_axil_rdata, m_axil_rresp, m_axil_rvalid, m_axil_rready, m_wr, m_wa, m_wv, m_wm, 2'b00, m_rd,
    m_ra, m_ra[2] ? cycles : given, 2'b00);

  // ---- the master; its interrupt lasts one cycle of m_clk
  assign m_axi_wstrb = 15, m_axi_bready = 1;
  always @(posedge m_clk) if (m_rst) begin m_axi_awvalid <= 0; m_axi_wvalid <= 0; done_irq <= 0; end
    else begin
      if (m_wr & m_wa == 8) begin
        m_axi_awaddr <= m_wv; m_axi_wdata <= cycles; m_axi_awvalid <= 1; m_axi_wvalid <= 1;
      end else begin
        if (m_axi_awready) m_axi_awvalid <= 0;
        if (m_axi_wready) m_axi_wvalid <= 0;
      end
      done_irq <= m_axi_bvalid;
    end
endmodule
