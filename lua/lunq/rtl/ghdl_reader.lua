--- GHDL as a reader of VHDL: found and run, its complaints made readable, sources put in order. What lunq.rtl.ghdl
-- (simulation) and lunq.rtl.synth (conversion) share.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local complaints = require "lunq.rtl.complaints"
local errors = require "lunq.errors"
local vhdl = require "lunq.rtl.vhdl"

local reader = {}

--- What to do where it is missing.
reader.INSTALL = "(on Debian: apt-get install ghdl-mcode)"

local found

--- The version.
---@return string name "GHDL 2.0.0"
---@return string whole
--- Raises `unsupported` when it isn't there, or has no code generator mcode.
function reader.version()
  if not found then
    local _, text, code = child.run "ghdl-mcode --version || ghdl --version"
    local number = text:match "GHDL (%d[%w.]*)"
    if code == 127 or not number then
      errors.raise("unsupported", "VHDL needs GHDL, which is not installed %s", reader.INSTALL)
    elseif not text:find("mcode", 1, true) then
      errors.raise("unsupported", "GHDL %s is there without its code generator mcode %s", number, reader.INSTALL)
    end
    local program = text:find "^GHDL" and "ghdl-mcode" or "ghdl"
    found = { name = "GHDL " .. number, whole = text, program = program }
  end
  return found.name, found.whole
end

--- The program.
---@return string
function reader.program()
  reader.version()
  return found.program
end

--- Options for reading sources: rules of the old tools that much code was written with are none of ours to enforce.
---@param o table checked options
---@return string[]
function reader.options(o) return { "--std=" .. (o.std or "08"), "-frelaxed", "-fsynopsys", "--syn-binding", "-C" } end

--- Words of one call: the program, a command, options for reading.
---@param o table checked options
---@param ... string the command
---@return string[]
function reader.words(o, ...)
  local words, options = { reader.program(), ... }, reader.options(o)
  return table.move(options, 1, #options, #words + 1, words)
end

--- Adds units to the words of a call, each library named before its files.
---@param words string[]
---@param units table[] in order
---@param folder string in front of their copies: "./"
function reader.add_units(words, units, folder)
  local library
  for _, unit in ipairs(units) do
    if unit.library ~= library then words[#words + 1] = "--work=" .. unit.library end
    library = unit.library
    words[#words + 1] = folder .. unit.copy
  end
end

--- Copies the sources into the build's folder, those of a folder into a numbered one: the model gets these, and GHDL
--- doesn't put what has a path from the root on in order. Imports them.
---@param o table checked options; each of its units gets `copy`
---@param folder string
---@param here string the folder the program runs in, for messages
--- Raises `value` with GHDL's complaints.
function reader.import(o, folder, here)
  local units = o.units
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
  local by_library = {}
  for _, unit in ipairs(units) do
    by_library[unit.library] = by_library[unit.library] or reader.words(o, "-i", "--work=" .. unit.library)
    table.insert(by_library[unit.library], unit.copy)
  end
  for _, words in pairs(by_library) do reader.call(o, folder, here, words) end
end

--- A message with the paths of the sources.
---@param o table checked options
---@param said string
---@return string
function reader.with_paths(o, said)
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

--- Raises `value` with what GHDL said.
function reader.refuse(o, said, here)
  local lines = {}
  for line in reader.with_paths(o, said):gmatch "[^\n]+" do
    local noise = false
    for _, pattern in ipairs(NOISE) do noise = noise or line:find(pattern) end
    if not noise then lines[#lines + 1] = line:gsub("^[%w-]+:error: ", ""):gsub("^ghdl[%w-]*: ", "") end
  end
  complaints.raise("GHDL", o.top, table.concat(lines, "\n"), here)
end

--- Runs GHDL.
---@param o table checked options
---@param folder string
---@param here string
---@param words string[]
---@return string said
--- Raises `value` with its complaints.
function reader.call(o, folder, here, words)
  local ok, said = child.run(("cd %s && %s"):format(child.word(folder), child.command(words)))
  if not ok then reader.refuse(o, said, here) end
  return said
end

--- The units that an entity needs, in the order they have to be read in.
---@param o table checked options, imported
---@param top string
---@param folder string
---@param here string
---@return table[] units
--- Raises `value` when there is no such entity.
function reader.order(o, top, folder, here)
  local library = vhdl.library_of(o.units, top) or "work"
  local by_copy, list, words = {}, {}, reader.words(o, "--elab-order", "-P.", "--work=" .. library)
  for _, unit in ipairs(o.units) do by_copy[unit.copy] = unit end
  words[#words + 1] = top
  for line in reader.call(o, folder, here, words):gmatch "[^\n]+" do list[#list + 1] = by_copy[line] end
  return list
end

return reader
