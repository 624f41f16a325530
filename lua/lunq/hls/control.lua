--- The control port of an HLS core: starting it and seeing that it is done (registers.md section 15,
-- and the register files Vitis HLS 2020.1 to 2023.2 generate).
--
-- ap_ctrl_hs: any reader of CTRL takes AP_DONE away, so AP_IDLE is looked at, which nobody can. ap_ctrl_chain
-- keeps AP_DONE until AP_CONTINUE is written.
local completion = require "lunq.hls.completion"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local control = {}

local CTRL <const> = 0x00
local AP_START <const>, AP_DONE <const>, AP_IDLE <const> = 1 << 0, 1 << 1, 1 << 2
local AP_CONTINUE <const>, AUTO_RESTART <const> = 1 << 4, 1 << 7
local STOP_SECONDS <const> = 1
local NAMES <const> = { { AP_START, "AP_START" }, { AP_DONE, "AP_DONE" }, { AP_IDLE, "AP_IDLE" },
                        { 1 << 3, "AP_READY" }, { AP_CONTINUE, "AP_CONTINUE" }, { AUTO_RESTART, "AUTO_RESTART" } }

local function decoded(word)
  local names = {}
  for _, bit in ipairs(NAMES) do
    if word & bit[1] ~= 0 then names[#names + 1] = bit[2] end
  end
  return ("CTRL is %#x (%s)"):format(word, names[1] and table.concat(names, " ") or "no bit is set")
end

local function end_bit(core) return core.chain and AP_DONE or AP_IDLE end

--- True when the core has ended.
function control.ended(core)
  return not core.controlled or core.mmio:read(CTRL) & end_bit(core) ~= 0
end

--- What a core that is not done may be waiting for.
local function causes(core)
  local list = {}
  for _, s in ipairs(core:streams()) do
    list[#list + 1] = s.input and ("stream %s has no data (it comes from %s)"):format(s.port, s.other)
                      or ("stream %s has no room (it goes to %s)"):format(s.port, s.other)
  end
  if core.address_width then list[#list + 1] = "an address it got does not answer" end
  if not list[1] then list[1] = "a loop does not end, or its clock or reset is not right" end
  return table.concat(list, ", or ")
end

--- Waits until a run has ended.
---@param run HLSRun
---@param timeout? number seconds
---@param quiet? boolean not by interrupt: it is one of many turns that ends
--- Raises `timeout`, saying what the core may be waiting for.
function control.wait(run, timeout, quiet)
  local core = run.core
  local left, seconds = waiting.limit(core.device, timeout)
  -- Another task may have seen the end, and started the core again.
  local function look() return run.results or core.seen or control.ended(core) end
  if completion.wait(core, left, end_bit(core), look, quiet) then return end
  errors.raise("timeout", "%s is not done after %s: %s. A core waits as long as %s.", core.fullpath,
               waiting.time_text(seconds), decoded(core.mmio:read(CTRL)), causes(core))
end

--- Raises `runtime` when the core can't be started, and says why.
function control.check_free(core)
  local word = core.mmio:read(CTRL)
  if word & AP_IDLE ~= 0 then return end
  if word & AUTO_RESTART ~= 0 then
    errors.raise("runtime", "%s is busy: it restarts by itself (AUTO_RESTART). Its run's stop ends that, or %s",
                 core.fullpath, "register_map.CTRL.AUTO_RESTART = 0")
  end
  if word == 0 or word == 0xffffffff then
    errors.raise("runtime", "%s is busy, or its clock or reset is not right: %s", core.fullpath, decoded(word))
  end
  errors.raise("runtime", "%s is busy: it was started through its registers or by another object, and %s",
               core.fullpath, decoded(word))
end

--- Starts the core.
---@param restarts? boolean with AUTO_RESTART
function control.start(core, restarts)
  -- A result nobody has acknowledged would pass for the one of this run.
  if core.chain and core.mmio:read(CTRL) & AP_DONE ~= 0 then control.acknowledge(core) end
  core.seen = false
  core.mmio:write(CTRL, restarts and AP_START | AUTO_RESTART or AP_START)
end

--- The result was taken: a core with ap_ctrl_chain may give the next.
function control.acknowledge(core)
  if core.chain then core.mmio:write(CTRL, AP_CONTINUE) end
end

--- No further turn after this one.
function control.no_restart(core) core.mmio:write(CTRL, 0) end

--- For Engine: an HLS core can't be aborted. It is asked not to start again, and has a second to finish.
function control.stop(core)
  local fullpath, bit = core.fullpath, core.controlled and end_bit(core)
  return function(mmio)
    if not bit then return end
    mmio:write(CTRL, 0)
    waiting.word(mmio, CTRL, bit, bit, STOP_SECONDS, function()
      return ("%s still runs (%s), and an HLS core can't be aborted: let it finish, or reset it"):format(fullpath,
             decoded(mmio:read(CTRL)))
    end)
  end
end

return control
