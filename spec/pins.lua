--- Spec support: documents whose tables name the tests that pin their rows.
--   `file_spec.lua`: the end of a test's full name
-- Several in one cell are divided by <br>. In a name, * stands for any text, and a last "(12)" says that
-- at least so many tests have it; without one it is exactly one.
local pins = {}

--- The rows of all tables of a Markdown file whose first cell matches `first`: lists of cells.
---@param path string
---@param first string pattern
---@return table[]
function pins.rows(path, first)
  local f <close> = assert(io.open(path))
  local rows = {}
  for line in f:lines() do
    local row = {}
    for cell in line:gmatch "|%s*([^|]*[^|%s])%s*%f[|]" do row[#row + 1] = cell end
    local label = line:match "^|%s*(.-)%s*|"
    if label and label:match(first) then rows[#rows + 1] = row end
  end
  return rows
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
  if not name:find("*", 1, true) then
    for _, t in ipairs(tests) do
      if #name >= #t.own and (" " .. t.full):sub(-#name - 1) == " " .. name then n = n + 1 end
    end
    return n
  end
  local pattern = " " .. name:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
  for _, t in ipairs(tests) do
    if (" " .. t.full):find(pattern) then n = n + 1 end
  end
  return n
end

local files = {}

--- What is wrong with the tests a cell names, as a list of texts, and how many tests it names.
---@param label string of the row, for the texts
---@param cell string
---@return string[] wrong
---@return integer named
function pins.check(label, cell)
  local wrong, named = {}, 0
  for pin in cell:gsub("<br>", "\n"):gmatch "[^\n]+" do
    local file, name = pin:match "^`([%w_/]+_spec%.lua)`: (.+)$"
    if not file then
      wrong[#wrong + 1] = ("%s: %q is no file and test"):format(label, pin)
    else
      local at_least = tonumber(name:match " %((%d+)%)$")
      name = name:gsub(" %(%d+%)$", "")
      files[file] = files[file] or tests_of("spec/" .. file)
      local n = count(files[file], name)
      if at_least and n < at_least or not at_least and n ~= 1 then
        wrong[#wrong + 1] = ("%s: %d tests of %s are called %q, not %s"):format(label, n, file, name,
                                                                               at_least or "one")
      end
      named = named + n
    end
  end
  return wrong, named
end

return pins
