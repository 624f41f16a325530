// lunq_dsp.sv - the arithmetic of DSP48E1 and DSP48E2: pre-adder, multiplier of MW by 18 bits, the four multiplexers
// (W is that of DSP48E2 only), adder and logic unit of one, two or four parts, pattern detector, cascades, and a
// register wherever its parameter says so. Written from UG479 and UG579.
module lunq_dsp #(
  parameter MW = 25, A_SOURCE = "DIRECT", B_SOURCE = "DIRECT", A_FACTOR = "A", B_FACTOR = "B", PREADD = "A",
            SIMD = "ONE48", MULT = "MULTIPLY", SEL_MASK = "MASK", SEL_PATTERN = "PATTERN",
            ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1, BREG = 1, CARRYINREG = 1,
            CARRYINSELREG = 1, CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1, PREG = 1,
  parameter [47:0] MASK = 48'h3fffffffffff, PATTERN = 48'h0, RND = 48'h0
) (
  input CLK, input [29:0] A, input [29:0] ACIN, input [17:0] B, input [17:0] BCIN, input [47:0] C, input [MW-1:0] D,
  input [47:0] PCIN, input CARRYCASCIN, input MULTSIGNIN, input CARRYIN, input [2:0] CARRYINSEL, input [3:0] ALUMODE,
  input [8:0] OPMODE, input [4:0] INMODE, input CEA1, input CEA2, input CEB1, input CEB2, input CEC, input CED,
  input CEAD, input CEM, input CEP, input CECTRL, input CEALUMODE, input CEINMODE, input CECARRYIN, input RSTA,
  input RSTB, input RSTC, input RSTD, input RSTM, input RSTP, input RSTCTRL, input RSTALUMODE, input RSTINMODE,
  input RSTALLCARRYIN,
  output [29:0] ACOUT, output [17:0] BCOUT, output [47:0] P, output [47:0] PCOUT, output [3:0] CARRYOUT,
  output CARRYCASCOUT, output MULTSIGNOUT, output PATTERNDETECT, output PATTERNBDETECT, output OVERFLOW,
  output UNDERFLOW
);
  // ---- inputs; where there is one register it is the second
  wire [29:0] a1, a2;
  wire [17:0] b1, b2;
  lunq_dsp_reg #(.W(30), .ON(AREG == 2)) a1_reg (CLK, CEA1, RSTA, A_SOURCE == "CASCADE" ? ACIN : A, a1);
  lunq_dsp_reg #(.W(30), .ON(AREG >= 1)) a2_reg (CLK, CEA2, RSTA, a1, a2);
  lunq_dsp_reg #(.W(18), .ON(BREG == 2)) b1_reg (CLK, CEB1, RSTB, B_SOURCE == "CASCADE" ? BCIN : B, b1);
  lunq_dsp_reg #(.W(18), .ON(BREG >= 1)) b2_reg (CLK, CEB2, RSTB, b1, b2);
  assign ACOUT = ACASCREG == AREG ? a2 : a1, BCOUT = BCASCREG == BREG ? b2 : b1;
  wire [47:0] c;
  wire [MW-1:0] d;
  wire [4:0] inmode;
  wire [8:0] opmode;
  wire [3:0] alumode;
  wire [2:0] carryinsel;
  lunq_dsp_reg #(.W(48), .ON(CREG)) c_reg (CLK, CEC, RSTC, C, c);
  lunq_dsp_reg #(.W(MW), .ON(DREG)) d_reg (CLK, CED, RSTD, D, d);
  lunq_dsp_reg #(.W(5), .ON(INMODEREG)) inmode_reg (CLK, CEINMODE, RSTINMODE, INMODE, inmode);
  lunq_dsp_reg #(.W(9), .ON(OPMODEREG)) opmode_reg (CLK, CECTRL, RSTCTRL, OPMODE, opmode);
  lunq_dsp_reg #(.W(4), .ON(ALUMODEREG)) alumode_reg (CLK, CEALUMODE, RSTALUMODE, ALUMODE, alumode);
  lunq_dsp_reg #(.W(3), .ON(CARRYINSELREG)) carryinsel_reg (CLK, CECTRL, RSTCTRL, CARRYINSEL, carryinsel);

  // ---- pre-adder and multiplier
  wire [MW-1:0] a_chosen = AREG == 2 && inmode[0] ? a1[MW-1:0] : a2[MW-1:0];
  wire [17:0] b_chosen = BREG == 2 && inmode[4] ? b1 : b2;
  wire [MW-1:0] a_gated = inmode[1] && PREADD == "A" ? 0 : a_chosen;
  wire [17:0] b_gated = inmode[1] && PREADD == "B" ? 0 : b_chosen;
  wire [MW-1:0] b_long = MW'($signed(b_gated)), to_add = PREADD == "A" ? a_gated : b_long;
  wire [MW-1:0] d_gated = inmode[2] ? d : 0;
  wire [MW-1:0] ad;
  lunq_dsp_reg #(.W(MW), .ON(ADREG)) ad_reg (CLK, CEAD, RSTD, inmode[3] ? d_gated - to_add : d_gated + to_add, ad);
  wire signed [MW-1:0] first = A_FACTOR == "AD" ? ad : a_gated;
  wire signed [17:0] second = B_FACTOR == "AD" ? ad[17:0] : b_gated;
  wire [47:0] m;
  wire same_sign;
  lunq_dsp_reg #(.W(48), .ON(MREG)) m_reg (CLK, CEM, RSTM, MULT == "NONE" ? 48'b0 : 48'(first * second), m);
  lunq_dsp_reg #(.W(1), .ON(MREG)) sign_reg (CLK, CEM, RSTM, first[MW-1] == second[17], same_sign);

  // ---- what is added
  wire [47:0] x = opmode[1:0] == 0 ? 0 : opmode[1:0] == 1 ? m : opmode[1:0] == 2 ? P : {a2, b2};
  wire [47:0] y = opmode[3:2] == 2 ? {48{1'b1}} : opmode[3:2] == 3 ? c : 0; // 1: the other half of the product
  wire [47:0] w = opmode[8:7] == 0 ? 0 : opmode[8:7] == 1 ? P : opmode[8:7] == 2 ? RND : c;
  reg [47:0] z;
  always @* case (opmode[6:4])
    1: z = PCIN;
    2: z = P;
    3: z = c;
    4: z = P;
    5: z = {{17{PCIN[47]}}, PCIN[47:17]};
    6: z = {{17{P[47]}}, P[47:17]};
    default: z = 0;
  endcase
  wire carry_reg;
  lunq_dsp_reg #(.W(1), .ON(CARRYINREG)) carryin_reg (CLK, CECARRYIN, RSTALLCARRYIN, CARRYIN, carry_reg);
  wire [7:0] carries = {P[47], same_sign, !P[47], CARRYCASCOUT, PCIN[47], CARRYCASCIN, !PCIN[47], carry_reg};
  wire carry = carries[carryinsel];

  // ---- adder, of parts between which no carry goes, and logic unit
  localparam PARTS = SIMD == "FOUR12" ? 4 : SIMD == "TWO24" ? 2 : 1, PW = 48 / PARTS;
  wire [47:0] zi = z ^ {48{alumode[0]}};
  wire [47:0] total;
  wire [3:0] carry_out;
  wire [47:0] logic_out = alumode[3] ? (x & y) | (x & zi) | (y & zi) : x ^ y ^ zi;
  wire [47:0] alu = (alumode[2] ? logic_out : total) ^ {48{alumode[1]}};
  genvar g;
  generate for (g = 0; g < 4; g = g + 1) begin : part
    if (g < PARTS) begin : adds
      wire [PW+1:0] sum = (PW + 2)'(x[PW*g +: PW]) + (PW + 2)'(y[PW*g +: PW]) + (PW + 2)'(w[PW*g +: PW])
                          + (PW + 2)'(zi[PW*g +: PW]) + (PW + 2)'(carry & g == 0);
      assign total[PW*g +: PW] = sum[PW-1:0];
      assign carry_out[(g + 1) * 4 / PARTS - 1] = sum[PW] ^ (alumode[1:0] == 3);
    end
    if ((g + 1) * PARTS % 4 != 0) begin : no_carry
      assign carry_out[g] = 0;
    end
  end endgenerate

  // ---- output
  wire [47:0] mask = SEL_MASK == "C" ? c : SEL_MASK == "ROUNDING_MODE1" ? {~c[46:0], 1'b0} :
                     SEL_MASK == "ROUNDING_MODE2" ? {~c[45:0], 2'b0} : MASK;
  wire [47:0] pattern = SEL_PATTERN == "C" ? c : PATTERN;
  wire match = &(~(alu ^ pattern) | mask), opposite = &((alu ^ pattern) | mask);
  reg match_before = 0, opposite_before = 0;
  lunq_dsp_reg #(.W(48), .ON(PREG)) p_reg (CLK, CEP, RSTP, alu, P);
  lunq_dsp_reg #(.W(4), .ON(PREG)) co_reg (CLK, CEP, RSTP, carry_out, CARRYOUT);
  lunq_dsp_reg #(.W(2), .ON(PREG)) pattern_reg (CLK, CEP, RSTP, {match, opposite}, {PATTERNDETECT, PATTERNBDETECT});
  always @(posedge CLK)
    if (RSTP) begin match_before <= 0; opposite_before <= 0; end
    else if (CEP) begin match_before <= PATTERNDETECT; opposite_before <= PATTERNBDETECT; end
  assign OVERFLOW = PREG != 0 & match_before & !PATTERNDETECT & !PATTERNBDETECT;
  assign UNDERFLOW = PREG != 0 & opposite_before & !PATTERNDETECT & !PATTERNBDETECT;
  assign PCOUT = P, CARRYCASCOUT = CARRYOUT[3], MULTSIGNOUT = m[47];
endmodule
