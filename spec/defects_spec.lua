--- docs/defects.md keeps its promise: every defect is there, and the specs it names exist.
local SCOPE <const> = { -- what must have a spec today: the other rows may say "later: issue N"
  C = { { 1, 28 }, { 31, 46 }, { 49, 56 }, { 58, 70 } },
  X = { { 1, 6 } },
  L = { { 1, 7 } },
}
local LAST <const> = { C = 70, X = 6, L = 7 }

local pins = dofile "spec/pins.lua"

--- The rows of the tables: { number, defect, ours, pinned }.
local function read_rows() return pins.rows("docs/defects.md", "^%u%d") end

local function in_scope(number)
  local kind, n = number:match "^(%u)(%d+)$"
  for _, range in ipairs(SCOPE[kind]) do
    if range[1] <= tonumber(n) and tonumber(n) <= range[2] then return true end
  end
  return false
end

describe("docs/defects.md", function()
  it("has every defect once, in order", function()
    local numbers, expected = {}, {}
    for i, row in ipairs(read_rows()) do numbers[i] = row[1] end
    for _, kind in ipairs { "C", "X", "L" } do
      for n = 1, LAST[kind] do expected[#expected + 1] = kind .. n end
    end
    assert.same(expected, numbers)
  end)

  it("says of each what it is, what LUNQ does, and which spec pins it, or when that comes", function()
    for _, row in ipairs(read_rows()) do
      local later = row[#row]:match "^later: "
      assert.equal(later and 3 or 4, #row, row[1])
      assert.is_falsy(later and in_scope(row[1]), row[1] .. " needs a spec")
    end
  end)

  it("names tests that exist", function()
    local wrong, named = {}, 0
    for _, row in ipairs(read_rows()) do
      local list, n = pins.check(row[1], row[4] or "")
      table.move(list, 1, #list, #wrong + 1, wrong)
      named = named + n
    end
    assert.same({}, wrong)
    assert.is_true(named > 100)
  end)
end)
