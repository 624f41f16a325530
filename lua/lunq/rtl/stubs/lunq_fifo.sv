// lunq_fifo.sv - the FIFO behind the stubs of xpm_fifo_*: one or two clocks, words of different widths (low part
// first), read mode "std" or first-word-fall-through. STAGES flip-flops between the clocks, 0: there is one clock.
// After a reset it is busy for some cycles of the write clock, and takes nothing meanwhile.
module lunq_fifo #(
  parameter WW = 32, RW = 32, DEPTH = 16, FWFT = 0, LATENCY = 1, STAGES = 0, FULL_IN_RESET = 0,
            PROG_FULL = 10, PROG_EMPTY = 10, WCW = 1, RCW = 1
) (
  input wr_clk, input rst, input wr_en, input [WW-1:0] din, output full, output almost_full, output prog_full,
  output reg wr_ack, output reg overflow, output wr_rst_busy, output [WCW-1:0] wr_data_count,
  input rd_clk, input rd_en, output [RW-1:0] dout, output empty, output almost_empty, output prog_empty,
  output data_valid, output reg underflow, output rd_rst_busy, output [RCW-1:0] rd_data_count
);
  // Counted in units as wide as the narrower word.
  localparam U = WW < RW ? WW : RW, WU = WW / U, RU = RW / U, UNITS = DEPTH * WU;
  localparam PW = $clog2(UNITS) + 1, ROWS = $clog2(DEPTH) + 1, RROWS = $clog2(UNITS / RU) + 1;
  reg [U-1:0] memory [0:UNITS-1];
  reg [PW-1:0] wp = 0, rp = 0;
  wire [PW-1:0] wp_rd, rp_wr;

  // ---- reset: the write side hears it first
  reg [3:0] busy = 0;
  wire busy_rd;
  always @(posedge wr_clk) busy <= rst ? 4'hf : busy >> 1;
  assign wr_rst_busy = busy != 0, rd_rst_busy = busy_rd;
  wire clear_wr = rst | wr_rst_busy;

  // ---- from one clock to the other
  generate
    if (STAGES == 0) begin : one_clock
      assign wp_rd = wp, rp_wr = rp, busy_rd = wr_rst_busy;
    end else begin : two_clocks
      reg [PW-1:0] to_rd [0:STAGES-1], to_wr [0:STAGES-1];
      reg [STAGES-1:0] busy_to_rd = 0;
      integer k;
      initial for (k = 0; k < STAGES; k = k + 1) begin to_rd[k] = 0; to_wr[k] = 0; end
      always @(posedge rd_clk) begin
        to_rd[0] <= wp;
        for (k = 1; k < STAGES; k = k + 1) to_rd[k] <= to_rd[k-1];
        busy_to_rd <= {busy_to_rd[STAGES-2:0], clear_wr};
      end
      always @(posedge wr_clk) begin
        to_wr[0] <= rp;
        for (k = 1; k < STAGES; k = k + 1) to_wr[k] <= to_wr[k-1];
      end
      assign wp_rd = to_rd[STAGES-1], rp_wr = to_wr[STAGES-1], busy_rd = busy_to_rd != 0;
    end
  endgenerate

  // ---- writing
  wire [PW-1:0] used = wp - rp_wr;
  wire [31:0] used_words = 32'(used) / WU;
  assign full = clear_wr ? FULL_IN_RESET != 0 : 32'(used) + WU > UNITS;
  assign almost_full = clear_wr ? FULL_IN_RESET != 0 : 32'(used) + 2 * WU > UNITS;
  assign prog_full = clear_wr ? FULL_IN_RESET != 0 : used_words >= PROG_FULL;
  assign wr_data_count = WCW < ROWS ? WCW'(used_words >> (ROWS - WCW)) : WCW'(used_words);
  wire write = wr_en & !full & !clear_wr;
  integer i;
  always @(posedge wr_clk) begin
    wr_ack <= write;
    overflow <= wr_en & !write;
    if (write) begin
      for (i = 0; i < WU; i = i + 1) memory[(32'(wp) + i) % UNITS] <= din[U*i +: U];
      wp <= wp + PW'(WU);
    end
    if (clear_wr) wp <= 0;
  end

  // ---- reading
  wire clear_rd = STAGES == 0 ? clear_wr : busy_rd;
  wire [PW-1:0] there = wp_rd - rp;
  wire [31:0] there_words = 32'(there) / RU;
  assign empty = clear_rd | there_words < 1;
  assign almost_empty = clear_rd | there_words < 2;
  assign prog_empty = clear_rd | there_words <= PROG_EMPTY;
  assign rd_data_count = clear_rd ? 0 : RCW < RROWS ? RCW'(there_words >> (RROWS - RCW)) : RCW'(there_words);
  wire read = rd_en & !empty;
  wire [RW-1:0] first;
  genvar g;
  generate for (g = 0; g < RU; g = g + 1) begin : word
    assign first[U*g +: U] = memory[(32'(rp) + g) % UNITS];
  end endgenerate
  always @(posedge rd_clk) begin
    underflow <= rd_en & !read;
    rp <= clear_rd ? 0 : read ? rp + PW'(RU) : rp;
  end

  generate
    if (FWFT != 0) begin : falls_through
      assign dout = first, data_valid = !empty;
    end else begin : standard
      localparam L = LATENCY < 1 ? 1 : LATENCY;
      reg [RW-1:0] line [0:L-1];
      reg [L-1:0] valid = 0;
      integer k;
      initial for (k = 0; k < L; k = k + 1) line[k] = 0;
      always @(posedge rd_clk) begin
        if (read) line[0] <= first;
        valid[0] <= read;
        for (k = 1; k < L; k = k + 1) begin
          if (valid[k-1]) line[k] <= line[k-1];
          valid[k] <= valid[k-1] & !clear_rd;
        end
        if (clear_rd) line[L-1] <= 0;
      end
      assign dout = line[L-1], data_valid = valid[L-1];
    end
  endgenerate
endmodule
