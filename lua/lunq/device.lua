--- lunq.Device: the devices of this program.
--
--   for i, device in ipairs(lunq.Device.devices) do print(i, device.name) end
--   lunq.Device.active_device = lunq.Device.devices[2]   -- what is used when none is named
--   local card = lunq.Device.open "sim:zynqmp?seed=7"    -- one more; lunq.Overlay takes the text too
--   local rtl = lunq.Device.open "rtl:build/regs.rtl"    -- a simulated one, with RTL: what lunq rtl build made
--
-- A device has name, kind, loads (full downloads so far), design (what is loaded), memory { bytes, count }, ranges
-- (windows it has by itself, which lunq.MMIO takes by name: "bar0" of a PCI function), needs_bitstream (false where the
-- metadata alone make a design), :banks(), :now() and :advance(ns) (its time), :close(). See bindings/l_device.c.
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local Device = {}

--- Opens a device by its text. `value`: not understood; `device`: there is no such device.
---@param text string "sim", "sim:zynq7000?seed=7", ...
---@return userdata
function Device.open(text) return core.device_open(text) end

--- Kinds of which a text stands for one thing of this machine: a second handle of a card under XRT had buffers and
--- a design of its own, on the same memory, and there is none of a PCI function.
local ONE_ONLY <const> = { xrt = true, pci = true }

--- The device a text stands for: one that is open already where there is only one, else a new one.
---@param text string
---@return userdata
function Device.named(text)
  for _, device in ipairs(core.devices()) do
    if ONE_ONLY[device.kind] and device.name == text then return device end
  end
  return core.device_open(text)
end

--- The open devices in the order they were opened. The first use opens those LUNQ_DEVICE names.
local function devices()
  core.active_device()
  local names, open = core.device_names(), {}
  for _, device in ipairs(core.devices()) do open[device.name] = true end
  for _, name in ipairs(#names > 1 and names or {}) do -- one alone is the active device, whatever its name
    if not open[name] then core.device_open(name) end
  end
  return core.devices()
end

local FIELDS <const> = { active_device = core.active_device, devices = devices }

local function unknown(name)
  errors.raise("attribute", 'lunq.Device has no "%s"%s', tostring(name),
               nearest.hint(name, { "active_device", "devices", "open" }))
end

return setmetatable(Device, {
  __index = function(_, name)
    local get = FIELDS[name] or unknown(name)
    return get()
  end,
  __newindex = function(_, name, value)
    if name ~= "active_device" then
      errors.raise("attribute", "lunq.Device.%s can't be assigned", tostring(name))
    end
    if getmetatable(value) ~= "lunq.Device" then
      errors.raise("type", "active_device should be a device (one of lunq.Device.devices), not %s", type(value))
    end
    core.active_device(value)
  end,
})
