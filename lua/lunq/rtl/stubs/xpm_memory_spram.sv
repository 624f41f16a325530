// xpm_memory_spram - a memory with one port. Written from UG974; no ECC, no sleep.
module xpm_memory_spram #(
  parameter ADDR_WIDTH_A = 6, AUTO_SLEEP_TIME = 0, BYTE_WRITE_WIDTH_A = 32, CASCADE_HEIGHT = 0, ECC_BIT_RANGE = "7:0",
            ECC_MODE = "no_ecc", ECC_TYPE = "none", IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none",
            MEMORY_INIT_PARAM = "0", MEMORY_OPTIMIZATION = "true", MEMORY_PRIMITIVE = "auto", MEMORY_SIZE = 2048,
            MESSAGE_CONTROL = 0, RAM_DECOMP = "auto", READ_DATA_WIDTH_A = 32, READ_LATENCY_A = 2,
            READ_RESET_VALUE_A = "0", RST_MODE_A = "SYNC", SIM_ASSERT_CHK = 0, USE_MEM_INIT = 1, USE_MEM_INIT_MMI = 0,
            WAKEUP_TIME = "disable_sleep", WRITE_DATA_WIDTH_A = 32, WRITE_MODE_A = "read_first", WRITE_PROTECT = 1
) (
  input sleep, input clka, input rsta, input ena, input regcea,
  input [WRITE_DATA_WIDTH_A/BYTE_WRITE_WIDTH_A-1:0] wea, input [ADDR_WIDTH_A-1:0] addra,
  input [WRITE_DATA_WIDTH_A-1:0] dina, input injectsbiterra, input injectdbiterra,
  output [READ_DATA_WIDTH_A-1:0] douta, output sbiterra, output dbiterra
);
  assign sbiterra = 0, dbiterra = 0;
  lunq_memory #(
    .BITS(MEMORY_SIZE), .FILE(MEMORY_INIT_FILE), .TEXT(MEMORY_INIT_PARAM), .AWA(ADDR_WIDTH_A),
    .WWA(WRITE_DATA_WIDTH_A), .RWA(READ_DATA_WIDTH_A), .BWA(BYTE_WRITE_WIDTH_A), .LATENCY_A(READ_LATENCY_A),
    .MODE_A(WRITE_MODE_A), .AWB(ADDR_WIDTH_A), .WWB(WRITE_DATA_WIDTH_A), .RWB(READ_DATA_WIDTH_A),
    .BWB(BYTE_WRITE_WIDTH_A), .RESET_TEXT_A(READ_RESET_VALUE_A)
  ) memory (
    .rsta_first(1'b0), .rstb_first(1'b0), .clkb(clka), .enb(1'b0), .regceb(1'b0), .rstb(1'b0), .addrb(0), .web(0),
    .dinb(0), .doutb(), .*
  );
endmodule
