--- GHDL as the simulator of a model of VHDL: a process of its own, driven through VPI (cpp/vpi_plugin.c). The same
-- functions as lunq.rtl.verilator.
-- The model has the sources inside: GHDL with code generator mcode, the one that is asked for, makes its code anew in
-- each process, in some ten milliseconds.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local ports = require "lunq.rtl.ports"
local vhdl = require "lunq.rtl.vhdl"
local vpi = require "lunq.rtl.vpi"

local ghdl = {}

local INSTALL <const> = "(on Debian: apt-get install ghdl-mcode)"

local found

--- The version.
---@return string name "GHDL 2.0.0"
---@return string whole
--- Raises `unsupported` when it isn't there, or has no code generator mcode.
function ghdl.version()
  if not found then
    local _, text, code = child.run "ghdl-mcode --version || ghdl --version"
    local number = text:match "GHDL (%d[%w.]*)"
    if code == 127 or not number then
      errors.raise("unsupported", "VHDL needs GHDL, which is not installed %s", INSTALL)
    elseif not text:find("mcode", 1, true) then
      errors.raise("unsupported", "GHDL %s is there without its code generator mcode %s", number, INSTALL)
    end
    local program = text:find "^GHDL" and "ghdl-mcode" or "ghdl"
    found = { name = "GHDL " .. number, whole = text, program = program }
  end
  return found.name, found.whole
end

--- The program.
---@return string
function ghdl.program()
  ghdl.version()
  return found.program
end

--- Options for reading sources: rules of the old tools that much code was written with are none of ours to enforce.
local function reading(o) return { "--std=" .. (o.std or "08"), "-frelaxed", "-fsynopsys", "--syn-binding", "-C" } end

--- Its arguments that come from options; see lunq.rtl.verilator.
function ghdl.arguments(o)
  for _, name in ipairs { "trace", "coverage" } do
    if o[name] then errors.raise("unsupported", "A model for GHDL has no %s: leave it out", name) end
  end
  local a = reading(o)
  a[#a + 1] = o.top
  for _, unit in ipairs(o.units) do a[#a + 1] = unit.library .. "=" .. unit.path end
  for _, p in ipairs(o.parameters) do a[#a + 1] = ("-g%s=%s"):format(p.name, p.value) end
  return a
end

--- Words of one call: the program, a command, options for reading.
local function words_of(o, ...)
  local words = { ghdl.program(), ... }
  return table.move(reading(o), 1, #reading(o), #words + 1, words)
end

--- Adds units, each library named before its files.
local function add_units(words, units, folder)
  local library
  for _, unit in ipairs(units) do
    if unit.library ~= library then words[#words + 1] = "--work=" .. unit.library end
    library = unit.library
    words[#words + 1] = folder .. unit.copy
  end
end

--- Copies the sources into the build's folder, those of a folder into a numbered one: the model gets these, and GHDL
--- doesn't put what has a path from the root on in order.
local function copy_units(units, folder)
  local folders, count = {}, 0
  for _, unit in ipairs(units) do
    local from, name = unit.path:match "^(.*)/([^/]*)$"
    if not folders[from] then
      count = count + 1
      folders[from] = tostring(count)
      cache.make_folder(("%s/%d"):format(folder, count))
    end
    unit.copy = ("%s/%s"):format(folders[from], name)
    cache.write(("%s/%s"):format(folder, unit.copy), cache.read(unit.path))
  end
end

--- A message with the paths of the sources.
local function with_paths(o, said)
  for _, unit in ipairs(o.units) do
    local copy = unit.copy:gsub("%p", "%%%0")
    said = ("\n" .. said):gsub("([\n ])[./]*" .. copy .. ":",
                               function(before) return before .. unit.path .. ":" end):sub(2)
  end
  return said
end

--- Lines that say nothing of the sources.
local NOISE <const> = { "^loading VPI module", "^VPI module loaded!$", "has failed due to compilation error$",
                        "error during elaboration$", "^%(in default configuration of" }

local function refuse(o, said, here)
  local lines = {}
  for line in with_paths(o, said):gmatch "[^\n]+" do
    local noise = false
    for _, pattern in ipairs(NOISE) do noise = noise or line:find(pattern) end
    if not noise then lines[#lines + 1] = line:gsub("^[%w-]+:error: ", ""):gsub("^ghdl[%w-]*: ", "") end
  end
  complaints.raise("GHDL", o.top, table.concat(lines, "\n"), here)
end

--- The units that the top entity needs, in the order they have to be read in.
local function order(o, folder, here)
  local by_library, by_copy, list = {}, {}, {}
  local function call(words)
    local ok, said = child.run(("cd %s && %s"):format(child.word(folder), child.command(words)))
    if not ok then refuse(o, said, here) end
    return said
  end
  for _, unit in ipairs(o.units) do
    by_library[unit.library] = by_library[unit.library] or words_of(o, "-i", "--work=" .. unit.library)
    table.insert(by_library[unit.library], unit.copy)
    by_copy[unit.copy] = unit
  end
  for _, words in pairs(by_library) do call(words) end
  local words = words_of(o, "--elab-order", "-P.")
  words[#words + 1] = o.top
  for line in call(words):gmatch "[^\n]+" do list[#list + 1] = by_copy[line] end
  return list
end

--- Options of a run: errors end it, and what IEEE's packages say of unknown values before time begins is no news.
local function add_run(words, o, folder)
  local function add(word) words[#words + 1] = word end
  add "-r"
  add(o.top)
  for _, p in ipairs(o.parameters) do add(("-g%s=%s"):format(p.name, p.value)) end
  add("--vpi=" .. folder .. "lunq.vpi")
  add "--assert-level=error"
  add "--ieee-asserts=disable-at-0"
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
  local _, said = child.run(("%s --vpi-%sflags"):format(ghdl.program(), which))
  return (said:gsub("\n", " "))
end

--- A component without an entity: for GHDL a warning.
local NOT_BOUND <const> = "instance \"[^\"]+\" of component \"[^\"]+\" is not bound"

--- Reads the sources, and has the signals of the top entity listed.
function ghdl.run(o, _, folder, here)
  copy_units(o.units, folder)
  o.order = order(o, folder, here)
  vpi.make_plugin(folder, o.support, "GHDL", flags "c", flags "ld")
  local words = words_of(o, "-c")
  add_units(words, o.order, "./")
  local ok, said = vpi.list(folder, o.top, add_run(words, o, "./"))
  if not ok or said:find(NOT_BOUND) then refuse(o, said, here) end
  o.listed = said
  return { notes = {}, files = {} }, warnings_in(with_paths(o, said), here)
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
  local words = words_of(o, "-c", "--workdir=\1")
  add_units(words, o.order, "\1/")
  return vpi.header {
    parts = table.move(folders, 1, #folders, #parts + 1, parts), words = "ghdl",
    command = add_run(words, o, "\1/"), missing = "GHDL can't be started " .. INSTALL,
  }
end

ghdl.compile = vpi.compile

return ghdl
