--- Icarus Verilog as the simulator of a model: a process of its own, driven through VPI (cpp/vpi_plugin.c). The same
-- functions as lunq.rtl.verilator.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local generated = require "lunq.rtl.generated"
local ports = require "lunq.rtl.ports"
local vpi = require "lunq.rtl.vpi"

local icarus = {}

local found

--- The version.
---@return string name "Icarus Verilog 11.0"
---@return string whole
--- Raises `unsupported` when it isn't there.
function icarus.version()
  if not found then
    local _, text, code = child.run "iverilog -V 2>/dev/null"
    local number = text:match "^Icarus Verilog version (%S+)"
    if code == 127 or not number then
      errors.raise("unsupported", "Icarus Verilog is not installed (on Debian: apt-get install iverilog g++ make)")
    end
    found = { name = "Icarus Verilog " .. number, whole = text:match "[^\n]*" }
  end
  return found.name, found.whole
end

--- Its arguments that come from options; see lunq.rtl.verilator.
function icarus.arguments(o, support)
  for _, name in ipairs { "trace", "coverage" } do
    if o[name] then
      errors.raise("unsupported", "A model for Icarus Verilog has no %s: leave it out, or use Verilator", name)
    end
  end
  local a = { "-g2012", "-gsupported-assertions", "-s", o.top, "-s", "lunq_timescale" }
  local function add(...) table.move({ ... }, 1, select("#", ...), #a + 1, a) end
  for _, p in ipairs(o.parameters) do add(("-P%s.%s=%s"):format(o.top, p.name, p.value)) end
  for _, d in ipairs(o.defines) do add(("-D%s=%s"):format(d.name, d.value)) end
  add("-Y.sv")
  for _, list in ipairs { o.libraries, o.folders, { support .. "/stubs" } } do
    for _, folder in ipairs(list) do add("-y" .. folder) end
  end
  for _, list in ipairs { o.includes, o.libraries, o.folders } do
    for _, folder in ipairs(list) do add("-I" .. folder) end
  end
  add(support .. "/timescale.v") -- first: its `timescale is for sources without one
  for _, path in ipairs(o.sources) do add(path) end
  return a
end

--- Makes vvp's program of the sources.
function icarus.run(o, arguments, folder, here)
  local words = { "iverilog", "-o", folder .. "/model.vvp", "-Mall=" .. folder .. "/files" }
  table.move(arguments, 1, #arguments, #words + 1, words)
  local command = child.command(words)
  local ok, said, more = generated.complete(o, function(sources)
    return child.run(command .. " " .. child.command(sources))
  end)
  if not ok then complaints.raise("Icarus Verilog", o.top, said, here) end
  return more, ""
end

--- The files it has read.
function icarus.files(folder)
  local list, seen = {}, {}
  for path in cache.read(folder .. "/files"):gmatch "[^\n]+" do
    if not seen[path] then list[#list + 1] = path end
    seen[path] = true
  end
  table.sort(list)
  return list
end

--- The pins: the plug-in lists them.
function icarus.pins(o, folder)
  vpi.make_plugin(folder, o.support, "Icarus Verilog", "-I/usr/include/iverilog")
  local _, said = vpi.list(folder, o.top, { "vvp", "-M", ".", "-m", "lunq", "model.vvp" })
  local pins, left_out = ports.listed(said)
  for i, name in ipairs(left_out) do left_out[i] = "port left out, it is no net: " .. name end
  return pins, left_out
end

--- Part of lunq_model.h; see lunq.rtl.vpi.
function icarus.header()
  return vpi.header {
    parts = { "model.vvp", "lunq.vpi" }, words = "icarus", plusargs = true,
    command = { "vvp", "-N", "-M", "\1", "-m", "lunq", "\1/model.vvp" },
    missing = "vvp, the simulator of Icarus Verilog, can't be started (on Debian: apt-get install iverilog)",
  }
end

icarus.compile = vpi.compile

return icarus
