--- What simulators say of sources that are wrong: without noise, and with what to do about it.
local errors = require "lunq.errors"
local providers = require "lunq.rtl.providers"

local complaints = {}

--- The paths of a message as the user sees them, below the folder the program runs in.
function complaints.readable(text, here)
  local plain = here:gsub("%p", "%%%0")
  return (text:gsub(plain .. "/", ""))
end

--- How Verilator and Icarus say that a module is in none of the files.
local MISSING <const> = { "Cannot find file containing module: '([^'\n]+)'", "error: Unknown module type: ([^\n]+)" }

--- Complaints with the name they are about, and what to do.
local ADVICE <const> = {
  { MISSING[1], providers.advice },
  { MISSING[2], providers.advice },
  { "Importing from missing package '([^'\n]+)'", function(name)
    return ("%s is a package of none of the sources: name its file, or its folder with -y (the file is called %s.sv "
            .. "there)"):format(name, name)
  end },
  { "Cannot find include file: ([^\n]+)", function(name)
    return ("Name the folder of %s with -I"):format(name)
  end },
  { 'of component "([^"\n]+)" is not bound', providers.entity }, -- GHDL, and the next three
  { 'unit "([^"\n]+)" not found in library "work"', providers.entity },
  { 'cannot find resource library "([^"\n]+)"', providers.vhdl_library },
  { "cannot find entity or configuration ([^\n]+)", providers.entity },
  { "unhandled type for generic override of '([^'\n]+)'", function()
    return "GHDL sets generics that are numbers, texts, booleans and other enumerations; an entity around this one can "
      .. "set a vector"
  end },
  { "Unsupported: (Interfaced port) on top level module", function()
    return "An interface as a port can't be reached from outside: wrap the module in one with flat ports, one for each "
           .. "signal (s_axi_awaddr ...), that connects them to the interface's"
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
local function first_lines(text)
  local lines, most, skip = {}, 24, false
  for line in text:gmatch "[^\n]+" do
    if line:find "^%%" then skip = line:find "^%%Warning" or line:find "Exiting due to" end
    if line:find "search path" or line:find "Looked in:" then skip = true end
    if not skip then lines[#lines + 1] = line end
    if #lines == most then break end
  end
  return #lines > 0 and table.concat(lines, "\n") or text
end

--- The modules that were in none of the files.
---@param said string
---@return string[]
function complaints.missing(said)
  local list = {}
  for _, pattern in ipairs(MISSING) do
    for name in said:gmatch(pattern) do list[#list + 1] = name end
  end
  return list
end

--- Raises `value` with what a simulator said.
---@param simulator string
---@param top string
---@param said string
---@param here string the folder the program runs in
function complaints.raise(simulator, top, said, here)
  local text = complaints.readable(said, here)
  local message = { ("%s refuses %s:"):format(simulator, top), first_lines(text) }
  for _, line in ipairs(advice_for(text)) do message[#message + 1] = line end
  errors.raise("value", "%s", table.concat(message, "\n"))
end

return complaints
