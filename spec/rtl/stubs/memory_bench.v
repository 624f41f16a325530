// memory_bench.v - the stubs of xpm_memory_*: latencies, byte enables, write modes, ports of different widths, two
// clocks, contents from a file.
module memory_bench (input clk_a, input clk_b, input rst, output reg done, output reg [15:0] bad);
  initial begin bad = 0; done = 0; end
  reg [15:0] n = 0;
  always @(posedge clk_a) n <= rst ? 0 : n + 1;
  task check(input ok, input [63:0] what);
    if (!ok) begin bad = bad + 1; $display("%m: %0s is wrong in cycle %0d", what, n); end
  endtask

  // ---- one port, 16 words of 32 bits with bytes, read first, latency 2; the same with latency 1, write first
  reg [3:0] we = 0, addr = 0;
  reg [31:0] d = 0;
  reg en = 1, regce = 1;
  wire [31:0] q2, q1, held;
  xpm_memory_spram #(.ADDR_WIDTH_A(4), .MEMORY_SIZE(512), .BYTE_WRITE_WIDTH_A(8), .MEMORY_INIT_FILE("words.mem")) two (
    .sleep(1'b0), .clka(clk_a), .rsta(rst), .ena(en), .regcea(regce), .wea(we), .addra(addr), .dina(d), .douta(q2),
    .injectsbiterra(1'b0), .injectdbiterra(1'b0));
  xpm_memory_spram #(.ADDR_WIDTH_A(4), .MEMORY_SIZE(512), .BYTE_WRITE_WIDTH_A(8), .READ_LATENCY_A(1),
                     .WRITE_MODE_A("write_first")) one (
    .sleep(1'b0), .clka(clk_a), .rsta(rst), .ena(en), .regcea(1'b1), .wea(we), .addra(addr), .dina(d), .douta(q1),
    .injectsbiterra(1'b0), .injectdbiterra(1'b0));
  xpm_memory_spram #(.ADDR_WIDTH_A(4), .MEMORY_SIZE(512), .BYTE_WRITE_WIDTH_A(8), .READ_LATENCY_A(1),
                     .WRITE_MODE_A("no_change")) keeps (
    .sleep(1'b0), .clka(clk_a), .rsta(rst), .ena(en), .regcea(1'b1), .wea(we), .addra(addr), .dina(d), .douta(held),
    .injectsbiterra(1'b0), .injectdbiterra(1'b0));
  always @(posedge clk_a) if (!rst) case (n)
    4: addr <= 3;                                        // from the file
    7: check(q2 == 32'h33333333, "file");
    10: begin we <= 4'b1111; d <= 32'h11223344; end
    11: begin we <= 4'b0101; d <= 32'haabbccdd; end      // edge 11 has written the word
    12: begin we <= 0; check(q1 == 32'h11223344, "wfirst"); end
    13: begin check(q1 == 32'h11bb33dd, "bytes"); check(held == 0, "nochange"); end
    14: check(q2 == 32'h11223344, "rfirst");             // two edges after the one that wrote bytes
    15: begin check(q2 == 32'h11bb33dd, "latency"); check(held == 32'h11bb33dd, "change"); end
    16: begin regce <= 0; addr <= 4; end
    20: begin check(q2 == 32'h11bb33dd & q1 == 0, "regce"); regce <= 1; end
    22: check(q2 == 32'h44444444, "regce2");
    23: begin en <= 0; addr <= 3; end
    26: begin check(q1 == 0, "enable"); end
    default: ;
  endcase

  // ---- written 32 bits wide with one clock, read 8 bits wide with the other
  reg sw = 0;
  reg [3:0] sa = 0;
  reg [31:0] sd = 32'h03020100;
  reg [5:0] sb = 0, sb1 = 0, sb2 = 0;
  wire [7:0] sq;
  xpm_memory_sdpram #(.ADDR_WIDTH_A(4), .ADDR_WIDTH_B(6), .MEMORY_SIZE(512), .READ_DATA_WIDTH_B(8),
                      .CLOCKING_MODE("independent_clock")) narrow (
    .sleep(1'b0), .clka(clk_a), .ena(1'b1), .wea(sw), .addra(sa), .dina(sd), .clkb(clk_b), .rstb(rst), .enb(1'b1),
    .regceb(1'b1), .addrb(sb), .doutb(sq), .injectsbiterra(1'b0), .injectdbiterra(1'b0));
  always @(posedge clk_a) begin
    sw <= n >= 10 & n < 26;
    if (sw) begin sa <= sa + 1; sd <= sd + 32'h04040404; end
  end
  always @(posedge clk_b) begin
    sb <= sb + 1; sb1 <= sb; sb2 <= sb1;
    if (n > 60) check(sq == {2'b00, sb2}, "narrow");
  end

  // ---- as Vivado's wrappers instantiate the generator: contents of a .mif, written through A and read through B; and
  // one port with bytes and a register behind it
  reg g_we = 0;
  reg [1:0] g_bytes = 0;
  wire [15:0] g_q, g_q2;
  blk_mem_gen_v8_4_2 #(
    .C_MEM_TYPE(1), .C_LOAD_INIT_FILE(1), .C_INIT_FILE_NAME("words.mif"), .C_HAS_ENA(1), .C_HAS_ENB(1),
    .C_WRITE_WIDTH_A(16), .C_READ_WIDTH_A(16), .C_WRITE_DEPTH_A(8), .C_READ_DEPTH_A(8), .C_ADDRA_WIDTH(3),
    .C_WRITE_WIDTH_B(16), .C_READ_WIDTH_B(16), .C_WRITE_DEPTH_B(8), .C_READ_DEPTH_B(8), .C_ADDRB_WIDTH(3)
  ) generated (
    .clka(clk_a), .rsta(1'b0), .ena(1'b1), .regcea(1'b0), .wea(g_we), .addra(3'd5), .dina(16'habcd), .clkb(clk_a),
    .rstb(1'b0), .enb(n != 80), .regceb(1'b0), .web(1'b1), .addrb(n[2:0]), .dinb(16'hffff), .doutb(g_q));
  blk_mem_gen_v8_4_5 #(
    .C_MEM_TYPE(0), .C_USE_BYTE_WEA(1), .C_BYTE_SIZE(8), .C_WEA_WIDTH(2), .C_WRITE_WIDTH_A(16), .C_READ_WIDTH_A(16),
    .C_WRITE_DEPTH_A(8), .C_READ_DEPTH_A(8), .C_ADDRA_WIDTH(32), .C_ENABLE_32BIT_ADDRESS(1), .C_HAS_RSTA(1),
    .C_INITA_VAL("5a5a"), .C_HAS_MEM_OUTPUT_REGS_A(1)
  ) bytes (
    .clka(clk_a), .rsta(n == 90), .ena(1'b0), .regcea(1'b0), .wea(g_bytes), .addra(32'd6), .dina(16'h1234),
    .douta(g_q2), .clkb(1'b0), .rstb(1'b0), .enb(1'b0), .regceb(1'b0), .web(1'b0), .addrb(6'b0), .dinb(32'b0));
  always @(posedge clk_a) if (!rst) case (n)
    64: g_we <= 1;
    65: g_we <= 0;
    70: check(g_q == 16'habcd, "gen_new");         // address 5 in cycle 69
    73: check(g_q == 16'h0001, "gen_mif");         // address 0
    74: check(g_q == 16'h8002, "gen_mif1");
    80: check(g_q == 16'hffff, "gen_7");
    81: check(g_q == 16'hffff, "gen_en");          // not enabled in cycle 80
    82: check(g_q == 16'h8002, "gen_on");
    84: g_bytes <= 2'b10;
    85: g_bytes <= 2'b00;
    86: check(g_q2 == 16'h0000, "gen_reg");
    88: check(g_q2 == 16'h1200, "gen_byte");
    91: check(g_q2 == 16'h5a5a, "gen_rst");
    92: check(g_q2 == 16'h1200, "gen_back");
    default: ;
  endcase

  // ---- two ports, 16 and 64 bits, bytes of 8 through the wide one
  reg ta = 0;
  reg [7:0] tb = 0;
  reg [5:0] aa = 0;
  reg [3:0] ab = 0;
  reg [15:0] da = 0;
  reg [63:0] db = 0;
  wire [15:0] qa;
  wire [63:0] qb;
  xpm_memory_tdpram #(
    .ADDR_WIDTH_A(6), .ADDR_WIDTH_B(4), .MEMORY_SIZE(1024), .WRITE_DATA_WIDTH_A(16), .READ_DATA_WIDTH_A(16),
    .BYTE_WRITE_WIDTH_A(16), .WRITE_DATA_WIDTH_B(64), .READ_DATA_WIDTH_B(64), .BYTE_WRITE_WIDTH_B(8),
    .READ_LATENCY_A(1), .READ_LATENCY_B(1)
  ) ports (
    .sleep(1'b0), .clka(clk_a), .rsta(rst), .ena(1'b1), .regcea(1'b1), .wea(ta), .addra(aa), .dina(da), .douta(qa),
    .injectsbiterra(1'b0), .injectdbiterra(1'b0), .clkb(clk_b), .rstb(rst), .enb(1'b1), .regceb(1'b1), .web(tb),
    .addrb(ab), .dinb(db), .doutb(qb), .injectsbiterrb(1'b0), .injectdbiterrb(1'b0));
  always @(posedge clk_a) if (!rst) case (n)
    100: begin ta <= 1; aa <= 8; da <= 16'h1111; end
    101: begin aa <= 10; da <= 16'h3333; end
    102: begin ta <= 0; ab <= 2; end
    104: check(qb == 64'h0000333300001111, "wide");
    110: begin tb <= 8'b10000001; db <= 64'hff000000000000ee; aa <= 8; end
    111: tb <= 0;
    113: begin check(qa == 16'h11ee, "low"); aa <= 11; end
    115: check(qa == 16'hff00, "high");
    // both ports in one cycle, different parts of one row
    120: begin ta <= 1; aa <= 9; da <= 16'h9999; tb <= 8'b00000010; db <= 64'h000000000000aa00; end
    121: begin ta <= 0; tb <= 0; end
    123: check(qb == 64'hff0033339999aaee, "both");
    130: done <= 1;
    default: ;
  endcase
endmodule
