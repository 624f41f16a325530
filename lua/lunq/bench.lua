--- lunq.bench: what test benches compare with, under busted, LuaUnit or nothing. What is not as it should be
-- raises an error object of kind `check`; `lunq test` counts it as a failure in LuaUnit files.
--
--   local bench = require "lunq.bench"
--   bench.near(xadc:temperature(), 45, 2)
--   bench.eventually(function() return gpio:read() == 1 end, 0.1)
--   bench.for_all({ bench.integer(0, 0xffffffff) }, function(word) ... end)
--   bench.golden(buffer, "spec/golden/filter.bin")
--   local board = bench.scoreboard "out"; board:expect(1, 2, 3); board:actual(1); board:finish()
--   local source <close> = bench.source(ol.filter.fir, "x", { gaps = 0.3 }); source:send { 1, 2, 3 }
--   local sink <close> = bench.sink(ol.filter.fir, "y", { stalls = 0.3 }); sink:receive(); sink:check(board)
local core = require "lunq.core"
local errors = require "lunq.errors"
local stream = require "lunq.bench.stream"

local bench = {}

local function fail(format, ...) errors.raise("check", format, ...) end

local function show(v)
  if math.type(v) == "integer" and v > 9 then return ("%d (0x%X)"):format(v, v) end
  return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

-- ---- values -------------------------------------------------------------------------------------

--- Checks that a number is as expected within a tolerance.
---@param actual number
---@param expected number
---@param tolerance number largest allowed distance, in the same unit
--- Raises `check`; `type` for what is no number.
function bench.near(actual, expected, tolerance)
  for i = 1, 3 do
    local v = select(i, actual, expected, tolerance)
    if type(v) ~= "number" then
      errors.raise("type", "near compares numbers, argument %d is a %s", i, type(v))
    end
  end
  local distance = math.abs(actual - expected)
  if distance > tolerance or distance ~= distance then -- a NaN is near nothing
    fail("%s is not within %s of %s: the distance is %s.", show(actual), show(tolerance), show(expected),
      show(distance))
  end
end

--- Waits, in the time of the device, until f() gives something that is not nil or false.
---@param f function looks once; called again and again
---@param seconds? number time limit, lunq.time_limit when nil
---@return any value what f gave
--- Raises `check` with the last value; errors of f as they come.
function bench.eventually(f, seconds)
  seconds = seconds or core.time_limit
  local start <const>, pause = core.now(), 1e-6
  while true do
    local value = f()
    if value then return value end
    local left = seconds - (core.now() - start)
    if left <= 0 then fail("This did not happen within %g s; the last look gave %s.", seconds, show(value)) end
    core.sleep(math.max(math.min(pause, left), 1e-9)) -- less would be no time at all
    pause = math.min(pause * 1.25, 1e-3)
  end
end

-- ---- golden files -------------------------------------------------------------------------------

local function first_difference(a, b)
  local at = 1
  while a:byte(at) == b:byte(at) do at = at + 1 end
  return at - 1
end

local function write(path, bytes)
  local f, problem = io.open(path, "wb")
  local ok = f and f:write(bytes)
  local closed = f and f:close()
  if not (ok and closed) then errors.raise("io", "Can't write the golden file %s", problem or path) end
end

--- Compares a buffer with a file of its bytes (C order, little endian). With LUNQ_GOLDEN=update in the
--- environment the file is written instead.
---@param buffer table|string a buffer, or bytes
---@param path string
--- Raises `check` with the first element that differs; `io` when there is no such file.
function bench.golden(buffer, path)
  local text = type(buffer) == "string"
  local bytes = text and buffer or buffer:tobytes()
  if os.getenv "LUNQ_GOLDEN" == "update" then return write(path, bytes) end
  local f <close> = io.open(path, "rb")
  local golden = f and f:read "a"
  if not golden then
    errors.raise("io", "There is no golden file %s. Run once with LUNQ_GOLDEN=update to write it, and look at it.",
      path)
  end
  if golden == bytes then return end
  if #golden ~= #bytes then fail("%s has %d bytes, this buffer has %d.", path, #golden, #bytes) end
  local at = first_difference(golden, bytes)
  local size = text and 1 or buffer.itemsize
  local from = at // size * size
  local function hex(s) return (s:sub(from + 1, from + size):reverse():gsub(".", function(c)
    return ("%02X"):format(c:byte())
  end)) end
  fail("The buffer differs from %s from element %d on (byte %d): 0x%s instead of 0x%s.", path, at // size + 1, at,
    hex(bytes), hex(golden))
end

-- ---- random stimuli -----------------------------------------------------------------------------

