// benches.v - all benches in one model, as each is quickly built and run, but not each as a model of its own.
module benches (input clk_a, input clk_b, input rst, output done, output [15:0] bad);
  wire [6:0] ended;
  wire [15:0] b0, b1, b2, b3, b4, b5, b6;
  fifo_bench fifo (clk_a, clk_b, rst, ended[0], b0);
  cdc_bench cdc (clk_a, clk_b, rst, ended[1], b1);
  memory_bench memory (clk_a, clk_b, rst, ended[2], b2);
  primitive_bench primitives (clk_a, clk_b, rst, ended[3], b3);
  dsp_bench dsp (clk_a, clk_b, rst, ended[4], b4);
  bram_bench bram (clk_a, clk_b, rst, ended[5], b5);
  clock_bench clocks (clk_a, clk_b, rst, ended[6], b6);
  assign done = &ended, bad = b0 + b1 + b2 + b3 + b4 + b5 + b6;
endmodule
