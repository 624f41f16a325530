--- What QEMU's machines have, as designs: the same load on a simulated device and on qtest.
-- Addresses, lines and parameters: hw/microblaze/petalogix_*.c of QEMU 7.2. The processor of a machine
-- has one interrupt line; a design for "zynq" calls it interrupt 0.
local designs = {}

local function intc(edges)
  return { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x81800000, range = 0x1000,
           parameters = { C_KIND_OF_INTR = edges, C_NUM_INTR_INPUTS = 32 }, interrupts = { irq = 0 } }
end

local function input(n) return { controller = "intc", index = n } end

local function timer(index, hz)
  return { vlnv = "xilinx.com:ip:axi_timer:2.0", address = 0x83c00000, range = 0x1000,
           parameters = { FREQ_HZ = hz, C_COUNT_WIDTH = 32 }, interrupts = { interrupt = input(index) } }
end

--- AXI DMA (scatter-gather, its stream looped back by the Ethernet MAC), INTC, timer; little endian.
designs["petalogix-ml605"] = {
  name = "ml605", arch = "zynq",
  ip = {
    intc = intc(1 << 2),
    timer = timer(2, 100000000),
    dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = 0x84600000, range = 0x1000,
            parameters = { C_INCLUDE_SG = 1, C_SG_LENGTH_WIDTH = 23, C_INCLUDE_MM2S = 1, C_INCLUDE_S2MM = 1,
                           C_INCLUDE_MM2S_DRE = 1, C_INCLUDE_S2MM_DRE = 1, C_ADDR_WIDTH = 32,
                           C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32 },
            interrupts = { mm2s_introut = input(1), s2mm_introut = input(0) },
            streams = { M_AXIS_MM2S = "fifo/S_AXIS" } },
    fifo = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = "dma/S_AXIS_S2MM" },
             parameters = { TDATA_NUM_BYTES = 4, FIFO_DEPTH = 1024 } },
  },
}

--- UART Lite, INTC, timer; big endian. `level` and `edge` are inputs nothing else uses.
designs["petalogix-s3adsp1800"] = {
  name = "s3adsp1800", arch = "zynq",
  ip = {
    intc = intc(1 << 1 | 1 << 3),
    timer = timer(0, 62000000),
    uart = { vlnv = "xilinx.com:ip:axi_uartlite:2.0", address = 0x84000000, range = 0x1000,
             parameters = { C_BAUDRATE = 115200 }, interrupts = { interrupt = input(3) } },
    level = { vlnv = "acme.com:user:source:1.0", interrupts = { irq = input(8) } },
    edge = { vlnv = "acme.com:user:source:1.0", interrupts = { irq = input(1) } },
  },
}

return designs
