--- The texts about what is written in C: classes, their methods, functions of lunq.core. They come from the
--- comments of the bindings (lunq.c_docs): the comment before a function, or its line in the example at the
--- top of its file.
local core = require "lunq.core"

local c_texts = {}

--- Whether an entry of lunq.c_docs is about a class ("": functions of lunq.core).
local function belongs(entry, class)
  if class == "" then return entry.text:find "^core%." ~= nil end
  return (" " .. entry.class .. " "):find(" " .. class .. " ", 1, true) ~= nil
end

--- A text that begins with words, with a capital.
local function sentence(text)
  return (text:gsub("^%l+ %l", function(words) return words:sub(1, 1):upper() .. words:sub(2) end))
end

--- What a line of an example says behind a call: "--> integer   m:write(...)", "m:write16(2)  -- words", "words".
local function remark(rest)
  local arrow, text = rest:match "%-%-(>?)%s*(.*)$"
  if text then return (arrow == ">" and "gives " or "") .. (text:match "^(.-)%s%s+[%w_]*[.:]" or text) end
  local others
  repeat rest, others = rest:gsub("^%s*[%w_]*[.:][%w_]+%b()%s*", "") until others == 0
  return rest
end

--- The line about a function in an example: its call, and what it says after it.
local function example_line(text, pattern)
  for line in text:gmatch "[^\n]+" do
    local from = line:find(pattern)
    if from and line:find "^  " then
      local call, rest = line:sub(from):match "^([%w_]*[.:][%w_]+%b())(.*)$"
      if call then return call .. ": " .. remark(rest) end
    end
  end
end

-- Classes whose examples stand at the top of several files: how their functions are called there.
local CALLED <const> = { [""] = "core%.", ["lunq.Device"] = "d:", ["lunq.MMIO"] = "m:" }

--- The text about a function: "b:fill(x): what it does".
---@param class string "lunq.Buffer"; "" for functions of lunq.core
---@param name string
---@return string?
function c_texts.of(class, name)
  for _, entry in ipairs(require "lunq.c_docs") do
    if entry.name == name and belongs(entry, class) then return entry.text end
  end
  local called = CALLED[class]
  local pattern = (called or "[%w_]+:") .. name .. "%("
  for _, entry in ipairs(require "lunq.c_docs") do
    if not entry.name and (called or belongs(entry, class)) then
      local line = example_line(entry.text, pattern)
      if line then return line end
    end
  end
end

--- What the top of each file of a class says.
---@param class string
---@return string[]
function c_texts.headers(class)
  local list = {}
  for _, entry in ipairs(require "lunq.c_docs") do
    if not entry.name and belongs(entry, class) then
      list[#list + 1] = sentence((entry.text:gsub("^%S+%.c %- ", "")))
    end
  end
  return list
end

--- Splits "b:fill(x): what it does" into the call and the rest.
---@param text string of a function written in C
---@return string? call
---@return string text
function c_texts.split_call(text)
  local call, rest = text:match "^([%w_]*[.:]?[%w_]+%s?%b())%s*:?%s*(.*)$"
  if not call then call, rest = text:match "^([%w_]*[.:]?[%w_]+%b{})%s*:?%s*(.*)$" end
  return call, call and rest or text
end

--- The functions of a class by name, as its metatable has them; each MMIO has a metatable of its own.
local function methods_of(class)
  local meta, list = class == "lunq.MMIO" and { methods = core.mmio_methods } or debug.getregistry()[class], {}
  local methods = type(meta) == "table" and (rawget(meta, "methods") or rawget(meta, "__index"))
  for name, f in next, type(methods) == "table" and methods or {} do
    if type(f) == "function" then list[name] = f end
  end
  return list
end

local c_functions -- function -> { class, name }

--- Which class and name a C function has; class "" for functions of lunq.core.
---@param f function
---@return string? class
---@return string? name
function c_texts.name_of(f)
  if not c_functions then
    c_functions = {}
    for _, class in ipairs(c_texts.classes()) do
      for name, method in next, methods_of(class) do c_functions[method] = { class, name } end
    end
    for name, value in next, core do
      if type(value) == "function" then c_functions[value] = { "", name } end
    end
  end
  local found = c_functions[f]
  if found then return found[1], found[2] end
end

--- A function as people see it. Two names of one function share its text, but not the call.
local function item(class, name)
  local call, text = c_texts.split_call(c_texts.of(class, name) or name)
  call = call or name
  local owner, own, rest = call:match "^([%w_]*[.:])([%w_]+)(.*)$"
  if own and own ~= name then call = owner .. name .. rest end
  text = sentence(text)
  return { name = name, call = call, text = text }
end

--- The functions of a class, by name; of lunq.core those that have a comment of their own.
---@param class string
---@return table[] items { name, call, text }
function c_texts.items(class)
  local list, names = {}, {}
  for name in next, methods_of(class) do names[name] = class end
  for _, entry in ipairs(require "lunq.c_docs") do
    if entry.name and class == "lunq.core" and belongs(entry, "") then names[entry.name] = "" end
  end
  for name, owner in pairs(names) do list[#list + 1] = item(owner, name) end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The classes there are, by name, and lunq.core.
---@return string[]
function c_texts.classes()
  local seen, list = { ["lunq.core"] = true }, { "lunq.core" }
  for _, entry in ipairs(require "lunq.c_docs") do
    for class in entry.class:gmatch "%S+" do
      if not seen[class] then
        seen[class], list[#list + 1] = true, class
      end
    end
  end
  table.sort(list)
  return list
end

return c_texts
