--- What Verilog sources define, as far as it must be known before Verilator reads them: names of modules, a module's
--- parameters, packages and the order they have to be read in.
local core = require "lunq.core"
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

-- ---- packages -----------------------------------------------------------------------------------

--- What a file has to do with packages: names it defines, names it uses (p::x, also those of classes).
local function packages(path)
  local text, defined, used = code(path), {}, {}
  for name in text:gmatch "%f[%w_$]package%s+([%a_][%w_$]*)" do
    if name == "automatic" or name == "static" then name = text:match("package%s+" .. name .. "%s+([%a_][%w_$]*)") end
    if name then defined[name] = true end
  end
  for name in text:gmatch "([%a_][%w_$]*)%s*::" do used[#used + 1] = name end
  return defined, used
end

--- The file of this name in one of the folders.
local function look_for(name, folders)
  for _, folder in ipairs(folders) do
    for _, ending in ipairs { ".sv", ".v", ".svh" } do
      local path = ("%s/%s%s"):format(folder, name, ending)
      if core.file_kind(path) == "file" then return path end
    end
  end
end

--- Sources in an order in which every package comes before what uses it. Packages that none of them defines are looked
--- for in the folders, in files called as they are.
---@param sources string[]
---@param folders string[]
---@return string[]
function modules.order(sources, folders)
  local file_of, about, list, done = {}, {}, {}, {}
  local function learn(path)
    local defined, used = packages(path)
    about[path] = used
    for name in pairs(defined) do file_of[name] = file_of[name] or path end
  end
  for _, path in ipairs(sources) do learn(path) end
  local function add(path)
    if done[path] then return end
    done[path] = true -- at once: packages that need one another are Verilator's business
    for _, name in ipairs(about[path]) do
      local found = file_of[name] or look_for(name, folders)
      if found and not about[found] then learn(found) end
      if found and file_of[name] == found then add(found) end
    end
    list[#list + 1] = path
  end
  for _, path in ipairs(sources) do add(path) end
  return list
end

return modules
