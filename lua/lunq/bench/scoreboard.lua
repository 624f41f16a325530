--- Scoreboards of lunq.bench: what should come, against what comes.
--
--   local board = bench.scoreboard "y"
--   board:expect(1, { 2, 3 })            -- items: numbers, strings, lists, buffers
--   board:actual(1)                      -- raises `check` when it is not what is next
--   board:finish()                       -- raises `check` when something has not come
--   sink:check(board)                    -- all of that with the packets of a stream
local compare = require "lunq.bench.compare"

local Scoreboard = {}
Scoreboard.__index = Scoreboard

--- Adds what is expected next. A buffer counts as it is now.
---@return table self
function Scoreboard:expect(...)
  for _, value in ipairs { ... } do table.insert(self.expected, compare.plain(value)) end
  return self
end

--- Takes what came. Raises `check` when it is not what is next.
---@return table self
function Scoreboard:actual(...)
  for _, value in ipairs { ... } do
    self.seen = self.seen + 1
    local expected = self.expected[self.seen]
    if expected == nil then
      compare.fail("%s: item %d, %s, came but only %d %s expected.", self.name, self.seen,
        compare.show(compare.plain(value)), #self.expected, #self.expected == 1 and "was" or "were")
    end
    local differs = compare.difference(value, expected)
    if differs then compare.fail("%s: item %d %s.", self.name, self.seen, differs) end
  end
  return self
end

--- How many of those expected have not come yet.
---@return integer
function Scoreboard:missing() return math.max(0, #self.expected - self.seen) end

--- Raises `check` when something that was expected did not come.
function Scoreboard:finish()
  local missing = self:missing()
  if missing > 0 then
    compare.fail("%s: %d of %d did not come, first item %d, %s.", self.name, missing, #self.expected, self.seen + 1,
      compare.show(self.expected[self.seen + 1]))
  end
end

local bench = {}

--- Makes a scoreboard: what should come, in order, against what comes.
---@param name? string for messages
---@return table scoreboard
function bench.scoreboard(name)
  return setmetatable({ name = name or "scoreboard", expected = {}, seen = 0 }, Scoreboard)
end

return bench
