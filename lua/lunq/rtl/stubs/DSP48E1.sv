// DSP48E1 - a DSP block of the 7 series. Written from UG479 and UG953; no automatic reset by the pattern.
module DSP48E1 #(
  parameter A_INPUT = "DIRECT", B_INPUT = "DIRECT", USE_DPORT = "FALSE", USE_MULT = "MULTIPLY", USE_SIMD = "ONE48",
            AUTORESET_PATDET = "NO_RESET", SEL_MASK = "MASK", SEL_PATTERN = "PATTERN",
            USE_PATTERN_DETECT = "NO_PATDET", ACASCREG = 1, ADREG = 1, ALUMODEREG = 1, AREG = 1, BCASCREG = 1,
            BREG = 1, CARRYINREG = 1, CARRYINSELREG = 1, CREG = 1, DREG = 1, INMODEREG = 1, MREG = 1, OPMODEREG = 1,
            PREG = 1,
  parameter [47:0] MASK = 48'h3fffffffffff, PATTERN = 48'h0,
  parameter [3:0] IS_ALUMODE_INVERTED = 4'h0, parameter [0:0] IS_CARRYIN_INVERTED = 1'b0, IS_CLK_INVERTED = 1'b0,
  parameter [4:0] IS_INMODE_INVERTED = 5'h0, parameter [6:0] IS_OPMODE_INVERTED = 7'h0
) (
  output [29:0] ACOUT, output [17:0] BCOUT, output CARRYCASCOUT, output [3:0] CARRYOUT, output MULTSIGNOUT,
  output OVERFLOW, output [47:0] P, output PATTERNBDETECT, output PATTERNDETECT, output [47:0] PCOUT,
  output UNDERFLOW, input [29:0] A, input [29:0] ACIN, input [3:0] ALUMODE, input [17:0] B, input [17:0] BCIN,
  input [47:0] C, input CARRYCASCIN, input CARRYIN, input [2:0] CARRYINSEL, input CEA1, input CEA2, input CEAD,
  input CEALUMODE, input CEB1, input CEB2, input CEC, input CECARRYIN, input CECTRL, input CED, input CEINMODE,
  input CEM, input CEP, input CLK, input [24:0] D, input [4:0] INMODE, input MULTSIGNIN, input [6:0] OPMODE,
  input [47:0] PCIN, input RSTA, input RSTALLCARRYIN, input RSTALUMODE, input RSTB, input RSTC, input RSTCTRL,
  input RSTD, input RSTINMODE, input RSTM, input RSTP
);
  lunq_dsp #(
    .MW(25), .A_SOURCE(A_INPUT), .B_SOURCE(B_INPUT), .A_FACTOR(USE_DPORT == "TRUE" ? "AD" : "A"), .MULT(USE_MULT),
    .SIMD(USE_SIMD), .SEL_MASK(SEL_MASK), .SEL_PATTERN(SEL_PATTERN), .MASK(MASK), .PATTERN(PATTERN),
    .ACASCREG(ACASCREG), .ADREG(ADREG), .ALUMODEREG(ALUMODEREG), .AREG(AREG), .BCASCREG(BCASCREG), .BREG(BREG),
    .CARRYINREG(CARRYINREG), .CARRYINSELREG(CARRYINSELREG), .CREG(CREG), .DREG(DREG), .INMODEREG(INMODEREG),
    .MREG(MREG), .OPMODEREG(OPMODEREG), .PREG(PREG)
  ) dsp (
    .CLK(CLK ^ IS_CLK_INVERTED), .ALUMODE(ALUMODE ^ IS_ALUMODE_INVERTED), .CARRYIN(CARRYIN ^ IS_CARRYIN_INVERTED),
    .INMODE(INMODE ^ IS_INMODE_INVERTED), .OPMODE({2'b00, OPMODE ^ IS_OPMODE_INVERTED}), .*
  );
  generate if (AUTORESET_PATDET != "NO_RESET") begin : resets
    lunq_refuses_AUTORESET_PATDET_of_DSP48E1 other ();
  end endgenerate
endmodule
