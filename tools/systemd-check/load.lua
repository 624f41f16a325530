-- load.lua: a bitstream as large as the largest, and an overlay, through lunq-helper.service on the folder that stands
-- for a board: guest.sh runs it as a member of group lunq, and looks at what came of it.
local core = require "lunq.core"
local lunq = require "lunq"

local ROOT <const> = "/srv/board"

do
  local f <close> = assert(io.open("/tmp/top.bin", "wb"))
  f:write("\x66\x55\x99\xaa", ("LUNQ"):rep(10 << 20))
end
local ol = lunq.Overlay("/tmp/top.bin", { device = core.device_open("linux?root=" .. ROOT), dtbo = false,
  design = { name = "top", arch = "zynq", ip = {} } })
assert(ol:is_loaded())

-- The trial in memory is a process of its own. Behind it the folder lacks what a kernel has, and the helper says so.
local inside = { name = "__overlay__", properties = { { name = "note", value = "x\0" } }, children = {} }
local root = { properties = {}, children = { { name = "fragment@0", children = { inside }, properties = {
  { name = "target-path", value = "/\0" } } } } }
do
  local f <close> = assert(io.open("/tmp/plain.dtbo", "wb"))
  f:write(core.fdt_build("plain.dtbo", root):blob())
end
local ok, e = pcall(function() lunq.DeviceTreeSegment("/tmp/plain.dtbo", { root = ROOT }):insert() end)
print(e)
assert(not ok and tostring(e):find "^Device tree plain cannot be applied: this kernel reads overlays from ")
