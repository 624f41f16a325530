--- DFX AXI Shutdown Manager 1.0 (once PR AXI Shutdown Manager): ends the AXI transfers of a region
--- before it is reconfigured, so that none is cut in the middle.
--
--   ol.shutdown_HP0:shutdown()     -- waits until no transfer is under way
--   ol.shutdown_HP0:release()      -- lets them through again
-- Registers: registers.md section 17 (embeddedsw, PYNQ): 1 asks, 0xF says that it is done, 0 releases.
local lunq = require "lunq"
local errors = require "lunq.errors"

local Shutdown = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:dfx_axi_shutdown_manager:1.0", "xilinx.com:ip:pr_axi_shutdown_manager:1.0" },
  __name = "DfxShutdownManager",
}

local MASK <const>, SHUT <const> = 0xf, 0xf

local function wait(self, value, timeout, text)
  local ok, e = pcall(self.mmio.poll, self.mmio, 0, MASK, value, timeout or lunq.time_limit)
  if ok then return self end
  if not errors.is(e, "timeout") then error(e, 0) end
  errors.raise("timeout", "%s: %s after %g s (it reads %#x)", self.fullpath, text, timeout or lunq.time_limit,
               self.mmio:read(0))
end

--- Asks for the shutdown and waits for it.
---@param timeout? number seconds
---@return table self
--- Raises `timeout` when a transfer does not end; the request stays, and release takes it back.
function Shutdown:shutdown(timeout)
  self.mmio:write(0, 1)
  return wait(self, SHUT, timeout, "not shut down: an AXI transfer of the region is still under way")
end

--- Lets transfers through again.
---@param timeout? number seconds
---@return table self
function Shutdown:release(timeout)
  self.mmio:write(0, 0)
  return wait(self, 0, timeout, "not released")
end

--- True when nothing gets through.
---@return boolean
function Shutdown:is_shutdown() return self.mmio:read(0) & MASK == SHUT end

return Shutdown
