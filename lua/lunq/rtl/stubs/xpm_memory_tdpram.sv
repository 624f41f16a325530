// xpm_memory_tdpram - a memory with two ports that read and write. Written from UG974; no ECC, no
// sleep. Both writing to one place at once: the result is either's, as in hardware.
module xpm_memory_tdpram #(
  parameter ADDR_WIDTH_A = 6, ADDR_WIDTH_B = 6, AUTO_SLEEP_TIME = 0, BYTE_WRITE_WIDTH_A = 32, BYTE_WRITE_WIDTH_B = 32,
            CASCADE_HEIGHT = 0, CLOCKING_MODE = "common_clock", ECC_BIT_RANGE = "7:0", ECC_MODE = "no_ecc",
            ECC_TYPE = "none", IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none", MEMORY_INIT_PARAM = "0",
            MEMORY_OPTIMIZATION = "true", MEMORY_PRIMITIVE = "auto", MEMORY_SIZE = 2048, MESSAGE_CONTROL = 0,
            RAM_DECOMP = "auto", READ_DATA_WIDTH_A = 32, READ_DATA_WIDTH_B = 32, READ_LATENCY_A = 2,
            READ_LATENCY_B = 2, READ_RESET_VALUE_A = "0", READ_RESET_VALUE_B = "0", RST_MODE_A = "SYNC",
            RST_MODE_B = "SYNC", SIM_ASSERT_CHK = 0, USE_EMBEDDED_CONSTRAINT = 0, USE_MEM_INIT = 1,
            USE_MEM_INIT_MMI = 0, WAKEUP_TIME = "disable_sleep", WRITE_DATA_WIDTH_A = 32, WRITE_DATA_WIDTH_B = 32,
            WRITE_MODE_A = "no_change", WRITE_MODE_B = "no_change", WRITE_PROTECT = 1
) (
  input sleep, input clka, input rsta, input ena, input regcea,
  input [WRITE_DATA_WIDTH_A/BYTE_WRITE_WIDTH_A-1:0] wea, input [ADDR_WIDTH_A-1:0] addra,
  input [WRITE_DATA_WIDTH_A-1:0] dina, input injectsbiterra, input injectdbiterra,
  output [READ_DATA_WIDTH_A-1:0] douta, output sbiterra, output dbiterra,
  input clkb, input rstb, input enb, input regceb, input [WRITE_DATA_WIDTH_B/BYTE_WRITE_WIDTH_B-1:0] web,
  input [ADDR_WIDTH_B-1:0] addrb, input [WRITE_DATA_WIDTH_B-1:0] dinb, input injectsbiterrb, input injectdbiterrb,
  output [READ_DATA_WIDTH_B-1:0] doutb, output sbiterrb, output dbiterrb
);
  assign sbiterra = 0, dbiterra = 0, sbiterrb = 0, dbiterrb = 0;
  lunq_memory #(
    .BITS(MEMORY_SIZE), .FILE(MEMORY_INIT_FILE), .TEXT(MEMORY_INIT_PARAM), .AWA(ADDR_WIDTH_A),
    .WWA(WRITE_DATA_WIDTH_A), .RWA(READ_DATA_WIDTH_A), .BWA(BYTE_WRITE_WIDTH_A), .LATENCY_A(READ_LATENCY_A),
    .MODE_A(WRITE_MODE_A), .AWB(ADDR_WIDTH_B), .WWB(WRITE_DATA_WIDTH_B), .RWB(READ_DATA_WIDTH_B),
    .BWB(BYTE_WRITE_WIDTH_B), .LATENCY_B(READ_LATENCY_B), .MODE_B(WRITE_MODE_B),
    .RESET_TEXT_A(READ_RESET_VALUE_A), .RESET_TEXT_B(READ_RESET_VALUE_B)
  ) memory (
    .rsta_first(1'b0), .rstb_first(1'b0), .clkb(CLOCKING_MODE == "common_clock" ? clka : clkb), .*
  );
endmodule
