--- DefaultHierarchy: a group of IP, and the base class of all hierarchy drivers.
--
--   local Video = lunq.DefaultHierarchy:extend {}
--   function Video.checkhierarchy(description)          -- a function, not a method
--     return description.ip.axi_vdma ~= nil
--   end
--   function Video:init(description)
--     lunq.DefaultHierarchy.init(self, description)
--     self.vdma = self.axi_vdma                         -- a member, with its driver
--   end
--
-- Members by name as described in lunq.node.
---@field fullpath string
---@field device lunq.Device
---@field overlay lunq.overlay
---@field pr_loaded? string the partial bitstream in this region
---@field description table fullpath, ip, hierarchies, memories, interrupts, gpio, driver, device, overlay
local Class = require "lunq.class"
local Node = require "lunq.node"
local errors = require "lunq.errors"
local registry = require "lunq.registry"

local DefaultHierarchy = Node:extend { __name = "lunq.DefaultHierarchy", _doc_kind = "hierarchy" }

DefaultHierarchy._optional = { pr_loaded = true }

--- A class made from DefaultHierarchy registers itself; the newest is asked first.
function DefaultHierarchy.extended(_, class)
  if Class.is_subclass(class, DefaultHierarchy) then registry.add_hierarchy(class) end
end

--- Takes the class out of the registry: overlays built from now on get the driver behind it.
function DefaultHierarchy.unregister(class) return registry.unregister(class) end

--- Whether this driver fits a hierarchy. Drivers of the IP and hierarchies inside are chosen
--- already (description.ip.name.driver). An error counts as "no", with a warning.
---@return boolean
function DefaultHierarchy.checkhierarchy(_) return false end

---@param description table entry of hierarchy_dict
function DefaultHierarchy:init(description)
  self.description, self.fullpath = description, description.fullpath
  self.device, self.overlay = description.device, description.overlay
  local loaded = description.region and description.overlay.pr_dict[description.fullpath]
  self.pr_loaded = loaded and loaded.loaded or nil
end

--- The tree the members are in, when they may be used.
function DefaultHierarchy:_live_tree()
  local stale = rawget(self, "_stale")
  if stale then errors.raise("runtime", "Hierarchy %s: %s", self.fullpath, stale) end
  return self.overlay:_live_tree()
end

--- Loads a partial bitstream into this hierarchy, a reconfigurable region. The object is stale
--- afterwards, as are the objects of everything in it: take the new ones from the overlay.
---@param file string partial .bit or .hwh
---@param options? table see lunq.DefaultOverlay.pr_download
function DefaultHierarchy:download(file, options)
  return self.overlay:pr_download(self.fullpath, file, options)
end

function DefaultHierarchy:_doc_name() return self.fullpath end

function DefaultHierarchy:__tostring() return require "lunq.doc".summary(self.description, self.__name) end

return DefaultHierarchy
