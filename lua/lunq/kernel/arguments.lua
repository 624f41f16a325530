--- The arguments of a kernel of a card: their C types, how they are packed, what is said of wrong ones.
-- bindings/l_kernel.c packs numbers and buffers itself and asks this for the rest.
--
--   local a = arguments(design, "vadd_1")
--   a:signature()                --> "void vadd(const int *a, const int *b, int *c, int n)"
--   a.packing                    -- for core.kernel
--   a:encode(4, 1024)            --> "\0\4\0\0"
--
-- Numbers are packed as XRT packs them: little endian, as many bytes as the metadata says. So `long` has 8
-- bytes on a 64-bit host and what the registers have here (C54). Types beyond those of lunq.hls.types: OpenCL
-- vectors ("int4", "float16") take a list of their elements or a string of bytes, anything else a string of
-- bytes or a list of 32-bit words.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local hls = require "lunq.hls.arguments"
local nearest = require "lunq.nearest"
local prototype = require "lunq.hls.prototype"
local types = require "lunq.hls.types"

---@class KernelArgument
---@field name string
---@field type HLSType of the value, or of what the pointer points at
---@field pointer boolean takes a buffer
---@field const boolean a pointer through which the kernel only reads
---@field size integer bytes in the registers
---@field index integer among all arguments, from 0
---@field memories string[] tags of the memories it is connected to

local Arguments = Class:extend { __name = "lunq.KernelArguments" }

-- ---- types --------------------------------------------------------------------------------------

--- "float16" -> the type of its elements and how many there are.
local function vector(text)
  local base, n = text:match "^(%l+)(%d+)$"
  if n ~= "2" and n ~= "3" and n ~= "4" and n ~= "8" and n ~= "16" then return nil end
  local element = types.parse(base)
  if not element or element.kind == "void" then return nil end
  n = tonumber(n)
  return element, n, element.bits // 8 * (n == 3 and 4 or n)
end

--- The same integer type with the width its registers have.
local function resized(ctype, bytes)
  local whole = ctype.kind == "signed" or ctype.kind == "unsigned"
  if not whole or ctype.bits == 8 * bytes or bytes < 1 or bytes > 8 or ctype.name:find "^ap_" then return ctype end
  return { name = ctype.name, kind = ctype.kind, bits = 8 * bytes }
end

--- What is known of a scalar of `size` bytes whose C type is `text`.
local function scalar_type(text, size, host_size)
  local known = types.parse(text)
  if known and known.kind ~= "void" then
    local ctype = resized(known, host_size > 0 and host_size <= size and host_size or size)
    if types.size(ctype) <= size then return ctype end
  end
  local element, count, bytes = vector(text)
  if element and bytes == size then return { name = text, kind = "vector", bits = 8 * size, element = element,
                                             count = count } end
  if text == "" and size <= 8 then return types.of_width(8 * size) end
  return { name = text ~= "" and text or ("%d bytes"):format(size), kind = "raw", bits = 8 * size }
end

--- An argument as the design says it.
---@param a table of core.kernel_arguments
---@return KernelArgument
function Arguments.read(a)
  local base, pointer, const = prototype.base_type(a.type)
  local wants_buffer = a.kind == "global" or a.kind == "constant"
  local ctype
  if wants_buffer then
    ctype = types.parse(base) or { name = base ~= "" and base or "void", kind = "raw", bits = 8 }
  else
    ctype = scalar_type(pointer and "" or base, a.size, a.host_size)
  end
  return { name = a.name, index = a.index, size = a.size, memories = a.memories, type = ctype,
           pointer = wants_buffer, input = true, output = false,
           const = wants_buffer and (const or a.kind == "constant") or false }
end

--- How its bytes are made, or read: { index =, code =, bits = }.
---@param a KernelArgument
function Arguments.packing_of(a)
  local t = a.type
  if a.pointer then return { index = a.index, code = "buffer" } end
  if t.kind == "float" and t.bits == 8 * a.size then
    return { index = a.index, code = t.bits == 32 and "float" or "double" }
  end
  local whole = (t.kind == "signed" or t.kind == "unsigned") and not t.wraps and t.bits <= 64
  return { index = a.index, code = whole and t.kind or "other", bits = whole and t.bits or nil }
end

