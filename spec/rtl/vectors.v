// vectors.v - several buses in one vector, as crossbars and switches have them: two AXI4-Lite slaves, each a register
// that reads one more than was written (two more of the second), three streams that go through and come out one, two
// and three greater, two more as arrays; interrupt i pulses when the last word of stream i leaves. TUSER has three bits.
module vectors (
  input clk, input rst,
  input [15:0] s_axi_awaddr, input [1:0] s_axi_awvalid, output [1:0] s_axi_awready,
  input [63:0] s_axi_wdata, input [7:0] s_axi_wstrb, input [1:0] s_axi_wvalid, output [1:0] s_axi_wready,
  output [3:0] s_axi_bresp, output [1:0] s_axi_bvalid, input [1:0] s_axi_bready,
  input [15:0] s_axi_araddr, input [1:0] s_axi_arvalid, output [1:0] s_axi_arready,
  output [63:0] s_axi_rdata, output [3:0] s_axi_rresp, output [1:0] s_axi_rvalid, input [1:0] s_axi_rready,
  input [47:0] s_axis_tdata, input [2:0] s_axis_tvalid, output [2:0] s_axis_tready, input [2:0] s_axis_tlast,
  input [8:0] s_axis_tuser, input [5:0] s_axis_tkeep,
  output [47:0] m_axis_tdata, output [2:0] m_axis_tvalid, input [2:0] m_axis_tready, output [2:0] m_axis_tlast,
  output [8:0] m_axis_tuser, output [5:0] m_axis_tkeep,
  input [7:0] in_tdata [0:1], input in_tvalid [0:1], output in_tready [0:1], input in_tlast [0:1],
  output [7:0] out_tdata [0:1], output out_tvalid [0:1], input out_tready [0:1], output out_tlast [0:1],
  input [29:0] odd_tdata, input [3:0] odd_tvalid,
  output reg [2:0] irq, output [2:0] irq_state, output [0:0] irq_ack);

  assign irq_state = 5, irq_ack = 1;
  genvar i;
  generate for (i = 0; i < 2; i = i + 1) begin : port
    reg [31:0] value;
    reg b, r;
    wire go = s_axi_awvalid[i] & s_axi_wvalid[i] & !b;
    assign s_axi_awready[i] = go, s_axi_wready[i] = go, s_axi_bvalid[i] = b, s_axi_bresp[2*i +: 2] = 0;
    assign s_axi_arready[i] = !r, s_axi_rvalid[i] = r, s_axi_rresp[2*i +: 2] = 0;
    assign s_axi_rdata[32*i +: 32] = value + 1 + i;
    always @(posedge clk) if (rst) begin b <= 0; r <= 0; value <= 0; end
      else begin
        if (go) begin b <= 1; value <= s_axi_wdata[32*i +: 32]; end else if (s_axi_bready[i]) b <= 0;
        if (s_axi_arvalid[i] & !r) r <= 1; else if (s_axi_rready[i]) r <= 0;
      end
    assign out_tdata[i] = in_tdata[i] ^ (i == 0 ? 8'h00 : 8'hff), out_tvalid[i] = in_tvalid[i];
    assign in_tready[i] = out_tready[i], out_tlast[i] = in_tlast[i];
  end
  for (i = 0; i < 3; i = i + 1) begin : through
    assign m_axis_tdata[16*i +: 16] = s_axis_tdata[16*i +: 16] + 16'd1 + i;
    always @(posedge clk) irq[i] <= !rst & m_axis_tvalid[i] & m_axis_tready[i] & m_axis_tlast[i];
  end endgenerate
  assign m_axis_tvalid = s_axis_tvalid, s_axis_tready = m_axis_tready, m_axis_tlast = s_axis_tlast;
  assign m_axis_tuser = s_axis_tuser, m_axis_tkeep = s_axis_tkeep;
endmodule
