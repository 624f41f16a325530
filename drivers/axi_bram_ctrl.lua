--- AXI BRAM controller 4.x: block memory of the design, as bytes, blocks or an array.
--
--   local bram = ol.axi_bram_ctrl_0
--   bram:write(0, 1)                            -- a word at a byte offset, as of every memory
--   bram:write_block(0x100, { 1, 2, 3 })        -- or bytes, or a buffer
--   local text = bram:read_string(0x100, 12)
--   local a = bram:array "i2"                   -- elements from 1 on: a[1], #a
--   a[3] = -5
--   a:set({ 1, 2, 3 }, 10)                      -- many at once, from a[10] on
--   local list = a:totable(10, 12)
-- It is plain memory (registers.md section 17): narrow accesses change only their own bytes. A CDMA
-- copies to and from it: cdma:copy(bram, buffer).
local errors = require "lunq.errors"
local lunq = require "lunq"
local registry = require "lunq.registry"

-- ---- elements -----------------------------------------------------------------------------------

local FORMATS <const> = {
  u1 = "<I1", u2 = "<I2", u4 = "<I4", u8 = "<i8", i1 = "<i1", i2 = "<i2", i4 = "<i4", i8 = "<i8",
  f4 = "<f", f8 = "<d",
}

local Array = lunq.Class:extend { __name = "BramArray" }

function Array:init(bram, dtype, first, count)
  local format = FORMATS[dtype]
  if not format then
    errors.raise("value", "%s: there is no array of %s; types are u1 u2 u4 u8 i1 i2 i4 i8 f4 f8", bram.fullpath,
                 tostring(dtype))
  end
  local size <const> = string.packsize(format)
  if math.type(first) ~= "integer" or first < 0 or first > bram.size or first % size ~= 0 then
    errors.raise("value", "%s: an array of %s begins at a multiple of %d below %d, not %s", bram.fullpath, dtype,
                 size, bram.size, tostring(first))
  end
  local most <const> = (bram.size - first) // size
  count = count or most
  if math.type(count) ~= "integer" or count < 0 or count > most then
    errors.raise("value", "%s: from byte %d on there is room for %d elements of %s, not %s", bram.fullpath, first,
                 most, dtype, tostring(count))
  end
  rawset(self, "_state", { bram = bram, dtype = dtype, format = format, size = size, first = first, count = count })
end

local function check_index(s, i)
  if math.type(i) ~= "integer" or i < 1 or i > s.count then
    errors.raise("index", "index %s is out of bounds for the %d elements of %s (they count from 1)", tostring(i),
                 s.count, s.bram.fullpath)
  end
  return s.first + (i - 1) * s.size
end

--- A value as bytes: raises `value` when it does not fit.
local function pack(s, value)
  local ok, bytes = pcall(string.pack, s.format, value)
  if not ok then
    errors.raise("value", "%s is no value for an element of %s", tostring(value), s.dtype)
  end
  return bytes
end

local function read(s, i)
  return (string.unpack(s.format, s.bram.mmio:read_string(check_index(s, i), s.size, s.size)))
end

-- Numbers are elements; nil for an unknown name would hide a typo.
function Array:missing(name)
  local s = rawget(self, "_state")
  if type(name) == "number" then
    local i = math.tointeger(name)
    return i and i >= 1 and i <= s.count and read(s, i) or nil
  end
  if name == "dtype" then return s.dtype end
  return nil
end

function Array:__newindex(i, value)
  local s = rawget(self, "_state")
  local at = check_index(s, i)
  s.bram.mmio:write_block(at, pack(s, value), s.size)
end

function Array:__len() return rawget(self, "_state").count end

--- Elements first to last as a list.
---@param first? integer 1
---@param last? integer #self
---@return number[]
function Array:totable(first, last)
  local s = rawget(self, "_state")
  first, last = first or 1, last or s.count
  if last < first then return {} end
  local at = check_index(s, first)
  check_index(s, last)
  local bytes = s.bram.mmio:read_string(at, (last - first + 1) * s.size, s.size)
  local list = {}
  for i = 1, last - first + 1 do list[i] = string.unpack(s.format, bytes, (i - 1) * s.size + 1) end
  return list
end

--- Writes a list of values from element `first` on. All are checked before the first is written.
---@param values number[]
---@param first? integer 1
---@return table self
function Array:set(values, first)
  local s = rawget(self, "_state")
  if #values == 0 then return self end
  local at = check_index(s, first or 1)
  check_index(s, (first or 1) + #values - 1)
  local pieces = {}
  for i, value in ipairs(values) do pieces[i] = pack(s, value) end
  s.bram.mmio:write_block(at, table.concat(pieces), s.size)
  return self
end

function Array:__tostring()
  local s = rawget(self, "_state")
  return ("BramArray of %d %s in %s"):format(s.count, s.dtype, s.bram.fullpath)
end

-- ---- the memory ---------------------------------------------------------------------------------

local Bram = lunq.Memory:extend {
  bindto = { "xilinx.com:ip:axi_bram_ctrl:4.0", "xilinx.com:ip:axi_bram_ctrl:4.1" }, __name = "Bram",
}

---@param description table entry of mem_dict, or of ip_dict when the design has it there
--- Raises `unsupported` for the second port with the registers of the error correction.
function Bram:init(description)
  if tostring(description.mem_id):find "CTRL" then
    errors.raise("unsupported", "%s is the register port of a BRAM controller (error correction), not its memory.",
                 description.fullpath)
  end
  lunq.Memory.init(self, description)
  self.base_address = description.base_address or description.phys_addr
  self.size = description.size or description.addr_range
  self.name = self.name or description.fullpath
  self.type, self.parameters = description.type, description.parameters or {}
end

--- Elements from a byte offset on; each access is one access of the bus.
---@param dtype? string u1 u2 u4 u8 i1 i2 i4 i8 f4 f8; "u4" when left out
---@param first? integer bytes, 0
---@param count? integer elements; all that fit
function Bram:array(dtype, first, count) return Array(self, dtype or "u4", first or 0, count) end

--- Reads words into a list, or into a buffer with { into = buffer }: see MMIO.
function Bram:read_block(offset, count, options) return self.mmio:read_block(offset, count, options) end

--- Bytes that are no whole words are accessed one by one: the width for the window.
local function width_for(offset, nbytes)
  local whole = math.type(offset) == "integer" and math.type(nbytes) == "integer" and (offset | nbytes) & 3 == 0
  return whole and 4 or 1
end

--- Reads bytes.
---@param offset integer
---@param nbytes integer
---@return string
function Bram:read_string(offset, nbytes)
  return self.mmio:read_string(offset, nbytes, width_for(offset, nbytes))
end

--- Writes a list of words, bytes, or a buffer.
---@param offset integer
---@param data integer[]|string|userdata
---@return table self
function Bram:write_block(offset, data)
  if type(data) == "string" then
    self.mmio:write_block(offset, data, width_for(offset, #data))
  else
    self.mmio:write_block(offset, data)
  end
  return self
end

--- Writes the same word again and again; all of the memory when nothing is said.
---@param value? integer 0
---@param offset? integer bytes, 0
---@param count? integer words
---@return table self
function Bram:fill(value, offset, count)
  offset = offset or 0
  self.mmio:fill(offset, count or (self.size - offset) // 4, value or 0)
  return self
end

registry.add_ip(Bram)

return Bram
