--- A device tree as text in the manner of its source: what dtc takes again, with remarks on addresses
--- and interrupts. Fragments of an overlay stand as `&label { ... }`, phandles as `&label`.
local text = require "lunq.info_text"

local fdt_text = {}

local WIDTH <const> = 110

--- Nodes and properties that only say what is shown by labels already.
local LISTS <const> = { __symbols__ = true, __fixups__ = true, __local_fixups__ = true }
local PHANDLES <const> = { phandle = true, ["linux,phandle"] = true }

--- Types of a GIC's interrupt cell (registers.md section 19).
local TRIGGERS <const> = { [1] = "rising edge", [2] = "falling edge", [4] = "level high", [8] = "level low" }

-- ---- values -------------------------------------------------------------------------------------

local function cells_of(value)
  local cells = {}
  for i = 1, #value - 3, 4 do cells[#cells + 1] = (">I4"):unpack(value, i) end
  return cells
end

--- Strings with a NUL behind each, of printable characters; one may be empty when it is the only one.
local function strings_of(value)
  if value == "\0" then return { "" } end
  if value:sub(-1) ~= "\0" or value:find "[^\32-\126\0]" or value:find "^\0" or value:find "\0\0" then return nil end
  local list = {}
  for s in value:gmatch "([^\0]+)" do list[#list + 1] = s end
  return list
end

--- Names whose values are numbers, also when they could be read as text.
local function is_number(name)
  return name == "reg" or name == "ranges" or name:find "^#" or name:find "^interrupts" or name:find "%-frequency$"
         or PHANDLES[name]
end

--- What a property holds: "empty", "strings", "cells" or "bytes", and the list.
---@param p table a property of core.fdt_read
---@return string kind
---@return table? list strings or numbers; nil for bytes
function fdt_text.decode(p)
  if p.value == "" then return "empty" end
  local strings = #p.refs == 0 and not is_number(p.name) and strings_of(p.value)
  if strings then return "strings", strings end
  if #p.value % 4 == 0 then return "cells", cells_of(p.value) end
  return "bytes"
end

--- How a reference is written: "&label", or "&{/path}" when the node has none.
function fdt_text.reference(ref) return ref.label and "&" .. ref.label or ref.path and "&{" .. ref.path .. "}" end

local function number_text(name, n)
  if n < 10000 or name:find "%-frequency$" or name:find "%-rates?$" then return ("%d"):format(n) end
  return ("0x%x"):format(n)
end

--- Cells in groups: a new one at each reference.
local function groups(p, cells)
  local list, refs = {}, {}
  for _, ref in ipairs(p.refs) do
    if ref.at % 4 == 0 then refs[ref.at // 4 + 1] = fdt_text.reference(ref) end
  end
  local group
  for i, n in ipairs(cells) do
    if not group or refs[i] then
      group = {}
      list[#list + 1] = group
    end
    group[#group + 1] = refs[i] or number_text(p.name, n)
  end
  for i, g in ipairs(list) do list[i] = "<" .. table.concat(g, " ") .. ">" end
  return list
end

local function quoted(s) return '"' .. s:gsub('[\\"]', "\\%0") .. '"' end

local function bytes_text(value)
  return { "[" .. value:gsub(".", function(c) return ("%02x "):format(c:byte()) end):sub(1, -2) .. "]" }
end

--- The parts of a value, which a comma separates.
local function parts_of(p)
  local kind, list = fdt_text.decode(p)
  if kind == "strings" then
    for i, s in ipairs(list) do list[i] = quoted(s) end
    return list
  elseif kind == "cells" then
    return groups(p, list)
  end
  return kind == "bytes" and bytes_text(p.value) or {}
end

-- ---- remarks ------------------------------------------------------------------------------------

local function range_remark(reg)
  local list = {}
  for i, r in ipairs(reg) do
    if r.size == 0 then return nil end
    list[i] = ("0x%x, %s"):format(r.base, text.size(r.size))
  end
  return list[1] and table.concat(list, "; ")
end

local function interrupt_remark(interrupts)
  local list = {}
  for i, irq in ipairs(interrupts) do
    local kind, number, trigger = irq[1], irq[2], irq[3]
    if #irq == 3 and kind <= 1 then
      list[i] = ("%s %d = GIC %d, %s"):format(kind == 0 and "SPI" or "PPI", number, number + (kind == 0 and 32 or 16),
                                              TRIGGERS[trigger & 15] or "no trigger")
    else
      return nil
    end
  end
  return list[1] and list[9] == nil and table.concat(list, "; ") or nil
end

local function frequency_remark(p)
  local kind, cells = fdt_text.decode(p)
  if kind ~= "cells" or #cells > 4 then return nil end
  local list = {}
  for i, hz in ipairs(cells) do list[i] = ("%.6g MHz"):format(hz / 1e6) end
  return table.concat(list, ", ")
end

--- What a person would look up about a property.
local function remark(node, p)
  if p.name == "reg" then return range_remark(node.reg) end
  if p.name == "interrupts" then return interrupt_remark(node.interrupts) end
  if p.name == "clock-frequency" or p.name == "assigned-clock-rates" then return frequency_remark(p) end
  return nil
end

-- ---- lines --------------------------------------------------------------------------------------

local clean = text.clean

--- Parts with commas between them, broken where a line gets too long.
local function wrapped(indent, start, parts)
  local lines, line = {}, indent .. start
  for i, part in ipairs(parts) do
    local piece = part .. (parts[i + 1] and "," or ";")
    if #line + #piece > WIDTH and i > 1 then
      lines[#lines + 1] = line
      line = indent .. "\t"
    else
      line = line .. " "
    end
    line = line .. piece
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local function property_line(indent, node, p)
  local parts, more = parts_of(p), remark(node, p)
  local line = #parts == 0 and indent .. clean(p.name) .. ";" or wrapped(indent, clean(p.name) .. " =", parts)
  return line .. (more and "  /* " .. more .. " */" or "")
end

local add_node

--- The inside of a node: properties, then children with an empty line before each.
local function add_inside(out, node, indent, all)
  for _, p in ipairs(node.properties) do
    if all or not PHANDLES[p.name] or not node.label then out[#out + 1] = property_line(indent, node, p) end
  end
  for i, child in ipairs(node.children) do
    if i > 1 or #node.properties > 0 then out[#out + 1] = "" end
    add_node(out, child, indent, all)
  end
end

function add_node(out, node, indent, all)
  local name = node.label and node.label .. ": " .. clean(node.name) or clean(node.name)
  out[#out + 1] = indent .. name .. " {"
  add_inside(out, node, indent .. "\t", all)
  out[#out + 1] = indent .. "};"
end

-- ---- overlays -----------------------------------------------------------------------------------

local function child_named(node, name)
  for _, c in ipairs(node.children) do
    if c.name == name then return c end
  end
  return nil
end

local function property_named(node, name)
  for _, p in ipairs(node.properties) do
    if p.name == name then return p end
  end
  return nil
end

--- What a fragment is for, "&label" or "&{/path}", and its contents; nil for another node.
---@param node table a child of the root
---@return string? target
---@return table? inside the node __overlay__
function fdt_text.fragment(node)
  local inside = child_named(node, "__overlay__")
  local path, target = property_named(node, "target-path"), property_named(node, "target")
  if not inside then return nil end
  if path then return "&{" .. path.value:gsub("%z.*", "") .. "}", inside end
  return target and target.refs[1] and fdt_text.reference(target.refs[1]) or nil, inside
end

--- The root without its fragments and lists.
local function rest_of(root)
  local rest = { properties = root.properties, children = {}, reg = {}, interrupts = {}, name = "/" }
  for _, c in ipairs(root.children) do
    if not LISTS[c.name] and not fdt_text.fragment(c) then table.insert(rest.children, c) end
  end
  return rest
end

--- Nobody compiles a phandle or a label of the part that goes into the target.
local function without_phandle(inside)
  local list = {}
  for _, p in ipairs(inside.properties) do
    if not PHANDLES[p.name] then list[#list + 1] = p end
  end
  return { properties = list, children = inside.children, reg = {}, interrupts = {} }
end

local function add_overlay(out, root)
  local rest = rest_of(root)
  if #rest.children > 0 or #rest.properties > 0 then
    add_node(out, rest, "")
    out[#out + 1] = ""
  end
  for _, c in ipairs(root.children) do
    local target, inside = fdt_text.fragment(c)
    if target then
      out[#out + 1] = ("%s {  /* %s */"):format(clean(target), clean(c.name))
      add_inside(out, without_phandle(inside), "\t")
      out[#out + 1] = "};"
      out[#out + 1] = ""
    end
  end
  out[#out] = nil
end

--- A whole tree as text.
---@param tree table of core.fdt_read
---@param all? boolean as the file has it: fragments, phandles and the lists of labels as well
---@return string
function fdt_text.text(tree, all)
  local out = { "/dts-v1/;", "" }
  if tree.overlay and not all then
    out[2] = "/plugin/;"
    out[3] = ""
    add_overlay(out, tree.root)
  else
    local root = tree.root
    if not all then
      root = rest_of(root)
      out[3] = nil
    end
    root = { properties = root.properties, children = root.children, reg = {}, interrupts = {}, name = "/" }
    add_node(out, root, "", all)
  end
  if tree.unreadable > 0 then
    out[#out + 1] = ("/* %d properties are left out: this user may not read them */"):format(tree.unreadable)
  end
  return table.concat(out, "\n") .. "\n"
end

return fdt_text
