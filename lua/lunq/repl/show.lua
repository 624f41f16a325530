--- The text of a result at the prompt.
local register_map = require "lunq.register_map"

local show = {}

local MAX_ENTRIES <const>, MAX_DEPTH <const> = 60, 3

local function by_name(a, b)
  local ta, tb = type(a), type(b)
  if ta == tb and (ta == "number" or ta == "string") then return a < b end
  if ta ~= tb then return ta < tb end
  return tostring(a) < tostring(b)
end

local function key_text(k)
  if type(k) == "string" then
    return k:find "^[%a_][%w_]*$" and k or ("[%q]"):format(k)
  end
  return "[" .. tostring(k) .. "]"
end

--- What is shown in another form than print's, by the name in the metatable.
local FORMS <const> = {
  ["lunq.RegisterMap"] = register_map.table,
  ["lunq.Interrupts"] = function(list)
    local names = {}
    for name in pairs(list) do names[#names + 1] = name end -- sorted, by lunq.interrupts
    return #names > 0 and "interrupts " .. table.concat(names, ", ") or "no interrupts"
  end,
}

--- The text of an object. Inside a table it is one line: an entry of ip_dict has its overlay in it.
local function text_of(v, depth)
  if v ~= nil and v == package.loaded.lunq then return "LUNQ; help(lunq) says what is in it" end
  local meta = debug.getmetatable(v)
  local form = type(meta) == "table" and FORMS[rawget(meta, "__name")]
  local text = form and form(v) or tostring(v)
  local first, more = text:match "^([^\n]*)(\n?)"
  return depth > 1 and more ~= "" and first .. " ..." or text
end

--- Tables that are shown with their contents: without a metatable, and the dictionaries of an overlay.
local function is_plain(v)
  local meta = debug.getmetatable(v)
  return meta == nil or rawget(meta, "__name") == "lunq.Dictionary"
end

--- The text of a result. Objects say themselves what they are; plain tables are shown with their
-- contents, three levels deep and 60 entries wide. No metamethod but __tostring and __name is
-- called, so that looking at a table changes nothing.
---@param v any
---@return string
function show.value(v, depth)
  depth = depth or 1
  if type(v) == "string" then return depth > 1 and ("%q"):format(v) or v end
  if type(v) ~= "table" or not is_plain(v) or v == package.loaded.lunq then return text_of(v, depth) end
  if next(v) == nil then return "{}" end
  if depth > MAX_DEPTH then return "{ ... }" end
  local keys, parts, listed = {}, {}, #v
  for k in next, v do
    if not (math.type(k) == "integer" and k >= 1 and k <= listed) then keys[#keys + 1] = k end
  end
  table.sort(keys, by_name)
  for i = 1, math.min(listed, MAX_ENTRIES) do parts[i] = show.value(v[i], depth + 1) end
  for _, k in ipairs(keys) do
    if #parts >= MAX_ENTRIES then break end
    parts[#parts + 1] = key_text(k) .. " = " .. show.value(v[k], depth + 1)
  end
  if listed + #keys > #parts then parts[#parts + 1] = "..." end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line <= 78 and not line:find "\n" then return line end
  local indent = ("  "):rep(depth)
  return "{\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(depth - 1) .. "}"
end


--- Cuts text to what a screen shows, and says how to see the rest.
---@param text string
---@param columns integer
---@param rows integer
---@param hint string
---@return string
function show.cut(text, columns, rows, hint)
  local lines, n, from = {}, 0, 1
  local room = math.max(10, rows - 3)
  while from <= #text do
    local to = text:find("\n", from, true) or #text + 1
    local height = math.max(1, (to - from + columns - 1) // columns)
    if n + height > room then
      local _, left = text:sub(from):gsub("\n?$", "\n", 1):gsub("\n", "")
      if #lines == 0 then
        return ("%s\n... and %d more bytes: %s"):format(text:sub(1, columns * room), #text - columns * room, hint)
      end
      return ("%s\n... and %d more lines: %s"):format(table.concat(lines, "\n"), left, hint)
    end
    lines[#lines + 1] = text:sub(from, to - 1)
    n, from = n + height, to + 1
  end
  return text
end

--- The text of a result, no more than a screen of it.
---@param v any
---@param columns integer of the terminal
---@param rows integer
---@param paint fun(colour: string, text: string): string
---@return string
function show.result(v, columns, rows, paint)
  local text = show.cut(show.value(v), columns, rows, "print(_) shows all of it")
  if type(v) == "number" or type(v) == "boolean" then return paint("cyan", text) end
  if v == nil then return paint("dim", text) end
  return text
end

return show
