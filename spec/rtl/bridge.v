// bridge.v - an AXI4 slave whose accesses come out of an AXI4 master at once, 64 KiB further on or back (bit 16 of the
// address is turned over): wires only, as the simplest of interconnects.
module bridge #(parameter DW = 64, IDW = 4) (input aclk, input aresetn,
  input [IDW-1:0] s_axi_awid, input [31:0] s_axi_awaddr, input [7:0] s_axi_awlen, input [2:0] s_axi_awsize,
  input [1:0] s_axi_awburst, input s_axi_awvalid, output s_axi_awready,
  input [DW-1:0] s_axi_wdata, input [DW/8-1:0] s_axi_wstrb, input s_axi_wlast, input s_axi_wvalid, output s_axi_wready,
  output [IDW-1:0] s_axi_bid, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [IDW-1:0] s_axi_arid, input [31:0] s_axi_araddr, input [7:0] s_axi_arlen, input [2:0] s_axi_arsize,
  input [1:0] s_axi_arburst, input s_axi_arvalid, output s_axi_arready,
  output [IDW-1:0] s_axi_rid, output [DW-1:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rlast,
  output s_axi_rvalid, input s_axi_rready,
  output [IDW-1:0] m_axi_awid, output [31:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize,
  output [1:0] m_axi_awburst, output m_axi_awvalid, input m_axi_awready,
  output [DW-1:0] m_axi_wdata, output [DW/8-1:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
  input [IDW-1:0] m_axi_bid, input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
  output [IDW-1:0] m_axi_arid, output [31:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize,
  output [1:0] m_axi_arburst, output m_axi_arvalid, input m_axi_arready,
  input [IDW-1:0] m_axi_rid, input [DW-1:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast,
  input m_axi_rvalid, output m_axi_rready);
  assign m_axi_awid = s_axi_awid, m_axi_awaddr = s_axi_awaddr ^ 32'h10000, m_axi_awlen = s_axi_awlen;
  assign m_axi_awsize = s_axi_awsize, m_axi_awburst = s_axi_awburst;
  assign m_axi_awvalid = aresetn & s_axi_awvalid, s_axi_awready = aresetn & m_axi_awready;
  assign m_axi_wdata = s_axi_wdata, m_axi_wstrb = s_axi_wstrb, m_axi_wlast = s_axi_wlast;
  assign m_axi_wvalid = aresetn & s_axi_wvalid, s_axi_wready = aresetn & m_axi_wready;
  assign s_axi_bid = m_axi_bid, s_axi_bresp = m_axi_bresp, s_axi_bvalid = aresetn & m_axi_bvalid;
  assign m_axi_bready = aresetn & s_axi_bready;
  assign m_axi_arid = s_axi_arid, m_axi_araddr = s_axi_araddr ^ 32'h10000, m_axi_arlen = s_axi_arlen;
  assign m_axi_arsize = s_axi_arsize, m_axi_arburst = s_axi_arburst;
  assign m_axi_arvalid = aresetn & s_axi_arvalid, s_axi_arready = aresetn & m_axi_arready;
  assign s_axi_rid = m_axi_rid, s_axi_rdata = m_axi_rdata, s_axi_rresp = m_axi_rresp, s_axi_rlast = m_axi_rlast;
  assign s_axi_rvalid = aresetn & m_axi_rvalid, m_axi_rready = aresetn & s_axi_rready;
endmodule
