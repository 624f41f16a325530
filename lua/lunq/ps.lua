--- The processing system as an object: it has parameters but no registers of the design.
local Class = require "lunq.class"

local PS = Class:extend { __name = "lunq.PS", missing = Class.unknown }

---@param description table entry of ip_dict: fullpath, type, parameters
function PS:init(description)
  self.description = description
  self.fullpath, self.type = description.fullpath, description.type
  self.parameters = description.parameters or {}
  self.interrupts, self.gpio = description.interrupts or {}, description.gpio or {}
  self.device = description.device
end

function PS:__tostring() return ("%s %s (%s)"):format(self.__name, self.fullpath, self.type or "no VLNV") end

return PS
