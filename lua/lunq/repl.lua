--- The prompt: reads a piece of Lua from a person, runs it, prints its results.
-- Line editing, completion keys and history are the program's (host/repl.c).
local host = require "lunq.host"

local repl = {}

local MAX_ENTRIES <const>, MAX_DEPTH <const> = 60, 3

--- Compiles what was typed so far: as an expression when it is one, else as statements.
---@param text string
---@return function? chunk nil when it does not compile (yet)
---@return string? message why not
---@return boolean? incomplete more lines could make it whole
function repl.compile(text)
  local chunk, expression_error = load("return " .. text, "=stdin")
  if chunk then return chunk end
  local message
  chunk, message = load(text, "=stdin")
  if chunk then return chunk end
  local incomplete = message:find("<eof>$") or expression_error:find("<eof>$")
  return nil, message, incomplete ~= nil
end

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

--- The text of a result. Objects say themselves what they are; plain tables are shown with their
-- contents, three levels deep and 60 entries wide. No metamethod but __tostring and __name is
-- called, so that looking at a table changes nothing.
---@param v any
---@return string
function repl.show(v, depth)
  depth = depth or 1
  if type(v) == "string" then return depth > 1 and ("%q"):format(v) or v end
  if type(v) ~= "table" or getmetatable(v) ~= nil then return tostring(v) end
  if next(v) == nil then return "{}" end
  if depth > MAX_DEPTH then return "{ ... }" end
  local keys, parts, listed = {}, {}, #v
  for k in next, v do
    if not (math.type(k) == "integer" and k >= 1 and k <= listed) then keys[#keys + 1] = k end
  end
  table.sort(keys, by_name)
  for i = 1, math.min(listed, MAX_ENTRIES) do parts[i] = repl.show(v[i], depth + 1) end
  for _, k in ipairs(keys) do
    if #parts >= MAX_ENTRIES then break end
    parts[#parts + 1] = key_text(k) .. " = " .. repl.show(v[k], depth + 1)
  end
  if listed + #keys > #parts then parts[#parts + 1] = "..." end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line <= 78 and not line:find "\n" then return line end
  local indent = ("  "):rep(depth)
  return "{\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(depth - 1) .. "}"
end

-- ---- completion -------------------------------------------------------------------------------

-- Only raw accesses: pressing TAB must not run anybody's code, let alone read a register. Members of
-- overlays and hierarchies are known from their descriptions; the objects need not exist yet.

--- A name that goes on from `prefix`; private ones only when the prefix asks for them.
local function is_name(k, prefix)
  return type(k) == "string" and k:sub(1, #prefix) == prefix and k:find "^[%a_][%w_]*$"
         and (prefix ~= "" or k:sub(1, 1) ~= "_")
end

--- Where names of v come from besides v itself: its class, or the table behind a userdata.
local function index_of(v)
  local mt = debug.getmetatable(v)
  if not mt then return type(v) == "table" and rawget(v, "_driver") or nil end
  local index = rawget(mt, "__index")
  if type(index) == "table" then return index end
  index = rawget(mt, "methods") or rawget(mt, "init") and mt -- a class that looks names up itself
  return type(index) == "table" and index or nil
end

--- What an overlay or hierarchy has, and the class of what has no driver.
local MEMBERS <const> = { { "hierarchies", "lunq.hierarchy" }, { "ip", "lunq.ip" },
                          { "memories", "lunq.memory" } }

--- The description of an overlay or hierarchy.
local function node_description(v)
  local d = type(v) == "table" and rawget(v, "description")
  return type(d) == "table" and type(rawget(d, "hierarchies")) == "table" and d or nil
end

--- The names an HLS core has although no class has them.
local function hls_names(v)
  local d = type(v) == "table" and rawget(v, "description")
  local registers = type(d) == "table" and rawget(d, "registers")
  if type(registers) ~= "table" or next(registers) == nil then return {} end
  local hls = require "lunq.registers.hls"
  return hls.recognise(registers, rawget(d, "type")) and hls.names or {}
end

--- Adds the names that start with `prefix` found in v itself, along its classes, or as its members.
local function names(v, prefix, found)
  local d = node_description(v)
  for _, kind in ipairs(d and MEMBERS or {}) do
    for k in next, rawget(d, kind[1]) or {} do
      if is_name(k, prefix) then found[k] = true end
    end
  end
  for k in next, hls_names(v) do
    if is_name(k, prefix) then found[k] = true end
  end
  for _ = 1, 10 do
    if type(v) == "table" then
      for k in next, v do
        if is_name(k, prefix) then found[k] = true end
      end
    end
    v = index_of(v)
    if not v then return end
  end
end

--- A member of an overlay or hierarchy: the object when it exists, else a stand-in with its
-- description and the class it would get.
local function member(v, name)
  local d = node_description(v)
  for _, kind in ipairs(d and MEMBERS or {}) do
    local description = (rawget(d, kind[1]) or {})[name]
    if type(description) == "table" then
      local overlay = rawget(v, "overlay") or v
      local tree = type(overlay) == "table" and rawget(overlay, "_tree")
      local object = tree and tree.objects[description]
      if object and debug.getmetatable(object) then return object end
      return { description = description,
               _driver = rawget(description, "driver") or package.loaded[kind[2]] }
    end
  end
end

local function raw_field(v, name)
  local start = v
  for _ = 1, 10 do
    if type(v) == "table" and rawget(v, name) ~= nil then return rawget(v, name) end
    v = index_of(v)
    if not v then break end
  end
  return member(start, name)
end

local KEYWORDS <const> = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

--- All ways to go on from `word` ("ol.axi_dma_0.se"), as whole words, sorted.
---@param word string letters, digits, "_", "." and ":" before the cursor
---@return string[]
function repl.complete(word)
  local head, prefix = word:match "^(.-)([%w_]*)$"
  local found, list, v = {}, {}, _G
  for name in head:gmatch "[%w_]+" do
    v = v == _G and name == "lunq" and package.loaded.lunq or raw_field(v, name)
    if v == nil then return list end
  end
  names(v, prefix, found)
  if head == "" then
    for _, k in ipairs(KEYWORDS) do
      if k:sub(1, #prefix) == prefix then found[k] = true end
    end
    if ("lunq"):sub(1, #prefix) == prefix then found.lunq = true end
  end
  for k in next, found do list[#list + 1] = head .. k end
  table.sort(list)
  return list
end

-- ---- the loop ---------------------------------------------------------------------------------

local function history_file()
  local state = os.getenv "XDG_STATE_HOME"
  local home = os.getenv "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/lunq/history" end
  return home and home .. "/.local/state/lunq/history"
end

--- Reads lines until they compile or can't. nil at the end of input, false after Ctrl-C.
local function read_chunk(editor)
  local text
  repeat
    local line = editor:read(text and ">> " or "> ")
    if not line then return line end
    if line:find "%S" then editor:add(line) end
    text = text and text .. "\n" .. line or line
    local chunk, _, incomplete = repl.compile(text)
  until chunk or not incomplete
  return text
end

local function print_results(ok, ...)
  if not ok then
    local text = (...):gsub("\n%s*%[C%]: in function 'lunq%.host%.call'.*", "")
    text = text:gsub("\n  at [^\n]*lunq[./]repl.*", "") -- the prompt itself is of no interest
    io.stderr:write(text, "\n")
    return
  end
  for i = 1, select("#", ...) do
    local shown, text = pcall(repl.show, (select(i, ...)))
    print(shown and text or "(can't be shown: " .. tostring(text) .. ")")
  end
end

--- Runs the prompt until Ctrl-D.
function repl.main()
  print(("LUNQ %s, %s, device %s. Ctrl-D leaves."):format(
    host.version, host.release, os.getenv "LUNQ_DEVICE" or "sim"))
  local editor <close> = host.editor { history = history_file(), complete = repl.complete }
  while true do
    local text = read_chunk(editor)
    if text == nil then return 0 end
    if text then
      local chunk, message = repl.compile(text)
      if chunk then
        print_results(host.call(chunk))
      else
        io.stderr:write(message, "\n")
      end
    end
  end
end

return repl
