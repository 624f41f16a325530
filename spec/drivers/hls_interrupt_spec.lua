-- Waiting for an HLS core by its interrupt: registers.md section 15, both kinds of IP_ISR.
for _, tool in ipairs { "2021.1", "2022.1" } do
  describe("an HLS core of release " .. tool .. " with its interrupt wired", function()
    local lunq = require "lunq"
    local support = dofile "spec/sim/support.lua"
    local NAME <const> = "acme.com:hls:core:1.0"
    local GIER <const>, IER <const>, ISR <const> = 4, 8, 12
    local ol, ip, Model, latency

    local function open(wiring, fields)
      local ctrl = { AP_START = 0, AP_DONE = { bit = 1, width = 1 }, AP_IDLE = { bit = 2, width = 1 },
        AP_READY = { bit = 3, width = 1 }, AUTO_RESTART = { bit = 7, width = 1 }, INTERRUPT = { bit = 9, width = 1 } }
      for k, v in pairs(fields or {}) do ctrl[k] = v end
      ol = lunq.Overlay { arch = "zynq", tool = tool, ip = {
        intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, range = 0x10000,
                 parameters = { C_KIND_OF_INTR = "0" }, interrupts = { irq = 1 } },
        core = { vlnv = NAME, address = 0x43c00000, range = 0x10000, interrupts = { interrupt = wiring },
                 registers = { CTRL = { offset = 0, fields = ctrl }, GIER = 4, IP_IER = 8, IP_ISR = 12, a = 0x10,
                               c = { offset = 0x20, access = "read-only" } } },
      } }
      ip = ol.core
    end
    local function enables() return { ip:read(GIER), ip:read(IER) } end
    local function accesses(f)
      local before = ol.device:stats(true).core
      f()
      local after = ol.device:stats(false).core
      return after.reads - before.reads + after.writes - before.writes
    end

    before_each(function()
      latency = 1000000
      Model = lunq.Model:extend { models = { NAME }, __name = "CoreModel" }
      function Model:init() self:latency(latency) end
      function Model:compute() self.registers.c = self.registers.a + 1 end
    end)
    after_each(function()
      Model:unbind()
      if ol then ol:free() end
      ol, ip = nil, nil
    end)

    it("is looked at as often however long it takes, wired to the processor or to a controller", function()
      local counts = {}
      for _, wiring in ipairs { 0, { controller = "intc", index = 3 } } do
        for _, ns in ipairs { 1000000, 500000000 } do
          latency = ns
          open(wiring)
          counts[#counts + 1] = accesses(function() assert.equal(8, ip:call(7)) end)
          ol:free()
        end
      end
      assert.same({ counts[1], counts[1], counts[1], counts[1] }, counts)
      assert.is_true(counts[1] < 100, tostring(counts[1]))
    end)

    it("has its enables as they were afterwards, and nothing latched", function()
      open(0)
      for _, gier in ipairs { 0, 1 } do
        ip:write(GIER, gier)
        local run, during = ip:start(1), nil
        local task = lunq.spawn(function()
          lunq.sleep(5e-4)
          during = enables()
        end)
        assert.equal(2, run:wait())
        task:wait()
        assert.same({ { 1, 1 }, { gier, 0 }, 0, 0 },
                    { during, enables(), ip:read(ISR), ol.device:wire "core/interrupt" })
      end
    end)

    it("leaves the interrupt to whoever has enabled it already", function()
      open(0)
      for _, ier in ipairs { 1, 2, 3 } do
        ip:write(GIER, 1)
        ip:write(IER, ier)
        assert.equal(3, ip:call(2))
        assert.same({ { 1, ier }, ier }, { enables(), ip:read(ISR) })
        if ip:read(ISR) ~= 0 then ip:write(ISR, ier) end -- toggles
      end
    end)

    it("keeps what others enable while it waits", function()
      open(0)
      local run = ip:start(1)
      local task = lunq.spawn(function()
        lunq.sleep(5e-4)
        ip:write(IER, ip:read(IER) | 2)
      end)
      run:wait()
      task:wait()
      assert.same({ 1, 2 }, enables())
    end)

    it("wakes all who wait for a run, and they get the same", function()
      open { controller = "intc", index = 3 }
      local run, tasks = ip:start(5), {}
      for i = 1, 5 do tasks[i] = lunq.spawn(function() return run:wait() end) end
      for i = 1, 5 do assert.equal(6, tasks[i]:wait()) end
      assert.same({ 0, 0 }, enables())
    end)

    it("gives each waiter its own run's result when another starts at once", function()
      open(0)
      local first, results = ip:start(1), {}
      local tasks = {}
      tasks[1] = lunq.spawn(function()
        results[1] = first:wait()
        results[2] = ip:call(10)
      end)
      tasks[2] = lunq.spawn(function() results[3] = first:wait() end)
      for _, task in ipairs(tasks) do task:wait() end
      assert.same({ 2, 11, 2 }, results)
    end)

    it("lets others run meanwhile", function()
      open(0)
      local ticks = 0
      local task = lunq.spawn(function()
        for _ = 1, 9 do
          lunq.sleep(1e-4)
          ticks = ticks + 1
        end
      end)
      ip:call(1)
      assert.is_true(ticks >= 8, tostring(ticks))
      task:wait()
    end)

    it("ends with a warning when the interrupt gets lost, and polls from then on", function()
      open(0)
      ol.device:inject { ip = "core", where = "interrupt", fault = "lost_interrupt", count = 1 }
      local run = ip:start(1)
      local warnings, result = lunq.warnings.capture(run.wait, run, 0.01)
      assert.same({ 2, 1 }, { result, #warnings })
      assert.match("core: the work is done, but interrupt core/interrupt never came%. Is the pin wired",
                   warnings[1].text)
      assert.equal(5, ip:call(4))
      assert.same({ 0, 0 }, enables())
    end)

    it("gives the enables back when time is over, and goes on", function()
      latency = 50000000
      open(0)
      local run = ip:start(1)
      local e = support.failure(run.wait, run, 0.001)
      assert.equal("timeout", e.kind)
      assert.match("core is not done after 1 ms: CTRL is 0x1 %(AP_START%)", tostring(e))
      assert.same({ { 0, 0 }, "running" }, { enables(), run.state })
      assert.equal(2, run:wait())
    end)

    it("gives the enables back when the task that waits is cancelled", function()
      latency = 50000000
      open(0)
      local run = ip:start(1)
      local task = lunq.spawn(function() run:wait() end)
      lunq.sleep(1e-3)
      assert.same({ 1, 1 }, enables())
      task:cancel()
      assert.same({ 0, 0 }, enables())
      assert.equal(2, run:wait())
    end)

    it("with ap_ctrl_chain acknowledges, and is ready for the next", function()
      open(0, { AP_CONTINUE = { bit = 4, width = 1 } })
      for i = 1, 3 do assert.equal(i + 1, ip:call(i)) end
      assert.same({ { 0, 0 }, 0 }, { enables(), ip:read(0) & 2 })
    end)

    it("that restarts by itself is not waited for by its interrupt, which comes with each turn", function()
      open(0)
      local run = ip:auto_restart(1)
      lunq.sleep(5e-3)
      assert.equal(2, run:stop())
      assert.same({ { 0, 0 }, 4 }, { enables(), ip:read(0) & 5 })
    end)
  end)
end

describe("twenty HLS cores behind one interrupt controller", function()
  local lunq = require "lunq"

  --- A design with cores of both releases' kinds of handshake.
  local function design()
    local ip = { intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, range = 0x10000,
                          parameters = { C_KIND_OF_INTR = "0" }, interrupts = { irq = 1 } } }
    for i = 1, 20 do
      local fields = { AP_START = 0, AP_DONE = 1, AP_IDLE = 2, AP_CONTINUE = i % 2 == 0 and 4 or nil }
      ip["core_" .. i] = { vlnv = "acme.com:hls:core:1.0", address = 0x43c00000 + (i << 16),
        interrupts = { interrupt = { controller = "intc", index = i - 1 } },
        registers = { CTRL = { offset = 0, fields = fields }, GIER = 4, IP_IER = 8, IP_ISR = 12, a = 0x10, b = 0x18,
                      s = { offset = 0x20, access = "read-only" } } }
    end
    return ip
  end

  for _, seed in ipairs { 1, 2, 3 } do
    it("give every caller its own result, whatever happens to the interrupts, seed " .. seed, function()
      math.randomseed(seed)
      local Model = lunq.Model:extend { models = { "acme.com:hls:core:1.0" }, __name = "CoreModel" }
      function Model:call(a)
        self:latency(math.random(100, 2000000)) -- of the next one
        return a.a + a.b
      end
      local d <close> = lunq.Device.open("sim?seed=" .. seed)
      local ol <close> = lunq.Overlay({ arch = "zynq", ip = design() }, { device = d })
      finally(function() Model:unbind() end)
      for _ = 1, 10 do
        d:inject { ip = "core_" .. math.random(20), where = "interrupt", count = 1, after = math.random(0, 8),
                   fault = math.random(2) == 1 and "lost_interrupt" or "spurious_interrupt" }
      end
      local warnings, calls = lunq.warnings.capture(function()
        local tasks, n = {}, 0
        for i = 1, 20 do
          tasks[i] = lunq.spawn(function()
            local core = ol["core_" .. i]
            for k = 1, 20 do
              assert.equal(1000 * i + k, core:start(1000 * i, k):wait(0.05))
              n = n + 1
            end
          end)
        end
        lunq.gather(table.unpack(tasks))
        return n
      end)
      assert.equal(400, calls)
      local fired = 0
      for _, fault in ipairs(d:faults()) do fired = fired + fault.fired end
      assert.is_true(fired >= 5, tostring(fired))
      for _, w in ipairs(warnings) do assert.match("interrupt core_%d+/interrupt never came%.", w.text) end
      for i = 1, 20 do
        local core = ol["core_" .. i]
        assert.same({ 0, 0, 0 }, { core:read(4), core:read(8), core:read(12) }, core.fullpath)
        assert.is_false(core._hls.engine:busy())
      end
    end)
  end
end)
