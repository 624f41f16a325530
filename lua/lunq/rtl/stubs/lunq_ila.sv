// lunq_ila.sv - ila_0 and the like, a logic analyser: nothing. device:trace and the flight recorder show signals.
module lunq_ila (
  input clk, input trig_in, output trig_in_ack, output trig_out, input trig_out_ack,
  input [1023:0] probe0, input [1023:0] probe1, input [1023:0] probe2, input [1023:0] probe3,
  input [1023:0] probe4, input [1023:0] probe5, input [1023:0] probe6, input [1023:0] probe7,
  input [1023:0] probe8, input [1023:0] probe9, input [1023:0] probe10, input [1023:0] probe11,
  input [1023:0] probe12, input [1023:0] probe13, input [1023:0] probe14, input [1023:0] probe15
);
  assign trig_in_ack = 0, trig_out = 0;
endmodule
