--- lunq.Model: what an IP does, written in Lua, for simulated devices.
--
--   local Scaler = lunq.Model:extend { models = { "acme.com:user:scaler:1.0" } }
--   function Scaler:reset() self.factor = 1 end
--   function Scaler:read(offset) return offset == 0x10 and self.factor or 0 end
--   function Scaler:write(offset, value) if offset == 0x10 then self.factor = value end end
--
-- `models` lists VLNVs, VLNVs without the version, or paths of IP; a path beats a VLNV, and both beat
-- the models in C. The next design that is loaded uses the class. What a class may define:
--
--   init(self), reset(self)          once, when the design is loaded
--   read(self, offset, interface)    a 32-bit read; or return nil, "slave_error" or "decode_error"
--   write(self, offset, value, interface)      false, "slave_error" refuses
--   stream(self, port, data, last)   stream data (a string) arrives; return the number of bytes taken
--                                    when not all (then call self:ready(port) later), false for none
--   packet(self, port, data)         the same, but whole packets
--                                    Both get TLAST, and { id, dest, user } of TID, TDEST and TUSER
--                                    behind the data, nil where all are 0: packet(self, port, data, last, side)
--   call(self, a)                    an HLS core as a C function; its arguments are a.NAME, what it returns
--                                    are its outputs, see lunq.hls.model
--   kernel(self, a, b, ...)          a kernel of a card: its arguments in C's order, see lunq.hls.kernel. Such a
--                                    class may also be bound by the name of its kernel
--   compute(self)                    an HLS core by its registers: called when it is done, or when it is
--                                    not, return false and later call self:done(). See self.registers
--   wire_changed(self)               some wire of the design has changed: look with self:level
--
-- An error in a method is raised by whoever is accessing the device or waits for it, with kind
-- "device". A model never waits: it plans with self:after.
local core = require "lunq.core"
local Class = require "lunq.class"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

---@class Model
---@field fullpath string path of the IP
---@field type string its VLNV
---@field parameters table<string, string> as the design says them
---@field registers table registers by name, without side effects: self.registers.c = 7
local Model = Class:extend { __name = "Model" }

-- ---- which class stands for which IP ------------------------------------------------------------

local bound = {}  -- name -> classes the program bound to it, the newest last
local collecting  -- list of { name, class } while the model files of an overlay run

--- In the C core. Kernels of cards have names of their own, which are no paths of IP.
local function put(name, class)
  core.model_bind(name, class)
  if not name:find ":" then core.model_bind("kernel:" .. name, class) end
end

