// counted.v - a Verilog part of vhdl_top.vhd: counts what passes.
module counted #(parameter STEP = 1) (input clk, input reset, input [7:0] by, output reg [15:0] total);
  always @(posedge clk) total <= reset ? 0 : total + STEP * by;
endmodule
