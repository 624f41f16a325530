--- The API reference as definitions for editors, in the annotations of lua-language-server (LuaCATS): what
--- completes and checks a driver or a script while it is written.
local comments = require "lunq.help.comments"

-- What the functions in `lunq` give; the rest of their definition is that of lunq.core.
local GIVES <const> = {
  MMIO = { "mmio", "lunq.MMIO" }, Register = { "register", "lunq.Register" }, allocate = { "allocate", "lunq.Buffer" },
  array = { "array", "lunq.Buffer" }, batch = { "batch", "lunq.Batch" }, event = { "event", "lunq.Event" },
  spawn = { "spawn", "lunq.Task" }, now = { "now", "integer" }, sleep = { "sleep" },
  buffer_budget = { "buffer_budget", "integer" },
}

-- What calling a class gives, where it is not an object of that class.
local MAKES <const> = { ["lunq.load"] = "lunq.overlay", ["lunq.gpio"] = "lunq.GPIO" }

-- What objects have besides what their class has.
local ALSO <const> = { ["lunq.ip"] = "lunq.hls.ip" }

-- Classes whose objects have members named by the design.
local OPEN <const> = { ["lunq.overlay"] = true, ["lunq.hierarchy"] = true, ["lunq.ip"] = true }

local SETTINGS <const> = { driver_path = "string[]", overlay_path = "string[]", time_limit = "number",
                           version = "string", core = "lunq.core" }

