// xpm_memory_sdpram - a memory that is written through port A and read through port B. Written from UG974; no ECC, no
// sleep.
module xpm_memory_sdpram #(
  parameter ADDR_WIDTH_A = 6, ADDR_WIDTH_B = 6, AUTO_SLEEP_TIME = 0, BYTE_WRITE_WIDTH_A = 32, CASCADE_HEIGHT = 0,
            CLOCKING_MODE = "common_clock", ECC_BIT_RANGE = "7:0", ECC_MODE = "no_ecc", ECC_TYPE = "none",
            IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none", MEMORY_INIT_PARAM = "0", MEMORY_OPTIMIZATION = "true",
            MEMORY_PRIMITIVE = "auto", MEMORY_SIZE = 2048, MESSAGE_CONTROL = 0, RAM_DECOMP = "auto",
            READ_DATA_WIDTH_B = 32, READ_LATENCY_B = 2, READ_RESET_VALUE_B = "0", RST_MODE_A = "SYNC",
            RST_MODE_B = "SYNC", SIM_ASSERT_CHK = 0, USE_EMBEDDED_CONSTRAINT = 0, USE_MEM_INIT = 1,
            USE_MEM_INIT_MMI = 0, WAKEUP_TIME = "disable_sleep", WRITE_DATA_WIDTH_A = 32, WRITE_MODE_B = "no_change",
            WRITE_PROTECT = 1
) (
  input sleep, input clka, input ena, input [WRITE_DATA_WIDTH_A/BYTE_WRITE_WIDTH_A-1:0] wea,
  input [ADDR_WIDTH_A-1:0] addra, input [WRITE_DATA_WIDTH_A-1:0] dina, input injectsbiterra, input injectdbiterra,
  input clkb, input rstb, input enb, input regceb, input [ADDR_WIDTH_B-1:0] addrb,
  output [READ_DATA_WIDTH_B-1:0] doutb, output sbiterrb, output dbiterrb
);
  assign sbiterrb = 0, dbiterrb = 0;
  lunq_memory #(
    .BITS(MEMORY_SIZE), .FILE(MEMORY_INIT_FILE), .TEXT(MEMORY_INIT_PARAM), .AWA(ADDR_WIDTH_A),
    .WWA(WRITE_DATA_WIDTH_A), .RWA(WRITE_DATA_WIDTH_A), .BWA(BYTE_WRITE_WIDTH_A), .AWB(ADDR_WIDTH_B),
    .WWB(READ_DATA_WIDTH_B), .RWB(READ_DATA_WIDTH_B), .BWB(READ_DATA_WIDTH_B), .LATENCY_B(READ_LATENCY_B),
    .RESET_TEXT_B(READ_RESET_VALUE_B)
  ) memory (
    .clkb(CLOCKING_MODE == "common_clock" ? clka : clkb), .rsta(1'b0), .rsta_first(1'b0), .rstb_first(1'b0),
    .regcea(1'b0), .douta(), .web(0), .dinb(0), .*
  );
endmodule
