-- lunq.interrupt_source: how drivers wait, with an interrupt and without. The IP is a worker: writing n
-- to START makes it work for n ns; then DONE is set in ISR, and its line is ISR & IER.
describe("an interrupt source", function()
  local lunq = require "lunq"
  local warnings = require "lunq.warnings"
  local Source = require "lunq.interrupt_source"
  local support = dofile "spec/interrupt/support.lua"
  local START <const>, STATUS <const>, IER <const>, ISR <const> = 0x00, 0x04, 0x08, 0x0c
  local DONE <const>, OTHER <const>, BUSY <const> = 1, 2, 1
  local NAME <const> = "acme.com:user:worker:1.0"
  local WIRINGS <const> = { processor = 3, controller = { "intc", 5 }, edge = { "edges", 7 } }
  local d, ol, ip, source, Worker, active

  local function design(wiring)
    local all = { worker = { vlnv = NAME, address = 0x40000000, range = 0x1000,
                         interrupts = wiring and { irq = type(wiring) == "table"
                           and { controller = wiring[1], index = wiring[2] } or wiring } } }
    for i, name in ipairs { "intc", "edges" } do
      all[name] = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000 + (i << 16),
        parameters = { C_KIND_OF_INTR = name == "edges" and "0xFFFFFFFF" or "0" }, interrupts = { irq = i } }
    end
    return { name = "worker", arch = "zynq", ip = all }
  end

  local function open(wiring)
    ol = lunq.Overlay(design(wiring), { device = d })
    ip = ol.worker
    source = Source(ip, { pin = "irq", pause = 100,
      enable = function(on) ip.mmio:update(IER, DONE, on and DONE or 0) end,
      clear = function() ip:write(ISR, DONE) end })
  end

  before_each(function()
    Worker = lunq.Model:extend { models = { NAME } }
    function Worker:reset() self.isr, self.ier, self.busy = 0, 0, 0 end
    function Worker:line() self:raise("irq", self.isr & self.ier ~= 0) end
    function Worker:read(offset)
      return offset == STATUS and self.busy or offset == IER and self.ier or offset == ISR and self.isr or 0
    end
    function Worker:write(offset, value)
      if offset == IER then self.ier = value end
      if offset == ISR then self.isr = self.isr & ~value end
      if offset == START then
        self.busy = BUSY
        self:after(value, function()
          self.busy, self.isr = 0, self.isr | DONE
          self:line()
        end)
      end
      self:line()
    end
    active = lunq.core.active_device()
    d = lunq.Device.open "sim"
    lunq.core.active_device(d)
  end)
  after_each(function()
    if ol then ol:free() end
    ol = nil
    Worker:unbind()
    lunq.core.active_device(active)
    d:close()
  end)

  local function idle() return ip:read(STATUS) & BUSY == 0 and "idle" end
  local function accesses(f)
    local before = d:stats(true).worker
    f()
    local after = d:stats(false).worker
    return after.reads - before.reads, after.writes - before.writes
  end

  for name, wiring in pairs(WIRINGS) do
    describe("wired to " .. name, function()
      before_each(function() open(wiring) end)

      it("sleeps until the interrupt: looks twice before and once after, whatever the time", function()
        for _, ns in ipairs { 1000, 1000000, 100000000 } do
          ip:write(ISR, DONE)
          ip:write(START, ns)
          local start, result = d:now(), nil
          local reads, writes = accesses(function() result = source:wait(nil, idle) end)
          assert.equal("idle", result)
          assert.is_true(d:now() - start >= ns - 1000 and d:now() - start < ns + 10000)
          assert.same({ 5, 3 }, { reads, writes }) -- of which 2 and 2 are the enable, 1 write clears
          assert.equal(0, ip:read(IER))
        end
      end)

      it("touches nothing when the work is done already", function()
        local reads, writes = accesses(function() assert.equal("idle", source:wait(0, idle)) end)
        assert.same({ 1, 0 }, { reads, writes })
      end)

      it("misses nothing that happens between the looks and the enables", function()
        for ns = 0, 3000, 50 do
          ip:write(START, ns)
          assert.equal("idle", source:wait(0.001, idle))
        end
      end)

      it("ends with nil at the time limit, its enables as before", function()
        ip:write(IER, OTHER)
        ip:write(START, 1000000)
        local start = d:now()
        assert.is_nil(source:wait(0.0001, idle))
        assert.is_true(d:now() - start >= 100000 and d:now() - start < 110000)
        assert.equal(OTHER, ip:read(IER))
        assert.equal("idle", source:wait(nil, idle))
        assert.equal(OTHER, ip:read(IER))
      end)

      it("keeps its enable until the last of its waiters has gone", function()
        local results = {}
        local function wait(limit)
          return lunq.spawn(function()
            local result = source:wait(limit, idle)
            results[#results + 1] = { result }
          end)
        end
        ip:write(START, 1000000)
        local a, _, c = wait(), wait(0.0001), wait()
        lunq.sleep(0.0005)
        assert.same({ {} }, results) -- the second has given up
        assert.equal(DONE, ip:read(IER))
        a:wait()
        c:wait()
        assert.same({ {}, { "idle" }, { "idle" } }, results)
        assert.equal(0, ip:read(IER))
      end)

      it("gives its enable back when it is cancelled, and when the look fails", function()
        ip:write(START, 1000000)
        local task = lunq.spawn(function() source:wait(nil, idle) end)
        lunq.sleep(1e-5)
        assert.equal(DONE, ip:read(IER))
        task:cancel()
        lunq.sleep(1e-5)
        assert.equal(0, ip:read(IER))
        local looks = 0
        local e = support.failure(source.wait, source, nil, function()
          looks = looks + 1
          if looks > 1 then lunq.errors.raise("runtime", "no such thing") end
        end)
        assert.same({ "runtime", "no such thing" }, e)
        assert.equal(0, ip:read(IER))
      end)

      it("can be told to look again", function()
        local given_up = false
        local function look() return given_up and "given up" or idle() end
        ip:write(START, 1000000)
        local a, b = lunq.spawn(source.wait, source, nil, look), lunq.spawn(source.wait, source, nil, idle)
        lunq.sleep(1e-5)
        given_up = true
        source:wake()
        assert.equal("given up", a:wait())
        assert.is_true(d:now() < 900000)
        assert.equal("idle", b:wait())
        assert.equal(0, ip:read(IER))
      end)

      it("notices at the time limit that the interrupt is lost, says where to look, and polls then", function()
        d:inject { ip = "worker", fault = "lost_interrupt", where = "irq" }
        ip:write(START, 1000)
        local start = d:now()
        local list, result = warnings.capture(source.wait, source, 0.01, idle)
        assert.equal("idle", result)
        assert.is_true(d:now() - start >= 10000000)
        assert.equal(1, #list)
        assert.equal("user", list[1].category)
        assert.matches("^worker: the work is done, but interrupt worker/irq never came%. Is the pin wired to where "
                       .. "the design says.*This driver polls from now on%.\nInterrupt worker/irq: fired %d+ times",
                       list[1].text)
        assert.equal(0, ip:read(IER))
        ip:write(START, 1000)
        start = d:now()
        list, result = warnings.capture(source.wait, source, 0.01, idle)
        assert.same({ 0, "idle" }, { #list, result })
        assert.is_true(d:now() - start < 10000)
      end)

      it("is not lost when the work ends just at the time limit", function()
        local list = warnings.capture(function()
          for ns = 3000, 7000, 50 do
            ip:write(START, ns)
            source:wait(5e-6, idle)
            source:wait(nil, idle)
          end
        end)
        assert.same({}, list)
      end)

      it("goes on after spurious interrupts", function()
        d:inject { ip = "worker", fault = "spurious_interrupt", where = "irq", count = 3 }
        ip:write(START, 100000)
        local list, result = warnings.capture(function()
          local task = lunq.spawn(function() return source:wait(nil, idle) end)
          for _ = 1, 5 do
            lunq.sleep(1e-5)
            ip:write(ISR, OTHER) -- the model looks at its line
          end
          return task:wait()
        end)
        assert.same({ {}, "idle" }, { list, result })
      end)
    end)
  end

  -- A driver that is collected, or a variable of a cancelled task, may have to wait for its hardware.
  it("sleeps too where Lua can't suspend a task: closing variables, sorting", function()
    open(WIRINGS.controller)
    local results = {}
    local task = lunq.spawn(function()
      local _ <close> = setmetatable({}, { __close = function()
        ip:write(START, 100000)
        results[1] = source:wait(nil, idle)
        ip:write(START, 100000)
        results[2] = source:wait(0.00001, idle) or "time"
      end })
      lunq.sleep(1)
    end)
    lunq.sleep(1e-6)
    task:cancel()
    lunq.sleep(1e-3)
    lunq.spawn(function()
      table.sort({ 1, 2 }, function()
        ip:write(START, 100000)
        results[3] = source:wait(nil, idle)
        local irq <close> = lunq.Interrupt("worker/irq", d)
        results[4] = support.failure(irq.wait, irq, 0.001)[1]
      end)
    end):wait()
    assert.same({ "idle", "time", "idle", "timeout" }, results)
    assert.equal(0, ip:read(IER))
  end)

  for _, name in ipairs { "processor", "controller" } do
    it("wired to " .. name .. " polls when the pin is stuck, and says so once", function()
      open(WIRINGS[name])
      d:inject { ip = "worker", fault = "stuck_interrupt", where = "irq" }
      ip:write(START, 100000000)
      local list, result = warnings.capture(source.wait, source, nil, idle)
      assert.equal("idle", result)
      assert.equal(1, #list)
      assert.matches("^worker: interrupt worker/irq stays high, but there is nothing it could tell%. ", list[1].text)
      assert.equal(0, ip:read(IER))
      ip:write(START, 100000000)
      list, result = warnings.capture(source.wait, source, 0.01, idle)
      assert.same({}, list)
      assert.is_nil(result)
    end)

    it("wired to " .. name .. " shares its pin with others that take their time", function()
      open(WIRINGS[name])
      local other = Source(ip, { pin = "irq", pause = 100,
        enable = function(on) ip.mmio:update(IER, OTHER, on and OTHER or 0) end })
      Worker.tick = function(self)
        self.isr = self.isr | OTHER
        self:line()
        self:after(20000, Worker.tick)
      end
      d:model "worker":after(20000, Worker.tick)
      ip:write(START, 1000000)
      local ticks = 0
      local counter <close> = lunq.spawn(function()
        while true do
          assert(other:wait(nil, function() return ip:read(ISR) & OTHER ~= 0 end))
          lunq.sleep(1e-6)
          ip:write(ISR, OTHER)
          ticks = ticks + 1
        end
      end)
      local list, result = warnings.capture(source.wait, source, nil, idle)
      assert.same({ {}, "idle" }, { list, result })
      assert.is_true(ticks >= 45 and ticks <= 50)
      counter:cancel()
    end)
  end

  -- Works of random length, up to twenty waiters with random limits, cancels, spurious interrupts.
  for _, name in ipairs { "processor", "controller", "edge" } do
    it("wired to " .. name .. " loses no waiter, whoever comes and goes", function()
      for seed = 1, 20 do
        math.randomseed(seed)
        local random = math.random
        open(WIRINGS[name])
        local tasks, ends_at = {}, 0
        for i = 1, 20 do
          if d:now() >= ends_at and random(2) == 1 then
            local ns = random(0, 20000)
            ip:write(START, ns)
            ends_at = d:now() + ns
          end
          local limit, from = random(0, 30000) * 1e-9, d:now()
          tasks[i] = lunq.spawn(function()
            local result = source:wait(limit, idle)
            local took = d:now() - from
            -- either it was idle, or the time was over; never both, and never long after
            if result then return took <= limit * 1e9 + 50000 end
            return took >= limit * 1e9 and took <= limit * 1e9 + 50000
          end)
          if random(4) == 1 then d:inject { ip = "worker", fault = "spurious_interrupt", where = "irq", count = 1 } end
          if random(3) == 1 then lunq.sleep(random(0, 5000) * 1e-9) end
          local victim = tasks[random(i)]
          if random(5) == 1 and not victim.done then victim:cancel() end
        end
        local list = warnings.capture(function()
          for _, task in ipairs(tasks) do
            local ok, fine = pcall(task.wait, task)
            if ok then assert.is_true(fine, "seed " .. seed) end -- else it was cancelled
          end
        end)
        assert.same({}, list, "seed " .. seed)
        lunq.sleep(1e-6)
        assert.equal(0, ip:read(IER), "seed " .. seed)
        assert.equal(0, source.holders, "seed " .. seed)
        ol:free()
      end
    end)
  end

  it("polls where the pin is not wired, with the same results", function()
    open(nil)
    assert.is_false(source:wired())
    ip:write(START, 100000)
    local start = d:now()
    assert.equal("idle", source:wait(nil, idle))
    assert.is_true(d:now() - start < 150000)
    assert.equal("idle", source:wait(0, idle))
    ip:write(START, 1000000)
    assert.is_nil(source:wait(0.0001, idle))
    local _, writes = accesses(function() source:wait(nil, idle) end)
    assert.equal(0, writes)
  end)

  it("says that another design was loaded meanwhile, and writes nothing into that", function()
    open(3)
    ip:write(START, 1000000000)
    local task = lunq.spawn(function() return pcall(source.wait, source, nil, idle) end)
    lunq.sleep(1e-5)
    local before = ol
    ol = lunq.Overlay(design(3), { device = d })
    local ok, e = task:wait()
    assert.is_false(ok)
    assert.equal("runtime", e.kind)
    assert.matches("^Interrupt invalidated by Overlay change", tostring(e))
    assert.equal(0, ol.worker:read(IER))
    before:free()
  end)

  it("enables nothing that it can't give back", function()
    open { "intc", 5 }
    local writes = {}
    local failing = Source(ip, { pin = "irq", pause = 100, enable = function(on)
      writes[#writes + 1] = on
      lunq.errors.raise("io", "the bus refuses")
    end })
    ip:write(START, 1000)
    assert.same({ "io", "the bus refuses" }, support.failure(failing.wait, failing, nil, idle))
    assert.same({ true }, writes)
    local intc <close> = lunq.core.mmio(0x41810000, 0x1000, d)
    assert.equal(0, intc:read(8))
  end)

  it("takes a time limit of seconds only", function()
    open(3)
    assert.same({ "value", "timeout should be a number of seconds, at least 0, not -1" },
                support.failure(source.wait, source, -1, idle))
    assert.same({ "type", "timeout should be a number of seconds, not string" },
                support.failure(source.wait, source, "soon", idle))
  end)

  it("raises when without a limit nothing could end the wait", function()
    open(3)
    ip:write(ISR, DONE)
    d:model "worker".busy = BUSY
    local e = support.failure(source.wait, source, math.huge, idle)
    assert.equal("timeout", e[1])
    assert.matches("Nothing is under way on sim that could end this wait", e[2], 1, true)
    assert.equal(0, ip:read(IER))
  end)
end)
