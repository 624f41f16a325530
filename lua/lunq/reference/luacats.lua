--- The API reference as definitions for editors, in the annotations of lua-language-server (LuaCATS).
local comments = require "lunq.help.comments"

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

local function add_class(out, section)
  add_comment(out, section.text)
  out[#out + 1] = ("---@class %s"):format(section.name)
  local variable = section.name:gsub("[^%w_]", "_")
  out[#out + 1] = ("local %s = {}\n"):format(variable)
  for _, item in ipairs(section.items) do
    if section.in_c then
      add_function(out, variable, item.call:find "^core%." and "." or ":", item, item.name)
    else
      local separator, name = item.name:match "([.:])([%w_]+)$"
      if name then add_function(out, variable, separator, item, name) end
    end
  end
end

local SETTINGS <const> = { driver_path = "string[]", overlay_path = "string[]", time_limit = "number",
                           version = "string", core = "table" }

--- The table `lunq` itself: which name is of which class.
local function module_table()
  local out, lunq = { "---@class lunq.Module" }, require "lunq"
  for name in pairs(lunq) do
    local module = not SETTINGS[name] and comments.module_of(lunq[name])
    out[#out + 1] = ("---@field %s %s"):format(name, module or SETTINGS[name] or "function")
  end
  out[#out + 1] = "local lunq = {}\nreturn lunq"
  return table.concat(out, "\n")
end

--- Definitions of all classes.
---@param list table[] of lunq.reference.chapters
---@return string
return function(list)
  local out = { "---@meta lunq", "-- Made of the comments of the sources by `lunq reference --luacats`.\n" }
  for _, chapter in ipairs(list) do
    for _, section in ipairs(chapter.sections) do add_class(out, section) end
  end
  out[#out + 1] = module_table()
  return table.concat(out, "\n") .. "\n"
end
