--- Completion: all a person can type next. Only raw accesses: pressing TAB must not run anybody's code,
--- let alone read a register. Members of overlays and hierarchies, and registers and fields, are known
--- from descriptions; the objects need not exist yet.
local cards = require "lunq.repl.cards"
local core = require "lunq.core"
local host = require "lunq.host"
local parts = require "lunq.repl.parts"
local register_map = require "lunq.register_map"

local complete = {}

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

--- The description of an IP, whose registers are known without its register map.
local function ip_description(v)
  local d = type(v) == "table" and rawget(v, "description")
  return type(d) == "table" and type(rawget(d, "phys_addr")) == "number" and d or nil
end

--- A stand-in for the register map of an IP: registers and fields as nested tables.
local function registers_of(v)
  local d = ip_description(v)
  local class = d and (rawget(v, "_driver") or debug.getmetatable(v))
  if not d then return nil end
  local registers = d.registers or {}
  if next(registers) == nil then registers = type(class) == "table" and rawget(class, "registers") or {} end
  local ok, layout = pcall(register_map.layout, registers, d.type)
  return ok and next(layout) ~= nil and layout or nil
end

--- The names an HLS core has although no class has them; kernels of a card have their own.
local function hls_names(v)
  local d = type(v) == "table" and rawget(v, "description")
  local registers = type(d) == "table" and rawget(d, "registers")
  if type(registers) ~= "table" or next(registers) == nil or rawget(d, "cu_name") then return {} end
  local hls = require "lunq.registers.hls"
  return hls.recognise(registers, rawget(d, "type")) and hls.names or {}
end

--- What a userdata shows besides its methods, where its type says so; of a register its fields.
local function properties_of(v)
  local mt = type(v) == "userdata" and debug.getmetatable(v)
  if not mt then return {} end
  if rawget(mt, "__name") == "lunq.Register" then
    local fields = {}
    for _, name in ipairs(core.register.info(v).fields) do fields[name] = true end
    return fields
  end
  local list = rawget(mt, "properties")
  return type(list) == "table" and list or {}
end

-- What a class has for those who make classes, and its objects have nothing of.
local OF_CLASSES <const> = { init = true, missing = true, quick = true, extended = true, optional = true, parts = true,
                             element = true, bindto = true, unregister = true, checkhierarchy = true }

--- Whether v is an object of a class, or stands in for one; a class itself is none.
local function is_object(v)
  local meta = debug.getmetatable(v)
  if not meta then return type(v) == "table" and rawget(v, "_driver") ~= nil end
  return rawget(meta, "__name") ~= "lunq.Class"
end

--- Adds the names that start with `prefix` found in v itself, along its classes, or as its members.
local function names(v, prefix, found)
  local start, d = v, node_description(v)
  if v ~= nil and v == package.loaded.lunq then -- its own __pairs, which loads nothing
    for k in pairs(v) do
      if is_name(k, prefix) then found[k] = true end
    end
  end
  for _, kind in ipairs(d and MEMBERS or {}) do
    for k in next, rawget(d, kind[1]) or {} do
      if is_name(k, prefix) then found[k] = true end
    end
  end
  for k in next, hls_names(v) do
    if is_name(k, prefix) then found[k] = true end
  end
  for k in next, properties_of(v) do
    if is_name(k, prefix) then found[k] = true end
  end
  for k in next, cards.made(v) do
    if is_name(k, prefix) then found[k] = true end
  end
  for k in next, parts.of(v) do
    if is_name(k, prefix) then found[k] = true end
  end
  local object, base = is_object(v), package.loaded["lunq.class"]
  for _ = 1, 10 do
    if type(v) == "table" then
      for k in next, v do
        if is_name(k, prefix) and not (object and v ~= start and OF_CLASSES[k]) then found[k] = true end
      end
    end
    v = index_of(v)
    if not v or object and v == base then break end
  end
  if is_name("register_map", prefix) and registers_of(start) then found.register_map = true end
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
  local start, number = v, math.tointeger(tonumber(name))
  if number then return type(v) == "table" and rawget(v, number) or parts.element(v) end
  if name == "interrupts" or name == "gpio" then -- objects that make others when they are asked
    local pins = parts.of(v)[name]
    if pins then return pins end
  end
  if name == "register_map" then
    local layout = registers_of(v)
    if layout then return layout end
  end
  for _ = 1, 10 do
    if type(v) == "table" and rawget(v, name) ~= nil then return rawget(v, name) end
    v = index_of(v)
    if not v then break end
  end
  local made = cards.made(start)[name]
  return type(made) == "table" and made or member(start, name) or parts.of(start)[name]
