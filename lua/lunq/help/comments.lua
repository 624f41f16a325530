--- The comments of Lua sources, as help() and the API reference need them: of LUNQ's own modules, which
--- are inside the program with their comments, and of files.
local host = require "lunq.host"

local comments = {}

--- One source file: name, text (the comment at its top), fields (of its class, from there), items (its
--- functions with a comment), silent (names of public functions without one), class (what it returns)
local File = {}
File.__index = File

--- Those functions that are for others, in the order of the file.
function File:public()
  local list = {}
  for _, item in ipairs(self.items) do
    if item.public then list[#list + 1] = item end
  end
  return list
end

-- ---- parsing ------------------------------------------------------------------------------------

--- "---@param x? integer bytes" and the like, taken out of a block. A line behind it that is indented goes on
--- with its text: "---  ...".
local function annotation(line, item)
  local name, optional, type_, text = line:match "^@param%s+([%w_.]+)(%??)%s*(%S*)%s*(.*)$"
  if name then
    text = text ~= "" and ": " .. text or ""
    item.params[#item.params + 1] = { name = name, type = type_, optional = optional == "?",
                                      text = type_ .. (optional == "?" and ", may be left out" or "") .. text }
    return true
  end
  local result = line:match "^@return%s+(.*)$"
  if result then item.returns[#item.returns + 1] = result end
  return result ~= nil or line:match "^@" ~= nil
end

--- The lines of a block, those of an annotation as one.
local function joined(block)
  local lines, at = {}, 1
  while block[at] do
    local line = block[at]
    while line:find "^@" and (block[at + 1] or ""):find "^%s+%S" do
      at = at + 1
      line = line .. " " .. block[at]:match "^%s+(.*)$"
    end
    lines[#lines + 1] = line
    at = at + 1
  end
  return lines
end

--- Takes "---@field name type text" out of the comment at the top of a file.
local function read_header(file, block)
  local text = {}
  for _, line in ipairs(joined(block)) do
    local name, optional, type_, rest = line:match "^@field%s+([%w_]+)(%??)%s+(%S+)%s*(.*)$"
    if name then
      local shown = type_ .. (optional == "?" and " or nil" or "") .. (rest ~= "" and ": " .. rest or "")
      file.fields[#file.fields + 1] = { name = name, type = type_, optional = optional == "?", text = shown }
    elseif not line:find "^@" then
      text[#text + 1] = line
    end
  end
  file.text = table.concat(text, "\n")
end

local function make_item(block, name, arguments, line, public)
  local item = { name = name, line = line, public = public, call = ("%s(%s)"):format(name, arguments),
                 params = {}, returns = {} }
  local text = {}
  for _, l in ipairs(joined(block)) do
    if not annotation(l, item) then text[#text + 1] = l end
  end
  item.text = table.concat(text, "\n")
  return item
end

-- How a function begins: a pattern for its name and arguments, and whether others can see it.
local DEFINITIONS <const> = {
  { "^%s*function ([%w_.:]+)%((.-)%)", true }, { "^%s*local function ([%w_]+)%((.-)%)", false },
  { "^%s*([%w_.]+) = function%((.-)%)", false },
}

local HOOKS <const> = { init = true, missing = true, extended = true } -- of lunq.class: nobody calls them

local function definition(line)
  for _, d in ipairs(DEFINITIONS) do
    local name, arguments = line:match(d[1])
    local own = name and (name:match "[.:]([%w_]+)$" or name)
    if name then return name, arguments, d[2] and own:sub(1, 1) ~= "_" and not HOOKS[own] end
  end
end

--- Takes a source apart.
---@param name string of the module or file, for people
---@param source string
---@return table file
function comments.parse(name, source)
  local file = setmetatable({ name = name, text = "", fields = {}, items = {}, silent = {} }, File)
  local block, number, header = {}, 0, true
  for line in (source .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local comment = line:match "^%s*%-%-%-?%s?(.*)$"
    if comment and not line:find "^%s*%-%- %-%-%-%-" then
      block[#block + 1] = comment
    elseif not (header and line:find "^#!") then
      if header then
        read_header(file, block)
        header, block = false, {}
      end
      local fn, arguments, public = definition(line)
      file.class = line:match "^return ([%w_]+)%s*$" or file.class
      if fn and public and #block == 0 then file.silent[#file.silent + 1] = fn end
      if fn and #block > 0 then
        file.items[#file.items + 1] = make_item(block, fn, arguments, number, public)
      end
      block = {}
    end
  end
  return file
end

-- ---- files --------------------------------------------------------------------------------------

local parsed = {} -- by module name or path; false: there is no source

local function read_file(path)
  local f <close> = io.open(path)
  return f and f:read "a"
end

--- The comments of a module: one inside the program, or one package.path finds.
---@param name string
---@return table? file
function comments.of_module(name)
  if parsed[name] == nil then
    local source = host.module_text(name)
    if not source then
      local path = package.searchpath(name, package.path)
      source = path and read_file(path)
    end
    parsed[name] = source and comments.parse(name, source) or false
  end
  return parsed[name] or nil
end

--- The comments of the file a Lua function stands in.
---@param f function
---@return table? file
function comments.of_function(f)
  local source = debug.getinfo(f, "S").source
  local module = source:match "^@lunq:(.+)$"
  if module then return comments.of_module(module) end
  local path = source:match "^@(.+)$"
  if not path then return nil end
  local text = read_file(path) -- not kept: people edit their drivers
  return text and comments.parse(path:match "[^/]*$", text)
end

--- The comment of a Lua function.
---@param f function
---@return table? item { name, call, text, params, returns, line, public }
function comments.item(f)
  local info = debug.getinfo(f, "S")
  local file = info.what == "Lua" and comments.of_function(f)
  for _, item in ipairs(file and file.items or {}) do
    if item.line == info.linedefined then return item end
  end
end

--- The comments of all modules inside the program that are for users.
function comments.all()
  local list = {}
  for _, name in ipairs(host.modules()) do
    if name:find "^lunq" and name ~= "lunq.c_docs" or name:find "^drivers%." then
      list[#list + 1] = comments.of_module(name)
    end
  end
  return list
end

--- The Lua module that gives a class or table, by name.
---@param value any
---@return string?
function comments.module_of(value)
  for name, loaded in pairs(package.loaded) do
    if rawequal(loaded, value) and type(name) == "string" then return name end
  end
end

return comments
