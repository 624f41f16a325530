-- pynq-behaviour B7, C25 to C27 and PYNQ's test_axigpio; registers.md section 8.
describe("AxiGPIO", function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local AxiGPIO = require "drivers.axi_gpio"
  local d, gpio
  local GIER <const>, IER <const> = 0x11c, 0x128

  --- A block with these parameters on a device of its own; irq: wired to the processor.
  local function open(parameters, irq)
    parameters = parameters or {}
    if irq then parameters.C_INTERRUPT_PRESENT = 1 end
    local design = core.design_from_table { ip = { g = {
      vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000, parameters = parameters,
      interrupts = irq and { ip2intc_irpt = 0 } or nil } } }
    d = core.device_open "sim"
    d:program(design)
    local description = design:dictionaries().ip_dict.g
    description.device = d
    gpio = AxiGPIO(description)
    return gpio
  end
  after_each(function()
    if not d then return end
    gpio:free()
    d:close()
    d = nil
  end)

  --- The register accesses of a function: "w 0 0x1", "r 4".
  local function accesses(f, ...)
    d:trace(true)
    f(...)
    local list = {}
    for verb, offset, value in d:trace(false):gmatch "%d+ (%l+) g%+0x(%x+) 4 (0x%x+)" do
      list[#list + 1] = verb == "write" and ("w %s %s"):format(offset, value) or "r " .. offset
    end
    return list
  end
  local function failure(...)
    local ok, e = pcall(...)
    assert(not ok, "an error was expected")
    return { e.kind, tostring(e) }
  end

  describe("as PYNQ's tests have it", function()
    before_each(function()
      open()
      gpio:setdirection "out"
    end)

    it("a line on, read back without an access", function()
      assert.same({ "w 0 0x1" }, accesses(function() gpio[0]:on() end))
      assert.same({}, accesses(function() assert.equal(1, gpio[0]:read()) end))
    end)

    it("slices on and off", function()
      assert.same({ "w 0 0x7", "w 0 0x4" }, accesses(function()
        gpio["0:3"]:on()
        gpio["0:2"]:off()
      end))
    end)

    it("toggled", function()
      assert.same({ "w 0 0x6", "w 0 0x9" }, accesses(function()
        gpio["1:3"]:on()
        gpio["0:4"]:toggle()
      end))
    end)

    it("values", function()
      assert.same({ "w 0 0x6", "w 0 0x1a" }, accesses(function()
        gpio["1:3"]:write(3)
        gpio.channel1:slice(2, 5):write(6)
      end))
    end)

    it("an input", function()
      gpio:setdirection(AxiGPIO.Input)
      d:wire("g/gpio_io_i", 0x5a)
      assert.same({ "r 0" }, accesses(function() assert.equal(1, gpio[1]:read()) end))
    end)

    it("a slice of inputs", function()
      gpio:setdirection "in"
      d:wire("g/gpio_io_i", 0x5a)
      assert.same({ "r 0" }, accesses(function() assert.equal(5, gpio["4:8"]:read()) end))
    end)

    it("both ways, reading: the pin is turned first", function()
      d:close()
      open { C_TRI_DEFAULT = "0x78563412" }
      d:wire("g/gpio_io_i", 1)
      assert.same({ "r 4", "w 4 0x78563413", "r 0" },
                  accesses(function() assert.equal(1, gpio[0]:read()) end))
    end)

    it("both ways, writing: the pins are turned first", function()
      d:close()
      open { C_TRI_DEFAULT = "0x78563412" }
      assert.same({ "r 4", "w 4 0x78560012", "w 0 0x1200" },
                  accesses(function() gpio["8:16"]:write(0x12) end))
    end)
  end)

  it("accesses nothing when it is made, but sets the global enable when it is wired", function()
    open()
    assert.same({ 0, false }, { gpio:read(GIER), gpio.has_interrupts })
    d:close()
    open(nil, true)
    assert.same({ 0x80000000, 0, true }, { gpio:read(GIER), gpio:read(IER), gpio.has_interrupts })
  end)

  it("a first write keeps the outputs the design sets at reset (C25)", function()
    open { C_DOUT_DEFAULT = "0x000000F0", C_ALL_OUTPUTS = 1, C_GPIO_WIDTH = 8 }
    assert.equal(1, gpio[4]:read())
    gpio[0]:on()
    assert.equal(0xf1, d:wire "g/gpio_io_o")
    gpio[4]:toggle()
    assert.equal(0xe1, d:wire "g/gpio_io_o")
  end)

  it("has the width, the channels and the directions of the design (C26)", function()
    open { C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1, C_IS_DUAL = 1, C_GPIO2_WIDTH = 6, C_ALL_OUTPUTS_2 = 1 }
    assert.same({ 4, 4, 6 }, { #gpio, #gpio.channel1, #gpio.channel2 })
    assert.equal("Input line 3 of g", tostring(gpio[3]))
    assert.equal("Output lines 0 to 5 of g", tostring(gpio.channel2["0:6"]))
    gpio.channel2["0:6"]:write(0x2a)
    assert.equal(0x2a, d:wire "g/gpio2_io_o")
    assert.equal("AxiGPIO g (xilinx.com:ip:axi_gpio:2.0) 0x41200000+0x10000: channel 1 with 4 lines (in), "
                 .. "channel 2 with 6 lines (out)", tostring(gpio))
    assert.same({ "value", "channel 1 of g has only inputs in this design" }, failure(gpio.setdirection, gpio, "out"))
    assert.same({ "value", "channel 2 of g has only outputs in this design" },
                failure(gpio.setdirection, gpio, "in", 2))
    gpio:setdirection "inout" -- goes as far as it can
    assert.equal("Input line 3 of g", tostring(gpio[3]))
    assert.same({ "value", "channel 1 of g has 4 lines; 5 is not a length for it" }, failure(gpio.setlength, gpio, 5))
    gpio:setlength(2)
    assert.equal(2, #gpio)
    d:close()
    open()
    assert.is_nil(gpio.channel2)
    assert.same({ "value", "AXI GPIO g has no channel 2: it has 1 only (C_IS_DUAL is 0)" },
                failure(gpio.setdirection, gpio, "in", 2))
  end)

  it("refuses lines that are not there (C27)", function()
    open { C_GPIO_WIDTH = 4 }
    local function at(i) return function() return gpio[i] end end
    assert.same({ "index", "line 4 is not in channel 1 of g, which has 0 to 3" }, failure(at(4)))
    assert.same({ "index", "line -1 is not in channel 1 of g, which has 0 to 3" }, failure(at(-1)))
    for _, text in ipairs { "2:5", "-1:2", "2:", ":2", "2:2", "3:1" } do
      local e = failure(at(text))
      assert.equal("index", e[1], text)
      assert.matches("are not in channel 1 of g, which has 0:4", e[2])
    end
    assert.same({ "index", "Steps other than 1 not supported" }, failure(at "0:4:2"))
    assert.equal("InOut lines 0 to 3 of g", tostring(gpio["0:4:1"]))
    assert.equal("attribute", failure(function() return gpio.channel1.lins end)[1])
    assert.equal("attribute", failure(function() return gpio.chanel1 end)[1])
    assert.same({ "attribute", 'Input line 0 of g has no "on"' }, failure(function()
      gpio:setdirection "in"
      gpio[0]:on()
    end))
  end)

  it("has PYNQ's messages", function()
    open { C_GPIO_WIDTH = 8 }
    assert.same({ "value", "direction should be one of AxiGPIO.{Input,Output,InOut}" },
                failure(gpio.setdirection, gpio, "up"))
    assert.same({ "value", "direction should be one of AxiGPIO.{Input,Output,InOut} or the string 'in', 'out' or "
                  .. "'inout'" }, failure(gpio.channel1.setdirection, gpio.channel1, 3))
    assert.same({ "value", "8 too large for 3 bits" }, failure(function() gpio["0:3"]:write(8) end))
    assert.same({ "value", "-1 is not a value for 3 bits" }, failure(function() gpio["0:3"]:write(-1) end))
    gpio:setdirection "out"
    assert.same({ "runtime", "You cannot read from an output" }, failure(gpio.channel1.read, gpio.channel1))
    gpio:setdirection "in"
    assert.same({ "runtime", "You cannot write to an Input" }, failure(gpio.channel1.write, gpio.channel1, 1))
    assert.same({ "runtime", "Interrupts not available for this IP" },
                failure(gpio.channel1.wait_for_interrupt, gpio.channel1))
  end)

  it("a channel refuses what is no word, and writes nothing", function()
    open { C_GPIO_WIDTH = 8 }
    local ch = gpio.channel1
    ch:write(3)
    for _, wrong in ipairs { "x", 1.5, {}, true } do
      assert.same({ "value", ("%s is not a value for channel 1 of %s, which has 8 lines"):format(tostring(wrong),
                    gpio.fullpath) }, failure(ch.write, ch, wrong))
      assert.matches("is not a mask for channel 1", failure(ch.write, ch, 0, wrong)[2], 1, true)
    end
    assert.equal("value", failure(ch.write, ch)[1])
    assert.equal("value", failure(ch.write, ch, 0, false)[1])
    assert.equal(3, ch.value)
    ch:write(-1)
    assert.equal(0xffffffff, ch.value | 0xffffff00)
  end)

  it("a channel reads and writes its word; trimask is TRI", function()
    open { C_GPIO_WIDTH = 8 }
    assert.equal(0xff, gpio.channel1.trimask)
    gpio.channel1.trimask = 0xf0
    assert.equal(0xf0, gpio:read(4))
    gpio.channel1:write(0xff)
    gpio.channel1:write(0, 3)
    d:wire("g/gpio_io_i", 0x50)
    assert.equal(0x5c, gpio.channel1:read())
  end)

  describe("with interrupts", function()
    it("waits for a change, enabled only meanwhile", function()
      open({ C_GPIO_WIDTH = 4 }, true)
      gpio:setdirection "in"
      d:wire("g/gpio_io_i", 1) -- a change nobody waited for yet
      gpio.channel1:wait_for_interrupt(0)
      assert.same({ 0, 0 }, { gpio:read(0x120), gpio:read(IER) })
      local e = failure(gpio.channel1.wait_for_interrupt, gpio.channel1, 0.001)
      assert.equal("timeout", e[1])
      assert.matches("^AXI GPIO g: no input of channel 1 changed within 1 ms%.\nInterrupt g/ip2intc_irpt did not come",
                     e[2])
      assert.matches("interrupt 61 of the processor: low, armed", e[2])
      assert.equal(0, gpio:read(IER)) -- undone (C32)
    end)

    it("the second channel's events are its own", function()
      open({ C_GPIO_WIDTH = 4, C_IS_DUAL = 1, C_GPIO2_WIDTH = 4 }, true)
      d:wire("g/gpio2_io_i", 1)
      assert.equal("timeout", failure(gpio.channel1.wait_for_interrupt, gpio.channel1, 0.001)[1])
      gpio.channel2:wait_for_interrupt(0)
      assert.equal(0, gpio:read(0x120))
    end)

    it("waits for a value that is there already, without the interrupt", function()
      open({ C_GPIO_WIDTH = 4 }, true)
      gpio:setdirection "in"
      d:wire("g/gpio_io_i", 6)
      assert.same({ "r 0" }, accesses(function() gpio["1:3"]:wait_for_value(3, 1) end))
      gpio["1:3"]:wait_for_level "high"
      gpio[0]:wait_for_level(false)
      gpio[3]:wait_for_level(0)
      assert.equal("value", failure(function() gpio[0]:wait_for_level(2) end)[1])
      assert.same({ "value", "2 too large for 1 bits" }, failure(function() gpio[0]:wait_for_value(2) end))
      assert.equal("timeout", failure(function() gpio[0]:wait_for_value(1, 0.01) end)[1])
      assert.equal("type", failure(function() gpio[0]:wait_for_value(1, "soon") end)[1])
      assert.equal("value", failure(function() gpio[0]:wait_for_value(1, -1) end)[1])
    end)
  end)

  describe("when several wait or something fails", function()
    local ISR <const>, DATA <const> = 0x120, 0
    local before
    before_each(function()
      open({ C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1, C_IS_DUAL = 1, C_GPIO2_WIDTH = 4, C_ALL_INPUTS_2 = 1 }, true)
      before = lunq.Device.active_device
      lunq.Device.active_device = d -- sleeps are in its time
    end)
    after_each(function() lunq.Device.active_device = before end)

    it("each task wakes for its own line, and the enables are those of who waits", function()
      local woken = {}
      local tasks = {}
      for i = 0, 3 do
        tasks[i + 1] = lunq.spawn(function()
          gpio[i]:wait_for_value(1, 1)
          woken[#woken + 1] = i
        end)
      end
      tasks[5] = lunq.spawn(function()
        gpio.channel2:wait_for_interrupt(1)
        woken[#woken + 1] = "second"
      end)
      lunq.sleep(1e-6)
      assert.equal(3, gpio:read(IER))
      for _, i in ipairs { 2, 0 } do
        d:wire("g/gpio_io_i", d:wire "g/gpio_io_i" | 1 << i)
        lunq.sleep(1e-5)
      end
      assert.same({ 2, 0 }, woken)
      assert.equal(3, gpio:read(IER))
      d:wire("g/gpio2_io_i", 8)
      lunq.sleep(1e-5)
      assert.same({ 2, 0, "second" }, woken)
      assert.equal(1, gpio:read(IER)) -- of the first channel somebody still waits
      d:wire("g/gpio_io_i", 0xf)
      lunq.gather(tasks)
      assert.same({ 5, 0, 0 }, { #woken, gpio:read(IER), gpio:read(ISR) })
    end)

    it("a task that is cancelled leaves nothing enabled", function()
      local task, other = lunq.spawn(function() gpio[0]:wait_for_value(1, 1) end),
                          lunq.spawn(function() gpio[1]:wait_for_value(1, 1) end)
      lunq.sleep(1e-6)
      task:cancel()
      lunq.sleep(1e-6)
      assert.equal(1, gpio:read(IER))
      other:cancel()
      lunq.sleep(1e-6)
      assert.equal(0, gpio:read(IER))
    end)

    it("a change that is over before anybody looks is not lost", function()
      local task = lunq.spawn(function() gpio.channel1:wait_for_interrupt(1) end)
      lunq.sleep(1e-6)
      d:wire("g/gpio_io_i", 1)
      d:wire("g/gpio_io_i", 0)
      task:wait(1e-3)
      assert.is_true(task.done)
    end)

    it("a change of one channel, seen by who waits for the other, is kept", function()
      d:wire("g/gpio2_io_i", 1)
      gpio[0]:wait_for_value(0, 0)
      assert.equal("timeout", failure(gpio.channel1.wait_for_interrupt, gpio.channel1, 1e-6)[1])
      gpio.channel2:wait_for_interrupt(0)
      assert.equal("timeout", failure(gpio.channel2.wait_for_interrupt, gpio.channel2, 0)[1])
    end)

    it("clears only what it has read: the status toggles", function()
      d:wire("g/gpio2_io_i", 1)
      assert.same({ "r 120", "w 120 0x2" }, accesses(function() gpio.channel2:wait_for_interrupt(0) end))
      gpio:write(ISR, 1) -- as a constant mask would do: it sets what was 0
      assert.equal(1, gpio:read(ISR))
    end)

    it("a lost interrupt costs the time limit and gives a warning; then it polls", function()
      d:inject { ip = "g", fault = "lost_interrupt", where = "ip2intc_irpt" }
      local list = lunq.warnings.capture(function()
        local task = lunq.spawn(function() gpio[0]:wait_for_value(1, 0.01) end)
        lunq.sleep(0.001)
        d:wire("g/gpio_io_i", 1)
        task:wait()
      end)
      assert.equal(1, #list)
      assert.matches("^g: the work is done, but interrupt g/ip2intc_irpt never came%. Is the pin wired",
                     list[1].text)
      local task = lunq.spawn(function() gpio[0]:wait_for_value(0, 1) end)
      lunq.sleep(0.001)
      d:wire("g/gpio_io_i", 0)
      task:wait(0.01)
      local e = failure(function() gpio[0]:wait_for_value(1, 0.01) end)
      assert.same({ "timeout", "AXI GPIO g: line 0 of channel 1 did not become 1 (now 0) within 10 ms.\n"
        .. "It was polled: no interrupt of the IP is wired, or none that works." }, e)
    end)

    it("an interrupt that is stuck gives a warning and no hang", function()
      d:inject { ip = "g", fault = "stuck_interrupt", where = "ip2intc_irpt" }
      local list = lunq.warnings.capture(function()
        assert.equal("timeout", failure(function() gpio[0]:wait_for_value(1, 1) end)[1])
      end)
      assert.equal(1, #list)
      assert.matches("^g: interrupt g/ip2intc_irpt stays high, but there is nothing it could tell", list[1].text)
    end)

    it("an interrupt too many ends no wait", function()
      local task = lunq.spawn(function() gpio[0]:wait_for_value(1, 0.01) end)
      lunq.sleep(1e-6)
      d:inject { ip = "g", fault = "spurious_interrupt", where = "ip2intc_irpt", count = 1 }
      d:wire("g/gpio2_io_i", 1) -- the model looks at its pin
      lunq.sleep(1e-4)
      assert.is_false(task.done)
      d:wire("g/gpio_io_i", 1)
      task:wait()
    end)

    it("an error of the bus reaches who waits, and the enable is taken back", function()
      for _, offset in ipairs { DATA, ISR, IER } do
        local task = lunq.spawn(function() return failure(function() gpio.channel1:wait_for_value(5, 1) end) end)
        lunq.sleep(1e-6)
        d:inject { ip = "g", fault = "slave_error", offset = offset, count = 1 }
        d:wire("g/gpio_io_i", d:wire "g/gpio_io_i" ~ 8)
        lunq.sleep(1e-5)
        if offset == IER then -- met when the wait is over
          d:wire("g/gpio_io_i", 5)
        end
        local e = task:wait()
        assert.equal("io", e[1], ("%#x"):format(offset))
        assert.matches("^Bus error %(SLVERR%)", e[2])
        d:wire("g/gpio_io_i", 0)
        if offset ~= IER then assert.equal(0, gpio:read(IER)) end
        d:clear_faults()
      end
    end)

    it("another design ends the wait", function()
      local task = lunq.spawn(function() return failure(function() gpio[0]:wait_for_value(1, 1) end) end)
      lunq.sleep(1e-6)
      d:program(core.design_from_table { ip = { other = { vlnv = "acme.com:user:other:1.0", address = 0x40000000 } } })
      assert.same({ "runtime", "Interrupt invalidated by Overlay change" }, { task:wait()[1],
                  task:wait()[2]:match "^Interrupt invalidated by Overlay change" })
    end)

    it("waits have a limit of their own", function()
      lunq.time_limit = 0.002
      finally(function() lunq.time_limit = 10 end)
      assert.matches("within 2 ms", failure(function() gpio[0]:wait_for_value(1) end)[2])
      assert.matches("within 2 ms", failure(function() gpio[0]:wait_for_level "high" end)[2])
      assert.matches("within 2 ms", failure(function() gpio.channel2:wait_for_interrupt() end)[2])
    end)
  end)

  describe("with somebody at the buttons", function()
    local sim = dofile "spec/sim/support.lua"
    local Finger

    --- A model that presses: a word written to it appears on the pins after offset microseconds.
    before_each(function()
      Finger = lunq.Model:extend { models = { "acme.com:user:finger:1.0" } }
      function Finger:write(offset, value)
        self:after(offset * 1000, function() self:raise("out", value) end)
      end
      local design = sim.hwh({}, {
        { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "IRQ_F2P", "I", "irq_net" } }, memory = {
          { "g", 0x41200000, 0x4120ffff, "S_AXI", "M_AXI_GP0" },
          { "finger", 0x43c00000, 0x43c0ffff, "S_AXI", "M_AXI_GP0" } } },
        { "g", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1,
            C_INTERRUPT_PRESENT = 1, C_IS_DUAL = 1, C_GPIO2_WIDTH = 2, C_ALL_INPUTS_2 = 1 }, ports = {
          { "gpio_io_i", "I", "pins", width = 4 }, { "gpio2_io_i", "I", "pins", width = 2 },
          { "ip2intc_irpt", "O", "irq_net" } } },
        { "finger", "acme.com:user:finger:1.0", ports = { { "out", "O", "pins", width = 4 } } },
      })
      d = core.device_open "sim"
      d:program(design)
      local description = design:dictionaries().ip_dict.g
      description.device = d
      gpio = AxiGPIO(description)
    end)
    after_each(function() lunq.Model.unbind(Finger) end)

    local function press(word, microseconds)
      local m <close> = core.mmio(0x43c00000, 0x10000, d)
      m:write(4 * microseconds, word)
    end

    it("wakes when it happens, and not before", function()
      local start = d:now()
      press(2, 25)
      lunq.Button(gpio[1]):wait_for_value(1, 1)
      local took = d:now() - start
      assert.is_true(took >= 100000 and took < 103000, took)
      assert.same({ 0, 0 }, { gpio:read(0x120) & 1, gpio:read(IER) })
    end)

    it("goes on waiting while other lines change", function()
      for i, word in ipairs { 1, 8, 9, 4 } do press(word, 10 * i) end
      gpio["2:4"]:wait_for_value(1, 1)
      assert.equal(4, gpio.channel1:read())
      assert.is_true(d:now() >= 160000)
      press(0, 10)
      gpio.channel1:wait_for_level("low", 1)
      assert.equal(0, gpio.channel1:read())
    end)

    it("one time limit counts for all of it", function()
      for i = 1, 20 do press(i & 1, 10 * i) end
      local start = d:now()
      local e = failure(function() gpio[3]:wait_for_value(1, 0.0003) end)
      assert.equal("timeout", e[1])
      assert.is_true(d:now() - start < 320000, d:now() - start)
    end)
  end)

  it("waits for a value by polling where there is no interrupt", function()
    open { C_GPIO_WIDTH = 4 }
    gpio:setdirection "in"
    d:wire("g/gpio_io_i", 2)
    gpio[1]:wait_for_value(1, 0.01)
    gpio.channel1:wait_for_value(2, 0.01)
    local t = d:now()
    assert.equal("timeout", failure(function() gpio[1]:wait_for_value(0, 0.01) end)[1])
    assert.is_true(d:now() - t >= 10000000)
  end)

  describe("under LEDs, buttons and switches", function()
    it("lights an LED", function()
      open { C_GPIO_WIDTH = 4, C_ALL_OUTPUTS = 1, C_DOUT_DEFAULT = 2 }
      local led, other = lunq.LED(gpio[0]), lunq.LED(gpio[1])
      assert.same({ 0, 1 }, { led:read(), other:read() })
      led:on()
      assert.same({ 3, 1 }, { d:wire "g/gpio_io_o", led:read() })
      led:toggle()
      led:write(1)
      led:write(false)
      other:off()
      assert.same({ 0, 0 }, { d:wire "g/gpio_io_o", other:read() })
      assert.equal("LED on Output line 0 of g", tostring(led))
      assert.same({ "value", "an LED is 0 or 1, not 2" }, failure(led.write, led, 2))
      assert.equal("type", failure(lunq.LED, 3)[1])
    end)

    it("an LED on lines that go both ways stays an output when it is read", function()
      open { C_GPIO_WIDTH = 4 }
      local led = lunq.LED(gpio[2])
      led:on()
      assert.same({}, accesses(function() assert.equal(1, led:read()) end))
      assert.equal(4, d:wire "g/gpio_io_o")
    end)

    it("colours an RGB LED without touching its neighbour", function()
      open { C_GPIO_WIDTH = 6, C_ALL_OUTPUTS = 1 }
      local RGBLED = lunq.RGBLED
      local left, right = RGBLED(gpio.channel1, 0), RGBLED(gpio["3:6"])
      left:on()
      right:write(RGBLED.RED)
      assert.equal(0x27, d:wire "g/gpio_io_o")
      left:write(RGBLED.CYAN)
      left:toggle()
      assert.same({ 0x20, 0, 4 }, { d:wire "g/gpio_io_o", left:read(), right:read() })
      left:toggle()
      right:off()
      assert.same({ 3, 3 }, { d:wire "g/gpio_io_o", left:read() })
      assert.same({ "value", "color should be an integer value from 0 to 7." }, failure(left.on, left, 8))
      assert.equal("index", failure(RGBLED, gpio.channel1, 2)[1])
      assert.equal("value", failure(RGBLED, gpio.channel1, -1)[1])
      assert.equal("type", failure(RGBLED, gpio[0])[1])
    end)

    it("reads buttons and switches, and waits for them (C56)", function()
      for _, irq in ipairs { true, false } do
        open({ C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1 }, irq)
        for _, class in ipairs { lunq.Button, lunq.Switch } do
          local input = class(gpio[1])
          d:wire("g/gpio_io_i", 0)
          assert.equal(0, input:read())
          input:wait_for_value(0, 0.001)
          assert.equal("timeout", failure(input.wait_for_value, input, 1, 0.001)[1])
          d:wire("g/gpio_io_i", 2)
          input:wait_for_value(1, 0.001)
          assert.equal(1, input:read())
          assert.same({ "value", "the value of a line is 0 or 1, not 2" }, failure(input.wait_for_value, input, 2))
        end
        assert.equal("Switch on Input line 1 of g", tostring(lunq.Switch(gpio[1])))
        if irq then
          gpio:free()
          d:close()
        end
      end
    end)

    it("has PYNQ's names for them", function()
      local lib = lunq.pynq.lib
      assert.same({ AxiGPIO, lunq.LED, lunq.RGBLED, lunq.Button, lunq.Switch },
                  { lib.AxiGPIO, lib.led.LED, lib.RGBLED, lib.Button, lib.switch.Switch })
    end)
  end)

  it("is what overlays bind to a block", function()
    local ol <close> = lunq.Overlay { ip = { leds = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000 } } }
    assert.equal(AxiGPIO, getmetatable(ol.leds))
  end)
end)
