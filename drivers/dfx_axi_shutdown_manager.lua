--- DFX AXI Shutdown Manager 1.0 (once PR AXI Shutdown Manager): ends the AXI transfers of a region
--- before it is reconfigured, so that none is cut in the middle.
--
--   ol.shutdown_HP0:shutdown()     -- waits until no transfer is under way
--   ol.shutdown_HP0:release()      -- lets them through again
--   ol.shutdown_HP0:while_shut_down(function() ol.region:download(file) end)     -- both
-- Registers: registers.md section 17 (embeddedsw, PYNQ): 1 asks, 0xF says that it is done, 0 releases.
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local Shutdown = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:dfx_axi_shutdown_manager:1.0", "xilinx.com:ip:pr_axi_shutdown_manager:1.0" },
  __name = "DfxShutdownManager",
}

local MASK <const>, SHUT <const> = 0xf, 0xf

local function set(self, request, value, timeout, text)
  local left, seconds = waiting.limit(self.device, timeout)
  self.mmio:write(0, request)
  waiting.word(self.mmio, 0, MASK, value, left(), function()
    return ("%s: %s after %g s (it reads %#x)"):format(self.fullpath, text, seconds, self.mmio:read(0))
  end)
  return self
end

--- Asks for the shutdown and waits for it.
---@param timeout? number seconds
---@return table self
--- Raises `timeout` when a transfer does not end; the request stays, and release takes it back.
function Shutdown:shutdown(timeout)
  return set(self, 1, SHUT, timeout, "not shut down: an AXI transfer of the region is still under way")
end

--- Lets transfers through again.
---@param timeout? number seconds
---@return table self
function Shutdown:release(timeout)
  return set(self, 0, 0, timeout, "not released: does its clock run?")
end

--- Shuts down, calls f(self), and releases: also when f raises, whose error goes on, or the task is
--- cancelled meanwhile. Raises as shutdown does; the request is taken back then.
---@return any what f returns
function Shutdown:while_shut_down(f)
  if type(f) ~= "function" then errors.raise("type", "while_shut_down takes a function, not %s", type(f)) end
  local over = false
  local _ <close> = setmetatable({}, { __close = function()
    if not over then pcall(self.release, self) end
  end })
  self:shutdown()
  local results = table.pack(f(self))
  over = true
  self:release()
  return table.unpack(results, 1, results.n)
end

--- True when nothing gets through.
---@return boolean
function Shutdown:is_shutdown() return self.mmio:read(0) & MASK == SHUT end

return Shutdown
