// lunq_clocks.sv - what MMCM and PLL of all generations have in common: outputs with a divider each behind a common
// multiplier, here in eighths. Phases are 0, duty cycles those of the input. Locked after some cycles.
module lunq_clocks #(
  parameter MULTIPLY = 8, DIVIDE = 1, D0 = 8, D1 = 8, D2 = 8, D3 = 8, D4 = 8, D5 = 8, D6 = 8
) (input clock, input off, output [6:0] out, output locked);
  genvar g;
  generate for (g = 0; g < 7; g = g + 1) begin : each
    localparam D = g == 0 ? D0 : g == 1 ? D1 : g == 2 ? D2 : g == 3 ? D3 : g == 4 ? D4 : g == 5 ? D5 : D6;
    // A divider of 1 is the default of outputs that are not used.
    lunq_clock #(.NUMERATOR(D * DIVIDE), .DENOMINATOR(MULTIPLY), .QUIET(D == 8), .INDEX(g)) one (clock, off, out[g]);
  end endgenerate
  reg [3:0] steady = 0;
  always @(posedge clock or posedge off) steady <= off ? 0 : {steady[2:0], 1'b1};
  assign locked = steady[3];
endmodule
