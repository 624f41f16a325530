--- What Verilog sources define, as far as it must be known before Verilator reads them: names of modules, and of a
--- module's parameters.
local loader = require "lunq.loader"

local modules = {}

--- A source without comments and texts.
local function code(path)
  return (loader.read(path):gsub('"[^"\n]*"', '""'):gsub("//[^\n]*", ""):gsub("/%*.-%*/", " "))
end

--- Where each module begins: an iterator over names and places.
local function each(text)
  local at = 1
  return function()
    local name, behind = text:match("%f[%w_$]module%s+([%a_][%w_$]*)()", at)
    if name == "automatic" or name == "static" then name, behind = text:match("([%a_][%w_$]*)()", behind) end
    at = behind
    if at then return name, at end
  end
end

--- Names of the modules a file defines, in order.
---@param path string
---@return string[]
function modules.names(path)
  local list = {}
  for name in each(code(path)) do list[#list + 1] = name end
  return list
end

--- Names that are given a value: "parameter integer A = 1, B = {2, 3}" and the like.
local function add_names(text, set)
  local flat = text:gsub("%b()", "()"):gsub("%b{}", "{}"):gsub("%b[]", " ")
  for name in flat:gmatch "([%a_][%w_$]*)%s*=[^=]" do set[name] = true end
end

--- The names of a module's parameters, as a set; empty when no file defines it.
---@param paths string[]
---@param top string
---@return table<string, boolean>
function modules.parameters(paths, top)
  local set = {}
  for _, path in ipairs(paths) do
    local text = code(path)
    for name, at in each(text) do
      if name == top then
        local body = text:sub(at, (text:find("%f[%w_$]endmodule", at)))
        body = body:gsub("%f[%w_$]import%f[^%w_$][^;]*;", "")
        local head, behind = body:match "^%s*#%s*(%b())()"
        if head then add_names(head:sub(2, -2):gsub("%f[%w_$]localparam[^,]*", ""), set) end
        for declaration in body:sub(behind or 1):gmatch "%f[%w_$]parameter%f[^%w_$]([^;]*);" do
          add_names(declaration, set)
        end
      end
    end
  end
  return set
end

return modules
