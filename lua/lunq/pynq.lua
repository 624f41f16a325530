--- PYNQ's names for LUNQ's things, for people who come from PYNQ and for programs carried over.
--
--   local pynq = require "lunq.pynq"
--   local ol = pynq.Overlay("base.bit")
--   local dma = pynq.lib.dma.DMA                    -- the driver classes, by PYNQ's modules
--
-- | PYNQ                                     | here                                                   |
-- |------------------------------------------|--------------------------------------------------------|
-- | from pynq import Overlay, MMIO, allocate | local Overlay = pynq.Overlay ...                       |
-- | ol.ip.method(x)                          | ol.ip:method(x), a colon for methods                   |
-- | ol.ip.property                           | ol.ip.property                                         |
-- | allocate(shape=(32, 32), dtype='f4')     | allocate({ 32, 32 }, "f4")                             |
-- | buf[0]                                   | buf[1]: elements count from 1; register offsets from 0 |
-- | with allocate(...) as buf:               | local buf <close> = allocate(...)                      |
-- | class D(DefaultIP): bindto = ['v:l:n:1'] | local D = DefaultIP:extend { bindto = { "v:l:n:1" } }  |
-- | super().__init__(description)            | DefaultIP.init(self, description)                      |
-- | @staticmethod checkhierarchy(d)          | function H.checkhierarchy(d), without self             |
-- | raise UnsupportedConfiguration('...')    | pynq.UnsupportedConfiguration("...")                   |
-- | ol.ip_dict['a']['phys_addr']             | ol.ip_dict.a.phys_addr                                 |
-- | ol?  or  print(ol.__doc__)               | print(ol), or print(ol.__doc__) for PYNQ's layout      |
-- | Overlay(f, ignore_version=True)          | Overlay(f, { ignore_version = true })                  |
-- | Device.active_device                     | Device.active_device                                   |
local errors = require "lunq.errors"
local lunq = require "lunq"
local nearest = require "lunq.nearest"

local NAMES <const> = { "Clocks", "DefaultHierarchy", "DefaultIP", "DefaultOverlay", "Device", "DeviceTreeSegment",
                        "GPIO", "Interrupt", "MMIO", "Overlay", "Register", "RegisterMap", "Xlnk", "allocate" }

--- PYNQ's module paths below pynq.lib of the drivers LUNQ has: module -> class -> driver module.
local LIB <const> = {
  axigpio = { AxiGPIO = "drivers.axi_gpio" },
  button = { Button = "lunq.io.button" },
  dma = { DMA = "drivers.axi_dma" },
  iic = { AxiIIC = "drivers.axi_iic" },
  led = { LED = "lunq.io.led" },
  rgbled = { RGBLED = "lunq.io.rgbled" },
  switch = { Switch = "lunq.io.switch" },
  video = { AxiVDMA = "drivers.axi_vdma" },
}

local function unknown(where, name, known)
  errors.raise("attribute", '%s has no "%s"%s', where, tostring(name), nearest.hint(name, known))
end

local function names_of(t)
  local list = {}
  for name in pairs(t) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- A table of driver classes that loads them when they are used.
local function driver_table(where, classes)
  return setmetatable({}, { __index = function(_, name)
    if not classes[name] then unknown(where, name, names_of(classes)) end
    return require(classes[name])
  end })
end

local lib = setmetatable({}, { __index = function(self, name)
  local value
  if LIB[name] then
    value = driver_table("pynq.lib." .. name, LIB[name])
  else
    for _, classes in pairs(LIB) do value = value or classes[name] and require(classes[name]) end
  end
  if value == nil then unknown("pynq.lib", name, names_of(LIB)) end
  rawset(self, name, value)
  return value
end })

local pynq = { lib = lib }

--- Raises `unsupported`, which in a driver's init makes the overlay fall back to DefaultIP.
---@param message string
function pynq.UnsupportedConfiguration(message) errors.raise("unsupported", "%s", message) end

return setmetatable(pynq, { __index = function(self, name)
  for _, known in ipairs(NAMES) do
    if name == known then
      rawset(self, name, lunq[name])
      return lunq[name]
    end
  end
  unknown("lunq.pynq", name, table.move(NAMES, 1, #NAMES, 3, { "lib", "UnsupportedConfiguration" }))
end })