--- A generator of whole numbers, both ends included; it shrinks towards the one nearest to 0.
---@param low integer
---@param high integer
---@return table generator { make(), smaller(value) }
function bench.integer(low, high)
  local simplest <const> = low > 0 and low or high < 0 and high or 0
  return {
    make = function() return math.random(low, high) end,
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
      local smaller, half = {}, #list // 2
      if half > 0 and half >= least then
        smaller[1] = table.move(list, 1, half, 1, {})
        smaller[2] = table.move(list, half + 1, #list, 1, {})
      end
      for i = 1, #list > least and #list or 0 do
        local without = table.move(list, 1, #list, 1, {})
        table.remove(without, i)
        smaller[#smaller + 1] = without
      end
      for i = 1, #list do
        for _, value in ipairs(element.smaller(list[i])) do
          local with = table.move(list, 1, #list, 1, {})
          with[i] = value
          smaller[#smaller + 1] = with
        end
      end
      return smaller
    end,
  }
end

local MOST_SHOWN <const> = 16

local function show_value(v)
  if type(v) == "userdata" then return tostring(v) end
  if type(v) ~= "table" then return show(v) end
  local words = {}
  for i = 1, math.min(#v, MOST_SHOWN) do words[i] = show_value(v[i]) end
  if #v > MOST_SHOWN then words[#words + 1] = ("... %d more"):format(#v - MOST_SHOWN) end
  return "{ " .. table.concat(words, ", ") .. " }"
end

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

--- Calls f with random values; when it fails, looks for the simplest values with which it fails.
--- The values come from math.random, so `lunq test --seed N` repeats them.
---@param generators table[] one for each argument: bench.integer, bench.list, or { make, smaller }
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
      local words = {}
      for i = 1, #generators do words[i] = show_value(values[i]) end
      fail("Case %d fails; the simplest found is (%s): %s", case, table.concat(words, ", "), tostring(e))
    end
  end
end

-- ---- scoreboards --------------------------------------------------------------------------------

local function is_list(v) return type(v) == "table" and getmetatable(v) == nil end

--- A buffer as a list; everything else as it is.
local function plain(v)
  if type(v) ~= "userdata" then return v end
  local ok, list = pcall(function() return v:totable() end)
  return ok and list or v
end

--- How a value differs from what was expected, in words that follow its name; nil: it does not.
local function difference(actual, expected)
  actual, expected = plain(actual), plain(expected)
  if not (is_list(actual) and is_list(expected)) then
    if actual ~= expected then return ("is %s, expected was %s"):format(show_value(actual), show_value(expected)) end
    return nil
  end
  for i = 1, math.min(#actual, #expected) do
    local inside = difference(actual[i], expected[i])
    if inside then return ("differs: element %d of %d %s"):format(i, #actual, inside) end
  end
  if #actual ~= #expected then
    return ("has %d elements, expected were %d: %s"):format(#actual, #expected, show_value(actual))
  end
end

local Scoreboard = {}
Scoreboard.__index = Scoreboard

--- What a stream should bring, in order, against what it brings. Items are numbers, strings, lists of them, or
--- buffers, which are compared by what is in them.
---@param name? string for messages
function bench.scoreboard(name)
  return setmetatable({ name = name or "scoreboard", expected = {}, seen = 0 }, Scoreboard)
end

--- Adds what is expected next.
function Scoreboard:expect(...)
  for _, value in ipairs { ... } do table.insert(self.expected, plain(value)) end
  return self
end

--- Takes what came. Raises `check` when it is not what is next.
function Scoreboard:actual(...)
  for _, value in ipairs { ... } do
    self.seen = self.seen + 1
    local expected = self.expected[self.seen]
    if expected == nil then
      fail("%s: item %d, %s, came but only %d %s expected.", self.name, self.seen, show_value(value), #self.expected,
        #self.expected == 1 and "was" or "were")
    end
    local differs = difference(value, expected)
    if differs then fail("%s: item %d %s.", self.name, self.seen, differs) end
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
    fail("%s: %d of %d did not come, first item %d, %s.", self.name, missing, #self.expected, self.seen + 1,
      show_value(self.expected[self.seen + 1]))
  end
end

-- ---- streams: lunq.bench.stream ------------------------------------------------------------------

--- Opens a source: it feeds packets into an AXI4-Stream of the design, in place of its master.
---@param where table|string an IP, or the whole name: "filter/fir/x"
---@param interface? string of the IP
---@param o? table dtype (of numbers; as wide as a beat when nil), gaps (share of the beats without TVALID, 0 to
--- below 1), seed (of the gaps; from math.random when nil), device
---@return table source send(packet), wait(timeout), pause(on), clear(), close()
--- Raises `value` when there is no such stream, `runtime` when it has a source, `unsupported` on devices whose
--- streams nobody can reach.
function bench.source(where, interface, o) return stream.source(where, interface, o) end

--- Opens a sink: it takes packets out of a stream, in place of its slave.
---@param where table|string an IP, or the whole name: "filter/fir/y"
---@param interface? string of the IP
---@param o? table dtype, stalls (share of the beats without TREADY), seed, as ("table", "string" or "array"), length
--- (elements of a packet, needed where there is no TLAST), device
---@return table sink receive(timeout), check(scoreboard, timeout), count, pause(on), clear(), close()
function bench.sink(where, interface, o) return stream.sink(where, interface, o) end

--- Opens a monitor: it sees what goes through a stream and changes nothing.
---@param where table|string an IP, or the whole name
---@param interface? string of the IP
---@param o? table dtype, as, length, device: as for a sink
---@return table monitor as a sink, but for pause
function bench.monitor(where, interface, o) return stream.monitor(where, interface, o) end

return bench
