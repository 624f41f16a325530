// primitive_bench.v - the stubs of AMD's primitives: flip-flops, tables, carry chains, shift registers, small memories,
// clock buffers and managers, and what is empty.
module primitive_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask
  reg [31:0] random = 1;
  always @(posedge clk_a) random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};

  // ---- flip-flops
  reg d = 0, ce = 0, on = 0;
  wire re, se, cl, pr, inverted;
  FDRE ff_r (.Q(re), .C(clk_a), .CE(ce), .D(d), .R(on));
  FDSE ff_s (.Q(se), .C(clk_a), .CE(ce), .D(d), .S(on));
  FDCE ff_c (.Q(cl), .C(clk_a), .CE(ce), .D(d), .CLR(on));
  FDPE ff_p (.Q(pr), .C(clk_a), .CE(ce), .D(d), .PRE(on));
  FDRE #(.INIT(1'b1), .IS_C_INVERTED(1'b1), .IS_D_INVERTED(1'b1)) ff_i (
    .Q(inverted), .C(clk_a), .CE(ce), .D(d), .R(1'b0));
  always @(posedge clk_a) case (n)
    1: check(!re & se & !cl & pr & inverted, "init");
    2: begin ce <= 1; d <= 1; end
    4: begin check(re & se & cl & pr & !inverted, "taken"); on <= 1; end
    5: check(re & se & !cl & pr, "atonce");              // before the edge that the others wait for
    6: begin check(!re & se & !cl & pr, "set"); on <= 0; d <= 0; end
    8: begin check(!re & !se & !cl & !pr, "zero"); ce <= 0; d <= 1; end
    10: check(!re & !se & !cl & !pr, "enable");
    default: ;
  endcase

  // ---- tables and carry chains, against what they stand for
  wire o1, o2, o3, o4, o5, o6, o65, o66, m7, m8, m9;
  wire [5:0] i = random[5:0];
  LUT1 #(.INIT(2'h1)) l1 (.O(o1), .I0(i[0]));
  LUT2 #(.INIT(4'h8)) l2 (.O(o2), .I0(i[0]), .I1(i[1]));
  LUT3 #(.INIT(8'h96)) l3 (.O(o3), .I0(i[0]), .I1(i[1]), .I2(i[2]));
  LUT4 #(.INIT(16'h8000)) l4 (.O(o4), .I0(i[0]), .I1(i[1]), .I2(i[2]), .I3(i[3]));
  LUT5 #(.INIT(32'h00010000)) l5 (.O(o5), .I0(i[0]), .I1(i[1]), .I2(i[2]), .I3(i[3]), .I4(i[4]));
  LUT6 #(.INIT(64'h0000000200000000)) l6 (
    .O(o6), .I0(i[0]), .I1(i[1]), .I2(i[2]), .I3(i[3]), .I4(i[4]), .I5(i[5]));
  LUT6_2 #(.INIT(64'hffffffff00000001)) l62 (
    .O6(o66), .O5(o65), .I0(i[0]), .I1(i[1]), .I2(i[2]), .I3(i[3]), .I4(i[4]), .I5(i[5]));
  MUXF7 f7 (.O(m7), .I0(i[0]), .I1(i[1]), .S(i[2]));
  MUXF8 f8 (.O(m8), .I0(i[0]), .I1(i[1]), .S(i[2]));
  MUXF9 f9 (.O(m9), .I0(i[0]), .I1(i[1]), .S(i[2]));
  wire [7:0] a = random[15:8], b = random[23:16];
  wire [7:0] sum, carries;
  wire [3:0] sum4, carries4, low4, high4;
  CARRY8 c8 (.CO(carries), .O(sum), .CI(random[0]), .CI_TOP(1'b0), .DI(a), .S(a ^ b));
  CARRY8 #(.CARRY_TYPE("DUAL_CY4")) c44 (
    .CO(), .O({high4, low4}), .CI(random[0]), .CI_TOP(random[1]), .DI(a), .S(a ^ b));
  CARRY4 c4 (.CO(carries4), .O(sum4), .CI(1'b0), .CYINIT(random[0]), .DI(a[3:0]), .S(a[3:0] ^ b[3:0]));
  always @(posedge clk_a) begin
    check(o1 == !i[0] & o2 == &i[1:0] & o3 == ^i[2:0] & o4 == &i[3:0], "tables");
    check(o5 == (i[4:0] == 16) & o6 == (i == 33) & o65 == (i[4:0] == 0) & o66 == (i[5] | i == 0), "tables6");
    check(m7 == i[i[2]] & m8 == m7 & m9 == m7, "muxes");
    check({carries[7], sum} == {1'b0, a} + {1'b0, b} + {8'b0, random[0]}, "carry8");
    check({carries4[3], sum4} == {1'b0, a[3:0]} + {1'b0, b[3:0]} + {4'b0, random[0]}, "carry4");
    check(low4 == sum4 & high4 == a[7:4] + b[7:4] + {3'b0, random[1]}, "dual");
  end

  // ---- shift registers and small memories
  reg [31:0] line = 0;
  wire q16, q32, q31;
  SRL16E s16 (.Q(q16), .A0(i[0]), .A1(i[1]), .A2(i[2]), .A3(i[3]), .CE(n[0]), .CLK(clk_a), .D(random[7]));
  SRLC32E s32 (.Q(q32), .Q31(q31), .A(i[4:0]), .CE(n[0]), .CLK(clk_a), .D(random[7]));
  reg [1:0] m32 [0:31];
  reg m64 [0:63];
  integer k;
  initial begin
    for (k = 0; k < 32; k = k + 1) m32[k] = 0;
    for (k = 0; k < 64; k = k + 1) m64[k] = 0;
  end
  wire [1:0] ra, rb, rc, rd;
  wire xa, xd;
  RAM32M r32 (.DOA(ra), .DOB(rb), .DOC(rc), .DOD(rd), .ADDRA(a[4:0]), .ADDRB(a[4:0]), .ADDRC(b[4:0]),
              .ADDRD(i[4:0]), .DIA(a[1:0]), .DIB(~a[1:0]), .DIC(a[1:0]), .DID(a[1:0]), .WCLK(clk_a), .WE(n[1]));
  RAM64M r64 (.DOA(xa), .DOB(), .DOC(), .DOD(xd), .ADDRA(a[5:0]), .ADDRB(a[5:0]), .ADDRC(b[5:0]), .ADDRD(i),
              .DIA(a[0]), .DIB(a[0]), .DIC(a[0]), .DID(a[0]), .WCLK(clk_a), .WE(n[1]));
  reg [31:0] known = 0; // places of m32 that were written: the second memory begins with 0, not with ones
  always @(posedge clk_a) begin
    if (n[0]) line <= {line[30:0], random[7]};
    if (n[1]) begin m32[i[4:0]] <= a[1:0]; m64[i] <= a[0]; known[i[4:0]] <= 1; end
    check(q16 == line[{1'b0, i[3:0]}] & q32 == line[i[4:0]] & q31 == line[31], "shift");
    check(ra == m32[a[4:0]] & rc == m32[b[4:0]] & rd == m32[i[4:0]], "ram32");
    check(rb == (known[a[4:0]] ? ~m32[a[4:0]] : 2'b00), "ram32b");
    check(xa == m64[a[5:0]] & xd == m64[i], "ram64");
  end

  // Eight memories together, and single ones with one and two addresses: low bits any, the others all 0 or all 1.
  wire [4:0] low = i[4:0], low2 = a[4:0];
  wire [3:0] up = {4{n[9]}};
  wire [8:0] at = {up, low}, at2 = {up, low2};
  wire [1:0] r16a, r16h;
  wire r8a, r8h, x32s, x64s, x128s, x256s, x512s, x32, x64, x128, x256, y32, y64, y128, y256;
  RAM32M16 r16 (.DOA(r16a), .DOH(r16h), .ADDRA(low2), .ADDRH(low), .DIA(a[1:0]), .DIH(a[1:0]), .WCLK(clk_a), .WE(n[1]),
                .ADDRB(5'b0), .ADDRC(5'b0), .ADDRD(5'b0), .ADDRE(5'b0), .ADDRF(5'b0), .ADDRG(5'b0), .DIB(2'b0),
                .DIC(2'b0), .DID(2'b0), .DIE(2'b0), .DIF(2'b0), .DIG(2'b0));
  RAM64M8 r8 (.DOA(r8a), .DOH(r8h), .ADDRA({n[9], low2}), .ADDRH({n[9], low}), .DIA(a[0]), .DIH(a[0]), .WCLK(clk_a),
              .WE(n[1]), .ADDRB(6'b0), .ADDRC(6'b0), .ADDRD(6'b0), .ADDRE(6'b0), .ADDRF(6'b0), .ADDRG(6'b0), .DIB(1'b0),
              .DIC(1'b0), .DID(1'b0), .DIE(1'b0), .DIF(1'b0), .DIG(1'b0));
  `define RAM_WRITE .D(a[0]), .WCLK(clk_a), .WE(n[1])
  `define RAM_AT5 .A0(low[0]), .A1(low[1]), .A2(low[2]), .A3(low[3]), .A4(low[4])
  `define RAM_READ5 .DPRA0(low2[0]), .DPRA1(low2[1]), .DPRA2(low2[2]), .DPRA3(low2[3]), .DPRA4(low2[4])
  RAM32X1S u32s (.O(x32s), `RAM_AT5, `RAM_WRITE);
  RAM64X1S u64s (.O(x64s), `RAM_AT5, .A5(up[0]), `RAM_WRITE);
  RAM128X1S u128s (.O(x128s), `RAM_AT5, .A5(up[0]), .A6(up[0]), `RAM_WRITE);
  RAM256X1S u256s (.O(x256s), .A(at[7:0]), `RAM_WRITE);
  RAM512X1S u512s (.O(x512s), .A(at), `RAM_WRITE);
  RAM32X1D u32 (.SPO(x32), .DPO(y32), `RAM_AT5, `RAM_READ5, `RAM_WRITE);
  RAM64X1D u64 (.SPO(x64), .DPO(y64), `RAM_AT5, .A5(up[0]), `RAM_READ5, .DPRA5(up[0]), `RAM_WRITE);
  RAM128X1D u128 (.SPO(x128), .DPO(y128), .A(at[6:0]), .DPRA(at2[6:0]), `RAM_WRITE);
  RAM256X1D u256 (.SPO(x256), .DPO(y256), .A(at[7:0]), .DPRA(at2[7:0]), `RAM_WRITE);
  `undef RAM_WRITE
  `undef RAM_AT5
  `undef RAM_READ5
  reg [63:0] both = 0; // what memories of more than 32 words have
  always @(posedge clk_a) begin
    if (n[1]) both[{n[9], low}] <= a[0];
    check(r16a == m32[low2] & r16h == m32[low] & x32s == m32[low][0] & x32 == x32s & y32 == m32[low2][0], "ram32s");
    check({x64s, x128s, x256s, x512s, x64, x128, x256, r8h} == {8{both[{n[9], low}]}}, "ram64s");
    check({y64, y128, y256, r8a} == {4{both[{n[9], low2}]}}, "ram64d");
  end

  // ---- clocks
  reg gate = 0;
  wire g1, g2, g3, pll, mmcm, half, half2, locked, locked2;
  reg [15:0] count1 = 0, count2 = 0, count3 = 0, count4 = 0, count5 = 0, count6 = 0, count7 = 0;
  BUFG b1 (.O(g1), .I(clk_a));
  BUFGCE b2 (.O(g2), .CE(gate), .I(clk_a));
  BUFGMUX b3 (.O(g3), .I0(clk_a), .I1(1'b0), .S(gate));
  BUFR #(.BUFR_DIVIDE("2")) b4 (.O(half), .CE(1'b1), .CLR(rst), .I(clk_a));
  BUFGCE_DIV #(.BUFGCE_DIVIDE(2)) b5 (.O(half2), .CE(1'b1), .CLR(rst), .I(clk_a));
  PLLE2_BASE #(.CLKFBOUT_MULT(10), .CLKIN1_PERIOD(10.0), .CLKOUT0_DIVIDE(5)) p (
    .CLKOUT0(pll), .LOCKED(locked), .CLKIN1(clk_a), .CLKFBIN(1'b0), .PWRDWN(1'b0), .RST(rst));
  MMCME2_ADV #(.CLKFBOUT_MULT_F(10.0), .CLKOUT1_DIVIDE(3)) mm (
    .CLKOUT1(mmcm), .LOCKED(locked2), .CLKIN1(clk_a), .CLKIN2(1'b0), .CLKINSEL(1'b1), .CLKFBIN(1'b0), .PWRDWN(1'b0),
    .RST(rst), .DADDR(0), .DCLK(1'b0), .DEN(1'b0), .DI(0), .DWE(1'b0), .PSCLK(1'b0), .PSEN(1'b0), .PSINCDEC(1'b0));
  always @(posedge g1) count1 <= rst ? 0 : count1 + 1;
  always @(posedge g2) count2 <= count2 + 1;
  always @(posedge g3) count3 <= rst ? 0 : count3 + 1;
  always @(posedge half) count4 <= count4 + 1;
  always @(posedge half2) count7 <= count7 + 1;
  always @(posedge pll) count5 <= rst ? 0 : count5 + 1;
  always @(posedge mmcm) count6 <= rst ? 0 : count6 + 1;
  wire pad, pad2, pad3, pad_n, vcc, gnd, pad4, inv;
  INV inverter (.O(inv), .I(n[0]));
  IBUF pads (.O(pad), .I(n[0]));
  IBUFG pads2 (.O(pad2), .I(n[0]));
  IBUFDS pads3 (.O(pad3), .I(n[0]), .IB(!n[0]));
  OBUFDS pads4 (.O(pad4), .OB(pad_n), .I(n[0]));
  VCC v (.P(vcc));
  GND g (.G(gnd));
  always @(posedge clk_a) begin
    check(pad == n[0] & pad2 == n[0] & pad3 == n[0] & pad4 == n[0] & pad_n != n[0] & inv != n[0] & vcc & !gnd, "pads");
    if (n == 3) check(!locked & !locked2, "unlocked");
    if (n == 100) begin
      check(locked & locked2 & count1 == n & count5 == n & count6 == n & count2 == 0 & count3 == n, "clocks");
      check(count4 >= 49 & count4 <= 51 & count7 >= 49 & count7 <= 51, "halves");
      gate <= 1;
    end
    if (n == 120) begin check(count2 == 19 | count2 == 20, "gated"); gate <= 0; end
    if (n == 130) check(count2 == 20 & count3 < 112, "stopped");
  end

  // ---- empty ones
  wire [7:0] vio;
  ila_7 ila (.clk(clk_a), .probe0(n), .probe1(random));
  vio_3 virtual_io (.clk(clk_a), .probe_in0(n), .probe_out0(vio));
  always @(posedge clk_a) begin
    check(vio == 0, "vio");
    if (n == 2000) done <= 1;
  end
endmodule
