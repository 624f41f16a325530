// regs.v - AXI4-Lite slave: 0x00 identity "LUNQ" (read only), 0x04..0x1c scratch, 0x20 timer (write n: irq pulses for one cycle after n cycles),
// 0x24 cycle counter; elsewhere SLVERR.
module regs (input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid,
  output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready, input [7:0] s_axi_araddr, input s_axi_arvalid,
  output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output reg irq);
  reg [31:0] r [0:7]; reg [31:0] timer, count; reg [31:0] rval;
  wire known_w = waddr >= 8'h04 && waddr <= 8'h23, known_r = raddr <= 8'h27;
  wire [1:0] wr_resp = known_w ? 2'b00 : 2'b10, rd_resp = known_r ? 2'b00 : 2'b10;
  wire wr, rd; wire [7:0] waddr, raddr; wire [31:0] wval; wire [3:0] wmask;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid, s_axi_wready,
    s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready,
    wr, waddr, wval, wmask, wr_resp, rd, raddr, rval, rd_resp);
  integer i;
  always @* if (raddr[7:2] == 0) rval = 32'h4c554e51; else if (raddr[7:2] == 8) rval = timer; else if (raddr[7:2] == 9) rval = count; else rval = r[raddr[4:2]];
  always @(posedge aclk)
    if (!aresetn) begin timer <= 0; count <= 0; irq <= 0; for (i = 0; i < 8; i = i + 1) r[i] <= 0; end
    else begin
      count <= count + 1; irq <= timer == 1; if (timer != 0) timer <= timer - 1;
      if (wr && known_w && waddr[7:2] < 8) for (i = 0; i < 4; i = i + 1) if (wmask[i]) r[waddr[4:2]][8*i +: 8] <= wval[8*i +: 8];
      if (wr && waddr[7:2] == 8) timer <= wval;
    end
endmodule
