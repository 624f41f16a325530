--- lunq.Clocks: the clocks the processing system of a Zynq makes, in MHz.
--
--   print(lunq.Clocks)                       -- all of them: asked, actual, error, what they are made of
--   lunq.Clocks.fclk0_mhz = 142              -- the nearest frequency two dividers make; warns above 1 %
--   print(lunq.Clocks.fclk0_mhz, lunq.Clocks.cpu_mhz)
--   lunq.Clocks.set_pl_clk(1, 5, 2)          -- index, dividers; or index, nil, nil, MHz (PYNQ's way)
--   lunq.Clocks[1]:set { mhz = 50, source = "ARM PLL" }
--   lunq.Clocks[1].on = false                -- IP on it answers no more
--   lunq.Clocks(device)                      -- of another device than the active one
--   lunq.Clocks.ref_mhz = 33.333333          -- the crystal, where metadata and device tree don't say it
--
-- Each access reads or writes the hardware, nothing is remembered or mapped in between; only what was
-- asked for last is kept, with the device. A clock has mhz, on, divisor0, divisor1, source, source_mhz,
-- asked_mhz, error (of the actual frequency, as a part of the one asked for); mhz and on can be assigned.
-- Raises `runtime` "Architecture not supported for Clocks" without a Zynq. See host/core/clocks.h.
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local COUNT <const> = 4
local DEFAULT_MHZ <const> = 100.0 -- PYNQ's

-- ---- one clock ----------------------------------------------------------------------------------

local STATE <const> = { "asked_mhz", "divisor0", "divisor1", "error", "mhz", "on", "source", "source_mhz" }
local SET <const> = { divisor0 = "number", divisor1 = "number", mhz = "number", source = "string" }

local function keys_of(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- 100 or 142.857143: six decimals at most, none that say nothing.
local function number(mhz) return (("%.6f"):format(mhz):gsub("0+$", ""):gsub("%.$", "")) end

local function read_state(device, index)
  local state = core.clock_get(device, index)
  state.error = state.asked_mhz and state.mhz / state.asked_mhz - 1
  return state
end

--- "IO PLL 1000 / 5 / 2"
local function made_of(state)
  if not state.source then return "the kernel" end
  return ("%s %s / %d / %d"):format(state.source, number(state.source_mhz), state.divisor0, state.divisor1)
end

local clock_methods = {}

--- Sets a clock; it runs afterwards.
---@param want table { mhz =, divisor0 =, divisor1 =, source = }: dividers that are left out are worked
---   out from mhz; source is a PLL as the metadata name it ("IO PLL", "RPLL")
---@return number mhz what it has now
--- Raises `value` for what can't be, and then nothing has changed.
function clock_methods:set(want)
  if type(want) ~= "table" then errors.raise("type", "set takes a table such as { mhz = 50 }, not %s", type(want)) end
  for key, value in pairs(want) do
    if not SET[key] then
      errors.raise("value", 'A clock has no "%s" to set%s', tostring(key), nearest.hint(key, keys_of(SET)))
    end
    if type(value) ~= SET[key] then
      errors.raise("type", "%s of a clock should be a %s, not %s", key, SET[key], type(value))
    end
  end
  if not want.mhz and not (want.divisor0 and want.divisor1) then
    errors.raise("value", "To set a clock takes mhz, or divisor0 and divisor1.")
  end
  return core.clock_set(self.device, self.index, want.divisor0, want.divisor1, want.mhz, want.source).mhz
end

--- `methods` is what TAB offers at the prompt.
local clock_meta = { __name = "lunq.Clock", methods = { set = clock_methods.set } }
for _, name in ipairs(STATE) do clock_meta.methods[name] = true end

function clock_meta:__index(key)
  if clock_methods[key] then return clock_methods[key] end
  for _, known in ipairs(STATE) do
    if key == known then return read_state(self.device, self.index)[key] end
  end
  errors.raise("attribute", 'A clock has no "%s"%s', tostring(key), nearest.hint(key, STATE))
end

function clock_meta:__newindex(key, value)
  if key == "mhz" then
    self:set { mhz = value }
  elseif key == "on" then
    if type(value) ~= "boolean" then errors.raise("type", "on should be true or false, not %s", type(value)) end
    core.clock_enable(self.device, self.index, value)
  else
    errors.raise("attribute", "%s of a clock can't be assigned; mhz and on can, the rest with :set { ... }",
                 tostring(key))
  end
end

function clock_meta:__tostring()
  local state = read_state(self.device, self.index)
  return ("fclk%d %s MHz = %s%s"):format(self.index, number(state.mhz), made_of(state), state.on and "" or ", off")
end

-- ---- all of a device ----------------------------------------------------------------------------

local methods, meta = {}, { __name = "lunq.Clocks" }

local function device_of(self) return rawget(self, "_device") or core.active_device() end

--- PYNQ's are called with a dot: Clocks.set_pl_clk(0, 5, 2). With a colon it is the same.
local function without_self(self, ...)
  if ... == self then return select(2, ...) end
  return ...
end

--- Sets a PL clock, by its dividers or by its frequency; it runs afterwards.
---@param index integer 0 to 3
---@param div0? integer 1 to 63; left out: worked out from clk_mhz
---@param div1? integer
---@param clk_mhz? number 100 MHz; means nothing when both dividers are given
function methods.set_pl_clk(self, index, div0, div1, clk_mhz)
  local mhz = not (div0 and div1) and (clk_mhz or DEFAULT_MHZ) or nil
  core.clock_set(device_of(self), index, div0, div1, mhz)
end

--- The frequency of a PL clock.
---@param index integer 0 to 3
---@return number mhz
function methods.get_pl_clk(self, index) return core.clock_get(device_of(self), index).mhz end

local function clock(self, index)
  if math.type(index) ~= "integer" or index < 0 or index >= COUNT then
    errors.raise("value", "Valid PL clock index is 0 - 3.")
  end
  return setmetatable({ device = device_of(self), index = index }, clock_meta)
end

local function property_index(key) return type(key) == "string" and tonumber(key:match "^fclk([0-3])_mhz$") or nil end

meta.methods = { cpu_mhz = true, ref_mhz = true, get_pl_clk = methods.get_pl_clk, set_pl_clk = methods.set_pl_clk }
for i = 0, COUNT - 1 do meta.methods[("fclk%d_mhz"):format(i)] = true end

local function unknown(key)
  errors.raise("attribute", 'lunq.Clocks has no "%s"%s', tostring(key), nearest.hint(key, keys_of(meta.methods)))
end

function meta:__index(key)
  if type(key) == "number" then return clock(self, key) end
  if methods[key] then return function(...) return methods[key](self, without_self(self, ...)) end end
  if property_index(key) then return methods.get_pl_clk(self, property_index(key)) end
  if key == "cpu_mhz" then return core.clock_cpu(device_of(self)) end
  if key == "ref_mhz" then return (core.clock_reference(device_of(self))) end
  unknown(key)
end

function meta:__newindex(key, value)
  if key == "ref_mhz" then
    core.clock_reference(device_of(self), value)
  elseif property_index(key) then
    if type(value) ~= "number" then
      errors.raise("type", "%s should be a number of MHz, not %s", key, type(value))
    end
    methods.set_pl_clk(self, property_index(key), nil, nil, value)
  elseif key == "cpu_mhz" then
    errors.raise("attribute", "cpu_mhz can't be assigned: LUNQ does not change the clock it runs on")
  else
    unknown(key)
  end
end

local function new(device)
  if getmetatable(device) ~= "lunq.Device" then
    errors.raise("type", "lunq.Clocks takes a device, not %s", tostring(device))
  end
  return setmetatable({ _device = device }, meta)
end

function meta.__call(_, device) return new(device) end

--- "+0.6036"; "0" when it can't be told from that.
local function percent(part)
  local text = part and ("%+.4f"):format(part * 100) or "-"
  return text:match "^[+-]0%.0000$" and "0" or text
end

local function row(device, index)
  local ok, state = pcall(read_state, device, index)
  if not ok then return ("  fclk%d  %s"):format(index, tostring(state)) end
  return ("  fclk%d  %-11s %-11s %-9s %s%s"):format(index, state.asked_mhz and number(state.asked_mhz) or "-",
    number(state.mhz), percent(state.error), made_of(state),
    state.on and "" or ", off")
end

local function headline(device)
  local ok, cpu = pcall(core.clock_cpu, device)
  if not ok then return ("Clocks of %s: %s"):format(device.name, tostring(cpu)) end
  local mhz, from = core.clock_reference(device)
  return ("Clocks of %s: CPU %s MHz, reference %s MHz (%s)"):format(device.name, number(cpu), number(mhz), from)
end

function meta:__tostring()
  local device = device_of(self)
  local lines = { headline(device) }
  if core.clock_ps(device) then
    lines[2] = "  clock  asked MHz   actual MHz  error %   made of"
    for i = 0, COUNT - 1 do lines[#lines + 1] = row(device, i) end
  end
  return table.concat(lines, "\n")
end

return setmetatable({}, meta)
