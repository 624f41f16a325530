--- What a program gives an HLS core: checked, converted to bytes and written. Everything is checked, and
-- memory held, before the first register is written.
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"
local types = require "lunq.hls.types"

local values = {}

local function is_buffer(value) return type(value) == "userdata" and getmetatable(value) == "lunq.Buffer" end

--- Raises about one argument; text goes on from its name.
local function complain_about(core, a)
  return function(kind, text) errors.raise(kind, "%s: argument %s %s", core.fullpath, a.name, text) end
end

-- ---- which value belongs to which argument ------------------------------------------------------

--- An argument by name.
---@return HLSArgument
function values.find(core, name)
  local names = {}
  for _, a in ipairs(core.arguments) do
    if a.name == name then return a end
    names[#names + 1] = a.name
  end
  errors.raise("attribute", "%s has no argument %s%s", core.fullpath, tostring(name), nearest.hint(name, names))
end

local function by_name(core, given)
  local found = {}
  for name, value in pairs(given) do
    local a = values.find(core, name)
    if not a.input then errors.raise("value", "%s: %s is an output", core.fullpath, name) end
    found[a.nth] = value
  end
  return found
end

--- A single plain table with names in it says the arguments by name; a list is an array's value.
local function says_names(given)
  local first = given[1]
  return given.n == 1 and type(first) == "table" and getmetatable(first) == nil
         and (type(next(first)) == "string" or next(first) == nil)
end

local function too_many(core, given)
  local last = given[given.n]
  if type(last) == "table" and last.waitfor ~= nil then -- PYNQ's words, and what there is instead
    errors.raise("runtime", "waitfor only supported on newer versions of XRT: wait for the other run before %s starts",
                 core.fullpath)
  end
  errors.raise("type", "%s takes %d arguments, not %d: %s", core.fullpath, #core.inputs, given.n, core:signature())
end

--- The values in the order of core.inputs. Arrays may be left out; they stay as they are then.
---@param given table from table.pack
---@return table found
function values.match(core, given)
  local found = given
  if says_names(given) then
    found = by_name(core, given[1])
  elseif given.n > #core.inputs then
    too_many(core, given)
  end
  for i, a in ipairs(core.inputs) do
    if found[i] == nil and not a.array then
      errors.raise("type", "%s: argument %s is missing: %s", core.fullpath, a.name, core:signature())
    end
  end
  return found
end

-- ---- memory behind a pointer --------------------------------------------------------------------

local function check_reach(core, a, address, nbytes)
  local complain = complain_about(core, a)
  local width = math.min(32 * a.words, core.address_width)
  if width < 63 and address + nbytes > 1 << width then
    complain("value", ("gets a buffer that ends at %#x, beyond the %d bits of its address"):format(
             address + nbytes - 1, width))
  end
  local masters, seen = core:masters(), {}
  for _, range in ipairs(masters) do
    if address >= range.base and address + nbytes <= range.base + range.size then return end
    seen[#seen + 1] = ("%s 0x%x+0x%x"):format(range.interface or "m_axi", range.base, range.size)
  end
  if #masters > 0 then
    complain("value", ("gets a buffer at %#x+%#x, which the core does not reach; allocate it in another bank "
             .. "(option target). It reaches: %s"):format(address, nbytes, table.concat(seen, ", ")))
  end
end

--- Holds a buffer for the core: its address must not change hands while the core has it.
local function hold_buffer(core, a, buffer, holds)
  local complain = complain_about(core, a)
  local may_be_address = a.pointer or (a.type.wraps and a.type.bits == 32) -- of a core with 32-bit addresses
  if not (core.address_width and may_be_address) then
    complain("type", "is a number, not an address: " .. (core.address_width and core:signature()
             or "the core has no m_axi port for it"))
  end
  local ok, hold = pcall(core.engine.hold, core.engine, buffer)
  if not ok then complain(hold.kind or "runtime", ("takes a buffer. %s"):format(tostring(hold))) end
  holds[#holds + 1] = { hold = hold, const = a.const }
  check_reach(core, a, hold:address(), hold:nbytes())
  hold:sync_to_device()
  return ("<i8"):pack(hold:address()):sub(1, 4 * a.words)
end

local function pointer_bytes(core, a, value)
  if a.pointer == true and value ~= 0 then
    complain_about(core, a)("type", ("takes a buffer (lunq.allocate) as its %s *, not %s"):format(
                            a.type.name, math.type(value) and "an address" or type(value)))
  elseif a.pointer and math.type(value) == nil then
    complain_about(core, a)("type", "should be a whole number or a buffer, not " .. type(value))
  end
  return types.encode(types.of_width(64), value, complain_about(core, a))
end

-- ---- arrays -------------------------------------------------------------------------------------

local function list_bytes(core, a, list)
  local elements, stride = {}, types.stride(a.type)
  for i, value in ipairs(list) do
    local bytes = types.encode(a.type, value, function(kind, text)
      errors.raise(kind, "%s: argument %s[%d] %s", core.fullpath, a.name, i, text)
    end)
    elements[i] = bytes .. ("\0"):rep(stride - #bytes)
  end
  return table.concat(elements)
end

local function array_bytes(core, a, value)
  local complain = complain_about(core, a)
  if is_buffer(value) then value = value:tobytes()
  elseif type(value) == "table" then value = list_bytes(core, a, value)
  elseif type(value) ~= "string" then
    complain("type", ("is an array: it takes a list, an array or a string of bytes, not %s"):format(type(value)))
  end
  local room = a.count and a.count * types.stride(a.type) or a.bytes
  if #value > room then complain("value", ("has %d bytes, not %d"):format(room, #value)) end
  return value
end

--- Writes whole words; what is beside the value in its last word stays.
local function write_array(core, a, bytes)
  local odd = #bytes % 4
  if odd > 0 then
    local last = a.offset + #bytes - odd
    bytes = bytes .. ("<I4"):pack(core.mmio:read(last)):sub(odd + 1)
  end
  if #bytes > 0 then core.mmio:write(a.offset, bytes) end
end

-- ---- all ----------------------------------------------------------------------------------------

local function convert(core, a, value, holds)
  if a.array then return array_bytes(core, a, value) end
  if is_buffer(value) then return hold_buffer(core, a, value, holds) end
  if a.pointer then return pointer_bytes(core, a, value) end
  if core.address_width and a.type.wraps and math.type(value) == nil then
    complain_about(core, a)("type", "should be a whole number or a buffer, not " .. type(value))
  end
  return types.encode(a.type, value, complain_about(core, a))
end

--- Checks and converts the values, and holds the buffers among them.
---@param found table from match; afterwards as `write` wants it: a word or bytes
---@param holds table list that gets { hold, const }
function values.prepare(core, found, holds)
  for i, a in ipairs(core.inputs) do
    local value = found[i]
    if value ~= nil then
      found[i] = not a.array and not a.pointer and types.word(a.type, value) or convert(core, a, value, holds)
    end
  end
end

local function write_words(core, a, bytes)
  bytes = bytes .. ("\0"):rep(4 * a.words - #bytes)
  for k = 0, a.words - 1 do core.mmio:write(a.offset + 4 * k, (("<I4"):unpack(bytes, 4 * k + 1))) end
end

--- Writes what prepare made.
function values.write(core, found)
  for i, a in ipairs(core.inputs) do
    local value = found[i]
    if math.type(value) then
      core.mmio:write(a.offset, value)
    elseif value then -- else an array that stays as it is
      (a.array and write_array or write_words)(core, a, value)
    end
    if a.strobe and value then core.mmio:write(a.strobe, 1) end -- ap_vld clears itself (UG1399)
  end
end

local function read_words(core, offset, n)
  local words = core.mmio:read_block(offset, n)
  for k = 1, n do words[k] = ("<I4"):pack(words[k]) end
  return table.concat(words)
end

--- The outputs as they stand.
---@return table list in the order of the signature, with n
---@return table<string, any> named the same by name
function values.read(core)
  local list, named = { n = #core.outputs }, {}
  for i, a in ipairs(core.outputs) do
    list[i] = a.words == 1 and types.of_word(a.type, core.mmio:read(a.result))
              or types.decode(a.type, read_words(core, a.result, a.words))
    named[a.name] = list[i]
  end
  return list, named
end

--- Reads the valid bits of the outputs, which clears them.
---@return table<string, boolean> of the outputs that have one
function values.valid(core)
  local valid = {}
  for _, a in ipairs(core.outputs) do
    if a.valid then valid[a.name] = core.mmio:read(a.valid) & 1 ~= 0 end
  end
  return valid
end

--- Reads an array of the core.
---@param name string
---@param count? integer elements; default: those of the prototype, else all of the window
---@return any[] elements
function values.array(core, name, count)
  local a = values.find(core, name)
  if not a.array then errors.raise("type", "%s: %s is no array", core.fullpath, name) end
  local stride, list = types.stride(a.type), {}
  local n = count or a.count or a.bytes // stride
  if math.type(n) ~= "integer" or n < 0 or n > a.bytes // stride then
    errors.raise("value", "%s: array %s has at most %d elements, not %s", core.fullpath, name, a.bytes // stride,
                 tostring(n))
  end
  local bytes = read_words(core, a.offset, (n * stride + 3) // 4)
  for i = 1, n do list[i] = types.decode(a.type, bytes:sub((i - 1) * stride + 1, i * stride)) end
  return list
end

return values
