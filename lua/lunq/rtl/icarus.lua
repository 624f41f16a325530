--- Icarus Verilog as the simulator of a model: a process of its own, driven through VPI (cpp/vpi_plugin.c). The same
-- functions as lunq.rtl.verilator.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local generated = require "lunq.rtl.generated"
local ports = require "lunq.rtl.ports"

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

--- Compiles the plug-in, with the header of the Icarus that is there.
local function make_plugin(folder, support)
  local ok, said = child.run(("cd %s && cc -std=gnu11 -O2 -fPIC -shared -I/usr/include/iverilog -I%s -o lunq.vpi %s")
    :format(child.word(folder), child.word(support), child.word(support .. "/vpi_plugin.c")))
  if not ok then
    errors.raise("runtime", "The plug-in for Icarus Verilog doesn't compile (is vpi_user.h of the package iverilog "
                 .. "there?):\n%s", said)
  end
end

--- The pins: the plug-in lists them.
function icarus.pins(o, folder)
  make_plugin(folder, o.support)
  local _, said = child.run(("cd %s && vvp -M . -m lunq model.vvp +lunq_list=%s"):format(child.word(folder), o.top))
  return ports.listed(said)
end

function icarus.compile(folder, support)
  local ok, said = child.run(("cd %s && %s -std=gnu++17 -O2 -fPIC -shared -fvisibility=hidden -Wl,-z,defs "
                              .. "-Wl,-Bsymbolic -I. -I%s -o model.rtl %s"):format(child.word(folder),
                             os.getenv "CXX" or "g++", child.word(support), child.word(support .. "/vpi_model.cpp")))
  if not ok then errors.raise("runtime", "The C++ of the model doesn't compile:\n%s", said) end
  return folder .. "/model.rtl"
end

return icarus
