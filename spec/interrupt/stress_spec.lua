-- Many pins, a tree of controllers of every kind, random events and faults: no wake-up is lost and none
-- is made up. LUNQ_SEED repeats a run.
describe("64 interrupt pins under stress", function()
  local lunq = require "lunq"
  local support = dofile "spec/interrupt/support.lua"
  local ROUNDS <const> = 1500

  --- Three levels of controllers; inputs by level and by edge, outputs that stay up and that pulse.
  local function controllers(random)
    local function kind() return ("0x%X"):format(random(0) & 0xffffffff) end
    local function output() return random(0, 1) end
    local list = { a = { index = 0 }, b = { parent = "a", index = 0 }, c = { parent = "b", index = 31 },
                   e = { index = 12 } }
    for _, controller in pairs(list) do
      local level = output()
      controller.parameters = { C_KIND_OF_INTR = kind(), C_IRQ_IS_LEVEL = level }
    end
    return list
  end

  local function is_edge(list, at)
    return tonumber(list[at[1]].parameters.C_KIND_OF_INTR) >> at[2] & 1 == 1
  end

  --- A controller whose output pulses must end at an input that takes edges, as in Vivado.
  local function match_outputs(list)
    for _, controller in pairs(list) do
      local up = controller.parent and list[controller.parent]
      if up and controller.parameters.C_IRQ_IS_LEVEL == 0 then
        up.parameters.C_KIND_OF_INTR =
          ("0x%X"):format(tonumber(up.parameters.C_KIND_OF_INTR) | 1 << controller.index)
      end
    end
  end

  it("loses nothing and makes nothing up", function()
    local seed = tonumber(os.getenv "LUNQ_SEED") or os.time()
    math.randomseed(seed)
    local random = math.random
    local list = controllers(random)
    match_outputs(list)
    local pins, names, where = {}, {}, { "a", "b", "c", "e" }
    for i = 0, 63 do
      local name = ("s%02d"):format(i)
      pins[name] = { where[i // 16 + 1], 1 + i % 16 }
      names[i + 1] = name
    end
    local d <close> = support.open(pins, list)
    local irq, pending, hold = {}, {}, {}
    for _, name in ipairs(names) do irq[name] = lunq.Interrupt(name .. "/irq", d) end

    local function look(name, round)
      local got = hold[name].fired
      assert.equal(pending[name] == true, got, ("%s in round %d, LUNQ_SEED=%d"):format(name, round, seed))
      if not got then return end
      assert.equal(1, (hold[name]:wait(0)))
      hold[name]:close()
      hold[name], pending[name] = nil, nil
      d:wire(name .. "/irq", 0) -- the handler clears the source
    end

    for round = 1, ROUNDS do
      local name = names[random(64)]
      local edge = is_edge(list, pins[name])
      local what = random(5)
      if what == 1 and not hold[name] then
        hold[name] = irq[name]:hold()
      elseif what == 2 and hold[name] and not pending[name] then
        hold[name]:close() -- given up
        hold[name] = nil
      elseif what == 3 and not pending[name] and (edge or hold[name]) then
        pending[name] = true
        d:wire(name .. "/irq", 1)
        if edge then d:wire(name .. "/irq", 0) end -- kept, also when nobody waits
      elseif what == 4 then
        local path = where[random(4)]
        d:inject { fault = "slave_error", ip = path, count = 1, after = random(3) }
        pcall(function() -- a bus error in the middle of the dispatch
          for _, other in pairs(hold) do local _ = other.fired end
        end)
        d:clear_faults()
      elseif hold[name] then
        look(name, round)
      end
    end
    for _, name in ipairs(names) do
      if pending[name] and not hold[name] then hold[name] = irq[name]:hold() end
    end
    for _, name in ipairs(names) do
      if hold[name] then look(name, ROUNDS + 1) end
      if hold[name] then hold[name]:close() end
      irq[name]:close()
    end
    for i = 0, 3 do assert.equal(0, support.registers(d, 0x41800000 + (i << 16)).ier) end
  end)
end)
