--- What the driver specs share: an overlay made of one IP written as a table.
local lunq = require "lunq"

local support = {}

--- An overlay with one IP, on a device of its own. Gives overlay, driver and device; the caller
--- closes them with support.close.
---@param name string path of the IP
---@param vlnv string
---@param parameters? table
---@param more? table further IP
---@param interrupts? table pin -> PS line
function support.open(name, vlnv, parameters, more, interrupts)
  local ip = { [name] = { vlnv = vlnv, address = 0x40000000, range = 0x10000, parameters = parameters,
                         interrupts = interrupts } }
  for path, entry in pairs(more or {}) do ip[path] = entry end
  support.device = lunq.Device.open "sim"
  support.overlay = lunq.Overlay({ name = "one", arch = "zynq", ip = ip }, { device = support.device })
  local ip_object = support.overlay
  for part in name:gmatch "[^/]+" do ip_object = ip_object[part] end
  return support.overlay, ip_object, support.device
end

function support.close()
  if support.overlay then support.overlay:free() end
  if support.device then support.device:close() end
  support.overlay, support.device = nil, nil
end

--- What a call raises, as { kind, text }; fails when it raises nothing.
function support.raised(f, ...)
  local ok, e = pcall(f, ...)
  if ok then error("nothing was raised", 2) end
  return { type(e) == "table" and e.kind or type(e), tostring(e) }
end

return support
