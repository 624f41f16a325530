--- A small reader and writer of XML, for what Vivado writes about an IP. Designs have a reader of their own, in
--- C (host/design/hwh.c).
local errors = require "lunq.errors"

local xml = {}

local DEEPEST <const> = 64
local ENTITIES <const> = { lt = "<", gt = ">", amp = "&", quot = '"', apos = "'" }

--- One element: tag without the prefix of its name space, attributes, children, text.
local Element = {}
Element.__index = Element

local function decoded(text)
  return (text:gsub("&(#?x?)(%w+);", function(kind, name)
    local code = kind == "#" and tonumber(name) or kind == "#x" and tonumber(name, 16)
    if code then return code <= 0x10FFFF and utf8.char(code) or "?" end
    return ENTITIES[kind .. name]
  end))
end

--- The first child of this name, or nil.
function Element:child(tag)
  for _, c in ipairs(self.children) do
    if c.tag == tag then return c end
  end
end

--- The element this path of names leads to, or nil: e:at("model", "ports").
function Element:at(...)
  local e = self
  for _, tag in ipairs { ... } do e = e and e:child(tag) end
  return e
end

--- The text of the element a path leads to, without space around it, or nil.
function Element:value(...)
  local e = self:at(...)
  return e and e.text:match "^%s*(.-)%s*$"
end

--- An iterator over children of this name.
function Element:each(tag)
  local i = 0
  return function()
    repeat i = i + 1 until not self.children[i] or self.children[i].tag == tag
    return self.children[i]
  end
end

--- Makes an element.
---@param tag string
---@param attributes? table
---@param children? table[]
function xml.element(tag, attributes, children)
  return setmetatable({ tag = tag, attributes = attributes or {}, children = children or {}, text = "" }, Element)
end

local function line_of(text, at) return select(2, text:sub(1, at):gsub("\n", "")) + 1 end

--- What is between < and the name of an element: comments and the like. The place behind it.
local function skip(text, at)
  for begin, stop in pairs { ["^<!%-%-"] = "-->", ["^<%?"] = "?>" } do
    if text:find(begin, at) then return select(2, text:find(stop, at, true)) end
  end
end

local function read_attributes(text, at)
  local attributes = {}
  while true do
    local name, quote, behind = text:match("^%s+([%w_:.-]+)%s*=%s*([\"'])()", at)
    if not name then return attributes, at end
    local stop = text:find(quote, behind, true)
    if not stop then return attributes, at end
    attributes[name:match "([^:]*)$"] = decoded(text:sub(behind, stop - 1))
    at = stop + 1
  end
end

--- Reads a document.
---@param name string of the file, for messages
---@param text string
---@return table element the root
--- Raises `value` with file and line when it isn't well-formed, or has a DOCTYPE.
function xml.parse(name, text)
  local open, root, at = {}, nil, 1
  local function fail(what, ...)
    errors.raise("value", "%s:%d: " .. what, name, line_of(text, at), ...)
  end
  while true do
    local from = text:find("<", at, true)
    local inside = open[#open]
    if inside then inside.text = inside.text .. decoded(text:sub(at, (from or 0) - 1)) end
    if not from then break end
    at = from
    local behind = skip(text, at)
    if text:find("^<!%[CDATA%[", at) and inside then
      behind = select(2, text:find("]]>", at, true)) or fail "CDATA is not closed"
      inside.text = inside.text .. text:sub(at + 9, behind - 3)
    end
    local closing, tag, after = text:match("^<(/?)([%w_:.-]+)()", at)
    if behind then
      at = behind + 1
    elseif not tag then
      fail "not well-formed, or a DOCTYPE, which no such file has"
    elseif closing == "/" then
      after = text:match("^%s*>()", after)
      if not after or not inside or inside.full ~= tag then fail("</%s> closes nothing", tag) end
      open[#open] = nil
      at = after
    else
      local attributes
      attributes, after = read_attributes(text, after)
      local single, past = text:match("^%s*(/?)>()", after)
      if not past then fail("<%s is not well-formed", tag) end
      local e = xml.element(tag:match "([^:]*)$", attributes)
      e.full = tag
      if inside then
        table.insert(inside.children, e)
      elseif root then
        fail "a second root element"
      end
      root = root or e
      if single == "" then open[#open + 1] = e end
      if #open > DEEPEST then fail("elements are nested deeper than %d", DEEPEST) end
      at = past
    end
  end
  if #open > 0 or not root then fail(root and "<%s> is not closed; is the file cut off?" or "no element in it",
                                     root and open[#open].full) end
  return root
end

local function encoded(text)
  return (text:gsub('[&<>"]', { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" })
          :gsub("[\t\r\n]", " "))
end

local function write(e, indent, lines)
  local names, head = {}, { indent, "<", e.tag }
  for k in pairs(e.attributes) do names[#names + 1] = k end
  table.sort(names)
  for _, k in ipairs(names) do head[#head + 1] = (' %s="%s"'):format(k, encoded(tostring(e.attributes[k]))) end
  if #e.children == 0 then
    lines[#lines + 1] = table.concat(head) .. "/>\n"
    return
  end
  lines[#lines + 1] = table.concat(head) .. ">\n"
  for _, c in ipairs(e.children) do write(c, indent .. " ", lines) end
  lines[#lines + 1] = ("%s</%s>\n"):format(indent, e.tag)
end

--- The text of an element; only attributes and children are written.
---@param e table
---@return string
function xml.text(e)
  local lines = {}
  write(e, "", lines)
  return table.concat(lines)
end

return xml
