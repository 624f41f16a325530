// dsp_bench.v - the stubs of DSP48E1 and DSP48E2 against what their manuals say of each mode, in plain Verilog.
module dsp_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask
  reg [127:0] random = 1;
  always @(posedge clk_a) random <= {random[125:0], random[127:126] ^ random[125:124] ^ random[100:99] ^ random[98:97]};
  wire signed [29:0] a = random[29:0];
  wire signed [17:0] b = random[47:30];
  wire signed [47:0] c = random[95:48];
  wire signed [24:0] d = random[120:96];
  wire signed [26:0] d27 = random[122:96];

  // Operands of 1 and of 2 cycles ago, and what the multiplier's register has.
  reg signed [29:0] a1 = 0, a2 = 0;
  reg signed [17:0] b1 = 0, b2 = 0;
  reg signed [47:0] c1 = 0;
  reg signed [42:0] product = 0, product_before = 0;
  reg signed [44:0] product27 = 0;
  always @(posedge clk_a) begin
    a1 <= a; a2 <= a1; b1 <= b; b2 <= b1; c1 <= c;
    product <= $signed(a1[24:0]) * b1;
    product_before <= product;
    product27 <= $signed(a1[26:0]) * b1;
  end

  // What all of them have in common.
  `define DSP_PORTS .CLK(clk_a), .CEA1(1'b1), .CEA2(1'b1), .CEAD(1'b1), .CEALUMODE(1'b1), .CEB1(1'b1), .CEB2(1'b1), \
    .CEC(1'b1), .CECARRYIN(1'b1), .CECTRL(1'b1), .CED(1'b1), .CEINMODE(1'b1), .CEM(1'b1), .CEP(1'b1), .RSTA(1'b0), \
    .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0), .RSTD(1'b0), \
    .RSTINMODE(1'b0), .RSTM(1'b0), .A(a), .B(b), .C(c), .MULTSIGNIN(1'b0)
  `define NO_CASCADE .ACIN(30'b0), .BCIN(18'b0), .PCIN(48'b0), .CARRYCASCIN(1'b0)

  // ---- multiply and accumulate, reset by RSTP
  wire clear = n < 10 | n == 500;
  wire [47:0] p_mac, p_sub, p_pre, p_simd, p_and, p_low, p_high, p_low_out, p_count, p_e2, p_square;
  reg signed [47:0] sum = 0, sub = 0, pre = 0;
  DSP48E1 mac (`DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(clear), .P(p_mac), .OPMODE(7'b0100101), .ALUMODE(4'b0000),
               .INMODE(5'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0));
  always @(posedge clk_a) sum <= clear ? 0 : sum + product;
  always @(posedge clk_a) if (n > 12) check(p_mac == sum, "mac");

  // ---- C - A * B - CARRYIN
  reg carry1 = 0;
  always @(posedge clk_a) begin carry1 <= n[2]; sub <= c1 - product - $signed({1'b0, carry1}); end
  DSP48E1 minus (`DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(1'b0), .P(p_sub), .OPMODE(7'b0110101), .ALUMODE(4'b0011),
                 .INMODE(5'b0), .CARRYIN(n[2]), .CARRYINSEL(3'b0));
  always @(posedge clk_a) if (n > 12) check(p_sub == sub, "minus");

  // ---- (D + A) * B, and (D - A) * B with INMODE[3]
  reg signed [24:0] ad = 0, d1 = 0;
  reg signed [42:0] pre_product = 0;
  reg minus_a = 0;
  always @(posedge clk_a) begin
    minus_a <= n[4];
    d1 <= d;
    ad <= minus_a ? d1 - a1[24:0] : d1 + a1[24:0];
    pre_product <= ad * b2;
    pre <= pre_product;
  end
  DSP48E1 #(.USE_DPORT("TRUE"), .BREG(2), .BCASCREG(2)) adds_first (
    `DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(1'b0), .P(p_pre), .OPMODE(7'b0000101), .ALUMODE(4'b0000),
    .INMODE({1'b0, n[4], 3'b100}), .CARRYIN(1'b0), .CARRYINSEL(3'b0));
  always @(posedge clk_a) if (n > 12) check(p_pre == pre, "preadd");

  // ---- four sums of 12 bits; A and B as one number; nothing registered but the result
  wire [47:0] ab = {a, b};
  reg [47:0] simd = 0, ands = 0;
  wire [3:0] carries;
  reg [3:0] simd_carries = 0;
  integer k;
  always @(posedge clk_a) begin
    for (k = 0; k < 4; k = k + 1) {simd_carries[k], simd[12*k +: 12]} <= {1'b0, ab[12*k +: 12]} + {1'b0, c[12*k +: 12]};
    ands <= n[3] ? ~(ab & c) : ab & c;
  end
  DSP48E1 #(.USE_SIMD("FOUR12"), .USE_MULT("NONE"), .AREG(0), .BREG(0), .CREG(0), .ACASCREG(0), .BCASCREG(0),
            .OPMODEREG(0), .MREG(0)) four (
    `DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(1'b0), .P(p_simd), .OPMODE(7'b0110011), .ALUMODE(4'b0000), .INMODE(5'b0),
    .CARRYIN(1'b0), .CARRYINSEL(3'b0), .CARRYOUT(carries));
  DSP48E1 #(.USE_MULT("NONE"), .AREG(0), .BREG(0), .CREG(0), .ACASCREG(0), .BCASCREG(0), .MREG(0), .ALUMODEREG(0),
            .IS_ALUMODE_INVERTED(4'b0001)) logic_unit (
    `DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(1'b0), .P(p_and), .OPMODE(7'b0110011), .ALUMODE({2'b11, n[3], 1'b1}),
    .INMODE(5'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0));
  always @(posedge clk_a) if (n > 12) check(p_simd == simd & carries == simd_carries & p_and == ands, "simd");

  // ---- a cascade: A * B shifted by 17 and added to the product of its neighbour, whose operands come through it
  wire [29:0] ac;
  wire [17:0] bc;
  wire [47:0] pc;
  DSP48E1 low (`DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(1'b0), .P(p_low), .PCOUT(pc), .ACOUT(ac), .BCOUT(bc),
               .OPMODE(7'b0000101), .ALUMODE(4'b0000), .INMODE(5'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0));
  DSP48E1 #(.A_INPUT("CASCADE"), .B_INPUT("CASCADE"), .MREG(0)) high (
    `DSP_PORTS, .ACIN(ac), .BCIN(bc), .PCIN(pc), .CARRYCASCIN(1'b0), .D(d), .RSTP(1'b0), .P(p_high),
    .OPMODE(7'b1010101), .ALUMODE(4'b0000), .INMODE(5'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0));
  reg signed [47:0] first = 0, second = 0;
  always @(posedge clk_a) begin
    first <= product;
    second <= (first >>> 17) + product; // the operands of the neighbour, a cycle later
  end
  always @(posedge clk_a) if (n > 12) check(p_low == first & p_high == second, "cascade");

  // ---- a counter that finds a pattern
  wire found, overflow;
  DSP48E1 #(.USE_MULT("NONE"), .USE_PATTERN_DETECT("PATDET"), .PATTERN(48'd40), .MASK(48'd1), .AREG(0), .BREG(0),
            .CREG(0), .ACASCREG(0), .BCASCREG(0), .MREG(0)) counter (
    `DSP_PORTS, `NO_CASCADE, .D(d), .RSTP(n < 10), .P(p_count), .OPMODE(7'b0100000), .ALUMODE(4'b0000),
    .INMODE(5'b0), .CARRYIN(1'b1), .CARRYINSEL(3'b0), .PATTERNDETECT(found), .OVERFLOW(overflow));
  always @(posedge clk_a) if (n > 12) check(found == (p_count == 40 | p_count == 41), "pattern");
  always @(posedge clk_a) if (n > 12) check(overflow == (p_count == 42), "overflow");
  always @(posedge clk_a) if (n == 100) check(p_count == 90, "counter");

  // ---- DSP48E2: 27 by 18 bits, a fourth operand, and the square of the pre-adder's sum
  reg signed [47:0] four_terms = 0, square = 0;
  reg signed [26:0] ad27 = 0, d27_1 = 0;
  reg signed [44:0] squared = 0;
  always @(posedge clk_a) begin
    four_terms <= product27 + c1 + 48'sd5;
    d27_1 <= d27;
    ad27 <= {{9{b1[17]}}, b1};
    squared <= $signed(ad27[17:0]) * ad27;
    square <= squared;
  end
  DSP48E2 #(.RND(48'd5)) e2 (
    `DSP_PORTS, `NO_CASCADE, .D(d27), .RSTP(1'b0), .P(p_e2), .OPMODE(9'b100110101), .ALUMODE(4'b0000), .INMODE(5'b0),
    .CARRYIN(1'b0), .CARRYINSEL(3'b0), .XOROUT());
  DSP48E2 #(.AMULTSEL("AD"), .BMULTSEL("AD"), .PREADDINSEL("B")) squares (
    `DSP_PORTS, `NO_CASCADE, .D(d27), .RSTP(1'b0), .P(p_square), .OPMODE(9'b000000101), .ALUMODE(4'b0000),
    .INMODE(5'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0), .XOROUT());
  always @(posedge clk_a) if (n > 12) check(p_e2 == four_terms & p_square == square, "dsp48e2");
  `undef DSP_PORTS
  `undef NO_CASCADE
  always @(posedge clk_a) if (n == 1000) done <= 1;
endmodule
