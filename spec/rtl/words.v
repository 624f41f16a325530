// words.v - AXI4-Lite slave without WSTRB: one register, which is written as a whole.
module words (input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata,
  input s_axi_wvalid, output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready, output [31:0] s_axi_rdata,
  output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);
  reg [31:0] r;
  wire wr;
  wire [31:0] value;
  axil_port #(8) port (.aclk(aclk), .aresetn(aresetn), .awaddr(s_axi_awaddr), .awvalid(s_axi_awvalid),
    .awready(s_axi_awready), .wdata(s_axi_wdata), .wstrb(4'hf), .wvalid(s_axi_wvalid), .wready(s_axi_wready),
    .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready), .araddr(s_axi_araddr), .arvalid(s_axi_arvalid),
    .arready(s_axi_arready), .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rvalid(s_axi_rvalid), .rready(s_axi_rready),
    .wr(wr), .waddr(), .wval(value), .wmask(), .wr_resp(2'b00), .rd(), .raddr(), .rval(r), .rd_resp(2'b00));
  always @(posedge aclk) if (!aresetn) r <= 0; else if (wr) r <= value;
endmodule
