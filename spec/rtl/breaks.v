// breaks.v - breaks one rule of the protocol, once: the number of the rule is written to 0x10. Rules of its AXI4
// master (64 bit), which else does four beats of INCR at the address in 0x14:
//    1 ARVALID falls before ARREADY      2 ARADDR changes before ARREADY    3 WVALID falls before WREADY
//    4 WDATA changes before WREADY       5 a read burst over 4 KiB          6 ARSIZE wider than the bus
//    7 WRAP of three beats               8 WRAP from an unaligned address   9 FIXED of 17 beats
//   10 WLAST with the second beat       11 no WLAST                        12 WSTRB beside the beat (AWSIZE 4 bytes)
//   13 the reserved burst type 3        14 an exclusive read of 24 bytes   15 a write burst over 4 KiB
// of its slave port: 20 BVALID without a write, 21 RVALID without a read, 22 RDATA changes before RREADY with the
// next read, 23 BVALID falls before BREADY with the next write; of its stream: 30 TVALID falls before TREADY,
// 31 TDATA changes before TREADY. 0 is a write and a read that break none. 0x18 reads 1 while it is at work.
// What falls or changes does so after a cycle without ready: stalls are needed. With IN_RESET = 1 the master's
// valids are up in reset.
module breaks #(parameter IN_RESET = 0) (
  input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output [31:0] m_axi_awaddr, output [7:0] m_axi_awlen, output [2:0] m_axi_awsize, output [1:0] m_axi_awburst,
  output m_axi_awlock, output m_axi_awvalid, input m_axi_awready,
  output [63:0] m_axi_wdata, output [7:0] m_axi_wstrb, output m_axi_wlast, output m_axi_wvalid, input m_axi_wready,
  input [1:0] m_axi_bresp, input m_axi_bvalid, output m_axi_bready,
  output [31:0] m_axi_araddr, output [7:0] m_axi_arlen, output [2:0] m_axi_arsize, output [1:0] m_axi_arburst,
  output m_axi_arlock, output m_axi_arvalid, input m_axi_arready,
  input [63:0] m_axi_rdata, input [1:0] m_axi_rresp, input m_axi_rlast, input m_axi_rvalid, output m_axi_rready,
  output [31:0] out_tdata, output out_tvalid, input out_tready, output out_tlast);

  wire wr, rd, p_bvalid, p_rvalid;
  wire [7:0] waddr, raddr;
  wire [31:0] wval, p_rdata;
  wire [3:0] wmask;
  reg [31:0] rval, base;
  reg [7:0] rule;
  reg late, bad_b, bad_r, drop_b, change_r;
  wire dropped = drop_b & late;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb,
    s_axi_wvalid, s_axi_wready, s_axi_bresp, p_bvalid, s_axi_bready & !dropped, s_axi_araddr, s_axi_arvalid, s_axi_arready,
    p_rdata, s_axi_rresp, p_rvalid, s_axi_rready, wr, waddr, wval, wmask, 2'b00, rd, raddr, rval, 2'b00);

  // At work: the read side, then the write side, then the stream. `late`: a cycle without ready has been.
  localparam IDLE = 0, READ = 1, READ_DATA = 2, WRITE = 3, WRITE_DATA = 4, ANSWER = 5, STREAM = 6, SLAVE = 7, GAP = 8;
  reg [3:0] st, back;
  reg [7:0] beat;
  wire reads = rule == 1 | rule == 2 | rule >= 5 & rule <= 9 | rule == 13 | rule == 14 | rule == 0;
  wire [7:0] len = rule == 7 ? 2 : rule == 9 ? 16 : rule == 14 ? 2 : 3;
  wire [1:0] burst = rule == 7 | rule == 8 ? 2 : rule == 9 ? 0 : rule == 13 ? 3 : 1;
  wire [31:0] over = {base[31:12], 12'hff0};
  wire reset_valid = IN_RESET != 0 & !aresetn;

  assign m_axi_arvalid = st == READ & reads | reset_valid, m_axi_arlen = len, m_axi_arburst = burst;
  assign m_axi_arlock = rule == 14, m_axi_arsize = rule == 6 ? 4 : 3;
  assign m_axi_araddr = rule == 5 ? over : rule == 8 ? base + 4 : rule == 2 & late ? base + 64 : base;
  assign m_axi_rready = st == READ_DATA;
  assign m_axi_awvalid = st == WRITE | reset_valid, m_axi_awlen = 3, m_axi_awburst = 1, m_axi_awlock = 0;
  assign m_axi_awsize = rule == 12 ? 2 : 3, m_axi_awaddr = rule == 15 ? over : base;
  assign m_axi_wvalid = st == WRITE_DATA | reset_valid, m_axi_wstrb = 8'hff;
  assign m_axi_wdata = {56'h11223344556677, beat} ^ (rule == 4 & late ? 64'hff00 : 64'h0);
  assign m_axi_wlast = rule == 10 ? beat == 1 | beat == 3 : rule == 11 ? 0 : beat == 3;
  assign m_axi_bready = st == ANSWER;
  assign out_tvalid = st == STREAM, out_tdata = rule == 31 & late ? 32'h2 : 32'h1, out_tlast = 1;
  assign s_axi_bvalid = (p_bvalid | bad_b) & !dropped, s_axi_rvalid = p_rvalid | bad_r;
  assign s_axi_rdata = p_rdata ^ {31'b0, change_r & late};

  always @* case (raddr[7:2])
    4: rval = {24'b0, rule};
    5: rval = base;
    6: rval = {31'b0, st != IDLE};
    default: rval = 0;
  endcase

  // Ready or not: goes on, or keeps in mind that there was a cycle without; a valid that falls takes a pause.
  task hold(input ready, input falls, input [3:0] next);
    if (ready) begin st <= next; late <= 0; end
    else if (falls && !late) begin late <= 1; back <= st; st <= GAP; end
    else late <= 1;
  endtask

  always @(posedge aclk)
    if (!aresetn) begin
      st <= IDLE; back <= IDLE; beat <= 0; late <= 0; rule <= 0; base <= 0;
      bad_b <= 0; bad_r <= 0; drop_b <= 0; change_r <= 0;
    end else begin
      if (wr && waddr[7:2] == 5) base <= wval;
      if (bad_b & s_axi_bready) bad_b <= 0;
      if (bad_r & s_axi_rready) bad_r <= 0;
      if (change_r & p_rvalid) begin if (s_axi_rready) begin change_r <= 0; late <= 0; end else late <= 1; end
      if (drop_b & p_bvalid) begin if (s_axi_bready | late) begin drop_b <= 0; late <= 0; end else late <= 1; end
      case (st)
        IDLE: if (wr && waddr[7:2] == 4) begin
            rule <= wval[7:0]; beat <= 0; late <= 0;
            st <= wval >= 30 ? STREAM : wval >= 20 ? SLAVE : READ;
          end
        READ: if (!reads) st <= WRITE; else hold(m_axi_arready, rule == 1, READ_DATA);
        READ_DATA: if (m_axi_rvalid & m_axi_rlast) st <= rule == 0 ? WRITE : IDLE;
        WRITE: hold(m_axi_awready, 0, WRITE_DATA);
        WRITE_DATA: begin
          if (m_axi_wready) beat <= beat + 1;
          if (!m_axi_wready | beat == 3) hold(m_axi_wready, rule == 3, ANSWER);
        end
        ANSWER: if (m_axi_bvalid) st <= IDLE;
        STREAM: hold(out_tready, rule == 30, IDLE);
        SLAVE: if (!p_bvalid) begin // the write that asked for it is over
            bad_b <= rule == 20; bad_r <= rule == 21; change_r <= rule == 22; drop_b <= rule == 23;
            st <= IDLE;
          end
        GAP: st <= back;
        default: st <= IDLE;
      endcase
    end
endmodule
