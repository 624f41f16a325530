// bram_bench.v - the stubs of block RAM: widths, byte enables, parity, write modes, registers and their resets, what is
// in them at start, both generations.
module bram_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask

  // ---- 36 bits wide on one side, 9 on the other, of another clock; contents at start
  reg [15:0] a = 0, b = 0;
  reg [3:0] we = 0;
  reg [31:0] d = 0;
  reg [3:0] dp = 0;
  reg clear = 0;
  wire [31:0] q, q9, q_keeps;
  wire [3:0] qp, qp9;
  RAMB36E1 #(
    .READ_WIDTH_A(36), .WRITE_WIDTH_A(36), .READ_WIDTH_B(9), .WRITE_WIDTH_B(9), .WRITE_MODE_A("READ_FIRST"),
    .INIT_00(256'h88888888_77777777_66666666_55555555_44444444_33333333_22222222_11223344),
    .INITP_00(256'h5), .INIT_A(36'habcdef012), .SRVAL_A(36'hf00000077)
  ) wide (
    .CLKARDCLK(clk_a), .CLKBWRCLK(clk_b), .ENARDEN(1'b1), .ENBWREN(1'b1), .ADDRARDADDR(a), .ADDRBWRADDR(b),
    .WEA(we), .WEBWE(8'b0), .DIADI(d), .DIPADIP(dp), .DIBDI(32'b0), .DIPBDIP(4'b0), .DOADO(q), .DOPADOP(qp),
    .DOBDO(q9), .DOPBDOP(qp9), .REGCEAREGCE(1'b1), .REGCEB(1'b1), .RSTRAMARSTRAM(clear), .RSTRAMB(1'b0),
    .RSTREGARSTREG(1'b0), .RSTREGB(1'b0), .CASCADEINA(1'b0), .CASCADEINB(1'b0), .INJECTDBITERR(1'b0),
    .INJECTSBITERR(1'b0));
  RAMB36E1 #(.READ_WIDTH_A(36), .WRITE_WIDTH_A(36), .WRITE_MODE_A("NO_CHANGE"), .DOA_REG(1), .SRVAL_A(36'h1)) keeps (
    .CLKARDCLK(clk_a), .CLKBWRCLK(clk_a), .ENARDEN(1'b1), .ENBWREN(1'b0), .ADDRARDADDR(a), .ADDRBWRADDR(16'b0),
    .WEA(we), .WEBWE(8'b0), .DIADI(d), .DIPADIP(dp), .DIBDI(32'b0), .DIPBDIP(4'b0), .DOADO(q_keeps), .REGCEAREGCE(1'b1),
    .REGCEB(1'b1), .RSTRAMARSTRAM(1'b0), .RSTRAMB(1'b0), .RSTREGARSTREG(clear), .RSTREGB(1'b0), .CASCADEINA(1'b0),
    .CASCADEINB(1'b0), .INJECTDBITERR(1'b0), .INJECTSBITERR(1'b0));
  always @(posedge clk_a) case (n)
    1: begin a <= 16'h8020; b <= 16'h0009; end  // bit 15 is of cascades, the lowest count for nothing
    3: check(q == 32'h22222222 & qp == 4'b0000, "init");
    4: begin a <= 16'h0000; end
    6: check(q == 32'h11223344 & qp == 4'b0101, "parity");
    8: begin check(q9 == 32'h33 & qp9 == 0, "narrow"); b <= 16'h0010; end
    14: check(q9 == 32'h22 & qp9 == 1, "narrowp");
    20: begin we <= 4'b0101; d <= 32'haabbccdd; dp <= 4'b1010; end
    21: we <= 0;                                            // written at this edge
    22: check(q == 32'h11223344 & q_keeps == 0, "rfirst");
    23: begin check(q == 32'h11bb33dd & qp == 4'b0000, "bytes"); clear <= 1; end
    24: begin check(q_keeps == 32'h00bb00dd, "keeps"); end
    25: begin check(q == 32'h77 & qp == 4'hf & q_keeps == 1, "srval"); clear <= 0; end
    26: b <= 16'h0010;
    32: check(q9 == 32'hbb & qp9 == 0, "crossed");
    default: ;
  endcase

  // ---- written 18 bits wide, read 72 bits wide; UltraScale, with its register
  reg [14:0] wa = 0, ra = 0;
  reg [8:0] row = 0, row1 = 0, row2 = 0;
  wire [63:0] w72;
  wire [7:0] p72;
  reg wr = 0;
  wire [10:0] item = wa[14:4];
  RAMB36E2 #(.READ_WIDTH_A(72), .WRITE_WIDTH_B(18), .DOA_REG(1), .DOB_REG(0)) asymmetric (
    .CLKARDCLK(clk_b), .CLKBWRCLK(clk_a), .ENARDEN(1'b1), .ENBWREN(wr), .ADDRARDADDR({row, 6'b0}), .ADDRBWRADDR(wa),
    .WEA(4'b0), .WEBWE(8'hff), .DINADIN(32'b0), .DINPADINP(4'b0), .DINBDIN({16'hffff, 5'b0, item}),
    .DINPBDINP({2'b00, item[1:0]}), .DOUTADOUT(w72[31:0]), .DOUTBDOUT(w72[63:32]), .DOUTPADOUTP(p72[3:0]),
    .DOUTPBDOUTP(p72[7:4]), .REGCEAREGCE(1'b1), .REGCEB(1'b1), .RSTRAMARSTRAM(1'b0), .RSTRAMB(1'b0),
    .RSTREGARSTREG(1'b0), .RSTREGB(1'b0), .SLEEP(1'b0), .ADDRENA(1'b0), .ADDRENB(1'b0));
  always @(posedge clk_a) begin
    wr <= n > 10 & n < 500;
    if (wr) wa <= wa + 16;
  end
  always @(posedge clk_b) begin
    row <= n > 600 ? row + 1 : 0;
    row1 <= row; row2 <= row1;
    if (n > 620 & n < 700)
      check(p72 == 8'b11100100 &
            w72 == {5'b0, row2, 2'd3, 5'b0, row2, 2'd2, 5'b0, row2, 2'd1, 5'b0, row2, 2'd0}, "wide72");
  end

  // ---- 18 Kbit: both generations, one bit wide against two, and 36 bits as one writes and one reads
  reg [13:0] sa = 0;
  reg [31:0] line = 1;
  wire [15:0] q1, q2, o_low, o_high;
  RAMB18E1 #(.READ_WIDTH_A(1), .WRITE_WIDTH_A(1), .READ_WIDTH_B(2), .WRITE_WIDTH_B(2)) bits (
    .CLKARDCLK(clk_a), .CLKBWRCLK(clk_a), .ENARDEN(1'b1), .ENBWREN(1'b1), .ADDRARDADDR(sa),
    .ADDRBWRADDR({sa[13:1], 1'b1}), .WEA({2{n[0]}}), .WEBWE(4'b0), .DIADI({15'h7fff, line[0]}), .DIPADIP(2'b0),
    .DIBDI(16'b0), .DIPBDIP(2'b0), .DOADO(q1), .DOBDO(q2), .REGCEAREGCE(1'b0), .REGCEB(1'b0), .RSTRAMARSTRAM(1'b0),
    .RSTRAMB(1'b0), .RSTREGARSTREG(1'b0), .RSTREGB(1'b0));
  RAMB18E2 #(.READ_WIDTH_A(36), .WRITE_WIDTH_B(36), .DOA_REG(0), .DOB_REG(0), .SRVAL_A(18'h1), .SRVAL_B(18'h2)) fifo (
    .CLKARDCLK(clk_a), .CLKBWRCLK(clk_a), .ENARDEN(1'b1), .ENBWREN(1'b1), .ADDRARDADDR(14'b0), .ADDRBWRADDR(14'b0),
    .WEA(2'b0), .WEBWE({4{n == 50}}), .DINADIN(16'h1234), .DINBDIN(16'habcd), .DINPADINP(2'b0), .DINPBDINP(2'b0),
    .DOUTADOUT(o_low), .DOUTBDOUT(o_high), .REGCEAREGCE(1'b0), .REGCEB(1'b0), .RSTRAMARSTRAM(n == 60), .RSTRAMB(1'b0),
    .RSTREGARSTREG(1'b0), .RSTREGB(1'b0), .SLEEP(1'b0), .ADDRENA(1'b0), .ADDRENB(1'b0));
  reg [1:0] pair = 0;
  always @(posedge clk_a) begin
    if (n[1:0] == 3) sa <= sa + 1;
    line <= {line[30:0], line[31] ^ line[21] ^ line[1] ^ line[0]};
    if (n[0] & n > 20) pair[sa[0]] <= line[0];
    // what was written is there two cycles later; the other bit of the pair was written before
    if (n > 40 & n[1:0] == 3) check(q1[15:0] == {15'b0, pair[sa[0]]}, "bit");
    if (n > 40 & n[1:0] == 3 & sa[0]) check(q2 == {14'b0, pair}, "pair");
    if (n == 52) check({o_high, o_low} == 32'habcd1234, "both");
    if (n == 61) check({o_high, o_low} == 32'h00020001, "srval36");
    if (n == 1000) done <= 1;
  end
endmodule
