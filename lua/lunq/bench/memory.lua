--- Memory scoreboards of lunq.bench: what should have been written into a buffer, and nothing else.
--
--   local memory = bench.memory(dst, "dst")          -- what is in it now
--   memory:expect(64, { 1, 2, 3 })                   -- at byte 64: a list of the buffer's elements, a string, a buffer
--   ol.dma.recvchannel:transfer(dst)                 -- ...
--   memory:check()                                   -- raises `check`: a byte that is wrong, or was not to be changed
local compare = require "lunq.bench.compare"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Memory = {}
Memory.__index = Memory

--- What is in the memory: the cache of a buffer that has one is not asked.
local function contents(self)
  self.buffer:invalidate()
  return self.buffer:tobytes()
end

local function bytes_of(self, data)
  if type(data) == "string" then return data end
  if type(data) == "userdata" then return data:tobytes() end
  if type(data) ~= "table" then
    errors.raise("type", "%s: what is expected should be a list, a string or a buffer, not %s", self.name, type(data))
  end
  return #data == 0 and "" or core.array(nil, self.buffer.dtype, data):tobytes()
end

--- Says what should be written. Where several overlap the last one counts.
---@param offset integer bytes from the beginning of the buffer
---@param data table|string|userdata a list of elements of the buffer's type, bytes, or a buffer
---@return table self
--- Raises `index` when it goes over the end.
function Memory:expect(offset, data)
  local bytes, size = bytes_of(self, data), #self.expected
  if math.type(offset) ~= "integer" or offset < 0 or offset > size or #bytes > size - offset then
    errors.raise("index", "%s: %d bytes at offset %s are outside its %d bytes", self.name, #bytes, tostring(offset),
                 size)
  end
  self.expected = self.expected:sub(1, offset) .. bytes .. self.expected:sub(offset + #bytes + 1)
  if #bytes > 0 then table.insert(self.places, { offset, offset + #bytes }) end
  return self
end

local function is_place(self, at)
  for _, place in ipairs(self.places) do
    if at >= place[1] and at < place[2] then return true end
  end
  return false
end

--- Where two texts of one length differ: the first byte, from 0 on, and how many bytes do.
local function differences(a, b)
  local first, n = nil, 0
  for from = 1, #a, 4096 do -- most of a large buffer is the same
    if a:sub(from, from + 4095) ~= b:sub(from, from + 4095) then
      for i = from, math.min(from + 4095, #a) do
        if a:byte(i) ~= b:byte(i) then first, n = first or i - 1, n + 1 end
      end
    end
  end
  return first, n
end

--- Compares the memory with what was expected and, outside of that, with what was there when the scoreboard was made.
--- Raises `check` with the first byte that differs and how many do.
function Memory:check()
  local now = contents(self)
  local first, n = differences(now, self.expected)
  if not first then return end
  local more = n > 1 and (" (%d bytes differ)"):format(n) or ""
  local got, expected = now:byte(first + 1), self.expected:byte(first + 1)
  if is_place(self, first) then
    compare.fail("%s: byte %d (0x%X) is 0x%02X, expected was 0x%02X%s.", self.name, first, first, got, expected, more)
  end
  compare.fail("%s: byte %d (0x%X) is 0x%02X, and nothing was expected there: it was 0x%02X%s.", self.name, first,
    first, got, expected, more)
end

--- Starts again: what is in the memory now is what is expected.
---@return table self
function Memory:snapshot()
  self.expected, self.places = contents(self), {}
  return self
end

local bench = {}

--- Makes a scoreboard for a buffer, with what is in it now (of a cacheable one: flushed first).
---@param buffer userdata from lunq.allocate
---@param name? string for messages
---@return table memory
--- Raises `type` for what is no buffer.
function bench.memory(buffer, name)
  local ok = type(buffer) == "userdata" and pcall(function() return buffer.invalidate, buffer.tobytes end)
  if not ok then errors.raise("type", "memory takes a buffer of lunq.allocate, not %s", type(buffer)) end
  buffer:flush()
  return setmetatable({ buffer = buffer, name = name or "memory" }, Memory):snapshot()
end

return bench
