--- Tree: the objects of one overlay. There is one per IP, hierarchy and memory, made when it is
-- first asked for, whatever path leads to it.
local Class = require "lunq.class"
local errors = require "lunq.errors"
local holds = require "lunq.holds"
local warnings = require "lunq.warnings"

local Tree = Class:extend { __name = "lunq.Tree" }

local BUILDING <const> = {}

function Tree:init()
  self.objects = {} -- description (entry of a dictionary) -> object
  self.seen = {}    -- node -> { name = member } read as fields, see lunq.node
  self.lines = {}   -- entry of gpio_dict -> GPIO lines
  self.kernels = {} -- name -> all its compute units, see lunq.kernel
  self.locks = {}   -- description -> lock against other programs
end

--- The error of a driver's constructor, with the name of what it was for.
local function explain(what, description, class, e)
  local more = {}
  if errors.is(e) then
    for key, value in pairs(e) do more[key] = value end
  end
  return errors.new(more.kind or "runtime", ("%s %s (driver %s): %s"):format(what, description.fullpath,
                    class.__name, tostring(e)), more)
end

--- Makes an object once. `make` may raise; then nothing is kept and the next access tries again.
local function once(self, description, maker)
  local object = self.objects[description]
  if object == BUILDING then
    errors.raise("runtime", "%s is used while its driver's init is still running; when two drivers need "
                 .. "each other, one of them should look the other up later", description.fullpath)
  end
  if object then return object end
  self.objects[description] = BUILDING
  local ok, result = pcall(maker, description)
  self.objects[description] = ok and result or nil
  if not ok then error(result, 0) end
  return result
end

--- The object of an IP or memory: its driver's, or the fallback's.
local function make(description, fallback)
  local class = description.driver or fallback
  local ok, result = pcall(class, description)
  if ok then return result end
  if errors.is(result, "unsupported") and class ~= fallback then
    warnings.warn("user", "Configuration if IP %s not supported: %s", description.fullpath, tostring(result))
    return fallback(description)
  end
  error(explain("IP", description, class, result), 0)
end

local function make_ip(description)
  return make(description, description.phys_addr and require "lunq.ip" or require "lunq.ps")
end

local function make_hierarchy(description)
  local class = description.driver or require "lunq.hierarchy"
  local ok, result = pcall(class, description)
  if ok then return result end
  error(explain("Hierarchy", description, class, result), 0)
end

local function make_memory(description)
  return make(description, description.streaming and require "lunq.stream" or require "lunq.memory")
end

--- An IP of a board is one program's at a time.
local function lock(self, description)
  self.locks[description] = self.locks[description] or holds.ip(description)
end

local function unlock(self, description)
  if self.locks[description] then self.locks[description]:close() end
  self.locks[description] = nil
end

--- The object of an IP: its driver, DefaultIP when it has none or its driver raised `unsupported`
--- (with a warning), lunq.PS for the processing system.
---@param description table entry of ip_dict
--- Raises `device` when another program has it.
function Tree:ip(description)
  if self.objects[description] == nil then lock(self, description) end
  return once(self, description, make_ip)
end

---@param description table entry of hierarchy_dict
function Tree:hierarchy(description) return once(self, description, make_hierarchy) end

---@param description table entry of mem_dict
function Tree:memory(description) return once(self, description, make_memory) end

--- The GPIO lines of a slice.
---@param entry table entry of gpio_dict
---@param device userdata
function Tree:gpio(entry, device)
  if not self.lines[entry] then self.lines[entry] = require "lunq.gpio".of_slice(entry, device) end
  return self.lines[entry]
end

--- Forgets what nodes have read as fields. The tables are emptied: overlays have theirs at hand.
local function forget(self)
  for _, names in pairs(self.seen) do
    for name in pairs(names) do names[name] = nil end
  end
  self.lines = {}
end

local function close_kernels(self)
  for _, kernel in pairs(self.kernels) do kernel:close() end
  self.kernels = {}
end

--- Frees everything; see each.
function Tree:free()
  close_kernels(self)
  self:each "free"
  for _, lines in pairs(self.lines) do lines:release() end
  for description in pairs(self.locks) do unlock(self, description) end
end

--- Calls a method of an object's class when it has one. Never what Node.missing would find: an IP may
--- be called "release".
local function call(object, method)
  local class = getmetatable(object)
  local fn = rawget(object, method) or class and class[method]
  if type(fn) ~= "function" then return end
  local ok, failure = pcall(fn, object)
  if not ok then
    warnings.warn("resource", "%s of %s failed: %s", method, tostring(object.fullpath), tostring(failure))
  end
end

--- Objects with their descriptions, those below a path when one is given: a hierarchy before what is
--- in it, since its driver may still use that.
local function below(self, prefix)
  local list = {}
  for description, object in pairs(self.objects) do
    local path = description.fullpath
    if object ~= BUILDING and (not prefix or path == prefix or path:sub(1, #prefix + 1) == prefix .. "/") then
      list[#list + 1] = { object = object, description = description, path = path,
                          rank = description.hierarchies and 1 or 2 }
    end
  end
  table.sort(list, function(a, b)
    if a.rank ~= b.rank then return a.rank < b.rank end
    return a.path < b.path
  end)
  return list
end

--- Calls object:method() on every object that has it. An error becomes a warning: the others must
--- have their turn.
---@param method string "free" or "release"
---@param prefix? string full path of a hierarchy: only what is below it
function Tree:each(method, prefix)
  for _, entry in ipairs(below(self, prefix)) do call(entry.object, method) end
end

--- Forgets the objects below a path and the hierarchy there; those still held say why they are of
--- no use.
---@param prefix string|nil full path of a hierarchy; nil: everything
---@param why string
function Tree:drop(prefix, why)
  forget(self)
  if not prefix then close_kernels(self) end
  for _, entry in ipairs(below(self, prefix)) do
    rawset(entry.object, "_stale", why)
    self.objects[entry.description] = nil
    unlock(self, entry.description)
  end
end

--- Carries the objects over to the descriptions of dictionaries read anew. An object without an
--- entry there is forgotten.
---@param old table root description the objects belong to
---@param new table root description
function Tree:move(old, new)
  local objects = {}
  for _, kind in ipairs { "ip", "hierarchies", "memories" } do
    for key, description in pairs(old[kind]) do
      local object, now = self.objects[description], new[kind][key]
      if object and now then
        objects[now] = object
        self.locks[now], self.locks[description] = self.locks[description], nil
        rawset(object, "description", now)
      end
    end
  end
  self.objects = objects
  forget(self)
end

return Tree
