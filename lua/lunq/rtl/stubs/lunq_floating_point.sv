// lunq_floating_point.sv - AMD's Floating-Point Operator, as Vivado's wrappers instantiate it: they call it
// floating_point_v7_1_12 and the like, which lunq.rtl.generated makes of this file. Written from PG060 and from the
// wrappers; lunq_floating.sv says what the results are. No accumulators and no flags in TUSER: refused.
module lunq_floating_point #(
  parameter C_XDEVICEFAMILY = "", C_PART = "", C_HAS_ADD = 0, C_HAS_SUBTRACT = 0, C_HAS_MULTIPLY = 0, C_HAS_DIVIDE = 0,
            C_HAS_SQRT = 0, C_HAS_COMPARE = 0, C_HAS_FIX_TO_FLT = 0, C_HAS_FLT_TO_FIX = 0, C_HAS_FLT_TO_FLT = 0,
            C_HAS_RECIP = 0, C_HAS_RECIP_SQRT = 0, C_HAS_ABSOLUTE = 0, C_HAS_LOGARITHM = 0, C_HAS_EXPONENTIAL = 0,
            C_HAS_FMA = 0, C_HAS_FMS = 0, C_HAS_UNFUSED_MULTIPLY_ADD = 0, C_HAS_UNFUSED_MULTIPLY_SUB = 0,
            C_HAS_UNFUSED_MULTIPLY_ACCUMULATOR_A = 0, C_HAS_UNFUSED_MULTIPLY_ACCUMULATOR_S = 0,
            C_HAS_ACCUMULATOR_A = 0, C_HAS_ACCUMULATOR_S = 0, C_HAS_ACCUMULATOR_PRIMITIVE_A = 0,
            C_HAS_ACCUMULATOR_PRIMITIVE_S = 0, C_A_WIDTH = 32, C_A_FRACTION_WIDTH = 24, C_B_WIDTH = 32,
            C_B_FRACTION_WIDTH = 24, C_C_WIDTH = 32, C_C_FRACTION_WIDTH = 24, C_RESULT_WIDTH = 32,
            C_RESULT_FRACTION_WIDTH = 24, C_COMPARE_OPERATION = 8, C_LATENCY = 0, C_OPTIMIZATION = 1, C_MULT_USAGE = 0,
            C_BRAM_USAGE = 0, C_RATE = 1, C_ACCUM_INPUT_MSB = 32, C_ACCUM_MSB = 32, C_ACCUM_LSB = -31,
            C_HAS_UNDERFLOW = 0, C_HAS_OVERFLOW = 0, C_HAS_INVALID_OP = 0, C_HAS_DIVIDE_BY_ZERO = 0,
            C_HAS_ACCUM_OVERFLOW = 0, C_HAS_ACCUM_INPUT_OVERFLOW = 0, C_HAS_ACLKEN = 0, C_HAS_ARESETN = 0,
            C_THROTTLE_SCHEME = 3, C_HAS_A_TUSER = 0, C_HAS_A_TLAST = 0, C_HAS_B = 0, C_HAS_B_TUSER = 0,
            C_HAS_B_TLAST = 0, C_HAS_C = 0, C_HAS_C_TUSER = 0, C_HAS_C_TLAST = 0, C_HAS_OPERATION = 0,
            C_HAS_OPERATION_TUSER = 0, C_HAS_OPERATION_TLAST = 0, C_HAS_RESULT_TUSER = 0, C_HAS_RESULT_TLAST = 0,
            C_TLAST_RESOLUTION = 0, C_A_TDATA_WIDTH = 32, C_A_TUSER_WIDTH = 1, C_B_TDATA_WIDTH = 32,
            C_B_TUSER_WIDTH = 1, C_C_TDATA_WIDTH = 32, C_C_TUSER_WIDTH = 1, C_OPERATION_TDATA_WIDTH = 8,
            C_OPERATION_TUSER_WIDTH = 1, C_RESULT_TDATA_WIDTH = 32, C_RESULT_TUSER_WIDTH = 1,
            C_FIXED_DATA_UNSIGNED = 0
) (
  input aclk, input aclken, input aresetn,
  input s_axis_a_tvalid, output s_axis_a_tready, input [C_A_TDATA_WIDTH-1:0] s_axis_a_tdata,
  input [C_A_TUSER_WIDTH-1:0] s_axis_a_tuser, input s_axis_a_tlast,
  input s_axis_b_tvalid, output s_axis_b_tready, input [C_B_TDATA_WIDTH-1:0] s_axis_b_tdata,
  input [C_B_TUSER_WIDTH-1:0] s_axis_b_tuser, input s_axis_b_tlast,
  input s_axis_c_tvalid, output s_axis_c_tready, input [C_C_TDATA_WIDTH-1:0] s_axis_c_tdata,
  input [C_C_TUSER_WIDTH-1:0] s_axis_c_tuser, input s_axis_c_tlast,
  input s_axis_operation_tvalid, output s_axis_operation_tready,
  input [C_OPERATION_TDATA_WIDTH-1:0] s_axis_operation_tdata,
  input [C_OPERATION_TUSER_WIDTH-1:0] s_axis_operation_tuser, input s_axis_operation_tlast,
  output m_axis_result_tvalid, input m_axis_result_tready, output [C_RESULT_TDATA_WIDTH-1:0] m_axis_result_tdata,
  output [C_RESULT_TUSER_WIDTH-1:0] m_axis_result_tuser, output m_axis_result_tlast
);
  localparam OP = C_HAS_FMA != 0 ? "fma" : C_HAS_FMS != 0 ? "fms" : C_HAS_ADD != 0 && C_HAS_SUBTRACT != 0 ? "addsub" :
    C_HAS_ADD != 0 ? "add" : C_HAS_SUBTRACT != 0 ? "sub" : C_HAS_MULTIPLY != 0 ? "mul" : C_HAS_DIVIDE != 0 ? "div" :
    C_HAS_SQRT != 0 ? "sqrt" : C_HAS_COMPARE != 0 ? "compare" : C_HAS_FIX_TO_FLT != 0 ? "from_fixed" :
    C_HAS_FLT_TO_FIX != 0 ? "to_fixed" : C_HAS_FLT_TO_FLT != 0 ? "to_float" : C_HAS_RECIP != 0 ? "recip" :
    C_HAS_RECIP_SQRT != 0 ? "rsqrt" : C_HAS_ABSOLUTE != 0 ? "abs" : C_HAS_LOGARITHM != 0 ? "log" :
    C_HAS_EXPONENTIAL != 0 ? "exp" : "none";
  // Schemes 1 and 2 wait for the result to be taken, 3 (NonBlocking) and 4 never do.
  localparam BLOCKING = C_THROTTLE_SCHEME < 3 ? 1 : 0;
  wire [C_RESULT_WIDTH-1:0] result;
  wire valid = s_axis_a_tvalid & (s_axis_b_tvalid | C_HAS_B == 0) & (s_axis_c_tvalid | C_HAS_C == 0)
               & (s_axis_operation_tvalid | C_HAS_OPERATION == 0);
  wire ready, last;
  // Operands are taken together, when all of them are there.
  wire take = ready & (valid | C_THROTTLE_SCHEME == 3);
  assign s_axis_a_tready = take, s_axis_b_tready = take, s_axis_c_tready = take, s_axis_operation_tready = take;
  assign m_axis_result_tdata = C_RESULT_TDATA_WIDTH'(result), m_axis_result_tuser = 0;
  assign m_axis_result_tlast = last & C_HAS_RESULT_TLAST != 0;
  lunq_floating #(
    .OP(OP), .AW(C_A_WIDTH), .AF(C_A_FRACTION_WIDTH), .RW(C_RESULT_WIDTH), .RF(C_RESULT_FRACTION_WIDTH),
    .LATENCY(C_LATENCY), .UNSIGNED(C_FIXED_DATA_UNSIGNED), .COMPARE(C_COMPARE_OPERATION), .BLOCKING(BLOCKING)
  ) operator (
    .clk(aclk), .ce(aclken | C_HAS_ACLKEN == 0), .resetn(aresetn | C_HAS_ARESETN == 0), .valid(valid), .ready(ready),
    .last(C_TLAST_RESOLUTION == 2 ? s_axis_b_tlast : s_axis_a_tlast), .a(s_axis_a_tdata[C_A_WIDTH-1:0]),
    .b(C_A_WIDTH'(s_axis_b_tdata)), .c(C_A_WIDTH'(s_axis_c_tdata)), .operation(8'(s_axis_operation_tdata)),
    .result_valid(m_axis_result_tvalid), .result_ready(m_axis_result_tready), .result(result), .result_last(last)
  );
  generate
    if (C_HAS_ACCUMULATOR_A != 0 || C_HAS_ACCUMULATOR_S != 0 || C_HAS_ACCUMULATOR_PRIMITIVE_A != 0 ||
        C_HAS_ACCUMULATOR_PRIMITIVE_S != 0 || C_HAS_UNFUSED_MULTIPLY_ACCUMULATOR_A != 0 ||
        C_HAS_UNFUSED_MULTIPLY_ACCUMULATOR_S != 0 || C_HAS_UNFUSED_MULTIPLY_ADD != 0 ||
        C_HAS_UNFUSED_MULTIPLY_SUB != 0) begin : accumulates
      lunq_refuses_accumulator_of_floating_point other ();
    end
    if (C_HAS_RESULT_TUSER != 0) begin : flags
      lunq_refuses_tuser_of_floating_point other ();
    end
  endgenerate
endmodule
