// lunq_blk_mem_gen.sv - AMD's Block Memory Generator with its native ports, as Vivado's wrappers instantiate it: they
// call it blk_mem_gen_v8_4_5 and the like, see lunq.rtl.generated. Written from PG058 and from the wrappers. No AXI, no
// ECC. Contents at start are those of the .mif, which is looked for as other files of $readmem are.
module lunq_blk_mem_gen #(
  parameter C_FAMILY = "", C_XDEVICEFAMILY = "", C_ELABORATION_DIR = "", C_INTERFACE_TYPE = 0, C_AXI_TYPE = 1,
            C_AXI_SLAVE_TYPE = 0, C_USE_BRAM_BLOCK = 0, C_ENABLE_32BIT_ADDRESS = 0, C_CTRL_ECC_ALGO = "NONE",
            C_HAS_AXI_ID = 0, C_AXI_ID_WIDTH = 4, C_MEM_TYPE = 2, C_BYTE_SIZE = 9, C_ALGORITHM = 1, C_PRIM_TYPE = 1,
            C_LOAD_INIT_FILE = 0, C_INIT_FILE_NAME = "none", C_INIT_FILE = "none", C_USE_DEFAULT_DATA = 0,
            C_DEFAULT_DATA = "0", C_HAS_RSTA = 0, C_RST_PRIORITY_A = "CE", C_RSTRAM_A = 0, C_INITA_VAL = "0",
            C_HAS_ENA = 0, C_HAS_REGCEA = 0, C_USE_BYTE_WEA = 0, C_WEA_WIDTH = 1, C_WRITE_MODE_A = "WRITE_FIRST",
            C_WRITE_WIDTH_A = 32, C_READ_WIDTH_A = 32, C_WRITE_DEPTH_A = 64, C_READ_DEPTH_A = 64, C_ADDRA_WIDTH = 6,
            C_HAS_RSTB = 0, C_RST_PRIORITY_B = "CE", C_RSTRAM_B = 0, C_INITB_VAL = "0", C_HAS_ENB = 0,
            C_HAS_REGCEB = 0, C_USE_BYTE_WEB = 0, C_WEB_WIDTH = 1, C_WRITE_MODE_B = "WRITE_FIRST",
            C_WRITE_WIDTH_B = 32, C_READ_WIDTH_B = 32, C_WRITE_DEPTH_B = 64, C_READ_DEPTH_B = 64, C_ADDRB_WIDTH = 6,
            C_HAS_MEM_OUTPUT_REGS_A = 0, C_HAS_MEM_OUTPUT_REGS_B = 0, C_HAS_MUX_OUTPUT_REGS_A = 0,
            C_HAS_MUX_OUTPUT_REGS_B = 0, C_MUX_PIPELINE_STAGES = 0, C_HAS_SOFTECC_INPUT_REGS_A = 0,
            C_HAS_SOFTECC_OUTPUT_REGS_B = 0, C_USE_SOFTECC = 0, C_USE_ECC = 0, C_EN_ECC_PIPE = 0,
            C_READ_LATENCY_A = 1, C_READ_LATENCY_B = 1, C_HAS_INJECTERR = 0, C_SIM_COLLISION_CHECK = "ALL",
            C_COMMON_CLK = 0, C_DISABLE_WARN_BHV_COLL = 0, C_EN_SLEEP_PIN = 0, C_USE_URAM = 0, C_EN_RDADDRA_CHG = 0,
            C_EN_RDADDRB_CHG = 0, C_EN_DEEPSLEEP_PIN = 0, C_EN_SHUTDOWN_PIN = 0, C_EN_SAFETY_CKT = 0,
            C_DISABLE_WARN_BHV_RANGE = 0, C_COUNT_36K_BRAM = "", C_COUNT_18K_BRAM = "", C_EST_POWER_SUMMARY = ""
) (
  input clka, input rsta, input ena, input regcea, input [C_WEA_WIDTH-1:0] wea, input [C_ADDRA_WIDTH-1:0] addra,
  input [C_WRITE_WIDTH_A-1:0] dina, output [C_READ_WIDTH_A-1:0] douta,
  input clkb, input rstb, input enb, input regceb, input [C_WEB_WIDTH-1:0] web, input [C_ADDRB_WIDTH-1:0] addrb,
  input [C_WRITE_WIDTH_B-1:0] dinb, output [C_READ_WIDTH_B-1:0] doutb,
  input injectsbiterr, input injectdbiterr, input eccpipece, output sbiterr, output dbiterr,
  output [C_ADDRB_WIDTH-1:0] rdaddrecc, input sleep, input deepsleep, input shutdown, output rsta_busy,
  output rstb_busy,
  input s_aclk, input s_aresetn, input [C_AXI_ID_WIDTH-1:0] s_axi_awid, input [31:0] s_axi_awaddr,
  input [7:0] s_axi_awlen, input [2:0] s_axi_awsize, input [1:0] s_axi_awburst, input s_axi_awvalid,
  output s_axi_awready, input [C_WRITE_WIDTH_A-1:0] s_axi_wdata, input [C_WEA_WIDTH-1:0] s_axi_wstrb,
  input s_axi_wlast, input s_axi_wvalid, output s_axi_wready, output [C_AXI_ID_WIDTH-1:0] s_axi_bid,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready, input [C_AXI_ID_WIDTH-1:0] s_axi_arid,
  input [31:0] s_axi_araddr, input [7:0] s_axi_arlen, input [2:0] s_axi_arsize, input [1:0] s_axi_arburst,
  input s_axi_arvalid, output s_axi_arready, output [C_AXI_ID_WIDTH-1:0] s_axi_rid,
  output [C_READ_WIDTH_B-1:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rlast, output s_axi_rvalid,
  input s_axi_rready, input s_axi_injectsbiterr, input s_axi_injectdbiterr, output s_axi_sbiterr,
  output s_axi_dbiterr, output [C_ADDRB_WIDTH-1:0] s_axi_rdaddrecc
);
  assign sbiterr = 0, dbiterr = 0, rdaddrecc = 0, rsta_busy = 0, rstb_busy = 0;
  assign s_axi_awready = 0, s_axi_wready = 0, s_axi_bid = 0, s_axi_bresp = 0, s_axi_bvalid = 0, s_axi_arready = 0,
         s_axi_rid = 0, s_axi_rdata = 0, s_axi_rresp = 0, s_axi_rlast = 0, s_axi_rvalid = 0, s_axi_sbiterr = 0,
         s_axi_dbiterr = 0, s_axi_rdaddrecc = 0;
  // Types: one port, A writes and B reads, both do both, ROM with one port, ROM with two.
  localparam WRITES_A = C_MEM_TYPE < 3, WRITES_B = C_MEM_TYPE == 2;
  localparam BA = C_USE_BYTE_WEA != 0 ? C_BYTE_SIZE : C_WRITE_WIDTH_A;
  localparam BB = C_USE_BYTE_WEB != 0 ? C_BYTE_SIZE : C_WRITE_WIDTH_B;
  localparam SA = C_ENABLE_32BIT_ADDRESS != 0 ? $clog2(C_WRITE_WIDTH_A / 8) : 0; // addresses are those of bytes
  localparam SB = C_ENABLE_32BIT_ADDRESS != 0 ? $clog2(C_WRITE_WIDTH_B / 8) : 0;
  localparam MODE_A = C_WRITE_MODE_A == "WRITE_FIRST" ? "write_first" :
                      C_WRITE_MODE_A == "NO_CHANGE" ? "no_change" : "read_first";
  localparam MODE_B = C_WRITE_MODE_B == "WRITE_FIRST" ? "write_first" :
                      C_WRITE_MODE_B == "NO_CHANGE" ? "no_change" : "read_first";
  wire on_a = ena | C_HAS_ENA == 0, on_b = enb | C_HAS_ENB == 0;
  lunq_memory #(
    .BITS(C_WRITE_WIDTH_A * C_WRITE_DEPTH_A), .FILE(C_LOAD_INIT_FILE != 0 ? C_INIT_FILE_NAME : "none"), .BINARY(1),
    .AWA(C_ADDRA_WIDTH), .WWA(C_WRITE_WIDTH_A), .RWA(C_READ_WIDTH_A), .BWA(BA), .MODE_A(MODE_A),
    .LATENCY_A(1 + C_HAS_MEM_OUTPUT_REGS_A + C_HAS_MUX_OUTPUT_REGS_A + C_MUX_PIPELINE_STAGES),
    .RESET_TEXT_A(C_INITA_VAL), .AWB(C_ADDRB_WIDTH), .WWB(C_WRITE_WIDTH_B), .RWB(C_READ_WIDTH_B), .BWB(BB),
    .MODE_B(MODE_B), .RESET_TEXT_B(C_INITB_VAL),
    .LATENCY_B(1 + C_HAS_MEM_OUTPUT_REGS_B + C_HAS_MUX_OUTPUT_REGS_B + C_MUX_PIPELINE_STAGES)
  ) memory (
    .clka(clka), .ena(on_a), .regcea(C_HAS_REGCEA != 0 ? regcea : on_a), .rsta(rsta & C_HAS_RSTA != 0),
    .rsta_first(1'b0), .addra(addra >> SA), .wea(wea & {C_WEA_WIDTH{WRITES_A}}), .dina(dina), .douta(douta),
    .clkb(C_MEM_TYPE == 0 || C_MEM_TYPE == 3 ? clka : clkb), .enb(on_b),
    .regceb(C_HAS_REGCEB != 0 ? regceb : on_b), .rstb(rstb & C_HAS_RSTB != 0), .rstb_first(1'b0), .addrb(addrb >> SB),
    .web(web & {C_WEB_WIDTH{WRITES_B}}), .dinb(dinb), .doutb(doutb));
  generate
    if (C_INTERFACE_TYPE != 0) begin : axi
      lunq_refuses_AXI_interface_of_blk_mem_gen other ();
    end
    if (C_USE_ECC != 0 || C_USE_SOFTECC != 0) begin : ecc
      lunq_refuses_ECC_of_blk_mem_gen other ();
    end
  endgenerate
endmodule
