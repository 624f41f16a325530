--- Partial designs: what stands in a reconfigurable region, and how it gets into the dictionaries.
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local nearest = require "lunq.nearest"
local paths = require "lunq.paths"

local partial = {}

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function check_region(ol, region)
  if ol._regions[region] then return end
  local names = sorted_keys(ol._regions)
  local list = #names > 0 and table.concat(names, ", ") or "none"
  errors.raise("attribute", "%s is no reconfigurable region of this overlay%s (regions: %s)",
               tostring(region), nearest.hint(region, names), list)
end

local function inside(ranges, description)
  for _, range in ipairs(ranges) do
    local offset = description.phys_addr - range.phys_addr
    if offset >= 0 and offset + description.addr_range <= range.addr_range then return true end
  end
  return #ranges == 0 -- the base design does not say
end

--- A partial design made for another region has its addresses elsewhere.
local function check_addresses(ol, region, design, file)
  local dictionaries, ranges = design:dictionaries(), ol._regions[region].ranges or {}
  for _, dictionary in ipairs { dictionaries.ip_dict, dictionaries.mem_dict } do
    for key, description in pairs(dictionary) do
      if not inside(ranges, description) then
        errors.raise("value", "%s does not fit region %s: %s at %#x lies outside its address ranges; is it "
                     .. "made for another region?", file, region, key, description.phys_addr)
      end
    end
  end
end

local function check_options(o)
  for name, value in pairs(o) do
    local wanted = ({ program = "boolean", dtbo = "string", secure = "table" })[name]
    if name == "dtbo" and value == false then wanted = "boolean" end
    if not wanted then errors.raise("value", 'pr_download has no option "%s"', tostring(name)) end
    if type(value) ~= wanted then
      errors.raise("type", "pr_download option %s should be a %s, not %s", name, wanted, type(value))
    end
  end
end

--- Reads a partial design and its bitstream.
---@param ol table overlay
---@param region string full path of the region
---@param file string .bit or .hwh
---@param o table { program = true, dtbo = path; false: none }
---@return table { region, file, files, design, bitstream, dtbo, program }
--- Raises `attribute` for what is no region, `value` for a design with a PS, `io` and so on for files.
function partial.read(ol, region, file, o)
  check_region(ol, region)
  check_options(o)
  local search = paths.search_list(require "lunq".overlay_path, "LUNQ_OVERLAYS")
  local files = paths.resolve(file, ol.device, search)
  local design = core.design_parse(files.metadata, loader.read(files.metadata, 256 * 1024 * 1024))
  if not design.partial then
    errors.raise("value", "%s describes a full design (it has a PS), not a partial one for region %s",
                 files.metadata, region)
  end
  check_addresses(ol, region, design, files.metadata)
  local program, secure, key = o.program ~= false, require "lunq.secure".read(o.secure)
  if program and not files.bitstream and ol.device.needs_bitstream then
    errors.raise("io", "Bitstream file %s.bit does not exist.", files.stem)
  end
  return {
    region = region, file = files.bitfile_name, files = files, design = design, program = program,
    bitstream = program and files.bitstream and core.bitstream_read(files.bitstream, secure ~= nil) or nil,
    secure = secure, key = key,
    dtbo = o.dtbo ~= false and paths.dtbo(o.dtbo, files.bitfile_name) or nil,
  }
end

-- ---- merging ------------------------------------------------------------------------------------

