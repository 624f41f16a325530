--- Xlnk: PYNQ's allocator of up to version 2.6, for programs written for it. New code calls
--- lunq.allocate; both give the same buffers.
--
--   local xlnk = lunq.Xlnk()
--   local a = xlnk:cma_array({5}, "u4")        -- or cma_array { shape = {5}, dtype = "u4" }
--   local p = xlnk:cma_alloc(10, 0, "float")   -- p[1] .. p[10]
--   xlnk:cma_free(p)
--
-- A "pointer" here is a buffer: typed, with bounds, and an error after it was freed instead of a
-- crash. Differences from PYNQ (pynq-behaviour.md B3), all on purpose:
--   * memory comes from the active device (or the one given to set_allocator_library), not from
--     libcma, and no root is needed where the device needs none;
--   * memory nobody can reach any more is given back, also that of cma_alloc;
--   * xlnk_reset gives back what Xlnk objects of this program allocated, not other programs' memory,
--     and there is no signal handler that would (C13).
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Xlnk = Class:extend { __name = "lunq.Xlnk" }

local NO_MEMORY <const> = "Failed to allocate Memory!"

--- All live objects: xlnk_reset is for all of them.
local objects = setmetatable({}, { __mode = "k" })

---- C types -------------------------------------------------------------------------------------

local DTYPES <const> = {
  void = "u1", char = "u1", ["unsigned char"] = "u1", uint8_t = "u1", bool = "u1", _Bool = "u1",
  ["signed char"] = "i1", int8_t = "i1",
  short = "i2", ["short int"] = "i2", int16_t = "i2",
  ["unsigned short"] = "u2", ["unsigned short int"] = "u2", uint16_t = "u2",
  int = "i4", signed = "i4", int32_t = "i4",
  unsigned = "u4", ["unsigned int"] = "u4", uint32_t = "u4",
  ["long long"] = "i8", int64_t = "i8", ["unsigned long long"] = "u8", uint64_t = "u8",
  float = "f4", double = "f8",
}

--- The element type for a C type. Those whose size differs between machines are asked for.
local function dtype_of(ctype)
  if type(ctype) ~= "string" then
    errors.raise("type", "data_type should be a string, not %s", type(ctype))
  end
  local name = ctype:match "^%s*(.-)%s*$":gsub("%s+", " ")
  if DTYPES[name] then return DTYPES[name] end
  if name == "long" or name == "long int" then return "i" .. string.packsize "l" end
  if name == "unsigned long" or name == "unsigned long int" then return "u" .. string.packsize "L" end
  if name:match "%*$" or name == "size_t" or name == "uintptr_t" then return "u" .. string.packsize "T" end
  errors.raise("type", "undefined type name '%s'", ctype)
end

---- pointers ------------------------------------------------------------------------------------

local function check_pointer(value)
  if getmetatable(value) ~= "lunq.Buffer" then errors.raise("runtime", "Unknown buffer type") end
  return value
end

