// xpm_memory_sprom - a memory with one port that only reads. Written from UG974; no ECC, no sleep.
module xpm_memory_sprom #(
  parameter ADDR_WIDTH_A = 6, AUTO_SLEEP_TIME = 0, CASCADE_HEIGHT = 0, ECC_BIT_RANGE = "7:0", ECC_MODE = "no_ecc",
            ECC_TYPE = "none", IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none", MEMORY_INIT_PARAM = "0",
            MEMORY_OPTIMIZATION = "true", MEMORY_PRIMITIVE = "auto", MEMORY_SIZE = 2048, MESSAGE_CONTROL = 0,
            RAM_DECOMP = "auto", READ_DATA_WIDTH_A = 32, READ_LATENCY_A = 2, READ_RESET_VALUE_A = "0",
            RST_MODE_A = "SYNC", SIM_ASSERT_CHK = 0, USE_MEM_INIT = 1, USE_MEM_INIT_MMI = 0,
            WAKEUP_TIME = "disable_sleep"
) (
  input sleep, input clka, input rsta, input ena, input regcea, input [ADDR_WIDTH_A-1:0] addra, input injectsbiterra,
  input injectdbiterra, output [READ_DATA_WIDTH_A-1:0] douta, output sbiterra, output dbiterra
);
  xpm_memory_spram #(
    .ADDR_WIDTH_A(ADDR_WIDTH_A), .MEMORY_INIT_FILE(MEMORY_INIT_FILE), .MEMORY_INIT_PARAM(MEMORY_INIT_PARAM),
    .MEMORY_SIZE(MEMORY_SIZE), .READ_DATA_WIDTH_A(READ_DATA_WIDTH_A), .WRITE_DATA_WIDTH_A(READ_DATA_WIDTH_A),
    .BYTE_WRITE_WIDTH_A(READ_DATA_WIDTH_A), .READ_LATENCY_A(READ_LATENCY_A), .READ_RESET_VALUE_A(READ_RESET_VALUE_A)
  ) memory (.wea(1'b0), .dina(0), .*);
endmodule