--- Takes out what a dictionary has below the region. "pr_1/" and not "pr_1", which pr_10 begins with.
local function clear(dictionary, prefix)
  for key in pairs(dictionary) do
    if key:sub(1, #prefix) == prefix then dictionary[key] = nil end
  end
end

local function add(dictionary, prefix, entries)
  for key, entry in pairs(entries) do
    if entry.fullpath then entry.fullpath = prefix .. entry.fullpath end
    dictionary[prefix .. key] = entry
  end
end

--- The hierarchy entry of a path, made when there is none (a region without addresses of its own),
--- a member of the one above it.
local function hierarchy_entry(hierarchy_dict, path)
  local entry = hierarchy_dict[path]
  if not entry then
    entry = { fullpath = path, ip = {}, memories = {}, hierarchies = {}, interrupts = {}, gpio = {} }
    hierarchy_dict[path] = entry
  end
  local above, name = path:match "^(.*)/([^/]*)$"
  if above then hierarchy_entry(hierarchy_dict, above).hierarchies[name] = entry end
  return entry
end

--- The members of the region: everything the partial design has at its top.
local function fill_region(region, entry, new)
  for members, dictionary in pairs { ip = new.ip_dict, memories = new.mem_dict,
                                     hierarchies = new.hierarchy_dict } do
    entry[members] = {}
    for key, description in pairs(dictionary) do
      if not key:find "/" then entry[members][key] = description end
    end
  end
  entry.region, entry.fullpath = true, region
end

--- Splits "hier/ip/pin" and finds the IP entry the pin belongs to, or nil.
local function owner(ip_dict, path)
  local ip, pin = path:match "^(.*)/([^/]*)$"
  return ip and ip_dict[ip], pin
end

--- An interrupt of the region reaches the PS through a port of the region. The base design knows
--- where that port leads; the pins behind it inherit that.
local function connect_interrupt(dictionaries, prefix, outside, pin)
  local entry = { controller = outside.controller, index = outside.index, raw_irq = outside.raw_irq,
                  fullpath = prefix .. pin.path }
  dictionaries.interrupt_pins[entry.fullpath] = entry
  local ip, name = owner(dictionaries.ip_dict, entry.fullpath)
  if not ip then return end
  ip.interrupts[name] = entry
  if pin.controller then -- an axi_intc inside the region: it hangs below the base design's
    local controller = prefix .. pin.path:match "^(.*)/"
    dictionaries.interrupt_controllers[controller] = {
      parent = outside.controller, index = outside.index, raw_irq = outside.raw_irq }
  end
end

--- The slices of the base design whose net ends in a port of the region, with the pins behind it.
local function connect_gpio(dictionaries, prefix, port, pins)
  for _, slice in pairs(dictionaries.gpio_dict) do
    local reaches = false
    for _, path in ipairs(slice.pins) do reaches = reaches or path == prefix .. port end
    for _, pin in ipairs(reaches and pins or {}) do
      table.insert(slice.pins, prefix .. pin.path)
      local ip, name = owner(dictionaries.ip_dict, prefix .. pin.path)
      if ip then ip.gpio[name] = slice end
    end
    if reaches then table.sort(slice.pins) end
  end
end

local function connect(dictionaries, prefix, external_pins)
  for port, pins in pairs(external_pins) do
    local outside = dictionaries.interrupt_pins[prefix .. port]
    for _, pin in ipairs(outside and pins or {}) do
      if pin.output then connect_interrupt(dictionaries, prefix, outside, pin) end
    end
    connect_gpio(dictionaries, prefix, port, pins)
  end
end

--- A region in which nothing is loaded.
---@param dictionaries table of the base design, fresh; changed in place
---@param region string full path
function partial.empty(dictionaries, region)
  for _, name in ipairs { "ip_dict", "mem_dict", "hierarchy_dict", "interrupt_controllers" } do
    clear(dictionaries[name], region .. "/")
  end
  fill_region(region, hierarchy_entry(dictionaries.hierarchy_dict, region),
              { ip_dict = {}, mem_dict = {}, hierarchy_dict = {} })
end

--- Puts a partial design into the dictionaries of its base design: everything below the region goes,
--- the partial design's entries come, with the region's path before theirs; interrupts and GPIO lines
--- are followed through the ports of the region.
---@param dictionaries table of the base design, fresh; changed in place
---@param region string full path
---@param design userdata the partial design
function partial.merge(dictionaries, region, design)
  local prefix = region .. "/"
  local new = design:dictionaries()
  partial.empty(dictionaries, region)
  fill_region(region, hierarchy_entry(dictionaries.hierarchy_dict, region), new)
  for _, name in ipairs { "ip_dict", "mem_dict", "hierarchy_dict" } do
    add(dictionaries[name], prefix, new[name])
  end
  for _, stream in ipairs(new.streams or {}) do
    table.insert(dictionaries.streams, { bus = stream.bus, master = stream.master and prefix .. stream.master,
                                         slave = stream.slave and prefix .. stream.slave })
  end
  connect(dictionaries, prefix, design:external_pins())
end

return partial
