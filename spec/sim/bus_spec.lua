describe("the simulated bus", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d, m

  after_each(function()
    if m then m:close() end
    m = nil
    d:close()
  end)

  local function open(addr, size)
    if m then m:close() end
    m = core.mmio(addr, size, d)
    return m
  end

  it("answers in 0x40000000 to 0xbfffffff like registers while no design is loaded", function()
    d = core.device_open "sim"
    open(0x40000000, 0x1000):write(0x10, 0xdeadbeef)
    assert.equal(0xdeadbeef, m:read(0x10))
    open(0xbffff000, 0x1000):write(0xffc, 1)
    local e = support.failure(function() open(0xc0000000, 0x1000):read(0) end)
    assert.equal("io", e.kind)
    assert.equal("Bus error (DECERR) reading 4 bytes at 0xc0000000: nothing answers there, and no design is loaded.",
      tostring(e))
  end)

  it("answers only in the ranges of a loaded design, and names the nearest IP", function()
    d = support.open(support.loopback())
    open(0x40000000, 0x1000000)
    local e = support.failure(m.read, m, 0x10)
    assert.equal("io", e.kind)
    assert.equal("Bus error (DECERR) reading 4 bytes at 0x40000010: nothing answers there. The nearest IP is "
      .. "dma at 0x40400000 to 0x4040ffff.", tostring(e))
    e = support.failure(m.write, m, 0x410000, 1)
    assert.match("Bus error (DECERR) writing 4 bytes at 0x40410000", tostring(e), 1, true)
    assert.equal(0x10001, m:read(0x400004))
  end)

  it("an access that reaches across the end of an IP is refused", function()
    d = support.open(core.design_from_table { arch = "zynq",
      ip = { odd = { vlnv = "a.b:user:odd:1.0", address = 0x43c00000, range = 0x1004 } } })
    open(0x43c00000, 0x2000)
    m:write(0x1000, 5)
    assert.equal("io", support.failure(m.read64, m, 0x1000).kind)
  end)

  it("splits a 64-bit access to word registers, takes bytes out of words, refuses narrow writes", function()
    d = support.open(support.loopback { C_ADDR_WIDTH = 64 })
    open(support.DMA, 0x10000)
    m:write64(0x18, 0x1122334455667788)
    assert.equal(0x55667788, m:read(0x18))
    assert.equal(0x11223344, m:read(0x1c))
    assert.equal(0x1122334455667788, m:read64(0x18))
    assert.equal(0x66, m:read8(0x1a))
    assert.equal(0x5566, m:read16(0x1a))
    local e = support.failure(m.write8, m, 0x18, 1)
    assert.equal("io", e.kind)
    assert.equal("Bus error (SLVERR) writing 1 bytes at 0x40400018 (dma + 0x18): its registers are 32 bits wide: "
      .. "write 4 bytes.", tostring(e))
  end)

  it("an IP without a model is a register file that starts with the reset values", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = { x = { vlnv = "a.b:user:x:1.0",
      address = 0x43c00000, range = 0x10000, registers = { ID = { offset = 0, reset = 0xcafe },
        WIDE = { offset = 8, size = 64, reset = 0x123456789 }, OFF = { offset = 4, reset = 7, enabled = false } } } } })
    open(0x43c00000, 0x10000)
    assert.equal("register file", d:models().x)
    assert.equal(0xcafe, m:read(0))
    assert.equal(0, m:read(4)) -- absent in this configuration
    assert.equal(0x123456789, m:read64(8))
    m:write8(1, 0x55)
    assert.equal(0x55fe, m:read(0))
  end)

  it("lets the CPU reach the device's memory, and nothing of it beyond", function()
    d = core.device_open "sim?ddr=16M"
    d:poke(0x200000, "abcd")
    assert.equal(0x64636261, open(0x200000, 0x1000):read(0))
    assert.equal("io", support.failure(function() open(0x1000000, 4):read(0) end).kind)
  end)

  it("each master sees what its own address map says", function()
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", memory = {
        { "dma", 0x40400000, 0x4040ffff, "S_AXI_LITE", "M_AXI_GP0" },
        { "bram", 0x42000000, 0x42000fff, "S_AXI", "M_AXI_GP0", "MEMORY" } } },
      { "dma", "xilinx.com:ip:axi_dma:7.1", parameters = { C_SG_LENGTH_WIDTH = 20 },
        buses = { { "M_AXIS_MM2S", "MASTER", "s" }, { "S_AXIS_S2MM", "SLAVE", "s" } },
        memory = { { "ps", 0, 0x1fffffff, "S_AXI_HP0", "M_AXI_MM2S", "MEMORY" },
          { "bram", 0xc0000000, 0xc0000fff, "S_AXI", "M_AXI_S2MM", "MEMORY" } } },
      { "bram", "xilinx.com:ip:axi_bram_ctrl:4.1" },
    }))
    local mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
    local text = ("from memory to BRAM "):rep(10)
    d:poke(0x200000, text)
    mm2s.control(1)
    s2mm.control(1)
    s2mm.address(0xc0000100) -- where only S2MM sees the BRAM
    s2mm.length(1000)
    mm2s.address(0x200000)
    mm2s.length(#text)
    support.settle(d)
    assert.equal(#text, s2mm.length())
    open(0x42000000, 0x1000)
    for i = 0, #text - 4, 4 do assert.equal(("<I4"):unpack(text, i + 1), m:read(0x100 + i)) end
    s2mm.address(0x200000) -- memory is not in S2MM's map
    s2mm.length(1000)
    mm2s.length(16)
    support.settle(d)
    assert.equal(0x40, s2mm.status() & 0x70)
    mm2s.control(4) -- MM2S is stuck with what S2MM refused
    support.settle(d)
    mm2s.control(1)
    mm2s.address(0xc0000000)
    mm2s.length(16)
    support.settle(d)
    assert.equal(0x40, mm2s.status() & 0x70)
    mm2s.close()
    s2mm.close()
  end)

  it("two controllers on one block memory show the same bytes", function()
    local BRAM <const> = "xilinx.com:interface:bram:1.0"
    local function port(name, role, net) return { { name, role, net, BRAM } } end
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", memory = {
        { "a", 0x40000000, 0x40000fff, "S_AXI", "M_AXI_GP0", "MEMORY" },
        { "b", 0x42000000, 0x42000fff, "S_AXI", "M_AXI_GP0", "MEMORY" },
        { "c", 0x43000000, 0x43000fff, "S_AXI", "M_AXI_GP0", "MEMORY" } } },
      { "a", "xilinx.com:ip:axi_bram_ctrl:4.1", buses = port("BRAM_PORTA", "MASTER", "pa") },
      { "b", "xilinx.com:ip:axi_bram_ctrl:4.1", buses = port("BRAM_PORTA", "MASTER", "pb") },
      { "c", "xilinx.com:ip:axi_bram_ctrl:4.1" },
      { "mem", "xilinx.com:ip:blk_mem_gen:8.4", buses = { port("BRAM_PORTA", "SLAVE", "pa")[1],
        port("BRAM_PORTB", "SLAVE", "pb")[1] } },
    }))
    open(0x40000000, 0x1000):write(4, 77)
    assert.equal(77, open(0x42000000, 0x1000):read(4))
    assert.equal(0, open(0x43000000, 0x1000):read(4))
  end)

  it("a window stays right when another design is loaded", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      x = { vlnv = "a.b:user:x:1.0", address = 0x43c00000, range = 0x10000 } } })
    open(0x43c00000, 0x10000):write(0, 5)
    d:program(core.design_from_table { arch = "zynq", ip = {
      y = { vlnv = "a.b:user:y:1.0", address = 0x43c00000, range = 0x10000 } } })
    assert.equal(0, m:read(0))
    m:write(0, 6)
    d:program(support.loopback())
    assert.equal("io", support.failure(m.read, m, 0).kind)
  end)

  it("takes overlapping ranges as they come", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      big = { vlnv = "a.b:user:x:1.0", address = 0x43c00000, range = 0x20000 },
      small = { vlnv = "a.b:user:y:1.0", address = 0x43c10000, range = 0x1000 } } })
    open(0x43c00000, 0x20000)
    m:write(0x10000, 1)
    m:write(0x18000, 2)
    assert.equal(1, m:read(0x10000))
    assert.equal(2, m:read(0x18000)) -- behind the small one the big one answers again
    assert.equal(1, d:stats().small.writes)
  end)
end)
