-- AXI Timer 2.0: registers.md section 9. QEMU: hw/timer/xilinx_timer.c. QEMU's time is real, so what is
-- compared is that time has passed, never how little.
describe("AXI timer on sim and in QEMU", function()
  local lunq = require "lunq"
  local compare = dofile "lab/qtest/compare.lua"
  local MACHINES <const> = { "petalogix-ml605", "petalogix-s3adsp1800" }
  local TCSR <const>, TLR <const>, TCR <const>, TCSR1 <const>, TLR1 <const>, TCR1 <const> =
    0x00, 0x04, 0x08, 0x10, 0x14, 0x18
  local UDT <const>, ARHT <const>, LOAD <const>, ENIT <const>, ENT <const>, TINT <const>, ENALL <const> =
    2, 16, 32, 64, 128, 256, 1024

  local function registers(t)
    local m = t.ol.timer.mmio
    return function(off, v) return m:write(off, v) end, function(off) return m:read(off) end, m
  end

  local function kind(f, ...)
    local ok, e = pcall(f, ...)
    return ok and "no error" or e.kind
  end

  --- Runs f; gives whether at least so many seconds passed on the device (a hair less: QEMU rounds).
  local function takes(t, seconds, f, ...)
    local begun = t.device:now()
    f(...)
    return (t.device:now() - begun) / 1e9 >= seconds * 0.99
  end

  for _, machine in ipairs(MACHINES) do
    describe("of " .. machine, function()
      it("has the same registers after reset", function()
        local UP <const> = "TCR counts what TLR and time say, 0 after reset; QEMU turns a stopped counter into ~0"
        compare.run(machine, function(t)
          local _, get = registers(t)
          for off = TCSR, TCR1, 4 do
            if off & 0xf ~= 0xc then t.step(("register 0x%02x"):format(off), get(off)) end
          end
        end, { ["register 0x08"] = { sim = 0, qemu = 0xffffffff, why = UP },
               ["register 0x18"] = { sim = 0, qemu = 0xffffffff, why = UP } })
      end)

      for name, up in pairs { down = false, up = true } do
        it("expires once, counting " .. name, function()
          compare.run(machine, function(t)
            local set, get, m = registers(t)
            local control <const> = ENT | ENIT | (up and 0 or UDT)
            set(TLR, up and 0xffffffff - 200000 or 200000)
            set(TCSR, LOAD | (up and 0 or UDT))
            t.step("takes as long", takes(t, 200000 / t.ol.timer.frequency, function()
              set(TCSR, control)
              m:poll(TCSR, TINT, TINT, 1)
            end))
            t.step("expired", get(TCSR))
            t.step("at the controller", t.ol.intc:read(0) == (1 << t.ol.timer.interrupts.interrupt.index))
            set(TCSR, TINT)
            t.step("stopped and cleared", get(TCSR))
            t.step("load value", get(TLR))
          end)
        end)
      end

      it("counts from its load value", function()
        compare.run(machine, function(t)
          local set, get = registers(t)
          set(TLR, 0x7fffffff)
          set(TCSR, LOAD | UDT)
          set(TCSR, ENT | UDT)
          t.step("running", get(TCSR))
          local first, second = get(TCR), get(TCR)
          t.step("below the load value", first < 0x7fffffff and first > 0x70000000)
          t.step("goes down", second < first)
          set(TLR1, 0x10000000)
          set(TCSR1, LOAD)
          set(TCSR1, ENT)
          first, second = get(TCR1), get(TCR1)
          t.step("above the load value", first > 0x10000000 and first < 0x1f000000)
          t.step("goes up", second > first)
        end)
      end)

      it("has a second timer on the same line", function()
        compare.run(machine, function(t)
          local set, get, m = registers(t)
          set(TLR1, 100000)
          set(TCSR1, LOAD | UDT)
          set(TCSR1, ENT | UDT | ENIT)
          m:poll(TCSR1, TINT, TINT, 1)
          t.step("second", get(TCSR1))
          t.step("first", get(TCSR))
          t.step("at the controller", t.ol.intc:read(0) == (1 << t.ol.timer.interrupts.interrupt.index))
        end)
      end)

      describe("with its driver", function()
        it("waits for periods, asleep and awake", function()
          compare.run(machine, function(t)
            local timer = t.ol.timer.timer0
            timer:start { seconds = 0.05 } -- a busy machine should not miss what is left of it
            t.step("three periods", takes(t, 0.15, function()
              for _ = 1, 3 do timer:wait(1) end
            end))
            t.step("running", timer:running())
            t.step("period", ("%.6f"):format(timer:period()))
            t.step("nothing is left", timer:expired())
            t.step("enables at rest", t.ol.intc:read(8))
            t.step("TCSR", t.ol.timer:read(TCSR))
          end)
        end)

        it("waits for a single period, once", function()
          compare.run(machine, function(t)
            local timer = t.ol.timer.timer1
            timer:start { seconds = 0.005, once = true, up = true }
            t.step("takes as long", takes(t, 0.005, timer.wait, timer, 1))
            t.step("load value", t.ol.timer:read(TLR1))
          end)
        end)

        it("limits its waits", function()
          compare.run(machine, function(t)
            local timer = t.ol.timer.timer0
            t.step("not started", kind(timer.wait, timer, 0.01))
            timer:start { seconds = 20 }
            t.step("too long", kind(timer.wait, timer, 0.02))
            t.step("enables at rest", t.ol.intc:read(8))
          end)
        end)

        it("interrupts period after period", function()
          compare.run(machine, function(t)
            local irq = t.ol.timer.interrupts.interrupt
            t.ol.timer.timer0:start { seconds = 0.002, interrupt = true }
            for n = 1, 3 do
              local hold <close> = irq:hold()
              t.step("interrupt " .. n, (hold:wait(1)))
              t.ol.timer.timer0:clear()
            end
            t.ol.timer.timer0:stop()
            t.step("enables at rest", t.ol.intc:read(8))
          end)
        end)

        it("wakes several tasks", function()
          compare.run(machine, function(t)
            t.ol.timer.timer0:start { seconds = 0.01 }
            local tasks = {}
            for n = 1, 3 do
              tasks[n] = lunq.spawn(function() return kind(t.ol.timer.timer0.wait, t.ol.timer.timer0, 1) end)
            end
            for n = 1, 3 do t.step("task " .. n, tasks[n]:wait()) end
          end)
        end)
      end)
    end)
  end

  describe("differs", function()
    it("where PG079 says what QEMU leaves out", function()
      compare.run("petalogix-ml605", function(t)
        local set, get, m = registers(t)
        set(TLR, 1234)
        set(TCSR, LOAD | UDT)
        t.step("TCR while LOAD is 1", get(TCR))
        set(TLR, 1000)
        set(TCSR, LOAD | UDT)
        set(TCSR, ENT | UDT)
        m:poll(TCSR, TINT, TINT, 1)
        set(TCSR, UDT)
        t.step("TINT after a 0 was written", get(TCSR) & TINT)
        set(TCSR, TINT)
        set(TCSR1, ENALL)
        t.step("the other timer after ENALL", get(TCSR) & (ENT | ENALL))
        set(TCSR, TINT)
        set(TCSR1, TINT)
        set(TCSR, 1 << 11)
        t.step("CASC", get(TCSR))
        set(TCSR, 0)
        local before = get(TCR)
        set(TCR, before ~ 5)
        t.step("TCR is read-only", get(TCR) == before)
      end, {
        ["TCR while LOAD is 1"] = { sim = 1234, qemu = 0, why = "registers.md 9: LOAD copies TLR and holds; QEMU loads "
          .. "when ENT is written" },
        ["TINT after a 0 was written"] = { sim = TINT, qemu = 0, why = "registers.md 9: TINT is cleared by writing 1; "
          .. "QEMU clears it with each write to TCSR" },
        ["the other timer after ENALL"] = { sim = ENT | ENALL, qemu = 0, why = "registers.md 9: ENALL sets both ENT" },
        CASC = { sim = 1 << 11, qemu = 0, why = "QEMU's timer is from before the cascade mode" },
      })
    end)

    it("in what a write to TCSR does to a counter that runs", function()
      compare.run("petalogix-ml605", function(t)
        local set, get = registers(t)
        set(TLR, 0x7fffffff)
        set(TCSR, LOAD | UDT)
        set(TCSR, ENT | UDT | ARHT)
        t.device:advance(200000000)
        local before = get(TCR)
        set(TCSR, ENT | UDT | ARHT | TINT)
        t.step("counts on", get(TCR) <= before)
        set(TCSR, UDT)
        before = get(TCR)
        t.device:advance(1000000)
        t.step("stands still without ENT", get(TCR) == before)
      end, {
        ["counts on"] = { sim = true, qemu = false, why = "registers.md 9: only LOAD loads; QEMU starts from TLR with "
          .. "each write that has ENT, so clearing TINT makes that period longer" },
        ["stands still without ENT"] = { sim = true, qemu = false, why = "registers.md 9: ENT enables the counter; "
          .. "QEMU never stops one" },
      })
    end)
  end)
end)
