--- What stood at which address, for the reports of `lunq test`: the IP of each design that was loaded, with
-- their registers, as the overlays knew them. It outlives overlays and devices, and keeps neither.
local core = require "lunq.core"
local loaded = require "lunq.loaded"
local register_map = require "lunq.register_map"

local designs = {}

local known = {} -- [serial of the device] = { [loads] = { file =, overlay =, ips = { path, base, size, ... } } }

--- The registers of an IP for register_map.specifications, as lunq.ip chooses them.
local function registers_of(description)
  local registers = description.registers or {}
  if next(registers) == nil and description.driver then registers = description.driver.registers or {} end
  return registers
end

--- Scripts may put into the dictionaries what they like.
local function has_range(base, size) return math.type(base) == "integer" and math.type(size) == "integer" end

local function ips_of(overlay)
  local list = {}
  for path, d in pairs(overlay.ip_dict) do
    if has_range(d.phys_addr, d.addr_range) then
      list[#list + 1] = { path = path, base = d.phys_addr, size = d.addr_range, type = d.type,
                          registers = registers_of(d) }
    end
  end
  for path, d in pairs(overlay.mem_dict) do
    if has_range(d.base_address, d.size) and not d.bank then
      list[#list + 1] = { path = path, base = d.base_address, size = d.size, registers = {} }
    end
  end
  table.sort(list, function(a, b) return a.base < b.base end)
  return list
end

-- Who wants to know: before() is called when what an overlay has just loaded is about to be noted, after(design)
-- when it was.
local before, after = function() end, function() end

local function note(device, overlay)
  local of_device = known[device.serial] or {}
  local design = {
    file = overlay.bitfile_name:match "[^/]*$", ips = ips_of(overlay),
    overlay = setmetatable({ overlay }, { __mode = "v" }),
  }
  before()
  known[device.serial], of_device[device.loads] = of_device, design
  after(design)
end

--- Begins to note what is loaded.
function designs.start() loaded.observe(note) end

--- Calls one function before each design that is noted, and another one with it.
function designs.watch(f, g) before, after = f, g end

--- Forgets all but what each open device has now.
function designs.forget_old()
  local open = {}
  for _, device in ipairs(core.devices()) do open[device.serial] = device.loads end
  for serial, of_device in pairs(known) do
    local now = open[serial]
    known[serial] = now and { [now] = of_device[now] } or nil
  end
end

--- What a device had when it had loaded so many designs.
---@return table|nil design { file, overlay (a weak list), ips }
function designs.of(serial, loads) return known[serial] and known[serial][loads] end

--- The IP at an address.
---@param design table|nil
---@param address integer
---@return table|nil ip { path, base, size, type, registers, specs }
function designs.ip(design, address)
  for _, ip in ipairs(design and design.ips or {}) do
    if address >= ip.base and address - ip.base < ip.size then
      ip.specs = ip.specs or register_map.specifications(ip.registers, ip.type)
      return ip
    end
  end
end

--- The register at an offset of an IP.
---@return table|nil spec see register_map.specifications
---@return integer index bytes from its beginning
function designs.register(ip, offset)
  for _, spec in ipairs(ip.specs) do
    local bytes = spec.bytes or (spec.width or 32) // 8
    if offset >= spec.offset and offset - spec.offset < bytes then return spec, offset - spec.offset end
  end
  return nil, 0
end

return designs
