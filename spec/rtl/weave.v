// weave.v - AXI4 slave with a memory of 4 KiB for INCR bursts over the whole bus. Four reads and four writes are under
// way at once: read data of different IDs come beat by beat in turns, answers to writes of different IDs the youngest
// first. Bits 15 to 12 of the address say what it does wrong:
//    1 RLAST with every beat   2 no RLAST    3 RID nobody has asked for   4 EXOKAY to a read     5 BID nobody has
//    6 two answers to a write  7 the answer before the data              8 EXOKAY to a write    9 no answer to a read
//   10 no answer to a write   11 no ARREADY 12 no AWREADY, no WREADY     13 no WREADY          14 SLVERR to both
//   15 data that read are ARCACHE and, at bit 8, ARLOCK
module weave #(parameter DW = 64, IDW = 4) (
  input aclk, input aresetn,
  input [IDW-1:0] s_axi_awid, input [31:0] s_axi_awaddr, input [7:0] s_axi_awlen, input [2:0] s_axi_awsize,
  input [1:0] s_axi_awburst, input s_axi_awvalid, output s_axi_awready,
  input [DW-1:0] s_axi_wdata, input [DW/8-1:0] s_axi_wstrb, input s_axi_wlast, input s_axi_wvalid, output s_axi_wready,
  output reg [IDW-1:0] s_axi_bid, output reg [1:0] s_axi_bresp, output reg s_axi_bvalid, input s_axi_bready,
  input [IDW-1:0] s_axi_arid, input [31:0] s_axi_araddr, input [7:0] s_axi_arlen, input [2:0] s_axi_arsize,
  input [1:0] s_axi_arburst, input [3:0] s_axi_arcache, input s_axi_arlock, input s_axi_arvalid, output s_axi_arready,
  output reg [IDW-1:0] s_axi_rid, output reg [DW-1:0] s_axi_rdata, output reg [1:0] s_axi_rresp, output reg s_axi_rlast,
  output reg s_axi_rvalid, input s_axi_rready);

  localparam LOW = $clog2(DW / 8), WORDS = 4096 / (DW / 8);
  reg [DW-1:0] memory [0:WORDS-1];
  integer i;
  initial for (i = 0; i < WORDS; i = i + 1) memory[i] = 0;

  // Slot k of a direction waits for the slots in `older`, which have its ID and came before it.
  reg [3:0] reads, writes, filled, r_older [0:3], w_older [0:3];
  reg [IDW-1:0] r_id [0:3], w_id [0:3];
  reg [31:0] r_at [0:3], w_at [0:3];
  reg [8:0] r_kind [0:3]; // ARLOCK, ARCACHE
  reg [7:0] r_left [0:3];
  reg [3:0] r_wrong [0:3], w_wrong [0:3];
  reg [1:0] r_next, r_turn, w_next, w_fill; // slots: of the next address, of the last beat, of the data
  reg [3:0] pause;
  reg again;

  wire [3:0] ar_wrong = s_axi_araddr[15:12], aw_wrong = s_axi_awaddr[15:12];
  wire data = writes[w_fill] & !filled[w_fill];
  assign s_axi_arready = aresetn & !reads[r_next] & !(s_axi_arvalid & ar_wrong == 11);
  assign s_axi_awready = aresetn & !writes[w_next] & !(s_axi_awvalid & aw_wrong == 12);
  assign s_axi_wready = data & w_wrong[w_fill] != 13;
  wire ar = s_axi_arvalid & s_axi_arready, aw = s_axi_awvalid & s_axi_awready, w = s_axi_wvalid & s_axi_wready;

  // Which slot has the next beat: the first after the last one's; and the next answer: the youngest.
  reg [1:0] rk, bk, k;
  reg r_some, b_some;
  always @* begin
    r_some = 0; b_some = 0; rk = 0; bk = 0;
    for (i = 4; i > 0; i = i - 1) begin
      k = r_turn + i[1:0];
      if (reads[k] & r_older[k] == 0 & r_wrong[k] != 9) begin rk = k; r_some = 1; end
      k = w_fill - 1 - i[1:0] + 1;
      if (writes[k] & filled[k] & w_older[k] == 0 & w_wrong[k] != 10) begin bk = k; b_some = 1; end
    end
  end
  wire r_go = r_some & (!s_axi_rvalid | s_axi_rready), b_go = b_some & !s_axi_bvalid & pause == 0;
  wire early = aw & aw_wrong == 7;

  // Those of the same ID that are there already, but for the one that ends now.
  function [3:0] same(input [IDW-1:0] id, input [3:0] there, input [IDW-1:0] i0, i1, i2, i3);
    same = there & {i3 == id, i2 == id, i1 == id, i0 == id};
  endfunction
  wire [3:0] r_end = r_go & r_left[rk] == 0 ? 4'd1 << rk : 0, b_end = b_go ? 4'd1 << bk : 0;

  always @(posedge aclk)
    if (!aresetn) begin
      reads <= 0; writes <= 0; filled <= 0; r_next <= 0; r_turn <= 0; w_next <= 0; w_fill <= 0; pause <= 0; again <= 0;
      s_axi_rvalid <= 0; s_axi_bvalid <= 0;
    end else begin
      pause <= pause + 1;
      for (i = 0; i < 4; i = i + 1) begin
        r_older[i] <= r_older[i] & ~r_end;
        w_older[i] <= w_older[i] & ~b_end;
      end
      reads <= reads & ~r_end;
      writes <= writes & ~b_end;
      filled <= filled & ~b_end;
      if (ar) begin
        r_id[r_next] <= s_axi_arid; r_at[r_next] <= s_axi_araddr; r_left[r_next] <= s_axi_arlen;
        r_wrong[r_next] <= ar_wrong; r_kind[r_next] <= {s_axi_arlock, 4'b0, s_axi_arcache};
        r_older[r_next] <= same(s_axi_arid, reads & ~r_end, r_id[0], r_id[1], r_id[2], r_id[3]);
        reads[r_next] <= 1; r_next <= r_next + 1;
      end
      if (s_axi_rvalid & s_axi_rready) s_axi_rvalid <= 0;
      if (r_go) begin
        s_axi_rvalid <= 1;
        s_axi_rid <= r_wrong[rk] == 3 ? r_id[rk] ^ 8 : r_id[rk];
        s_axi_rdata <= r_wrong[rk] == 15 ? {{DW-9{1'b0}}, r_kind[rk]} : memory[r_at[rk][11:LOW]];
        s_axi_rresp <= r_wrong[rk] == 4 ? 1 : r_wrong[rk] == 14 ? 2 : 0;
        s_axi_rlast <= r_wrong[rk] == 1 | r_left[rk] == 0 & r_wrong[rk] != 2;
        r_at[rk] <= r_at[rk] + DW / 8; r_left[rk] <= r_left[rk] - 1; r_turn <= rk;
      end
      if (aw) begin
        w_id[w_next] <= s_axi_awid; w_at[w_next] <= s_axi_awaddr; w_wrong[w_next] <= aw_wrong;
        w_older[w_next] <= same(s_axi_awid, writes & ~b_end, w_id[0], w_id[1], w_id[2], w_id[3]);
        writes[w_next] <= 1; w_next <= w_next + 1;
      end
      if (w) begin
        for (i = 0; i < DW / 8; i = i + 1)
          if (s_axi_wstrb[i]) memory[w_at[w_fill][11:LOW]][8*i +: 8] <= s_axi_wdata[8*i +: 8];
        w_at[w_fill] <= w_at[w_fill] + DW / 8;
        if (s_axi_wlast) begin filled[w_fill] <= 1; w_fill <= w_fill + 1; end
      end
      if (s_axi_bvalid & s_axi_bready) s_axi_bvalid <= 0;
      if (b_go | again | early) begin
        s_axi_bvalid <= 1;
        again <= b_go & w_wrong[bk] == 6;
        if (b_go | early) begin
          s_axi_bid <= early ? s_axi_awid : w_wrong[bk] == 5 ? w_id[bk] ^ 8 : w_id[bk];
          s_axi_bresp <= !b_go ? 0 : w_wrong[bk] == 8 ? 1 : w_wrong[bk] == 14 ? 2 : 0;
        end
      end
    end
endmodule
