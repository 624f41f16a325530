--- lunq.bench: what test benches compare with, under busted, LuaUnit or nothing. What is not as it should be
-- raises an error object of kind `check`, which `lunq test` counts as a failure.
--
--   local bench = require "lunq.bench"
--   bench.near(xadc:temperature(), 45, 2)                     -- also lists and buffers, element by element
--   bench.same(buffer, { 1, 2, 3 })                           -- says which element differs
--   bench.eventually(function() return gpio:read() == 1 end, 0.1)
--   bench.eventually(function() return gpio:read() == 1 end, { cycles = 200, device = d })    -- of a clock of RTL
--   bench.golden(buffer, "spec/golden/filter.bin")
--   bench.for_all({ bench.integer(0, 0xffffffff) }, function(word) ... end)             -- lunq.bench.random
--   local board = bench.scoreboard "out"; board:expect(1, 2); board:actual(1)           -- lunq.bench.scoreboard
--   local memory = bench.memory(dst); memory:expect(0, { 1, 2 }); memory:check()        -- lunq.bench.memory
--   print(bench.register_walk(ol.fir))                        -- lunq.bench.registers
--   local source <close> = bench.source(ol.filter.fir, "x", { gaps = 0.3 })             -- lunq.bench.stream
--   local sink <close> = bench.sink(ol.filter.fir, "y", { stalls = 0.3 })
--   source:send { 1, 2, 3 }; sink:receive(); sink:check(board)
local compare = require "lunq.bench.compare"
local core = require "lunq.core"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local bench = {}

for _, part in ipairs { "memory", "random", "registers", "scoreboard", "stream" } do
  for name, f in pairs(require("lunq.bench." .. part)) do bench[name] = f end
end

-- ---- values -------------------------------------------------------------------------------------

local function check_number(i, v)
  if type(v) == "number" then return end
  errors.raise("type", "near compares numbers, lists and buffers of numbers, argument %d is a %s", i,
               compare.is_list(v) and "list" or type(v))
end

--- Adds what is not near to `far`: { first = text, n, worst, at }.
local function compare_near(actual, expected, tolerance, far, place)
  if compare.is_list(actual) then
    if compare.is_list(expected) and #actual ~= #expected then
      compare.fail("%s %s.", place == "" and "The value" or "Element" .. place, compare.difference(actual, expected))
    end
    for i, v in ipairs(actual) do
      compare_near(v, compare.is_list(expected) and expected[i] or expected, tolerance, far, place .. " " .. i)
    end
    return
  end
  check_number(1, actual)
  check_number(2, expected)
  far.all = far.all + 1
  local distance = math.abs(actual - expected)
  if distance <= tolerance then return end -- a NaN is near nothing
  far.n = far.n + 1
  far.first = far.first or (place == "" and "%s%s is not within %s of %s: the distance is %s."
    or "Element%s is %s, not within %s of %s: the distance is %s."):format(place, compare.show(actual),
    compare.show(tolerance), compare.show(expected), compare.show(distance))
  if distance > far.worst then far.worst, far.at = distance, place end
end

--- Checks that a number is as expected within a tolerance, or each number of a list or a buffer.
---@param actual number|table|userdata
---@param expected number|table|userdata as many, or one number for all
---@param tolerance number largest allowed distance, in the same unit
--- Raises `check`, for lists with the first element, how many are out and the worst; `type` for what is no number.
function bench.near(actual, expected, tolerance)
  check_number(3, tolerance)
  local far = { n = 0, all = 0, worst = 0 }
  compare_near(compare.plain(actual), compare.plain(expected), tolerance, far, "")
  if far.n == 0 then return end
  if far.n == 1 or not far.at then compare.fail("%s", far.first) end
  compare.fail("%s %d of %d are out, the worst is element%s: the distance is %s.", far.first, far.n, far.all, far.at,
    compare.show(far.worst))
end

--- Checks that two values are the same: numbers, strings, lists, buffers by what is in them. Of long ones the message
--- says which element differs, and how many do.
---@param actual any
---@param expected any
---@param name? string for the message
--- Raises `check`.
function bench.same(actual, expected, name)
  local differs = compare.difference(actual, expected)
  if differs then compare.fail("%s %s.", name or "The value", differs) end
end

--- Looks before each cycle of the clock of RTL. What f itself takes (2 cycles a register) counts, too.
local function within_cycles(f, cycles, device)
  if math.type(cycles) ~= "integer" or cycles < 0 then
    errors.raise("value", "cycles should be an integer, at least 0, not %s", tostring(cycles))
  end
  local start <const> = device.cycle
  while true do
    local value, passed = f(), device.cycle - start
    if value then return value, device.cycle - start end
    if passed >= cycles then
      compare.fail("This did not happen within %d cycle%s, %d have passed; the last look gave %s.", cycles,
        cycles == 1 and "" or "s", passed, compare.show(value))
    end
    device:step(1)
  end
end

--- Waits, in the time of the device, until f() gives something that is not nil or false.
---@param f function looks once; called again and again
---@param limit? number|table seconds, lunq.time_limit when nil; or { cycles = 200, device = d }: cycles of the clock
---  of a device with RTL, with a look in each
---@param device? table whose time passes; the active one when nil
---@return any value what f gave
---@return integer|nil cycles that passed, where they are counted
--- Raises `check` with the last value, and how many cycles passed; `unsupported` where there is no clock; errors of f
--- as they come.
function bench.eventually(f, limit, device)
  if type(limit) == "table" then
    device = device or limit.device or core.active_device()
    return within_cycles(f, limit.cycles, device)
  end
  local seconds <const> = limit or core.time_limit
  device = device or core.active_device()
  local left <const>, pause = waiting.limit(device, seconds), 1000
  while true do
    local value = f()
    if value then return value end
    local remaining = left()
    if remaining <= 0 then
      compare.fail("This did not happen within %g s; the last look gave %s.", seconds, compare.show(value))
    end
    pause = waiting.rest(device, pause, remaining)
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
---@param buffer userdata|string a buffer, or bytes
---@param path string
--- Raises `check` with the first element that differs; `io` when there is no such file.
function bench.golden(buffer, path)
  local text = type(buffer) == "string"
  if not text and type(buffer) ~= "userdata" then
    errors.raise("type", "golden compares a buffer or a string of bytes, not a %s; lunq.array(nil, \"i4\", list) makes "
                 .. "a buffer of a list", type(buffer))
  end
  local bytes = text and buffer or buffer:tobytes()
  if os.getenv "LUNQ_GOLDEN" == "update" then return write(path, bytes) end
  local f <close> = io.open(path, "rb")
  local golden = f and f:read "a"
  if not golden then
    errors.raise("io", "There is no golden file %s. Run once with LUNQ_GOLDEN=update to write it, and look at it.",
      path)
  end
  if golden == bytes then return end
  if #golden ~= #bytes then compare.fail("%s has %d bytes, this buffer has %d.", path, #golden, #bytes) end
  local at = first_difference(golden, bytes)
  local size = text and 1 or buffer.itemsize
  local from = at // size * size
  local function hex(s) return (s:sub(from + 1, from + size):reverse():gsub(".", function(c)
    return ("%02X"):format(c:byte())
  end)) end
  compare.fail("The buffer differs from %s from element %d on (byte %d): 0x%s instead of 0x%s.", path, at // size + 1,
    at, hex(bytes), hex(golden))
end

return bench
