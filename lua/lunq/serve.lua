--- `lunq serve DESIGN`: a simulated design as the programmable logic of another program, of a QEMU with a kernel
--- of its own above all. See docs/lab.md.
local core = require "lunq.core"
local errors = require "lunq.errors"
local subcommand = require "lunq.subcommand"

local serve = {}

local USAGE <const> = [[
usage: lunq [--device D] serve DESIGN --socket PATH [--qtest PATH --gic NAME] [--bench FILE] [--once]
  DESIGN            metadata of a design, as for lunq.Overlay
  --socket PATH     where the program connects that makes the accesses
  --qtest PATH      where QEMU connects (-qtest unix:PATH) to hear of interrupts ...
  --gic NAME        ... and its interrupt controller, a QOM path
  --bench FILE      a Lua file that plays the world around the design: its function gets the overlay
  --once            end when the first client has gone
  --device D        a simulated board: sim:zynq7000?memory=FILE for the guest's memory in that file
]]

local VALUES <const> = { ["--socket"] = "socket", ["--qtest"] = "qtest", ["--gic"] = "gic", ["--bench"] = "bench" }

local function parse(arguments)
  local o, i = {}, 1
  while arguments[i] do
    local a = arguments[i]
    if a == "--help" or a == "-h" then
      o.help = true
    elseif a == "--once" then
      o.once = true
    elseif VALUES[a] then
      i = i + 1
      if not arguments[i] then return nil, ("lunq serve: %s needs a value"):format(a) end
      o[VALUES[a]] = arguments[i]
    elseif a:sub(1, 1) == "-" then
      return nil, ("lunq serve: there is no option %s"):format(a)
    elseif o.design then
      return nil, "lunq serve: one design at a time"
    else
      o.design = a
    end
    i = i + 1
  end
  if o.help then return o end
  if not o.design then return nil, "lunq serve: which design?" end
  if not o.socket then return nil, "lunq serve: --socket PATH says where the client connects" end
  if (o.qtest == nil) ~= (o.gic == nil) then return nil, "lunq serve: --qtest and --gic need each other" end
  return o
end

--- The bench runs as a task beside the client.
local function start_bench(file, overlay)
  local chunk, problem = loadfile(file, "t")
  if not chunk then errors.raise("io", "The bench can't be loaded: %s", problem) end
  local task = require "lunq".spawn(chunk, overlay)
  task.name, task.background = file, true
  return task
end

local function run(o)
  local lunq = require "lunq"
  local overlay <close> = lunq.Overlay(o.design)
  local served <close> = core.serve(overlay.device, o)
  if o.bench then start_bench(o.bench, overlay) end
  io.write(("serving %s on %s at %s\n"):format(o.design, overlay.device.name, o.socket))
  io.flush()
  repeat served:wait(math.huge) until o.once
  local n = served:info()
  return ("%d reads, %d writes, %d of them failed, %d interrupts\n"):format(n.reads, n.writes, n.failed, n.interrupts)
end

--- Carries out `lunq serve ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "serve"
---@return integer code 0; 1: something is wrong; 2: the arguments make no sense
function serve.main(...) return subcommand({ ... }, USAGE, parse, run) end

return serve
