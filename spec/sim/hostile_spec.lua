-- Designs come from files and tables: nothing in them may crash or hang the simulated device.
describe("a hostile design", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local helper = require "spec.helper"

  it("with parameters out of all bounds still loads and runs", function()
    for _, v in ipairs { "-1", "0", "9223372036854775807", "0xffffffffffffffff", "x", "", "1e9", "65537" } do
      local p = {}
      for _, name in ipairs { "C_SG_LENGTH_WIDTH", "C_ADDR_WIDTH", "C_M_AXI_MM2S_DATA_WIDTH", "C_M_AXI_S2MM_DATA_WIDTH",
        "C_MM2S_BURST_SIZE", "C_M_AXIS_MM2S_TDATA_WIDTH", "C_DLYTMR_RESOLUTION" } do p[name] = v end
      local d <close> = support.open(support.loopback(p, { TDATA_NUM_BYTES = v, FIFO_DEPTH = v, FIFO_MODE = v }))
      local mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
      mm2s.control(1)
      s2mm.control(1)
      s2mm.length(64)
      mm2s.length(64)
      support.settle(d)
      mm2s.close()
      s2mm.close()
    end
  end)

  it("with parameters out of all bounds in the other models, too", function()
    for _, v in ipairs { "-1", "0", "9223372036854775807", "x" } do
      local d <close> = support.open(support.hwh({}, {
        { "ps", "xilinx.com:ip:processing_system7:5.5", memory = { { "g", 0x41200000, 0x4120ffff, "S_AXI", "M" },
          { "f", 0x43c00000, 0x43c0ffff, "S_AXI", "M" } } },
        { "g", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = v, C_IS_DUAL = v, C_INTERRUPT_PRESENT = v,
          C_GPIO2_WIDTH = v }, ports = { { "gpio_io_i", "I", "n" }, { "gpio_io_o", "O", "o" } } },
        { "f", "xilinx.com:ip:axi_fifo_mm_s:4.2", parameters = { C_TX_FIFO_DEPTH = v, C_RX_FIFO_DEPTH = v } },
        { "c", "xilinx.com:ip:xlconcat:2.1", parameters = { NUM_PORTS = v },
          ports = { { "In0", "I", "o" }, { "dout", "O", "n" } } },
        { "s", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = v, DIN_TO = v },
          ports = { { "Din", "I", "n" }, { "Dout", "O", "m" } } },
        { "k", "xilinx.com:ip:xlconstant:1.1", parameters = { CONST_VAL = v, CONST_WIDTH = v },
          ports = { { "dout", "O", "k" } } },
      }))
      for _, at in ipairs { 0x41200000, 0x43c00000 } do
        local m <close> = core.mmio(at, 0x10000, d)
        for off = 0, 0x130, 4 do
          m:write(off, 0xffffffff)
          local ok, e = pcall(m.read, m, off) -- an empty FIFO refuses
          assert.is_true(ok or e.kind == "io")
        end
      end
      for _, pin in ipairs { "c/dout", "s/Dout", "k/dout", "g/gpio_io_i" } do assert.is_number(d:wire(pin)) end
    end
  end)

  it("with enormous ranges costs nothing, and a range that can't be is an error at the access", function()
    local huge <const> = helper.wide and 1 << 40 or 1 << 28
    local d <close> = support.open(core.design_from_table { arch = "zynq", ip = {
      huge = { vlnv = "a.b:user:x:1.0", address = 1 << 40, range = huge },
      wraps = { vlnv = "a.b:user:z:1.0", address = 1 << 44, range = (1 << 32) + 0x1000 }, -- 4 KiB in 32 bits
      absurd = { vlnv = "a.b:user:y:1.0", address = 1 << 61, range = 1 << 61 } } })
    local m <close> = core.mmio((1 << 40) + huge // 2, 0x1000, d)
    m:write(0, 5)
    assert.equal(5, m:read(0))
    local w <close> = core.mmio((1 << 44) + 0x2000, 0x1000, d)
    if helper.wide then
      assert.equal(0, w:read(0))
    else
      assert.match("no room for a range of 0x100001000 bytes", tostring(support.failure(w.read, w, 0)), 1, true)
    end
    local n <close> = core.mmio(1 << 61, 0x1000, d)
    local e = support.failure(n.read, n, 0)
    assert.equal("io", e.kind)
    assert.match("no room for a range of 0x2000000000000000 bytes", tostring(e), 1, true)
  end)

  it("of masters that reach each other's registers in a circle ends in an error", function()
    local d <close> = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5",
        memory = { { "dma", 0x40400000, 0x4040ffff, "S_AXI_LITE", "M" } } },
      { "dma", "xilinx.com:ip:axi_dma:7.1", parameters = { C_INCLUDE_SG = 0 },
        buses = { { "M_AXIS_MM2S", "MASTER", "s" }, { "S_AXIS_S2MM", "SLAVE", "s" } },
        memory = { { "dma", 0, 0xffff, "S_AXI_LITE", "M_AXI_MM2S" },
          { "dma", 0, 0xffff, "S_AXI_LITE", "M_AXI_S2MM" } } },
    }))
    local mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
    mm2s.control(1)
    s2mm.control(1)
    s2mm.address(0) -- the DMA writes what it reads from itself over its own registers
    s2mm.length(0x100)
    mm2s.address(0)
    mm2s.length(0x60)
    support.settle(d)
    mm2s.close()
    s2mm.close()
  end)
end)
