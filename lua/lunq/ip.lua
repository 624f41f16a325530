--- DefaultIP: an IP with an address, and the base class of all IP drivers.
--
--   local Fir = lunq.DefaultIP:extend { bindto = { "acme.com:user:fir:1.0" } }
--   function Fir:init(description)
--     lunq.DefaultIP.init(self, description)
--     self.taps = self:read(0x18)
--   end
--
-- HLS cores also have call, start, auto_restart, array, args and signature, see lunq.hls; kernels of a card
-- call, start, args and signature, see lunq.kernel, and `streams` has the streams between them by port.
-- `interrupts` has lunq.Interrupt objects by pin, which are fields of the IP too unless its driver has
-- something else of that name: ip.interrupts.NAME, ip.NAME; what can't be made is nil, with a warning.
-- `gpio` has the processor's GPIO lines that lead to pins of the IP, as outputs, in the same way:
-- ip.gpio.NAME:on(), ip.NAME. A class may know the registers
-- of IP whose metadata has none: registers = { CTRL = { address_offset = 0, fields = { ... } } }.
---@field fullpath string its path in the design: "group/name"
---@field type string VLNV
---@field phys_addr integer
---@field addr_range integer bytes
---@field parameters table<string,string>
---@field description table all of the entry in ip_dict
---@field device lunq.Device
---@field mmio lunq.MMIO
---@field register_map table<string,lunq.Register> made at first use, see lunq.register_map
---@field interrupts table<string,lunq.interrupt> by pin
---@field gpio table<string,lunq.GPIO> by pin
---@field streams table<string,table> made at first use, see lunq.stream
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local hls = require "lunq.registers.hls"
local nearest = require "lunq.nearest"
local pins = require "lunq.pins"
local registry = require "lunq.registry"

local DefaultIP = Class:extend { __name = "lunq.DefaultIP" }

--- A class made from DefaultIP registers itself; see lunq.registry for who wins.
function DefaultIP.extended(_, class)
  if Class.is_subclass(class, DefaultIP) then registry.add_ip(class) end
end

--- Takes the class out of the registry: overlays built from now on get the driver behind it.
function DefaultIP.unregister(class) return registry.unregister(class) end

--- Opens the IP's registers. A driver's own init calls this first.
---@param description table entry of ip_dict: fullpath, type, phys_addr, addr_range, device, ...
--- Raises `type` when there is no description: init of a subclass did not pass it on.
function DefaultIP:init(description)
  if not Class.is_instance(self, DefaultIP) then
    errors.raise("type", "lunq.DefaultIP.init needs the object, too: lunq.DefaultIP.init(self, description)")
  end
  if type(description) ~= "table" or not description.phys_addr then
    errors.raise("type", "%s needs the description of an IP with an address (an entry of ol.ip_dict)",
                 getmetatable(self).__name)
  end
  self.description = description
  self.fullpath, self.type = description.fullpath, description.type
  self.phys_addr, self.addr_range = description.phys_addr, description.addr_range
  self.parameters = description.parameters or {}
  self.interrupts = pins.interrupts(description.interrupts, description.device)
  self.gpio = pins.gpio(description.gpio, description.device)
  self.device = description.device
  -- bound: the window becomes stale when another design is loaded
  self.mmio = core.mmio(description.phys_addr, description.addr_range, description.device, true)
end

--- Reads the 32-bit register at a byte offset (0 when none is given).
---@param offset? integer bytes
---@return integer
function DefaultIP:read(offset) return self.mmio:read(offset or 0) end

-- What to call instead of write(data), for a driver with a bus behind it.
DefaultIP.sends_with = false

--- Writes a 32-bit register, or a string of bytes.
---@param offset integer bytes
---@param value integer|string
---@return table self
function DefaultIP:write(offset, value)
  local data = type(offset) ~= "number" and offset or value
  if self.sends_with and (type(data) == "string" or type(data) == "table") then
    errors.raise("type", "%s: write(offset, value) writes a register of the IP; data goes out with %s", self.fullpath,
                 self.sends_with)
  end
  self.mmio:write(offset, value)
  return self
end

--- What the IP does, for ol:monitor(), see drivers/README.md: of an HLS core whether it was started and nobody
--- has taken its result yet. Its registers are not asked: a read would take AP_DONE from who waits for it.
---@return table[]|nil rows
function DefaultIP:activity()
  local hls_core = rawget(self, "_hls")
  if not hls_core then return nil end
  return { { state = not hls_core.run and "idle" or hls_core.run.restarts and "restarts" or "started" } }
