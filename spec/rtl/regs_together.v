// regs_together.v - AXI4-Lite slave that takes address and data in the same cycle only, as the templates for
// peripherals do: AWREADY and WREADY rise for a cycle when both AWVALID and WVALID are there. A master that waits
// for AWREADY before it gives WVALID waits for ever. 0x00 to 0x3c: 16 registers, read and write.
module regs_together (
  input s_axi_aclk, input s_axi_aresetn,
  input [5:0] s_axi_awaddr, input [2:0] s_axi_awprot, input s_axi_awvalid, output reg s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output reg s_axi_wready,
  output [1:0] s_axi_bresp, output reg s_axi_bvalid, input s_axi_bready,
  input [5:0] s_axi_araddr, input [2:0] s_axi_arprot, input s_axi_arvalid, output reg s_axi_arready,
  output reg [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output reg s_axi_rvalid, input s_axi_rready);

  reg [31:0] r [0:15];
  integer i;
  assign s_axi_bresp = 0, s_axi_rresp = 0;
  wire both = s_axi_awvalid & s_axi_wvalid & !s_axi_awready & !s_axi_bvalid;
  wire take = s_axi_arvalid & !s_axi_arready & !s_axi_rvalid;

  always @(posedge s_axi_aclk)
    if (!s_axi_aresetn) begin
      s_axi_awready <= 0; s_axi_wready <= 0; s_axi_bvalid <= 0; s_axi_arready <= 0; s_axi_rvalid <= 0;
      for (i = 0; i < 16; i = i + 1) r[i] <= 0;
    end else begin
      s_axi_awready <= both;
      s_axi_wready <= both;
      if (s_axi_awready) begin
        s_axi_bvalid <= 1;
        for (i = 0; i < 4; i = i + 1)
          if (s_axi_wstrb[i]) r[s_axi_awaddr[5:2]][8*i +: 8] <= s_axi_wdata[8*i +: 8];
      end else if (s_axi_bready) s_axi_bvalid <= 0;
      s_axi_arready <= take;
      if (s_axi_arready) begin
        s_axi_rvalid <= 1;
        s_axi_rdata <= r[s_axi_araddr[5:2]];
      end else if (s_axi_rready) s_axi_rvalid <= 0;
    end
endmodule
