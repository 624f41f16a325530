// scale.v - stream filter with an HLS-style control port: every word times GAIN (0x10). 0x00 ap_start, ap_done, ap_idle; 0x04 global, 0x08 own
// interrupt enable; 0x0c status (write 1 to clear). Done when the word with TLAST has left.
module scale (input ap_clk, input ap_rst_n,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid,
  output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready, input [7:0] s_axi_araddr, input s_axi_arvalid,
  output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  input [31:0] in_tdata, input in_tvalid, output in_tready, input in_tlast, output reg [31:0] out_tdata, output reg out_tvalid, input out_tready,
  output reg out_tlast, output interrupt);
  wire aclk = ap_clk, aresetn = ap_rst_n; wire [1:0] wr_resp = 0, rd_resp = 0; reg [31:0] rval, gain; reg run, done, gie, ier, isr;
  wire wr, rd; wire [7:0] waddr, raddr; wire [31:0] wval; wire [3:0] wmask;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid, s_axi_wready,
    s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready,
    wr, waddr, wval, wmask, wr_resp, rd, raddr, rval, rd_resp);
  wire leave = out_tvalid & out_tready, finish = leave & out_tlast;
  assign in_tready = run & !(out_tvalid & out_tlast) & (!out_tvalid | out_tready), interrupt = gie & isr;
  always @* case (raddr[7:2]) 0: rval = {29'b0, !run, done, run}; 1: rval = gie; 2: rval = ier; 3: rval = isr; 4: rval = gain; default: rval = 0; endcase
  always @(posedge aclk)
    if (!aresetn) begin run <= 0; done <= 0; gie <= 0; ier <= 0; isr <= 0; gain <= 1; out_tvalid <= 0; out_tlast <= 0; end
    else begin
      if (rd && raddr[7:2] == 0) done <= 0;
      if (wr) case (waddr[7:2]) 0: if (wval[0]) run <= 1; 1: gie <= wval[0]; 2: ier <= wval[0]; 3: isr <= isr & !wval[0]; 4: gain <= wval; default: ; endcase
      if (in_tvalid & in_tready) begin out_tvalid <= 1; out_tdata <= in_tdata * gain; out_tlast <= in_tlast; end else if (leave) out_tvalid <= 0;
      if (finish) begin run <= 0; done <= 1; if (ier) isr <= 1; end
    end
endmodule
