--- What this process has loaded on which device: lets an overlay attach without a download, and the
--- drivers of an older overlay stop before their hardware goes.
local loaded = {}

-- By serial number: a device's userdata may be collected and made again while the device stays open.
local records = {} -- device.serial -> { loads, hash, ref (weak: { overlay }) }

--- Notes that `overlay`, whose metadata have `hash`, is what the device has now.
function loaded.record(device, overlay, hash)
  local ref = setmetatable({ overlay }, { __mode = "v" })
  records[device.serial] = { loads = device.loads, hash = hash, ref = ref }
end

--- The record of what the device has, or nil when this module did not load it.
local function current(device)
  local record = records[device.serial]
  return record and record.loads == device.loads and record or nil
end

--- True when the device has a design loaded from metadata with this hash.
function loaded.is(device, hash)
  local record = current(device)
  return record ~= nil and record.hash == hash
end

--- The overlay that loaded what the device has, if it is still in use.
function loaded.overlay(device)
  local record = current(device)
  return record and record.ref[1]
end

return loaded
