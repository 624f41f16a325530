// adder.v - the adder as logic, with the ports and registers that Vitis HLS gives
//   void adder(int a, int b, int &c) { c = a + b; }
// 0x00 CTRL: 0 ap_start, 1 ap_done (until read), 2 ap_idle, 3 ap_ready (until read), 7 auto_restart; 0x04 interrupts of
// the IP on; 0x08 those of ap_done (bit 0) and ap_ready (bit 1) on; 0x0c which have been, write 1 to toggle; 0x10 a;
// 0x18 b; 0x20 c; 0x24 bit 0: c is there (until read).
module adder #(parameter C_S_AXI_CONTROL_ADDR_WIDTH = 6, C_S_AXI_CONTROL_DATA_WIDTH = 32) (
  input ap_clk, input ap_rst_n,
  input [C_S_AXI_CONTROL_ADDR_WIDTH-1:0] s_axi_control_AWADDR, input s_axi_control_AWVALID,
  output s_axi_control_AWREADY,
  input [C_S_AXI_CONTROL_DATA_WIDTH-1:0] s_axi_control_WDATA,
  input [C_S_AXI_CONTROL_DATA_WIDTH/8-1:0] s_axi_control_WSTRB,
  input s_axi_control_WVALID, output s_axi_control_WREADY,
  output [1:0] s_axi_control_BRESP, output s_axi_control_BVALID, input s_axi_control_BREADY,
  input [C_S_AXI_CONTROL_ADDR_WIDTH-1:0] s_axi_control_ARADDR, input s_axi_control_ARVALID,
  output s_axi_control_ARREADY,
  output reg [C_S_AXI_CONTROL_DATA_WIDTH-1:0] s_axi_control_RDATA, output [1:0] s_axi_control_RRESP,
  output s_axi_control_RVALID, input s_axi_control_RREADY, output interrupt);

  localparam LATENCY = 2; // cycles

  // ---- one write at a time: the address, then the data, then the answer; and one read
  localparam ADDRESS = 0, DATA = 1, ANSWER = 2;
  reg [1:0] w;
  reg r;
  reg [5:0] waddr;
  assign s_axi_control_AWREADY = ap_rst_n & w == ADDRESS, s_axi_control_WREADY = w == DATA;
  assign s_axi_control_BVALID = w == ANSWER, s_axi_control_BRESP = 0;
  assign s_axi_control_ARREADY = ap_rst_n & !r, s_axi_control_RVALID = r, s_axi_control_RRESP = 0;
  wire write = s_axi_control_WREADY & s_axi_control_WVALID, read = s_axi_control_ARREADY & s_axi_control_ARVALID;
  wire [5:0] raddr = s_axi_control_ARADDR;
  wire [31:0] mask = {{8{s_axi_control_WSTRB[3]}}, {8{s_axi_control_WSTRB[2]}}, {8{s_axi_control_WSTRB[1]}},
                      {8{s_axi_control_WSTRB[0]}}};
  wire [31:0] word = s_axi_control_WDATA & mask;

  // ---- registers
  reg start, done, idle, ready, restart, gie, c_there;
  reg [1:0] ier, isr;
  reg [31:0] a, b, c;
  reg [7:0] left;
  wire ends = !idle & left == 0;
  assign interrupt = gie & |isr;

  always @(posedge ap_clk)
    if (!ap_rst_n) begin
      w <= ADDRESS; r <= 0;
      start <= 0; done <= 0; idle <= 1; ready <= 0; restart <= 0; gie <= 0; c_there <= 0; ier <= 0; isr <= 0;
      a <= 0; b <= 0; c <= 0; left <= 0;
    end else begin
      case (w)
        ADDRESS: if (s_axi_control_AWVALID) begin waddr <= s_axi_control_AWADDR; w <= DATA; end
        DATA: if (s_axi_control_WVALID) w <= ANSWER;
        default: if (s_axi_control_BREADY) w <= ADDRESS;
      endcase
      r <= read | r & !s_axi_control_RREADY;
      if (read) begin
        case (raddr)
          6'h00: s_axi_control_RDATA <= {24'b0, restart, 3'b0, ready, idle, done, start};
          6'h04: s_axi_control_RDATA <= {31'b0, gie};
          6'h08: s_axi_control_RDATA <= {30'b0, ier};
          6'h0c: s_axi_control_RDATA <= {30'b0, isr};
          6'h10: s_axi_control_RDATA <= a;
          6'h18: s_axi_control_RDATA <= b;
          6'h20: s_axi_control_RDATA <= c;
          6'h24: s_axi_control_RDATA <= {31'b0, c_there};
          default: s_axi_control_RDATA <= 0;
        endcase
        if (raddr == 6'h00) begin done <= 0; ready <= 0; end
        if (raddr == 6'h24) c_there <= 0;
      end
      if (write) case (waddr)
        6'h00: begin
          if (word[0]) start <= 1;
          if (mask[7]) restart <= word[7];
        end
        6'h04: if (mask[0]) gie <= word[0];
        6'h08: if (mask[0]) ier <= word[1:0];
        6'h0c: isr <= isr ^ word[1:0];
        6'h10: a <= a & ~mask | word;
        6'h18: b <= b & ~mask | word;
        default: ;
      endcase
      if (idle & start) begin idle <= 0; left <= LATENCY; end
      if (!idle & left != 0) left <= left - 1;
      if (ends) begin
        c <= a + b; c_there <= 1; done <= 1; ready <= 1; idle <= 1; start <= restart;
        isr <= isr | ier;
      end
    end
endmodule
