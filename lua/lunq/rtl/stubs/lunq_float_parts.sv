// lunq_float_parts.sv - a floating-point number taken apart: mantissa * 2^power. A subnormal is tiny, as zero is.
module lunq_float_parts #(parameter W = 32, F = 24) (
  input [W-1:0] in, output sign, output tiny, output nan, output inf, output [F-1:0] man, output signed [31:0] pow
);
  localparam E = W - F;
  localparam signed [31:0] BIAS = (1 << (E - 1)) - 1;
  wire [E-1:0] exponent = in[F-1 +: E];
  assign sign = in[W-1], tiny = exponent == 0, pow = $signed(32'(exponent)) - BIAS - (F - 1);
  assign nan = &exponent & in[F-2:0] != 0, inf = &exponent & in[F-2:0] == 0;
  assign man = tiny ? 0 : {1'b1, in[F-2:0]};
endmodule
