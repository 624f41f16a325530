// clock_bench.v - the stubs of clock managers and buffers, pads with both edges, latches, ROM, and a netlist as Vivado
// writes it.
module clock_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask

  // ---- clocks whose period is a multiple of the input's: with every so many of its edges, and together with it
  wire c1, c2, c3, c5, pll4, pll4b, mmcm4, mmcm4b, adv, fast, by3, gt, hce, ctrl, io, gp, mr, locked, locked4;
  PLLE2_ADV #(.CLKFBOUT_MULT(10), .CLKIN1_PERIOD(10.0), .CLKOUT0_DIVIDE(10), .CLKOUT1_DIVIDE(20), .CLKOUT2_DIVIDE(30),
              .CLKOUT3_DIVIDE(50), .CLKOUT4_DIVIDE(5)) pll (
    .CLKOUT0(c1), .CLKOUT1(c2), .CLKOUT2(c3), .CLKOUT3(c5), .CLKOUT4(fast), .CLKIN1(clk_a), .CLKIN2(1'b0),
    .CLKINSEL(1'b1), .CLKFBIN(1'b0), .PWRDWN(1'b0), .RST(rst), .LOCKED(locked), .DADDR(7'b0), .DCLK(1'b0), .DEN(1'b0),
    .DI(16'b0), .DWE(1'b0));
  PLLE4_BASE #(.CLKFBOUT_MULT(8), .DIVCLK_DIVIDE(2), .CLKOUT0_DIVIDE(12)) of_plus (
    .CLKOUT0(pll4), .CLKOUT0B(pll4b), .CLKIN(clk_a), .CLKFBIN(1'b0), .CLKOUTPHYEN(1'b0), .PWRDWN(1'b0), .RST(rst));
  MMCME4_ADV #(.CLKFBOUT_MULT_F(10.5), .CLKOUT0_DIVIDE_F(21.0), .IS_RST_INVERTED(1'b1)) with_fraction (
    .CLKOUT0(mmcm4), .CLKOUT0B(mmcm4b), .CLKIN1(clk_a), .CLKIN2(1'b0), .CLKINSEL(1'b1), .CLKFBIN(1'b0), .PWRDWN(1'b0),
    .RST(!rst), .LOCKED(locked4), .CDDCREQ(1'b0), .DADDR(7'b0), .DCLK(1'b0), .DEN(1'b0), .DI(16'b0), .DWE(1'b0),
    .PSCLK(1'b0), .PSEN(1'b0), .PSINCDEC(1'b0));
  BUFR #(.BUFR_DIVIDE("3")) regional (.O(by3), .CE(1'b1), .CLR(rst), .I(clk_a));
  BUFG_GT of_gt (.O(gt), .CE(1'b1), .CEMASK(1'b0), .CLR(rst), .CLRMASK(1'b0), .DIV(3'd3), .I(clk_a));
  BUFHCE stops (.O(hce), .CE(n < 50), .I(clk_a));
  BUFGCTRL chooses (.O(ctrl), .CE0(1'b1), .CE1(1'b1), .I0(clk_a), .I1(1'b0), .IGNORE0(1'b0), .IGNORE1(1'b0),
                    .S0(n < 100), .S1(n >= 100));
  BUFIO wire1 (.O(io), .I(clk_a));
  BUFGP wire2 (.O(gp), .I(clk_a));
  BUFMR wire3 (.O(mr), .I(clk_a));
  reg [15:0] k1 = 0, k2 = 0, k3 = 0, k5 = 0, kp = 0, km = 0, kf = 0, kr = 0, kg = 0, kh = 0, kc = 0;
  reg [15:0] at2 = 0, at2_was = 0;
  always @(posedge c1) k1 <= rst ? 0 : k1 + 1;
  always @(posedge c2) k2 <= rst ? 0 : k2 + 1;
  always @(posedge c3) k3 <= rst ? 0 : k3 + 1;
  always @(posedge c5) k5 <= rst ? 0 : k5 + 1;
  always @(posedge pll4) kp <= rst ? 0 : kp + 1;
  always @(posedge mmcm4) km <= rst ? 0 : km + 1;
  always @(posedge fast) kf <= rst ? 0 : kf + 1;
  always @(posedge by3) kr <= rst ? 0 : kr + 1;
  always @(posedge gt) kg <= rst ? 0 : kg + 1;
  always @(posedge hce) kh <= rst ? 0 : kh + 1;
  always @(posedge ctrl) kc <= rst ? 0 : kc + 1;
  // What one clock sets is seen by the other one a period later, as where edges fall together.
  always @(posedge c2) begin at2 <= n; at2_was <= at2; end
  always @(posedge clk_a) if (n > 20 & at2_was != 0) check(at2 == at2_was + 2, "together");
  always @(posedge c2) if (n > 20) check(n == at2 + 2, "before");
  always @(posedge clk_a) begin
    if (n == 2) check(!locked & !locked4, "unlocked");
    if (n == 601) begin
      check(locked & locked4 & k1 == n & kf == n, "same");
      check(k2 >= 300 & k2 <= 301 & km >= 300 & km <= 301, "half");
      check(k3 >= 200 & k3 <= 201 & kp >= 200 & kp <= 201 & kr >= 200 & kr <= 201, "third");
      check(k5 >= 120 & k5 <= 121 & kg >= 150 & kg <= 151, "fifth");
      check(kh >= 50 & kh <= 51 & kc >= 100 & kc <= 101, "stopped");
    end
    check(io == clk_a & gp == clk_a & mr == clk_a, "wires");
  end

  // ---- two bits in a cycle, out and in again: each kind gives what came as many halves of a cycle before
  reg d1 = 0, d2 = 0, e1 = 0, e2 = 0, f1 = 0, f2 = 0;
  reg [31:0] random = 1;
  wire pad, pad_late, i1, i2, j1, j2, l1, l2;
  always @(posedge clk_a) begin
    random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};
    d1 <= random[3]; d2 <= random[9]; e1 <= d1; e2 <= d2; f1 <= e1; f2 <= e2;
  end
  ODDR #(.DDR_CLK_EDGE("SAME_EDGE")) out (.Q(pad), .C(clk_a), .CE(1'b1), .D1(d1), .D2(d2), .R(1'b0), .S(1'b0));
  ODDRE1 out_us (.Q(pad_late), .C(clk_a), .D1(d1), .D2(d2), .SR(1'b0));
  IDDR in (.Q1(i1), .Q2(i2), .C(!clk_a), .CE(1'b1), .D(pad), .R(1'b0), .S(1'b0));
  IDDR #(.DDR_CLK_EDGE("SAME_EDGE")) in_same (.Q1(j1), .Q2(j2), .C(!clk_a), .CE(1'b1), .D(pad), .R(1'b0), .S(1'b0));
  IDDRE1 #(.DDR_CLK_EDGE("SAME_EDGE_PIPELINED"), .IS_C_INVERTED(1'b1)) in_piped (
    .Q1(l1), .Q2(l2), .C(clk_a), .CB(!clk_a), .D(pad_late), .R(1'b0));
  always @(posedge clk_a) if (n > 10) begin
    check(pad == e2 & pad_late == e2, "low");        // of the cycle before, at its end
    // C is the other edge: Q1 has what was there as the clock fell, D1; Q2 what was there as it rose, D2.
    check(i1 == e1 & j1 == e1 & l1 == f1, "ddr1");
    check(i2 == f2 & j2 == f2 & l2 == f2, "ddr2");
  end

  // ---- latches, pads, delays, what has no effect
  reg g = 0;
  wire lq, lp, buft, delayed, eos, eos3, rdy, sel, carry, xor_out;
  LDCE latch (.Q(lq), .CLR(n > 200), .D(random[5]), .G(g), .GE(1'b1));
  LDPE latch_p (.Q(lp), .PRE(n > 200), .D(random[5]), .G(g), .GE(1'b1));
  OBUFT maybe (.O(buft), .I(random[1]), .T(1'b0));
  IDELAYE2 delay (.DATAOUT(delayed), .IDATAIN(random[2]), .C(clk_a), .CE(1'b0), .CINVCTRL(1'b0), .CNTVALUEIN(5'b0),
                  .DATAIN(1'b0), .INC(1'b0), .LD(1'b0), .LDPIPEEN(1'b0), .REGRST(1'b0));
  IDELAYCTRL calibrates (.RDY(rdy), .REFCLK(clk_a), .RST(rst));
  STARTUPE2 start (.EOS(eos), .CLK(1'b0), .GSR(1'b0), .GTS(1'b0), .KEYCLEARB(1'b0), .PACK(1'b0), .USRCCLKO(1'b0),
                   .USRCCLKTS(1'b0), .USRDONEO(1'b0), .USRDONETS(1'b0));
  STARTUPE3 start3 (.EOS(eos3), .DO(4'b0), .DTS(4'b0), .FCSBO(1'b0), .FCSBTS(1'b0), .GSR(1'b0), .GTS(1'b0),
                    .KEYCLEARB(1'b0), .PACK(1'b0), .USRCCLKO(1'b0), .USRCCLKTS(1'b0), .USRDONEO(1'b0),
                    .USRDONETS(1'b0));
  BSCANE2 jtag (.SEL(sel), .TDO(1'b0));
  MUXCY mux (.O(carry), .CI(random[6]), .DI(random[7]), .S(random[8]));
  XORCY sum (.O(xor_out), .CI(random[6]), .LI(random[8]));
  wire line, both;
  wire both_in;
  IOBUF pads (.O(both_in), .IO(both), .I(random[4]), .T(1'b0));
  PULLUP up (.O(both));
  PULLDOWN down (.O(line));
  reg held = 0;
  always @(posedge clk_a) begin
    g <= n[1:0] == 2;
    if (g) held <= random[5];
    check(n < 12 | n > 200 | (g ? lq == random[5] : lq == held) & lp == lq, "latch");
    check(n < 202 | !lq & lp, "clear");
    check(buft == random[1] & delayed == random[2] & both_in == random[4] & eos & eos3 & rdy == !rst & !sel, "pads");
    check(carry == (random[8] ? random[6] : random[7]) & xor_out == (random[6] ^ random[8]), "carries");
  end

  // ---- shift registers of 16 bits
  reg [15:0] bits = 0;
  wire s16, s16c, q15;
  SRL16 shift (.Q(s16), .A0(random[10]), .A1(random[11]), .A2(random[12]), .A3(random[13]), .CLK(clk_a), .D(random[7]));
  SRLC16E shift_c (.Q(s16c), .Q15(q15), .A0(random[10]), .A1(random[11]), .A2(random[12]), .A3(random[13]), .CE(1'b1),
                   .CLK(clk_a), .D(random[7]));
  always @(posedge clk_a) begin
    bits <= {bits[14:0], random[7]};
    check(s16 == bits[random[13:10]] & s16c == s16 & q15 == bits[15], "srl16");
  end

  // ---- memories that begin with what a text says, and whose outputs a reset sets
  reg [5:0] a = 0, a1 = 0, a2 = 0;
  wire [15:0] rom, rom_a, rom_b, tables;
  xpm_memory_sprom #(.ADDR_WIDTH_A(6), .MEMORY_SIZE(1024), .READ_DATA_WIDTH_A(16), .MEMORY_INIT_PARAM("AB,1cd,0,FFFF"),
                     .READ_RESET_VALUE_A("beef")) words (
    .sleep(1'b0), .clka(clk_a), .rsta(n == 300), .ena(1'b1), .regcea(1'b1), .addra(a), .douta(rom),
    .injectsbiterra(1'b0), .injectdbiterra(1'b0));
  xpm_memory_dprom #(.ADDR_WIDTH_A(6), .ADDR_WIDTH_B(6), .MEMORY_SIZE(1024), .READ_DATA_WIDTH_A(16),
                     .READ_DATA_WIDTH_B(16), .MEMORY_INIT_PARAM("AB,1cd,0,FFFF")) two (
    .sleep(1'b0), .clka(clk_a), .rsta(1'b0), .ena(1'b1), .regcea(1'b1), .addra(a), .douta(rom_a), .clkb(clk_a),
    .rstb(1'b0), .enb(1'b1), .regceb(1'b1), .addrb(a + 6'd1), .doutb(rom_b), .injectsbiterra(1'b0),
    .injectdbiterra(1'b0), .injectsbiterrb(1'b0), .injectdbiterrb(1'b0));
  xpm_memory_dpdistram #(.ADDR_WIDTH_A(6), .ADDR_WIDTH_B(6), .MEMORY_SIZE(1024), .WRITE_DATA_WIDTH_A(16),
                         .READ_DATA_WIDTH_A(16), .READ_DATA_WIDTH_B(16), .BYTE_WRITE_WIDTH_A(16), .READ_LATENCY_A(0),
                         .READ_LATENCY_B(0)) table_ram (
    .clka(clk_a), .rsta(1'b0), .ena(1'b1), .regcea(1'b1), .wea(n[0]), .addra(a), .dina(n), .douta(), .clkb(clk_a),
    .rstb(1'b0), .enb(1'b1), .regceb(1'b1), .addrb(a1), .doutb(tables));
  function [15:0] word(input [5:0] at);
    word = at == 0 ? 16'h00ab : at == 1 ? 16'h01cd : at == 3 ? 16'hffff : 16'h0000;
  endfunction
  reg [15:0] n1 = 0;
  always @(posedge clk_a) begin
    a <= n[6:1]; a1 <= a; a2 <= a1; n1 <= n;
    if (n > 10) check(rom_a == word(a2) & rom_b == word(a2 + 6'd1), "dprom");
    if (n > 10 & n != 301) check(rom == word(a2), "rom");
    if (n == 301) check(rom == 16'hbeef, "reset");
    if (n > 20 & n1[0] & a == a1) check(tables == n1, "tables");
  end

  // ---- the netlist adds 1 to each byte of a stream
  reg [7:0] value = 0;
  reg [7:0] wanted = 1;
  wire [7:0] plus;
  wire ready, valid;
  vivado_netlist netlist (.aclk(clk_a), .aresetn(!rst), .s_axis_tdata(value), .s_axis_tvalid(n > 20 & random[3]),
                          .s_axis_tready(ready), .m_axis_tdata(plus), .m_axis_tvalid(valid),
                          .m_axis_tready(random[11]));
  always @(posedge clk_a) if (!rst) begin
    if (n > 20 & random[3] & ready) value <= value + 1;
    if (valid & random[11]) begin check(plus == wanted, "netlist"); wanted <= wanted + 1; end
    if (n == 300) check(wanted > 40, "through");
    if (n == 1000) done <= 1;
  end
endmodule
