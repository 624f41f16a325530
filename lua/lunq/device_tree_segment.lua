--- A device-tree overlay in a running Linux: PYNQ's DeviceTreeSegment.
--
--   local segment = lunq.DeviceTreeSegment("base.dtbo")
--   segment:insert()               -- tried in memory first: refused with the reason if it doesn't fit
--   segment:is_dtbo_applied()      --> true
--   segment:remove()               -- may be repeated
--   segment:firmware()             --> "base.bit.bin": the bitstream it makes the kernel load
--
-- It needs a kernel with overlays by configfs, as PYNQ, PetaLinux and Kria have, and root. Fields:
-- dtbo_path, dtbo_name (the file's name up to its first dot), sysfs_dir.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local DeviceTreeSegment = Class:extend { _name = "lunq.DeviceTreeSegment" }

local FOLDER <const> = "/sys/kernel/config/device-tree/overlays/"

--- Reads nothing yet.
---@param path string a .dtbo file
---@param o? table { root = a folder with copies of /proc, /sys, /dev and /lib: another machine's, or a test's }
--- Raises `io` "The dtbo file {} does not exist.", `type` for what is no string.
function DeviceTreeSegment:init(path, o)
  if type(path) ~= "string" then errors.raise("type", "DTBO name has to be a string.") end
  if core.file_kind(path) ~= "file" then errors.raise("io", "The dtbo file %s does not exist.", path) end
  self._root = o and o.root or ""
  self.dtbo_path = core.absolute(path)
  self.dtbo_name = self.dtbo_path:match "([^/]*)$":match "^[^.]*"
  self.sysfs_dir = self._root .. FOLDER .. self.dtbo_name
end

--- The overlay as a tree.
---@return userdata lunq.DeviceTree
function DeviceTreeSegment:tree()
  self._tree = self._tree or core.fdt_read(self.dtbo_path)
  return self._tree
end

--- The bitstream it makes an FPGA region load, by its name below /lib/firmware; nil: it loads none.
---@return string|nil
function DeviceTreeSegment:firmware() return core.overlay_firmware(self:tree()) end

--- Tries in memory whether the kernel would take it. Raises as insert does.
function DeviceTreeSegment:check() core.overlay_check(self._root, self.dtbo_name, self:tree()) end

--- Applies the overlay and reads back what the kernel made of it.
--- Raises `value` with the reason when it doesn't fit the live tree, `io` when its bitstream is not in
--- /lib/firmware, `unsupported`, `permission`, `runtime` "Device tree {} cannot be applied".
function DeviceTreeSegment:insert()
  core.overlay_apply(self._root, self.dtbo_name, self:tree())
end

--- True when the kernel has it and says it is applied.
---@return boolean
function DeviceTreeSegment:is_dtbo_applied() return core.overlay_applied(self._root, self.dtbo_name) end

--- Takes it out; fine when it is not there. Raises `permission`, `runtime`.
function DeviceTreeSegment:remove() core.overlay_remove(self._root, self.dtbo_name) end

return DeviceTreeSegment
