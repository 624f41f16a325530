// xpm_cdc_handshake - a word to another clock with request and answer. Written from UG974: src_send stays up until
// src_rcv; dest_out holds while dest_req is up; without DEST_EXT_HSK the answer comes by itself.
module xpm_cdc_handshake #(
  parameter DEST_EXT_HSK = 1, DEST_SYNC_FF = 4, INIT_SYNC_FF = 0, SIM_ASSERT_CHK = 0, SRC_SYNC_FF = 4, WIDTH = 1
) (
  input src_clk, input [WIDTH-1:0] src_in, input src_send, output src_rcv,
  input dest_clk, output reg [WIDTH-1:0] dest_out, output reg dest_req, input dest_ack
);
  reg [WIDTH-1:0] held = 0;
  reg sending = 0;
  wire asked;
  initial begin dest_out = 0; dest_req = 0; end
  always @(posedge src_clk) begin
    if (src_send & !sending) held <= src_in;
    sending <= src_send;
  end
  xpm_cdc_single #(.DEST_SYNC_FF(DEST_SYNC_FF), .SRC_INPUT_REG(0)) there (
    .src_clk(src_clk), .src_in(sending), .dest_clk(dest_clk), .dest_out(asked));
  always @(posedge dest_clk) begin
    if (asked & !dest_req) dest_out <= held;
    dest_req <= asked;
  end
  xpm_cdc_single #(.DEST_SYNC_FF(SRC_SYNC_FF), .SRC_INPUT_REG(1)) back (
    .src_clk(dest_clk), .src_in(DEST_EXT_HSK != 0 ? dest_ack : dest_req), .dest_clk(src_clk), .dest_out(src_rcv));
endmodule
