--- lunq.watch(...): a live view of registers and values, drawn anew five times a second until a key.
--
--   watch(ol.axi_dma.register_map.MM2S_DMASR)       at the prompt: one register
--   watch(ol.axi_dma, ol.btns)                      all registers of IP
--   watch(function() return #queue end)             whatever a function gives
--   watch { level = function() return ol.fifo:occupancy() end, status = register }   with names
-- What has changed since the last look is marked with "*". A register whose read is known to have an effect is never
-- read; of an IP nobody knows, registers are read only where each is named. Where output is no terminal it
-- is printed once.
local errors = require "lunq.errors"
local register_map = require "lunq.register_map"
local show = require "lunq.repl.show"

local INTERVAL <const> = 0.2 -- seconds of the wall clock, also on a simulated device

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
    if v[1] then text = v[1] .. ": " .. text end
    for line in (text:gsub("^\n", "") .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  end
  return lines
end

--- What the screen shows of it, with marks at what differs from the lines before.
local function marked(lines, before, columns, rows)
  local shown, room = {}, math.max(2, rows - 2)
  for i = 1, math.min(#lines, #lines > room and room - 1 or room) do
    local mark = before and before[i] ~= lines[i] and "* " or "  "
    shown[i] = (mark .. lines[i]):sub(1, columns - 1)
  end
  if #lines > #shown then shown[#shown + 1] = ("  ... and %d more lines"):format(#lines - #shown) end
  return shown
end

local function live(list, host)
  local before, height = nil, 0
  repeat
    local columns, rows = host.screen()
    local lines = look(list)
    local shown = marked(lines, before, columns or 80, rows or 24)
    local text = height > 0 and ("\27[%dA"):format(height) or ""
    io.stdout:write(text, "\27[J", table.concat(shown, "\n"), "\n")
    io.stdout:flush()
    before, height = lines, #shown
  until host.key(INTERVAL)
end

--- Shows registers, register maps, IP and what functions give, until a key is pressed; Ctrl-C raises as in
--- every wait. Tasks and interrupts go on meanwhile.
---@param ... any the items, or one plain table of them by name
--- Raises `type` for anything else.
return function(...)
  local list = viewers(...)
  local has_host, host = pcall(require, "lunq.host")
  if has_host and host.is_terminal(0) and host.is_terminal(1) then return live(list, host) end
  print(table.concat(look(list), "\n"))
end
