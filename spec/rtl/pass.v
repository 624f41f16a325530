// pass.v - a stream that goes through a register with all that AXI4-Stream has: TKEEP, TSTRB, TLAST, TID, TDEST and
// TUSER. BYTES is the width of TDATA. Every word is counted in 0x00, every packet in 0x04, bytes by TKEEP in 0x08;
// 0x0c: cycles to wait before each that leaves.
module pass #(parameter BYTES = 4) (
  input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  input [8*BYTES-1:0] s_axis_tdata, input [BYTES-1:0] s_axis_tkeep, input [BYTES-1:0] s_axis_tstrb,
  input s_axis_tlast, input [3:0] s_axis_tid, input [3:0] s_axis_tdest, input [7:0] s_axis_tuser,
  input s_axis_tvalid, output s_axis_tready,
  output reg [8*BYTES-1:0] m_axis_tdata, output reg [BYTES-1:0] m_axis_tkeep, output reg [BYTES-1:0] m_axis_tstrb,
  output reg m_axis_tlast, output reg [3:0] m_axis_tid, output reg [3:0] m_axis_tdest, output reg [7:0] m_axis_tuser,
  output m_axis_tvalid, input m_axis_tready);

  wire wr, rd;
  wire [7:0] waddr, raddr;
  wire [31:0] wval;
  wire [3:0] wmask;
  reg [31:0] rval, words, packets, bytes, slow, left;
  reg full;
  integer i, kept;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb,
    s_axi_wvalid, s_axi_wready, s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready,
    s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready, wr, waddr, wval, wmask, 2'b00, rd, raddr, rval, 2'b00);

  assign m_axis_tvalid = full & left == 0;
  wire leaves = m_axis_tvalid & m_axis_tready;
  assign s_axis_tready = aresetn & (!full | leaves);
  wire comes = s_axis_tvalid & s_axis_tready;

  always @* case (raddr[7:2])
    0: rval = words;
    1: rval = packets;
    2: rval = bytes;
    3: rval = slow;
    default: rval = 0;
  endcase
  always @* begin
    kept = 0;
    for (i = 0; i < BYTES; i = i + 1) kept = kept + {31'b0, s_axis_tkeep[i]};
  end

  always @(posedge aclk)
    if (!aresetn) begin full <= 0; words <= 0; packets <= 0; bytes <= 0; slow <= 0; left <= 0; end
    else begin
      if (left != 0) left <= left - 1;
      if (comes) begin
        full <= 1; left <= slow;
        m_axis_tdata <= s_axis_tdata; m_axis_tkeep <= s_axis_tkeep; m_axis_tstrb <= s_axis_tstrb;
        m_axis_tlast <= s_axis_tlast; m_axis_tid <= s_axis_tid; m_axis_tdest <= s_axis_tdest;
        m_axis_tuser <= s_axis_tuser;
        words <= words + 1;
        bytes <= bytes + kept;
        if (s_axis_tlast) packets <= packets + 1;
      end else if (leaves) full <= 0;
      if (wr && waddr[7:2] == 3) slow <= wval;
    end
endmodule
