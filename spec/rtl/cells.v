// cells.v - a memory of 256 words behind 20 bits of address, set to 0x55 word by word at reset.
// Two habits of many cores: a window larger than what is in it, and a loop over a memory with <=.
module cells(
  input clk_i, rst_i,
  input [19:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [19:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);
  wire wr; wire [19:0] waddr, raddr; wire [31:0] wval;
  reg [31:0] memory [0:255];
  integer i;
  axil_port #(.AW(20)) port(.aclk(clk_i), .aresetn(!rst_i),
    .awaddr(s_axi_awaddr), .awvalid(s_axi_awvalid), .awready(s_axi_awready),
    .wdata(s_axi_wdata), .wstrb(s_axi_wstrb), .wvalid(s_axi_wvalid), .wready(s_axi_wready),
    .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready),
    .araddr(s_axi_araddr), .arvalid(s_axi_arvalid), .arready(s_axi_arready),
    .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rvalid(s_axi_rvalid), .rready(s_axi_rready),
    .wr(wr), .waddr(waddr), .wval(wval), .wmask(), .wr_resp(waddr[19:10] ? 2'b10 : 2'b00),
    .rd(), .raddr(raddr), .rval(memory[raddr[9:2]]), .rd_resp(raddr[19:10] ? 2'b10 : 2'b00));
  always @(posedge clk_i)
    if (rst_i) begin for (i = 0; i < 256; i = i + 1) memory[i] <= 32'h55; end
    else if (wr) memory[waddr[9:2]] <= wval;
endmodule
