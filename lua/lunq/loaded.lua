--- What this process has loaded on which device: lets an overlay attach without a download, and the
--- drivers of older overlays stop before their hardware goes.
local loaded_file = require "lunq.loaded_file"

local loaded = {}

-- By serial number: a device's userdata may be collected and made again while the device stays open.
local records = {} -- device.serial -> { loads, hash, users (weak set of overlays) }

--- The record of what the device has, or nil when this module did not load it.
local function current(device)
  local record = records[device.serial]
  return record and record.loads == device.loads and record or nil
end

local observer = function() end

--- From now on f(device, overlay) is called when an overlay has loaded something on a device, or attached to
--- what it has. For those who tell later what stood where: `lunq test`.
function loaded.observe(f) observer = f end

--- The overlay has loaded a partial design.
function loaded.changed(device, overlay) observer(device, overlay) end

--- Notes that `overlay`, whose metadata have `hash`, is what the device has now; also for other programs.
---@param bitstream? userdata what was loaded
function loaded.record(device, overlay, hash, bitstream)
  if device.root then loaded_file.write(device, loaded_file.note(overlay._files, bitstream, hash)) end
  loaded.adopt(device, overlay, hash)
end

--- The same for what another program loaded.
function loaded.adopt(device, overlay, hash)
  local users = setmetatable({ [overlay] = true }, { __mode = "k" })
  records[device.serial] = { loads = device.loads, hash = hash, users = users }
  observer(device, overlay)
end

--- Attaches an overlay when this program loaded a design from metadata with the same hash.
---@return boolean attached
function loaded.attach(device, overlay, hash)
  local record = current(device)
  if not record or record.hash ~= hash then return false end
  record.users[overlay] = true
  observer(device, overlay)
  return true
end

--- The overlays that use what the device has, in no order.
---@return table[]
function loaded.users(device)
  local list, record = {}, current(device)
  for overlay in pairs(record and record.users or {}) do list[#list + 1] = overlay end
  return list
end

return loaded
