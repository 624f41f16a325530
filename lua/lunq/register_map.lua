--- Register maps: an IP's registers and fields by name.
--
--   local rm = ip.register_map
--   rm.CTRL.AP_START = 1        -- one field: read, change, write; pending write-1-to-clear bits stay
--   rm.CTRL = 0x81              -- the whole register
--   rm.CTRL = { AP_START = 1, AUTO_RESTART = 1 }   -- several fields, one read and one write
--   rm.CTRL:get(), rm.CTRL[7], rm.CTRL:bits(7, 4)
--   rm:set { a = 3, b = 4 }     -- several registers, in address order
--   rm.Memory_lut[1] = 7        -- an array of an HLS core, see lunq.register_array
--   print(rm)                   -- all of them; never reads what a read would change
--
--   rm:table()                  -- the same as a table: offset, name, value, fields that are not 0
-- Registers win over the methods set, names, table and values; register_map.set(rm, ...) always works.
local core = require "lunq.core"
local errors = require "lunq.errors"
local hls = require "lunq.registers.hls"
local nearest = require "lunq.nearest"
local register_array = require "lunq.register_array"
local side_effects = require "lunq.side_effects"

local register_map = {}

-- What belongs to each map: the map itself is an empty proxy, so that every assignment is seen.
local private = setmetatable({}, { __mode = "k" })
local EFFECTS <const> = { oneToClear = true, oneToSet = true, oneToToggle = true, zeroToClear = true,
                          zeroToSet = true, zeroToToggle = true }

--- A name of the metadata as an identifier: PYNQ puts r before a digit and _ for other characters.
local function identifier(name)
  return (name:gsub("[^%w_]", "_"):gsub("^%d", "r%0"))
end

--- The same, made different from those in `used`.
local function unique(name, used)
  local id, n = identifier(name), 1
  while used[id] do
    n = n + 1
    id = identifier(name) .. "_" .. n
  end
  used[id] = true
  return id
end

