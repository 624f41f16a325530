// lunq_dsp_reg.sv - a register of a DSP block, or the wire that is there without it.
module lunq_dsp_reg #(parameter W = 1, ON = 1) (input clk, input ce, input rst, input [W-1:0] in, output [W-1:0] out);
  reg [W-1:0] held = 0;
  always @(posedge clk) if (rst) held <= 0; else if (ce) held <= in;
  assign out = ON != 0 ? held : in;
endmodule