end

local KEYWORDS <const> = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}


--- What a name at the beginning means: a local of the session, a global, or LUNQ itself.
local function root(env, name)
  local v = rawget(env, name)
  if v == nil then v = rawget(_G, name) end
  if v == nil and name == "lunq" then v = require "lunq" end
  return v
end

--- All ways to go on from `word` ("ol.axi_dma_0.se"), as whole words, sorted.
---@param word string letters, digits, "_", "." and ":" before the cursor
---@param env? table variables of the session
---@return string[]
function complete.words(word, env)
  env = env or _G
  local head, prefix = word:match "^(.-)([%w_]*)$"
  local found, list, v = {}, {}, nil
  for name in head:gmatch "[%w_]+" do
    if v == nil then v = root(env, name) else v = raw_field(v, name) end
    if v == nil then return list end
  end
  if head == "" then
    names(_G, prefix, found)
    names(env, prefix, found)
    for _, k in ipairs(KEYWORDS) do
      if k:sub(1, #prefix) == prefix then found[k] = true end
    end
    if ("lunq"):sub(1, #prefix) == prefix then found.lunq = true end
  elseif v ~= nil then
    names(v, prefix, found)
  end
  for k in next, found do list[#list + 1] = head .. k end
  table.sort(list)
  return list
end

-- ---- inside strings -----------------------------------------------------------------------------

--- The string the cursor stands in: what is before it, its quote, and what was typed of it.
local function open_string(line)
  local i, quote, start = 1, nil, nil
  while i <= #line do
    local c = line:sub(i, i)
    if quote then
      if c == "\\" then i = i + 1 elseif c == quote then quote = nil end
    elseif c == '"' or c == "'" then
      quote, start = c, i
    elseif c == "-" and line:sub(i, i + 1) == "--" then
      return nil
    end
    i = i + 1
  end
  if quote then return line:sub(1, start - 1), quote, line:sub(start + 1) end
end

local DESIGN_FILES <const> = { bit = true, hwh = true, xclbin = true, dtbo = true, bin = true }

--- Files and folders that go on from `text`; folders end in "/".
local function files(text, designs_only)
  local dir, prefix = text:match "^(.*/)([^/]*)$"
  if not dir then dir, prefix = "", text end
  local list = {}
  for _, name in ipairs(host.files(dir == "" and "." or dir)) do
    local fits = name:sub(1, #prefix) == prefix and (prefix ~= "" or name:sub(1, 1) ~= ".")
    if fits and designs_only and name:sub(-1) ~= "/" then fits = DESIGN_FILES[name:match "%.(%w+)$" or ""] end
    if fits then list[#list + 1] = dir .. name end
  end
  table.sort(list)
  return list
end

--- What may follow a kind of device.
local VARIANTS <const> = {
  sim = { "sim", "sim:zynq7000", "sim:zynqmp", "sim?seed=", "sim?coherent=", "sim?ddr=", "sim?uio=" },
  xrt = { "xrt:0" }, record = { "record:" }, replay = { "replay:" },
}

--- PCI functions that can be opened; the kind alone when there are none.
local function functions()
  local list = {}
  for _, f in ipairs(core.pci_functions()) do
    if f.usable then list[#list + 1] = "pci:" .. f.address end
  end
  return #list > 0 and list or { "pci:" }
end

--- What opens a device of this build; after "?" come options, after "record:" a file.
local function devices()
  local list = {}
  for _, kind in ipairs((core.device_kinds())) do
    for _, text in ipairs(VARIANTS[kind] or kind == "pci" and functions() or { kind }) do list[#list + 1] = text end
  end
  return list
end

local function starting_with(prefix, all)
  local list = {}
  for _, name in ipairs(all) do
    if name:sub(1, #prefix) == prefix then list[#list + 1] = name end
  end
  return list
end

--- What an expression of names and dots is.
local function value_of(word, env)
  local v
  for name in word:gmatch "[%w_]+" do
    if v == nil then v = root(env, name) else v = raw_field(v, name) end
    if v == nil then return nil end
  end
  return v
end

--- The string keys of the table that is being indexed: ol.ip_dict["...
local function keys(word, prefix, env)
  local v, list = value_of(word, env), {}
  for k in next, type(v) == "table" and v or {} do
    if type(k) == "string" then list[#list + 1] = k end
  end
  table.sort(list)
  return starting_with(prefix, list)
end

--- What ol:monitor takes as a name: "ip", "ip.REGISTER", "ip.REGISTER.FIELD".
local function monitored(word, text, env)
  local path, register = text:match "^([^.]+)%.([^.]*)%.?"
  local known = (node_description(value_of(word, env)) or {}).ip or {}
  if path then
    local d = known[path]
    known = d and registers_of { description = d, _driver = rawget(d, "driver") or package.loaded["lunq.ip"] } or {}
    if text:find("%.[^.]*%.") then known, path = known[register] or {}, path .. "." .. register end
  end
  local list, head = {}, path and path .. "." or ""
  for name in next, known do list[#list + 1] = head .. name end
  table.sort(list)
  return starting_with(text, list)
end

local function in_string(before, text, env)
  local overlay = before:match "([%w_.]+):monitor%s*%(?[^()]*$"
  if overlay then return monitored(overlay, text, env), true end
  local indexed = before:match "([%w_.]+)%s*%[%s*$"
  if indexed then return keys(indexed, text, env), true end
  if before:find "[Dd]evice%s*[=(]?%s*$" or before:find "Device%.open%s*%(?%s*$" then
    return starting_with(text, devices()), true
  end
  return files(text, before:find "Overlay%s*%(?%s*$" or before:find "Bitstream%s*%(?%s*$"), false
end

-- ---- what the editor does -----------------------------------------------------------------------

--- What all of the list begin with.
local function shared_start(list)
  local shared = list[1] or ""
  for _, text in ipairs(list) do
    while text:sub(1, #shared) ~= shared do shared = shared:sub(1, -2) end
  end
  return shared
end

--- The list in columns, downwards, no more than fits the screen.
local function in_columns(list, file, columns, rows)
  local labels, width = {}, 0
  for i, text in ipairs(list) do
    labels[i] = text:match(file and "[^/]+/?$" or "[^.:]*$")
    width = math.max(width, #labels[i] + 2)
  end
  local across = math.max(1, (columns - 1) // width)
  local down = (#labels + across - 1) // across
  local lines = {}
  for row = 1, math.min(down, math.max(3, rows - 3)) do
    local line = {}
    for i = row, #labels, down do line[#line + 1] = labels[i] .. (" "):rep(width - #labels[i]) end
    lines[row] = (table.concat(line):gsub("%s+$", ""))
  end
  if #lines < down then lines[#lines + 1] = ("... %d in all; type more of the name"):format(#labels) end
  return table.concat(lines, "\n")
end

--- x[1].name and x["key"].name as one word.
local function dotted(line)
  return (line:gsub("%[%s*(%d+)%s*%]", ".%1"):gsub("%[%s*(['\"])([%a_][%w_]*)%1%s*%]", ".%2"))
end

--- What TAB does with the line up to the cursor.
---@param line string
---@param env? table variables of the session
---@param columns? integer of the terminal
---@param rows? integer
---@return string? insert to be put at the cursor
---@return string? show the possibilities, when there is nothing to insert
function complete.line(line, env, columns, rows)
  env = env or _G
  local before, quote, text = open_string(line)
  local list, closes, word
  if before then
    list, closes = in_string(before, text, env)
    word = text
  else
    word = dotted(line):match "[%w_.:]*$"
    list = complete.words(word, env)
  end
  if #list == 0 then return nil, nil end
  local insert = shared_start(list):sub(#word + 1)
  if quote and #list == 1 and (closes or list[1]:sub(-1) ~= "/") then insert = insert .. quote end
  if insert ~= "" then return insert, nil end
  return nil, #list > 1 and in_columns(list, quote ~= nil, columns or 80, rows or 24) or nil
end

return complete
