-- pynq-behaviour B6, B11, C24, C31 and PYNQ's test_gpio; linux-boards A10.
local lunq = require "lunq"
local core = require "lunq.core"
local support = dofile "spec/sim/support.lua"
local GPIO = lunq.GPIO

local function failure(...)
  local e = support.failure(...)
  return { e.kind, tostring(e) }
end

--- What both families have: a design whose processor drives and reads wires of the logic.
local FAMILIES <const> = {
  zynq7000 = { arch = "zynq", label = "zynq_gpio", base = 906, test_base = 338, lines = 118, emio = 54,
               vlnv = "xilinx.com:ip:processing_system7:5.5", out = "GPIO_O", into = "GPIO_I", tri = "GPIO_T",
               width = 64 },
  zynqmp = { arch = "zynquplus", label = "zynqmp_gpio", base = 338, test_base = 314, lines = 174, emio = 78,
             vlnv = "xilinx.com:ip:zynq_ultra_ps_e:3.4", out = "emio_gpio_o", into = "emio_gpio_i",
             tri = "emio_gpio_t", width = 95 },
}

--- leds: lines 0 to 3; status: line 70 or 40, far up; btns come in on lines 8 to 11; done, from an AXI
--- GPIO the lines reach through a slice, on line 90 or 60.
local function design(family)
  local f = FAMILIES[family]
  local far, back = f.width > 64 and 70 or 40, f.width > 64 and 90 or 60
  return support.hwh(
    { { "btns", "I", "btns_net", width = 4 }, { "leds", "O", "leds_net", width = 4 } },
    {
      { "ps", f.vlnv, ports = { { f.out, "O", "out_net", width = f.width }, { f.into, "I", "in_net", width = f.width },
          { f.tri, "O", "tri_net", width = f.width } },
        memory = { { "io_gpio", 0x41200000, 0x4120ffff, "S_AXI", "M_AXI_GP0" } } },
      { "leds_slice", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 3, DIN_TO = 0 },
        ports = { { "Din", "I", "out_net", width = f.width }, { "Dout", "O", "leds_net", width = 4 } } },
      { "far", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = far, DIN_TO = far },
        ports = { { "Din", "I", "out_net", width = f.width }, { "Dout", "O", "far_net" } } },
      { "io/enable", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 5, DIN_TO = 5 },
        ports = { { "Din", "I", "out_net", width = f.width }, { "Dout", "O", "enable_net" } } },
      { "io/gpio", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = 1, C_ALL_INPUTS = 1,
          C_IS_DUAL = 1, C_GPIO2_WIDTH = 1, C_ALL_OUTPUTS_2 = 1 }, ports = {
        { "gpio_io_i", "I", "enable_net" }, { "gpio2_io_o", "O", "done_net" } } },
      { "inputs", "xilinx.com:ip:xlconcat:2.1", parameters = { NUM_PORTS = 4 }, ports = {
        { "In0", "I", "", width = 8 }, { "In1", "I", "btns_net", width = 4 }, { "In2", "I", "", width = back - 12 },
        { "In3", "I", "done_net" }, { "dout", "O", "in_net", width = f.width } } },
    }, f.arch), far, back
end

