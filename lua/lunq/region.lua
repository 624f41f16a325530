--- A reconfigurable region while it is loaded: kept away from the rest of the design, reset, connected again.
--
-- Who keeps it apart follows from the metadata (host/design/guards.h): DFX decouplers and AXI shutdown managers at
-- the region, by their registers, else by the GPIO line that drives their pin. Those nobody but the logic itself
-- drives do their work without us. A region with none is loaded as it is.
local errors = require "lunq.errors"

local region = {}

local SETTLE_NS <const> = 1000 -- clock crossings of a decoupler take some ten clocks (PG375), a reset 16 (UG1118)

--- A line of the processor's GPIO or of an AXI GPIO: set(level), and close(), after which it keeps its level as
--- far as the system lets it.
local function line_of(ol, line)
  if line.channel then
    local channel, bit = ol[line.path]["channel" .. line.channel], 1 << line.bit
    return { set = function(level) channel:write(level and bit or 0, bit) end, close = function() end }
  end
  local GPIO, pin = require "lunq.gpio", nil
  return {
    set = function(level)
      pin = pin or GPIO(GPIO.get_gpio_pin(line.bit, nil, ol.device), "out", ol.device)
      pin:write(level and 1 or 0)
    end,
    close = function() if pin then pin:release() end end,
  }
end

--- What a guard does, as { path, apart, together }; nil: software has no hand in it.
local function guard_of(ol, guard)
  local entry = ol.ip_dict[guard.path]
  if entry and entry.phys_addr then
    local ip = ol[guard.path]
    local apart = ip[guard.shutdown and "shutdown" or "decouple"]
    local together = ip[guard.shutdown and "release" or "couple"]
    return { path = guard.path, apart = function() apart(ip) end, together = function() together(ip) end }
  end
  if not guard.line then return nil end
  local line = line_of(ol, guard.line)
  return {
    path = guard.path,
    apart = function() line.set(true) ol.device:advance(SETTLE_NS) end,
    together = function() line.set(false) ol.device:advance(SETTLE_NS) line.close() end,
  }
end

--- Transfers end before signals are cut: shutdown managers first.
local function guards_of(ol, found)
  local list = {}
  for _, shutdown in ipairs { true, false } do
    for _, guard in ipairs(found) do
      if guard.shutdown == shutdown then list[#list + 1] = guard_of(ol, guard) end
    end
  end
  return list
end

local function names(guards)
  local list = {}
  for i, guard in ipairs(guards) do list[i] = guard.path end
  return table.concat(list, ", ")
end

local function together(guards)
  for i = #guards, 1, -1 do guards[i].together() end
end

--- All of them, or none: what was asked of the others is taken back.
local function apart(guards)
  for i, guard in ipairs(guards) do
    local ok, e = pcall(guard.apart)
    if not ok then
      for k = i, 1, -1 do pcall(guards[k].together) end
      error(e, 0)
    end
  end
end

local function pulse_reset(ol, reset)
  if not reset then return end
  local line = line_of(ol, reset)
  line.set(not reset.low)
  ol.device:advance(SETTLE_NS)
  line.set(reset.low)
  ol.device:advance(SETTLE_NS)
  line.close()
end

--- Raises an error again with more words.
local function more(e, format, ...)
  if errors.is(e) then e.message = e.message .. format:format(...) end
  error(e, 0)
end

--- Loads a region as one operation: apart, load(), reset, together. When load fails and the region has lost what
--- it had (device.lost), it stays apart, and the error says so; when it still has it, it is connected again.
---@param ol table overlay
---@param path string of the region
---@param load fun() programs it
---@return nil
--- Raises what load raises, and what the drivers of decouplers do.
function region.load(ol, path, load)
  local found = ol.design:guards(path)
  local guards = guards_of(ol, found)
  apart(guards)
  local ok, e = pcall(load)
  if not ok and ol.device.lost then
    more(e, guards[1] and " It stays decoupled (%s): load a partial design that fits." or
         " Nothing keeps it apart: the design has no decoupler for it.", names(guards))
  end
  if not ok then
    pcall(together, guards)
    error(e, 0)
  end
  ok, e = pcall(function()
    pulse_reset(ol, found.reset)
    together(guards)
  end)
  if not ok then more(e, " (%s is loaded, but not connected: %s)", path, names(guards)) end
end

return region
