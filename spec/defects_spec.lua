--- docs/defects.md keeps its promise: every defect is there, and the specs it names exist.
local SCOPE <const> = { -- what must have a spec today: the other rows may say "later: issue N"
  C = { { 1, 28 }, { 31, 46 }, { 49, 52 }, { 56, 56 }, { 58, 70 } },
  X = {},
  L = { { 1, 6 } },
}
local LAST <const> = { C = 70, X = 6, L = 7 }

--- The rows of the tables: { number, defect, ours, pinned }.
local function read_rows()
  local f <close> = assert(io.open "docs/defects.md")
  local rows = {}
  for line in f:lines() do
    local row = {}
    for cell in line:gmatch "|%s*([^|]*[^|%s])%s*%f[|]" do row[#row + 1] = cell end
    if line:match "^| %u%d" then rows[#rows + 1] = row end
  end
  return rows
end

local function in_scope(number)
  local kind, n = number:match "^(%u)(%d+)$"
  for _, range in ipairs(SCOPE[kind]) do
    if range[1] <= tonumber(n) and tonumber(n) <= range[2] then return true end
  end
  return false
end

--- The tests of a spec file by their full names, as busted makes them: "a DMA goes away", whether it
--- is written out or made in a loop. Only describe blocks run.
local function tests_of(path)
  local names, around = {}, {}
  local function block(name, body)
    around[#around + 1] = name
    body()
    around[#around] = nil
  end
  local function test(name)
    around[#around + 1] = name
    names[#names + 1] = { full = table.concat(around, " "), own = name }
    around[#around] = nil
  end
  local function nothing() end
  local env = { describe = block, it = test }
  for _, name in ipairs { "setup", "teardown", "before_each", "after_each", "pending", "finally" } do
    env[name] = nothing
  end
  assert(loadfile(path, "t", setmetatable(env, { __index = _G })))()
  return names
end

--- How many tests of the list `name` is the end of, with at least the test's own name.
local function count(tests, name)
  local n = 0
  for _, t in ipairs(tests) do
    if #name >= #t.own and (" " .. t.full):sub(-#name - 1) == " " .. name then n = n + 1 end
  end
  return n
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
    local files, wrong, named = {}, {}, 0
    for _, row in ipairs(read_rows()) do
      for pin in (row[4] or ""):gsub("<br>", "\n"):gmatch "[^\n]+" do
        local file, name = pin:match "^`([%w_/]+_spec%.lua)`: (.+)$"
        assert.is_truthy(file, pin)
        files[file] = files[file] or tests_of("spec/" .. file)
        local n = count(files[file], name)
        if n ~= 1 then wrong[#wrong + 1] = ("%s: %d tests of %s are called %q"):format(row[1], n, file, name) end
        named = named + 1
      end
    end
    assert.same({}, wrong)
    assert.is_true(named > 100)
  end)
end)
