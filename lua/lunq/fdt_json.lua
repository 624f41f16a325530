--- A device tree as JSON: nodes with their properties in order.
--   { "name": "uart@a0000000", "label": "uart", "properties": { "compatible": ["generic-uio"],
--     "reg": [0, 2684354560, 0, 65536], "interrupt-parent": ["&gic"], "dma-coherent": true },
--     "reg": [{ "base": 2684354560, "size": 65536 }], "interrupts": [...], "children": [...] }
-- A property is true when it is empty, a list of strings, a list of numbers in which references are
-- strings with "&", or { "bytes": "0a0b0c" }. A fragment has its "target".
local fdt_text = require "lunq.fdt_text"

local fdt_json = {}

--- An object that keeps this order: key, value, key, value; without those that are nil.
local function object(...)
  local t, order = {}, {}
  for i = 1, select("#", ...), 2 do
    local key, value = select(i, ...)
    if value ~= nil then
      t[key] = value
      order[#order + 1] = key
    end
  end
  return setmetatable(t, { __jsontype = "object", __jsonorder = order })
end

local function array(list) return setmetatable(list, { __jsontype = "array" }) end

local function hex(value) return (value:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

local function value_of(p)
  local kind, list = fdt_text.decode(p)
  if kind == "empty" then return true end
  if kind == "bytes" then return object("bytes", hex(p.value)) end
  for _, ref in ipairs(p.refs) do
    local at = ref.at // 4 + 1
    if kind == "cells" and ref.at % 4 == 0 then list[at] = fdt_text.reference(ref) or list[at] end
  end
  return array(list)
end

local function properties_of(node)
  local flat = {}
  for _, p in ipairs(node.properties) do
    flat[#flat + 1] = p.name
    flat[#flat + 1] = value_of(p)
  end
  return object(table.unpack(flat))
end

--- The list mapped, or nil when it is empty.
local function optional(list, f)
  if #list == 0 then return nil end
  local out = {}
  for i, v in ipairs(list) do out[i] = f(v) end
  return array(out)
end

local function range(r) return object("base", r.base, "size", r.size) end
local function interrupt(irq) return object("controller", irq.controller, "cells", array { table.unpack(irq) }) end

local function node_of(node)
  return object("name", node.name, "label", node.label, "target", (fdt_text.fragment(node)), "properties",
                properties_of(node), "reg", optional(node.reg, range), "interrupts",
                optional(node.interrupts, interrupt), "children", optional(node.children, node_of))
end

--- A whole tree as JSON text.
---@param tree table of core.fdt_read
---@return string
function fdt_json.text(tree)
  local whole = object("file", tree.file, "overlay", tree.overlay, "root", node_of(tree.root))
  return require "dkjson".encode(whole, { indent = true }) .. "\n"
end

return fdt_json
