--- Node: what overlays and hierarchies have in common, access to their members by name.
--
-- Look-up order: methods and fields, then hierarchies, IP, interrupts, GPIO, memories. A member
-- hidden by a method or field of the same name is reached as node:ip "name", node:hierarchy "name",
-- node:memory "name". node.gpio.NAME is a GPIO line of the processor by the name of its slice (unless
-- the design has an IP called gpio): of an overlay all of them, as in ol.gpio["video/reset"]. Members of
-- members may be named by their path: node["video/axi_vdma"].
--
-- A subclass sets self.description { fullpath, ip, hierarchies, interrupts, gpio, memories } and
-- provides self:_live_tree(), which raises when the objects of this node can't be used (any more).
local Class = require "lunq.class"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local Node = Class:extend { __name = "lunq.Node" }

--- Fields of a subclass that may be nil: reading them does not look for a member of that name.
Node._optional = {}

--- Names that are made when they are first read, unless the design has something of that name:
--- functions of the node.
Node._made = {}

--- PYNQ's memory names as attributes: every character outside [A-Za-z0-9_] is dropped.
local function attribute_name(name) return (name:gsub("[^%w_]", "")) end

local function find_memory(memories, name)
  local found = memories[name]
  if found then return found end
  for key, description in pairs(memories) do
    if attribute_name(key) == name then return description end
  end
  return nil
end

local function used(memory) return memory.used == nil or memory.used == true or memory.used == 1 end

--- "a/b" below this node: the same as "b" in the hierarchy "a".
local function descend(self, name)
  local first, rest = name:match "^([^/]+)/(.+)$"
  local hierarchy = first and self.description.hierarchies[first]
  if not hierarchy then return nil end
  return self:_live_tree():hierarchy(hierarchy):_find(rest)
end

--- The member called `name`, or nil.
---@param name string
---@return any|nil
function Node:_find(name)
  local d = self.description
  local tree = self:_live_tree()
  if d.hierarchies[name] then return tree:hierarchy(d.hierarchies[name]) end
  if d.ip[name] then return tree:ip(d.ip[name]) end
  if d.interrupts[name] then return require "lunq.interrupt"(d.interrupts[name], self.device) end
  if d.gpio[name] then return tree:gpio(d.gpio[name], self.device) end
  local memory = find_memory(d.memories, name)
  if memory and used(memory) then return tree:memory(memory) end
  return descend(self, name)
end

