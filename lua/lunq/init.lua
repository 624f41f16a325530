--- LUNQ: Lua productivity for FPGA boards and cards. `local lunq = require "lunq"`
--
-- Everything is loaded when it is first used, so that starting costs nothing. An unknown name
-- raises and offers the nearest one. Settings are fields that may be assigned:
--   lunq.time_limit    seconds every wait is limited to (10)
--   lunq.driver_path   list of directories with driver files (and those of LUNQ_DRIVERS)
--   lunq.overlay_path  list of directories overlays are looked for in (and those of LUNQ_OVERLAYS)
local core = require "lunq.core"

--- Names that stand for a whole module.
local MODULES <const> = {
  Button = "lunq.io.button",
  Class = "lunq.class",
  Clocks = "lunq.clocks",
  DefaultHierarchy = "lunq.hierarchy",
  DefaultIP = "lunq.ip",
  DefaultOverlay = "lunq.overlay",
  Device = "lunq.device",
  DeviceTreeSegment = "lunq.device_tree_segment",
  GPIO = "lunq.gpio",
  Interrupt = "lunq.interrupt",
  LED = "lunq.io.led",
  Memory = "lunq.memory",
  Model = "lunq.model",
  Overlay = "lunq.load",
  Peer = "lunq.peer",
  RGBLED = "lunq.io.rgbled",
  RegisterMap = "lunq.register_map",
  Switch = "lunq.io.switch",
  Xlnk = "lunq.xlnk",
  bench = "lunq.bench",
  dtbo = "lunq.dtbo",
  errors = "lunq.errors",
  help = "lunq.help",
  info = "lunq.info",
  model = "lunq.kernel.model",
  packages = "lunq.packages",
  peers = "lunq.peers",
  plot = "lunq.plot",
  pynq = "lunq.pynq",
  registry = "lunq.registry",
  rtl = "lunq.rtl",
  warnings = "lunq.warnings",
  watch = "lunq.watch",
  wave = "lunq.wave",
  xclbin = "lunq.xclbin",
}

--- Names that are functions of the C core.
local FUNCTIONS <const> = {
  MMIO = "mmio", Register = "register", allocate = "allocate", array = "array", batch = "batch",
  buffer_budget = "buffer_budget",
  event = "event", now = "now", sleep = "sleep", spawn = "spawn",
}

--- Names that are functions of lunq.task.
local TASKS <const> = { gather = true, on = true, race = true, run = true, timeout = true }

local lunq = { core = core, driver_path = {}, overlay_path = {} }

local function names()
  local list = { "core", "driver_path", "overlay_path", "time_limit", "version" }
  for name in pairs(MODULES) do list[#list + 1] = name end
  for name in pairs(FUNCTIONS) do list[#list + 1] = name end
  for name in pairs(TASKS) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function unknown(name)
  local text = 'lunq has no "%s"%s'
  require "lunq.errors".raise("attribute", text, tostring(name), require "lunq.nearest".hint(name, names()))
end

local function read(_, name)
  if name == "time_limit" then return core.time_limit end
  if name == "version" then return core.version end
  local value
  if MODULES[name] then
    value = require(MODULES[name])
  elseif TASKS[name] then
    value = require "lunq.task"[name]
  else
    value = FUNCTIONS[name] and core[FUNCTIONS[name]]
  end
  if value == nil then unknown(name) end
  if name ~= "timeout" then rawset(lunq, name, value) end -- an assignment to it is a mistake: see write
  return value
end

local function write(_, name, value)
  if name == "timeout" then
    require "lunq.errors".raise("attribute",
      "lunq.timeout(seconds, f) is a function; the time limit of waits is lunq.time_limit")
  end
  if name ~= "time_limit" then unknown(name) end
  if type(value) ~= "number" or value < 0 or value ~= value then
    require "lunq.errors".raise("value", "lunq.time_limit should be a number of seconds, at least 0, not %s",
                                tostring(value))
  end
  core.time_limit = value
end

return setmetatable(lunq, {
  __index = read, __newindex = write,
  --- Iterating shows what there is without loading it.
  __pairs = function()
    local list, i = names(), 0
    return function()
      i = i + 1
      if list[i] then return list[i], rawget(lunq, list[i]) or list[i] end
    end
  end,
})
