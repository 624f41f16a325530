// lunq_clock.sv - a clock of NUMERATOR/DENOMINATOR of another one's period. Where that is a whole number its high
// phases are every such one of the other's, so that edges fall together; where it is not, a clock can't be made of
// events alone: it is the other one, as it says once. QUIET: nobody asked for this one.
module lunq_clock #(parameter NUMERATOR = 1, DENOMINATOR = 1, QUIET = 0, INDEX = 0) (
  input clock, input clear, output out
);
  localparam WHOLE = NUMERATOR >= DENOMINATOR && NUMERATOR % DENOMINATOR == 0, N = WHOLE ? NUMERATOR / DENOMINATOR : 1;
  generate
    if (N == 1) begin : same
      assign out = clock;
    end else begin : slower
      reg [31:0] left = 0;
      reg on = 1;
      // Chosen while the clock is low: the rise of this one is that of the other, not a step later.
      always @(negedge clock or posedge clear)
        if (clear) begin left <= 0; on <= 1; end
        else begin
          on <= left == N - 1;
          left <= left == N - 1 ? 0 : left + 1;
        end
      assign out = clock & on;
    end
    if (!WHOLE && QUIET == 0) begin : says_so
      initial $display("note: %m: CLKOUT%0d should have %g times the frequency of its input, and is its input",
                       INDEX, 1.0 * DENOMINATOR / NUMERATOR);
    end
  endgenerate
endmodule
