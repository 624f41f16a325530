-- pynq-behaviour B9, C28 to C32 and PYNQ's test_interrupt; order of work: registers.md section 10.
-- Over the simulated lines, and over UIO devices: descriptors, as on a board.
for _, kind in ipairs { "sim", "sim?uio=1" } do
describe("Interrupt" .. (kind == "sim" and "" or " (UIO)"), function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local support = dofile "spec/interrupt/support.lua"
  support.device = kind
  local failure, registers = support.failure, support.registers
  local d

  after_each(function()
    if d then d:close() end
    d = nil
  end)
  local function irq(name) return lunq.Interrupt(name .. "/irq", d) end
  local function raise(name) d:wire(name .. "/irq", 1) end
  local function clear(name) d:wire(name .. "/irq", 0) end
  local function pulse(name)
    raise(name)
    clear(name)
  end

  local FLAT <const> = { intc = { index = 0 } }
  local EDGE <const> = { intc = { index = 0, parameters = { C_KIND_OF_INTR = "0xFFFFFFFF" } } }
  local NESTED <const> = { top = { index = 0 }, mid = { parent = "top", index = 2 },
                           low = { parent = "mid", index = 31 } }

  it("names a pin that is not there", function()
    d = support.open({ a = { "intc", 0 } }, FLAT)
    assert.same({ "value", "No Pin of name timer/irq found" }, failure(irq, "timer"))
    assert.same({ "value", 'No Pin of name b/irq found; did you mean "a/irq"?' }, failure(irq, "b"))
    assert.same({ "type", 'an interrupt is named by its pin, as in lunq.Interrupt "ip/pin", or by an entry of '
                  .. "interrupt_pins" }, failure(lunq.Interrupt, 5, d))
  end)

  it("needs a design", function()
    d = core.device_open(kind)
    assert.same({ "value", "No Pin of name a/irq found" }, failure(irq, "a"))
    assert.same({ "runtime", "Device " .. kind .. " has no design: it has no interrupts." },
                failure(core.interrupt, d, "a/irq", "", 0, 61))
  end)

  for _, case in ipairs {
    { "a level input", { "intc", 5 }, FLAT }, { "an edge input", { "intc", 5 }, EDGE },
    { "a cascade of three", { "low", 7 }, NESTED }, { "the processor itself", 3 },
    { "a cascade by edges", { "low", 0 }, {
        top = { index = 1, parameters = { C_KIND_OF_INTR = "0xFFFFFFFF" } },
        low = { parent = "top", index = 2, parameters = { C_IRQ_IS_LEVEL = 0 } } } },
    { "a controller whose output pulses", { "intc", 31 }, {
        intc = { index = 9, parameters = { C_IRQ_IS_LEVEL = 0 } } } },
    { "a controller without SIE, CIE and IPR", { "intc", 1 }, {
        intc = { parameters = { C_HAS_SIE = 0, C_HAS_CIE = 0, C_HAS_IPR = 0 } } } },
  } do
    it("comes through " .. case[1], function()
      d = support.open({ a = case[2] }, case[3])
      local a <close> = irq "a"
      for i = 1, 3 do
        local hold <close> = a:hold()
        assert.is_false(hold.fired)
        d:advance(1000)
        raise "a"
        local raised = d:now()
        assert.is_true(hold.fired)
        local count, when = hold:wait()
        assert.equal(1, count)
        assert.is_true(when >= raised and when <= d:now(), i)
        clear "a"
      end
    end)
  end

  it("raised before the wait comes at once (test_interrupt, simple)", function()
    d = support.open({ level = { "intc", 0 }, direct = 4 }, FLAT)
    for _, name in ipairs { "level", "direct" } do
      raise(name)
      local i <close> = irq(name)
      assert.equal(1, (i:wait(1)))
      clear(name)
      assert.equal("timeout", failure(i.wait, i, 0.001)[1], name)
    end
  end)

  it("an edge that came while nobody waited is kept", function()
    d = support.open({ a = { "intc", 0 } }, EDGE)
    local a <close> = irq "a"
    pulse "a"
    assert.equal(1, (a:wait(0)))
    assert.equal("timeout", failure(a.wait, a, 0)[1])
  end)

  it("a level whose source was cleared gives no second, false event (C28)", function()
    d = support.open({ a = { "low", 1 } }, NESTED)
    local a <close> = irq "a"
    raise "a"
    a:wait()
    -- The handler at work: the input is off, and stays so until somebody waits again.
    assert.same({ 2, 0 }, { registers(d, 0x41800000).isr, registers(d, 0x41800000).ier })
    clear "a"
    assert.equal("timeout", failure(a.wait, a, 0.001)[1])
    raise "a"
    assert.equal(1, (a:wait(0)))
  end)

  it("a level whose source is still up comes again", function()
    d = support.open({ a = { "intc", 1 } }, FLAT)
    local a <close> = irq "a"
    raise "a"
    for _ = 1, 3 do assert.equal(1, (a:wait(0))) end
  end)

  it("is enabled only while somebody waits, and so is every stage above", function()
    d = support.open({ a = { "low", 1 }, b = { "mid", 0 } }, NESTED)
    local low, mid, top = 0x41800000, 0x41810000, 0x41820000
    local function enables() return { registers(d, low).ier, registers(d, mid).ier, registers(d, top).ier } end
    local a <close> = irq "a"
    assert.same({ 0, 0, 0 }, enables())
    assert.equal(3, registers(d, top).mer)
    local wait_a = a:hold()
    assert.same({ 2, 1 << 31, 4 }, enables())
    local b <close> = irq "b"
    local wait_b, again = b:hold(), b:hold()
    assert.same({ 2, 1 << 31 | 1, 4 }, enables())
    wait_a:close()
    assert.same({ 0, 1, 4 }, enables())
    wait_b:close()
    assert.same({ 0, 1, 4 }, enables())
    again:close()
    assert.same({ 0, 0, 0 }, enables())
    again:close()
  end)

  it("a wait that was given up leaves nothing enabled (C32)", function()
    d = support.open({ a = { "intc", 1 }, direct = 3 }, FLAT)
    local a <close> = irq "a"
    local direct <close> = irq "direct"
    assert.equal("timeout", failure(a.wait, a, 0.001)[1])
    assert.equal(0, registers(d).ier)
    do
      local hold <close> = a:hold()
      assert.equal(2, registers(d).ier)
      assert.is_false(hold.fired)
    end
    assert.equal(0, registers(d).ier)
    assert.equal("timeout", failure(direct.wait, direct, 0.001)[1])
    pulse "direct" -- a level nobody listens to
    assert.equal("timeout", failure(direct.wait, direct, 0.001)[1])
    assert.matches("not armed", direct:explain())
  end)

  it("wakes two waits on one object, and two objects on one pin", function()
    d = support.open({ a = { "low", 1 }, direct = 3 }, NESTED)
    for _, name in ipairs { "a", "direct" } do
      local one <close> = irq(name)
      local two <close> = irq(name)
      local w <close> = one:hold()
      local x <close> = one:hold()
      local y <close> = two:hold()
      raise(name)
      for _, hold in ipairs { w, x, y } do assert.equal(1, (hold:wait(0))) end
      clear(name)
    end
  end)

  it("wakes only those whose line it is; lines that come together all come", function()
    d = support.open({ a = { "low", 1 }, b = { "low", 2 }, c = { "top", 0 }, e = 5 }, NESTED)
    local i, w = {}, {}
    for _, name in ipairs { "a", "b", "c", "e" } do
      i[name] = irq(name)
      w[name] = i[name]:hold()
    end
    raise "b"
    assert.equal(1, (w.b:wait(0)))
    assert.same({ false, false, false }, { w.a.fired, w.c.fired, w.e.fired })
    raise "a"
    raise "c"
    raise "e"
    assert.equal(1, (w.e:wait(0)))
    assert.same({ true, true }, { w.a.fired, w.c.fired })
    for name, hold in pairs(w) do
      hold:close()
      i[name]:close()
    end
  end)

  -- A controller whose output pulses is silent from its pulse until something is acknowledged (intc_core.vhd).
  -- Levels are acknowledged when somebody waits again, which may be never: the next input was lost.
  for name, kinds in pairs { levels = 0, edges = 3 } do
    it("one that nobody waits for again does not silence a controller whose output pulses, with " .. name, function()
      d = support.open({ a = { "intc", 0 }, b = { "intc", 1 } }, { intc = { parameters = {
        C_IRQ_IS_LEVEL = 0, C_KIND_OF_INTR = kinds, C_NUM_INTR_INPUTS = 2 } } })
      local a <close> = irq "a"
      local b <close> = irq "b"
      local wait_b <close> = b:hold()
      raise "a"
      do
        local given_up <close> = a:hold()
        assert.is_true(given_up.fired)
      end
      clear "a"
      raise "b"
      assert.equal(1, (wait_b:wait(0)))
      clear "b"
      do
        local given_up <close> = a:hold() -- fires, but nobody looks before it is given up
        raise "a"
        assert.is_truthy(given_up)
      end
      clear "a"
      local again <close> = b:hold()
      raise "b"
      assert.equal(1, (again:wait(0)))
    end)
  end

  it("an input that comes during the dispatch is not lost, whatever the edges above", function()
    d = support.open({ a = { "low", 0 }, b = { "low", 1 } }, {
      top = { parameters = { C_KIND_OF_INTR = "0xFFFFFFFF", C_IRQ_IS_LEVEL = 0 } },
      low = { parent = "top", index = 4, parameters = { C_KIND_OF_INTR = 1 } } })
    local a <close> = irq "a"
    local b <close> = irq "b"
    local wa <close> = a:hold()
    local wb <close> = b:hold()
    raise "a"
    raise "b" -- the output of "low" is up already: "top" sees no second edge
    assert.equal(1, (wa:wait(0)))
    assert.equal(1, (wb:wait(0)))
  end)

  it("ends with PYNQ's words when another design is loaded, before a wait and in one", function()
    d = support.open({ a = { "low", 1 }, direct = 3 }, NESTED)
    local a <close> = irq "a"
    local direct <close> = irq "direct"
    local hold <close> = a:hold()
    d:program(support.design({ a = { "low", 1 } }, NESTED))
    local e = failure(hold.wait, hold, 1)
    assert.equal("runtime", e[1])
    assert.matches("^Interrupt invalidated by Overlay change", e[2])
    for _, i in ipairs { a, direct } do
      e = failure(i.wait, i)
      assert.equal("runtime", e[1])
      assert.matches("^Interrupt invalidated by Overlay change", e[2])
      assert.matches("invalidated by Overlay change", i:explain())
    end
    local new <close> = irq "a"
    raise "a"
    assert.equal(1, (new:wait(0)))
  end)

  it("a pin may be let go while it is waited for", function()
    d = support.open({ a = { "intc", 1 } }, FLAT)
    local a = irq "a"
    local hold <close> = a:hold()
    a:close()
    a:close()
    assert.same({ "runtime", "Interrupt is closed: take it from the loaded overlay again." }, failure(a.wait, a))
    raise "a"
    assert.equal(1, (hold:wait(0)))
  end)

  it("knows both groups of a ZynqMP, and both ranges of a Zynq-7000", function()
    d = support.open({ a = 0, b = 7, c = 8, e = { "intc", 3 } }, { intc = { index = 15 } }, "zynquplus")
    for name, gic in pairs { a = 121, b = 128, c = 136, e = 143 } do
      local i <close> = irq(name)
      local hold <close> = i:hold()
      raise(name)
      assert.equal(1, (hold:wait(0)))
      assert.matches(("interrupt %d of the processor"):format(gic), i:explain())
    end
    d:close()
    d = support.open({ a = 7, b = 8 })
    for name, gic in pairs { a = 68, b = 84 } do
      local i <close> = irq(name)
      raise(name)
      assert.equal(1, (i:wait(0)))
      assert.matches(("interrupt %d of the processor"):format(gic), i:explain())
    end
  end)

  it("counts more than 32 pins of one design", function()
    local pins = {}
    for i = 0, 63 do pins["s" .. i] = { i < 32 and "c0" or "c1", i % 32 } end
    d = support.open(pins, { c0 = { index = 0 }, c1 = { index = 8 } })
    local list = {}
    for i = 0, 63 do list[i] = irq("s" .. i) end
    for i = 63, 0, -1 do
      raise("s" .. i)
      assert.equal(1, (list[i]:wait(0)))
      clear("s" .. i)
    end
    for i = 0, 63 do list[i]:close() end
  end)

  it("a wait without a limit for what can't come ends at once", function()
    d = support.open({ a = { "intc", 1 } }, FLAT)
    local a <close> = irq "a"
    local e = failure(a.wait, a, math.huge)
    assert.equal("timeout", e[1])
    assert.matches("Nothing is under way on sim", e[2], 1, true)
  end)

  describe("explained", function()
    it("is the way to the processor with the state of each stage", function()
      d = support.open({ a = { "low", 7 } }, NESTED)
      local a <close> = irq "a"
      local hold <close> = a:hold()
      assert.equal([[
Interrupt a/irq: fired 0 times, 1 waiting
  -> low input 7 (level): not active, enabled; ISR 0x0, IER 0x80, MER 0x3
  -> mid input 31 (level): not active, enabled; ISR 0x0, IER 0x80000000, MER 0x3
  -> top input 2 (level): not active, enabled; ISR 0x0, IER 0x4, MER 0x3
  -> interrupt 61 of the processor: low, armed
Probably nothing arrives at the controller: look at the IP's own interrupt enables, and at whether it has ]]
                   .. "anything to report.", a:explain())
      hold:close()
    end)

    it("names who else has been at the controller", function()
      d = support.open({ a = { "intc", 7 } }, FLAT)
      local a <close> = irq "a"
      local hold <close> = a:hold()
      local m <close> = core.mmio(0x41800000, 0x10000, d)
      m:write(8, 0)
      assert.matches("the input is disabled although somebody waits", a:explain())
      m:write(0x1c, 0)
      assert.matches("the controller is off (MER is not 3)", a:explain(), 1, true)
      hold:close()
    end)

    -- A driver gives the rest of the time it was given: nobody typed 0.0999986.
    it("names the seconds people say", function()
      d = support.open({ direct = 2 })
      local i <close> = irq "direct"
      for seconds, text in pairs { [0.0999986] = "0.1", [2.4999] = "2.5", [0.125] = "0.125", [1e-9] = "1e-09",
                                   [1234.5] = "1234.5" } do
        assert.matches("did not come within " .. text .. " s.\n", failure(i.wait, i, seconds)[2], 1, true)
      end
    end)

    it("is part of every time-out", function()
      d = support.open({ direct = 2 })
      local i <close> = irq "direct"
      local e = failure(i.wait, i, 0.25)
      assert.equal("timeout", e[1])
      assert.equal([[
Interrupt direct/irq did not come within 0.25 s.
Interrupt direct/irq: fired 0 times, 1 waiting
  -> interrupt 63 of the processor: low, armed
Probably the pin is low: look at the IP's own interrupt enables, and at whether it has anything to report.]], e[2])
      assert.equal(250000000, d:now())
    end)
  end)

  describe("with faults", function()
    local gpio
    -- A GPIO block is a source with registers of its own.
    before_each(function()
      d = core.device_open(kind)
      d:program(core.design_from_table { ip = {
        g = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000, parameters = { C_INTERRUPT_PRESENT = 1 },
              interrupts = { ip2intc_irpt = { controller = "intc", index = 0 } } },
        intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, interrupts = { irq = 0 } } } })
      gpio = core.mmio(0x41200000, 0x1000, d)
      gpio:write(0x11c, 0x80000000)
      gpio:write(0x128, 1)
    end)
    after_each(function() gpio:close() end)

    it("a stuck interrupt comes again and again, though its source is cleared", function()
      local i <close> = lunq.Interrupt("g/ip2intc_irpt", d)
      d:inject { fault = "stuck_interrupt", ip = "g", where = "ip2intc_irpt" }
      for _ = 1, 3 do
        assert.equal(1, (i:wait(0)))
        assert.equal(0, gpio:read(0x120))
      end
      d:clear_faults()
      assert.equal("timeout", failure(i.wait, i, 0.001)[1])
    end)

    it("a lost interrupt is a time-out that says where it got lost", function()
      local i <close> = lunq.Interrupt("g/ip2intc_irpt", d)
      d:inject { fault = "lost_interrupt", ip = "g", where = "ip2intc_irpt", count = 1 }
      d:wire("g/gpio_io_i", 1)
      local e = failure(i.wait, i, 0.001)
      assert.equal("timeout", e[1])
      assert.matches("nothing arrives at the controller", e[2])
      assert.equal(1, gpio:read(0x120))
      gpio:write(0x120, 1)
      d:wire("g/gpio_io_i", 0)
      assert.equal(1, (i:wait(0)))
    end)

    it("an interrupt lost behind the controller shows there", function()
      local i <close> = lunq.Interrupt("g/ip2intc_irpt", d)
      d:inject { fault = "lost_interrupt", ip = "intc", where = "irq", count = 1 }
      d:wire("g/gpio_io_i", 1)
      assert.matches("the controller does not pass it on", failure(i.wait, i, 0.001)[2])
    end)

    it("a spurious interrupt wakes a wait, and its source has nothing to say", function()
      local i <close> = lunq.Interrupt("g/ip2intc_irpt", d)
      local hold <close> = i:hold()
      d:inject { fault = "spurious_interrupt", ip = "g", where = "ip2intc_irpt", count = 1 }
      gpio:write(0x128, 1) -- whenever the model looks at its line
      assert.equal(1, (hold:wait(0)))
      assert.equal(0, gpio:read(0x120))
      assert.equal("timeout", failure(i.wait, i, 0.001)[1])
    end)

    it("an error of the controller reaches whoever waits", function()
      local i <close> = lunq.Interrupt("g/ip2intc_irpt", d)
      local hold <close> = i:hold()
      d:inject { fault = "slave_error", ip = "intc", count = 1 }
      d:wire("g/gpio_io_i", 1)
      local e = failure(hold.wait, hold, 1)
      assert.equal("io", e[1])
      assert.matches("SLVERR", e[2])
      assert.equal(1, (hold:wait(0))) -- the line is still up: nothing was lost
    end)
  end)

  -- The acknowledge failed, so the edge is still in the controller. It was acknowledged later, in the
  -- middle of somebody else's wait, and told nobody.
  it("keeps an edge for who waits again after an error", function()
    d = support.open({ a = { "intc", 0 }, b = { "intc", 1 } }, EDGE)
    local a <close> = irq "a"
    local b <close> = irq "b"
    local first = a:hold()
    local other <close> = b:hold()
    pulse "a"
    d:inject { fault = "slave_error", ip = "intc", offset = 0x0c, count = 1 }
    assert.equal("io", failure(first.wait, first, 1)[1])
    first:close()
    assert.equal("timeout", failure(other.wait, other, 1e-4)[1])
    local again <close> = a:hold()
    assert.equal(1, (again:wait(0)))
  end)

  -- One round asks all controllers; that one of them failed was raised in the place of the event.
  it("tells of an event although another controller fails in the same round", function()
    for _, order in ipairs { { "a", "b" }, { "b", "a" } } do
      d = support.open({ a = { "one", 0 }, b = { "two", 0 } },
                       { one = { index = 0, parameters = EDGE.intc.parameters }, two = { index = 1 } })
      local pins = {}
      for _, name in ipairs(order) do pins[name] = irq(name) end
      local other = pins.b:hold()
      pulse "a"
      raise "b"
      d:inject { fault = "slave_error", ip = "two", count = 1 }
      local ok, n = pcall(pins.a.wait, pins.a, 1)
      if not ok then
        assert.equal("io", n.kind)
        n = pins.a:wait(0)
      end
      assert.equal(1, n)
      for _, x in ipairs { other, pins.a, pins.b } do x:close() end
      d:close()
    end
    d = nil
  end)
end)
end
