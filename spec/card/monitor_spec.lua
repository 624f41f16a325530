--- What ol:monitor() shows of a card: its kernels and their runs.
local cards = dofile "spec/card/cards.lua"
local lunq = require "lunq"

describe("ol:monitor of a card's overlay", function()
  setup(cards.warm_up)
  teardown(cards.clean)

  local function shown(ol)
    local text, was = nil, print
    _G.print = function(s) text = s end
    local ok, e = pcall(ol.monitor, ol)
    _G.print = was
    if not ok then error(e, 0) end
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
    return lines
  end

  cards.each(function(card)
    it("shows kernels with their runs on " .. card.name, function()
      if card.pending then return pending(card.pending) end
      local device <close> = card.open()
      local ol <close> = lunq.Overlay(cards.file "vadd", { device = device })
      local expected = { "vadd.xclbin on " .. device.name .. ", 0.0 s" }
      for i, unit in ipairs { "always_1", "broken_1", "own_1", "slow_1", "step_1", "vadd_1", "vadd_2" } do
        expected[i + 1] = ("  %-12s  unused"):format(unit)
      end
      assert.same(expected, shown(ol))
      local c <close> = lunq.allocate(1024, "i4", { target = ol.bank1 })
      for _ = 1, 3 do ol.step_1:call(c, 4) end
      assert.equal("  step_1        idle                              3 runs", shown(ol)[6])
      local first = ol.step_1:start(c, 4)
      local second = ol.step_1:start(c, 4, { waitfor = { first } })
      second:wait()
      first:wait()
      assert.equal("  step_1        idle                              5 runs", shown(ol)[6])
      assert.truthy(ol.kernels.vadd)
      assert.equal("  vadd          idle                              0 runs", shown(ol)[7])
    end)
  end)
end)
