// lunq_latency.sv - N cycles between the word of a memory and its output: the first register with the port's enable,
// the last one with regce, and set by the reset (the first one by its own, which only block RAM has). N = 0: none.
module lunq_latency #(parameter W = 32, N = 2, parameter [W-1:0] START = 0) (
  input clk, input rst, input rst_first, input [W-1:0] clear, input en, input regce,
  input [W-1:0] in, output [W-1:0] out
);
  generate
    if (N == 0) begin : none
      assign out = in;
    end else begin : some
      reg [W-1:0] line [0:N-1];
      integer k;
      initial for (k = 0; k < N; k = k + 1) line[k] = START;
      always @(posedge clk) begin
        if (en) line[0] <= in;
        if (rst_first) line[0] <= clear;
        for (k = 1; k < N; k = k + 1)
          if (k < N - 1 || regce) line[k] <= line[k-1];
        if (rst) line[N-1] <= clear;
      end
      assign out = line[N-1];
    end
  endgenerate
endmodule
