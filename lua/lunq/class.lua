--- Classes: `local Sub = Base:extend { field = value }`, `Sub(...)` makes an instance and calls init.
--
--   local Point = Class:extend { __name = "Point" }
--   function Point:init(x, y) self.x, self.y = x, y end
--   print(Point(1, 2).x)
--
-- Single inheritance, nothing else. A class may define:
--   init(self, ...)         the constructor; a subclass calls Base.init(self, ...) itself
--   missing(self, name)     what reading an unknown name gives (without it: nil); Class.unknown raises
--   _quick(self, name)      asked before the class is, for names that are read all the time: nil goes on
--   extended(class, sub)    called once for every new subclass, however deep
--   __tostring, __close, __gc, __len, __eq, __pairs, __call ...   inherited like methods
local Class = { __name = "lunq.Class" }
Class.__index = Class

-- Metamethods don't look through __index, so a class copies those it inherits. __gc must be there
-- when the metatable is set, which is why they are copied and not looked up.
local METAMETHODS <const> = { "__tostring", "__close", "__gc", "__len", "__eq", "__pairs", "__call",
                              "__newindex", "__name" }

--- Where the code that called `extend` stands: the name of a class that was given none.
local function module_name()
  local info = debug.getinfo(3, "S")
  if not info or info.what == "C" then return "class" end -- `return Base:extend {}`: a tail call
  local source = info.source:gsub("^[@=]", "")
  return (source:match("^lunq:(.*)$") or source:match("([^/]+)%.lua$") or source:sub(1, 40)):gsub("\n.*", "")
end

local function instance_index(class)
  if not class.missing then return class end
  local function look_up(self, name)
    local value = class[name]
    if value ~= nil then return value end
    return class.missing(self, name)
  end
  local quick = class._quick
  return quick and function(self, name)
    local value = quick(self, name)
    if value ~= nil then return value end
    return look_up(self, name)
  end or look_up
end

--- Finishes a class before its first instance: by then all its methods are defined.
local function seal(class)
  local parent = getmetatable(class).__index
  for _, name in ipairs(METAMETHODS) do
    if rawget(class, name) == nil then rawset(class, name, parent[name]) end
  end
  class.__index = instance_index(class)
  getmetatable(class).sealed = true
end

--- Makes an instance out of a table that may have fields already, which init then finds.
---@param class table
---@param object table becomes the instance
---@return table object
function Class.make(class, object, ...)
  local meta = getmetatable(class)
  if not meta.sealed then seal(class) end
  setmetatable(object, class)
  local init = class.init
  if init then init(object, ...) end
  return object
end

--- Programming mistakes of class definitions; `errors` is loaded only for them.
local function fail(text) require "lunq.errors".raise("type", text) end

local function construct(class, ...) return Class.make(class, {}, ...) end

--- Makes a subclass. `fields` becomes the class: methods and defaults of its instances.
---@param fields? table
---@return table class
function Class:extend(fields)
  if not Class.is_subclass(self, Class) then fail "extend is a method of a class: Base:extend { ... }" end
  local sub = fields or {}
  if type(sub) ~= "table" or getmetatable(sub) ~= nil then
    fail "extend takes a plain table of fields, or nothing"
  end
  if rawget(sub, "__name") == nil then sub.__name = module_name() end
  setmetatable(sub, {
    __index = self, __call = construct, __name = "lunq.Class",
    __tostring = function(class) return "class " .. class.__name end,
  })
  local extended = self.extended
  if extended then extended(self, sub) end
  return sub
end

--- A `missing` that raises and offers the nearest name. Names with an underscore are the class's own
--- business and read as nil until they are set, as do those of a class's table `optional`.
---@param object table
---@param name any
--- Raises `attribute`.
function Class.unknown(object, name)
  local names, class = {}, getmetatable(object)
  local optional = class.optional
  if type(name) ~= "string" or name:sub(1, 1) == "_" or optional and optional[name] then return nil end
  local title = class.__name
  while class and class ~= Class do
    for known in next, class do names[#names + 1] = known end
    local meta = getmetatable(class)
    class = meta and meta.__index
  end
  for known in next, object do names[#names + 1] = known end
  require "lunq.errors".raise("attribute", '%s has no "%s"%s', title, name, require "lunq.nearest".hint(name, names))
end

--- True when `class` is `base` or made from it.
function Class.is_subclass(class, base)
  while type(class) == "table" do
    if class == base then return true end
    local meta = getmetatable(class)
    class = meta and rawget(meta, "__call") == construct and meta.__index or nil
  end
  return false
end

--- True when `object` is an instance of `base` or of a class made from it.
function Class.is_instance(object, base)
  return type(object) == "table" and Class.is_subclass(getmetatable(object), base)
end

setmetatable(Class, { __call = construct, sealed = true })

return Class
