--- `lunq new driver`: a driver class with methods for the registers of an IP, and its spec.
local core = require "lunq.core"
local errors = require "lunq.errors"
local hls = require "lunq.new.hls"
local nearest = require "lunq.nearest"
local text = require "lunq.new.text"
local warnings = require "lunq.warnings"

local driver = {}

local CLASS <const> = [[
--- Driver of $(vlnv).
$(origin)local lunq = require "lunq"

---@class $(class): lunq.ip
local $(class) = lunq.DefaultIP:extend {$(open)__name = "$(class)", bindto = { $(quoted) }$(fields)}

$(offsets)function $(class):init(description) -- an entry of ol.ip_dict
  lunq.DefaultIP.init(self, description) -- opens self.mmio; self.register_map is there too
end

$(methods)return $(class)
]]

local EXAMPLE <const> = [[
--- An example: registers are read and written by byte offset.
function $(class):get_value() return self:read(0x10) end

function $(class):set_value(value) self:write(0x10, value) end

]]

local SPEC <const> = [[
-- Spec of $(file), on the simulated device:
--   lunq test $(spec)
-- With another device in Overlay's options it runs on a board.
describe("the driver of $(vlnv)", function()
  local lunq = require "lunq"
  local here = debug.getinfo(1, "S").source:match "^@(.*/)" or ""
$(setup)
  it("is used for its type", function()
    assert.equal("$(class)", getmetatable(ip).__name)
    assert.equal($(type), ip.type)
  end)
$(tests)end)
]]

local IN_DESIGN <const> = [[
  local ol, ip

  before_each(function()
    ol = lunq.Overlay(here .. $(hwh), { device = "sim" })
    ip = ol:ip $(path)
  end)
  after_each(function()
    ol:free()
    ol, ip = nil, nil -- a device of its own for each test: the last one goes too
  end)
]]

-- Without a file the design is described here, and the driver bound by running its file.
local DESCRIBED <const> = [[
  local Driver, ol, ip

  before_each(function()
    Driver = dofile(here .. $(driver))
    ol = lunq.Overlay({
      arch = "zynq",
      ip = { unit = { vlnv = $(type), address = 0x43C00000 } },
    }, { device = "sim" })
    ip = ol.unit
  end)
  after_each(function()
    ol:free()
    ol, ip = nil, nil -- a device of its own for each test: the last one goes too
    Driver:unregister()
  end)
]]

local READS <const> = [[

  it("reads its registers", function()
    for _, name in ipairs { $(names) } do
      assert.equal("integer", math.type(ip["get_" .. name](ip)), name)
    end
  end)
]]

local KEEPS <const> = [[

  it("keeps what is written to $(name)", function()
    ip:set_$(name)(1)
    assert.equal(1, ip:get_$(name)())
  end)
]]

-- ---- registers ----------------------------------------------------------------------------------

