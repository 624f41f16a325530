--- The arguments of an HLS core, from its registers (registers.md section 15) and, when somebody says it,
-- its C prototype. Offsets are taken from the metadata, never computed.
--
--   NAME                 a scalar of up to 32 bits, or a pointer of a 32-bit core
--   NAME_1 ... NAME_n    words of a wider one, the lowest first, side by side
--   NAME_i, NAME_o       an argument that is read and written
--   NAME_ctrl            handshake of NAME: its valid bit
--   Memory_NAME          an array; its size is that of the window, a power of two
--   ap_return            what the function returns
--
-- HLS appends _r to names that are words of Verilog or VHDL, and older releases _V to those of ap_int types;
-- a prototype may use the names without.
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"
local prototype = require "lunq.hls.prototype"
local types = require "lunq.hls.types"

local arguments = {}

---@class HLSArgument
---@field name string
---@field type HLSType of the value, of an element of an array, of what a pointer points at
---@field input boolean
---@field output boolean
---@field offset integer|nil bytes: where it is written (an output: nil)
---@field result integer|nil bytes: where it is read after a run
---@field words integer registers it takes
---@field array boolean|nil
---@field bytes integer|nil size of an array's window
---@field count integer|nil elements of an array, when a prototype says it
---@field pointer boolean|string|nil true; "maybe": without a prototype a 64-bit number looks the same
---@field const boolean|nil a pointer through which the core only reads
---@field valid integer|nil bytes: the word whose bit 0 says that an output was written; a read clears it
---@field strobe integer|nil bytes: the word whose bit 0 tells the core that an input was written

local CONTROL <const> = { CTRL = true, GIER = true, IP_IER = true, IP_ISR = true }

-- ---- registers ----------------------------------------------------------------------------------

