// narrow.v - a master of 128 bits that writes `target` once, with strobes for the lower 8 bytes only; what lies behind
// them, and the data of a stream that is none, are no part of its bus.
module narrow (input aclk, aresetn, input [31:0] target,
  output [31:0] m_awaddr, output reg m_awvalid, input m_awready, output [127:0] m_wdata, output [7:0] m_wstrb, output [7:0] other,
  output reg m_wvalid, input m_wready, input [1:0] m_bresp, input m_bvalid, output m_bready, output [1023:0] m_tdata);
  reg sent;
  assign m_awaddr = target, m_wdata = {16{8'h5a}}, m_wstrb = 255, other = 255, m_bready = 1, m_tdata = 0;
  always @(posedge aclk)
    if (!aresetn) begin m_awvalid <= 0; m_wvalid <= 0; sent <= 0; end
    else if (target != 0 && !sent) begin m_awvalid <= 1; m_wvalid <= 1; sent <= 1; end
    else begin
      if (m_awready) m_awvalid <= 0;
      if (m_wready) m_wvalid <= 0;
    end
endmodule
