--- Memory of a design: a block RAM behind a controller, or a bank buffers are allocated in.
-- Fields: name, fullpath, base_address, size (bytes), type, device, description (entry of mem_dict);
-- mmio (made at first use).
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Memory = Class:extend { __name = "lunq.Memory" }

---@param description table entry of mem_dict
function Memory:init(description)
  self.description = description
  self.fullpath, self.name = description.fullpath, description.tag or description.fullpath
  self.base_address, self.size = description.base_address, description.size
  self.type, self.device = description.type, description.device
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

function Memory:missing(name)
  if name ~= "mmio" then return nil end
  if not (self.base_address and self.size) then
    errors.raise("unsupported", "Memory %s has no address the host can reach.", self.fullpath)
  end
  local window = core.mmio(self.base_address, self.size, self.device, true)
  rawset(self, "mmio", window)
  return window
end

function Memory:__tostring()
  if not self.base_address then return ("%s %s"):format(self.__name, self.fullpath) end
  return ("%s %s %#x+%#x"):format(self.__name, self.fullpath, self.base_address, self.size)
end

return Memory