local function newest(name) return bound[name] and bound[name][#bound[name]] end

local function bind(name, class)
  if collecting then
    collecting[#collecting + 1] = { name, class }
    return
  end
  bound[name] = bound[name] or {}
  table.insert(bound[name], class)
  put(name, class)
end

--- Called for every class made from Model: binds it to its IP.
function Model.extended(_, class)
  local names = rawget(class, "models")
  if names == nil then return end
  if type(names) == "string" then names = { names } end
  if type(names) ~= "table" then
    errors.raise("type", "models should be a list of VLNVs or paths, not %s", type(names))
  end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then
      errors.raise("type", "models should be a list of VLNVs or paths, not of %s", type(name))
    end
    bind(name, class)
  end
end

--- The class is used for nothing any more, from the next design on; the one before it is again.
function Model.unbind(class)
  local names = class.models or {}
  for _, name in ipairs(type(names) == "string" and { names } or names) do
    local classes = bound[name] or {}
    for i = #classes, 1, -1 do
      if classes[i] == class then table.remove(classes, i) end
    end
    put(name, newest(name))
  end
end

--- Runs f(...) and returns the bindings of the classes made meanwhile instead of binding them: the
--- models beside an overlay are for that overlay only.
---@return table bindings list of { name, class }
---@return boolean ok
---@return any error when f failed
function Model.collect(f, ...)
  local outer, list = collecting, {}
  collecting = list
  local ok, e = pcall(f, ...)
  collecting = outer
  return list, ok, e
end

--- Runs f(...) with bindings in force behind those the program made itself.
---@param bindings table list of { name, class }, the last one of a name counts
function Model.with(bindings, f, ...)
  for _, binding in ipairs(bindings) do
    if not newest(binding[1]) then put(binding[1], binding[2]) end
  end
  local results = table.pack(pcall(f, ...))
  for _, binding in ipairs(bindings) do put(binding[1], newest(binding[1])) end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

-- ---- what a model can do ------------------------------------------------------------------------

--- Reads a 32-bit register of the model in C beneath: a register file, or what the IP would have.
---@param offset integer bytes
---@param interface? string slave interface, for IP with several
---@return integer
function Model:read(offset, interface) return self._core:read(offset, interface) end

--- Writes a 32-bit register of the model in C beneath.
function Model:write(offset, value, interface) self._core:write(offset, value, interface) end

--- Bytes behind the registers, without side effects: memories of HLS cores, block RAM.
---@param offset integer
---@param n integer
---@return string
function Model:load(offset, n, interface) return self._core:load(offset, n, interface) end

--- Puts bytes behind the registers.
---@param bytes string
function Model:store(offset, bytes, interface) self._core:store(offset, bytes, interface) end

--- Reads memory as this IP sees it: through its own address map, in the device's copy.
---@param address integer
---@param n integer bytes
---@param interface? string master interface, for IP with several
---@return string
--- Raises `io` when nothing answers there.
function Model:memory_read(address, n, interface) return self._core:memory_read(address, n, interface) end

--- Writes memory as this IP sees it.
function Model:memory_write(address, bytes, interface) self._core:memory_write(address, bytes, interface) end

--- Sends stream data. What the receiver does not take yet waits and follows by itself.
---@param port string|nil stream interface; nil: the only output
---@param data string
---@param last? boolean TLAST with the last byte
---@param side? table { id, dest, user }: TID, TDEST and TUSER
---@return integer waiting bytes that wait
function Model:send(port, data, last, side) return self._core:send(port, data, last, side) end

--- Bytes sent that the receiver has not taken yet. While there are some, a model that can't store
--- more refuses in `stream`; when the last of them has gone, its inputs are offered again by themselves.
---@param port string|nil stream interface; nil: the only output
---@return integer
function Model:waiting(port) return self._core:send(port, "") end

--- Tells the sender that a stream which was not taken whole can be offered again.
function Model:ready(port) self._core:ready(port) end

--- Drives an output pin.
---@param pin string
---@param level? boolean|integer default: high
---@return boolean there false: this configuration of the IP has no such pin
function Model:raise(pin, level)
  if level == nil then level = true end
  return self._core:raise(pin, level)
end

--- The level on an input pin, as its net drives it.
---@return integer
function Model:level(pin) return self._core:level(pin) end

--- Calls f(self) after some time on the device.
---@param ns integer nanoseconds
---@param f function
function Model:after(ns, f) self._core:after(ns, f) end

--- Time on the device, ns.
---@return integer
function Model:now() return self._core:now() end

--- How long a start of an HLS core takes until compute, ns (1000 when nobody says).
function Model:latency(ns) self._core:latency(ns) end

--- An HLS core whose compute returned false is done.
function Model:done() self._core:done() end

--- Stream interfaces that are connected: { inputs = { names }, outputs = { names } }.
function Model:streams() return self._core:streams() end

function Model:__tostring() return ("%s (model of %s)"):format(getmetatable(self).__name, self.fullpath) end

--- The registers of a model by name.
local function register_table(object, offsets)
  local function unknown(name)
    local names = {}
    for known in pairs(offsets) do names[#names + 1] = known end
    table.sort(names)
    errors.raise("attribute", "%s has no register %s%s", object.fullpath, tostring(name), nearest.hint(name, names))
  end
  return setmetatable({}, {
    __index = function(_, name)
      return offsets[name] and object._core:get(name) or unknown(name)
    end,
    __newindex = function(_, name, value)
      if not (offsets[name] and object._core:set(name, value)) then unknown(name) end
    end,
    __pairs = function()
      local name
      return function()
        name = next(offsets, name)
        if name then return name, object._core:get(name) end
      end
    end,
  })
end

local OVERRIDES <const> = { read = 1, write = 2, stream = 4, packet = 8, compute = 16, wire_changed = 32 }

--- Makes the object of an IP; the simulator calls it when a design is loaded.
local function make(class, handle)
  local about = handle:describe()
  local object = { _core = handle, fullpath = about.fullpath, type = about.type, parameters = about.parameters }
  object.registers = register_table(object, about.registers)
  Class.make(class, object)
  if class.reset then object:reset() end
  local overrides = 0
  for name, bit in pairs(OVERRIDES) do
    if class[name] ~= Model[name] then overrides = overrides | bit end
  end
  if class.call or class.kernel then overrides = overrides | require "lunq.hls.model".attach(object) end
  return object, overrides
end

core.model_maker(make)

return Model
