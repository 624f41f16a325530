--- Engine: what a driver in Lua needs to let hardware move memory: registers nobody else can close, and
--- holds on the memory until the hardware has stopped.
--
--   self.engine = Engine.open(description, function(mmio) ... stop it, raise when it doesn't ... end)
--   local hold = self.engine:hold(buffer, start, nbytes)
--   self.engine.mmio:write(ADDRESS, hold:address())
--   self.engine:release()          -- the hardware is done with all of it
--   self.engine:close()            -- stops it when it is not done; also when the engine is garbage
--
-- Memory a device may still write is never given back. When the hardware does not stop, its memory is
-- kept, with a warning: lost memory is better than memory that changes by itself.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Engine = Class:extend { __name = "lunq.Engine", mmio = false }

--- Opens the registers of an IP.
---@param description table entry of ip_dict
---@param stop fun(mmio: table) ends whatever is under way; raises when that can't be done
---@return table engine
function Engine.open(description, stop)
  -- The window is made first: finalizers run in the reverse order, so it is open in the engine's.
  local window = core.mmio(description.phys_addr, description.addr_range, description.device, true)
  return Class.make(Engine, { mmio = window, device = description.device, fullpath = description.fullpath,
                              stop_hardware = stop, holds = {} })
end

--- Holds part of a buffer for the device, which must be the engine's.
---@param buffer userdata without gaps
---@param start? integer bytes
---@param nbytes? integer 0: to the end
---@return userdata hold address(), nbytes(), sync_to_device(), sync_from_device()
--- Raises `type`, `value`, `runtime` for what can't be moved as one block.
function Engine:hold(buffer, start, nbytes)
  if not self.mmio then errors.raise("runtime", "%s is closed: use the objects of the loaded overlay.",
                                     self.fullpath) end
  local hold = core.hold(buffer, start, nbytes)
  self.holds[#self.holds + 1] = hold
  if buffer.device ~= self.device then
    hold:release()
    table.remove(self.holds)
    errors.raise("value", "%s is on device %s, the buffer is not: allocate it with { target = device }.",
                 self.fullpath, self.device.name)
  end
  return hold
end

--- True while memory is held.
function Engine:busy() return #self.holds > 0 end

--- Lets go of the memory: all of it, or one hold.
---@param hold? userdata
function Engine:release(hold)
  for i = #self.holds, 1, -1 do
    if not hold or self.holds[i] == hold then
      self.holds[i]:release()
      table.remove(self.holds, i)
    end
  end
end

--- Stops the hardware when memory is held, and lets go of it. The overlay's `release` of a driver.
--- Raises what stopping raises; then the memory stays held.
function Engine:finish()
  if not self.mmio or #self.holds == 0 then return end
  if not core.is_stale(self.mmio) then self.stop_hardware(self.mmio) end -- stale: it is gone
  self:release()
end

--- Does that and closes the registers. May be repeated; never raises.
function Engine:close()
  if not self.mmio then return end
  local ok, failure = pcall(self.finish, self)
  if not ok then
    require "lunq.warnings".warn("resource", "%s does not stop: the memory of its transfer is kept. %s",
                                 self.fullpath, tostring(failure))
  end
  self.mmio:close()
  self.mmio = false
end

Engine.__gc = Engine.close
Engine.__close = Engine.close

return Engine