--- Of a compute unit of a design.
---@param design userdata
---@param unit string "vadd_1"
---@param name? string what stands in messages; the unit's when left out
function Arguments:init(design, unit, name)
  local description = core.kernel_arguments(design, unit)
  if not description then errors.raise("attribute", "the design has no compute unit %s", unit) end
  self.kernel, self.control, self.name = description.kernel, description.control, name or unit
  self.packing = {}
  for _, a in ipairs(description) do
    if a.kind ~= "stream" and a.kind ~= "local" then
      self[#self + 1] = Arguments.read(a)
      self.packing[#self] = Arguments.packing_of(self[#self])
    end
  end
end

-- ---- as text ------------------------------------------------------------------------------------

--- The kernel as a C function.
---@return string
function Arguments:signature() return hls.signature(self.kernel, self) end

--- The arguments by name, as PYNQ's `args`: index counts from 1, mem is where a buffer has to be.
---@return table<string, table> name, index, type, mem
function Arguments:args()
  local args = {}
  for i, a in ipairs(self) do
    args[a.name] = { name = a.name, index = i, type = hls.type_text(a),
                     mem = a.pointer and table.concat(a.memories, ", ") or nil }
  end
  return args
end

-- ---- what is wrong ------------------------------------------------------------------------------

--- Raises about argument i; text goes on from its name.
local function complain_about(self, i)
  return function(kind, text) errors.raise(kind, "%s: argument %s %s", self.name, self[i].name, text) end
end

--- Raises: n values were given, the last of them `last`.
function Arguments:miscounted(n, last)
  local plain = type(last) == "table" and getmetatable(last) == nil
  if plain and n == 1 and last[1] ~= nil then
    errors.raise("type", "%s: a table has the arguments by name, { %s = ..., ... }; without names they need no "
                 .. "table: %s", self.name, self[1] and self[1].name or "name", self:signature())
  end
  if n == #self + 1 and getmetatable(last) == "lunq.Run" then
    errors.raise("type", "%s: runs to wait for go into { waitfor = { run } } behind the arguments: %s", self.name,
                 self:signature())
  end
  if plain and last.waitfor ~= nil then n = n - 1 end
  if n < #self then self:left_out(n + 1) end
  errors.raise("type", "%s takes %d arguments, not %d: %s", self.name, #self, n, self:signature())
end

--- Raises: argument i was not given.
function Arguments:left_out(i)
  errors.raise("type", "%s: argument %s is missing: %s", self.name, self[i].name, self:signature())
end

--- Raises: a table by name has something that is no argument.
function Arguments:unknown(_, given)
  local names, known = { "waitfor", "timeout" }, { waitfor = true, timeout = true }
  for _, a in ipairs(self) do
    names[#names + 1] = a.name
    known[a.name] = true
  end
  for name in pairs(given) do
    if not known[name] then
      errors.raise("attribute", "%s has no argument %s%s", self.name, tostring(name), nearest.hint(name, names))
    end
  end
end

--- Raises: the options behind the arguments have something else than those.
function Arguments:unknown_option(_, given)
  for name, value in pairs(given) do
    if getmetatable(value) == "lunq.Run" then self:miscounted(#self + 1, value) end
    if name ~= "waitfor" and name ~= "timeout" then
      errors.raise("value", "%s takes the options waitfor and timeout behind its arguments, not %s: %s", self.name,
                   tostring(name), self:signature())
    end
  end
end

-- ---- to bytes -----------------------------------------------------------------------------------

local function padded(ctype, bytes, size)
  local sign = ctype.kind == "signed" and bytes:byte(-1) > 127 and "\xff" or "\0"
  return bytes .. sign:rep(size - #bytes)
end

local function exactly(bytes, size, complain)
  if #bytes ~= size then complain("value", ("has %d bytes, not %d"):format(size, #bytes)) end
  return bytes
end

local function vector_bytes(t, value, size, complain)
  if type(value) == "string" then return exactly(value, size, complain) end
  if type(value) ~= "table" then
    complain("type", ("is %d numbers (%s): it takes a list or a string of bytes, not %s"):format(t.count, t.name,
             type(value)))
  end
  if #value ~= t.count then complain("value", ("is %d numbers (%s), not %d"):format(t.count, t.name, #value)) end
  local parts = {}
  for k = 1, t.count do
    parts[k] = types.encode(t.element, value[k], function(kind, text) complain(kind, ("[%d] %s"):format(k, text)) end)
  end
  return padded(t, table.concat(parts), size)
end

local function buffer_wanted(a, value, complain)
  local what = math.type(value) and "an address" or value == nil and "nothing" or type(value)
  complain("type", ("takes a buffer (lunq.allocate) as its %s *, not %s"):format(a.type.name, what))
end

--- A value as the bytes of argument i.
---@param i integer from 1
---@param value any
---@return string bytes as many as its registers take
--- Raises `type`, `value` when it does not fit.
function Arguments:encode(i, value)
  local a, complain = self[i], complain_about(self, i)
  if a.pointer then buffer_wanted(a, value, complain) end
  if value == nil then self:left_out(i) end
  if a.type.kind == "vector" then return vector_bytes(a.type, value, a.size, complain) end
  if a.type.kind == "raw" and type(value) == "string" then return exactly(value, a.size, complain) end
  if type(value) == "userdata" then
    complain("type", ("is a number, not an address: %s"):format(self:signature()))
  end
  return padded(a.type, types.encode(a.type, value, complain), a.size):sub(1, a.size)
end

return Arguments
