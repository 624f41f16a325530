--- One run of an HLS core: what ip:start gives.
--
--   local run = ol.scale:start(src, dst, 1024)
--   run.state                  --> "running"; "done"; "failed": its overlay was freed or replaced while it ran
--   run:done()                 --> false; looks, and does not wait
--   run:wait(0.5)              --> the outputs in the order of the signature
--   run.outputs.c              -- by name, once it is done
--   run.valid.c                -- false: the core has not written c in this run (outputs with ap_vld)
--   run:stop()                 -- of ip:auto_restart: no further turn, and waits for the last one
local Class = require "lunq.class"
local core_module = require "lunq.core"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"
local control = require "lunq.hls.control"
local values = require "lunq.hls.values"

---@class HLSRun
---@field state string
---@field outputs table<string, any>|false
---@field valid table<string, boolean>|false
local Run = Class:extend { __name = "lunq.HLSRun" }

--- A run that begins now.
---@param core table HLS
---@param holds table list of { hold, const }
---@param restarts boolean AUTO_RESTART
function Run.begin(core, holds, restarts)
  return Class.make(Run, { core = core, holds = holds, restarts = restarts, stopped = false, results = false,
                           outputs = false, valid = false })
end

--- The core is done: results are taken before the next start can overwrite them.
function Run:finish()
  local core = self.core
  self.results, self.outputs = values.read(core)
  self.valid = values.valid(core)
  control.acknowledge(core)
  for _, h in ipairs(self.holds) do
    if not h.const then h.hold:sync_from_device() end
    core.engine:release(h.hold)
  end
  self.holds = {}
  if core.run == self then core.run = false end
end

--- Why the core can't be asked any more; nil: it can. When another design was loaded the core is gone, and
--- lets go of its buffers.
local function gone(run)
  local core = run.core
  if core.mmio.closed then return "its overlay was freed" end
  if not core_module.is_stale(core.mmio) then return nil end
  if core.engine then core.engine:finish() end
  return "its design was replaced"
end

local function check_loaded(run)
  local why = gone(run)
  if why then errors.raise("runtime", "%s: %s while it ran, its results are gone", run.core.fullpath, why) end
end

function Run:missing(name)
  if name ~= "state" then return Class.unknown(self, name) end
  if self.results then return "done" end
  if gone(self) then return "failed" end
  return self:done() and "done" or "running"
end

--- True when the core is done, without waiting.
--- Raises `runtime` when its overlay was freed or replaced meanwhile.
function Run:done()
  if not self.results then check_loaded(self) end
  if not self.results and not self.restarts and (self.core.seen or control.ended(self.core)) then self:finish() end
  return self.results ~= false
end

--- Waits until the core is done. May be repeated.
---@param timeout? number seconds, lunq.time_limit when not said, math.huge: no limit
---@return any ... outputs in the order of the signature
--- Raises `timeout`; the core goes on, and its buffers stay held. `runtime` when it restarts by itself.
function Run:wait(timeout)
  if not self.results then
    check_loaded(self)
    if self.restarts then
      errors.raise("runtime", "%s starts again by itself and is never done: run:stop() ends it", self.core.fullpath)
    end
    control.wait(self, timeout, self.stopped)
    if not self.results then self:finish() end
  end
  return table.unpack(self.results, 1, self.results.n)
end

--- Ends AUTO_RESTART, and waits until the last turn is done. The other runs end by themselves: then it is
--- wait.
---@param timeout? number seconds, as in wait
---@return any ... outputs in the order of the signature
function Run:stop(timeout)
  waiting.limit(self.core.device, timeout) -- a wrong limit changes nothing
  if not self.results and self.restarts then
    check_loaded(self)
    control.no_restart(self.core)
    self.restarts, self.stopped = false, true
  end
  return self:wait(timeout)
end

function Run:__tostring()
  return ("HLSRun of %s (%s)"):format(self.core.fullpath, self.state)
end

return Run
