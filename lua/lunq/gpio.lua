--- lunq.GPIO: a GPIO line of the processor, as an input or an output.
--
--   local GPIO = lunq.GPIO
--   local reset = GPIO(GPIO.get_gpio_pin(0), "out")     -- line 0 into the programmable logic (EMIO)
--   reset:write(1)  reset:off()  reset:toggle()         -- reset:written(): what was written last
--   local ready = GPIO(GPIO.get_gpio_pin(1), "in")
--   print(ready:read())
--   local count, when = ready:wait("rising", 5)         -- edges: "rising", "falling", "both"; wait(5): both
--   ready:wait_for_value(1, 5)                          -- seconds; lunq.time_limit when not said
--   reset:release()                                     -- or local reset <close> = ...
-- The lines a design slices out of the processor's outputs are ol.gpio.NAME, or ip.gpio.PIN for the
-- pins of an IP they lead to: objects like these, of direction "out".
--
-- A line is shared by all who open it in the same direction. It is given back when the last of them
-- releases it, and keeps its level; an output that is taken first is driven low. From the first wait on,
-- edges that come between two waits are kept for the next one. lunq.LED, lunq.Button and lunq.Switch take
-- these lines too. Behaviour: pynq-behaviour.md B6, C24; the C side: bindings/l_gpio.c.
local core = require "lunq.core"
local errors = require "lunq.errors"
local warnings = require "lunq.warnings"

local GPIO = {}

local OWN <const> = { zynqmp_gpio = true, zynq_gpio = true }

--- The chip with a label, or the processor's own; nil when there is none.
local function find_chip(label, device)
  if label ~= nil and type(label) ~= "string" then
    errors.raise("type", "the label of a GPIO chip should be a string, not %s", type(label))
  end
  for _, chip in ipairs(core.gpio_chips(device)) do
    if label and chip.label == label or not label and OWN[chip.label] then return chip end
  end
  return nil
end

--- The same, with PYNQ's warning for a processor it does not know.
local function find_or_warn(label, device)
  local chip = find_chip(label, device)
  if not chip and not label then
    local design = (device or core.active_device()).design
    warnings.warn("resource", "Pynq does not support the CPU Architecture: %s",
                  design and design.arch ~= "" and design.arch or "unknown")
  end
  return chip
end

--- Where the chip is: "sim/gpiochip906". nil when there is no such chip.
---@param label? string of the chip; default: the processor's own
---@param device? userdata the active one when not given
---@return string?
function GPIO.get_gpio_base_path(label, device)
  local chip = find_or_warn(label, device)
  return chip and chip.path
end

--- The number of the chip's first line. nil when there is no such chip.
---@return integer?
function GPIO.get_gpio_base(label, device)
  local chip = find_or_warn(label, device)
  return chip and chip.base
end

--- How many lines the chip has. nil when there is no such chip.
---@return integer?
function GPIO.get_gpio_npins(label, device)
  local chip = find_or_warn(label, device)
  return chip and chip.lines
end

--- The number of a line for GPIO(): line `index` into the programmable logic, or, of a chip with a
--- label, just its line `index`.
---@param index integer from 0
---@param label? string
---@param device? userdata
---@return integer
--- Raises `value` when there is no such chip, with the labels there are (C24).
function GPIO.get_gpio_pin(index, label, device)
  if math.type(index) ~= "integer" or index < 0 then
    errors.raise(type(index) == "number" and "value" or "type", "a GPIO line is a whole number from 0, not %s",
                 tostring(index))
  end
  local chip = find_chip(label, device)
  if chip then return chip.base + index + (label and 0 or chip.emio) end
  local labels = {}
  for i, other in ipairs(core.gpio_chips(device)) do labels[i] = other.label end
  errors.raise("value", "%s has no GPIO chip %s; it has %s", (device or core.active_device()).name,
               label and ('"%s"'):format(label) or "of a processor with programmable logic",
               #labels > 0 and table.concat(labels, ", ") or "none")
end

--- For drivers: what a slice of the processor's outputs (an entry of gpio_dict) is as an object: an
--- output, or lunq.gpio.Group when it is several lines. It is stale when another design is loaded.
---@param entry table { index =, lines = }
---@param device userdata
function GPIO.of_slice(entry, device)
  local n = entry.lines or 1
  local function line(i) return core.gpio(GPIO.get_gpio_pin(i, nil, device), "out", device, true) end
  if n == 1 then return line(entry.index) end
  local list = {}
  for i = 1, n do list[i] = line(entry.index - n + i) end
  return require "lunq.gpio.group"(list)
end

return setmetatable(GPIO, {
  --- Opens a line.
  ---@param index integer number of the line, see get_gpio_pin
  ---@param direction string "in" or "out"
  ---@param device? userdata
  --- Raises `value` "Direction should be in or out.", `attribute` "GPIO already in use in other
  --- direction", `index` for a line that is not there, `permission` "Root permissions required.",
  --- `device` when another program has it.
  __call = function(_, index, direction, device) return core.gpio(index, direction, device, false) end,
  __index = function(_, name)
    errors.raise("attribute", 'lunq.GPIO has no "%s"%s', tostring(name), require "lunq.nearest".hint(name, {
      "get_gpio_base_path", "get_gpio_base", "get_gpio_npins", "get_gpio_pin" }))
  end,
  __tostring = function() return "class lunq.GPIO" end,
  __name = "lunq.GPIO",
})
