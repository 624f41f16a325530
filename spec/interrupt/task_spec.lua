-- Tasks that wait for interrupts: each wakes for its own, cancelled ones leave nothing behind.
-- Over the simulated lines, and over UIO devices: descriptors, as on a board.
for _, kind in ipairs { "sim", "sim?uio=1" } do
describe("tasks that wait for interrupts" .. (kind == "sim" and "" or " (UIO)"), function()
  local lunq = require "lunq"
  local support = dofile "spec/interrupt/support.lua"
  support.device = kind
  local core = require "lunq.core"
  local d, active

  -- Tasks sleep in the time of the active device.
  before_each(function()
    active = core.active_device()
    local pins = {}
    for i = 0, 30 do pins["s" .. i] = { "low", i } end
    d = support.open(pins, { top = { index = 0 }, low = { parent = "top", index = 3 } })
    core.active_device(d)
  end)
  after_each(function()
    core.active_device(active)
    d:close()
  end)
  local function raise(name) d:wire(name .. "/irq", 1) end
  local function clear(name) d:wire(name .. "/irq", 0) end

  it("wake for their own pin", function()
    local order, tasks = {}, {}
    for i = 0, 30 do
      local irq = lunq.Interrupt(("s%d/irq"):format(i), d)
      tasks[i + 1] = lunq.spawn(function()
        irq:wait()
        order[#order + 1] = i
        irq:close()
      end)
    end
    local raiser = lunq.spawn(function()
      for i = 30, 0, -1 do
        raise("s" .. i)
        lunq.sleep(1e-6)
        clear("s" .. i)
      end
    end)
    for _, task in ipairs(tasks) do task:wait() end
    raiser:wait()
    local expected = {}
    for i = 30, 0, -1 do expected[#expected + 1] = i end
    assert.same(expected, order)
  end)

  it("all wake when they wait for one pin, and a thousand cost no more accesses than one", function()
    local irq <close> = lunq.Interrupt("s5/irq", d)
    local accesses = {}
    for _, n in ipairs { 1, 1000 } do
      local tasks, woken = {}, 0
      for i = 1, n do
        tasks[i] = lunq.spawn(function()
          irq:wait()
          woken = woken + 1
        end)
      end
      lunq.sleep(1e-6)
      local before = d:stats(true).low
      raise "s5"
      for _, task in ipairs(tasks) do task:wait() end
      local after = d:stats(false).low
      clear "s5"
      assert.equal(n, woken)
      accesses[#accesses + 1] = after.reads + after.writes - before.reads - before.writes
    end
    assert.equal(accesses[1], accesses[2])
    assert.is_true(accesses[1] < 10)
  end)

  it("that are cancelled leave the pin disabled (C32)", function()
    local irq <close> = lunq.Interrupt("s5/irq", d)
    local task = lunq.spawn(function() irq:wait() end)
    lunq.sleep(1e-6)
    assert.equal(1 << 5, support.registers(d, 0x41800000).ier)
    task:cancel()
    lunq.sleep(1e-6)
    assert.equal(0, support.registers(d, 0x41800000).ier)
    assert.equal(0, support.registers(d, 0x41810000).ier)
  end)

  it("have a time limit that explains", function()
    local irq <close> = lunq.Interrupt("s5/irq", d)
    local e = support.failure(function() lunq.spawn(function() irq:wait(0.001) end):wait() end)
    assert.equal("timeout", e[1])
    assert.matches("Interrupt s5/irq did not come within 0.001 s", e[2], 1, true)
    assert.matches("top input 3", e[2], 1, true)
    assert.equal(0, support.registers(d, 0x41800000).ier)
  end)

  it("hear of a download, and of an error of the controller", function()
    local irq <close> = lunq.Interrupt("s5/irq", d)
    local function waiting()
      return lunq.spawn(function() return pcall(irq.wait, irq) end)
    end
    local one, two = waiting(), waiting()
    lunq.sleep(1e-6)
    d:inject { fault = "slave_error", ip = "low", count = 1 }
    raise "s5"
    for _, task in ipairs { one, two } do
      local ok, e = task:wait()
      assert.same({ false, "io" }, { ok, e.kind })
    end
    clear "s5"
    local three = waiting()
    lunq.sleep(1e-6)
    d:program(support.design({ s5 = 0 }))
    local ok, e = three:wait()
    assert.is_false(ok)
    assert.matches("^Interrupt invalidated by Overlay change", tostring(e))
  end)

  it("end when somebody closes what they wait on", function()
    local irq <close> = lunq.Interrupt("s5/irq", d)
    local hold = irq:hold()
    local task = lunq.spawn(function() return pcall(hold.wait, hold) end)
    lunq.sleep(1e-6)
    hold:close()
    local ok, e = task:wait()
    assert.same({ false, "This wait for an interrupt is over." }, { ok, tostring(e) })
  end)
end)
end
