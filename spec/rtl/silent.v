// silent.v - answers nothing: no ready on the AXI4-Lite port and on the stream in_, no valid on the stream out_, no
// interrupt.
module silent (
  input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  input [31:0] in_tdata, input in_tvalid, output in_tready, input in_tlast,
  output [31:0] out_tdata, output out_tvalid, input out_tready, output out_tlast,
  output interrupt);

  assign s_axi_awready = 0, s_axi_wready = 0, s_axi_bvalid = 0, s_axi_bresp = 0;
  assign s_axi_arready = 0, s_axi_rvalid = 0, s_axi_rdata = 0, s_axi_rresp = 0;
  assign in_tready = 0, out_tvalid = 0, out_tdata = 0, out_tlast = 0, interrupt = 0;
endmodule
