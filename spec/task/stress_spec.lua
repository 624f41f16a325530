-- Tasks at random: whatever they do to each other, what they held is free in the end, each result and each
-- error arrives once, and what nobody waits for is shown. The same again with the same seed.
--   LUNQ_SEED=n     another run      LUNQ_STRESS=n    n rounds (60)
local lunq = require "lunq"
local core = require "lunq.core"

local SEED <const> = math.tointeger(tonumber(os.getenv "LUNQ_SEED" or 20261127))
local ROUNDS <const> = tonumber(os.getenv "LUNQ_STRESS" or 60)
local DEPTH <const> = 4

-- xorshift: math.random's state is busted's, too.
local state
local function random(n)
  state = state ~ (state << 13)
  state = state ~ (state >> 7)
  state = state ~ (state << 17)
  return (state & 0x7fffffffffffffff) % n + 1
end

describe("tasks at random", function()
  local d, active, window, irqs, held, log, events, all

  local function open()
    active = core.active_device()
    d = core.device_open "sim"
    local ip = { intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, interrupts = { irq = 0 } },
                 regs = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } }
    for i = 0, 7 do
      ip["s" .. i] = { vlnv = "acme.com:user:src:1.0", interrupts = { irq = { controller = "intc", index = i } } }
    end
    d:program(core.design_from_table { ip = ip })
    core.active_device(d)
    window, irqs, held, log, events, all = core.mmio(0x43c00000, 0x1000, d), {}, 0, {}, {}, {}
    for i = 0, 7 do irqs[i + 1] = lunq.Interrupt(("s%d/irq"):format(i), d) end
    for i = 1, 4 do events[i] = lunq.event(tostring(i)) end
  end

  local function close()
    for _, irq in ipairs(irqs) do irq:close() end
    window:close()
    core.active_device(active)
    d:close()
  end

  -- Something that has to be given back however the task ends.
  local function hold()
    held = held + 1
    return setmetatable({}, { __close = function() held = held - 1 end })
  end

  local act

  local function failing() error("planned " .. random(1000), 0) end

  --- A function for a task that does a few things at random, some of them more tasks.
  local function body(depth)
    local steps = random(4)
    return function()
      local _ <close> = hold()
      for _ = 1, steps do act(depth) end
      return steps
    end
  end

  local function bodies(depth)
    local list = {}
    for i = 1, random(3) do list[i] = body(depth) end
    return list
  end

  -- What an action may raise: planned errors, time-outs, the cancelled and the hopeless.
  local function tolerated(e)
    local text = tostring(e)
    return type(e) == "string" and e:match "planned %d+$" or type(e) == "table" and (e.kind == "timeout"
      or text:match "^Task %d+ was cancelled%.$" or text:match "^A task can't wait for itself%.$"
      or text:match "^This wait for an interrupt is over%.$")
  end

  local waits = {
    function() lunq.sleep(random(50) * 1e-7) end,
    function() events[random(4)]:wait(random(100) * 1e-7) end,
    function() irqs[random(8)]:wait(random(100) * 1e-7) end,
    function()
      local wait <close> = irqs[random(8)]:hold()
      local buffer <close> = lunq.allocate(16, "u32", { target = d })
      wait:wait(random(100) * 1e-7)
      return buffer
    end,
    function() window:poll(random(4) * 4, 1, 1, random(100) * 1e-7) end,
    function()
      window:batch { { "write", 0x40, 1 }, { "poll", random(4) * 4, 1, 1, random(50) * 1e-7 }, { "read", 0x40 } }
    end,
    function() d:advance(random(1000)) end,
    function() coroutine.yield() end,
    function() coroutine.wrap(function() lunq.sleep(random(20) * 1e-7) end)() end,
  }

  local acts = {
    function() waits[random(#waits)]() end,
    function() events[random(4)]:set() end,
    function()
      local pin = ("s%d/irq"):format(random(8) - 1)
      d:wire(pin, random(2) - 1)
    end,
    function() window:write(random(4) * 4, random(2) - 1) end,
    function(depth) all[#all + 1] = lunq.spawn(body(depth - 1)) end,
    function(depth)
      local t <close> = lunq.spawn(body(depth - 1))
      waits[random(#waits)]()
      if random(2) == 1 then t:wait(random(100) * 1e-7) end
    end,
    function(depth) lunq.gather(bodies(depth - 1)) end,
    function(depth) lunq.race(bodies(depth - 1)) end,
    function(depth) lunq.timeout(random(200) * 1e-7, body(depth - 1)) end,
    function() if #all > 0 then all[random(#all)]:cancel() end end,
    function() if #all > 0 then all[random(#all)]:wait(random(100) * 1e-7) end end,
    function() if random(8) == 1 then failing() end end,
    function() if random(20) == 1 then collectgarbage() end end,
  }

  function act(depth)
    local which = random(depth > 0 and #acts or 4)
    local ok, e = pcall(acts[which], depth)
    log[#log + 1] = which
    if ok then return end
    if not tolerated(e) then error(e, 0) end
    if random(3) == 1 then error(e, 0) end -- passes through several tasks
  end

  local function one_round(seed)
    state = seed
    open()
    local _ <close> = setmetatable({}, { __close = close })
    for k = 1, 6 do all[k] = lunq.spawn(body(DEPTH)) end
    lunq.sleep(random(300) * 1e-7)
    for k = #all, 1, -1 do
      if random(3) == 1 then all[k]:cancel() end
    end
    local i, patience = 1, 10000
    while i <= #all do -- nobody waits for them: their errors are shown
      if all[i].done then i = i + 1 else lunq.sleep(1e-5) end
      patience = patience - 1
      assert.is_true(patience > 0, tostring(all[i]))
    end
    for k = #all, 1, -1 do all[k] = nil end
    assert.equal(0, held)
    collectgarbage()
    assert.equal(0, d.memory.count)
    for k = 0, 7 do d:wire(("s%d/irq"):format(k), 0) end
    local intc <close> = core.mmio(0x41800000, 0x1000, d)
    assert.equal(0, intc:read(8), "enabled inputs")
    return table.concat(log, " ")
  end

  it("leave nothing behind, and do the same again with the same seed", function()
    local seeds, first = {}, {}
    for i = 1, ROUNDS do seeds[i] = SEED + i * 7919 end
    for _ = 1, 2 do
      for i, seed in ipairs(seeds) do
        local shown = lunq.warnings.capture(function()
          local ok, e = pcall(one_round, seed)
          if not ok then error(("LUNQ_SEED=%d, round %d: %s"):format(SEED, i, tostring(e)), 0) end
          first[i] = first[i] or e
          assert.equal(first[i], e, ("LUNQ_SEED=%d: round %d was another one"):format(SEED, i))
        end)
        for _, w in ipairs(shown) do
          assert.equal("task", w.category)
          assert.matches("^Task %d+ %(.*%) failed: ", w.text)
          assert.matches("\nstack traceback:", w.text)
        end
      end
    end
    local steps = select(2, table.concat(first, " "):gsub("%d+", ""))
    assert.is_true(steps > ROUNDS * 20, steps)
  end)
end)
