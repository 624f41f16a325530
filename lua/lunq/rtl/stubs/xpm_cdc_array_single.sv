// xpm_cdc_array_single - bits that have nothing to do with one another to another clock. Written from UG974.
module xpm_cdc_array_single #(
  parameter DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, SIM_ASSERT_CHK = 0, SRC_INPUT_REG = 1, WIDTH = 2
) (input src_clk, input [WIDTH-1:0] src_in, input dest_clk, output [WIDTH-1:0] dest_out);
  reg [WIDTH-1:0] source = 0, line [0:DEST_SYNC_FF-1];
  integer k;
  initial for (k = 0; k < DEST_SYNC_FF; k = k + 1) line[k] = 0;
  generate
    if (SRC_INPUT_REG != 0) begin : registered
      always @(posedge src_clk) source <= src_in;
    end else begin : direct
      always @* source = src_in;
    end
  endgenerate
  always @(posedge dest_clk) begin
    line[0] <= source;
    for (k = 1; k < DEST_SYNC_FF; k = k + 1) line[k] <= line[k-1];
  end
  assign dest_out = line[DEST_SYNC_FF-1];
endmodule