for family, f in pairs(FAMILIES) do
  describe("GPIO of " .. family, function()
    local d, far, back
    before_each(function()
      local loaded
      loaded, far, back = design(family)
      d = support.open(loaded, "sim:" .. family)
    end)
    after_each(function() d:close() end)

    local function pin(i) return GPIO.get_gpio_pin(i, nil, d) end

    describe("as PYNQ's tests have it", function()
      local board
      before_each(function()
        board = core.device_open(("sim:%s?gpio_base=%d&gpiochip=test:120:16"):format(family, f.test_base))
      end)
      after_each(function() board:close() end)

      it("finds the chip of the processor", function()
        assert.equal(board.name .. "/gpiochip" .. f.test_base, GPIO.get_gpio_base_path(nil, board))
      end)
      it("finds a chip by its label", function()
        assert.equal(board.name .. "/gpiochip120", GPIO.get_gpio_base_path("test", board))
      end)
      it("finds no chip of another label", function() assert.is_nil(GPIO.get_gpio_base_path("nope", board)) end)
      it("knows its base", function() assert.equal(f.test_base, GPIO.get_gpio_base(nil, board)) end)
      it("knows the base of another", function() assert.equal(120, GPIO.get_gpio_base("test", board)) end)
      it("knows no base without a chip", function() assert.is_nil(GPIO.get_gpio_base("nope", board)) end)
      it("counts lines into the logic behind the others", function()
        assert.equal(f.test_base + f.emio + 10, GPIO.get_gpio_pin(10, nil, board))
        assert.equal(402, GPIO.get_gpio_pin(10, nil, board)) -- 338 + 54 + 10, 314 + 78 + 10
      end)
      it("counts lines of another chip from its base", function()
        assert.equal(130, GPIO.get_gpio_pin(10, "test", board))
      end)
      it("knows how many lines there are", function()
        assert.equal(f.lines, GPIO.get_gpio_npins(nil, board))
        assert.equal(16, GPIO.get_gpio_npins("test", board))
        assert.is_nil(GPIO.get_gpio_npins("nope", board))
      end)
      it("opens an input", function()
        local line <close> = GPIO(402, "in", board)
        assert.same({ 402, "in", board.name .. "/gpiochip" .. f.test_base .. "/" .. 402 - f.test_base },
                    { line.index, line.direction, line.path })
        assert.equal(0, line:read())
        assert.same({ "attribute", "Cannot write GPIO input." }, failure(line.write, line, 1))
      end)
      it("opens an output", function()
        local line <close> = GPIO(402, "out", board)
        assert.equal("out", line.direction)
        line:write(1)
        assert.same({ "attribute", "Cannot read GPIO output." }, failure(line.read, line))
        for _, bad in ipairs { 2, -1, 0.5, "1", true } do
          assert.same({ "value", "Can only write integer 0 or 1." }, failure(line.write, line, bad))
        end
      end)
      it("shares a line in one direction", function()
        local one, other = GPIO(402, "out", board), GPIO(402, "out", board)
        one:write(1)
        assert.equal(1, other:written())
        one:release()
        one:release()
        other:toggle()
        assert.equal(0, board:wire(f.label .. "/" .. 402 - f.test_base))
        assert.same({ "runtime", "GPIO 402 was released: open it again." }, failure(one.write, one, 1))
        assert.equal(("GPIO 402 (out, %s)"):format(board.name), tostring(other))
        assert.equal("GPIO 402 (out, released)", tostring(one))
        other:release()
      end)
      it("refuses the other direction while it is used", function()
        local line = GPIO(402, "in", board)
        local e = failure(GPIO, 402, "out", board)
        assert.equal("attribute", e[1])
        assert.matches("^GPIO already in use in other direction %(GPIO 402 is an input of this program; release it",
                       e[2])
        line:release()
        line = GPIO(402, "out", board)
        line:release()
      end)
      it("refuses another word", function()
        for _, bad in ipairs { "up", "", 1, {} } do
          assert.same({ "value", "Direction should be in or out." }, failure(GPIO, 402, bad, board))
        end
      end)
      it("needs permission, unless the line is shared", function()
        local line = GPIO(402, "out", board)
        board:inject { fault = "gpio_denied" }
        local shared <close> = GPIO(402, "out", board)
        assert.equal(402, shared.index)
        line:release()
        local e = failure(GPIO, 403, "out", board)
        assert.equal("permission", e[1])
        assert.matches("^Root permissions required%.", e[2])
      end)
    end)

    it("an output drives its slices, and nothing else", function()
      local led <close> = GPIO(pin(2), "out", d)
      local other <close> = GPIO(pin(far), "out", d)
      led:on()
      assert.same({ 4, 4, 0 }, { d:wire "leds", d:wire("ps/" .. f.out), d:wire "far/Dout" })
      other:write(1)
      led:toggle()
      assert.same({ 0, 1 }, { d:wire "leds", d:wire "far/Dout" })
    end)

    it("an output tells the logic that it is one", function()
      local all = f.width >= 64 and -1 or (1 << f.width) - 1
      assert.equal(all, d:wire("ps/" .. f.tri))
      GPIO(pin(2), "out", d):release()
      assert.equal(all & ~4, d:wire("ps/" .. f.tri))
      GPIO(pin(2), "in", d):release()
      assert.equal(all, d:wire("ps/" .. f.tri))
    end)

    it("an output begins low, and keeps its level when it is released", function()
      local line = GPIO(pin(1), "out", d)
      line:write(1)
      line:release()
      assert.equal(2, d:wire "leds")
      line = GPIO(pin(1), "out", d)
      assert.equal(0, d:wire "leds")
      line:release()
    end)

    it("an input reads what the design drives", function()
      local b1 <close> = GPIO(pin(9), "in", d)
      local done <close> = GPIO(pin(back), "in", d)
      assert.same({ 0, 0 }, { b1:read(), done:read() })
      d:wire("btns", 2)
      assert.same({ 1, 0 }, { b1:read(), done:read() })
      local m <close> = core.mmio(0x41200000, 0x1000, d)
      m:write(8, 1)
      assert.equal(1, done:read())
    end)

    it("reaches the inputs of IP", function()
      local enable <close> = GPIO(pin(5), "out", d)
      local m <close> = core.mmio(0x41200000, 0x1000, d)
      assert.equal(0, m:read(0))
      enable:on()
      assert.equal(1, m:read(0))
    end)

    it("is the processor's: another design finds the lines as they are", function()
      local line <close> = GPIO(pin(0), "out", d)
      line:write(1)
      d:program((design(family)))
      assert.equal(1, d:wire "leds")
      line:write(0)
      assert.equal(0, d:wire "leds")
    end)

    it("the other lines are the board's", function()
      local switch <close> = GPIO(f.base + 10, "in", d)
      d:wire(f.label .. "/10", 1)
      assert.equal(1, switch:read())
      assert.same({ "value", f.label .. " has lines 0 to " .. f.lines - 1 .. '; "400" is none of them.' },
                  failure(d.wire, d, f.label .. "/400"))
      assert.same({ "value", "A GPIO line is 0 or 1." }, failure(d.wire, d, f.label .. "/10", 2))
      local e = failure(d.wire, d, f.label .. "/" .. f.emio, 1)
      assert.matches("leads into the programmable logic: drive what its net comes from", e[2])
    end)

    it("names the lines there are when one is not there", function()
      local e = failure(GPIO, 5, "in", d)
      assert.equal("index", e[1])
      assert.equal(("There is no GPIO 5 on %s, which has %s %d to %d. Line n to the programmable logic is "
                    .. "lunq.GPIO.get_gpio_pin(n)."):format(d.name, f.label, f.base, f.base + f.lines - 1), e[2])
      assert.equal("index", failure(GPIO, f.base + f.lines, "in", d)[1])
      assert.same({ "value", "The index of a GPIO cannot be negative (-1)" }, failure(GPIO, -1, "in", d))
      assert.equal("type", failure(GPIO, "reset", "in", d)[1])
    end)

    it("lists the labels when one is unknown (C24)", function()
      assert.same({ "value", ('%s has no GPIO chip "zynqq"; it has %s'):format(d.name, f.label) },
                  failure(GPIO.get_gpio_pin, 3, "zynqq", d))
      assert.equal("type", failure(GPIO.get_gpio_pin, 3, 7, d)[1])
      assert.equal("value", failure(GPIO.get_gpio_pin, -3, nil, d)[1])
      assert.equal("type", failure(GPIO.get_gpio_pin, "3", nil, d)[1])
    end)

    it("says who has a line that is busy", function()
      d:inject { fault = "gpio_busy", where = tostring(pin(3)), count = 1 }
      assert.same({ "device", ("GPIO %d on %s is in use by another program or the kernel (an injected fault)."):format(
        pin(3), d.name) }, failure(GPIO, pin(3), "out", d))
      GPIO(pin(3), "out", d):release()
    end)
  end)
