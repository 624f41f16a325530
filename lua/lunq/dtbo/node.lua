--- Nodes of a device-tree overlay while it is made: properties, references to other nodes, and the lists
--- that say where these references stand (linux-boards.md B2).
local Class = require "lunq.class"
local errors = require "lunq.errors"

local Node = Class:extend { __name = "lunq.dtbo.Node" }

local UNRESOLVED <const> = ("\xff"):rep(4)

local function cells_text(...)
  local t = { ... }
  for i, v in ipairs(t) do t[i] = (">I4"):pack(v) end
  return table.concat(t)
end

function Node:init(name)
  self.name, self.properties, self.children, self.refs = name, {}, {}, {}
end

local function put(self, name, value)
  table.insert(self.properties, { name = name, value = value })
end

function Node:add(child)
  table.insert(self.children, child)
  return child
end

function Node:flag(name) put(self, name, "") end
function Node:cells(name, ...) put(self, name, cells_text(...)) end
function Node:strings(name, ...) put(self, name, table.concat({ ... }, "\0") .. "\0") end

--- A phandle of a node of the board, by its label, with arguments.
function Node:reference(name, label, ...)
  put(self, name, UNRESOLVED .. cells_text(...))
  table.insert(self.refs, { property = self.properties[#self.properties], label = label })
end

--- A phandle of another node of this overlay.
function Node:points(name, node)
  put(self, name, UNRESOLVED)
  table.insert(self.refs, { property = self.properties[#self.properties], node = node })
end

-- ---- the board's tree ---------------------------------------------------------------------------

local function property_of(node, name)
  for _, p in ipairs(node.properties) do
    if p.name == name then return p.value end
  end
  return nil
end

--- Calls f(node) for each node; the first that f returns true for.
local function search(node, f)
  if f(node) then return node end
  for _, c in ipairs(node.children) do
    local found = search(c, f)
    if found then return found end
  end
  return nil
end

--- What a node of the board has to be, when the tree has no labels: part of its compatible string.
local KINDS <const> = {
  fpga_full = "fpga%-region", amba = "simple%-bus", gic = "arm,gic", intc = "arm,cortex%-a9%-gic",
  zynqmp_clk = "xlnx,zynqmp%-clk", clkc = "xlnx,ps7%-clkc",
}

local Base = Class:extend { __name = "lunq.dtbo.Base" }

function Base:init(tree)
  local t = tree:table()
  self._root, self._file, self._found = t.root, t.file, {}
end

--- The node that has the label in Linux's trees. Raises `value` when there is none.
function Base:node(label)
  local found = self._found[label] or search(self._root, function(n) return n.label == label end)
    or search(self._root, function(n) return (property_of(n, "compatible") or ""):find(KINDS[label]) ~= nil end)
  if not found then
    errors.raise("value", "%s has no node for '%s' (compatible with %s); is it the tree of such a board?", self._file,
                 label, (KINDS[label]:gsub("%%", "")))
  end
  self._found[label] = found
  return found
end

--- Its phandle, four bytes. Raises `value` when it has none.
function Base:phandle(label)
  local node = self:node(label)
  local value = property_of(node, "phandle") or property_of(node, "linux,phandle")
  if not value or #value ~= 4 then
    errors.raise("value", "%s: %s has no phandle, so no overlay can name it; compile the tree with dtc -@", self._file,
                 node.path)
  end
  return value
end

-- ---- the overlay --------------------------------------------------------------------------------

local Overlay = Node:extend { __name = "lunq.dtbo.Overlay" }

function Overlay:init() Node.init(self, "") end

local function new_fragment(self)
  local fragment = self:add(Node(("fragment@%d"):format(#self.children)))
  fragment.inside = Node "__overlay__"
  return fragment
end

--- A fragment for a path; the node for what it brings.
function Overlay:fragment_at(path)
  local fragment = new_fragment(self)
  fragment:strings("target-path", path)
  return fragment:add(fragment.inside)
end

--- A fragment for a node of the board: by its path when the board's tree is known, else by its label.
function Overlay:fragment(base, label)
  if base then return self:fragment_at(base:node(label).path) end
  local fragment = new_fragment(self)
  fragment:reference("target", label)
  return fragment:add(fragment.inside)
end

--- Calls f(node, path) for all nodes below.
local function each(node, path, f)
  f(node, path)
  for _, c in ipairs(node.children) do each(c, path .. "/" .. c.name, f) end
end

--- Numbers the nodes that are pointed to.
local function number_nodes(self)
  local n = 0
  each(self, "", function(node)
    for _, ref in ipairs(node.refs) do
      if ref.node and not ref.node.phandle then
        n = n + 1
        ref.node.phandle = n
        ref.node:cells("phandle", n)
      end
    end
  end)
end

--- The node of local fix-ups for a path, made with those above it.
local function mirror(root, path)
  local node = root
  for name in path:gmatch "[^/]+" do
    local found
    for _, c in ipairs(node.children) do found = c.name == name and c or found end
    node = found or node:add(Node(name))
  end
  return node
end

--- Fills in the references: from the board's tree, or in the lists of fix-ups. Returns the overlay.
function Overlay:finish(base)
  local labels, order, locals = {}, {}, Node "__local_fixups__"
  number_nodes(self)
  each(self, "", function(node, path)
    for _, ref in ipairs(node.refs) do
      local p = ref.property
      if ref.node then
        p.value = cells_text(ref.node.phandle)
        mirror(locals, path):cells(p.name, 0)
      elseif base then
        p.value = base:phandle(ref.label) .. p.value:sub(5)
      else
        if not labels[ref.label] then
          labels[ref.label] = {}
          order[#order + 1] = ref.label
        end
        table.insert(labels[ref.label], ("%s:%s:0"):format(path, p.name))
      end
    end
  end)
  if #order > 0 then
    local fixups = self:add(Node "__fixups__")
    for _, label in ipairs(order) do fixups:strings(label, table.unpack(labels[label])) end
  end
  if #locals.children > 0 then self:add(locals) end
  return self
end

return { new = function(name) return Node(name) end, overlay = function() return Overlay() end,
         base = function(tree) return Base(tree) end }
