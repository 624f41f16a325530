// xpm_memory_dprom - a memory with two ports that only read. Written from UG974; no ECC, no sleep.
module xpm_memory_dprom #(
  parameter ADDR_WIDTH_A = 6, ADDR_WIDTH_B = 6, AUTO_SLEEP_TIME = 0, CASCADE_HEIGHT = 0,
            CLOCKING_MODE = "common_clock", ECC_BIT_RANGE = "7:0", ECC_MODE = "no_ecc", ECC_TYPE = "none",
            IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none", MEMORY_INIT_PARAM = "0", MEMORY_OPTIMIZATION = "true",
            MEMORY_PRIMITIVE = "auto", MEMORY_SIZE = 2048, MESSAGE_CONTROL = 0, RAM_DECOMP = "auto",
            READ_DATA_WIDTH_A = 32, READ_DATA_WIDTH_B = 32, READ_LATENCY_A = 2, READ_LATENCY_B = 2,
            READ_RESET_VALUE_A = "0", READ_RESET_VALUE_B = "0", RST_MODE_A = "SYNC", RST_MODE_B = "SYNC",
            SIM_ASSERT_CHK = 0, USE_MEM_INIT = 1, USE_MEM_INIT_MMI = 0, WAKEUP_TIME = "disable_sleep"
) (
  input sleep, input clka, input rsta, input ena, input regcea, input [ADDR_WIDTH_A-1:0] addra, input injectsbiterra,
  input injectdbiterra, output [READ_DATA_WIDTH_A-1:0] douta, output sbiterra, output dbiterra,
  input clkb, input rstb, input enb, input regceb, input [ADDR_WIDTH_B-1:0] addrb, input injectsbiterrb,
  input injectdbiterrb, output [READ_DATA_WIDTH_B-1:0] doutb, output sbiterrb, output dbiterrb
);
  xpm_memory_tdpram #(
    .ADDR_WIDTH_A(ADDR_WIDTH_A), .ADDR_WIDTH_B(ADDR_WIDTH_B), .CLOCKING_MODE(CLOCKING_MODE),
    .MEMORY_INIT_FILE(MEMORY_INIT_FILE), .MEMORY_INIT_PARAM(MEMORY_INIT_PARAM), .MEMORY_SIZE(MEMORY_SIZE),
    .READ_DATA_WIDTH_A(READ_DATA_WIDTH_A), .WRITE_DATA_WIDTH_A(READ_DATA_WIDTH_A),
    .BYTE_WRITE_WIDTH_A(READ_DATA_WIDTH_A), .READ_DATA_WIDTH_B(READ_DATA_WIDTH_B),
    .WRITE_DATA_WIDTH_B(READ_DATA_WIDTH_B), .BYTE_WRITE_WIDTH_B(READ_DATA_WIDTH_B), .READ_LATENCY_A(READ_LATENCY_A),
    .READ_LATENCY_B(READ_LATENCY_B), .READ_RESET_VALUE_A(READ_RESET_VALUE_A), .READ_RESET_VALUE_B(READ_RESET_VALUE_B)
  ) memory (.wea(1'b0), .dina(0), .web(1'b0), .dinb(0), .*);
endmodule
