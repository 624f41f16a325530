-- AXI Timer 2.0: registers.md section 9. The clock is 100 MHz: a tick is 10 ns.
describe("the AXI timer", function()
  local support = dofile "spec/drivers/support.lua"
  local lunq = require "lunq"
  local raises = support.raises
  local timer, device
  local wired
  local TCSR0 <const>, TLR0 <const>, TCR0 <const>, TCSR1 <const>, TLR1 <const>, TCR1 <const> =
    0x00, 0x04, 0x08, 0x10, 0x14, 0x18
  local MDT <const>, UDT <const>, GENT <const>, CAPT <const>, ARHT <const>, LOAD <const>, ENIT <const>,
    ENT <const>, TINT <const>, PWMA <const>, ENALL <const>, CASC <const> =
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048

  --- A timer whose pins are those of the design; generateout0 feeds capturetrig1. Its interrupt goes to
  --- the processor when wired.
  local function start(parameters)
    timer, device = support.driver(support.hwh(
      { { "trigger", "I", "trig" }, { "pwm", "O", "pwm_net" } },
      { { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "IRQ_F2P", "I", wired and "irq" or "" } },
          memory = { { "timer", 0x42800000, 0x4280ffff, "S_AXI", "M_AXI_GP0" } } },
        { "timer", "xilinx.com:ip:axi_timer:2.0", parameters = parameters, ports = {
          { "capturetrig0", "I", "trig" }, { "capturetrig1", "I", "gen0" }, { "generateout0", "O", "gen0" },
          { "generateout1", "O", "" }, { "pwm0", "O", "pwm_net" }, { "interrupt", "O", "irq" } } } }),
      "timer", "drivers.axi_timer")
  end
  before_each(function() wired = false end)
  after_each(function()
    timer:free()
    device:close()
  end)

  local function set(offset, value) timer:write(offset, value) end
  local function get(offset) return timer:read(offset) end
  --- Lets a number of clocks pass; register accesses take time too, so specs look at differences.
  local function ticks(n) device:advance(n * 10) end

  describe("model", function()
    it("holds the counter at its load value while LOAD is 1", function()
      start()
      set(TLR0, 1234)
      set(TCSR0, LOAD | ENT | UDT)
      ticks(100)
      assert.equal(1234, get(TCR0))
      set(TCSR0, ENT | UDT)
      ticks(100)
      assert.is_true(get(TCR0) <= 1134)
      assert.is_true(get(TCR0) > 1000)
    end)

    it("counts up without UDT, and stands still without ENT", function()
      start()
      set(TCSR0, LOAD)
      set(TCSR0, ENT)
      ticks(50)
      local value = get(TCR0)
      assert.is_true(value >= 50 and value < 150)
      set(TCSR0, 0)
      value = get(TCR0)
      ticks(50)
      assert.equal(value, get(TCR0))
    end)

    for name, up in pairs { down = false, up = true } do
      it("has a period two clocks longer than its load value, counting " .. name, function()
        start()
        set(TLR0, up and 0xffffffff - 998 or 998)
        set(TCSR0, LOAD)
        set(TCSR0, ENT | ARHT | (up and 0 or UDT))
        local times = {}
        for i = 1, 4 do
          timer.mmio:poll(TCSR0, TINT, TINT)
          times[i] = device:now()
          timer.mmio:update(TCSR0, TINT, TINT)
        end
        for i = 2, 4 do assert.equal(10000, times[i] - times[i - 1]) end
      end)
    end

    it("rests after the roll-over without ARHT", function()
      start()
      set(TLR0, 10)
      set(TCSR0, LOAD)
      set(TCSR0, ENT | UDT)
      ticks(100)
      assert.equal(ENT | UDT | TINT, get(TCSR0))
      local value = get(TCR0)
      ticks(100)
      assert.equal(value, get(TCR0))
      set(TCSR0, ENT | UDT | TINT)
      ticks(1000)
      assert.equal(ENT | UDT, get(TCSR0))
    end)

    it("clears TINT by writing 1, keeps it when 0 is written", function()
      start()
      set(TCSR0, LOAD)
      set(TCSR0, ENT | UDT)
      ticks(10)
      set(TCSR0, 0)
      assert.equal(TINT, get(TCSR0))
      set(TCSR0, TINT)
      assert.equal(0, get(TCSR0))
    end)

    it("has one level line for both counters: TINT and ENIT", function()
      start()
      set(TCSR1, LOAD)
      set(TCSR1, ENT | UDT)
      ticks(10)
      assert.equal(0, device:wire "timer/interrupt")
      set(TCSR1, ENT | UDT | ENIT)
      assert.equal(1, device:wire "timer/interrupt")
      set(TCSR1, ENT | UDT | ENIT | TINT)
      assert.equal(0, device:wire "timer/interrupt")
    end)

    it("starts both counters with ENALL, which a 0 does not undo", function()
      start()
      set(TCSR1, ENALL)
      assert.equal(ENT | ENALL, get(TCSR0))
      assert.equal(ENT | ENALL, get(TCSR1))
      set(TCSR0, ENT)
      assert.equal(ENT, get(TCSR0))
      assert.equal(ENT, get(TCSR1))
    end)

    it("counts 64 bits with CASC, under the control of the first", function()
      start()
      set(TLR0, 0xfffffff0)
      set(TLR1, 7)
      set(TCSR0, LOAD | CASC)
      set(TCSR0, ENT | CASC)
      ticks(100)
      assert.equal(8, get(TCR1))
      assert.is_true(get(TCR0) < 1000)
      set(TCSR1, ENT | UDT) -- ignored
      ticks(100)
      assert.equal(8, get(TCR1))
    end)

    it("has no second timer with C_ONE_TIMER_ONLY", function()
      start { C_ONE_TIMER_ONLY = 1 }
      set(TLR1, 5)
      set(TCSR1, ENT)
      assert.equal(0, get(TLR1))
      assert.equal(0, get(TCSR1))
    end)

    -- timer_control.vhd: Load_Load_Reg asks read_done, which an access to TLR sets and an edge clears.
    it("stores the counter at an edge of the capture input, and keeps it until TLR is read", function()
      start()
      local function edge()
        device:wire("trigger", 0)
        ticks(100)
        device:wire("trigger", 1)
      end
      set(TLR0, 0)
      set(TCSR0, LOAD)
      set(TCSR0, ENT | MDT | CAPT)
      edge()
      edge()
      edge()
      local first = get(TLR0)
      assert.is_true(first >= 100 and first < 200)
      edge()
      assert.equal(TINT, get(TCSR0) & TINT) -- nobody has cleared it
      local fourth = get(TLR0)
      assert.is_true(fourth >= first + 300)
      set(TCSR0, ENT | MDT | CAPT | TINT)
      edge()
      set(TCSR0, ENT | MDT | CAPT | TINT)
      edge() -- not stored: the value before was not fetched
      assert.equal(TINT, get(TCSR0) & TINT)
      local fifth = get(TLR0)
      assert.is_true(fifth >= fourth + 100 and fifth < fourth + 200)
    end)

    it("does not store the first edge when TLR was not touched since reset", function()
      start()
      set(TCSR0, LOAD)
      set(TCSR0, ENT | MDT | CAPT)
      ticks(100)
      device:wire("trigger", 1)
      assert.equal(TINT, get(TCSR0) & TINT)
      assert.equal(0, get(TLR0))
    end)

    it("takes it for an edge when CAPT is set while the input is active; TINT needs ENT", function()
      start()
      device:wire("trigger", 1)
      set(TLR0, 77)
      set(TCSR0, LOAD)
      set(TCSR0, 0)
      set(TLR0, 5)
      set(TCSR0, MDT | CAPT)
      assert.equal(77, get(TLR0))
      assert.equal(MDT | CAPT, get(TCSR0))
      set(TCSR0, 0)
      set(TCSR0, ENT | MDT | CAPT)
      assert.equal(TINT, get(TCSR0) & TINT)
    end)

    it("replaces a captured value with ARHT, and stores nothing without CAPT", function()
      start()
      set(TCSR0, LOAD)
      set(TCSR0, ENT | MDT | CAPT | ARHT)
      device:wire("trigger", 1)
      local first = get(TLR0)
      ticks(10)
      device:wire("trigger", 0)
      device:wire("trigger", 1)
      local second = get(TLR0)
      assert.is_true(second >= first + 10)
      set(TCSR0, ENT | MDT)
      ticks(10)
      device:wire("trigger", 0)
      device:wire("trigger", 1)
      assert.equal(second, get(TLR0))
    end)

    it("takes the active level of the capture input from its parameters", function()
      start { TRIG0_ASSERT = "Active_Low" }
      device:wire("trigger", 1)
      set(TCSR0, ENT | MDT | CAPT)
      ticks(20)
      device:wire("trigger", 0)
      assert.equal(TINT, get(TCSR0) & TINT)
    end)

    it("drives pwm0 high for TLR1 + 2 of TLR0 + 2 clocks", function()
      start()
      set(TLR0, 98)
      set(TLR1, 18)
      set(TCSR0, LOAD)
      set(TCSR1, LOAD)
      set(TCSR1, PWMA | GENT | UDT | ARHT)
      set(TCSR0, PWMA | GENT | UDT | ARHT | ENALL)
      local edges, level = {}, 0
      while #edges < 6 do
        assert.is_true(device:step())
        local now = device:wire "pwm"
        if now ~= level then edges[#edges + 1], level = device:now(), now end
      end
      assert.equal(200, edges[2] - edges[1])
      assert.equal(1000, edges[3] - edges[1])
      assert.equal(200, edges[4] - edges[3])
      assert.equal(1000, edges[5] - edges[3])
      set(TCSR0, 0)
      assert.equal(0, device:wire "pwm")
    end)

    -- A pulse of generateout0 is one clock long; it is seen by what its net leads to.
    it("pulses generateout with GENT", function()
      start()
      set(TLR1, 0)
      set(TCSR1, LOAD)
      set(TCSR1, ENT | MDT | CAPT)
      set(TLR0, 198)
      set(TCSR0, LOAD)
      set(TCSR0, ENT | UDT | GENT)
      device:advance(100000)
      assert.equal(TINT, get(TCSR1) & TINT)
      local at = get(TLR1)
      assert.is_true(at >= 199 and at < 400)
    end)
  end)

  local function driver_specs()
    it("has counters that know their frequency, and no other names", function()
      start()
      assert.equal(timer.frequency, timer.timer0.frequency)
      local ok, e = pcall(function() return timer.timer0.perod end)
      assert.same({ false, "attribute", 'Counter has no "perod"; did you mean "period"?' }, { ok, e.kind, tostring(e) })
    end)

    it("waits for period after period", function()
      start()
      timer.timer0:start { seconds = 1e-3 }
      timer.timer0:wait()
      local first = device:now()
      timer.timer0:wait()
      timer.timer0:wait()
      assert.equal(2000000, device:now() - first)
      assert.equal(1e-3, timer.timer0:period())
      assert.is_true(timer.timer0:running())
    end)

    it("counts a single period with once", function()
      start()
      timer.timer1:start { ticks = 1000, once = true, up = true }
      timer.timer1:wait()
      assert.is_false(timer.timer1:expired())
      assert.matches("^Timeout: timer1 of timer: nothing within 1 ms %(TCSR 0x080, counter 0%)%. Its period is 10 us",
                     raises("timeout", timer.timer1.wait, timer.timer1, 1e-3))
    end)

    it("stops and goes on from the same value", function()
      start()
      timer.timer0:start { ticks = 100000 }
      ticks(1000)
      timer.timer0:stop()
      local value = timer.timer0:value()
      ticks(1000)
      assert.equal(value, timer.timer0:value())
      timer.timer0:resume()
      ticks(1000)
      assert.is_true(timer.timer0:value() <= value - 1000)
    end)

    it("says when there is nothing to wait for", function()
      start()
      assert.equal("timer0 of timer does not count: there is nothing to wait for. Call start or capture first.",
                   raises("runtime", timer.timer0.wait, timer.timer0))
      timer.timer0:start { ticks = 100 }
      timer.timer0:stop()
      raises("runtime", timer.timer0.wait, timer.timer0)
    end)

    it("a wait without a limit of its own has one, and explains", function()
      start()
      timer.timer0:start { seconds = 40 }
      local text = raises("timeout", timer.timer0.wait, timer.timer0)
      assert.matches("nothing within 10 s", text, 1, true)
      assert.matches("Its period is 40 s: a longer one needs a longer time limit", text, 1, true)
      timer.timer0:wait(31) -- the rest
    end)

    it("explains a timer that never expires", function()
      start()
      device:inject { ip = "timer", fault = "no_done" }
      timer.timer0:start { ticks = 100000 }
      assert.matches("^Timeout: timer0 of timer: nothing within 10 s %(TCSR 0x0[9d]2",
                     raises("timeout", timer.timer0.wait, timer.timer0))
    end)

    it("starting one counter leaves what the other had to say", function()
      start()
      timer.timer0:start { ticks = 100 }
      ticks(200)
      timer.timer1:start { ticks = 100 }
      timer.timer1:clear()
      assert.is_true(timer.timer0:expired())
      timer.timer0:wait()
    end)

    it("captures edges, each once", function()
      start()
      timer.timer0:capture()
      ticks(500)
      device:wire("trigger", 1)
      device:wire("trigger", 0)
      local first = timer.timer0:captured()
      assert.is_true(first >= 500 and first < 700)
      ticks(500)
      device:wire("trigger", 1)
      assert.is_true(timer.timer0:captured() >= first + 500)
      local text = raises("timeout", timer.timer0.captured, timer.timer0, 0.5)
      assert.matches("nothing within 500 ms", text, 1, true)
      assert.matches("It waits for an edge at capturetrig0", text, 1, true)
    end)

    it("does not take an input that is active already for an edge", function()
      start()
      device:wire("trigger", 1)
      for _, counter in ipairs { timer.timer0, timer.wide } do
        counter:capture()
        assert.is_false(counter:expired())
        ticks(300)
        device:wire("trigger", 0)
        device:wire("trigger", 1)
        local at = counter:captured(0)
        assert.is_true(at >= 300 and at < 500)
      end
    end)

    it("misses an edge when the model is told to", function()
      start()
      timer.timer0:capture { overwrite = true }
      device:inject { ip = "timer", fault = "lose_capture", count = 1 }
      device:wire("trigger", 1)
      raises("timeout", timer.timer0.captured, timer.timer0, 0.01)
      device:wire("trigger", 0)
      device:wire("trigger", 1)
      assert.is_true(timer.timer0:captured(0) > 1000000)
    end)

    it("does not take a period for a capture", function()
      start()
      timer.timer0:start { ticks = 100 }
      assert.equal("timer0 of timer does not capture: call capture() first.",
                   raises("runtime", timer.timer0.captured, timer.timer0))
      raises("value", timer.timer0.capture, timer.timer0, { ticks = 5 })
    end)

    it("counts 64 bits", function()
      start()
      timer.wide:start { seconds = 50 } -- 32 bits end at 43 s
      local first = timer.wide:value()
      assert.is_true(first > 4999990000 and first < 5000000000)
      timer.wide:wait(60)
      assert.is_true(device:now() >= 50e9)
      timer.wide:start { ticks = 1 << 40, up = true }
      assert.equal((1 << 40) / 1e8, timer.wide:period())
      timer.timer0:start { ticks = 100 } -- and it is a counter of its own again
      timer.timer0:wait()
      assert.is_true(timer.timer0:value() <= 98)
    end)

    it("reads the halves of a 64-bit counter so that they belong together", function()
      start()
      timer.wide:capture() -- counts up from 0
      device:advance((1 << 32) * 10 - 1000)
      local last = timer.wide:value()
      for _ = 1, 20 do
        local value = timer.wide:value()
        assert.is_true(value > last and value - last < 1000)
        last = value
        ticks(10)
      end
      assert.is_true(last > 1 << 32)
    end)

    it("makes a PWM as near as the clock allows", function()
      start()
      local period, duty = timer:pwm(1e-5, 0.3333)
      assert.equal(1e-5, period)
      assert.equal(0.333, duty)
      local high, level = 0, 0
      local from = device:now()
      while device:now() < from + 35000 do
        local before = device:now()
        device:step()
        if level == 1 then high = high + device:now() - before end
        level = device:wire "pwm"
      end
      assert.equal(3 * 3330, high)
      timer:pwm_stop()
      assert.equal(0, device:wire "pwm")
    end)

    it("refuses what the counters can't count", function()
      start { FREQ_HZ = 50000000 }
      assert.equal("timer0 of timer: ticks 1 is no period it can count: 2 to 4294967297 clocks of 20 ns "
                   .. "(up to 85.9 s)", raises("value", timer.timer0.start, timer.timer0, { ticks = 1 }))
      assert.matches("; timer.wide has 64 bits$",
                     raises("value", timer.timer0.start, timer.timer0, { seconds = 100 }))
      raises("value", timer.timer0.start, timer.timer0, {})
      raises("value", timer.timer0.start, timer.timer0, { ticks = 5, seconds = 1 })
      raises("value", timer.timer0.start, timer.timer0, { seconds = 0 / 0 })
      raises("value", timer.timer0.start, timer.timer0, { seconds = math.huge })
      raises("type", timer.timer0.start, timer.timer0, { ticks = "5" })
      raises("type", timer.timer0.start, timer.timer0)
      assert.equal('timer0 of timer: there is no option "period"',
                   raises("value", timer.timer0.start, timer.timer0, { period = 1 }))
      assert.matches("the duty should be a number between 0 and 1", raises("value", timer.pwm, timer, 1e-3, 1))
      assert.equal("timer: 0.001 of a period of 500 clocks is 1 clocks high; 2 to 499 can be made.",
                   raises("value", timer.pwm, timer, 1e-5, 0.001))
      raises("value", timer.timer0.wait, timer.timer0, -1)
      raises("type", timer.timer0.wait, timer.timer0, "1")
    end)

    it("shows what a configuration with one timer has", function()
      start { C_ONE_TIMER_ONLY = 1 }
      assert.is_nil(timer.timer1)
      assert.is_nil(timer.wide)
      assert.matches("one timer only", raises("unsupported", timer.pwm, timer, 1e-3, 0.5), 1, true)
      timer.timer0:start { ticks = 100 }
      timer.timer0:wait()
    end)

    it("lets the interrupt line rise when asked", function()
      start()
      timer.timer0:start { ticks = 100, interrupt = true }
      ticks(200)
      assert.equal(1, device:wire "timer/interrupt")
      timer.timer0:wait()
      assert.equal(0, device:wire "timer/interrupt")
      assert.equal("Counter timer0 of timer, 32 bits, running", tostring(timer.timer0))
    end)

    it("wakes all who wait for a period or an edge, and each event counts once", function()
      start()
      local active = lunq.core.active_device(device)
      timer.timer0:start { ticks = 10000 }
      timer.timer1:capture()
      local a, b = lunq.spawn(timer.timer0.wait, timer.timer0), lunq.spawn(timer.timer0.wait, timer.timer0)
      local c, d = lunq.spawn(timer.timer1.captured, timer.timer1), lunq.spawn(timer.timer1.captured, timer.timer1)
      lunq.sleep(2e-5)
      timer.timer0:resume() -- a write in between changes nothing
      a:wait()
      b:wait()
      assert.is_true(device:now() < 110000)
      assert.is_false(timer.timer0:expired())
      timer.timer0:start { ticks = 100, output = true }
      local edge = c:wait()
      assert.is_true(edge > 0)
      assert.equal(edge, d:wait())
      lunq.core.active_device(active)
    end)

    it("tells who waits that the counter was stopped, taken for something else, or closed", function()
      start()
      local active = lunq.core.active_device(device)
      local function stopped_by(f)
        timer.timer0:start { ticks = 1000 }
        local task = lunq.spawn(function() return raises("runtime", timer.timer0.wait, timer.timer0) end)
        lunq.sleep(1e-6)
        f()
        return task:wait()
      end
      for _, f in ipairs {
        function() timer.timer0:stop() end,
        function() timer:pwm_stop() end,
      } do
        assert.matches("^timer0 of timer does not count: there is nothing to wait for", stopped_by(f))
      end
      assert.matches("closed", stopped_by(function() timer:free() end))
      lunq.core.active_device(active)
    end)

    it("waits on for a counter that is started anew", function()
      start()
      local active = lunq.core.active_device(device)
      timer.timer0:start { seconds = 5 }
      local task = lunq.spawn(timer.timer0.wait, timer.timer0)
      lunq.sleep(1e-6)
      timer.timer0:start { seconds = 6 }
      task:wait()
      assert.is_true(device:now() >= 6e9 and device:now() < 6.1e9)
      lunq.core.active_device(active)
    end)
  end
  describe("driver", driver_specs)
  describe("driver with its interrupt", function()
    local warnings = require "lunq.warnings"
    before_each(function() wired = true end)
    driver_specs()

    it("sleeps: a wait takes as many accesses for a second as for a microsecond", function()
      start()
      local accesses = {}
      for i, seconds in ipairs { 1e-5, 1 } do
        timer.timer0:start { seconds = seconds }
        local before = device:stats(true).timer
        timer.timer0:wait()
        local after = device:stats(false).timer
        accesses[i] = after.reads + after.writes - before.reads - before.writes
      end
      assert.equal(accesses[1], accesses[2])
      assert.is_true(accesses[1] < 15)
      assert.equal(0, get(TCSR0) & ENIT)
    end)

    it("enables the line only while somebody waits, or where start was told to", function()
      start()
      local active = lunq.core.active_device(device)
      timer.timer0:start { ticks = 100000 }
      timer.timer1:start { ticks = 100000, interrupt = true }
      local a, b = lunq.spawn(timer.timer0.wait, timer.timer0), lunq.spawn(timer.timer1.wait, timer.timer1)
      lunq.sleep(1e-5)
      assert.same({ ENIT, ENIT }, { get(TCSR0) & ENIT, get(TCSR1) & ENIT })
      a:cancel()
      b:cancel()
      lunq.sleep(1e-5)
      assert.same({ 0, ENIT }, { get(TCSR0) & ENIT, get(TCSR1) & ENIT })
      lunq.core.active_device(active)
    end)

    it("waits for both counters on the one line, each in its time", function()
      start()
      local active = lunq.core.active_device(device)
      local times = {}
      timer.timer0:start { seconds = 1e-4 }
      timer.timer1:start { seconds = 3e-5 }
      local function count(counter, n)
        return lunq.spawn(function()
          for _ = 1, n do
            counter:wait()
            times[#times + 1] = counter.name
          end
        end)
      end
      local a, b = count(timer.timer0, 3), count(timer.timer1, 9)
      a:wait()
      b:wait()
      local order = table.concat(times, " "):gsub("timer", "")
      assert.equal("1 1 1 0 1 1 1 0 1 1 1 0", order)
      lunq.core.active_device(active)
    end)

    it("goes on without an interrupt that is lost, and says so", function()
      start()
      device:inject { ip = "timer", fault = "lost_interrupt", where = "interrupt" }
      timer.timer0:start { ticks = 1000, once = true }
      local list = warnings.capture(timer.timer0.wait, timer.timer0, 0.1)
      assert.matches("^timer: the work is done, but interrupt timer/interrupt never came%.", list[1].text)
      timer.timer0:start { ticks = 1000 }
      local from = device:now()
      assert.same({}, (warnings.capture(timer.timer0.wait, timer.timer0, 0.1)))
      assert.is_true(device:now() - from < 20000)
    end)
  end)
end)
