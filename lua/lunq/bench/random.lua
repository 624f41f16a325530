--- Random stimuli of lunq.bench: generators, and for_all, which looks for the simplest values that fail.
--
--   bench.for_all({ bench.integer(0, 0xffffffff), bench.list(bench.integer(0, 255), 20) }, function(word, bytes)
--     ...                                -- raises when something is wrong
--   end)
-- A generator is a table { make(), smaller(value) }: make gives a value, smaller a list of simpler ones, the simplest
-- first. All come from math.random, so `lunq test --seed N` repeats them.
local compare = require "lunq.bench.compare"
local core = require "lunq.core"
local errors = require "lunq.errors"

local bench = {}

-- ---- generators ---------------------------------------------------------------------------------

local EDGES <const> = 8 -- one value in so many is an end of the range, or the simplest

--- A generator of whole numbers, both ends included; one in eight is an end or the one nearest to 0, towards which it
--- shrinks.
---@param low integer
---@param high integer
---@return table generator
function bench.integer(low, high)
  if math.type(low) ~= "integer" or math.type(high) ~= "integer" or low > high then
    errors.raise("value", "integer takes two whole numbers, the smaller one first, not %s and %s", tostring(low),
                 tostring(high))
  end
  local simplest <const> = low > 0 and low or high < 0 and high or 0
  local edges <const> = { low, high, simplest }
  return {
    make = function() return math.random(EDGES) == 1 and edges[math.random(3)] or math.random(low, high) end,
    smaller = function(v)
      local list, step = {}, v - simplest
      while step ~= 0 do -- the simplest first, then ever nearer to v
        list[#list + 1] = v - step
        step = step > 0 and step // 2 or -(-step // 2)
      end
      return list
    end,
  }
end

--- A generator of numbers from low to below high; it shrinks towards whole numbers near 0.
---@param low number
---@param high number
---@return table generator
function bench.number(low, high)
  return {
    make = function() return low + (high - low) * math.random() end,
    smaller = function(v)
      local list, step, whole = {}, v - math.fmod(v, 1), v - math.fmod(v, 1)
      local function add(w)
        if w >= low and w < high and math.abs(w) < math.abs(v) then list[#list + 1] = w end
      end
      while math.abs(step) >= 1 do -- 0 first, then whole numbers ever nearer to v
        add(whole - step)
        step = step / 2 - math.fmod(step / 2, 1)
      end
      add(whole)
      return list
    end,
  }
end

--- A generator that chooses one of some values; it shrinks towards the first.
---@param values any[]
---@return table generator
function bench.one_of(values)
  return {
    make = function() return values[math.random(#values)] end,
    smaller = function(v)
      local list = {}
      for _, w in ipairs(values) do
        if w == v then break end
        list[#list + 1] = w
      end
      return list
    end,
  }
end

--- A list without the elements first to last.
local function without(list, first, last)
  local shorter = table.move(list, 1, first - 1, 1, {})
  return table.move(list, last + 1, #list, first, shorter)
end

--- A generator of lists; it shrinks by leaving elements out, then by shrinking them.
---@param element table a generator
---@param most integer the longest
---@param least? integer the shortest, 0 when nil
---@return table generator
function bench.list(element, most, least)
  least = least or 0
  return {
    make = function()
      local list = {}
      for i = 1, math.random(least, most) do list[i] = element.make() end
      return list
    end,
    smaller = function(list)
      local smaller, n = {}, #list
      if n // 2 >= math.max(1, least) then
        smaller[1], smaller[2] = without(list, n // 2 + 1, n), without(list, 1, n // 2)
      end
      for i = 1, n > least and n or 0 do smaller[#smaller + 1] = without(list, i, i) end
      for i = 1, n do
        for _, value in ipairs(element.smaller(list[i])) do
          local with = table.move(list, 1, n, 1, {})
          with[i] = value
          smaller[#smaller + 1] = with
        end
      end
      return smaller
    end,
  }
end

--- A generator of strings of bytes; it shrinks as a list of them does.
---@param most integer the longest
---@param least? integer the shortest, 0 when nil
---@return table generator
function bench.bytes(most, least)
  local bytes <const> = bench.list(bench.integer(0, 255), most, least)
  local function text(list)
    for i, byte in ipairs(list) do list[i] = string.char(byte) end
    return table.concat(list)
  end
  return {
    make = function() return text(bytes.make()) end,
    smaller = function(s)
      local list = bytes.smaller { s:byte(1, -1) }
      for i, smaller in ipairs(list) do list[i] = text(smaller) end
      return list
    end,
  }
end

-- ---- running ------------------------------------------------------------------------------------

local SHRINK_CALLS <const> = 1000

--- Replaces one value after the other by a simpler one with which f still fails.
local function shrink(generators, values, f, e)
  local calls, better = 0, true
  while better do
    better = false
    for i, generator in ipairs(generators) do
      for _, value in ipairs(generator.smaller(values[i])) do
        if calls == SHRINK_CALLS then return values, e end
        calls = calls + 1
        local try = table.move(values, 1, #generators, 1, {})
        try[i] = value
        local ok, problem = pcall(f, table.unpack(try, 1, #generators))
        if not ok then
          values, e, better = try, problem, true
          break
        end
      end
    end
  end
  return values, e
end

--- Fails with the simplest values. They are tried once more, so that what a failed test shows of the device
--- (`lunq test --accesses`) is what these have done.
local function fail_with(case, generators, values, f, e)
  local words = {}
  for i = 1, #generators do words[i] = compare.show(values[i]) end
  core.flight.clear()
  local passes = pcall(f, table.unpack(values, 1, #generators))
  compare.fail("Case %d fails; the simplest found is (%s): %s%s", case, table.concat(words, ", "), tostring(e),
    passes and "\nTried once more it does not fail: does something stay from one case to the next?" or "")
end

--- Calls f with random values; when it fails, looks for the simplest values with which it fails.
---@param generators table[] one for each argument
---@param f function raises when something is wrong
---@param cases? integer how many, 100 when nil
--- Raises `check` with the values and the error of f.
function bench.for_all(generators, f, cases)
  for case = 1, cases or 100 do
    local values = {}
    for i, generator in ipairs(generators) do values[i] = generator.make() end
    local ok, e = pcall(f, table.unpack(values, 1, #generators))
    if not ok then
      values, e = shrink(generators, values, f, e)
      fail_with(case, generators, values, f, e)
    end
  end
end

return bench
