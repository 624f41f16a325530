// ram.v - AXI4 slave with a memory of 4 KiB: bursts INCR, FIXED and WRAP, narrow beats, write strobes, IDs. One read
// and one write at a time. Addresses beyond the memory, in the same 64 KiB, are SLVERR.
// LENW = 4 makes it a port of AXI3. Data whose WID is not that of their burst are SLVERR.
module ram #(parameter DW = 64, IDW = 4, LENW = 8) (
  input aclk, input aresetn,
  input [IDW-1:0] s_axi_awid, input [31:0] s_axi_awaddr, input [LENW-1:0] s_axi_awlen, input [2:0] s_axi_awsize,
  input [1:0] s_axi_awburst, input s_axi_awvalid, output s_axi_awready,
  input [IDW-1:0] s_axi_wid, input [DW-1:0] s_axi_wdata, input [DW/8-1:0] s_axi_wstrb, input s_axi_wlast, input s_axi_wvalid, output s_axi_wready,
  output reg [IDW-1:0] s_axi_bid, output reg [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [IDW-1:0] s_axi_arid, input [31:0] s_axi_araddr, input [LENW-1:0] s_axi_arlen, input [2:0] s_axi_arsize,
  input [1:0] s_axi_arburst, input s_axi_arvalid, output s_axi_arready,
  output reg [IDW-1:0] s_axi_rid, output [DW-1:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rlast,
  output s_axi_rvalid, input s_axi_rready);

  localparam LOW = $clog2(DW / 8), WORDS = 4096 / (DW / 8);
  reg [DW-1:0] memory [0:WORDS-1];

  // The address of the beat after this one.
  function [31:0] following(input [31:0] a, input [7:0] len, input [2:0] size, input [1:0] burst);
    reg [31:0] step, whole;
    begin
      step = 32'd1 << size;
      whole = step * ({24'b0, len} + 1);
      case (burst)
        2'b00: following = a;
        2'b10: following = (a & ~(whole - 1)) | ((a + step) & (whole - 1));
        default: following = (a & ~(step - 1)) + step;
      endcase
    end
  endfunction

  reg w, b, r;
  reg [31:0] wa, ra;
  reg [7:0] wlen, rlen, rleft;
  reg [2:0] wsize, rsize;
  reg [1:0] wburst, rburst;
  integer i;
  initial for (i = 0; i < WORDS; i = i + 1) memory[i] = 0;
  assign s_axi_awready = aresetn & !w & !b, s_axi_wready = w, s_axi_bvalid = b;
  assign s_axi_arready = aresetn & !r, s_axi_rvalid = r, s_axi_rlast = rleft == 0;
  assign s_axi_rdata = memory[ra[11:LOW]], s_axi_rresp = ra[15:12] != 0 ? 2 : 0;

  always @(posedge aclk)
    if (!aresetn) begin
      w <= 0; b <= 0; r <= 0; rleft <= 0;
    end else begin
      if (s_axi_awvalid & s_axi_awready) begin
        w <= 1; wa <= s_axi_awaddr; wlen <= s_axi_awlen; wsize <= s_axi_awsize; wburst <= s_axi_awburst;
        s_axi_bid <= s_axi_awid; s_axi_bresp <= 0;
      end
      if (w & s_axi_wvalid) begin
        if (wa[15:12] != 0 || s_axi_wid != s_axi_bid) s_axi_bresp <= 2;
        else for (i = 0; i < DW / 8; i = i + 1)
          if (s_axi_wstrb[i]) memory[wa[11:LOW]][8*i +: 8] <= s_axi_wdata[8*i +: 8];
        wa <= following(wa, wlen, wsize, wburst);
        if (s_axi_wlast) begin w <= 0; b <= 1; end
      end
      if (b & s_axi_bready) b <= 0;
      if (s_axi_arvalid & s_axi_arready) begin
        r <= 1; ra <= s_axi_araddr; rlen <= s_axi_arlen; rleft <= s_axi_arlen; rsize <= s_axi_arsize;
        rburst <= s_axi_arburst; s_axi_rid <= s_axi_arid;
      end else if (r & s_axi_rready) begin
        ra <= following(ra, rlen, rsize, rburst);
        rleft <= rleft - 1;
        if (s_axi_rlast) r <= 0;
      end
    end
endmodule
