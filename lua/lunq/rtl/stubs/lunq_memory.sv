// lunq_memory.sv - the memory behind the stubs of xpm_memory_* and of block RAM: two ports, each with widths of its
// own, byte enables, a write mode and a read latency. It is made of lanes as wide as the narrowest part that can be
// written or read. What a reset gives is a number or, when that is 0, a text of hexadecimal digits.
module lunq_memory #(
  parameter BITS = 2048, FILE = "none", BINARY = 0, TEXT = "0", // TEXT: rows as hexadecimal digits with commas between
            AWA = 6, WWA = 32, RWA = 32, BWA = 32, LATENCY_A = 2, MODE_A = "read_first", RESET_TEXT_A = "0",
            AWB = 6, WWB = 32, RWB = 32, BWB = 32, LATENCY_B = 2, MODE_B = "read_first", RESET_TEXT_B = "0",
            INIT = 0, // all of it as one number; no width of its own, as those of large memories are too wide
  parameter [RWA-1:0] START_A = 0, RESET_A = 0, parameter [RWB-1:0] START_B = 0, RESET_B = 0
) (
  input clka, input ena, input regcea, input rsta, input rsta_first, input [AWA-1:0] addra, input [WWA/BWA-1:0] wea,
  input [WWA-1:0] dina, output [RWA-1:0] douta,
  input clkb, input enb, input regceb, input rstb, input rstb_first, input [AWB-1:0] addrb, input [WWB/BWB-1:0] web,
  input [WWB-1:0] dinb, output [RWB-1:0] doutb
);
  function automatic integer least(input integer a, input integer b); least = a < b ? a : b; endfunction
  function automatic integer most(input integer a, input integer b); most = a > b ? a : b; endfunction
  localparam U = least(least(least(WWA, RWA), least(WWB, RWB)), least(BWA, BWB));
  localparam ROW = most(most(WWA, RWA), most(WWB, RWB)), LANES = ROW / U, ROWS = (BITS + ROW - 1) / ROW;

  // Addresses count words as wide as the port's narrower side, XPM allows no other.
  localparam STEP_A = ROW / least(WWA, RWA), STEP_B = ROW / least(WWB, RWB);
  wire [31:0] row_a = 32'(addra) / STEP_A % ROWS, row_b = 32'(addrb) / STEP_B % ROWS;
  wire [31:0] in_a = 32'(addra) % STEP_A * (least(WWA, RWA) / U), in_b = 32'(addrb) % STEP_B * (least(WWB, RWB) / U);
  localparam LWA = WWA / U, LWB = WWB / U;

  /* verilator lint_off MULTIDRIVEN */
  reg [ROW-1:0] memory [0:ROWS-1];
  /* verilator lint_on MULTIDRIVEN */
  // A digit, or nothing where the character is none: a comma, a blank, the 0 that fills a text from the left.
  function automatic [4:0] digit(input [7:0] c);
    digit = c >= "0" && c <= "9" ? {1'b1, c[3:0]} :
            (c | 8'h20) >= "a" && (c | 8'h20) <= "f" ? {1'b1, c[3:0] + 4'd9} : 0;
  endfunction
  localparam [$bits(TEXT)-1:0] ROWS_TEXT = TEXT;
  localparam [$bits(RESET_TEXT_A)-1:0] CLEAR_A = RESET_TEXT_A;
  localparam [$bits(RESET_TEXT_B)-1:0] CLEAR_B = RESET_TEXT_B;
  localparam IW = $bits(INIT) > ROW ? $bits(INIT) : ROW;
  localparam [IW-1:0] AT_START = INIT;
  integer k, row;
  reg [RWA-1:0] clear_a = RESET_A;
  reg [RWB-1:0] clear_b = RESET_B;
  initial begin
    for (k = $bits(CLEAR_A) / 8 - 1; k >= 0; k = k - 1)
      if (CLEAR_A != "0" && digit(CLEAR_A[8*k +: 8]) != 0)
        clear_a = clear_a << 4 | RWA'(digit(CLEAR_A[8*k +: 8]) & 5'd15);
    for (k = $bits(CLEAR_B) / 8 - 1; k >= 0; k = k - 1)
      if (CLEAR_B != "0" && digit(CLEAR_B[8*k +: 8]) != 0)
        clear_b = clear_b << 4 | RWB'(digit(CLEAR_B[8*k +: 8]) & 5'd15);
    for (k = 0; k < ROWS; k = k + 1) memory[k] = k < IW / ROW ? AT_START[k % (IW / ROW) * ROW +: ROW] : 0;
    row = 0;
    if (FILE != "none" && BINARY != 0) $readmemb(FILE, memory);
    else if (FILE != "none") $readmemh(FILE, memory);
    else if (TEXT != "0") for (k = $bits(TEXT) / 8 - 1; k >= 0; k = k - 1)
      if (ROWS_TEXT[8*k +: 8] == ",") row = row + 1;
      else if (row < ROWS && digit(ROWS_TEXT[8*k +: 8]) != 0)
        memory[row] = memory[row] << 4 | ROW'(digit(ROWS_TEXT[8*k +: 8]) & 5'd15);
  end

  wire [ROW-1:0] old_a, old_b, new_a, new_b;
  wire [LANES-1:0] hit_a, hit_b;
  assign old_a = memory[row_a], old_b = memory[row_b];
  genvar g;
  generate for (g = 0; g < LANES; g = g + 1) begin : lane
    // The place of this lane in the word that is written.
    wire [31:0] at_a = g - in_a / LWA * LWA, at_b = g - in_b / LWB * LWB;
    assign hit_a[g] = ena & at_a < LWA & wea[at_a % LWA * U / BWA];
    assign hit_b[g] = enb & at_b < LWB & web[at_b % LWB * U / BWB];
    wire [U-1:0] put_a = dina[at_a % LWA * U +: U], put_b = dinb[at_b % LWB * U +: U];
    always @(posedge clka) if (hit_a[g]) memory[row_a][U*g +: U] <= put_a;
    always @(posedge clkb) if (hit_b[g]) memory[row_b][U*g +: U] <= put_b;
    assign new_a[U*g +: U] = hit_a[g] ? put_a : old_a[U*g +: U];
    assign new_b[U*g +: U] = hit_b[g] ? put_b : old_b[U*g +: U];
  end endgenerate

  // The word read: within a row, aligned to its own width.
  wire [RWA-1:0] word_a = RWA'((MODE_A == "write_first" ? new_a : old_a) >> (in_a * U / RWA * RWA));
  wire [RWB-1:0] word_b = RWB'((MODE_B == "write_first" ? new_b : old_b) >> (in_b * U / RWB * RWB));
  wire take_a = ena & !(MODE_A == "no_change" & |wea), take_b = enb & !(MODE_B == "no_change" & |web);
  lunq_latency #(.W(RWA), .N(LATENCY_A), .START(START_A)) out_a (
    clka, rsta, rsta_first, clear_a, take_a, regcea, word_a, douta);
  lunq_latency #(.W(RWB), .N(LATENCY_B), .START(START_B)) out_b (
    clkb, rstb, rstb_first, clear_b, take_b, regceb, word_b, doutb);
endmodule