local function member_names(self)
  local list = {}
  for _, kind in ipairs { "hierarchies", "ip", "interrupts", "gpio", "memories" } do
    for name in pairs(self.description[kind]) do list[#list + 1] = name end
  end
  return list
end

--- What to say of the name of a kernel: its compute units are what an overlay has.
local function kernel_hint(self, name)
  for unit, d in pairs(self.description.ip) do
    if type(d.cu_name) == "string" and d.cu_name:match "^[^:]*" == name then
      return ("; it is a kernel: .kernels.%s, or a compute unit of it as %s"):format(name, unit)
    end
  end
end

--- An IP that has streams and no registers is no member: a bench reaches its streams by their names.
local function stream_hint(self, name)
  for _, s in ipairs(self._streams or {}) do
    for _, stream in ipairs { s.master or "", s.slave or "" } do
      if stream:match "^(.*)/[^/]*$" == name then
        return ('; it has no registers, only streams: a bench reaches them as "%s"'):format(stream)
      end
    end
  end
end

local function not_found(self, name)
  local hint = self:_gpio_dict()[name] and "; there is a GPIO line of that name, in .gpio"
               or kernel_hint(self, name) or stream_hint(self, name) or nearest.hint(name, member_names(self))
  errors.raise("attribute", "Could not find IP or hierarchy %s in overlay%s", tostring(name), hint)
end

--- Looks a member up for reading it as a field; what is found is remembered in the tree.
local function member(self, name)
  if not rawget(self, "description") then
    errors.raise("runtime", '%s: "%s" is used before init of the base class was called', self.__name, name)
  end
  local tree = self:_live_tree()
  local seen = tree.seen[self]
  if not seen then
    seen = {}
    tree.seen[self] = seen
    rawset(self, "_members", seen) -- for DefaultOverlay._quick
  end
  local value = seen[name]
  if value == nil then
    value = self:_find(name)
    if value == nil and self._made[name] then value = self._made[name](self) end
    if value == nil then not_found(self, name) end
    seen[name] = value
  end
  return value
end

local function gpio_names(self)
  local names = {}
  for name in pairs(self:_gpio_dict()) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- node.gpio: the processor's GPIO lines by the names of their slices.
local function gpio_lines(self)
  return setmetatable({}, {
    __index = function(_, name)
      local entry = self:_gpio_dict()[name]
      if not entry then
        errors.raise("attribute", "There is no GPIO line %s%s", tostring(name), nearest.hint(name, gpio_names(self)))
      end
      return self:_live_tree():gpio(entry, self.device)
    end,
    __newindex = function() errors.raise("attribute", "GPIO lines come from the design and can't be assigned") end,
    __pairs = function(list)
      local names, i = gpio_names(self), 0
      return function()
        i = i + 1
        return names[i], names[i] and list[names[i]]
      end
    end,
    __tostring = function()
      local names = gpio_names(self)
      return "GPIO lines: " .. (#names > 0 and table.concat(names, ", ") or "none")
    end,
    __name = "lunq.GPIOLines",
  })
end

Node._made.gpio = gpio_lines

--- The slices of this node: of an overlay all of them, by their full paths.
function Node:_gpio_dict() return self.description.gpio end

--- Reading a name that is no method or field. Private names (with an underscore) are nil until set.
function Node:missing(name)
  if type(name) ~= "string" or self._optional[name] then return nil end
  if name:byte() == 0x5F then return (name == "__doc__" or name == "__doc") and self:doc() or nil end
  return member(self, name)
end

--- node.ip "x" instead of node:ip "x".
local function check_self(self, method)
  if not Class.is_instance(self, Node) then
    errors.raise("type", '%s is a method: write a colon, as in ol:%s "name"', method, method)
  end
end

--- The IP of this name, also when a method or field has the same one.
---@param name string name or path
function Node:ip(name)
  check_self(self, "ip")
  local description = self.description.ip[name]
  if description then return self:_live_tree():ip(description) end
  local found = type(name) == "string" and descend(self, name)
  if not found then not_found(self, name) end
  return found
end

--- The hierarchy of this name.
function Node:hierarchy(name)
  check_self(self, "hierarchy")
  local description = self.description.hierarchies[name]
  if description then return self:_live_tree():hierarchy(description) end
  local found = type(name) == "string" and descend(self, name)
  if not found then not_found(self, name) end
  return found
end

--- The memory of this name.
function Node:memory(name)
  check_self(self, "memory")
  local memory = type(name) == "string" and find_memory(self.description.memories, name)
  if not memory then not_found(self, name) end
  return self:_live_tree():memory(memory)
end

local function sorted_members(list, tree, kind, members)
  for name, description in pairs(members) do
    if not name:find "/" and (kind ~= "memory" or used(description)) then
      list[#list + 1] = { name = name, make = tree[kind], description = description }
    end
  end
end

--- Iterates over the immediate members that are objects: hierarchies, IP and memories by name.
--- Objects that don't exist yet are made.
---   for name, child in ol:children() do print(name, child) end
function Node:children()
  local tree, list, i = self:_live_tree(), {}, 0
  sorted_members(list, tree, "hierarchy", self.description.hierarchies)
  sorted_members(list, tree, "ip", self.description.ip)
  sorted_members(list, tree, "memory", self.description.memories)
  table.sort(list, function(a, b) return a.name < b.name end)
  return function()
    i = i + 1
    local entry = list[i]
    if entry then return entry.name, entry.make(tree, entry.description) end
  end
end

function Node:__pairs() return self:children() end

--- PYNQ's documentation text of this overlay or hierarchy (its `__doc__`).
---@return string
function Node:doc() return require "lunq.doc".text(self.description, self:_doc_name(), self._doc_kind) end

return Node
