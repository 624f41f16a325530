--- What a live view can look at: registers, register maps, IP, functions; for watch and monitor.
-- A register whose read is known to have an effect is never read; of an IP nobody knows, registers are read
-- only where each is named.
local core = require "lunq.core"
local errors = require "lunq.errors"
local live = require "lunq.live"
local nearest = require "lunq.nearest"
local register_map = require "lunq.register_map"
local show = require "lunq.repl.show"

local viewers = {}

local function kind_of(v)
  local meta = debug.getmetatable(v)
  return type(meta) == "table" and rawget(meta, "__name")
end

--- A register as a line, or one field of it, unless a read would have an effect.
local function register_text(register, field)
  local info = core.register.info(register)
  local name = (info.name or ("0x%x"):format(info.address)) .. (field and "." .. field or "")
  if info.unread or info.access == "write-only" or info.access == "absent" then
    return ("%s not read: %s"):format(name, info.unread or info.access)
  end
  return ("%s  %s"):format(name, field and tostring(register[field]) or register_map.line(register))
end

--- How to look at an item: a function that gives text. Nothing is read yet.
local function viewer(item, name, caller)
  if type(item) == "function" then
    return function() return show.value(item()) end
  elseif kind_of(item) == "lunq.Register" then
    return function() return register_text(item) end
  elseif kind_of(item) == "lunq.RegisterMap" then
    return function() return "\n" .. register_map.table(item) end
  elseif type(item) == "table" and type(rawget(item, "description")) == "table" then
    local map = item.register_map
    return function() return item.description.fullpath .. "\n" .. register_map.table(map) end
  end
  errors.raise("type", "%s of %s should be a register, a register map, an IP or a function, not %s: "
               .. "%s(function() return ... end) shows any value", name, caller, type(item), caller)
end

--- The items of a call.
---@param caller string what was called, for messages
---@param named? fun(text: string): function how to look at what a string names; nil: strings name nothing
---@param ... any the items, or one plain table of them by name
---@return table[] list of { name or nil, function that gives text }
--- Raises `type` for anything else.
function viewers.list(caller, named, ...)
  local list, n = {}, select("#", ...)
  local function add(item, name, place)
    local look = named and type(item) == "string" and named(item) or viewer(item, place, caller)
    list[#list + 1] = { name, look }
  end
  local only = n == 1 and ...
  if type(only) == "table" and debug.getmetatable(only) == nil then
    local names = {}
    for name in pairs(only) do names[#names + 1] = name end
    table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
    for _, name in ipairs(names) do add(only[name], tostring(name), tostring(name)) end
  else
    for i = 1, n do add((select(i, ...)), nil, "argument " .. i) end
  end
  return list
end

--- What "ip", "ip.REGISTER" and "ip.REGISTER.FIELD" of an overlay name. A path has "/", as in "video/dma".
---@param overlay table
---@return fun(text: string): function
function viewers.names_of(overlay)
  return function(text)
    local path, name, field = text:match "^([^.]+)%.?([^.]*)%.?(.*)$"
    local ip = overlay:ip(path or text)
    if name == "" then return viewer(ip) end
    local register = ip.register_map[name]
    if field == "" then return viewer(register) end
    local fields = core.register.info(register).fields
    if not fields[field] then
      errors.raise("attribute", 'register %s of %s has no field "%s"%s', name, path, field, nearest.hint(field, fields))
    end
    return function() return register_text(register, field) end
  end
end

--- One look: the lines of all items.
---@param list table[] as `list` gives it
---@param lines? string[] to add to
---@return string[] lines
function viewers.look(list, lines)
  lines = lines or {}
  for _, v in ipairs(list) do
    local text = v[2]()
    live.add_text(lines, ((v[1] and v[1] .. ": " or "") .. text):gsub("^\n", ""))
  end
  return lines
end

return viewers
