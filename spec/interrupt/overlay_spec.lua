-- Interrupts in the tree of an overlay, and their way through real wiring.
describe("the interrupts of an overlay", function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local sim = dofile "spec/sim/support.lua"
  local fixture = dofile "spec/overlay/fixture.lua"

  local function description()
    return { ip = {
      btns = { vlnv = "acme.com:user:gpio:1.0", address = 0x41200000, interrupts = {
        irpt = { controller = "intc", index = 3 }, direct = 1 } },
      intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, interrupts = { irq = 0 } } } }
  end

  it("are fields of the IP and of ip.interrupts, the same object each time", function()
    local ol <close> = lunq.Overlay(description())
    local irq = ol.btns.interrupts.irpt
    assert.equal("lunq.Interrupt", getmetatable(irq).__name)
    assert.equal(irq, ol.btns.irpt)
    assert.same({ "btns/irpt", "intc", 3 }, { irq.fullpath, irq.controller, irq.index })
    assert.equal(62, ol.btns.direct.raw_irq)
    assert.is_nil(ol.btns.interrupts.other)
    local names = {}
    for name, i in pairs(ol.btns.interrupts) do names[#names + 1] = name .. "=" .. i.fullpath end
    assert.same({ "direct=btns/direct", "irpt=btns/irpt" }, names)
    assert.equal("Pins: direct, irpt", tostring(ol.btns.interrupts))
    assert.equal("Pins (none)", tostring(ol.btns.gpio))
    assert.equal('the interrupts and GPIO lines of an IP come from its design and can\'t be assigned',
                 fixture.raised(function() ol.btns.interrupts.x = 1 end)[2])
  end)

  it("belong to the overlay's device, whichever is active (C31)", function()
    local other <close> = core.device_open "sim"
    local ol = lunq.Overlay(description(), { device = other })
    finally(function() ol:free() end)
    other:wire("btns/irpt", 1)
    assert.equal(other, ol.btns.irpt.device)
    assert.equal(1, (ol.btns.irpt:wait(0)))
    ol:free()
  end)

  it("that can't be made are nil, with PYNQ's warning once", function()
    local t = description()
    t.ip.intc.address = nil
    local ol <close> = lunq.Overlay(t)
    local list, irq = lunq.warnings.capture(function() return ol.btns.irpt or ol.btns.interrupts.irpt end)
    assert.is_nil(irq)
    assert.same({ { category = "user", text = "Interrupt btns/irpt not created: Interrupt controller intc has "
                    .. "no address the processor can reach." } }, list)
    assert.equal(62, ol.btns.direct.raw_irq)
  end)

  it("give way to what a driver has of that name", function()
    local Driver = lunq.DefaultIP:extend { bindto = { "acme.com:user:gpio:1.0" } }
    finally(function() Driver:unregister() end)
    function Driver.irpt() return "method" end
    local ol <close> = lunq.Overlay(description())
    assert.equal("method", ol.btns:irpt())
    assert.equal("lunq.Interrupt", getmetatable(ol.btns.interrupts.irpt).__name)
  end)

  it("are let go when the overlay is freed", function()
    local ol = lunq.Overlay(description())
    local irq = ol.btns.irpt
    ol:free()
    assert.same({ "runtime", "Interrupt is closed: take it from the loaded overlay again." },
                fixture.raised(function() irq:wait() end))
  end)

  --- One IP with an output of three bits in the middle of a concat with a gap, behind which a second concat
  -- and a controller come.
  local function wired()
    local d = sim.open(sim.hwh({ { "button", "I", "button_net" } }, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "IRQ_F2P", "I", "irqs", width = 2 } },
        memory = { { "intc", 0x41800000, 0x4180ffff, "S_AXI", "M_AXI_GP0" },
                   { "wide", 0x43c00000, 0x43c0ffff, "S_AXI", "M_AXI_GP0" } } },
      { "wide", "acme.com:user:wide:1.0", ports = { { "done", "O", "done_net", width = 3 } } },
      { "few", "xilinx.com:ip:xlconcat:2.1", parameters = { NUM_PORTS = 4 }, ports = {
        { "In0", "I", "" }, { "In1", "I", "done_net", width = 3 }, { "In2", "I", "button_net" },
        { "In3", "I", "" }, { "dout", "O", "few_net", width = 6 } } },
      { "intc", "xilinx.com:ip:axi_intc:4.1", parameters = { C_NUM_INTR_INPUTS = 6, C_KIND_OF_INTR = "0x10" },
        ports = { { "intr", "I", "few_net", width = 6 }, { "irq", "O", "irq_net" } } },
      { "two", "xilinx.com:ip:xlconcat:2.1", parameters = { NUM_PORTS = 2 }, ports = {
        { "In0", "I", "" }, { "In1", "I", "irq_net" }, { "dout", "O", "irqs", width = 2 } } },
    }))
    return d
  end

  it("go through concats with wide inputs and gaps to the right bit", function()
    local d <close> = wired()
    local done <close> = lunq.Interrupt("wide/done", d)
    local button <close> = lunq.Interrupt("button", d)
    d:wire("wide/done", 1)
    assert.equal(1, (done:wait(0)))
    d:wire("wide/done", 6) -- the other bits are other inputs: 2 and 3
    local m <close> = core.mmio(0x41800000, 0x10000, d)
    assert.equal(0xe, m:read(0) | 2)
    assert.equal("timeout", sim.failure(done.wait, done, 0).kind)
    d:wire("button", 1) -- an edge
    d:wire("button", 0)
    assert.equal(1, (button:wait(0)))
  end)

  it("are explained with the concats they go through", function()
    local d <close> = wired()
    local button <close> = lunq.Interrupt("button", d)
    assert.equal([[
Interrupt button: fired 0 times, 0 waiting
  -> few/In2
  -> intc input 4 (edge): not active, disabled; ISR 0x0, IER 0x0, MER 0x3
  -> interrupt 62 of the processor: low, not armed]], button:explain())
  end)

  it("are counted where they arrive, and looking opens none of them", function()
    local d <close> = lunq.Device.open "sim"
    local ol <close> = lunq.Overlay("overlays/gpio_interrupts/gpio_interrupts.hwh", { device = d })
    local pin = ol.interrupt_pins["timer/interrupt"]
    local function seen(index) return core.interrupt_seen(d, pin.controller, index or pin.index, pin.raw_irq) end
    assert.is_nil(seen())
    assert.equal(0, d.open.interrupts)
    local irq = ol.timer.interrupts.interrupt
    assert.same({ 0, 0 }, { seen() })
    local hold <close> = irq:hold()
    assert.same({ 0, 1 }, { seen() })
    hold:close()
    ol.timer.timer0:start { seconds = 1e-3, once = true }
    ol.timer.timer0:wait()
    assert.same({ 1, 0 }, { seen() })
    assert.is_nil(seen(32))
    local e = { pcall(core.interrupt_seen, d, 7, 0) }
    assert.same({ false, "type", "controller should be a string, not number" }, { e[1], e[2].kind, tostring(e[2]) })
  end)

  it("of real designs all come", function()
    local corpus = require "spec.helper".corpus
    if not corpus then return pending(require "spec.helper".no_corpus) end
    for _, file in ipairs { "pynqz1-base-2018.3", "kv260-correlator-intc-2022.1", "pynqz2-hls-maxi-intc-2020.1" } do
      local design = core.design_read(corpus .. "/files/hwh/" .. file .. ".hwh")
      local d <close> = sim.open(design)
      local n = 0
      for path in pairs(design:dictionaries().interrupt_pins) do
        if not path:match "/In%d+$" and not path:match "/intr$" then -- where it comes from
          local irq <close> = lunq.Interrupt(path, d)
          local hold <close> = irq:hold()
          d:wire(path, 1)
          assert.is_true(hold.fired, path)
          d:wire(path, 0)
          n = n + 1
        end
      end
      assert.is_true(n > 0, file)
    end
  end)
end)
