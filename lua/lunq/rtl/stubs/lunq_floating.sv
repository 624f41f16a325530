// lunq_floating.sv - one floating-point operation, behind what stands for AMD's Floating-Point Operator (PG060) and for
// the modules that Vitis HLS makes of it. Any format: W bits, F of them the fraction with its hidden one; an integer is
// a fixed-point number of W bits, F behind the point.
// Results are rounded to nearest, ties to even; a subnormal is zero on the way in and on the way out, its sign is kept;
// a NaN is always the quiet one, positive. exp, log and rsqrt are within one unit of the last place.
module lunq_floating #(
  // add, sub, addsub, mul, div, sqrt, recip, rsqrt, fma, fms, compare, from_fixed, to_fixed, to_float, exp, log, abs
  parameter OP = "add", AW = 32, AF = 24, RW = 32, RF = 24, LATENCY = 0, UNSIGNED = 0,
            COMPARE = 8,  // 0 unordered, 1 <, 2 ==, 3 <=, 4 >, 5 !=, 6 >=, 7 a bit for each, 8 as operation[5:3] says
            BLOCKING = 0  // 1: a result that is not taken stops what is behind it
) (
  input clk, input ce, input resetn,
  input valid, output ready, input last, input [AW-1:0] a, input [AW-1:0] b, input [AW-1:0] c, input [7:0] operation,
  output result_valid, input result_ready, output [RW-1:0] result, output result_last
);
  localparam FIXED_IN = OP == "from_fixed", FIXED_OUT = OP == "to_fixed" || OP == "compare";
  localparam F = FIXED_IN ? AW - 1 : AF;
  localparam FR = FIXED_OUT ? 24 : RF, ER = FIXED_OUT ? 8 : RW - RF;
  localparam M = 2 * F + 6 > FR + 4 ? 2 * F + 6 : FR + 4; // bits of what is not rounded yet
  localparam signed [31:0] BIAS_R = (1 << (ER - 1)) - 1;
  localparam [RW-1:0] NAN = FIXED_OUT ? 0 : {1'b0, {(ER + 1){1'b1}}, {(FR - 2){1'b0}}};

  // ---- numbers taken apart
  wire a_sign, a_tiny, a_nan, a_inf, b_sign, b_tiny, b_nan, b_inf, c_sign, c_tiny, c_nan, c_inf;
  wire [F-1:0] a_man, b_man, c_man;
  wire signed [31:0] a_pow, b_pow, c_pow;
  lunq_float_parts #(.W(AW), .F(F)) a_parts (a, a_sign, a_tiny, a_nan, a_inf, a_man, a_pow);
  lunq_float_parts #(.W(AW), .F(F)) b_parts (b, b_sign, b_tiny, b_nan, b_inf, b_man, b_pow);
  lunq_float_parts #(.W(AW), .F(F)) c_parts (c, c_sign, c_tiny, c_nan, c_inf, c_man, c_pow);

  // ---- put together again, rounded: sign, mantissa * 2^power, and whether there is something behind the mantissa
  function automatic [RW-1:0] rounded(input sign, input signed [31:0] power, input [M-1:0] man, input more);
    reg [M-1:0] up;
    reg [FR:0] top;
    reg signed [31:0] p, e;
    reg rest;
    begin
      up = man;
      p = power + M - 1;
      for (int k = 1 << ($clog2(M) - 1); k > 0; k = k / 2)
        if ((up >> (M - k)) == 0) begin up = up << k; p = p - k; end
      top = {1'b0, up[M-1 -: FR]};
      rest = more | up[M-FR-2:0] != 0;
      if (up[M-FR-1] & (rest | top[0])) top = top + 1;
      if (top[FR]) begin top = top >> 1; p = p + 1; end
      e = p + BIAS_R;
      if (!up[M-1] || e <= 0) rounded = {sign, {(RW-1){1'b0}}};
      else if (e >= (1 << ER) - 1) rounded = {sign, {ER{1'b1}}, {(FR-1){1'b0}}};
      else rounded = {sign, ER'(e), top[FR-2:0]};
    end
  endfunction

  // ---- x + y, of which only the larger one's last bits count
  function automatic [RW-1:0] sum(
    input xs, input signed [31:0] xp, input [M-1:0] x, input ys, input signed [31:0] yp, input [M-1:0] y
  );
    reg [M-1:0] major, minor, cut, total;
    reg signed [31:0] power, by;
    reg swap, sign, more;
    begin
      swap = x == 0 | (y != 0 & yp > xp);
      major = swap ? y : x;
      minor = swap ? x : y;
      power = swap ? yp : xp;
      sign = swap ? ys : xs;
      by = swap ? yp - xp : xp - yp;
      cut = minor == 0 | by >= M ? 0 : minor >> by;
      more = minor != 0 & (by >= M | (cut << by) != minor);
      if (xs == ys) total = major + cut;
      else begin
        total = major - cut - M'(more);
        if (total[M-1]) begin total = -total; sign = !sign; end
      end
      if (total == 0 & !more) sum = {xs & ys, {(RW-1){1'b0}}};
      else sum = rounded(sign, power, total, more);
    end
  endfunction

  function automatic [RW-1:0] endless(input sign);
    endless = {sign, {ER{1'b1}}, {(FR-1){1'b0}}};
  endfunction
  function automatic [RW-1:0] zero(input sign);
    zero = {sign, {(RW-1){1'b0}}};
  endfunction

  reg [RW-1:0] now;
  generate
    if (OP == "add" || OP == "sub" || OP == "addsub") begin : adds
      wire other = b_sign ^ (OP == "sub" || (OP == "addsub" && operation[0]));
      always @*
        if (a_nan | b_nan | (a_inf & b_inf & a_sign != other)) now = NAN;
        else if (a_inf | b_inf) now = endless(a_inf ? a_sign : other);
        else now = sum(a_sign, a_pow - (F + 3), M'(a_man) << (F + 3), other, b_pow - (F + 3), M'(b_man) << (F + 3));
    end else if (OP == "mul") begin : multiplies
      always @*
        if (a_nan | b_nan | (a_inf & b_tiny) | (a_tiny & b_inf)) now = NAN;
        else if (a_inf | b_inf) now = endless(a_sign ^ b_sign);
        else now = rounded(a_sign ^ b_sign, a_pow + b_pow, M'(a_man) * M'(b_man), 1'b0);
    end else if (OP == "fma" || OP == "fms") begin : multiplies_adds
      wire sign = a_sign ^ b_sign, other = c_sign ^ (OP == "fms" || operation[0]), inf = a_inf | b_inf;
      always @*
        if (a_nan | b_nan | c_nan | (a_inf & b_tiny) | (a_tiny & b_inf) | (inf & c_inf & sign != other)) now = NAN;
        else if (inf | c_inf) now = endless(inf ? sign : other);
        else now = sum(sign, a_pow + b_pow - 3, (M'(a_man) * M'(b_man)) << 3, other, c_pow - (F + 3),
                       M'(c_man) << (F + 3));
    end else if (OP == "div" || OP == "recip") begin : divides
      localparam RECIP = OP == "recip";
      wire sign = RECIP ? a_sign : a_sign ^ b_sign;
      wire [M-1:0] over = RECIP ? M'(1) << (2 * F + 3) : M'(a_man) << (F + 4), by = RECIP ? M'(a_man) : M'(b_man);
      wire signed [31:0] power = RECIP ? -a_pow - (2 * F + 3) : a_pow - b_pow - (F + 4);
      wire none = RECIP ? a_tiny : b_tiny;
      wire [M-1:0] quotient = over / (none ? M'(1) : by);
      always @*
        if (a_nan | (!RECIP & (b_nan | (a_inf & b_inf) | (a_tiny & b_tiny)))) now = NAN;
        else if (RECIP ? a_inf : a_tiny | b_inf) now = zero(sign);
        else if (none | (!RECIP & a_inf)) now = endless(sign);
        else now = rounded(sign, power, quotient, quotient * by != over);
    end else if (OP == "sqrt") begin : roots
      localparam S = F + 5; // bits of the root
      wire odd = a_pow[0] ^ (F % 2 != 0);
      wire [2*S-1:0] square = (2 * S)'(a_man) << (F + 4 + 32'(odd));
      wire signed [31:0] power = a_pow - (F + 4) - 32'(odd);
      reg [S-1:0] root;
      reg [S+1:0] left;
      always @* begin
        root = 0;
        left = 0;
        for (int k = S - 1; k >= 0; k = k - 1) begin // a digit each, as by hand
          left = {left[S-1:0], square[2*k +: 2]};
          root = root << 1;
          if (left >= {1'b0, root, 1'b1}) begin
            left = left - {1'b0, root, 1'b1};
            root = root | 1;
          end
        end
        if (a_nan | (a_sign & !a_tiny)) now = NAN;
        else if (a_tiny) now = zero(a_sign);
        else if (a_inf) now = endless(1'b0);
        else now = rounded(1'b0, power >>> 1, M'(root), left != 0);
      end
    end else if (OP == "compare") begin : compares
      wire unordered = a_nan | b_nan, both = a_tiny & b_tiny;
      wire equal = !unordered & (both | a == b);
      wire below = a[AW-2:0] < b[AW-2:0], a_zero = a_tiny, b_zero = b_tiny;
      wire less = !unordered & !both & !equal & (
        a_zero ? !b_sign : b_zero ? a_sign : a_sign != b_sign ? a_sign : a_sign ^ below);
      wire greater = !unordered & !equal & !less;
      wire [2:0] which = COMPARE == 8 ? operation[5:3] : 3'(COMPARE);
      always @* case (which)
        0: now = RW'(unordered);
        1: now = RW'(less);
        2: now = RW'(equal);
        3: now = RW'(less | equal);
        4: now = RW'(greater);
        5: now = RW'(!equal);
        6: now = RW'(greater | equal);
        7: now = RW'({unordered, greater, less, equal});
      endcase
    end else if (OP == "from_fixed") begin : from_fixed
      wire sign = a[AW-1] & (UNSIGNED == 0);
      wire [AW-1:0] size = sign ? -a : a;
      // As `always @*` it would wait for a change, which on Icarus an operand of 0 at start is not.
      always_comb now = rounded(sign & a != 0, -AF, M'(size), 1'b0);
    end else if (OP == "to_fixed") begin : to_fixed
      localparam T = RW + F + 2;
      localparam [RW-1:0] LEAST = UNSIGNED != 0 ? 0 : {1'b1, {(RW-1){1'b0}}}, MOST = ~LEAST;
      wire signed [31:0] by = a_pow + RF;
      wire [T-1:0] whole = by >= 0 ? T'(a_man) << by : -by > F + 1 ? 0 : T'(a_man) >> -by;
      wire half = by < 0 & -by <= F & a_man[(-by - 1) % F];
      wire rest = by < -1 & (F'(a_man) & ((F'(1) << (-by - 1)) - 1)) != 0;
      wire [T-1:0] near = whole + T'(half & (rest | whole[0]));
      wire over = a_inf | by > RW | near > T'(a_sign ? (UNSIGNED != 0 ? 0 : LEAST) : MOST);
      always @* now = a_nan ? LEAST : over ? (a_sign ? LEAST : MOST) : a_sign ? -RW'(near) : RW'(near);
    end else if (OP == "to_float") begin : to_float
      always @* now = a_nan ? NAN : a_inf ? endless(a_sign) : rounded(a_sign, a_pow, M'(a_man), 1'b0);
    end else if (OP == "abs") begin : absolute
      always @* now = a_nan ? NAN : a_tiny ? 0 : a & ~({1'b1, {(AW-1){1'b0}}});
    end else if (OP == "exp" || OP == "log" || OP == "rsqrt") begin : by_real
      // The host's double, which all formats up to 64 bits fit in.
      wire [63:0] as_double = a_tiny ? {a_sign, 63'b0} :
        {a_sign, 11'(a_pow + (F - 1) + 1023), F > 53 ? 52'(a_man >> (F - 53)) : 52'(a_man) << (53 - F)};
      real out;
      reg [63:0] bits;
      always @* begin
        out = OP == "exp" ? $exp($bitstoreal(as_double)) : OP == "log" ? $ln($bitstoreal(as_double))
                                                         : 1.0 / $sqrt($bitstoreal(as_double));
        bits = $realtobits(out);
        if (a_nan) now = NAN;
        else if (OP == "exp" && a_inf) now = a_sign ? zero(1'b0) : endless(1'b0);
        else if (OP != "exp" && a_tiny) now = endless(OP == "log" ? 1'b1 : a_sign);
        else if (OP != "exp" && a_sign) now = NAN;
        else if (OP != "exp" && a_inf) now = OP == "log" ? endless(1'b0) : zero(1'b0);
        else if (&bits[62:52]) now = endless(bits[63]);
        else now = rounded(bits[63], 32'(bits[62:52]) - 1075, M'({bits[62:52] != 0, bits[51:0]}), 1'b0);
      end
    end else begin : none
      lunq_refuses_such_operation_of_floating_point other ();
    end
  endgenerate

  // ---- later by as many cycles as there are steps
  generate
    if (LATENCY == 0) begin : at_once
      assign ready = BLOCKING == 0 | result_ready, result_valid = valid, result = now, result_last = last;
    end else begin : later
      reg [RW*LATENCY-1:0] line = 0; // one vector: Icarus 11 loses the word of an array that is assigned here
      reg [LATENCY-1:0] full = 0, lasts = 0;
      wire go = ce & (BLOCKING == 0 | !full[LATENCY-1] | result_ready);
      assign ready = go, result_valid = full[LATENCY-1], result_last = lasts[LATENCY-1];
      assign result = line[RW*LATENCY-1 -: RW];
      always @(posedge clk)
        if (!resetn) full <= 0;
        else if (go) begin
          line <= (RW * LATENCY)'({line, now});
          full <= LATENCY'({full, valid});
          lasts <= LATENCY'({lasts, last});
        end
    end
  endgenerate
endmodule
