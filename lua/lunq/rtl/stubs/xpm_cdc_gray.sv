// xpm_cdc_gray - a counter to another clock. Written from UG974.
module xpm_cdc_gray #(
  parameter DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, REG_OUTPUT = 0, SIM_ASSERT_CHK = 0, SIM_LOSSLESS_GRAY_CHK = 0, WIDTH = 2
) (input src_clk, input [WIDTH-1:0] src_in_bin, input dest_clk, output [WIDTH-1:0] dest_out_bin);
  wire [WIDTH-1:0] gray;
  xpm_cdc_array_single #(.DEST_SYNC_FF(DEST_SYNC_FF), .WIDTH(WIDTH)) bits (
    .src_clk(src_clk), .src_in(src_in_bin ^ (src_in_bin >> 1)), .dest_clk(dest_clk), .dest_out(gray));
  wire [WIDTH-1:0] binary;
  reg [WIDTH-1:0] later = 0;
  genvar g;
  generate for (g = 0; g < WIDTH; g = g + 1) begin : bits_above
    assign binary[g] = ^(gray >> g);
  end endgenerate
  always @(posedge dest_clk) later <= binary;
  assign dest_out_bin = REG_OUTPUT != 0 ? later : binary;
endmodule
