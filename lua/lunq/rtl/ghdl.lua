--- GHDL as the simulator of a model of VHDL: a process of its own, driven through VPI (cpp/vpi_plugin.c). The same
-- functions as lunq.rtl.verilator.
-- The model has the sources inside: GHDL with code generator mcode, the one that is asked for, makes its code anew in
-- each process, in some ten milliseconds.
local child = require "lunq.child"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local ports = require "lunq.rtl.ports"
local reader = require "lunq.rtl.ghdl_reader"
local vhdl = require "lunq.rtl.vhdl"
local vpi = require "lunq.rtl.vpi"

local ghdl = { version = reader.version }

--- Its arguments that come from options; see lunq.rtl.verilator.
function ghdl.arguments(o)
  if o.coverage then
    errors.raise("unsupported", "A model for GHDL has no coverage: leave it out, or build it for Verilator "
                 .. "(--simulator verilator)")
  elseif o.trace == "fst" then
    errors.raise("unsupported", "A model for GHDL writes waves as VCD only: --trace vcd")
  end
  local a = reader.options(o)
  a[#a + 1] = o.top
  for _, unit in ipairs(o.units) do a[#a + 1] = unit.library .. "=" .. unit.path end
  for _, p in ipairs(o.parameters) do a[#a + 1] = ("-g%s=%s"):format(p.name, p.value) end
  a[#a + 1] = o.trace
  return a
end

--- Options of a run: errors end it, and what IEEE's packages say of unknown values before time begins is no news.
local function add_run(words, o, folder, waves)
  local function add(word) words[#words + 1] = word end
  add "-r"
  add(o.top)
  for _, p in ipairs(o.parameters) do add(("-g%s=%s"):format(p.name, p.value)) end
  add("--vpi=" .. folder .. "lunq.vpi")
  add "--assert-level=error"
  add "--ieee-asserts=disable-at-0"
  if waves then add "--vcd=-" end
  return words
end

local function warnings_in(said, here)
  local lines = {}
  for line in complaints.readable(said, here):gmatch "[^\n]+" do
    local place, text = line:match "^(%S+:%d+:%d+):warning: (.*)$"
    if place then lines[#lines + 1] = ("%%Warning: %s: %s\n"):format(place, text) end
  end
  return table.concat(lines)
end

local function flags(which)
  local _, said = child.run(("%s --vpi-%sflags"):format(reader.program(), which))
  return (said:gsub("\n", " "))
end

--- A component without an entity: for GHDL a warning.
local NOT_BOUND <const> = "instance \"[^\"]+\" of component \"[^\"]+\" is not bound"

--- Reads the sources, and has the signals of the top entity listed.
function ghdl.run(o, _, folder, here)
  reader.import(o, folder, here)
  o.order = reader.order(o, o.top, folder, here)
  vpi.make_plugin(folder, o.support, "GHDL", flags "c", flags "ld")
  local words = reader.words(o, "-c")
  reader.add_units(words, o.order, "./")
  local ok, said = vpi.list(folder, o.top, add_run(words, o, "./"))
  if not ok or said:find(NOT_BOUND) then reader.refuse(o, said, here) end
  o.listed = said
  return { notes = {}, files = {} }, warnings_in(reader.with_paths(o, said), here)
end

local function paths_of(units)
  local list = {}
  for i, unit in ipairs(units) do list[i] = unit.path end
  return list
end

--- The files the model depends on: which of them it needs says what stands in all.
function ghdl.files(_, o) return paths_of(o.units) end

--- The pins: the signals that the plug-in lists and the entity says are ports.
function ghdl.pins(o) return ports.of_entity(vhdl.ports(paths_of(o.order), o.top), ports.listed(o.listed)) end

--- Part of lunq_model.h; see lunq.rtl.vpi.
function ghdl.header(o)
  local parts, folders, seen = { "lunq.vpi" }, {}, {}
  for _, unit in ipairs(o.order) do
    local folder = unit.copy:match "^%d+/"
    parts[#parts + 1] = unit.copy
    if not seen[folder] then folders[#folders + 1] = folder end
    seen[folder] = true
  end
  local words = reader.words(o, "-c", "--workdir=\1")
  reader.add_units(words, o.order, "\1/")
  return vpi.header {
    parts = table.move(folders, 1, #folders, #parts + 1, parts), words = "ghdl",
    command = add_run(words, o, "\1/", o.trace), vcd = o.trace, missing = "GHDL can't be started " .. reader.INSTALL,
  }
end

ghdl.compile = vpi.compile

return ghdl
