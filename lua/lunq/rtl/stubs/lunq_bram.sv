// lunq_bram.sv - a block RAM of AMD, RAMB18 or RAMB36 of either generation: data and parity bits in a memory each,
// ports of 1 to 36 bits, or of 72 (36) where one reads and the other writes. Written from UG473 and UG573. No ECC, no
// cascade. A word that one port writes while the other reads it is the old one.
module lunq_bram #(
  parameter K = 32, // thousands of data bits
            MODE = "TDP", RA = 0, RB = 0, WA = 0, WB = 0, MODE_A = "WRITE_FIRST", MODE_B = "WRITE_FIRST", REG_A = 0,
            REG_B = 0, PRIORITY_A = "RSTREG", PRIORITY_B = "RSTREG",
  parameter [K*1024-1:0] INIT = 0, parameter [K*128-1:0] INITP = 0,
  parameter [K*9/8-1:0] START_A = 0, START_B = 0, RESET_A = 0, RESET_B = 0 // parity bits in front of K data bits
) (
  input clk_a, input clk_b, input en_a, input en_b, input rst_a, input rst_b, input rstreg_a, input rstreg_b,
  input regce_a, input regce_b, input [14:0] addr_a, input [14:0] addr_b, input [3:0] we_a, input [7:0] we_b,
  input [K-1:0] in_a, input [K-1:0] in_b, input [K/8-1:0] inp_a, input [K/8-1:0] inp_b,
  output [K-1:0] out_a, output [K-1:0] out_b, output [K/8-1:0] outp_a, output [K/8-1:0] outp_b
);
  // Data bits of a port that has so many bits; one that is not used is as wide as the other direction.
  function automatic integer data(input integer width, input integer other);
    integer w;
    begin
      w = width == 0 ? (other == 0 ? 1 : other) : width;
      data = w < 9 ? w : w / 9 * 8;
    end
  endfunction
  localparam SDP = MODE == "SDP";
  localparam DRA = data(RA, WA), DWA = SDP ? DRA : data(WA, RA), DWB = data(WB, RB), DRB = SDP ? DWB : data(RB, WB);
  localparam LA = DRA < DWA ? DRA : DWA, LB = DRB < DWB ? DRB : DWB;
  localparam BA = DWA < 8 ? DWA : 8, BB = DWB < 8 ? DWB : 8;

  localparam [2*K-1:0] START_D = {START_B[K-1:0], START_A[K-1:0]}, RESET_D = {RESET_B[K-1:0], RESET_A[K-1:0]};
  localparam [K/4-1:0] START_P = {START_B[K +: K/8], START_A[K +: K/8]};
  localparam [K/4-1:0] RESET_P = {RESET_B[K +: K/8], RESET_A[K +: K/8]};

  // The doubled widths take both halves; a narrower write of this mode comes through B.
  wire [2*K-1:0] to_b = SDP && DWB == 2 * K ? {in_b, in_a} : {{K{1'b0}}, in_b};
  wire [K/4-1:0] top_b = SDP && DWB == 2 * K ? {inp_b, inp_a} : {{(K/8){1'b0}}, inp_b};
  wire [DRA-1:0] from_a;
  wire [DRB-1:0] from_b;
  wire wr_a = !SDP & WA != 0, rd_b = !SDP & RB != 0;
  wire end_a = REG_A != 0 ? rstreg_a & (PRIORITY_A == "RSTREG" | regce_a) : rst_a & en_a;
  wire end_b = REG_B != 0 ? rstreg_b & (PRIORITY_B == "RSTREG" | regce_b) : rst_b & en_b;
  wire first_a = REG_A != 0 & rst_a & en_a, first_b = REG_B != 0 & rst_b & en_b;
  localparam OLD_A = MODE_A == "WRITE_FIRST" ? "write_first" : MODE_A == "NO_CHANGE" ? "no_change" : "read_first";
  localparam OLD_B = MODE_B == "WRITE_FIRST" ? "write_first" : MODE_B == "NO_CHANGE" ? "no_change" : "read_first";
  lunq_memory #(
    .BITS(K * 1024), .AWA(15 - $clog2(LA)), .WWA(DWA), .RWA(DRA), .BWA(BA), .LATENCY_A(1 + REG_A), .MODE_A(OLD_A),
    .AWB(15 - $clog2(LB)), .WWB(DWB), .RWB(DRB), .BWB(BB), .LATENCY_B(1 + REG_B), .MODE_B(OLD_B), .INIT(INIT),
    .START_A(START_D[DRA-1:0]), .RESET_A(RESET_D[DRA-1:0]), .START_B(DRB'(START_B)), .RESET_B(DRB'(RESET_B))
  ) bits (
    .clka(clk_a), .ena(en_a), .regcea(regce_a), .rsta(end_a), .rsta_first(first_a), .addra(addr_a[14:$clog2(LA)]),
    .wea(we_a[DWA/BA > 4 ? 3 : DWA/BA-1:0] & {(DWA/BA){wr_a}}), .dina(in_a[DWA > K ? K-1 : DWA-1:0]),
    .douta(from_a), .clkb(clk_b), .enb(en_b), .regceb(regce_b), .rstb(end_b), .rstb_first(first_b),
    .addrb(addr_b[14:$clog2(LB)]), .web(we_b[DWB/BB-1:0]), .dinb(to_b[DWB-1:0]), .doutb(from_b));
  assign out_a = K'(from_a), out_b = SDP ? (DRA == 2 * K ? K'(from_a >> K) : 0) : rd_b ? K'(from_b) : 0;

  generate
    // Parity bits exist for whole bytes only.
    localparam PRA = DRA / 8, PWA = DWA / 8, PRB = DRB / 8, PWB = DWB / 8;
    if (PRA > 0 && PWA > 0 && PRB > 0 && PWB > 0) begin : parity
      wire [PRA-1:0] par_a;
      wire [PRB-1:0] par_b;
      localparam PA = PRA < PWA ? PRA : PWA, PB = PRB < PWB ? PRB : PWB;
      lunq_memory #(
        .BITS(K * 128), .AWA(12 - $clog2(PA)), .WWA(PWA), .RWA(PRA), .BWA(1), .LATENCY_A(1 + REG_A), .MODE_A(OLD_A),
        .AWB(12 - $clog2(PB)), .WWB(PWB), .RWB(PRB), .BWB(1), .LATENCY_B(1 + REG_B), .MODE_B(OLD_B), .INIT(INITP),
        .START_A(START_P[PRA-1:0]), .RESET_A(RESET_P[PRA-1:0]), .START_B(PRB'(START_B >> K)),
        .RESET_B(PRB'(RESET_B >> K))
      ) bits (
        .clka(clk_a), .ena(en_a), .regcea(regce_a), .rsta(end_a), .rsta_first(first_a),
        .addra(addr_a[14:3+$clog2(PA)]), .wea(we_a[PWA > 4 ? 3 : PWA-1:0] & {PWA{wr_a}}),
        .dina(inp_a[PWA > K/8 ? K/8-1 : PWA-1:0]), .douta(par_a), .clkb(clk_b), .enb(en_b), .regceb(regce_b),
        .rstb(end_b), .rstb_first(first_b), .addrb(addr_b[14:3+$clog2(PB)]), .web(we_b[PWB-1:0]),
        .dinb(top_b[PWB-1:0]), .doutb(par_b));
      assign outp_a = (K / 8)'(par_a);
      assign outp_b = SDP ? (PRA == K / 4 ? (K / 8)'(par_a >> (K / 8)) : 0) : rd_b ? (K / 8)'(par_b) : 0;
    end else begin : none
      assign outp_a = 0, outp_b = 0;
    end
  endgenerate
endmodule
