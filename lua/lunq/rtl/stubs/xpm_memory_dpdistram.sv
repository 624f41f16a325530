// xpm_memory_dpdistram - a memory of tables: port A writes and reads, port B reads. Written from UG974.
module xpm_memory_dpdistram #(
  parameter ADDR_WIDTH_A = 6, ADDR_WIDTH_B = 6, BYTE_WRITE_WIDTH_A = 32, CLOCKING_MODE = "common_clock",
            IGNORE_INIT_SYNTH = 0, MEMORY_INIT_FILE = "none", MEMORY_INIT_PARAM = "0", MEMORY_OPTIMIZATION = "true",
            MEMORY_SIZE = 2048, MESSAGE_CONTROL = 0, READ_DATA_WIDTH_A = 32, READ_DATA_WIDTH_B = 32,
            READ_LATENCY_A = 2, READ_LATENCY_B = 2, READ_RESET_VALUE_A = "0", READ_RESET_VALUE_B = "0",
            RST_MODE_A = "SYNC", RST_MODE_B = "SYNC", SIM_ASSERT_CHK = 0, USE_EMBEDDED_CONSTRAINT = 0,
            USE_MEM_INIT = 1, USE_MEM_INIT_MMI = 0, WRITE_DATA_WIDTH_A = 32
) (
  input clka, input rsta, input ena, input regcea, input [WRITE_DATA_WIDTH_A/BYTE_WRITE_WIDTH_A-1:0] wea,
  input [ADDR_WIDTH_A-1:0] addra, input [WRITE_DATA_WIDTH_A-1:0] dina, output [READ_DATA_WIDTH_A-1:0] douta,
  input clkb, input rstb, input enb, input regceb, input [ADDR_WIDTH_B-1:0] addrb,
  output [READ_DATA_WIDTH_B-1:0] doutb
);
  xpm_memory_tdpram #(
    .ADDR_WIDTH_A(ADDR_WIDTH_A), .ADDR_WIDTH_B(ADDR_WIDTH_B), .BYTE_WRITE_WIDTH_A(BYTE_WRITE_WIDTH_A),
    .BYTE_WRITE_WIDTH_B(READ_DATA_WIDTH_B), .CLOCKING_MODE(CLOCKING_MODE), .MEMORY_INIT_FILE(MEMORY_INIT_FILE),
    .MEMORY_INIT_PARAM(MEMORY_INIT_PARAM), .MEMORY_SIZE(MEMORY_SIZE), .READ_DATA_WIDTH_A(READ_DATA_WIDTH_A),
    .READ_DATA_WIDTH_B(READ_DATA_WIDTH_B), .READ_LATENCY_A(READ_LATENCY_A), .READ_LATENCY_B(READ_LATENCY_B),
    .READ_RESET_VALUE_A(READ_RESET_VALUE_A), .READ_RESET_VALUE_B(READ_RESET_VALUE_B),
    .WRITE_DATA_WIDTH_A(WRITE_DATA_WIDTH_A), .WRITE_DATA_WIDTH_B(READ_DATA_WIDTH_B), .WRITE_MODE_A("read_first"),
    .WRITE_MODE_B("read_first")
  ) memory (
    .sleep(1'b0), .injectsbiterra(1'b0), .injectdbiterra(1'b0), .sbiterra(), .dbiterra(), .injectsbiterrb(1'b0),
    .injectdbiterrb(1'b0), .sbiterrb(), .dbiterrb(), .web(1'b0), .dinb(0), .*
  );
endmodule
