--- Device-tree overlays that belong to what is loaded on a device: which are in the kernel, in which order.
-- A device without a kernel of its own (`sim`) has none, and takes a design without its overlay.
local core = require "lunq.core"
local errors = require "lunq.errors"
local loaded_file = require "lunq.loaded_file"

local device_trees = {}

local inserted = {} -- device.serial -> list of { segment =, region = }, the oldest first

local function list_of(device)
  inserted[device.serial] = inserted[device.serial] or {}
  return inserted[device.serial]
end

--- Notes for other programs which overlays the design has; false: one that is not noted any more.
local function note(device, name, is_there)
  loaded_file.update(device, function(what)
    local names = {}
    for _, other in ipairs(what.overlays or {}) do
      if other ~= name then names[#names + 1] = other end
    end
    if is_there then names[#names + 1] = name end
    what.overlays = setmetatable(names, { __jsontype = "array" })
  end)
end

--- The segment of an overlay file on the kernel of a device; nil when there is none of either.
---@param dtbo? string|false path
---@param device userdata
---@return lunq.DeviceTreeSegment|nil
function device_trees.segment(dtbo, device)
  if not dtbo or not device.root then return nil end
  return require "lunq.device_tree_segment"(dtbo, { root = device.root })
end

--- Notes that a segment is in the kernel now.
---@param region? string that of the partial design it belongs to
function device_trees.add(device, segment, region)
  table.insert(list_of(device), { segment = segment, region = region, device = device })
  note(device, segment.dtbo_name, true)
end

--- Takes out what a program before this one brought with the design that is loaded.
local function clear_noted(device)
  local noted = device.root and loaded_file.read(device) or {}
  for i = #(noted.overlays or {}), 1, -1 do
    core.overlay_remove(device.root, tostring(noted.overlays[i]))
    note(device, noted.overlays[i], false)
  end
end

--- Takes out the segments of a device, the newest first, since a later one may stand on an earlier one.
---@param device userdata
---@param region? string only those of this region
--- Raises `permission`, `runtime` when the kernel keeps one: then the older ones stay too.
function device_trees.clear(device, region)
  local list = list_of(device)
  for i = #list, 1, -1 do
    if not region or list[i].region == region then
      list[i].segment:remove()
      note(device, list[i].segment.dtbo_name, false)
      table.remove(list, i)
    end
  end
  if not region then clear_noted(device) end
end

--- Takes out one segment; fine when another design's load has done that.
function device_trees.remove(segment)
  for _, list in pairs(inserted) do
    for i, entry in ipairs(list) do
      if entry.segment == segment then
        segment:remove()
        table.remove(list, i)
        if not entry.device.closed then note(entry.device, segment.dtbo_name, false) end
        return
      end
    end
  end
end

--- Takes out what a new design must not find, and tries its own overlay in memory, so that one that would fail
--- is refused before the logic is loaded. Where nothing has to be taken out, a refusal changes nothing.
---@param device userdata
---@param segment? lunq.DeviceTreeSegment
---@param region? string
--- Raises as clear and DeviceTreeSegment:check do.
function device_trees.prepare(device, segment, region)
  local names = {}
  for _, entry in ipairs(list_of(device)) do
    if not region or entry.region == region then names[#names + 1] = entry.segment.dtbo_name end
  end
  device_trees.clear(device, region)
  if not segment then return end
  segment:remove() -- of this name: PYNQ's way; a program before this one may have left it
  local ok, e = pcall(segment.check, segment)
  if ok then return end
  if #names > 0 and errors.is(e) then
    e.message = ("%s. Nothing was loaded; the device tree of what is (%s) has been taken out"):format(
      e.message, table.concat(names, ", "))
  end
  error(e, 0)
end

return device_trees
