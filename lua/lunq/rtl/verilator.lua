--- Verilator, a tool of the user's machine: found and run, its complaints made readable.
-- lunq.rtl.icarus has the same functions.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local compile = require "lunq.rtl.compile"
local core = require "lunq.core"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local generated = require "lunq.rtl.generated"
local ports = require "lunq.rtl.ports"

local verilator = {}

--- 5.006 is Debian 12's; before 5 the generated code was another.
local OLDEST <const> = 5.006

--- What else there is.
local INSTEAD <const> = " Icarus Verilog is enough where speed doesn't matter: --simulator icarus, or simulator = "
  .. '"icarus" (on Debian: apt-get install iverilog g++)'

--- A loop that resets a memory with <= has to be unrolled, else Verilator refuses it; its own limit of 64 words
-- is less than the memories of many cores have.
local UNROLL <const> = "4096"

local found -- what `verilator --version` said; asked once: it takes a twentieth of a second

--- The version.
---@return string name "Verilator 5.006"
---@return string whole with date and packaging, for the cache
--- Raises `unsupported` when it isn't there, or too old.
function verilator.version()
  if not found then
    local ok, text, code = child.run "verilator --version"
    local number = ok and text:match "^Verilator (%d+%.%d+)"
    if code == 127 then
      errors.raise("unsupported", "Building RTL needs Verilator 5.006 or later, which is not installed "
                   .. "(on Debian: apt-get install verilator g++ make)." .. INSTEAD)
    elseif not number then
      errors.raise("runtime", "verilator --version doesn't say a version: %s", text:match "[^\n]*")
    elseif tonumber(number) < OLDEST then
      errors.raise("unsupported", "Verilator %s is too old, 5.006 or later is needed (Debian 12 and Ubuntu 24.04 "
                   .. "have it)." .. INSTEAD, number)
    end
    found = { name = "Verilator " .. number, whole = text }
  end
  return found.name, found.whole
end

--- Its arguments that come from options: they are also a part of the key of the cache. The compiled model must
--- not depend on where it was started, so all paths are from the root on.
---@param o table checked options
---@param support string folder with the stubs
---@return string[]
function verilator.arguments(o, support)
  local a = { "--cc", "--no-timing", "--timescale", "1ns/1ps", "--timescale-override", "/1ps", "--prefix", "Vlunq",
              "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-STMTDLY", "-Wno-SYMRSVDWORD",
              "--unroll-count", UNROLL, "--top-module", o.top }
  local function add(...) table.move({ ... }, 1, select("#", ...), #a + 1, a) end
  if o.trace then add(o.trace == "fst" and "--trace-fst" or "--trace") end
  if o.coverage then add("--coverage-" .. o.coverage) end
  for _, p in ipairs(o.parameters) do add(("-G%s=%s"):format(p.name, p.value)) end
  for _, d in ipairs(o.defines) do add(("-D%s=%s"):format(d.name, d.value)) end
  for _, list in ipairs { o.libraries, o.folders, { support .. "/stubs" } } do
    for _, folder in ipairs(list) do add("-y", folder) end
  end
  for _, list in ipairs { o.includes, o.libraries, o.folders } do
    for _, folder in ipairs(list) do add("+incdir+" .. folder) end
  end
  for _, path in ipairs(o.sources) do add(path) end
  return a
end

--- What may help where it fails, when it says this: other options, and the note of it.
local AGAIN <const> = {
  { "syntax error", "--assert +1364-2005ext+v",
    "files .v were read as Verilog-2005: one has a name that is a word of SystemVerilog" },
  { "Internal Error", "", "built without assertions: this version of Verilator fails on one of them" }, -- rtl.md 7
}

--- Makes C++ of the sources.
---@param o table checked options
---@param arguments string[] of verilator.arguments
---@param folder string where it is written
---@param here string the folder the program runs in, for messages
---@return table more of generated.complete, all notes in it
---@return string warnings its own, often none
--- Raises `value` with its complaints.
function verilator.run(o, arguments, folder, here)
  local words = { "verilator", "--Mdir", folder }
  table.move(arguments, 1, #arguments, #words + 1, words)
  local command = ("cd %s && "):format(child.word(folder)) .. child.command(words)
  local function complete(option)
    return generated.complete(o, function(sources)
      return child.run(("%s %s %s"):format(command, child.command(sources), option))
    end)
  end
  local ok, said, more = complete "--assert"
  if ok then return more, complaints.readable(said, here) end
  for _, other in ipairs(AGAIN) do
    if said:find(other[1], 1, true) then
      local better, again, with = complete(other[2])
      if better then
        table.insert(with.notes, 1, other[3])
        return with, complaints.readable(again, here)
      end
    end
  end
  complaints.raise("Verilator", o.top, said, here)
end

--- The files it has read, itself left out.
---@param folder string with its output
---@return string[]
function verilator.files(folder)
  local list = {}
  for path in cache.read(folder .. "/Vlunq__verFiles.dat"):gmatch '\nS [^\n]-"([^"\n]*)"' do
    -- In a folder with a space in its name it also looks for a file up to there.
    local is_file = core.file_kind(path) == "file"
    if is_file and not path:find "/verilator_bin[%w_]*$" then list[#list + 1] = path end
  end
  table.sort(list)
  return list
end

--- The pins of the model.
---@param o table checked options
---@param folder string with its output
---@return table[] pins as lunq.rtl.ports.read
---@return string[] notes what was left out
--- Raises `unsupported` for a port that can't be.
function verilator.pins(o, folder)
  local pins, notes = ports.read(cache.read(folder .. "/Vlunq.h"))
  local bad = ports.impossible(pins)
  if bad then
    errors.raise("unsupported", "The port %s of %s is called as a part of Verilator's own C++: put the module into one "
                 .. "that calls it otherwise", bad, o.top)
  end
  return pins, notes
end

verilator.compile = compile.run

return verilator