--- The entries of a dictionary as a list in the order of `key`, then of the names.
local function in_order(entries, key)
  local list = {}
  for name, entry in pairs(entries) do list[#list + 1] = { name, entry } end
  table.sort(list, function(a, b)
    local x, y = a[2][key] or 0, b[2][key] or 0
    if x ~= y then return x < y end
    return a[1] < b[1]
  end)
  return list
end

--- The known field that holds this bit.
local function known_field(known, bit)
  for _, f in ipairs(known and known.fields or {}) do
    if bit >= f.bit_offset and bit < f.bit_offset + f.bit_width then return f end
  end
end

--- Fields for core.register_at, the bits of `act` that the metadata names, and whether it says that a read acts.
local function make_fields(fields, width, known, field_access)
  local list, used, act, read_acts = {}, {}, 0, false
  for _, entry in ipairs(in_order(fields or {}, "bit_offset")) do
    local name, f = entry[1], entry[2]
    local low = f.bit_offset
    local n = math.min(f.bit_width, width - low)
    if n > 0 then
      local k = known_field(known, low)
      local access = k and k.access or field_access or f.access
      list[#list + 1] = { name = unique(name, used), bit_offset = low, bit_width = n, access = access, go = k and k.go }
      if EFFECTS[f.write_effect] then act = act | (n < 64 and (1 << n) - 1 or -1) << low end
      read_acts = read_acts or f.read_action ~= nil
    end
  end
  return list, act, read_acts
end

local function width_of(name, register)
  local size = register.size or 32
  if size <= 32 then return 32 end
  if size <= 64 then return 64 end
  core.warn("user", ("Unsupported register size %d for register %s"):format(size, name))
end

--- The argument of core.register_at for a register of the metadata; nil when it is left out. `reads_known`: what
--- reads do is known better than from the metadata.
local function from_metadata(name, register, change, reads_known)
  local width = width_of(name, register)
  if not width then return nil end
  local fields, act, read_acts = make_fields(register.fields, width, change, change.field_access)
  return {
    name = name, offset = register.address_offset, width = width,
    access = change.access or register.access, act = act | (change.act or 0), absent = register.enabled == false,
    unread = change.unread or read_acts and not reads_known and "a read changes it" or nil, fields = fields,
    reset = change.reset or register.reset, go = change.go,
  }
end

--- An array of an HLS core, see lunq.register_array; its size is in bytes.
local function array_of(name, register)
  if not name:find "^Memory_" then return nil end
  return { name = identifier(name), offset = register.address_offset, bytes = register.size or 4 }
end

--- All registers for core.register_at: from the metadata where there is any, else from the table for
--- this kind of IP. The second result says whether reading them is known to be harmless.
---@param registers table as for register_map.new
---@param vlnv? string
---@return table[] list { name, offset, width, access, fields, ... }, or { name, offset, bytes } for an array
---@return boolean harmless
function register_map.specifications(registers, vlnv)
  local known = side_effects[vlnv]
  if next(registers) == nil then return known and known.registers or {}, true end
  local is_hls = not known and hls.recognise(registers, vlnv)
  local list, used = {}, {}
  for _, entry in ipairs(in_order(registers, "address_offset")) do
    local name, register = entry[1], entry[2]
    local change = known and known.by_offset[register.address_offset]
                   or is_hls and hls.override(name, register) or {}
    local spec = is_hls and array_of(name, register) or from_metadata(unique(name, used), register, change,
                                                                              known or is_hls)
    list[#list + 1] = spec
    if spec and known and not known.by_offset[spec.offset] then
      spec.unread = spec.unread or "what a read does is not known"
    end
  end
  return list, known ~= nil or is_hls
end

--- One line of the map's text; nil for a register that this configuration does not have.
local function line(self, name)
  local register = self.registers[name]
  local info = register:info()
  if info.access == "absent" then return nil end
  if not self.harmless then
    return ("  %s = <not read: at 0x%x, what a read does is not known>"):format(name, info.offset)
  end
  local text = tostring(register)
  return ("  %s = %s"):format(name, text:match "^Register%((<.*>)%)$" or text)
end

--- A line about the registers that are not there: by name when they are few.
local function absent_line(names)
  if #names > 8 then
    return ("  (%d more registers are not in this configuration)"):format(#names)
  end
  return "  (not in this configuration: " .. table.concat(names, ", ") .. ")"
end

--- PYNQ's form, by address.
local function to_text(map)
  local self, lines, absent = private[map], {}, {}
  for _, name in ipairs(self.names) do
    local text = line(self, name)
    if text then lines[#lines + 1] = text else absent[#absent + 1] = name end
  end
  local text = table.concat(lines, ",\n")
  if #absent > 0 then text = text .. (#lines > 0 and "\n" or "") .. absent_line(absent) end
  return ("RegisterMap {\n%s\n}"):format(text)
end

local function unknown(self, name)
  errors.raise("attribute", '%s has no register "%s"%s', self.title, tostring(name),
               nearest.hint(name, self.names))
end

--- The names of all registers by address.
---@return string[]
function register_map.names(map)
  return table.move(private[map].names, 1, #private[map].names, 1, {})
end

local function set_register(register, value)
  if type(register) == "table" then return register:set(value) end
  core.register.set(register, value)
end

--- What a map is made of, for those who do more with registers than it does.
---@return userdata mmio
---@return table[] specifications by address, see register_map.specifications
--- Raises `type` for what is no register map.
function register_map.contents(map)
  local self = private[map]
  if not self then errors.raise("type", "an IP or a register map is needed, not %s", type(map)) end
  local list = {}
  for i, name in ipairs(self.names) do list[i] = self.specs[name] end
  return self.mmio, list
end

--- Writes registers, each an integer or a table of fields, in the order of their addresses.
---@param values table { NAME = value or { FIELD = value } }
---@return table map
function register_map.set(map, values)
  local self = private[map]
  for name in pairs(values) do
    if not rawget(self.registers, name) then unknown(self, name) end
  end
  for _, name in ipairs(self.names) do
    if values[name] ~= nil then set_register(self.registers[name], values[name]) end
  end
  return map
end

--- Reads what print shows: { NAME = value, ... }; without those a print would not read.
---@return table
function register_map.values(map)
  local self, result = private[map], {}
  for _, name in ipairs(self.names) do
    local info = self.registers[name]:info()
    local readable = info.access == "read-write" or info.access == "read-only"
    if self.harmless and readable and not info.unread then
      result[name] = self.registers[name]:get()
    end
  end
  return result
end

--- The fields of a value that are not 0, in the order of the bits; "" for a register that is one number.
---@param spec table see register_map.specifications
---@param value integer
---@param written? boolean the value was written: then fields that can't be read count too
---@return string
function register_map.fields_text(spec, value, written)
  local parts = {}
  for _, f in ipairs(spec.fields or {}) do
    if f.bit_width >= (spec.width or 32) then return "" end
    local v = value >> f.bit_offset & (1 << f.bit_width) - 1
    if v ~= 0 and (written or f.access ~= "write-only") then parts[#parts + 1] = ("%s=%d"):format(f.name, v) end
  end
  return table.concat(parts, " ")
end

--- A register as a line for people: "0x00010002  Idle=1 IRQThresholdSts=1". One read.
---@return string
function register_map.line(register)
  local info, value, fields = core.register.info(register), core.register.get(register), {}
  for i, name in ipairs(info.fields) do
    local f = info.fields[name]
    fields[i] = { name = name, bit_offset = f.bit_offset, bit_width = f.bit_width, access = f.access }
  end
  local text = register_map.fields_text({ fields = fields, width = info.width }, value)
  return (("0x%%0%dx  %%s"):format(info.width // 4):format(value, text):match "^(.-)%s*$")
end

--- The map as a table for people: offset, name, value, and the fields that are not 0. Reads what print
--- reads.
---@return string
function register_map.table(map)
  local self, values, lines, absent, width, digits = private[map], register_map.values(map), {}, {}, 0, 2
  for _, name in ipairs(self.names) do
    width = math.max(width, #name)
    digits = math.max(digits, #("%x"):format(self.registers[name]:info().offset))
  end
  for _, name in ipairs(self.names) do
    local info, value = self.registers[name]:info(), values[name]
    if info.access == "absent" then
      absent[#absent + 1] = name
    else
      local fields = value and register_map.fields_text(self.specs[name], value)
      local shown = value and ("0x%%0%dx  %%s"):format(info.width // 4):format(value, fields)
                    or "not read: " .. (info.unread or info.access == "write-only" and "write-only"
                                        or "what a read does is not known")
      local text = ("  0x%%0%dx  %%-%ds  %%s"):format(digits, width):format(info.offset, name, shown)
      lines[#lines + 1] = text:match "^(.-)%s*$"
    end
  end
  if #absent > 0 then lines[#lines + 1] = absent_line(absent) end
  return table.concat(lines, "\n")
end

local METHODS <const> = { names = register_map.names, set = register_map.set, table = register_map.table,
                          values = register_map.values }

local function metatable(self)
  local registers = self.registers
  setmetatable(registers, { __index = function(_, name)
    return METHODS[name] or unknown(self, name)
  end })
  return {
    __index = registers, -- a table, so that rm.CTRL costs one look-up
    __newindex = function(_, name, value)
      local register = rawget(registers, name)
      if not register then unknown(self, name) end
      set_register(register, value)
    end,
    __tostring = to_text,
    __pairs = function()
      local i = 0
      return function()
        i = i + 1
        return self.names[i], self.names[i] and registers[self.names[i]]
      end
    end,
    __name = "lunq.RegisterMap", __metatable = "lunq.RegisterMap",
  }
end

--- The names a map of these registers has, with those of the fields: for completion, which must not
--- make one.
---@param registers table as for register_map.new
---@param vlnv? string
---@return table names { REGISTER = { FIELD = true, ... }, ... }
function register_map.layout(registers, vlnv)
  local layout = {}
  for _, spec in ipairs((register_map.specifications(registers, vlnv))) do
    local fields = {}
    for _, field in ipairs(spec.fields or {}) do fields[field.name] = true end
    layout[spec.name] = fields
  end
  return layout
end

--- Makes the register map of an IP.
---@param mmio userdata its window
---@param registers table as in ip_dict[name].registers: { NAME = { address_offset, size, access, fields } }
---@param vlnv? string its type; decides what is known about side effects
---@return table map
function register_map.new(mmio, registers, vlnv)
  if type(registers) ~= "table" then
    errors.raise("type", "registers should be a table, not %s", type(registers))
  end
  local list, harmless = register_map.specifications(registers, vlnv)
  local self = { registers = {}, specs = {}, names = {}, harmless = harmless, mmio = mmio,
                 title = "the register map" .. (vlnv and " of " .. vlnv or "") }
  for i, spec in ipairs(list) do
    self.names[i], self.specs[spec.name] = spec.name, spec
    self.registers[spec.name] = spec.bytes and register_array.new(mmio, spec) or core.register_at(mmio, spec)
  end
  local map = setmetatable({}, metatable(self))
  private[map] = self
  return map
end

return register_map
