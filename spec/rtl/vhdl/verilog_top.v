// verilog_top.v - Verilog with VHDL inside: double.vhd twice.
module verilog_top (
  input aclk, input aresetn,
  input [31:0] s_axis_tdata, input s_axis_tvalid, input s_axis_tlast, output s_axis_tready,
  output [31:0] m_axis_tdata, output m_axis_tvalid, output m_axis_tlast, input m_axis_tready);

  wire [31:0] data;
  wire valid, last, ready;
  double first (.aclk(aclk), .aresetn(aresetn), .s_axis_tdata(s_axis_tdata), .s_axis_tvalid(s_axis_tvalid),
    .s_axis_tlast(s_axis_tlast), .s_axis_tready(s_axis_tready), .m_axis_tdata(data), .m_axis_tvalid(valid),
    .m_axis_tlast(last), .m_axis_tready(ready));
  double second (.aclk(aclk), .aresetn(aresetn), .s_axis_tdata(data), .s_axis_tvalid(valid), .s_axis_tlast(last),
    .s_axis_tready(ready), .m_axis_tdata(m_axis_tdata), .m_axis_tvalid(m_axis_tvalid), .m_axis_tlast(m_axis_tlast),
    .m_axis_tready(m_axis_tready));
endmodule