end

describe("edges of a GPIO line", function()
  local d, line
  before_each(function()
    d = support.open((design "zynq7000"), "sim:zynq7000")
    line = GPIO(GPIO.get_gpio_pin(8, nil, d), "in", d)
  end)
  after_each(function()
    line:release()
    d:close()
  end)

  --- Presses and releases the button in a task: after each time in turn the level changes.
  local function press(...)
    local times = { ... }
    return lunq.spawn(function()
      for i, ns in ipairs(times) do
        local e = lunq.event()
        pcall(e.wait, e, ns / 1e9)
        d:wire("btns", i & 1)
      end
    end)
  end

  before_each(function() lunq.Device.active_device = d end)

  it("end a wait", function()
    local start = d:now()
    local task <const> = press(2000, 3000)
    local count, when = line:wait("rising", 1)
    assert.equal(1, count)
    assert.is_true(when - start >= 2000 and when - start < 4000)
    local _, fell = line:wait("falling", 1)
    assert.is_true(fell - when >= 3000)
    task:wait()
  end)

  it("are kept between two waits, each kind for itself", function()
    assert.equal("timeout", failure(line.wait, line, "both", 0)[1]) -- counted from now on
    for i = 1, 6 do d:wire("btns", i & 1) end
    assert.equal(3, (line:wait("rising", 0)))
    assert.equal(3, (line:wait("falling", 0)))
    assert.equal("timeout", failure(line.wait, line, "both", 0)[1])
    d:wire("btns", 1)
    d:wire("btns", 0)
    assert.equal(2, (line:wait(nil, 0)))
  end)

  it("can be listened to", function()
    local sum = 0
    local listener <close> = lunq.on(line, function(count) sum = sum + count end)
    lunq.sleep(1e-6)
    for i = 1, 5 do
      d:wire("btns", i & 1)
      lunq.sleep(1e-6)
    end
    assert.equal(5, sum)
    assert.is_false(listener.done)
    assert.equal("timeout", failure(line.wait, line, 0)[1])
  end)

  it("wake everybody who waits", function()
    local other <close> = GPIO(line.index, "in", d)
    local woken = 0
    local tasks = {}
    for i, object in ipairs { line, line, other } do
      tasks[i] = lunq.spawn(function()
        local count = object:wait("rising", 1)
        woken = woken + count
      end)
    end
    local task <const> = press(1000)
    lunq.gather(table.unpack(tasks))
    assert.equal(3, woken)
    task:wait()
  end)

  it("that don't come are explained", function()
    assert.same({ "timeout", ("GPIO %d had no rising edge within 0.5 s; it is low. Is something wired to it that "
      .. "changes it?"):format(line.index) }, failure(line.wait, line, "rising", 0.5))
    d:wire("btns", 1)
    assert.matches("had no falling edge within 0.25 s; it is high", failure(line.wait, line, "falling", 0.25)[2])
    assert.equal("timeout", failure(line.wait, line, "falling", math.huge)[1]) -- nothing is under way
    lunq.time_limit = 0.125
    finally(function() lunq.time_limit = 10 end)
    assert.matches("within 0.125 s", failure(line.wait, line, "falling")[2])
    assert.matches("was high for 0.125 s", failure(line.wait_for_value, line, 0)[2])
  end)

  it("a wait for a level reads once for each edge", function()
    local task <const> = press(1000, 2000)
    local others = {}
    for i = 1, 50 do others[i] = lunq.spawn(lunq.sleep, i * 1e-8) end -- each makes the loop look
    local start = d:now()
    line:wait_for_value(1, 1)
    local took = d:now() - start
    assert.is_true(took >= 1000 and took < 5000, took) -- a read takes 1000 ns
    line:wait_for_value(0, 1)
    lunq.gather(task, table.unpack(others))
    assert.equal(1, (line:wait("rising", 0))) -- such a wait takes nothing of what is kept
  end)

  it("can be waited for by level", function()
    local task <const> = press(1000, 5000)
    line:wait_for_value(0, 1)
    line:wait_for_value(1, 1)
    line:wait_for_value(0, 1)
    task:wait()
    assert.same({ "value", "A GPIO line is 0 or 1, never 2." }, failure(line.wait_for_value, line, 2))
    assert.same({ "value", 'edge should be "rising", "falling" or "both", not "up"' }, failure(line.wait, line, "up"))
    local out <close> = GPIO(GPIO.get_gpio_pin(0, nil, d), "out", d)
    assert.same({ "attribute", "Cannot read GPIO output." }, failure(out.wait, out, "rising", 0))
    assert.same({ "attribute", "Cannot read GPIO output." }, failure(out.wait_for_value, out, 1, 0))
    assert.same({ "attribute", "Cannot write GPIO input." }, failure(line.toggle, line))
    assert.same({ "attribute", "Cannot write GPIO input." }, failure(line.written, line))
    assert.equal("attribute", failure(function() return line.levle end)[1])
  end)

  it("stop when somebody releases the line", function()
    local task = lunq.spawn(function()
      return failure(line.wait, line, "rising", 1)
    end)
    local other = lunq.spawn(function() return failure(line.wait_for_value, line, 1, 1) end)
    lunq.sleep(1e-6)
    line:release()
    local text = ("GPIO %d was released while somebody waited for it."):format(line.index)
    assert.same({ "runtime", text }, task:wait())
    assert.same({ "runtime", text }, other:wait())
  end)

  it("make LEDs, buttons and switches of lines", function()
    local out <close> = GPIO(GPIO.get_gpio_pin(3, nil, d), "out", d)
    local led, button = lunq.LED(out), lunq.Button(line)
    led:on()
    assert.same({ 1, 8 }, { led:read(), d:wire "leds" })
    led:toggle()
    assert.equal(0, d:wire "leds")
    local task <const> = press(1000)
    button:wait_for_value(1, 1)
    assert.equal(1, button:read())
    task:wait()
  end)
end)

