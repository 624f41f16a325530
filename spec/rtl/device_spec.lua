-- Compiled RTL behind the same calls as every other device: registers, interrupts, time, and whatever it does wrong.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

describe("the device rtl:FILE", function()
  local it = fixture.with_verilator(it, pending)
  local d, m

  --- The device with one model, and a window on its registers.
  local function open(name, options, parameters)
    d = core.device_open(("rtl:%s%s"):format(fixture.model(name, { parameters = parameters }), options or ""))
    m = lunq.MMIO(0, 0x60, d)
  end

  after_each(function()
    if m then m:close() end
    if d then d:close() end
    d, m = nil, nil
  end)

  it("is a simulated device with one IP at address 0", function()
    open "regs"
    assert.same({ "sim", { regs = "regs (RTL)" } }, { d.kind, d:models() })
    assert.equal(0x4c554e51, m:read(0))
    m:write(4, 0x12345678)
    assert.equal(0x12345678, m:read(4))
  end)

  it("says what the pins were taken for", function()
    open "regs"
    local r = d:rtl()[1]
    assert.same({ "regs", "regs", false }, { r.ip, r.model, r.ended })
    assert.same({ { "aclk" }, { "aresetn" }, { "irq" }, {}, {} },
                { r.clocks, r.resets, r.interrupts, r.enables, r.pins })
    assert.same({ { name = "s_axi", kind = "AXI4-Lite slave", bits = 32, address = 8, clock = "aclk" } }, r.buses)
  end)

  it("writes bytes with strobes, and 8 bytes as two words", function()
    open "regs"
    m:write(4, 0x11223344)
    m:write8(5, 0xab)
    assert.equal(0x1122ab44, m:read(4))
    assert.equal(0xab, m:read8(5))
    m:write64(8, 0x0102030405060708)
    assert.same({ 0x05060708, 0x01020304 }, { m:read(8), m:read(12) })
    assert.equal(0x0102030405060708, m:read64(8))
  end)

  it("has a first port of up to a megabyte at address 0, too", function()
    open "cells"
    assert.same({ 0x55, 0x55 }, { m:read(0), m:read(0x5c) })
    m:write(0x40, 7)
    assert.equal(7, m:read(0x40))
    local beyond <close> = lunq.MMIO(0xffff0, 0x10, d)
    assert.truthy(fails("io", beyond.read, beyond, 0):find("SLVERR", 1, true))
  end)

  it("puts words in the lane of their address on a bus of 64 bits", function()
    open("regs_apart", nil, { DW = 64 })
    m:write64(0, 0x1111111122222222)
    m:write(4, 0x33333333)
    assert.equal(0x3333333322222222, m:read64(0))
    assert.same({ 0x22222222, 0x33333333 }, { m:read(0), m:read(4) })
  end)

  it("reaches an AXI4 port by bursts of one beat", function()
    open "ram"
    m:write(0x10, 0xcafe)
    m:write(0x14, 0xbeef)
    assert.same({ 0xcafe, 0xbeef, 0xbeef0000cafe }, { m:read(0x10), m:read(0x14), m:read64(0x10) & 0xffff0000ffff })
  end)

  -- Slaves made from Vivado's template take neither AW nor W alone: rtl.md section 4, rule 2.
  for _, case in ipairs { { "regs_together" }, { "regs_apart" }, { "regs_apart", "?w_wait=5" }, { "regs" },
                          { "regs", "?aw_wait=3" }, { "regs", "?w_wait=3" } } do
    it(("writes %s, %s"):format(case[1], case[2] or "address and data together"), function()
      open(case[1], case[2])
      m:write(4, 5)
      m:write(8, 6)
      assert.same({ 5, 6 }, { m:read(4), m:read(8) })
    end)
  end

  it("takes no file whose end is missing, wherever it was cut", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local whole <close> = assert(io.open(fixture.model "regs", "rb"))
    local bytes = whole:read "a"
    for _, n in ipairs { 4, 63, 64, 100, 3000, #bytes // 2, #bytes - 1 } do
      require "lunq.rtl.cache".write(path, bytes:sub(1, n))
      assert.equal(("RTL model %s is not whole, its end is missing: build or copy it again."):format(path),
                   fails("value", core.device_open, "rtl:" .. path))
    end
  end)

  it("takes no file that isn't there, or is none", function()
    assert.equal("RTL model /dev/null/x can't be read: Not a directory.",
                 fails("io", core.device_open, "rtl:/dev/null/x"))
    assert.equal("README.md is no RTL model: lunq rtl build makes one of Verilog or VHDL.",
                 fails("value", core.device_open, "rtl:README.md"))
    assert.equal('Device "rtl": which RTL? rtl:FILE takes what lunq rtl build made.',
                 fails("value", core.device_open, "rtl"))
    local path = fixture.model "regs"
    for option, range in pairs {
      ["timeout=x"] = "1 to 4294967295", ["timeout=0"] = "1 to 4294967295", ["stall=91"] = "0 to 90",
      ["record=-1"] = "0 to 268435456", ["strict=2"] = "0 to 1",
      ["stress=rnd"] = "0 to 18446744073709551615, or random",
    } do
      local spec = ("rtl:%s?%s"):format(path, option)
      assert.equal(('Device "%s": "%s" needs a number from %s.'):format(spec, option, range),
                   fails("value", core.device_open, spec))
    end
    assert.match('knows timeout, quiet, aw_wait, w_wait, stress, latency, stall, check, strict, record, isolate, '
                 .. 'isolate_limit, in_order, plus and what sim knows: '
                 .. 'Device "sim?speed=9": unknown option',
                 fails("value", core.device_open, ("rtl:%s?speed=9"):format(path)), 1, true)
  end)

  describe("that does wrong", function()
    it("says who answered with an error", function()
      open "faults"
      assert.equal("Bus error (SLVERR) writing 4 bytes at 0x20 (faults + 0x20): answer of s_axi in cycle 18.",
                     fails("io", m.write, m, 0x20, 1))
      assert.match("Bus error (DECERR) reading 4 bytes at 0x24", fails("io", m.read, m, 0x24), 1, true)
      assert.equal(0x1234, m:read(0))
    end)

    for offset, missing in pairs { [0x40] = "AWREADY and no WREADY", [0x44] = "BVALID" } do
      it(("names the missing %s, and blocks the port until the design is loaded again"):format(missing), function()
        open("faults", "?timeout=100")
        assert.equal(("faults/s_axi: write %#x: no %s within 100 cycles. The port stays blocked until the slave "
                      .. "answers or the design is loaded again."):format(offset, missing),
                     fails("timeout", m.write, m, offset, 1))
        assert.equal(116, d.cycle)
        local text = fails("io", m.read, m, 0)
        assert.match(("port s_axi still waits: no %s for the write of %#x that ran out of time; loading the design "
                      .. "again is a reset"):format(missing, offset), text, 1, true)
        assert.equal(116, d.cycle)
      end)
    end

    it("names RVALID, and answers other windows after another load", function()
      open("faults", "?timeout=100")
      assert.match("read 0x48: no RVALID within 100 cycles", fails("timeout", m.read, m, 0x48), 1, true)
      d:program(core.design_from_table { ip = { f = { type = "acme.com:user:faults:1.0", address = 0 } } })
      assert.equal(0x1234, m:read(0))
    end)

    for offset, words in pairs { [0x10] = "$finish", [0x14] = "$stop", [0x18] = "on purpose",
                                 [0x30] = "never30" } do
      it(("has ended after %s, and says so at each access"):format(words), function()
        open "faults"
        local text = fails("device", m.write, m, offset, 1)
        assert.match("^The RTL of faults has ended: .*, cycle 16%.", text)
        assert.match(words, text, 1, true)
        assert.equal(text, fails("device", m.read, m, 0))
        assert.equal(text, fails("device", d.step, d, 1))
        assert.is_true(d:rtl()[1].ended)
      end)
    end

    it("ends alone: another instance of the same model goes on", function()
      open "faults"
      local other <close> = core.device_open("rtl:" .. fixture.model "faults")
      local window <close> = lunq.MMIO(0, 0x60, other)
      fails("device", m.write, m, 0x14, 1)
      assert.equal(0x1234, window:read(0))
    end)
  end)

  describe("in time", function()
    it("takes the cycles of an access and no more", function()
      open "regs"
      assert.same({ 16, 0 }, { d.cycle, d:now() })
      m:read(0)
      assert.same({ 18, 20, 2e-8 }, { d.cycle, d:now(), d.time })
    end)

    -- The pins of an access go to rest in the cycle after it, which may be the first of another one.
    it("takes one where the answer comes at once, and asks once", function()
      open("faults", "?strict=1")
      for i = 0, 3 do
        assert.same({ i, 16 + 3 * i + 1 }, { m:read(0x50), d.cycle })
        m:write(0x2c, 1)
      end
      assert.same({ 4, 5, 6 }, { m:read(0x50), m:read(0x50), m:read(0x50) })
    end)

    it("runs n cycles at d:step(n), and those of a sleep", function()
      open "regs"
      d:step(7)
      assert.same({ 23, 70 }, { d.cycle, d:now() })
      local before = m:read(0x24)
      d:advance(1000)
      assert.equal(before + 100 + 2, m:read(0x24))
    end)

    it("runs the same way every time", function()
      local function run()
        open "regs"
        for i = 1, 20 do m:write(4, i); d:step(i % 3) end
        local seen = { d.cycle, d:now(), m:read(0x24) }
        m:close(); d:close()
        return seen
      end
      assert.same(run(), run())
      d, m = nil, nil
    end)

    it("lets an idle clock stand when nobody has seen anything for long, and says so once", function()
      open("regs", "?quiet=1000")
      local said = lunq.warnings.capture(function() d:advance(1e9); d:advance(1e9) end)
      assert.equal(1, #said)
      assert.match("Nothing has happened on the pins of .* for 1000 cycles: its clock stands until somebody uses it",
                   said[1].text)
      assert.equal(1016, d.cycle)
      assert.is_true(d:now() >= 2e9)
      m:read(0)
      assert.equal(1018, d.cycle)
      d:advance(5000)
      assert.equal(1518, d.cycle)
    end)

    it("runs on while interrupts come, however long that takes", function()
      open("pulses", "?quiet=1000")
      m:write(4, 400)
      m:write(0, 20)
      d:advance(20 * 400 * 10 + 1000)
      assert.equal(20, m:read(8))
    end)

    it("has no cycles without RTL", function()
      d = core.device_open "sim"
      assert.same({ 0, {} }, { d.cycle, d:rtl() })
      assert.match("has no RTL", fails("unsupported", d.step, d, 1))
    end)
  end)
end)

describe("RTL in a design", function()
  local it = fixture.with_verilator(it, pending)
  local ol

  local function overlay(name, ip)
    ol = lunq.Overlay({ ip = ip }, { device = "rtl:" .. fixture.model(name) })
    return ol
  end
  after_each(function()
    if ol then ol.device:close() end
    if ol then ol:free() end
    ol = nil
  end)

  it("stands for the IP of its name, whose driver and address it gets", function()
    overlay("regs", { ["video/a"] = { type = "acme.com:user:regs:2.1", address = 0x43c00000, range = 0x1000 },
                      other = { type = "acme.com:user:other:1.0", address = 0x43c10000 } })
    assert.same({ ["video/a"] = "regs (RTL)", other = "register file" }, ol.device:models())
    assert.equal(0x4c554e51, ol.video.a.mmio:read(0))
    ol.other.mmio:write(0, 7)
    assert.equal(7, ol.other.mmio:read(0))
  end)

  it("is there as often as the design has it, each with registers of its own", function()
    overlay("regs", { a = { type = "acme.com:user:regs:1.0", address = 0x43c00000 },
                      b = { type = "acme.com:user:regs:1.0", address = 0x43c10000 } })
    ol.a.mmio:write(4, 1)
    ol.b.mmio:write(4, 2)
    assert.same({ 1, 2 }, { ol.a.mmio:read(4), ol.b.mmio:read(4) })
    -- one clock: cycles of one are cycles of the other
    assert.equal(0, ol.a.mmio:read(0x24) - ol.b.mmio:read(0x24) + 2)
  end)

  it("runs while others are used: an access to a model is 100 ns", function()
    overlay("regs", { a = { type = "acme.com:user:regs:1.0", address = 0x43c00000 },
                      b = { type = "acme.com:user:b:1.0", address = 0x43c10000 } })
    local before = ol.a.mmio:read(0x24)
    ol.b.mmio:read(0)
    assert.equal(before + 10 + 2, ol.a.mmio:read(0x24))
  end)

  it("wakes who waits for its interrupt, in the cycle it comes", function()
    overlay("pulses", { p = { type = "acme.com:user:pulses:1.0", address = 0x43c00000,
                              interrupts = { irq = 0, level_irq = 1, late_irq = 2 } } })
    ol.p.mmio:write(0x10, 1)
    local start = ol.device.cycle
    ol.p.late_irq:wait(1)
    assert.is_true(ol.device.cycle - start <= 22)
    ol.p.mmio:write(0x0c, 1)
    ol.p.level_irq:wait(1)
    ol.p.mmio:write(0x0c, 0)
    fails("timeout", function() ol.p.level_irq:wait(1e-5) end)
  end)
end)
