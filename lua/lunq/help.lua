--- help(x): what x is and what it can do, from the comments of the sources.
--
--   help(ol)                    an overlay: what is in it       help(ol.axi_dma)    an IP and its driver
--   help(ol.axi_dma.sendchannel.transfer)    a method           help "dma"          a name, or a search
--   help()                      where to begin
-- Drivers of your own are explained by their own comments: `---` before a function, and at the top of the
-- file. The same texts make the API reference (lunq.reference).
local c_texts = require "lunq.help.c_texts"
local comments = require "lunq.help.comments"
local host = require "lunq.host"

local help = {}

local INTRODUCTION <const> = [[
LUNQ: Lua productivity for FPGA boards and cards.

  ol = lunq.Overlay "design.bit"    load a design (a .hwh of the same name beside it, or a .hwh alone)
  ol                                what is in it; help(ol) says more
  ol.my_ip.register_map             its registers, decoded;  ol.my_ip:read(0x10), :write(0x10, 1)
  buf = lunq.allocate(1024, "u4")   memory the device can reach; buf[1] is the first element
  lunq.spawn(f)                     runs f as a task beside the prompt

help(x) explains an object, class, function or method; help "word" searches; TAB completes.
Everything at the top: ]]

-- ---- finding the text ---------------------------------------------------------------------------

--- Metamethods are copied from the base class (lunq.class), so they say nothing about the file.
local function own_function(class)
  for name, method in next, class do
    if type(method) == "function" and type(name) == "string" and name:sub(1, 2) ~= "__" then return method end
  end
end

--- The comments of the file a class comes from: a module, or the file its functions stand in.
local function file_of_class(class)
  local name = comments.module_of(class)
  local method = not name and own_function(class)
  return name and comments.of_module(name) or method and comments.of_function(method)
end

-- ---- texts --------------------------------------------------------------------------------------

local function first_sentence(text)
  local line = (text or ""):gsub("%s+", " ")
  line = line:match "^(.-[.])%s" or line
  return #line > 90 and line:sub(1, 87) .. "..." or line
end

--- A line of a list, no longer than a line of the terminal where there is one.
local function list_line(format, ...)
  local line, columns = format:format(...), host.screen()
  return columns and #line > columns and line:sub(1, math.max(columns - 3, 0)) .. "..." or line
end

local function indent(text) return "  " .. text:gsub("\n", "\n  ") end