describe("a processor without GPIO", function()
  local d
  before_each(function()
    d = support.open(support.hwh({}, { { "cips", "xilinx.com:ip:versal_cips:3.2" } }, "versal"),
                     "sim?gpiochip=expander:500:8")
  end)
  after_each(function() d:close() end)

  it("gets PYNQ's warning", function()
    for _, f in ipairs { GPIO.get_gpio_base_path, GPIO.get_gpio_base, GPIO.get_gpio_npins } do
      local list, result = lunq.warnings.capture(f, nil, d)
      assert.is_nil(result)
      assert.same({ { category = "resource", text = "Pynq does not support the CPU Architecture: versal" } }, list)
    end
    assert.same({ "value", d.name .. " has no GPIO chip of a processor with programmable logic; it has expander" },
                failure(GPIO.get_gpio_pin, 0, nil, d))
  end)

  it("may have another chip", function()
    assert.equal(507, GPIO.get_gpio_pin(7, "expander", d))
    local list = lunq.warnings.capture(GPIO.get_gpio_base, "nope", d)
    assert.same({}, list)
    local out <close> = GPIO(507, "out", d)
    local input <close> = GPIO(500, "in", d)
    out:on()
    d:wire("expander/0", 1)
    assert.same({ 1, 1 }, { d:wire "expander/7", input:read() })
    assert.equal("index", failure(GPIO, 508, "in", d)[1])
    assert.equal("index", failure(GPIO, 906, "in", d)[1])
  end)

  it("may have none at all", function()
    local none <close> = support.open(d.design, "sim")
    assert.same({ "unsupported", "Device sim has no GPIO lines." }, failure(GPIO, 906, "in", none))
    assert.same({ "value", "sim has no GPIO chip of a processor with programmable logic; it has none" },
                failure(GPIO.get_gpio_pin, 0, nil, none))
  end)

  it("options of the device are checked", function()
    for _, bad in ipairs { "gpiochip=", "gpiochip", "gpiochip=a", "gpiochip=a:1", "gpiochip=:1:2", "gpiochip=a:1:0",
                           "gpiochip=a:1:65", "gpiochip=a/b:1:2", "gpiochip=a:70000:2", "gpiochip=a:x:2",
                           "gpiochip=" .. ("x"):rep(40) .. ":1:2" } do
      local e = failure(core.device_open, "sim?" .. bad)
      assert.equal("value", e[1])
      assert.matches("should be gpiochip=LABEL:BASE:LINES with 1 to 64 lines", e[2])
    end
    assert.matches("needs a number", failure(core.device_open, "sim?gpio_base=66000")[2])
  end)
end)

