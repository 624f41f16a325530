-- lunq.wave: a dump is read back and compared with what was done, and with what d:trace saw.
describe("lunq.wave", function()
  local lunq = require "lunq"
  local support = dofile "spec/sim/support.lua"
  local vcd = dofile "spec/sim/vcd.lua"
  local path, d

  before_each(function() path = os.tmpname() end)
  after_each(function()
    if d then d:close() end
    d = nil
    os.remove(path)
  end)

  --- Opens a device with a design (or none) and records `work(d)`.
  local function record(design, work, options)
    d = design and support.open(design) or lunq.Device.open "sim"
    options = options or {}
    options.device = d
    do
      local _ <close> = lunq.wave(path, options)
      work(d)
    end
    return vcd.read(path)
  end

  local function loop(device, bytes)
    local from, to = support.channel(device, 0), support.channel(device, 0x30)
    from.control(0x1001)
    to.control(0x1001)
    to.address(0x200000)
    to.length(bytes)
    from.address(0x100000)
    from.length(bytes)
    support.settle(device)
    from.close()
    to.close()
  end

  it("shows each access at the processor and at the IP, when it was and what it carried", function()
    local trace
    local dump = record(support.loopback(), function(device)
      device:trace(true)
      loop(device, 64)
      trace = device:trace(false)
    end)
    local ip, n = "loopback.dma.S_AXI_LITE.", { read = 0, write = 0 }
    for ns, what, offset, value in trace:gmatch "(%d+) (%l+) dma%+(0x%x+) 4 (0x%x+)\n" do
      ns, offset, value = tonumber(ns), tonumber(offset), tonumber(value)
      n[what] = n[what] + 1
      assert.equal(ns, vcd.rises(dump.signals[ip .. what])[n[what]])
      assert.equal(offset, vcd.at(dump.signals[ip .. "offset"], ns))
      assert.equal(value, vcd.at(dump.signals[ip .. "data"], ns))
      assert.equal(support.DMA + offset, vcd.at(dump.signals["cpu.address"], ns))
      assert.equal(value, vcd.at(dump.signals["cpu.data"], ns))
    end
    assert.equal(6, n.write)
    assert.equal(n.write, #vcd.rises(dump.signals[ip .. "write"]))
    assert.equal(n.read, #vcd.rises(dump.signals[ip .. "read"]))
    assert.equal(16, dump.signals[ip .. "offset"].width)
  end)

  it("shows streams at both ends: bytes moved, when, and TLAST", function()
    local trace
    local dump = record(support.loopback(), function(device)
      device:trace(true)
      loop(device, 64)
      loop(device, 32)
      trace = device:trace(false)
    end)
    local s, from = dump.signals, "loopback.dma.M_AXIS_MM2S."
    for _, name in ipairs { "tvalid", "tlast", "tready", "bytes" } do
      assert.equal(s[from .. name], s["loopback.fifo.S_AXIS." .. name])
    end
    local bytes, packets = 0, {}
    for ns, n, last in trace:gmatch "(%d+) dma %-> fifo (%d+) bytes(%u?[^\n]*)\n" do
      bytes = bytes + n
      assert.equal(bytes, vcd.at(s[from .. "bytes"], tonumber(ns)))
      assert.equal(1, vcd.at(s[from .. "tvalid"], tonumber(ns)))
      if last ~= "" then packets[#packets + 1] = tonumber(ns) end
    end
    assert.equal(96, bytes)
    assert.equal(2, #packets)
    assert.same(packets, vcd.rises(s[from .. "tlast"]))
    assert.equal(96, s["loopback.dma.S_AXIS_S2MM.bytes"].changes[#s["loopback.dma.S_AXIS_S2MM.bytes"].changes][2])
  end)

  it("shows what an IP reads and writes in memory", function()
    local dump = record(support.loopback(), function(device) loop(device, 64) end)
    local rises = vcd.rises(dump.signals["loopback.dma.M_AXI_S2MM.write"])
    assert.is_true(#rises >= 1)
    assert.equal(0x200000, vcd.at(dump.signals["loopback.dma.M_AXI_S2MM.address"], rises[1]))
    local moved = 0
    for _, ns in ipairs(rises) do moved = moved + vcd.at(dump.signals["loopback.dma.M_AXI_S2MM.bytes"], ns) end
    assert.equal(64, moved)
    assert.equal(0, #vcd.rises(dump.signals["loopback.dma.M_AXI_S2MM.read"]))
  end)

  it("shows tready low while a receiver takes nothing", function()
    local dump = record(support.loopback(nil, { FIFO_DEPTH = 16 }), function(device)
      local from, to = support.channel(device, 0), support.channel(device, 0x30)
      from.control(1)
      from.address(0x100000)
      from.length(256) -- more than the FIFO holds
      support.settle(device)
      device:advance(5000)
      to.control(1)
      to.address(0x200000)
      to.length(256)
      support.settle(device)
      from.close()
      to.close()
    end)
    local ready = dump.signals["loopback.dma.M_AXIS_MM2S.tready"].changes
    assert.equal(1, ready[1][2])
    assert.equal(0, ready[2][2])
    assert.equal(1, ready[#ready][2])
    assert.is_true(ready[3][1] - ready[2][1] >= 5000)
  end)

  it("shows the levels of interrupt pins, those driven by hand too", function()
    local rose, fell, hand
    local dump = record(support.loopback(), function(device)
      loop(device, 64)
      assert.equal(1, device:wire "dma/s2mm_introut")
      local to <close> = support.channel(device, 0x30).mmio
      fell = device:now() + 100
      to:write(0x34, 0x1000)
      assert.equal(0, device:wire "dma/s2mm_introut")
      device:advance(250)
      hand = device:now()
      device:wire("dma/s2mm_introut", 1)
    end)
    local pin = dump.signals["loopback.dma.s2mm_introut"]
    assert.equal(1, pin.width)
    rose = vcd.rises(pin)
    assert.equal(2, #rose)
    assert.equal(0, vcd.at(pin, rose[1] - 1))
    assert.equal(1, vcd.at(pin, fell - 1))
    assert.equal(0, vcd.at(pin, fell))
    assert.equal(hand, rose[2])
  end)

  it("shows ports of the design", function()
    local design = support.hwh({ { "btns", "I", "b", width = 4 } }, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "IRQ_F2P", "I", "irq", sigis = "INTERRUPT" } } },
      { "g", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1, C_INTERRUPT_PRESENT = 1 },
        ports = { { "gpio_io_i", "I", "b", width = 4 }, { "ip2intc_irpt", "O", "irq", sigis = "INTERRUPT" } } } })
    local dump = record(design, function(device)
      device:advance(1000)
      device:wire("btns", 5)
      device:advance(2000)
      device:wire("btns", 0)
    end)
    assert.same({ { 0, 0 }, { 1000, 5 }, { 3000, 0 } }, dump.signals["test.btns"].changes)
    assert.equal(4, dump.signals["test.btns"].width)
    assert.equal(3000, dump.to)
  end)

  it("shows the processor's interrupt lines", function()
    local rose
    local dump = record(support.loopback(), function(device)
      local irq = lunq.Interrupt("dma/s2mm_introut", device)
      device:advance(1000)
      device:wire("dma/s2mm_introut", 1)
      rose = device:now()
      irq:wait()
      device:advance(500)
      device:wire("dma/s2mm_introut", 0)
    end)
    assert.is_nil(dump.signals["cpu.irq61"].changes[2])
    assert.same({ rose }, vcd.rises(dump.signals["cpu.irq62"]))
    assert.equal(0, vcd.at(dump.signals["cpu.irq62"], dump.to))
  end)

  it("tells why an access failed", function()
    local dump = record(support.loopback(), function(device)
      local nowhere <close> = lunq.MMIO(0x50000000, 16, device)
      local e = support.failure(nowhere.read, nowhere, 0)
      assert.match("DECERR", tostring(e), 1, true)
      device:inject { ip = "dma", fault = "slave_error", count = 1 }
      local m <close> = lunq.MMIO(support.DMA, 16, device)
      support.failure(m.read, m, 4)
      m:read(4)
    end)
    assert.match("^Bus error %(DECERR%) reading 4 bytes at 0x50000000: nothing answers there",
                 vcd.at(dump.signals["cpu.error"], 100))
    assert.equal("x", vcd.at(dump.signals["cpu.data"], 100))
    local why = dump.signals["loopback.dma.S_AXI_LITE.error"]
    assert.match("^Bus error %(SLVERR%) reading 4 bytes at 0x40400004 %(dma %+ 0x4%): an injected fault",
                 vcd.at(why, 200))
    assert.equal("", vcd.at(why, 300))
    assert.same({ 100, 200, 300 }, vcd.rises(dump.signals["cpu.read"]))
  end)

  it("records one IP, or all of a hierarchy", function()
    local function design()
      return require "lunq.core".design_from_table { name = "two", arch = "zynq", ip = {
        ["a/dma"] = { vlnv = "acme.com:user:x:1.0", address = 0x40000000 },
        ["a/b/x"] = { vlnv = "acme.com:user:x:1.0", address = 0x40010000 },
        ["ab"] = { vlnv = "acme.com:user:x:1.0", address = 0x40020000 } } }
    end
    local function scopes(only)
      local dump = record(design(), function(device)
        for i = 0, 2 do
          local m <close> = lunq.MMIO(0x40000000 + i * 0x10000, 0x100, device)
          m:write(8, 3)
        end
      end, { only = only })
      local list = {}
      for name, signal in pairs(dump.signals) do
        if name:find "%.write$" then
          list[#list + 1] = name
          assert.equal(1, #vcd.rises(signal) // (name == "cpu.write" and 3 or 1))
        end
      end
      table.sort(list)
      d:close()
      return table.concat(list, " ")
    end
    assert.equal("two.a.b.x.bus.write two.a.dma.bus.write", scopes "a")
    assert.equal("two.ab.bus.write", scopes "ab")
    assert.equal("cpu.write two.a.b.x.bus.write two.a.dma.bus.write two.ab.bus.write", scopes())
  end)

  it("goes on through the next design", function()
    local dump = record(nil, function(device)
      local plain <close> = lunq.MMIO(0x40000000, 0x100, device)
      plain:write(0, 7)
      device:program(support.loopback())
      loop(device, 64)
      device:program(support.loopback())
      loop(device, 64)
    end)
    local pin = dump.signals["loopback.dma.s2mm_introut"]
    assert.equal(2, #vcd.rises(pin)) -- the second design begins with its pins low
    assert.equal(12, #vcd.rises(dump.signals["loopback.dma.S_AXI_LITE.write"]))
    assert.equal(13, #vcd.rises(dump.signals["cpu.write"]))
    assert.equal(7, vcd.at(dump.signals["cpu.data"], 100))
  end)

  it("does not change what a run does", function()
    local function trace(with_wave)
      d = support.open(support.loopback(), "sim?seed=3")
      d:trace(true)
      local w = with_wave and lunq.wave(path, { device = d })
      loop(d, 300)
      if w then w:close() end
      local text = d:trace(false)
      d:close()
      return text
    end
    assert.equal(trace(false), trace(true))
  end)

  it("takes the short way again when it is over", function()
    d = lunq.Device.open "sim"
    assert.is_true(d.direct)
    local w = lunq.wave(path, { device = d })
    assert.is_false(d.direct)
    assert.equal("Wave " .. path, tostring(w))
    w:close()
    w:close()
    assert.is_true(d.direct)
    assert.equal("Wave " .. path .. " (closed)", tostring(w))
  end)

  it("keeps the device open, and writes the file when it is forgotten", function()
    local device = lunq.Device.open "sim"
    local m = lunq.MMIO(0x40000000, 16, device)
    lunq.wave(path, { device = device })
    m:write(0, 1)
    m:close()
    device:close()
    collectgarbage()
    collectgarbage()
    assert.equal(1, #vcd.rises(vcd.read(path).signals["cpu.write"]))
  end)

  it("needs no more memory for a longer run", function()
    local function memory()
      local f <close> = assert(io.open "/proc/self/statm")
      return f:read "n" and f:read "n"
    end
    d = lunq.Device.open "sim"
    local m <close> = lunq.MMIO(0x40000000, 16, d)
    local w <close> = lunq.wave(path, { device = d })
    for i = 1, 1000 do m:write(0, i) end
    collectgarbage()
    local before = memory()
    for i = 1, 100000 do m:write(0, i) end
    collectgarbage()
    assert.is_true(memory() - before < 256) -- pages; the dump has 5 MB by now
    w:close()
    local f <close> = assert(io.open(path))
    assert.is_true(f:seek "end" > 4000000)
  end)

  it("is refused with a reason", function()
    d = support.open(support.loopback())
    local e = support.failure(lunq.wave, "/nowhere/run.vcd", { device = d })
    assert.equal("io", e.kind)
    assert.equal("/nowhere/run.vcd can't be written: No such file or directory.", tostring(e))
    e = support.failure(lunq.wave, path, { device = d, only = "dmaa" })
    assert.equal("value", e.kind)
    assert.equal('The loaded design has no IP or hierarchy "dmaa" (did you mean dma?).', tostring(e))
    e = support.failure(lunq.wave, path, { device = d, olny = "dma" })
    assert.equal("value", e.kind)
    assert.match('wave has no option "olny"', tostring(e), 1, true)
    e = support.failure(lunq.wave, path, 7)
    assert.equal("type", e.kind)
    local w <close> = lunq.wave(path, { device = d })
    e = support.failure(lunq.wave, path, { device = d })
    assert.equal("runtime", e.kind)
    assert.match("is being recorded already: close that recording first", tostring(e), 1, true)
    w:close()
  end)

  it("says so when the disk is full", function()
    d = lunq.Device.open "sim"
    local w = lunq.wave("/dev/full", { device = d })
    local e = support.failure(w.close, w)
    assert.equal("io", e.kind)
    assert.equal("/dev/full can't be written: No space left on device.", tostring(e))
    assert.is_true(d.direct)
  end)

  it("warns when a design has nothing of what was asked for", function()
    d = lunq.Device.open "sim"
    local w <close> = lunq.wave(path, { device = d, only = "fir" })
    local said = lunq.warnings.capture(d.program, d, support.loopback())
    assert.equal('Nothing is recorded: The loaded design has no IP or hierarchy "fir".', said[1].text)
    w:close()
  end)
end)
