--- lunq.watch(...): a live view of registers and values, drawn anew five times a second until a key.
--
--   watch(ol.axi_dma.register_map.MM2S_DMASR)       at the prompt: one register
--   watch(ol.axi_dma, ol.btns)                      all registers of IP
--   watch(function() return #queue end)             whatever a function gives
--   watch { level = function() return ol.fifo:occupancy() end, status = register }   with names
-- Ctrl-C ends it as a key does. What has changed since the last look is marked with "*". A register whose read
-- is known to have an effect is never read; of an IP nobody knows, registers are read only where each is named.
-- Where output is no terminal it is printed once.
local errors = require "lunq.errors"
local live = require "lunq.live"
local register_map = require "lunq.register_map"
local show = require "lunq.repl.show"

local function kind_of(v)
  local meta = debug.getmetatable(v)
  return type(meta) == "table" and rawget(meta, "__name")
end

--- A register as a line, unless a read would have an effect.
local function register_text(register)
  local info = require "lunq.core".register.info(register)
  if info.unread or info.access == "write-only" or info.access == "absent" then
    return ("%s not read: %s"):format(info.name or "register", info.unread or info.access)
  end
  return ("%s %s"):format(info.name or ("0x%x"):format(info.address), tostring(register))
end

--- How to look at an item: a function that gives text. Nothing is read yet.
local function viewer(item, name)
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
  errors.raise("type", "%s of watch should be a register, a register map, an IP or a function, not %s: "
               .. "watch(function() return ... end) shows any value", name, type(item))
end

--- The items of a call: list of { name or nil, function }.
local function viewers(...)
  local list, n = {}, select("#", ...)
  local only = n == 1 and ...
  if type(only) == "table" and debug.getmetatable(only) == nil then
    local names = {}
    for name in pairs(only) do names[#names + 1] = name end
    table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
    for _, name in ipairs(names) do list[#list + 1] = { tostring(name), viewer(only[name], tostring(name)) } end
  else
    for i = 1, n do list[i] = { nil, viewer((select(i, ...)), "argument " .. i) } end
  end
  if #list == 0 then errors.raise("type", "watch needs something to look at: watch(ol.axi_dma)") end
  return list
end

--- One look: the lines of all items.
local function look(list)
  local lines = {}
  for _, v in ipairs(list) do
    local text = v[2]()
    live.add_text(lines, ((v[1] and v[1] .. ": " or "") .. text):gsub("^\n", ""))
  end
  return lines
end

--- Shows registers, register maps, IP and what functions give, until a key or Ctrl-C. Tasks and interrupts
--- go on meanwhile; what they print appears above.
---@param ... any the items, or one plain table of them by name
--- Raises `type` for anything else.
return function(...)
  local list = viewers(...)
  live.show(function() return look(list) end)
end
