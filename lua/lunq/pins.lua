--- The interrupts or the GPIO lines of one IP by pin: objects made at first use, nil when there is no
-- such pin.
--   ip.interrupts.s2mm_introut:wait()      for name, irq in pairs(ip.interrupts) do ... end
local warnings = require "lunq.warnings"

local ENTRIES <const>, MAKE <const>, DEVICE <const>, MADE <const> = {}, {}, {}, {} -- keys of nobody else

local meta = { __name = "lunq.Pins" }

function meta:__index(name)
  local entry = rawget(self, ENTRIES)[name]
  if entry == nil then return nil end
  local made = rawget(self, MADE)
  if made[name] == nil then made[name] = rawget(self, MAKE)(entry, rawget(self, DEVICE)) or false end
  return made[name] or nil
end

function meta.__newindex()
  local errors = require "lunq.errors"
  errors.raise("attribute", "the interrupts and GPIO lines of an IP come from its design and can't be assigned")
end

function meta:__pairs()
  local names, i = {}, 0
  for name in pairs(rawget(self, ENTRIES)) do names[#names + 1] = name end
  table.sort(names)
  return function()
    i = i + 1
    return names[i], names[i] and self[names[i]]
  end
end

--- "Pins: s2mm_introut, mm2s_introut", "Pins (none)"
function meta:__tostring()
  local names = {}
  for name in pairs(rawget(self, ENTRIES)) do names[#names + 1] = name end
  if #names == 0 then return "Pins (none)" end
  table.sort(names)
  return "Pins: " .. table.concat(names, ", ")
end

--- An interrupt that can't be made is nil, with PYNQ's warning, once.
local function make_interrupt(entry, device)
  local ok, result = pcall(require "lunq.interrupt", entry, device)
  if ok then return result end
  warnings.warn("user", "Interrupt %s not created: %s", entry.fullpath, tostring(result))
  return nil
end

local function make_gpio(entry, device) return require "lunq.gpio".of_slice(entry, device) end

local pins = {}

local function new(entries, make, device)
  return setmetatable({ [ENTRIES] = entries or {}, [MAKE] = make, [DEVICE] = device, [MADE] = {} }, meta)
end

---@param entries table|nil pin -> entry of interrupt_pins
---@param device userdata
function pins.interrupts(entries, device) return new(entries, make_interrupt, device) end

---@param entries table|nil pin -> entry of gpio_dict
---@param device userdata
function pins.gpio(entries, device) return new(entries, make_gpio, device) end

--- Whether there is a pin of this name, without making its object.
function pins.has(list, name)
  return getmetatable(list) == meta and rawget(list, ENTRIES)[name] ~= nil
end

--- Lets go of all that were made. Anything but such a list is left alone.
function pins.close(list)
  if getmetatable(list) ~= meta then return end
  for _, object in pairs(rawget(list, MADE)) do
    if object then object:close() end
  end
end

return pins
