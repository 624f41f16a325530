// floats.v - every floating-point operator as Vitis HLS instantiates it, on two operands: registers 0x00 a, 0x08 b,
// 0x10 operation (64 bits each); results from 0x100 on, 8 bytes each, held by the last write of the operation.
module floats (
  input ap_clk, input ap_rst_n,
  input [9:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [9:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);
  wire wr;
  wire [9:0] waddr, raddr;
  wire [31:0] wval, wmask;
  reg [63:0] a = 0, b = 0, op = 0;
  reg [63:0] out [0:31];
  reg [7:0] age = 0;
  axil_port #(.AW(10)) port(.aclk(ap_clk), .aresetn(ap_rst_n),
    .awaddr(s_axi_awaddr), .awvalid(s_axi_awvalid), .awready(s_axi_awready),
    .wdata(s_axi_wdata), .wstrb(s_axi_wstrb), .wvalid(s_axi_wvalid), .wready(s_axi_wready),
    .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready),
    .araddr(s_axi_araddr), .arvalid(s_axi_arvalid), .arready(s_axi_arready),
    .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rvalid(s_axi_rvalid), .rready(s_axi_rready),
    .wr(wr), .waddr(waddr), .wval(wval), .wmask(), .wr_resp(2'b00),
    .rd(), .raddr(raddr), .rval(raddr[8] ? out[raddr[7:3]][raddr[2]*32 +: 32] : {24'b0, age}), .rd_resp(2'b00));
  integer k;
  initial for (k = 0; k < 32; k = k + 1) out[k] = 0;

  wire [63:0] r [0:31];
  wire [31:0] ready;
  `define FLOAT_2(N, NAME, IN, OUT) \
    wire [OUT-1:0] r``N; \
    NAME u``N (.aclk(ap_clk), .aclken(1'b1), .s_axis_a_tvalid(start), .s_axis_a_tdata(a[IN-1:0]), \
      .s_axis_b_tvalid(start), .s_axis_b_tdata(b[IN-1:0]), .m_axis_result_tvalid(ready[N]), \
      .m_axis_result_tdata(r``N)); \
    assign r[N] = 64'(r``N);
  `define FLOAT_1(N, NAME, IN, OUT) \
    wire [OUT-1:0] r``N; \
    NAME u``N (.aclk(ap_clk), .aclken(1'b1), .s_axis_a_tvalid(start), .s_axis_a_tdata(a[IN-1:0]), \
      .m_axis_result_tvalid(ready[N]), .m_axis_result_tdata(r``N)); \
    assign r[N] = 64'(r``N);
  `define FLOAT_OP(N, NAME, IN, OUT) \
    wire [OUT-1:0] r``N; \
    NAME u``N (.aclk(ap_clk), .aclken(1'b1), .s_axis_a_tvalid(start), .s_axis_a_tdata(a[IN-1:0]), \
      .s_axis_b_tvalid(start), .s_axis_b_tdata(b[IN-1:0]), .s_axis_operation_tvalid(start), \
      .s_axis_operation_tdata(op[7:0]), .m_axis_result_tvalid(ready[N]), .m_axis_result_tdata(r``N)); \
    assign r[N] = 64'(r``N);
  reg start = 0;
  `FLOAT_2(0, floats_fadd_32ns_32ns_32_5_full_dsp_1_ip, 32, 32)
  `FLOAT_2(1, floats_fsub_32ns_32ns_32_7_full_dsp_1_ip, 32, 32)
  `FLOAT_2(2, floats_fmul_32ns_32ns_32_4_max_dsp_1_ip, 32, 32)
  `FLOAT_2(3, floats_fdiv_32ns_32ns_32_16_no_dsp_1_ip, 32, 32)
  `FLOAT_1(4, floats_fsqrt_32ns_32ns_32_12_no_dsp_1_ip, 32, 32)
  `FLOAT_OP(5, floats_fcmp_32ns_32ns_1_3_no_dsp_1_ip, 32, 8)
  `FLOAT_OP(6, floats_faddfsub_32ns_32ns_32_5_full_dsp_1_ip, 32, 32)
  `FLOAT_2(7, floats_ap_dadd_5_full_dsp_64, 64, 64)
  `FLOAT_2(8, floats_ap_dmul_9_max_dsp_64, 64, 64)
  `FLOAT_2(9, floats_ddiv_64ns_64ns_64_31_no_dsp_1_ip, 64, 64)
  `FLOAT_1(10, floats_dsqrt_64ns_64ns_64_30_no_dsp_1_ip, 64, 64)
  `FLOAT_OP(11, floats_dcmp_64ns_64ns_1_3_no_dsp_1_ip, 64, 8)
  `FLOAT_1(12, floats_fpext_32ns_64_3_no_dsp_1_ip, 32, 64)
  `FLOAT_1(13, floats_fptrunc_64ns_32_3_no_dsp_1_ip, 64, 32)
  `FLOAT_1(14, floats_sitofp_32ns_32_6_no_dsp_1_ip, 32, 32)
  `FLOAT_1(15, floats_uitodp_64ns_64_6_no_dsp_1_ip, 64, 64)
  `FLOAT_1(16, floats_ap_sitodp_4_no_dsp_32, 32, 64)
  `FLOAT_1(17, floats_fexp_32ns_32ns_32_8_full_dsp_1_ip, 32, 32)
  `FLOAT_1(18, floats_flog_32ns_32ns_32_13_full_dsp_1_ip, 32, 32)
  `FLOAT_2(19, floats_hmul_16ns_16ns_16_4_max_dsp_1_ip, 16, 16)
  `FLOAT_1(20, floats_sptohp_32ns_16_3_no_dsp_1_ip, 32, 16)
  `FLOAT_1(21, floats_frsqrt_32ns_32ns_32_9_full_dsp_1_ip, 32, 32)
  `FLOAT_1(22, floats_frecip_32ns_32ns_32_9_full_dsp_1_ip, 32, 32)
  // As an .xci says (beside this file): to an integer of 32 bits, at once; and a + b * c as wrappers of Vivado do it.
  wire [31:0] r23, r24;
  floats_to_int u23 (.s_axis_a_tvalid(start), .s_axis_a_tdata(a[31:0]), .m_axis_result_tvalid(ready[23]),
                     .m_axis_result_tdata(r23));
  assign r[23] = 64'(r23), r[24] = 64'(r24);
  floating_point_v7_1_12 #(
    .C_HAS_FMA(1), .C_HAS_B(1), .C_HAS_C(1), .C_HAS_OPERATION(0), .C_LATENCY(6), .C_HAS_ARESETN(1), .C_HAS_ACLKEN(0)
  ) u24 (
    .aclk(ap_clk), .aclken(1'b0), .aresetn(ap_rst_n), .s_axis_a_tvalid(start), .s_axis_a_tdata(a[31:0]),
    .s_axis_b_tvalid(start), .s_axis_b_tdata(a[63:32]), .s_axis_c_tvalid(start), .s_axis_c_tdata(b[31:0]),
    .s_axis_operation_tvalid(1'b0), .s_axis_operation_tdata(8'b0), .m_axis_result_tvalid(ready[24]),
    .m_axis_result_tready(1'b0), .m_axis_result_tdata(r24), .s_axis_a_tuser(1'b0), .s_axis_a_tlast(1'b0),
    .s_axis_b_tuser(1'b0), .s_axis_b_tlast(1'b0), .s_axis_c_tuser(1'b0), .s_axis_c_tlast(1'b0),
    .s_axis_operation_tuser(1'b0), .s_axis_operation_tlast(1'b0));
  `undef FLOAT_1
  `undef FLOAT_2
  `undef FLOAT_OP

  // 25: the steps that the first operator and the one before the last took, from its operands to its result.
  reg [7:0] steps0 = 0, steps24 = 0;
  reg gone0 = 0, gone24 = 0;
  genvar g;
  generate for (g = 0; g < 25; g = g + 1) begin : keep
    always @(posedge ap_clk) if (ready[g]) out[g] <= r[g];
  end endgenerate
  always @(posedge ap_clk) begin
    start <= wr & waddr == 10'h10;
    age <= start ? 1 : age + 1;
    if (ready[0]) steps0 <= age;
    if (ready[24]) steps24 <= age;
    out[25] <= {48'b0, steps24, steps0};
    if (wr) case (waddr)
      10'h00: a[31:0] <= wval;
      10'h04: a[63:32] <= wval;
      10'h08: b[31:0] <= wval;
      10'h0c: b[63:32] <= wval;
      10'h10: op[31:0] <= wval;
      default: ;
    endcase
  end
endmodule
