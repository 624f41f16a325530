// lunq_vio.sv - vio_0 and the like: virtual inputs and outputs: its outputs are 0.
module lunq_vio (
  input clk,
  input [255:0] probe_in0, input [255:0] probe_in1, input [255:0] probe_in2, input [255:0] probe_in3,
  input [255:0] probe_in4, input [255:0] probe_in5, input [255:0] probe_in6, input [255:0] probe_in7,
  input [255:0] probe_in8, input [255:0] probe_in9, input [255:0] probe_in10, input [255:0] probe_in11,
  input [255:0] probe_in12, input [255:0] probe_in13, input [255:0] probe_in14, input [255:0] probe_in15,
  output [255:0] probe_out0, output [255:0] probe_out1, output [255:0] probe_out2, output [255:0] probe_out3,
  output [255:0] probe_out4, output [255:0] probe_out5, output [255:0] probe_out6, output [255:0] probe_out7,
  output [255:0] probe_out8, output [255:0] probe_out9, output [255:0] probe_out10, output [255:0] probe_out11,
  output [255:0] probe_out12, output [255:0] probe_out13, output [255:0] probe_out14, output [255:0] probe_out15
);
  assign probe_out0 = 0, probe_out1 = 0, probe_out2 = 0, probe_out3 = 0, probe_out4 = 0,
         probe_out5 = 0, probe_out6 = 0, probe_out7 = 0, probe_out8 = 0, probe_out9 = 0,
         probe_out10 = 0, probe_out11 = 0, probe_out12 = 0, probe_out13 = 0, probe_out14 = 0,
         probe_out15 = 0;
endmodule
