// bursts.v - AXI4 master that asks for one to four bursts, as its registers say, and keeps what comes:
//   0x00 write 1: reads, 2: writes; reads as 1 while it is at work     0x04 address; the next burst is at 0x100 more
//   0x08 AxLEN [7:0], AxSIZE [10:8], AxBURST [13:12], AxLOCK [16], AxCACHE[1] [17], bursts - 1 [21:20], [24]: IDs 0, 1,
//        ... (else all 0)
//   0x200 + 8k data of beat k to write, 0x300 + 4k its strobes (16 beats, the same for each burst)
//   0x400 + 8k data of beat k that came, 0x600 + 4k of it RID [11:8], RLAST [4], RRESP [1:0] (64 beats)
//   0x700 + 4k answer k to a write: BID [11:8], BRESP [1:0]           0x0c beats and answers that came
module bursts (input aclk, input aresetn,
  input [10:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready, input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb,
  input s_axi_wvalid, output s_axi_wready, output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [10:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready, output [31:0] s_axi_rdata,
  output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output [3:0] m_axi_awid, output [31:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize,
  output [1:0] m_axi_awburst, output m_axi_awlock, output [3:0] m_axi_awcache, output m_axi_awvalid,
  input m_axi_awready,
  output [63:0] m_axi_wdata, output [7:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
  input [3:0] m_axi_bid, input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
  output [3:0] m_axi_arid, output [31:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize,
  output [1:0] m_axi_arburst, output m_axi_arlock, output [3:0] m_axi_arcache, output m_axi_arvalid,
  input m_axi_arready,
  input [3:0] m_axi_rid, input [63:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast, input m_axi_rvalid,
  output m_axi_rready);

  wire wr, rd;
  wire [10:0] waddr, raddr;
  wire [31:0] wval;
  wire [3:0] wmask;
  reg [31:0] rval, base, shape;
  axil_port #(11) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb, s_axi_wvalid,
    s_axi_wready, s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready, s_axi_rdata,
    s_axi_rresp, s_axi_rvalid, s_axi_rready, wr, waddr, wval, wmask, 2'b00, rd, raddr, rval, 2'b00);

  reg [31:0] to_write [0:31], came [0:127], about [0:63], answers [0:3];
  reg [7:0] strobes [0:15];
  reg [2:0] announced, sent, answered; // bursts; 4 is none left
  reg reads, writes;
  reg [7:0] beat;
  reg [6:0] beats;
  wire [2:0] n = {1'b0, shape[21:20]} + 1;
  wire [7:0] len = shape[7:0];
  wire [3:0] id = shape[24] ? {1'b0, announced} : 0;
  wire [31:0] at = base + {21'b0, announced, 8'b0};
  assign m_axi_arid = id, m_axi_araddr = at, m_axi_arlen = len, m_axi_arsize = shape[10:8], m_axi_arburst = shape[13:12];
  assign m_axi_awid = id, m_axi_awaddr = at, m_axi_awlen = len, m_axi_awsize = shape[10:8], m_axi_awburst = shape[13:12];
  assign m_axi_arlock = shape[16], m_axi_awlock = shape[16];
  assign m_axi_arcache = {2'b0, shape[17], 1'b0}, m_axi_awcache = {2'b0, shape[17], 1'b0};
  assign m_axi_arvalid = reads & announced != n, m_axi_awvalid = writes & announced != n;
  assign m_axi_wvalid = writes & sent != n, m_axi_wlast = beat == len, m_axi_wstrb = strobes[beat[3:0]];
  assign m_axi_wdata = {to_write[{beat[3:0], 1'b1}], to_write[{beat[3:0], 1'b0}]};
  assign m_axi_bready = 1, m_axi_rready = 1;

  always @* casez (raddr)
    11'h000: rval = {31'b0, reads | writes};
    11'h004: rval = base;
    11'h008: rval = shape;
    11'h00c: rval = {25'b0, beats};
    11'b100_????_????, 11'b101_????_????: rval = came[raddr[8:2]];
    11'b110_????_????: rval = about[raddr[7:2]];
    11'b111_????_????: rval = answers[raddr[3:2]];
    default: rval = 0;
  endcase

  always @(posedge aclk)
    if (!aresetn) begin
      base <= 0; shape <= 0; announced <= 0; sent <= 0; answered <= 0; reads <= 0; writes <= 0; beat <= 0; beats <= 0;
    end else begin
      if (wr) casez (waddr)
        11'h000: begin
          reads <= wval[0]; writes <= wval[1]; announced <= 0; sent <= 0; answered <= 0; beat <= 0; beats <= 0;
        end
        11'h004: base <= wval;
        11'h008: shape <= wval;
        11'b010_0???_????: to_write[waddr[6:2]] <= wval;
        11'b011_00??_????: strobes[waddr[5:2]] <= wval[7:0];
        default: ;
      endcase
      if (m_axi_arvalid & m_axi_arready | m_axi_awvalid & m_axi_awready) announced <= announced + 1;
      if (m_axi_wvalid & m_axi_wready) begin
        beat <= m_axi_wlast ? 0 : beat + 1;
        if (m_axi_wlast) sent <= sent + 1;
      end
      if (m_axi_rvalid) begin
        came[{beats[5:0], 1'b0}] <= m_axi_rdata[31:0]; came[{beats[5:0], 1'b1}] <= m_axi_rdata[63:32];
        about[beats[5:0]] <= {20'b0, m_axi_rid, 3'b0, m_axi_rlast, 2'b0, m_axi_rresp};
        beats <= beats + 1;
        if (m_axi_rlast) begin answered <= answered + 1; if (answered + 1 == n) reads <= 0; end
      end
      if (m_axi_bvalid) begin
        answers[answered[1:0]] <= {20'b0, m_axi_bid, 6'b0, m_axi_bresp};
        beats <= beats + 1;
        answered <= answered + 1;
        if (answered + 1 == n) writes <= 0;
      end
    end
endmodule