describe("GPIO lines of an overlay", function()
  local ol, device
  local function open(more)
    local t = { name = "lines", arch = "zynq", gpio = { go = 3, mode = { index = 7, lines = 4 }, ["hier/reset"] = 1 },
                ip = { ["hier/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0x40000000 } } }
    for k, v in pairs(more or {}) do t.ip[k] = v end
    ol = lunq.Overlay(t, { device = device })
  end
  before_each(function()
    device = lunq.Device.open "sim"
    open()
  end)
  after_each(function()
    ol:free()
    device:close()
  end)
  local function outputs() return device:wire "processing_system7_0/GPIO_O" end

  it("are outputs by the names of their slices", function()
    ol.gpio.go:on()
    assert.equal(8, outputs())
    assert.equal(GPIO.get_gpio_pin(3, nil, device), ol.gpio.go.index)
    assert.equal(ol.gpio.go, ol.gpio.go)
    ol.gpio["hier/reset"]:write(1)
    assert.equal(ol.hier.reset, ol.gpio["hier/reset"])
    assert.equal(ol.hier.reset, ol.hier.gpio.reset)
    assert.equal(10, outputs())
    assert.same({ "attribute", 'There is no GPIO line goo; did you mean "go"?' },
                failure(function() return ol.gpio.goo end))
    assert.equal("attribute", failure(function() ol.gpio.go = 1 end)[1])
    local names = {}
    for name in pairs(ol.gpio) do names[#names + 1] = name end
    assert.same({ "go", "hier/reset", "mode" }, names)
    assert.equal("GPIO lines: go, hier/reset, mode", tostring(ol.gpio))
    assert.equal("GPIO lines: reset", tostring(ol.hier.gpio))
    assert.equal("Could not find IP or hierarchy go in overlay; there is a GPIO line of that name, in .gpio",
                 failure(function() return ol.go end)[2])
  end)

  it("are a group where a slice has several", function()
    local mode = ol.gpio.mode
    mode:write(9)
    assert.same({ 0x90, 9, 4 }, { outputs(), mode:written(), #mode })
    mode[1]:on()
    mode[0]:off()
    assert.same({ 0xa0, 10 }, { outputs(), mode:written() })
    mode:toggle()
    assert.equal(0x50, outputs())
    mode:on()
    mode:off()
    assert.equal(0, outputs())
    assert.same({ "value", "16 too large for 4 bits" }, failure(mode.write, mode, 16))
    assert.same({ "value", "-1 is not a value for 4 bits" }, failure(mode.write, mode, -1))
    assert.same({ "index", "line 4 is not in a group of 4 lines, 0 to 3" }, failure(function() return mode[4] end))
    assert.equal("attribute", failure(function() return mode.read end)[1])
    assert.equal(("GPIO %d to %d (out)"):format(mode[0].index, mode[3].index), tostring(mode))
  end)

  it("give way to an IP called gpio", function()
    ol:free()
    open { gpio = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000 } }
    assert.equal("gpio", ol.gpio.fullpath)
    assert.equal(GPIO.get_gpio_pin(3, nil, device), ol:_live_tree():gpio(ol.gpio_dict.go, device).index)
  end)

  it("are stale after another download", function()
    local old, group = ol.gpio.go, ol.gpio.mode
    local free <close> = GPIO(GPIO.get_gpio_pin(20, nil, device), "out", device)
    old:on()
    local other <close> = lunq.Overlay({ name = "other", arch = "zynq" }, { device = device })
    local text = ("GPIO %d invalidated by Overlay change: take it from the loaded overlay again."):format(old.index)
    assert.same({ "runtime", text }, failure(old.on, old))
    assert.equal("runtime", failure(old.written, old)[1])
    assert.equal("runtime", failure(group.write, group, 1)[1])
    free:on() -- belongs to no design
    local input <close> = GPIO(old.index, "in", device) -- the line is free again
    assert.equal("in", input.direction)
    assert.is_true(other:is_loaded())
    assert.equal("runtime", failure(function() return ol.gpio.go end)[1])
  end)

  it("are stale after a download of the same, and there again", function()
    local old = ol.gpio.go
    ol:download()
    assert.equal("runtime", failure(old.on, old)[1])
    ol.gpio.go:on()
    assert.equal(8, outputs())
  end)

  it("are given back by free", function()
    local line = ol.gpio.go
    ol:free()
    assert.same({ "runtime", ("GPIO %d was released: open it again."):format(line.index) }, failure(line.on, line))
    GPIO(line.index, "in", device):release()
  end)

  it("belong to the overlay's device, whichever is active (C31)", function()
    local active <close> = lunq.Device.open "sim:zynqmp"
    local before = lunq.Device.active_device
    finally(function() lunq.Device.active_device = before end)
    lunq.Device.active_device = active
    assert.equal(device, ol.gpio.go.device)
  end)

  it("of an IP are there by its pins", function()
    local two <close> = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "GPIO_O", "O", "o", width = 64 } },
        memory = { { "fir", 0x40000000, 0x40000fff, "S_AXI", "M_AXI_GP0" } } },
      { "slice", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 6, DIN_TO = 6 },
        ports = { { "Din", "I", "o", width = 64 }, { "Dout", "O", "rst" } } },
      { "fir", "acme.com:user:fir:1.0", ports = { { "aresetn", "I", "rst" } } },
    }))
    local description = two.design:dictionaries().ip_dict.fir
    description.device = two
    local fir = lunq.DefaultIP(description)
    fir.gpio.aresetn:on()
    assert.equal(1, two:wire "fir/aresetn")
    assert.equal(fir.aresetn, fir.gpio.aresetn)
    fir.aresetn:off()
    assert.equal(0, two:wire "fir/aresetn")
    assert.is_nil(fir.gpio.enable)
    assert.matches('has no "aresetm"; did you mean "aresetn"', failure(function() return fir.aresetm end)[2])
    local taken <close> = GPIO(GPIO.get_gpio_pin(6, nil, two), "out", two)
    fir:free()
    assert.equal("runtime", failure(fir.gpio.aresetn.on, fir.gpio.aresetn)[1])
    taken:on()
  end)

  it("say why they can't be had", function()
    local line <close> = GPIO(GPIO.get_gpio_pin(3, nil, device), "in", device)
    assert.matches("^GPIO already in use in other direction", failure(function() return ol.gpio.go end)[2])
    line:release()
    ol.gpio.go:on() -- asked again, not remembered
  end)
end)
