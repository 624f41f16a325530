// cdc_bench.v - the stubs of xpm_cdc_*: what leaves one clock arrives at the other, once, after as many cycles as said.
module cdc_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0, m = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  always @(posedge clk_b) m <= rst ? 0 : m + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask

  // ---- a bit within one clock: 1 + 3 cycles
  wire bit_out;
  reg bit_in = 0;
  xpm_cdc_single #(.DEST_SYNC_FF(3)) single (.src_clk(clk_a), .src_in(bit_in), .dest_clk(clk_a), .dest_out(bit_out));
  always @(posedge clk_a) begin
    if (n == 10) bit_in <= 1; // seen by the first register at the edge after this one
    if (n == 14) check(!bit_out, "single3");
    if (n == 15) check(bit_out, "single4");
  end

  // ---- a counter: never back, and in the end the same
  reg [7:0] count = 0, last = 0;
  wire [7:0] count_b;
  xpm_cdc_gray #(.WIDTH(8), .REG_OUTPUT(1)) gray (
    .src_clk(clk_a), .src_in_bin(count), .dest_clk(clk_b), .dest_out_bin(count_b));
  always @(posedge clk_a) if (!rst & n < 200) count <= count + 1;
  always @(posedge clk_b) begin
    check(count_b >= last & count_b <= last + 3, "gray");
    last <= count_b;
  end
  wire [3:0] bits_b;
  xpm_cdc_array_single #(.WIDTH(4)) bits (.src_clk(clk_a), .src_in(count[7:4]), .dest_clk(clk_b), .dest_out(bits_b));

  // ---- words with request and answer, by hand and by itself
  reg send = 0, ack = 0, send2 = 0;
  reg [7:0] word = 1, got = 0, word2 = 1, got2 = 0;
  wire rcv, req, rcv2, req2;
  wire [7:0] out, out2;
  reg req_before = 0, req2_before = 0;
  xpm_cdc_handshake #(.WIDTH(8), .DEST_EXT_HSK(1)) hand (
    .src_clk(clk_a), .src_in(word), .src_send(send), .src_rcv(rcv), .dest_clk(clk_b), .dest_out(out), .dest_req(req),
    .dest_ack(ack));
  xpm_cdc_handshake #(.WIDTH(8), .DEST_EXT_HSK(0)) itself (
    .src_clk(clk_b), .src_in(word2), .src_send(send2), .src_rcv(rcv2), .dest_clk(clk_a), .dest_out(out2),
    .dest_req(req2), .dest_ack(1'b0));
  always @(posedge clk_a) if (!rst) begin
    if (!send & !rcv & word < 20) send <= 1;
    if (send & rcv) begin send <= 0; word <= word + 1; end
    req2_before <= req2;
    if (req2 & !req2_before) begin check(out2 == got2 + 1, "itself"); got2 <= out2; end
  end
  always @(posedge clk_b) if (!rst) begin
    ack <= req;
    req_before <= req;
    if (req & !req_before) begin check(out == got + 1, "hand"); got <= out; end
    if (!send2 & !rcv2 & word2 < 20) send2 <= 1;
    if (send2 & rcv2) begin send2 <= 0; word2 <= word2 + 1; end
  end

  // ---- pulses of one and of three cycles: as many there as here, of one cycle each
  reg [15:0] pulses_out = 0, pulses_in = 0;
  wire pulse_in = (n[4:0] == 3 | n[5:1] == 2) & n < 640 & n > 32;
  wire pulse_out;
  reg pulse_before = 0, pulse_was = 0;
  xpm_cdc_pulse pulse (
    .src_clk(clk_a), .src_rst(rst), .src_pulse(pulse_in), .dest_clk(clk_b), .dest_rst(rst), .dest_pulse(pulse_out));
  always @(posedge clk_a) begin
    pulse_was <= pulse_in;
    pulses_in <= pulses_in + {15'b0, pulse_in & !pulse_was};
  end
  always @(posedge clk_b) begin
    pulses_out <= pulses_out + {15'b0, pulse_out};
    pulse_before <= pulse_out;
    check(!(pulse_out & pulse_before), "width");
  end

  // ---- resets
  wire sync_b, async_b, low_b;
  xpm_cdc_sync_rst #(.DEST_SYNC_FF(2)) sync (.src_rst(n < 50 | rst), .dest_clk(clk_b), .dest_rst(sync_b));
  xpm_cdc_async_rst #(.RST_ACTIVE_HIGH(1)) high (.src_arst(n < 50 | rst), .dest_clk(clk_b), .dest_arst(async_b));
  xpm_cdc_async_rst #(.RST_ACTIVE_HIGH(0)) low (.src_arst(!(n == 100)), .dest_clk(clk_b), .dest_arst(low_b));
  always @(posedge clk_a) if (!rst) begin
    if (n == 48) check(sync_b & async_b & low_b, "resets");
    if (n == 60) check(!sync_b & !async_b, "ended");
    if (n == 101) check(!low_b, "atonce");
    if (n == 110) check(low_b, "low");
    if (n == 990) begin
      check(count_b == count & count == 200 & bits_b == count[7:4], "counter");
      check(got == 19 & got2 == 19, "words");
      check(pulses_in == 19 & pulses_out == 19, "pulses");
    end
    if (n == 1000) done <= 1;
  end
endmodule