local function list_types(dictionaries)
  local list, seen = {}, {}
  for _, ip in pairs(dictionaries.ip_dict) do
    if ip.type and ip.phys_addr and not seen[ip.type] then
      seen[ip.type] = true
      list[#list + 1] = ip.type
    end
  end
  table.sort(list)
  return list
end

--- The IP of this type in a design: with a version exactly that type, without one any version.
local function find_ip(dictionaries, vlnv, file)
  local paths = {}
  for path, ip in pairs(dictionaries.ip_dict) do
    local same = ip.type == vlnv or (ip.type and ip.type:match "^(.*):[^:]*$" == vlnv)
    if same and ip.phys_addr then paths[#paths + 1] = path end
  end
  table.sort(paths)
  if paths[1] then return paths[1], dictionaries.ip_dict[paths[1]] end
  local types = list_types(dictionaries)
  errors.raise("io", "%s has no IP of type %s%s", text.line(file, 200), text.line(vlnv), types[1] and
               (nearest.hint(vlnv, types) .. "\nIts types: " .. text.line(table.concat(types, ", "), 2000)) or ".")
end

--- The registers of an IP: from the design, else what LUNQ knows about its type.
local function registers_of(ip)
  if next(ip.registers or {}) then return ip.registers end
  local known, registers = require "lunq.side_effects"[ip.type], {}
  for _, r in ipairs(known and known.registers or {}) do
    local fields = {}
    for _, f in ipairs(r.fields) do fields[f.name] = f end
    registers[r.name] = { address_offset = r.offset, access = r.access, fields = fields, description = "" }
  end
  return registers
end

--- The registers one 32-bit access reaches, by offset, with names that can be used in Lua.
local function usable(registers)
  local list, used = {}, {}
  for name, r in pairs(registers) do
    if r.enabled ~= false and (r.size or 32) <= 32 and r.address_offset % 4 == 0
       and not name:upper():find "^RESERVED" then
      list[#list + 1] = { name = name, r = r }
    end
  end
  table.sort(list, function(a, b)
    if a.r.address_offset ~= b.r.address_offset then return a.r.address_offset < b.r.address_offset end
    return a.name < b.name
  end)
  for _, item in ipairs(list) do
    local id, n = text.identifier(item.name), 1
    while used[id] do
      n = n + 1
      id = text.identifier(item.name) .. "_" .. n
    end
    used[id] = true
    item.id = id
    item.reads, item.writes = item.r.access ~= "write-only", item.r.access ~= "read-only"
  end
  return list
end

local function field_list(fields)
  local list = {}
  for name, f in pairs(fields or {}) do
    if not name:upper():find "^RESERVED" then list[#list + 1] = { name = name, at = f.bit_offset, n = f.bit_width } end
  end
  table.sort(list, function(a, b) return a.at < b.at or (a.at == b.at and a.name < b.name) end)
  for i, f in ipairs(list) do
    list[i] = f.n == 1 and ("%s[%d]"):format(f.name, f.at) or ("%s[%d:%d]"):format(f.name, f.at + f.n - 1, f.at)
  end
  return list
end

local function comment(item)
  local r = item.r
  local description = text.line(r.description or "")
  local lines = { "--- " .. text.line(item.name) .. (description ~= "" and ": " .. description or "") }
  local fields = field_list(r.fields)
  if #fields > 1 then lines[2] = text.wrap("-- Fields: ", "--   ", fields) end
  return table.concat(lines, "\n")
end

local function accessors(class, list)
  local out = {}
  for _, item in ipairs(list) do
    out[#out + 1] = comment(item)
    if item.reads then
      out[#out + 1] = ("function %s:get_%s() return self:read(OFFSET.%s) end"):format(class, item.id, item.id)
    end
    if item.writes then
      out[#out + 1] = ("function %s:set_%s(value) self:write(OFFSET.%s, value) end"):format(class, item.id, item.id)
    end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n") .. "\n"
end

local function offsets(list)
  local out = { "local OFFSET <const> = { -- bytes" }
  for _, item in ipairs(list) do out[#out + 1] = ("  %s = 0x%02x,"):format(item.id, item.r.address_offset) end
  out[#out + 1] = "}\n\n"
  return table.concat(out, "\n")
end

-- ---- what the spec can ask for ------------------------------------------------------------------

--- Whether a register is plain: nothing happens by reading or writing it, as far as the design says.
local function is_plain(item)
  if not (item.reads and item.writes) then return false end
  for name, f in pairs(item.r.fields or {}) do
    if name:find "^AP_" or (f.access ~= nil and f.access ~= "read-write") then return false end
    if f.effect or (f.write_effect and f.write_effect ~= "modify") then return false end
  end
  return true
end

--- Identifiers as the inside of a table, some to a line.
local function quoted_list(names)
  local parts, width = {}, 0
  for i, name in ipairs(names) do
    local last = i == #names
    width = width + #name + 4
    local wrap = not last and width > 70
    parts[i] = ('"%s"%s'):format(name, last and "" or wrap and ",\n                           " or ", ")
    width = wrap and 0 or width
  end
  return table.concat(parts)
end

--- Asks the simulated device which registers answer and which one keeps a 1, with whatever model it
--- has for the IP: the spec then states what is so.
---@param design string|table what lunq.Overlay takes
---@return string[] readable identifiers
---@return string|nil keeps an identifier
---@return boolean served LUNQ has a driver of its own for this IP
local function try_registers(design, path, list)
  local card <close> = core.device_open "sim"
  local ol = require "lunq".DefaultOverlay(design, { device = card })
  local ip, readable, keeps = ol.ip_dict[path], {}, nil
  local mmio <close> = core.mmio(ip.phys_addr, ip.addr_range, card)
  for _, item in ipairs(list) do
    local offset = item.r.address_offset
    if item.reads and pcall(mmio.read, mmio, offset) then readable[#readable + 1] = item.id end
    if not keeps and is_plain(item) and pcall(mmio.write, mmio, offset, 1) then
      local fine, value = pcall(mmio.read, mmio, offset)
      keeps = fine and value == 1 and item.id or nil
    end
  end
  local served = ip.driver ~= nil and ip.driver ~= require "lunq".DefaultIP
  ol:free()
  return readable, keeps, served
end

--- The example in a driver without registers, as an entry of a list of them.
local VALUE <const> = { id = "value", r = { address_offset = 0x10 }, reads = true, writes = true }

--- Adds tests of these registers to the spec. An empty list: of the example.
---@return boolean served
local function add_tests(values, design, path, list)
  local readable, keeps, served
  local only_example = not list[1]
  warnings.capture(function()
    readable, keeps, served = try_registers(design, path, only_example and { VALUE } or list)
  end)
  if readable[1] and not (only_example and keeps) then
    values.tests = text.fill(READS, { names = quoted_list(readable) })
  end
  if keeps then values.tests = values.tests .. text.fill(KEEPS, { name = keeps }) end
  return served
end

-- ---- both files ---------------------------------------------------------------------------------

local function check_vlnv(vlnv)
  if vlnv:find "^[%w_.+-]+:[%w_.+-]+:[%w_.+-]+$" or vlnv:find "^[%w_.+-]+:[%w_.+-]+:[%w_.+-]+:[%w_.+-]+$" then
    return
  end
  error(errors.new("value", text.line(vlnv) .. " is no type of an IP. It looks like vendor:library:name:version, "
                   .. "for example acme.com:user:scaler:1.0; lunq info FILE shows those of a design.",
                   { usage = true }), 0)
end

--- An HLS core is a function: no register has a method, and the simulated device is asked whether it ends.
---@return boolean served
local function from_hls_core(values, hls_core, file, path)
  values.open = "\n  "
  values.fields, values.methods = hls.class(hls_core, values.class)
  local card <close> = core.device_open "sim"
  local served
  warnings.capture(function()
    local lunq = require "lunq"
    local ol = lunq.DefaultOverlay(file, { device = card })
    local driver_class = ol.ip_dict[path].driver
    served = driver_class ~= nil and driver_class ~= lunq.DefaultIP
    values.tests = hls.tests(hls_core, lunq.DefaultIP(ol.ip_dict[path]), card)
    ol:free()
  end)
  return served
end

--- Registers, and the part of the spec that opens the design, from a file.
---@return boolean served
local function from_design(values, vlnv, file)
  local dictionaries = core.design_read(file):dictionaries()
  if dictionaries.partial then
    errors.raise("unsupported", "%s is a part of a design, without a processor: name the whole one.", file)
  end
  local path, ip = find_ip(dictionaries, vlnv, file)
  local list, hwh = usable(registers_of(ip)), select(2, text.split(file))
  values.type, values.path, values.hwh = text.quoted(ip.type), text.quoted(path), text.quoted(hwh)
  values.origin = ("-- Registers of %s in %s.\n"):format(text.line(path), text.line(hwh))
  values.setup = text.fill(IN_DESIGN, values)
  local hls_core = hls.look(ip)
  if hls_core then return from_hls_core(values, hls_core, file, path) end
  if list[1] then values.offsets, values.methods = offsets(list), accessors(values.class, list) end
  return add_tests(values, file, path, list)
end

--- The same without a file.
local function described(values, vlnv)
  local type = select(2, vlnv:gsub(":", "")) == 3 and vlnv or vlnv .. ":1.0"
  values.type = text.quoted(type)
  values.setup = text.fill(DESCRIBED, values)
  return add_tests(values, { arch = "zynq", ip = { unit = { vlnv = type, address = 0x43C00000 } } }, "unit", {})
end

--- What to say when the file of the overlay has a driver for the type, or nil: it would be loaded after ours.
local function custom_driver(file, vlnv)
  local path = file:gsub("%.[^./]*$", "") .. ".lua"
  local f <close> = io.open(path)
  if not (f and f:read "a":find(vlnv, 1, true)) then return nil end
  return ("%s speaks of this type, too. When it has a driver for it, only one of the two is used: take a bindto out.\n")
         :format(path)
end

--- The files of a new driver.
---@param vlnv string with or without the version
---@param file? string a design to take the registers from
---@return table skeleton { files = { { path, text } }, advice }
--- Raises `value` for what is no VLNV, `io` when the design has no such IP, and what reading it raises.
function driver.make(vlnv, file)
  check_vlnv(vlnv)
  local name = text.identifier(vlnv:match "^[^:]+:[^:]+:([^:]+)")
  local folder = file and text.split(file) or "."
  local class = text.class_name(name)
  local values = {
    vlnv = vlnv, class = class, quoted = text.quoted(vlnv), file = name .. "_driver.lua",
    driver = text.quoted(name .. "_driver.lua"), spec = name .. "_driver_spec.lua", origin = "", offsets = "",
    open = " ", fields = " ",
    methods = text.fill(EXAMPLE, { class = class }), tests = "",
  }
  local served
  if file then served = from_design(values, vlnv, file) else served = described(values, vlnv) end
  local spec = text.join(folder, values.spec)
  local beside = file and custom_driver(file, vlnv)
  return {
    files = { { path = text.join(folder, values.file), text = text.fill(CLASS, values) },
              { path = spec, text = text.fill(SPEC, values) } },
    advice = (beside or served and "It takes the place of the driver there is for this type.\n" or "")
             .. "Try it: lunq test " .. text.shell(spec),
  }
end

return driver
