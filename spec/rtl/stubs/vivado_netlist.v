// vivado_netlist.v - a netlist in the form of `write_verilog -mode funcsim`, written by hand: escaped names, attributes,
// cells without parameters, outputs that go nowhere, and the module of the global signals behind it.
`timescale 1 ps / 1 ps

(* CHECK_LICENSE_TYPE = "design_1_plus_0_0,plus,{}" *) (* downgradeipidentifiedwarnings = "yes" *)
(* NotValidForBitStream *)
module vivado_netlist
   (aclk,
    aresetn,
    s_axis_tdata,
    s_axis_tvalid,
    s_axis_tready,
    m_axis_tdata,
    m_axis_tvalid,
    m_axis_tready);
  (* x_interface_info = "xilinx.com:signal:clock:1.0 aclk CLK" *) (* x_interface_parameter = "ASSOCIATED_BUSIF s_axis:m_axis" *) input aclk;
  input aresetn;
  input [7:0]s_axis_tdata;
  input s_axis_tvalid;
  output s_axis_tready;
  output [7:0]m_axis_tdata;
  output m_axis_tvalid;
  input m_axis_tready;

  wire \<const0> ;
  wire \<const1> ;
  wire aclk;
  wire aresetn;
  wire aresetn_0;
  wire load;
  wire [7:0]m_axis_tdata;
  wire m_axis_tready;
  wire m_axis_tvalid;
  wire m_axis_tvalid_i_1_n_0;
  wire \m_axis_tdata_reg[3]_i_1_n_0 ;
  wire [7:0]p_0_in;
  wire [7:0]s_axis_tdata;
  wire s_axis_tready;
  wire s_axis_tvalid;
  wire [3:0]\NLW_m_axis_tdata_reg[3]_i_1_CO_UNCONNECTED ;
  wire [3:0]\NLW_m_axis_tdata_reg[7]_i_1_CO_UNCONNECTED ;

  GND GND
       (.G(\<const0> ));
  VCC VCC
       (.P(\<const1> ));
  LUT1 #(
    .INIT(2'h1))
    aresetn_inv
       (.I0(aresetn),
        .O(aresetn_0));
  LUT2 #(
    .INIT(4'h8))
    load_INST_0
       (.I0(s_axis_tready),
        .I1(s_axis_tvalid),
        .O(load));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[0]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[0]),
        .Q(m_axis_tdata[0]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[1]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[1]),
        .Q(m_axis_tdata[1]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[2]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[2]),
        .Q(m_axis_tdata[2]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[3]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[3]),
        .Q(m_axis_tdata[3]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[4]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[4]),
        .Q(m_axis_tdata[4]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[5]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[5]),
        .Q(m_axis_tdata[5]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[6]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[6]),
        .Q(m_axis_tdata[6]),
        .R(\<const0> ));
  FDRE #(
    .INIT(1'b0))
    \m_axis_tdata_reg[7]
       (.C(aclk),
        .CE(load),
        .D(p_0_in[7]),
        .Q(m_axis_tdata[7]),
        .R(\<const0> ));
  (* ADDER_THRESHOLD = "35" *)
  CARRY4 \m_axis_tdata_reg[3]_i_1
       (.CI(\<const0> ),
        .CO({\m_axis_tdata_reg[3]_i_1_n_0 ,\NLW_m_axis_tdata_reg[3]_i_1_CO_UNCONNECTED [2:0]}),
        .CYINIT(\<const1> ),
        .DI({\<const0> ,\<const0> ,\<const0> ,\<const0> }),
        .O(p_0_in[3:0]),
        .S(s_axis_tdata[3:0]));
  (* ADDER_THRESHOLD = "35" *)
  CARRY4 \m_axis_tdata_reg[7]_i_1
       (.CI(\m_axis_tdata_reg[3]_i_1_n_0 ),
        .CO({\NLW_m_axis_tdata_reg[7]_i_1_CO_UNCONNECTED [3:0]}),
        .CYINIT(\<const0> ),
        .DI({\<const0> ,\<const0> ,\<const0> ,\<const0> }),
        .O(p_0_in[7:4]),
        .S(s_axis_tdata[7:4]));
  (* SOFT_HLUTNM = "soft_lutpair0" *)
  LUT3 #(
    .INIT(8'hF4))
    m_axis_tvalid_i_1
       (.I0(m_axis_tready),
        .I1(m_axis_tvalid),
        .I2(load),
        .O(m_axis_tvalid_i_1_n_0));
  FDRE #(
    .INIT(1'b0))
    m_axis_tvalid_reg
       (.C(aclk),
        .CE(\<const1> ),
        .D(m_axis_tvalid_i_1_n_0),
        .Q(m_axis_tvalid),
        .R(aresetn_0));
  (* SOFT_HLUTNM = "soft_lutpair0" *)
  LUT2 #(
    .INIT(4'hB))
    s_axis_tready_INST_0
       (.I0(m_axis_tready),
        .I1(m_axis_tvalid),
        .O(s_axis_tready));
endmodule
`ifndef GLBL
`define GLBL
`timescale  1 ps / 1 ps

module glbl ();
  parameter ROC_WIDTH = 100000;
  wire GSR;
  wire p_up_tmp;
  tri (weak1, strong0) PLL_LOCKG = p_up_tmp;
  reg GSR_int;
  assign (strong1, weak0) GSR = GSR_int;
  initial begin
    GSR_int = 1'b1;
    #(ROC_WIDTH)
    GSR_int = 1'b0;
  end
endmodule
`endif