local function in_order(registers)
  local list = {}
  for name, r in pairs(registers) do
    if not CONTROL[name] and r.enabled ~= false then list[#list + 1] = { name = name, r = r } end
  end
  table.sort(list, function(a, b)
    if a.r.address_offset ~= b.r.address_offset then return a.r.address_offset < b.r.address_offset end
    return a.name < b.name
  end)
  return list
end

local function is_output(r) return r.access == "read-only" end

--- How many registers from list[i] on are words of one argument, and its name.
local function words_of(list, i)
  local name, n = list[i].name:match "^(.+)_1$", 1
  if not name then return 1, list[i].name end
  while list[i + n] and list[i + n].name == ("%s_%d"):format(name, n + 1)
        and list[i + n].r.address_offset == list[i].r.address_offset + 4 * n
        and is_output(list[i + n].r) == is_output(list[i].r) do
    n = n + 1
  end
  return n, n > 1 and name or list[i].name
end

local function width_of(list, i, n, name)
  local r = list[i + n - 1].r
  local field = r.fields and r.fields[name]
  return 32 * (n - 1) + (field and math.min(field.bit_width, 32) or math.min(r.size or 32, 32))
end

local function has_field(r, pattern)
  for name in pairs(r.fields) do
    if name:find(pattern) then return true end
  end
  return false
end

--- The argument whose handshake a register is: its fields say so, or it follows an output.
local function handshake_of(name, r, registers)
  local base = name:match "^(.+)_ctrl$"
  local of = base and (registers[base] or registers[base .. "_1"])
  if not of then return nil end
  if r.fields and next(r.fields) then return has_field(r, "_ap_vld$") and base end
  return is_output(of) and base
end

--- What the registers say, in the order of their addresses, and the handshake words by argument.
local function collect(registers)
  local sorted, list, handshakes, i = in_order(registers), {}, {}, 1
  while sorted[i] do
    local name, r = sorted[i].name, sorted[i].r
    local handshake, memory = handshake_of(name, r, registers), name:match "^Memory_(.+)$"
    local n = 1
    if handshake then
      handshakes[handshake] = r.address_offset
    elseif memory and not registers[memory] then
      list[#list + 1] = { name = memory, array = true, input = true, output = false, offset = r.address_offset,
                          bytes = r.size or 4, words = ((r.size or 4) + 3) // 4, type = types.of_width(32) }
    else
      n, name = words_of(sorted, i)
      local output = is_output(r)
      list[#list + 1] = { name = name, input = not output, output = output, words = n,
                          [output and "result" or "offset"] = r.address_offset,
                          type = types.of_width(width_of(sorted, i, n, name)) }
    end
    i = i + n
  end
  return list, handshakes
end

--- NAME_i and NAME_o are the two sides of one argument.
local function join_sides(list)
  local by_name, joined = {}, {}
  for _, a in ipairs(list) do by_name[a.name] = a end
  for _, a in ipairs(list) do
    local name, side = a.name:match "^(.+)_([io])$"
    local other = name and not by_name[name] and by_name[name .. (side == "i" and "_o" or "_i")]
    local pair = other and not a.array and not other.array and a.input ~= other.input
                 and a.input == (side == "i")
    if not pair then
      joined[#joined + 1] = a
    elseif side == "i" then
      a.name, a.output, a.result, a.valid = name, true, other.result, other.valid
      joined[#joined + 1] = a
    end
  end
  return joined
end

-- ---- the prototype ------------------------------------------------------------------------------

local SUFFIXES <const> = { "", "_r", "_V", "_r_V" }

local function find(list, name)
  for _, suffix in ipairs(SUFFIXES) do
    for _, a in ipairs(list) do
      if a.name == name .. suffix then return a end
    end
  end
end

local function check_fit(a, p, path)
  local room = a.array and a.bytes or 4 * a.words
  local needed = a.array and types.stride(p.type) * math.max(p.count or 1, 1) or types.size(p.type)
  if needed > room then
    errors.raise("value", "%s: the prototype makes %s %d bytes, its registers have %d", path, p.name, needed, room)
  end
end

--- A parameter says more about an argument.
local function refine(a, p, path, pointers)
  a.name = p.name
  if p.pointer and not a.array and pointers and a.input and not a.output and 32 * a.words >= math.min(pointers, 64) then
    a.pointer, a.const, a.type = true, p.const, p.type
    return
  end
  check_fit(a, p, path)
  a.pointer, a.type = nil, p.type
  if a.array and (p.count or 0) > 0 then a.count = p.count end
end

local function apply(list, text, path, pointers)
  local parsed = prototype.parse(text)
  for _, p in ipairs(parsed.parameters) do
    local a = find(list, p.name)
    if not a then
      local names = {}
      for i, known in ipairs(list) do names[i] = known.name end
      errors.raise("value", "%s: the prototype has %s, the core's registers don't%s", path, p.name,
                   nearest.hint(p.name, names))
    end
    refine(a, p, path, pointers)
  end
  local returned = find(list, "ap_return")
  if returned and parsed.result then
    check_fit(returned, { name = "the result", type = parsed.result }, path)
    returned.type = parsed.result
  end
end

-- ---- all ----------------------------------------------------------------------------------------

--- The widest address an m_axi port has.
---@param parameters table<string, string>
---@return integer|nil bits; nil: the core has no such port
function arguments.address_width(parameters)
  local widest
  for name, value in pairs(parameters) do
    if name:upper():find "^C_M_AXI_.*ADDR_WIDTH$" then
      widest = math.max(widest or 0, math.tointeger(tonumber(value)) or 0)
    end
  end
  return widest
end

--- The arguments of a core in the order of their addresses.
---@param path string for messages
---@param registers table by name, as in ip_dict
---@param parameters table of the IP: its m_axi ports
---@param text? string C prototype
---@return HLSArgument[]
--- Raises `value` when the prototype does not fit the registers.
function arguments.list(path, registers, parameters, text)
  local list, handshakes = collect(registers)
  local pointers = arguments.address_width(parameters)
  for _, a in ipairs(list) do
    a.pointer = pointers and a.input and a.words == 2 and a.type.bits == 64 and "maybe" or nil
    a[a.output and "valid" or "strobe"] = handshakes[a.name]
  end
  list = join_sides(list)
  if text then apply(list, text, path, pointers) end
  return list
end

-- ---- as text ------------------------------------------------------------------------------------

local function parameter_text(a)
  if a.array then
    local count = a.count or a.bytes // types.stride(a.type)
    return ("%s %s[%d]"):format(a.type.name, a.name, count)
  end
  if a.pointer == "maybe" then return "void *" .. a.name end
  local const = a.const and "const " or ""
  return ("%s%s %s%s"):format(const, a.type.name, a.pointer and "*" or a.output and "&" or "", a.name)
end

--- The C prototype: "int add(int a, int b)". Outputs in registers are references, memory is behind
--- pointers.
---@param name string
---@param list HLSArgument[]
---@return string
function arguments.signature(name, list)
  local result, parameters = "void", {}
  for _, a in ipairs(list) do
    if a.name == "ap_return" and not a.input then
      result = a.type.name
    else
      parameters[#parameters + 1] = parameter_text(a)
    end
  end
  return ("%s %s(%s)"):format(result, name, table.concat(parameters, ", "))
end

--- The C type of an argument alone: "float *".
function arguments.type_text(a)
  local text = parameter_text(a)
  return (text:gsub("%s*" .. a.name:gsub("%p", "%%%0") .. "(%[?%d*%]?)$", "%1"))
end

return arguments
