--- How the design of an overlay gets onto its device: the bitstream, its clocks and its device tree.
local core = require "lunq.core"
local design_clocks = require "lunq.design_clocks"
local device_trees = require "lunq.device_trees"
local errors = require "lunq.errors"
local loaded = require "lunq.loaded"
local loaded_file = require "lunq.loaded_file"
local models = require "lunq.models"
local warnings = require "lunq.warnings"

local programming = {}

--- "xc7z020" and "7z020clg400" both begin with "7z020".
local function same_part(bitstream, design)
  local a, b = bitstream:lower():gsub("^xc", ""), design:lower():gsub("^xc", "")
  return a:sub(1, #b) == b
end

--- The bitstream of an overlay; nil without one on a device that needs none.
---@param ol table overlay
---@return userdata|nil
--- Raises `io` where there is none and the device needs one, `runtime` for a damaged one.
function programming.bitstream(ol)
  local path = ol._files.bitstream
  if ol.design.card or not path and not ol.device.needs_bitstream then return nil end
  if not path then
    errors.raise("io", "Bitstream file %s does not exist.", ol._files.stem and ol._files.stem .. ".bit"
                 or ol.bitfile_name)
  end
  local bitstream = core.bitstream_read(path, ol._secure ~= nil)
  if bitstream.part and not same_part(bitstream.part, ol.design.part or "") then
    warnings.warn("user", "%s is for part %s, but its metadata for %s: do they belong together?", path,
                  bitstream.part, ol.design.part)
  end
  return bitstream
end

--- Adds to options of Device:program the device-tree overlay that names the bitstream.
---@param segment? lunq.DeviceTreeSegment
---@return table o
function programming.options(o, segment)
  if segment and segment:firmware() then o.overlay, o.overlay_name = segment:tree(), segment.dtbo_name end
  return o
end

--- Loads a design, or the partial design of a region; a simulated device gets the models beside it.
---@param files table as lunq.paths finds them
---@param options_of_device table of Device:program
function programming.program(ol, design, files, options_of_device)
  if ol.device.kind ~= "sim" then return ol.device:program(design, options_of_device) end
  local function load_it() models.with(files, ol.device.program, ol.device, design, options_of_device) end
  if ol._rtl then require "lunq.rtl.overlay".with(ol, ol._rtl, load_it) else load_it() end
end

--- Loads the design and its clocks. On a board logic should find its clocks right from the start; a simulated
--- device gets its processing system with the design.
---@param bitstream? userdata
---@param segment? lunq.DeviceTreeSegment
function programming.load(ol, bitstream, segment)
  local o = programming.options({ bitstream = bitstream, secure = ol._secure, key = ol._key }, segment)
  local clocks_first = ol.device.kind ~= "sim"
  if clocks_first then design_clocks.set(ol.device, ol.design, ol.clock_dict) end
  local ok, e = pcall(programming.program, ol, ol.design, ol._files, o)
  if not ok and ol.device.lost then loaded_file.remove(ol.device) end
  if not ok then error(e, 0) end
  loaded.record(ol.device, ol, ol._hash, bitstream)
  if not clocks_first then design_clocks.set(ol.device, ol.design, ol.clock_dict) end
  if o.overlay then device_trees.add(ol.device, segment) end
end

--- Gives the kernel the overlay of a design that is loaded, unless it came with the bitstream.
---@param what string for the message: what is loaded
---@param region? string the one it was loaded into
function programming.insert(ol, segment, what, region)
  if not segment or segment:firmware() then return end
  local ok, e = pcall(segment.insert, segment)
  if ok then return device_trees.add(ol.device, segment, region) end
  if errors.is(e) then e.message = ("%s is loaded, but not its device tree: %s"):format(what, e.message) end
  error(e, 0)
end

return programming