local function add_comment(out, text)
  for line in (text .. "\n"):gmatch "(.-)\n" do out[#out + 1] = "---" .. line end
end

--- What stands in a call that is an example, as the name of an argument.
local function named(call)
  return (call:match "%((.*)%)" or ""):gsub("=[^,]*", ""):gsub("%b{}", "options"):gsub('%b""', "text")
         :gsub("%f[%w]%d[%w.]*", "number"):gsub("%f[%w]true%f[%W]", "on"):gsub("%f[%w]false%f[%W]", "on")
end

--- Names of arguments that Lua accepts: "[, start]" and defaults are for people.
local function arguments(call)
  local list, keywords = {}, { ["or"] = true, ["and"] = true, ["nil"] = true, ["function"] = true }
  for word in named(call):gmatch "[%w_.]+" do
    if word == "..." or word:find "^[%a_][%w_]*$" and not keywords[word] then list[#list + 1] = word end
    if word == "..." then break end
  end
  return table.concat(list, ", ")
end

local function add_function(out, owner, separator, item, name)
  add_comment(out, item.text)
  for _, p in ipairs(item.params or {}) do
    out[#out + 1] = ("---@param %s%s %s"):format(p.name, p.optional and "?" or "", p.type ~= "" and p.type or "any")
  end
  for _, r in ipairs(item.returns or {}) do out[#out + 1] = "---@return " .. r end
  out[#out + 1] = ("function %s%s%s(%s) end\n"):format(owner, separator, name, arguments(item.call))
end

--- What is behind a module: the name of the class its own is made from, and what calling it gives.
local function nature_of(module)
  local class = package.loaded[module] or require(module)
  local meta = type(class) == "table" and debug.getmetatable(class)
  if type(meta) ~= "table" then return nil, nil end
  local parent = rawget(class, "__name") and rawget(meta, "__index")
  parent = type(parent) == "table" and comments.module_of(parent) or nil
  return parent, MAKES[module] or parent and module or rawget(meta, "__call") and "any" or nil
end

--- Fields an init makes, by the class's own word (lunq.repl.parts).
local function parts_of(section)
  local list, class = {}, package.loaded[section.name]
  for name, part in pairs(type(class) == "table" and rawget(class, "parts") or {}) do
    part = type(part) == "table" and rawget(part, 1) or part
    local known = type(part) == "string" and part or comments.module_of(part)
                  or section.name .. "." .. tostring(rawget(part, "__name"))
    list[#list + 1] = ("---@field %s %s"):format(name, known)
  end
  table.sort(list)
  return list
end

--- Fields of a class written in C: what its objects show besides methods.
local function properties_of(name)
  local meta, list = debug.getregistry()[name], {}
  local found = type(meta) == "table" and (rawget(meta, "properties") or rawget(meta, "methods"))
  for property, what in next, type(found) == "table" and found or {} do
    if type(what) ~= "function" then list[#list + 1] = ("---@field %s any"):format(property) end
  end
  table.sort(list)
  return list
end

local function add_fields(out, section)
  for _, f in ipairs(section.fields) do
    out[#out + 1] = ("---@field %s%s %s"):format(f.name, f.optional and "?" or "", f.type)
  end
  for _, line in ipairs(section.in_c and properties_of(section.name) or parts_of(section)) do out[#out + 1] = line end
  if OPEN[section.name] then out[#out + 1] = "---@field [string] any" end
end

local function add_head(out, name, parent)
  local variable = name:gsub("[^%w_]", "_")
  out[#out + 1] = ("---@class %s%s"):format(name, parent and ": " .. parent or "")
  return variable
end

--- A class written in C.
local function add_c_class(out, section)
  add_comment(out, section.text)
  local variable = add_head(out, section.name)
  add_fields(out, section)
  out[#out + 1] = ("local %s = {}\n"):format(variable)
  for _, item in ipairs(section.items) do
    add_function(out, variable, item.call:find "^core%." and "." or ":", item, item.name)
  end
end

--- The functions of a module by the class they belong to: name of the class in the file -> items.
local function by_owner(section)
  local owners, order = {}, {}
  for _, item in ipairs(section.items) do
    local owner = item.name:match "^([%w_]+)[.:]"
    if owner and not owners[owner] then
      owners[owner] = {}
      if owner ~= section.class then order[#order + 1] = owner end
    end
    if owner then table.insert(owners[owner], item) end
  end
  return owners, order
end

local function add_methods(out, variable, items)
  for _, item in ipairs(items or {}) do
    local separator, name = item.name:match "([.:])([%w_]+)$"
    add_function(out, variable, separator, item, name)
  end
end

--- extend gives a class of the same kind, and calling a class an object of it.
local EXTEND <const> = [[
---Makes a subclass. `fields` becomes the class: methods and defaults of its instances.
---@generic T
---@param self T
---@param fields? table
---@return T
function lunq_class.extend(self, fields) end
]]

--- A module: its class, and classes that stand in the same file.
local function add_module(out, section)
  local owners, order = by_owner(section)
  local main = owners[section.class] and section.class or order[1]
  add_comment(out, section.text)
  local parent, made = nature_of(section.name)
  local also = ALSO[section.name]
  local variable = add_head(out, section.name, also and parent .. ", " .. also or parent)
  if made then out[#out + 1] = "---@overload fun(...): " .. made end
  add_fields(out, section)
  out[#out + 1] = ("local %s = {}\n"):format(variable)
  add_methods(out, variable, owners[main])
  if section.name == "lunq.class" then out[#out + 1] = EXTEND end
  for _, owner in ipairs(order) do
    if owner ~= main then
      local inner = add_head(out, section.name .. "." .. owner)
      out[#out + 1] = ("local %s = {}\n"):format(inner)
      add_methods(out, inner, owners[owner])
    end
  end
end

--- The functions of lunq.core that stand in `lunq`, with what they give.
local function add_lunq_functions(out, core)
  for _, item in ipairs(core.items) do
    for name, gives in pairs(GIVES) do
      if gives[1] == item.name then
        local copy = { call = item.call, text = item.text, returns = { gives[2] } }
        add_function(out, "lunq", ".", copy, name)
      end
    end
  end
end

--- The table `lunq` itself: which name is of which class.
local function add_lunq(out, core)
  local lunq = require "lunq"
  out[#out + 1] = "---@class lunq.Module"
  for name in pairs(lunq) do
    local module = not SETTINGS[name] and comments.module_of(lunq[name])
    if module or SETTINGS[name] then
      out[#out + 1] = ("---@field %s %s"):format(name, module or SETTINGS[name])
    elseif not GIVES[name] then
      out[#out + 1] = ("---@field %s function"):format(name)
    end
  end
  out[#out + 1] = "local lunq = {}\n"
  add_lunq_functions(out, core)
  out[#out + 1] = "return lunq"
end

--- Definitions of all classes.
---@param list table[] of lunq.reference.chapters
---@return string
return function(list)
  local core
  local out = { "---@meta lunq", "-- Made of the comments of the sources by `lunq reference --luacats`.\n" }
  for _, chapter in ipairs(list) do
    for _, section in ipairs(chapter.sections) do
      if section.name == "lunq.core" then core = section end
      if section.in_c then add_c_class(out, section) else add_module(out, section) end
    end
  end
  add_lunq(out, core)
  return table.concat(out, "\n") .. "\n"
end
