// loops.v - AXI4-Lite slave whose RTL does not come back: a write to 0x10 starts a loop without an end, one to 0x14 a loop
// that prints as well; a write to 0x18 prints 3000 lines and goes on. Reads give what was written to 0x04 last.
module loops (input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid,
  output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready, input [7:0] s_axi_araddr, input s_axi_arvalid,
  output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);
  wire [1:0] wr_resp = 0, rd_resp = 0; reg [31:0] rval, spins; integer i;
  wire wr, rd; wire [7:0] waddr, raddr; wire [31:0] wval; wire [3:0] wmask;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid, s_axi_wready,
    s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready,
    wr, waddr, wval, wmask, wr_resp, rd, raddr, rval, rd_resp);
  always @(posedge aclk)
    if (!aresetn) rval <= 0;
    else if (wr) case (waddr)
      8'h04: rval <= wval;
      8'h10: begin $display("it begins"); spins = 0; while (spins != 32'hffffffff) spins = spins + 2; end // it is never odd
      8'h14: while (wval != 0) $display("round and round");
      8'h18: for (i = 0; i < 3000; i = i + 1) $display("line %0d, which is long enough for the room to end", i);
      default: ;
    endcase
endmodule
