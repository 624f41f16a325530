--- `lunq rtl build|show|clean`: makes models of Verilog and VHDL, for `--device rtl:`.
local subcommand = require "lunq.subcommand"

local command = {}

local USAGE <const> = [[
usage: lunq rtl build FILE.v|FILE.vhd ... [-o MODEL] [options]
       lunq rtl build --component component.xml [-o MODEL] [options]
       lunq rtl show MODEL
       lunq rtl clean
  build   makes a model of Verilog and SystemVerilog (with Verilator 5.006 or later) or VHDL (with GHDL), for
          --device rtl:MODEL. What was built before from the same files and options comes from a cache
    -o MODEL             write it there (my_ip.rtl); else it stays in the cache
    --top NAME           the top module; needed when it is not called as the first file is
    -y DIR               look for missing modules there, NAME.v or NAME.sv (VHDL: any file); may be repeated
    -I DIR               look for `include files there; may be repeated
    -G NAME=VALUE        a parameter of the top module (generic of the entity); may be repeated
    -D NAME[=VALUE]      a macro; may be repeated
    -w LIBRARY           VHDL behind it goes into this library, until the next -w; at first that is work
    --std 87|93|02|08    the VHDL it is; 08 where nothing is said
    --hwh FILE           a design that has the IP: what its ports are, how its registers are called
    --instance NAME      which module of that design, when its name doesn't say
    --pins FILE.lua      a table that says what pins are (lunq.rtl.build, pins): return { clocks = { "tick" } }
    --component FILE     component.xml of the IP: the same, and its sources and top module
    --trace vcd|fst      able to write waves of all that is inside (open costs time, closed none)
    --coverage line|toggle|user   counts what ran (device:rtl_coverage, lunq test --coverage)
    --simulator icarus   Icarus Verilog instead: hundreds of times slower, without traces, but with four states:
                         bits that are unknown are no 0
    --simulator ghdl     GHDL: what VHDL alone is run by anyway. VHDL beside Verilog, or with one of the other two, is
                         converted to Verilog (by GHDL)
  show    what a model was built from, and its pins
  clean   removes all models of the cache, and says where it is
]]

local function pair(list, text, otherwise)
  local name, value = text:match "^([^=]+)=(.*)$"
  if not name and otherwise then name, value = text, otherwise end
  if not name then return false end
  list[name] = value
end

local function add(key)
  return function(o, v)
    o[key] = o[key] or {}
    table.insert(o[key], v)
  end
end

local function set(key) return function(o, v) o[key] = v end end

--- What an option with a value does to the options of a build; false: the value is none.
local VALUES <const> = {
  ["-o"] = set "output", ["--top"] = set "top", ["--trace"] = set "trace", ["--coverage"] = set "coverage",
  ["--simulator"] = set "simulator", ["--std"] = set "std",
  ["--hwh"] = set "hwh", ["--instance"] = set "instance", ["--pins"] = set "pins", ["--component"] = set "component",
  ["-y"] = add "libraries", ["-I"] = add "includes",
  ["-G"] = function(o, v)
    o.parameters = o.parameters or {}
    return pair(o.parameters, v)
  end,
  ["-D"] = function(o, v)
    o.defines = o.defines or {}
    return pair(o.defines, v, "1")
  end,
  ["-w"] = set "library",
}

--- "-GW=8" and "--top=x" as two words.
local function split(word)
  local name, value = word:match "^(%-[yIGDw])(.+)$"
  if name then return name, value end
  name, value = word:match "^(%-%-%w+)=(.*)$"
  if name and VALUES[name] then return name, value end
  return word
end

--- A source: of the library that was named last.
local function add_source(o, path)
  if not o.library or o.library:lower() == "work" then return table.insert(o.sources, path) end
  o.work = o.work or {}
  o.work[o.library] = o.work[o.library] or {}
  table.insert(o.work[o.library], path)
end

local function parse_build(words)
  local o, i = { sources = {} }, 2
  while words[i] do
    local name, value = split(words[i])
    if VALUES[name] then
      if not value then
        i = i + 1
        value = words[i]
      end
      if not value then return nil, ("lunq rtl build: %s needs a value"):format(name) end
      if VALUES[name](o, value) == false then
        return nil, ("lunq rtl build: %s takes NAME=VALUE, not %s"):format(name, value)
      end
    elseif name:sub(1, 1) == "-" then
      return nil, ("lunq rtl build: there is no option %s"):format(name)
    else
      add_source(o, name)
    end
    i = i + 1
  end
  o.library = nil
  if #o.sources == 0 and not o.component then return nil, "lunq rtl build: which files of Verilog or VHDL?" end
  return { verb = "build", build = o }
end

local function parse(words)
  for _, word in ipairs(words) do
    if word == "--help" or word == "-h" then return { help = true } end
  end
  local verb = words[1]
  if verb == "build" then return parse_build(words) end
  if verb == "show" and words[2] and not words[3] then return { verb = verb, path = words[2] } end
  if verb == "clean" and not words[2] then return { verb = verb } end
  if verb == "show" then return nil, "lunq rtl show: which model? One at a time" end
  if verb == "clean" then return nil, "lunq rtl clean takes no arguments" end
  return nil, verb and ('lunq rtl: there is no "%s", only build, show and clean'):format(verb)
              or "lunq rtl: build, show or clean?"
end

local VERBS <const> = {}

function VERBS.build(o)
  if o.build.pins then o.build.pins = require "lunq.loader".run(o.build.pins) end
  local path, about = require "lunq.rtl".build(o.build)
  for _, line in ipairs(about.warnings) do io.stderr:write("%", line, "\n") end
  for _, line in ipairs(about.notes) do io.stderr:write("note: ", line, "\n") end
  return ("%s %s: %s with %d pins%s\n%s"):format(o.build.output and "wrote" or "built", path, about.top, #about.pins,
                                                 about.cached and " (from the cache)" or "",
                                                 require "lunq.rtl.bound".text(path, about.top))
end

function VERBS.show(o) return tostring(require "lunq.rtl".show(o.path)) end

function VERBS.clean()
  local folder, count = require "lunq.rtl".clean()
  return ("removed %d model%s from %s\n"):format(count, count == 1 and "" or "s", folder)
end

local function run(o) return VERBS[o.verb](o) end

--- Carries out `lunq rtl ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "rtl"
---@return integer code 0; 1: the sources or a file are wrong; 2: the arguments make no sense
function command.main(...) return subcommand({ ... }, USAGE, parse, run) end

return command