--- What a comment says of a function: its call, the text, parameters and results.
local function function_text(item)
  local lines = { item.call, indent(item.text) }
  for _, p in ipairs(item.params) do lines[#lines + 1] = ("    %-12s %s"):format(p.name, p.text) end
  for i, r in ipairs(item.returns) do
    lines[#lines + 1] = ("    %-12s %s"):format(i == 1 and "returns" or "", r)
  end
  return table.concat(lines, "\n")
end

local function method_list(lines, items)
  if #items == 0 then return end
  lines[#lines + 1] = ""
  for _, item in ipairs(items) do
    lines[#lines + 1] = list_line("  %-34s %s", item.call, first_sentence(item.text))
  end
end

--- Public functions of a class and those behind it, without what a subclass has itself.
local function methods_of(class)
  local list, seen = {}, {}
  while type(class) == "table" and rawget(class, "__name") ~= "lunq.Class" do
    local own = {}
    for name, value in next, class do
      if type(name) == "string" and type(value) == "function" and not seen[name] and not name:find "^_"
         and name ~= "init" and name ~= "missing" and name ~= "extended" then
        local item = comments.item(value)
        if item then own[#own + 1] = item end
        seen[name] = true
      end
    end
    table.sort(own, function(a, b) return a.line < b.line end)
    table.move(own, 1, #own, #list + 1, list)
    local meta = debug.getmetatable(class)
    class = type(meta) == "table" and rawget(meta, "__index")
  end
  return list
end

local function field_list(lines, fields)
  if #fields == 0 then return end
  lines[#lines + 1] = ""
  for _, f in ipairs(fields) do lines[#lines + 1] = list_line("  %-16s %s", f.name, f.text) end
end

local function class_text(class)
  local file = file_of_class(class)
  local lines = { file and (file.text:gsub("\n+$", "")) or "class " .. tostring(rawget(class, "__name") or class) }
  field_list(lines, file and file.fields or {})
  method_list(lines, methods_of(class))
  return table.concat(lines, "\n")
end

--- A userdata: its class is written in C.
local function userdata_text(value)
  local meta = debug.getmetatable(value)
  local name = meta and rawget(meta, "__name") or "userdata"
  local lines = { c_texts.headers(name)[1] or name }
  method_list(lines, c_texts.items(name))
  return table.concat(lines, "\n")
end

--- A function: its comment, also when it is written in C and belongs to a known class.
local function any_function_text(f)
  local item = comments.item(f)
  if item then return function_text(item) end
  local class, name = c_texts.name_of(f)
  if not name then class, name = require "lunq.kernel".name_of(f) end
  local text = name and c_texts.of(class, name)
  if text then return text end
  local info = debug.getinfo(f, "S")
  if info.what == "C" then return "a function written in C" .. (name and ", " .. name or "") end
  return ("a function of %s:%d; no comment stands before it"):format(info.short_src, info.linedefined)
end

local function node_text(value)
  local d = rawget(value, "description")
  return type(d) == "table" and type(d.hierarchies) == "table" and d
end

--- The functions a module has from those below it, lunq.bench from lunq.bench.random.
local function functions_from_below(module, name)
  local items = {}
  for _, f in next, module do
    local below = type(f) == "function" and debug.getinfo(f, "S").source:match "^@lunq:(.*)$"
    local item = below and below:sub(1, #name + 1) == name .. "." and comments.item(f)
    if item then items[#items + 1] = item end
  end
  table.sort(items, function(a, b) return a.call < b.call end)
  return items
end

local function object_text(value)
  local node = node_text(value)
  if node then
    local is_overlay = node.fullpath == nil or node.fullpath == ""
    return require "lunq.doc".text(node, is_overlay and tostring(value):match "^%S+ (%S+)" or node.fullpath,
                                   is_overlay and "overlay" or "hierarchy")
  end
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and rawget(meta, "__name") then
    local ok, shown = pcall(tostring, value)
    local lines = { ok and shown:match "^[^\n]*" or rawget(meta, "__name"), "" }
    if require "lunq.kernel".is_unit(rawget(value, "description")) then
      table.insert(lines, 2, "  " .. value.signature)
      lines[#lines + 1] = comments.of_module "lunq.kernel".text .. "\n"
    end
    lines[#lines + 1] = class_text(meta)
    return table.concat(lines, "\n")
  end
  local name = comments.module_of(value)
  local file = name and comments.of_module(name)
  if file then
    local lines = { file.text }
    local items, below = file:public(), functions_from_below(value, name)
    method_list(lines, table.move(below, 1, #below, #items + 1, items))
    return table.concat(lines, "\n")
  end
  return "a table; nothing is known about it"
end

-- ---- names and searching ------------------------------------------------------------------------

--- Everything with a text: { call =, text =, where = }.
local function everything()
  local list = {}
  for _, file in ipairs(comments.all()) do
    for _, item in ipairs(file:public()) do
      list[#list + 1] = { call = item.call, text = item.text, where = file.name, show = item }
    end
  end
  for _, class in ipairs(c_texts.classes()) do
    for _, item in ipairs(c_texts.items(class)) do
      list[#list + 1] = { call = item.call, text = item.text, where = class }
    end
  end
  return list
end

local MOST <const> = 18

local function search(word)
  local wanted, hits = word:lower(), {}
  for _, e in ipairs(everything()) do
    local in_call = e.call:lower():find(wanted, 1, true) or e.where:lower():find(wanted, 1, true)
    if in_call or e.text:lower():find(wanted, 1, true) then
      hits[#hits + 1] = { rank = in_call and 1 or 2, e = e }
    end
  end
  table.sort(hits, function(a, b)
    if a.rank ~= b.rank then return a.rank < b.rank end
    if a.e.where ~= b.e.where then return a.e.where < b.e.where end
    return a.e.call < b.e.call
  end)
  if #hits == 0 then
    return ('Nothing is called "%s" and no text speaks of it. help() says where to begin.'):format(word)
  end
  local lines = { ('"%s" is spoken of in:'):format(word) }
  for i = 1, math.min(#hits, MOST) do
    local e = hits[i].e
    lines[#lines + 1] = list_line("  %-34s %-20s %s", e.call, e.where, first_sentence(e.text):sub(1, 60))
  end
  if #hits > MOST then lines[#lines + 1] = ("  ... and %d more; a longer word finds fewer"):format(#hits - MOST) end
  return table.concat(lines, "\n")
end

--- A dotted name that leads somewhere without running code: "Overlay", "lunq.allocate".
local function by_name(word)
  local lunq = require "lunq"
  local first, rest = word:gsub("^lunq%.", ""):match "^([%a_][%w_]*)[.:]?([%w_]*)$"
  if not first then return nil end
  local known = false
  for name in pairs(lunq) do known = known or name == first end
  local value = known and lunq[first] or nil
  if value ~= nil and rest ~= "" then value = type(value) == "table" and rawget(value, rest) or nil end
  return value
end

local function introduction()
  local names = {}
  for name in pairs(require "lunq") do names[#names + 1] = name end
  local line, lines = "", {}
  for _, name in ipairs(names) do
    if #line + #name > 90 then
      lines[#lines + 1] = line
      line = ""
    end
    line = line .. "  " .. name
  end
  lines[#lines + 1] = line
  return INTRODUCTION .. "\n" .. table.concat(lines, "\n")
end

--- The text of help(x).
---@param ... any an object, class, function, or a word; nothing: where to begin
---@return string
function help.text(...)
  if select("#", ...) == 0 then return introduction() end
  local x = ...
  if x == package.loaded.lunq and x ~= nil then return introduction() end
  local kind = type(x)
  if kind == "string" then
    local value = by_name(x)
    if value == nil then return search(x) end
    x, kind = value, type(value)
  end
  if kind == "function" then return any_function_text(x) end
  if kind == "userdata" then return userdata_text(x) end
  if kind == "table" then
    if rawget(x, "__name") then return class_text(x) end
    return object_text(x)
  end
  return ("%s, a %s"):format(tostring(x), kind)
end

--- Prints the text of help(x); on a terminal, no more than a screen of it.
function help.print(...)
  local text = help.text(...)
  local columns, rows = host.screen()
  if columns then
    text = require "lunq.repl.show".cut(text, columns, rows, "print(help.text(...)) shows all of it")
  end
  print(text)
end

return setmetatable(help, {
  __call = function(_, ...) help.print(...) end,
  __tostring = function() return 'help(x) explains x, help "word" searches, help() says where to begin' end,
})
