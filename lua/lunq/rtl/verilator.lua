--- Verilator, a tool of the user's machine: found and run, its complaints made readable.
local child = require "lunq.child"
local errors = require "lunq.errors"
local providers = require "lunq.rtl.providers"

local verilator = {}

--- 5.006 is Debian 12's; before 5 the generated code was another.
local OLDEST <const> = 5.006

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
                   .. "(on Debian: apt-get install verilator g++ make)")
    elseif not number then
      errors.raise("runtime", "verilator --version doesn't say a version: %s", text:match "[^\n]*")
    elseif tonumber(number) < OLDEST then
      errors.raise("unsupported", "Verilator %s is too old, 5.006 or later is needed (Debian 12 and Ubuntu 24.04 "
                   .. "have it)", number)
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
              "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-STMTDLY", "-Wno-SYMRSVDWORD", "--top-module", o.top }
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

--- The paths of a message as the user sees them, below the folder the program runs in.
local function readable(text, here)
  local plain = here:gsub("%p", "%%%0")
  return (text:gsub(plain .. "/", ""))
end

--- Complaints of Verilator with the name they are about, and what to do.
local ADVICE <const> = {
  { "Cannot find file containing module: '([^'\n]+)'", providers.advice },
  { "Importing from missing package '([^'\n]+)'", function(name)
    return ("%s is a package of none of the sources: name its file, or its folder with -y (the file is called %s.sv "
            .. "there)"):format(name, name)
  end },
  { "Cannot find include file: ([^\n]+)", function(name)
    return ("Name the folder of %s with -I"):format(name)
  end },
  { "Unsupported: (Interfaced port) on top level module", function()
    return "An interface as a port can't be reached from outside: wrap the module in one whose ports are signals"
  end },
}

local MOST <const> = 6 -- sentences; who lacks a library lacks all of it

--- What to do about complaints, each once.
local function advice_for(text)
  local list, seen, more = {}, {}, {}
  for _, known in ipairs(ADVICE) do
    for name in text:gmatch(known[1]) do
      local to = #list < MOST and list or more
      if not seen[name] then to[#to + 1] = to == list and known[2](name) or name end
      seen[name] = true
    end
  end
  if #more > 0 then list[#list + 1] = "The same with " .. table.concat(more, ", ") end
  return list
end

--- The first complaints, without the list of places a module was looked for in.
local function complaints(text)
  local lines, most, skip = {}, 24, false
  for line in text:gmatch "[^\n]+" do
    if line:find "^%%" then skip = line:find "^%%Warning" or line:find "Exiting due to" end
    if line:find "search path" or line:find "Looked in:" then skip = true end
    if not skip then lines[#lines + 1] = line end
    if #lines == most then break end
  end
  return #lines > 0 and table.concat(lines, "\n") or text
end

local function failed(o, said, here)
  local text = readable(said, here)
  local message = { ("Verilator refuses %s:"):format(o.top), complaints(text) }
  for _, line in ipairs(advice_for(text)) do message[#message + 1] = line end
  errors.raise("value", "%s", table.concat(message, "\n"))
end

--- What may help where it fails, when it says this: an option more or one less, and the note of it.
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
---@return string[] notes
---@return string warnings its own, often none
--- Raises `value` with its complaints.
function verilator.run(o, arguments, folder, here)
  local words = { "verilator", "--Mdir", folder }
  table.move(arguments, 1, #arguments, #words + 1, words)
  local command = ("cd %s && "):format(child.word(folder)) .. child.command(words)
  local ok, said = child.run(command .. " --assert")
  if ok then return {}, readable(said, here) end
  for _, other in ipairs(AGAIN) do
    if said:find(other[1], 1, true) then
      local better, again = child.run(("%s %s"):format(command, other[2]))
      if better then return { other[3] }, readable(again, here) end
    end
  end
  failed(o, said, here)
end

return verilator
