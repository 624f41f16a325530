-- Test bench of the panel: bouncing contacts, several tasks, two levels of interrupt controllers, and what
-- happens when one of them breaks.
local lunq = require "lunq"

local HERE <const> = "overlays/gpio_interrupts/"
local BTNS <const> = "btns_4bits_tri_i"
local hands = dofile(HERE .. "simulated_hands.lua")

for _, name in ipairs { "sim", "sim?seed=7" } do
  describe("the panel on " .. name, function()
    local device, ol, panel, before
    before_each(function()
      device = lunq.Device.open(name)
      before, lunq.Device.active_device = lunq.Device.active_device, device
      ol = lunq.Overlay(HERE .. "gpio_interrupts.hwh", { device = device })
      panel = ol.panel
    end)
    after_each(function()
      ol:free()
      lunq.Device.active_device = before
      device:close()
    end)

    --- Presses in a task; to be closed.
    local function pressing(...)
      local t = lunq.spawn(hands.press, device, ...)
      t.background = true
      return t
    end

    it("has two levels of interrupt controllers", function()
      assert.equal("Panel", getmetatable(panel).__name)
      assert.same({ parent = "intc", index = 0 }, ol.interrupt_controllers["panel/intc"])
      assert.equal(61, ol.interrupt_controllers.intc.raw_irq)
      assert.same({ "panel/intc", 1 }, { ol.interrupt_pins["panel/switches/ip2intc_irpt"].controller,
                                         ol.interrupt_pins["panel/switches/ip2intc_irpt"].index })
      assert.matches("%-> panel/intc input 0 %(level%).*%-> intc input 0 %(level%).*%-> interrupt 61",
                     panel.btns.interrupts.ip2intc_irpt:explain())
    end)

    it("makes one press of a bouncing contact", function()
      local n = 0
      local task = panel:on_press(2, function() n = n + 1 end)
      for i = 1, 3 do
        local edges = device:now()
        hands.press(device, 2, 0.05)
        lunq.sleep(0.02)
        assert.equal(i, n)
        assert.is_true(device:now() - edges > 50000000)
      end
      task:cancel()
      hands.press(device, 2, 0.05)
      lunq.sleep(0.02)
      assert.equal(3, n)
      assert.equal(0, panel.btns:read(0x128)) -- nothing is enabled that nobody waits for
    end)

    it("a button that is down has to come up first", function()
      device:wire(BTNS, 1)
      local n = 0
      panel:on_press(0, function() n = n + 1 end)
      lunq.sleep(0.05)
      assert.equal(0, n)
      device:wire(BTNS, 0)
      lunq.sleep(0.05)
      device:wire(BTNS, 1)
      lunq.sleep(0.05)
      assert.equal(1, n)
    end)

    it("takes no notice of a glitch shorter than the debounce time", function()
      local glitch <close> = lunq.spawn(function()
        lunq.sleep(0.01)
        device:wire(BTNS, 1)
        lunq.sleep(0.005)
        device:wire(BTNS, 0)
      end)
      local ok, e = pcall(panel.wait_for_press, panel, 0, 0.1)
      assert.is_false(ok)
      assert.equal("timeout", e.kind)
      assert.matches("^AXI GPIO panel/btns: line 0 of channel 1 did not become 1 %(now 0%) within", tostring(e))
      assert.is_true(glitch.done)
    end)

    it("waits for the next press when the button is down already", function()
      local down <close> = pressing(1, 0.1)
      panel:wait_for_press(1, 1)
      local again <close> = lunq.spawn(function()
        lunq.sleep(0.3)
        hands.press(device, 1, 0.1)
      end)
      local start = device:now()
      panel:wait_for_press(1, 1)
      assert.is_true(device:now() - start > 300000000)
      panel:wait_for_release(1, 1)
      assert.equal(0, panel.buttons[1]:read())
      again:wait()
      assert.is_true(down.done)
    end)

    it("serves all buttons at once", function()
      local seen = {}
      for i = 0, 3 do panel:on_press(i, function() seen[#seen + 1] = i end) end
      local a <close> = pressing(3, 0.2)
      lunq.sleep(0.03)
      local b <close> = pressing(0, 0.1)
      lunq.sleep(0.03)
      hands.press(device, 2, 0.05)
      hands.press(device, 1, 0.05)
      lunq.sleep(0.1)
      assert.same({ 3, 0, 2, 1 }, seen)
      assert.same({ true, true }, { a.done, b.done })
    end)

    it("loses none of a thousand interrupts of either controller", function()
      local counts, ticks = { [0] = 0, 0, 0, 0 }, 0
      panel.debounce = 0.0002
      for i = 0, 3 do
        panel:on_press(i, function() counts[i] = counts[i] + 1 end)
      end
      ol.timer.timer0:start { seconds = 0.001 }
      local ticker <close> = lunq.spawn(function()
        while true do
          ol.timer.timer0:wait()
          ticks = ticks + 1
        end
      end)
      for n = 1, 1000 do
        device:wire(BTNS, 1 << n % 4)
        lunq.sleep(0.0005)
        device:wire(BTNS, 0)
        lunq.sleep(0.0005)
      end
      assert.same({ [0] = 250, 250, 250, 250 }, counts)
      assert.is_true(ticks >= 998 and ticks <= 1001, ticks)
      assert.is_false(ticker.done)
      ol.timer.timer0:stop()
    end)

    it("refuses buttons it has not, and ends its tasks with the overlay", function()
      for _, f in ipairs { panel.wait_for_press, panel.wait_for_release, panel.on_press } do
        local ok, e = pcall(f, panel, 4, print)
        assert.same({ false, "index", "panel has buttons 0 to 3, not 4" }, { ok, e.kind, tostring(e) })
      end
      local task = panel:on_press(0, print)
      assert.equal("panel, button 0", task.name)
      lunq.sleep(0.001)
      ol:download()
      lunq.sleep(0.001)
      assert.is_true(task.done)
    end)

    it("works on by polling when an interrupt is lost on the way", function()
      device:inject { ip = "panel/intc", fault = "lost_interrupt", where = "irq" }
      local list = lunq.warnings.capture(function()
        local down <close> = pressing(0, 1)
        panel:wait_for_press(0, 0.1)
        assert.is_false(down.done)
      end)
      assert.equal(1, #list)
      assert.matches("the work is done, but interrupt panel/btns/ip2intc_irpt never came", list[1].text)
      assert.matches("Probably the controller below does not reach this one: look at whether its irq output is wired",
                     list[1].text)
    end)

    it("explains a stuck interrupt and works on", function()
      device:inject { ip = "panel/btns", fault = "stuck_interrupt", where = "ip2intc_irpt" }
      local list = lunq.warnings.capture(function()
        assert.is_false((pcall(panel.wait_for_press, panel, 0, 1)))
        local down <close> = pressing(0, 1)
        panel:wait_for_press(0, 0.1)
        assert.is_false(down.done)
      end)
      assert.equal(1, #list)
      assert.matches("interrupt panel/btns/ip2intc_irpt stays high, but there is nothing it could tell", list[1].text)
      assert.matches("panel/intc input 0 %(level%): active", panel.btns.interrupts.ip2intc_irpt:explain())
    end)

    it("says so when the output of a controller is stuck", function()
      device:inject { ip = "panel/intc", fault = "stuck_interrupt", where = "irq" }
      local ok, e = pcall(panel.wait_for_press, panel, 0, 0.1)
      assert.same({ false, "io", "Input 0 of interrupt controller intc stays active although panel/intc, which hangs "
        .. "there, has nothing pending: its irq output is stuck, or something else is wired to the input." },
        { ok, e.kind, tostring(e) })
      local irq = panel.btns.interrupts.ip2intc_irpt
      local _ <close> = irq:hold()
      assert.matches("Probably the output of the controller below is stuck, or something else is wired to this input",
                     irq:explain())
    end)

    it("beeps, and hears the key, by the processor's own lines", function()
      ol.gpio.buzzer:on()
      assert.equal(1, device:wire "buzzer")
      local key <close> = lunq.GPIO(lunq.GPIO.get_gpio_pin(1, nil, device), "in", device)
      local turn <close> = lunq.spawn(hands.turn_key, device)
      assert.equal(1, (key:wait("rising", 1)))
      turn:wait()
      assert.equal(8, (key:wait("rising", 0))) -- it bounces: the edges meanwhile were kept
    end)
  end)
end

describe("the README of the panel", function()
  it("shows what a person at the prompt really sees", function()
    local f <close> = assert(io.open(HERE .. "README.md"))
    local block = f:read "a":match "```lunq\n(.-)```"
    local before = lunq.Device.active_device
    _G.lunq, lunq.Device.active_device = lunq, lunq.Device.open "sim"
    finally(function()
      _G.ol:free()
      _G.d:close()
      for _, name in ipairs { "lunq", "ol", "d", "task", "irq" } do _G[name] = nil end
      lunq.Device.active_device = before
    end)
    assert.equal(block, dofile "spec/prompt.lua".replay(block))
  end)
end)

describe("the demo of the panel", function()
  local process = dofile "spec/program/process.lua"

  it("says what happens, the same each time", function()
    local code, out, err = process.sh("LUNQ " .. HERE .. "demo.lua")
    assert.same({ 0, "" }, { code, err })
    assert.equal(out, select(2, process.sh("LUNQ " .. HERE .. "demo.lua")))
    for _, text in ipairs { "button 3: 1 times so far", "button 1: colour 1", "button 0: beep",
                            "button 2: the light runs right", "switch 1: the light rests", "switch 1: the light runs",
                            "button 0 is held: silence", "the key: 2%d steps, 3 presses of button 3" } do
      assert.matches(text, out)
    end
  end)

  it("is followed by the lessons", function()
    local code, out, err = process.sh("LUNQ " .. HERE .. "lessons.lua")
    assert.same({ 0, "" }, { code, err })
    for _, text in ipairs { "nothing arrives at the controller", "the controller below does not reach this one",
                            "the controller is off %(MER is not 3%)", "stays high, but there is nothing it could tell",
                            "is in use by another program", "GPIO already in use in other direction" } do
      assert.matches(text, out)
    end
  end)
end)
