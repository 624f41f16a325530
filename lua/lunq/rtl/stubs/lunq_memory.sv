// lunq_memory.sv - the memory behind the stubs of xpm_memory_*: two ports, each with widths of its own, byte enables, a
// write mode and a read latency. It is made of lanes as wide as the narrowest part that can be written or read.
module lunq_memory #(
  parameter BITS = 2048, FILE = "none", TEXT = "0",
            AWA = 6, WWA = 32, RWA = 32, BWA = 32, LATENCY_A = 2, MODE_A = "read_first",
            AWB = 6, WWB = 32, RWB = 32, BWB = 32, LATENCY_B = 2, MODE_B = "read_first"
) (
  input clka, input ena, input regcea, input rsta, input [AWA-1:0] addra, input [WWA/BWA-1:0] wea,
  input [WWA-1:0] dina, output [RWA-1:0] douta,
  input clkb, input enb, input regceb, input rstb, input [AWB-1:0] addrb, input [WWB/BWB-1:0] web,
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
  integer k;
  initial begin
    for (k = 0; k < ROWS; k = k + 1) memory[k] = 0;
    if (FILE != "none") $readmemh(FILE, memory);
    else if (TEXT != "0" && TEXT != "") $display("note: %m: MEMORY_INIT_PARAM is not used, the memory begins with 0");
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
  lunq_latency #(.W(RWA), .N(LATENCY_A)) out_a (clka, rsta, take_a, regcea, word_a, douta);
  lunq_latency #(.W(RWB), .N(LATENCY_B)) out_b (clkb, rstb, take_b, regceb, word_b, doutb);
endmodule
