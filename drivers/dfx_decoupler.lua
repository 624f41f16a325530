--- DFX Decoupler 1.0 (once PR Decoupler): keeps a region that is being reconfigured away from the rest.
--
--   ol.dfx_decoupler_0:decouple()            -- before the region is loaded
--   ol.dfx_decoupler_0:couple()              -- behind it
--   ol.dfx_decoupler_0:decoupled(function() ol.region:download(file) end)    -- both
-- The state crosses clock domains: each call waits until it has arrived. Registers: registers.md
-- section 17 (embeddedsw): offset 0 bit 0 is written with what is wanted, and reads the state.
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local Decoupler = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:dfx_decoupler:1.0", "xilinx.com:ip:pr_decoupler:1.0" }, __name = "DfxDecoupler",
}

local function set(self, state, timeout)
  local left, seconds = waiting.limit(self.device, timeout)
  self.mmio:write(0, state)
  waiting.word(self.mmio, 0, 1, state, left(), function()
    return ("%s: still %s after %g s: does its clock run, and does nobody drive its decouple pin?"):format(
      self.fullpath, state == 1 and "coupled" or "decoupled", seconds)
  end)
  return self
end

--- Decouples.
---@param timeout? number seconds
---@return table self
--- Raises `timeout` when the state does not change.
function Decoupler:decouple(timeout) return set(self, 1, timeout) end

--- Connects again. Raises as decouple does.
---@param timeout? number seconds
---@return table self
function Decoupler:couple(timeout) return set(self, 0, timeout) end

--- True while it is decoupled.
---@return boolean
function Decoupler:is_decoupled() return self.mmio:read(0) & 1 == 1 end

--- Decouples, calls f(self), and couples again: also when f raises, whose error goes on, or the task is
--- cancelled meanwhile.
---@return any what f returns
function Decoupler:decoupled(f)
  if type(f) ~= "function" then errors.raise("type", "decoupled takes a function, not %s", type(f)) end
  local over = false
  local _ <close> = setmetatable({}, { __close = function()
    if not over then pcall(self.couple, self) end
  end })
  self:decouple()
  local results = table.pack(f(self))
  over = true
  self:couple()
  return table.unpack(results, 1, results.n)
end

return Decoupler
