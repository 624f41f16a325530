--- What VHDL sources define, as far as it must be known before GHDL reads them: names of entities, and an entity's
--- generics and ports with the case of the source, which GHDL does not keep.
local loader = require "lunq.loader"

local vhdl = {}

--- True for the path of a VHDL file.
---@param path string
---@return boolean
function vhdl.is_source(path) return path:lower():find "%.vhdl?$" ~= nil end

--- A source without comments, texts and characters.
local function code(path)
  return (loader.read(path):gsub("'\"'", "' '"):gsub('"[^"\n]*"', '""'):gsub("%-%-[^\n]*", ""):gsub("/%*.-%*/", " "))
end

--- Names of the entities a file defines, in order.
---@param path string
---@return string[]
function vhdl.names(path)
  local list = {}
  for word, name in code(path):gmatch "%f[%w_](%a+)%s+(%a[%w_]*)%s+[iI][sS]%f[^%w_]" do
    if word:lower() == "entity" then list[#list + 1] = name end
  end
  return list
end

--- The library of sources nobody names one for: work, or the one Vivado calls so where a source does, too.
---@param paths string[]
---@return string
function vhdl.own_library(paths)
  for _, path in ipairs(paths) do
    if vhdl.is_source(path) and code(path):lower():find "%f[%w_]xil_defaultlib%f[^%w_]" then return "xil_defaultlib" end
  end
  return "work"
end

--- The library of an entity.
---@param units table[] { library, path }
---@param name string in any case
---@return string? library
function vhdl.library_of(units, name)
  for _, unit in ipairs(units) do
    for _, known in ipairs(vhdl.names(unit.path)) do
      if known:lower() == name:lower() then return unit.library end
    end
  end
end

--- The declaration of an entity, up to its first `end`; nil when no file has it.
local function declaration(paths, name)
  for _, path in ipairs(paths) do
    local text = code(path)
    local lower = text:lower()
    local _, at = lower:find("%f[%w_]entity%s+" .. name:lower() .. "%s+is%f[^%w_]")
    if at then return text:sub(at + 1, (lower:find("%f[%w_]end%f[^%w_]", at))) end
  end
end

local MODES <const> = { ["in"] = "in", out = "out", buffer = "out", inout = "inout", linkage = "inout" }

--- Reads "a, b : in std_logic; c : out std_logic_vector(7 downto 0) := x" in brackets behind a word.
local function interface(text, word)
  local at = text:lower():match("%f[%w_]" .. word .. "%s*()%(")
  local list = {}
  for part in (at and text:match("^%b()", at) or "()"):sub(2, -2):gmatch "[^;]+" do
    local names, rest = part:match "^([^:]+):%s*(.-)%s*$"
    local default
    rest, default = (rest or ""):gsub("%s*:=.*$", "")
    local mode, kind = rest:match "^(%a+)%s+(.*)$"
    if not MODES[(mode or ""):lower()] then mode, kind = "in", rest end
    for name in (names or ""):gmatch "[^%s,]+" do
      local lower = name:lower()
      if lower ~= "signal" and lower ~= "constant" then
        list[#list + 1] = { name = name, direction = MODES[mode:lower()], type = (kind:gsub("%s+", " ")),
                            default = default > 0 }
      end
    end
  end
  return list
end

--- The ports of an entity, in order.
---@param paths string[] files, one of which defines it
---@param name string in any case
---@return table[] ports { name, direction = "in" | "out" | "inout", type }
function vhdl.ports(paths, name) return interface(declaration(paths, name) or "", "port") end

--- The generics of an entity.
---@param paths string[]
---@param name string
---@return table<string, string> types by name in lower case
---@return string[] open those without a default
function vhdl.generics(paths, name)
  local types, open = {}, {}
  for _, g in ipairs(interface(declaration(paths, name) or "", "generic")) do
    types[g.name:lower()] = g.type:lower()
    if not g.default then open[#open + 1] = g.name end
  end
  return types, open
end

return vhdl