end

--- Lets an HLS core that was started finish. The overlay calls this before another design is loaded.
function DefaultIP:release()
  if rawget(self, "_hls") then self._hls:finish() end
end

--- Closes the registers; accesses raise from then on. May be repeated. A driver that holds more
--- (buffers, an engine) releases it in its own free and calls this one last.
function DefaultIP:free()
  pins.close(rawget(self, "interrupts"))
  pins.close(rawget(self, "gpio"))
  if rawget(self, "_hls") then self._hls:close() end
  if rawget(self, "_kernel") then self._kernel:close() end
  self.mmio:close()
  for _, source in ipairs(rawget(self, "_sources") or {}) do source:wake() end -- they raise
end

--- The registers of the metadata; when it has none, those the driver's class knows (`registers`, in
--- the shape of ip_dict's) or those known for this kind of IP.
local function make_register_map(self)
  local registers = self.description.registers or {}
  if next(registers) == nil then registers = getmetatable(self).registers or {} end
  local known = require "lunq.side_effects"[self.type]
  if next(registers) == nil and not (known and known.registers) then
    errors.raise("attribute", "register_map only available if the .hwh is provided (%s has no registers "
                 .. "in its metadata); use :read(offset) and :write(offset, value)", self.fullpath)
  end
  return require "lunq.register_map".new(self.mmio, registers, self.type)
end

--- Kernels of a card are called through it (lunq.kernel), other HLS cores through their registers
--- (lunq.hls): the module and the names such an IP has for it. Other IP have none.
local function callable(self)
  local description = rawget(self, "description")
  if description and description.cu_name then return "lunq.kernel", require "lunq.kernel".names end
  local registers = description and description.registers
  if not registers or next(registers) == nil or not hls.recognise(registers, rawget(self, "type")) then
    return nil, {}
  end
  return "lunq.hls", hls.names
end

local function known_names(self)
  local list, class = {}, getmetatable(self)
  for name in pairs(self) do list[#list + 1] = name end
  while class do
    for name in pairs(class) do
      if type(name) == "string" and name:sub(1, 1) ~= "_" then list[#list + 1] = name end
    end
    local meta = getmetatable(class)
    class = meta and meta.__index
  end
  list[#list + 1] = "register_map"
  list[#list + 1] = "streams"
  local description = rawget(self, "description") or {}
  for name in pairs(description.interrupts or {}) do list[#list + 1] = name end
  for name in pairs(select(2, callable(self))) do list[#list + 1] = name end
  for name in pairs(description.gpio or {}) do list[#list + 1] = name end
  return list
end

--- Unknown names raise, so that a typo shows where it is made. Names with a leading underscore are
--- the driver's own business and read as nil until they are set.
function DefaultIP:missing(name)
  if name == "register_map" then
    local map = make_register_map(self)
    rawset(self, "register_map", map)
    return map
  end
  for _, list in ipairs { rawget(self, "interrupts") or false, rawget(self, "gpio") or false } do
    if pins.has(list, name) then return list[name] end
  end
  if name == "streams" then return require "lunq.stream".of_ip(self) end
  local module, names = callable(self)
  if names[name] then return require(module).member(self, name) end
  if hls.names[name] and (rawget(self, "type") or ""):find "^[^:]*:hls:" then
    errors.raise("attribute", '%s has no "%s": the metadata has no registers of this HLS core, only :read(offset) '
                 .. "and :write(offset, value) work", self.fullpath, name)
  end
  if type(name) ~= "string" or name:sub(1, 1) == "_" then return nil end
  if name == "type" and rawget(self, "fullpath") then return nil end -- an IP without a VLNV, as of a model alone
  if not rawget(self, "fullpath") then
    errors.raise("attribute", 'driver %s has no "%s" yet: its init has to call lunq.DefaultIP.init(self, description)',
                 getmetatable(self).__name, name)
  end
  errors.raise("attribute", 'IP %s (driver %s) has no "%s"%s', tostring(rawget(self, "fullpath")),
               getmetatable(self).__name, name, nearest.hint(name, known_names(self)))
end

function DefaultIP:__tostring()
  return ("%s %s (%s) %#x+%#x"):format(getmetatable(self).__name, self.fullpath, self.type or "no VLNV",
                                       self.phys_addr, self.addr_range)
end

return DefaultIP