--- The bytes of a buffer, `length` of them (without it: all).
local function bytes_of(buffer, length, what)
  local bytes = buffer:reshape(-1):view "u1"
  if length == nil then return bytes end
  if math.type(length) ~= "integer" then errors.raise("type", "%s should be a whole number", what) end
  if length < 0 or length > #bytes then
    errors.raise("value", "%s %d is outside the buffer of %d bytes", what, length, #bytes)
  end
  return bytes:slice(1, length)
end

--- What belongs to Xlnk itself in PYNQ can be called on the class and on an object.
local function static(...)
  local first = ...
  if Class.is_subclass(first, Xlnk) or Class.is_instance(first, Xlnk) then return select(2, ...) end
  return ...
end

---- the class -----------------------------------------------------------------------------------

--- Where memory comes from: nil until the first use (or set_allocator_library).
Xlnk.libxlnk = nil
Xlnk.libxlnk_path = "/usr/lib/libcma.so"

--- What programs use of cffi here: sizes of C types.
Xlnk.ffi = { sizeof = function(ctype) return tonumber(dtype_of(ctype):sub(2)) end }

local function library()
  if not Xlnk.libxlnk then Xlnk.libxlnk = core.active_device() end
  return Xlnk.libxlnk
end

--- Chooses where memory comes from: a device, or the string that opens one. When that fails, the old
--- choice stays. Raises what core.device_open raises.
function Xlnk.set_allocator_library(...)
  local path = static(...)
  local device = type(path) == "string" and core.device_open(path) or path
  if getmetatable(device) ~= "lunq.Device" then
    errors.raise("type", "set_allocator_library: a device or its name is needed, not %s", type(path))
  end
  Xlnk.libxlnk, Xlnk.libxlnk_path = device, device.name
end

function Xlnk:init()
  core.warn("deprecated",
    "pynq.Xlnk is deprecated and will be removed in 2.7 - use pynq.allocate instead (here: lunq.allocate)")
  self.owned = setmetatable({}, { __mode = "k" }) -- buffer -> bytes; a buffer nobody has goes back
  objects[self] = true
end

--- bufmap: a list of what this object allocated and has not given back, buffer -> bytes.
function Xlnk:missing(name)
  if name ~= "bufmap" then return nil end
  local map = {}
  for buffer, bytes in pairs(rawget(self, "owned")) do
    if not buffer.freed then map[buffer] = bytes end
  end
  return map
end

local function allocate(self, shape, dtype, cacheable)
  if type(cacheable) ~= "boolean" then cacheable = (cacheable or 0) ~= 0 end
  local ok, buffer = pcall(core.allocate, shape, dtype, { device = library(), cacheable = cacheable })
  if not ok then
    local text = tostring(buffer)
    -- Longer than an address can say is one more way of being too long.
    if not errors.is(buffer, "memory") and not text:find("does not fit in memory", 1, true) then error(buffer, 0) end
    errors.raise("runtime", text:find(NO_MEMORY, 1, true) == 1 and "%s" or NO_MEMORY .. " %s", text)
  end
  self.owned[buffer] = buffer.nbytes
  return buffer
end

--- Allocates contiguous memory.
---@param length integer bytes, or elements when a data_type other than "void" is given
---@param cacheable? integer 1 or 0 (0)
---@param data_type? string a C type ("void")
---@return userdata pointer a buffer with elements of that type
--- Raises `runtime` "Failed to allocate Memory!".
function Xlnk:cma_alloc(length, cacheable, data_type)
  return allocate(self, length, dtype_of(data_type or "void"), cacheable)
end

--- Allocates an array, or makes one on memory that cma_alloc gave.
---@param shape integer|table
---@param dtype? string "u4"
---@param cacheable? integer 0
---@param pointer? userdata memory to use, large enough
---@return userdata buffer
function Xlnk:cma_array(shape, dtype, cacheable, pointer, cache)
  if type(shape) == "table" and shape.shape ~= nil then
    local named = shape
    shape, dtype, cacheable = named.shape, named.dtype, named.cacheable
    pointer, cache = named.pointer, named.cache
  end
  if cache ~= nil then
    errors.raise("unsupported", "cma_array: there is no cache of returned buffers; keep them in a list")
  end
  if pointer == nil then return allocate(self, shape, dtype, cacheable) end
  local like = core.array(shape, dtype)
  local bytes = bytes_of(check_pointer(pointer), like.nbytes, "the array's size")
  return bytes:view(like.dtype):reshape(like.shape)
end

--- The same, under its later name.
Xlnk.allocate = Xlnk.cma_array

--- The memory behind a pointer as elements of a C type: as many as fit.
function Xlnk.cma_cast(...)
  local data, data_type = static(...)
  local bytes, dtype = bytes_of(check_pointer(data)), dtype_of(data_type or "void")
  local size = tonumber(dtype:sub(2))
  return bytes:slice(1, #bytes // size * size):view(dtype)
end

--- `length` bytes behind a pointer, as a byte buffer.
function Xlnk.cma_get_buffer(...)
  local buf, length = static(...)
  return bytes_of(check_pointer(buf), length, "length")
end

--- The physical address of a pointer, for use by the programmable logic.
function Xlnk.cma_get_phy_addr(...)
  return check_pointer((static(...))).device_address
end

--- The buffer of this object that a pointer (perhaps cast) belongs to.
local function owner_of(self, buf)
  if self.owned[buf] or buf.freed then return buf end
  for buffer in pairs(self.owned) do
    if not buffer.freed and buffer.device == buf.device and buffer.bo == buf.bo then return buffer end
  end
  return buf
end

--- Gives memory back, whoever still has views of it. Twice does nothing.
function Xlnk:cma_free(buf)
  local is_buffer = getmetatable(buf) == "lunq.Buffer"
  local owner = is_buffer and owner_of(self, buf)
  if owner then self.owned[owner] = nil end
  check_pointer(buf):freebuffer()
end

--- Copies bytes between pointers; they may overlap.
function Xlnk.cma_memcopy(...)
  local dest, src, nbytes = static(...)
  local from = bytes_of(check_pointer(src), nbytes, "nbytes")
  from:copyto(bytes_of(check_pointer(dest), #from, "nbytes"))
end

---- what there is -------------------------------------------------------------------------------

--- Bytes of contiguous memory there are in all: of the device's banks.
function Xlnk.cma_mem_size()
  local total = 0
  for _, bank in ipairs(library():banks()) do total = total + bank.size end
  return total
end

--- A table with PYNQ's keys: 'CMA Memory Available' (bytes, of the whole device), 'CMA Memory Usage'
--- (bytes, of this object), 'Buffer Count' (of this object).
function Xlnk:cma_stats()
  local usage, count = 0, 0
  for _, bytes in pairs(self.bufmap) do usage, count = usage + bytes, count + 1 end
  return {
    ["CMA Memory Available"] = Xlnk.cma_mem_size() - library().memory.bytes,
    ["CMA Memory Usage"] = usage,
    ["Buffer Count"] = count,
  }
end

local function sync(self, method, what, bo, offset, nbytes)
  for buffer in pairs(self.owned) do
    if not buffer.freed and bo + offset >= buffer.bo and bo + offset - buffer.bo < buffer.nbytes then
      local first = bo + offset - buffer.bo
      if nbytes < 0 or nbytes > buffer.nbytes - first then break end
      local part = buffer:reshape(-1):view "u1":slice(first + 1, first + nbytes)
      part[method](part)
      return
    end
  end
  errors.raise("runtime", "Buffer %s Failed: %d bytes at %#x are in no buffer of this Xlnk", what, nbytes,
    bo + offset)
end

--- Makes what the host wrote visible to the device: nbytes at physical address bo + offset.
function Xlnk:flush(bo, offset, _, nbytes) sync(self, "flush", "Flush", bo, offset, nbytes) end

--- Makes what the device wrote visible to the host.
function Xlnk:invalidate(bo, offset, _, nbytes)
  sync(self, "invalidate", "Invalidate", bo, offset, nbytes)
end

--- Gives back all buffers of all Xlnk objects of this program.
function Xlnk.xlnk_reset()
  for object in pairs(objects) do
    for buffer in pairs(object.owned) do buffer:freebuffer() end
    object.owned = setmetatable({}, { __mode = "k" })
  end
end

return Xlnk
