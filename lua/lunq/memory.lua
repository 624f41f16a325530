--- Memory of a design: a block RAM behind a controller, or a bank buffers are allocated in.
--   ol.bram:write(0, 1)                                            -- memory of the design
--   local b <close> = lunq.allocate(1024, "u4", { target = ol.PSDDR })   -- a bank
-- Fields: name, fullpath, base_address, size (bytes), type, device, bank (true for one buffers come
-- from), description (entry of mem_dict); mmio (made at first use; memory of the design only). Of a bank
-- also idx, mem_used (bytes of buffers in it now) and num_buffers; two objects of the same bank are equal.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Memory = Class:extend { __name = "lunq.Memory", optional = { base_address = true, size = true, type = true } }

---@param description table entry of mem_dict
function Memory:init(description)
  self.description = description
  self.fullpath, self.name = description.fullpath, description.tag or description.fullpath
  self.base_address, self.size = description.base_address, description.size
  self.type, self.device = description.type, description.device
  self.bank = description.bank or description.raw_type ~= nil -- a card's memory is a bank, see lunq.stream
  self.idx = description.idx or false
end

--- Allocates a buffer in this bank; the same as lunq.allocate(shape, dtype, { target = self }).
--- Raises `index` when buffers don't come from here.
---@param shape integer|integer[]
---@param dtype? string "u4" when left out
---@param o? table options of lunq.allocate besides target
function Memory:allocate(shape, dtype, o)
  if o ~= nil and type(o) ~= "table" then
    errors.raise("type", "the options of allocate should be a table, not %s", type(o))
  end
  local options = { target = self }
  for name, value in pairs(o or {}) do options[name] = value end
  return core.allocate(shape, dtype, options)
end

--- Reads a 32-bit word at a byte offset (0 when none is given).
function Memory:read(offset) return self.mmio:read(offset or 0) end

--- Writes a 32-bit word, or a string of bytes, at a byte offset.
function Memory:write(offset, value)
  self.mmio:write(offset, value)
  return self
end

--- Closes the window; may be repeated.
function Memory:free()
  local window = rawget(self, "mmio")
  if window then window:close() end
end

--- What is allocated in the bank now.
local function usage(self)
  for _, bank in ipairs(self.device:banks()) do
    if bank.name == self.name then return bank end
  end
  return { used = 0, buffers = 0 } -- another design is loaded
end

function Memory:missing(name)
  if name == "mem_used" then return self.bank and usage(self).used or nil end
  if name == "num_buffers" then return self.bank and usage(self).buffers or nil end
  if name ~= "mmio" then return Class.unknown(self, name) end
  if self.bank then
    errors.raise("unsupported", "Memory %s is where buffers come from: allocate buffers in it "
                 .. "(lunq.allocate with target), and read and write those.", self.fullpath)
  end
  if not (self.base_address and self.size) then
    errors.raise("unsupported", "Memory %s has no address the host can reach.", self.fullpath)
  end
  local window = core.mmio(self.base_address, self.size, self.device, true)
  rawset(self, "mmio", window)
  return window
end

function Memory:__eq(other)
  return Class.is_instance(other, Memory) and self.bank and other.bank and self.device == other.device
         and self.name == other.name
end

function Memory:__tostring()
  if not self.base_address then return ("%s %s"):format(self.__name, self.fullpath) end
  return ("%s %s %#x+%#x"):format(self.__name, self.fullpath, self.base_address, self.size)
end

return Memory
