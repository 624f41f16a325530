--- DefaultOverlay: a design on a device as a tree of objects, and the base class of custom overlays.
--
--   local Adder = lunq.DefaultOverlay:extend {}
--   function Adder:init(file, ...)
--     lunq.DefaultOverlay.init(self, file, ...)
--     self.unit = self.adder_0
--   end
--
-- Dictionaries are this overlay's own. Members by name as described in lunq.node;
-- ol.gpio.NAME is a GPIO line the design slices out of the processor's outputs, ol.kernels.NAME all the
-- compute units of a card's kernel.
---@field bitfile_name string
---@field dtbo? string
---@field device lunq.Device
---@field design lunq.Design also as parser
---@field timestamp string
---@field ignore_version boolean
---@field ip_dict table<string,table>
---@field gpio_dict table<string,table>
---@field interrupt_controllers table<string,table>
---@field interrupt_pins table<string,table>
---@field hierarchy_dict table<string,table>
---@field mem_dict table<string,table>
---@field clock_dict table<integer,table>
---@field pr_dict table<string,table>
local Node = require "lunq.node"
local Tree = require "lunq.tree"
local core = require "lunq.core"
local describe = require "lunq.describe"
local description = require "lunq.description"
local device_trees = require "lunq.device_trees"
local errors = require "lunq.errors"
local holds = require "lunq.holds"
local loaded = require "lunq.loaded"
local loaded_file = require "lunq.loaded_file"
local loader = require "lunq.loader"
local nearest = require "lunq.nearest"
local options = require "lunq.overlay_options"
local paths = require "lunq.paths"
local programming = require "lunq.programming"
local registry = require "lunq.registry"
local warnings = require "lunq.warnings"

local DefaultOverlay = Node:extend { __name = "lunq.DefaultOverlay", _doc_kind = "overlay" }

--- Fields that may be nil; reading them does not look for an IP of that name.
DefaultOverlay._optional = { dtbo = true, systemgraph = true, _segment = true, _held = true, _why = true,
                             _rtl = true, _secure = true, _key = true }

DefaultOverlay._made = { gpio = Node._made.gpio, kernels = function(ol) return require "lunq.kernel".all(ol) end }

local DICTIONARIES <const> = { "ip_dict", "gpio_dict", "interrupt_controllers", "interrupt_pins",
                               "hierarchy_dict", "mem_dict", "clock_dict" }

--- A metadata file of a big design has 4 MB, an xclbin with its bitstream 100.
local METADATA_LIMIT <const> = 1024 * 1024 * 1024

local function pick_device(device)
  if device == nil then return core.active_device() end
  if type(device) == "string" then return require "lunq.device".named(device) end
  if getmetatable(device) ~= "lunq.Device" then
    errors.raise("type", "Overlay option device should be a device, not %s", tostring(device))
  end
  return device
end

--- Compiled RTL, which is a design of one IP?
local function is_model(path) return path ~= nil and path:find "%.rtl$" ~= nil end

--- Reads the design: from a table when there is one, else from the metadata file.
---@return userdata design
---@return integer hash of its source
local function read_design(given, files)
  if not given and description.is_file(files.metadata) then given = description.read(files.metadata) end
  if given then return description.design(given, files.metadata or "(table)"), description.hash(given) end
  if is_model(files.metadata) then return core.rtl_design(files.metadata), core.hash(files.metadata) end
  local text = loader.read(files.metadata, METADATA_LIMIT)
  return core.design_parse(files.metadata, text), core.hash(text)
end

--- What the option rtl says, and the model itself when the overlay is one.
local function rtl_of(given, files, design)
  if not is_model(files.metadata) then return given end
  local list = { [design.name] = files.metadata }
  for key, what in pairs(given or {}) do list[key] = what end
  return list
end

local function find_files(file, device, has_description)
  if type(file) == "table" then return { bitfile_name = "(table)" } end
  local search = paths.search_list(require "lunq".overlay_path, "LUNQ_OVERLAYS")
  return paths.resolve(file, device, search, has_description)
end

--- The banks buffers are allocated in, as PYNQ lists them in mem_dict: "PSDDR" on a board.
local function add_banks(mem_dict, design, device)
  if design.card then return end -- the design says which it has
  for i, bank in ipairs(device:banks()) do
    mem_dict[bank.name] = mem_dict[bank.name] or {
      tag = bank.name, idx = i - 1, used = 1, base_address = bank.base, size = bank.size, bank = true,
      streaming = false,
    }
  end
end

--- The dictionaries afresh from the design, linked to drivers; the root description over them. Returns
--- what the reader of the design warned about.
local function load_dictionaries(self)
  local dictionaries = self.design:dictionaries()
  for region, there in pairs(self._partial) do
    local partial = require "lunq.partial"
    if there.design then partial.merge(dictionaries, region, there.design) else partial.empty(dictionaries, region) end
  end
  add_banks(dictionaries.mem_dict, self.design, self.device)
  registry.load_drivers(self._files.folder, paths.search_list(require "lunq".driver_path, "LUNQ_DRIVERS"))
  describe.link(dictionaries, {
    overlay = self, device = self.device, ignore_version = self.ignore_version,
    snapshot = registry.snapshot(self._files.folder),
  })
  for _, name in ipairs(DICTIONARIES) do self[name] = describe.printable(dictionaries[name] or {}) end
  self._streams, self._regions = dictionaries.streams, dictionaries.regions
  self.description = {
    ip = self.ip_dict, hierarchies = self.hierarchy_dict, memories = self.mem_dict,
    interrupts = {}, gpio = {}, device = self.device, overlay = self,
  }
  return dictionaries.warnings or {}
end

--- Attaches to what the device has; why that can't be, or nil.
local function try_attach(self, force)
  local device = self.device
  if not loaded.attach(device, self, self._hash) then
    local path = self._files.bitstream
    local why = not device.root and device.name .. " has another design"
                or loaded_file.differs(device, self._hash, path and function()
                  return core.bitstream_read(path, self._secure ~= nil)
                end)
    if why and not (force and device.root) then return why end
    device:adopt(self.design)
    loaded.adopt(device, self, self._hash)
  end
  self._held = holds.shared(device)
  self._loads, self._freed, self._why = device.loads, nil, nil
  for region, file in pairs(device.root and (loaded_file.read(device) or {}).regions or {}) do
    if not self._partial[region] then
      warnings.warn("user", "Region %s has another design than the overlay shows: ol:pr_download(%q, %q, { program = "
                    .. "false }) shows it.", tostring(region), tostring(region), tostring(file))
    end
  end
end

--- Opens an overlay: finds its files, reads the design, chooses drivers, loads it on the device.
---@param file string|table a .bit or .hwh file (the other is found beside it), an .xclbin file, a device-tree
---   overlay (.dtbo) or the folder of a firmware package, a description table or a .lua file that returns one
---@param ... options: { download = true, ignore_version = false, device =, dtbo =, design = } or, in
---   PYNQ's order, dtbo, download, ignore_version, device; a lone boolean is download. `design`
---   describes a bitstream that has no metadata. dtbo: a device-tree overlay, by default the one beside the
---   bitstream; false: none. force: see attach. secure: a bitstream that is encrypted or
---   authenticated, see lunq.secure. `rtl` says what stands for an IP on a simulated device: RTL,
---   see lunq.rtl.overlay; on hardware it means nothing. With download = false the overlay attaches when the
---   device has this very design, else it only describes it until :download().
--- Raises `io`, `type`, `runtime` as lunq.paths says, `value` for malformed metadata, what the device
--- says when loading fails.
function DefaultOverlay:init(file, ...)
  local o = options.read(...)
  local table_given = type(file) == "table" and file or o.design
  self.device = pick_device(o.device)
  self._files = find_files(file, self.device, o.design ~= nil)
  self._given = type(file) == "table" and "(table)" or file
  self.bitfile_name, self.timestamp = self._files.bitfile_name, ""
  self.ignore_version = o.ignore_version or false
  if o.dtbo ~= false and (self._files.stem or o.dtbo) then
    self.dtbo = paths.dtbo(o.dtbo or self._files.dtbo, self.bitfile_name)
  end
  self.design, self._hash = read_design(table_given, self._files)
  self._rtl = rtl_of(o.rtl, self._files, self.design)
  if self._files.dtbo and not self._files.bitstream then
    self._files.bitstream = paths.firmware(self.design.firmware, self._files.folder)
                            or self.device.root and paths.firmware(self.design.firmware,
                                                                   self.device.root .. "/lib/firmware")
  end
  self.parser = self.design
  self._secure, self._key = require "lunq.secure".read(o.secure)
  self._partial, self.pr_dict, self._tree = {}, {}, Tree()
  for _, text in ipairs(load_dictionaries(self)) do warnings.warn("user", "%s", text) end
  if o.download ~= false then
    self:download()
  else
    self._why = try_attach(self, o.force)
  end
end

-- ---- on the device ------------------------------------------------------------------------------

--- "Y/M/D h:m:s +us" without zero padding, as PYNQ writes it.
local function timestamp()
  local now = core.wall_time()
  local t = os.date("*t", math.floor(now))
  return ("%d/%d/%d %d:%d:%d +%d"):format(t.year, t.month, t.day, t.hour, t.min, t.sec,
                                         math.floor((now % 1) * 1000000))
end

--- Loads the design on the device and sets the clocks of clock_dict it uses
--- (lunq.design_clocks). Objects of whatever was loaded before, of this overlay too, are
--- of no use from then on. On a board the device-tree overlays of what was loaded before go first, and that of
--- the design comes: an overlay that names the bitstream (firmware-name) makes the kernel load it, another one is
--- given to the kernel behind it. Either is tried in memory before anything is loaded.
---@param dtbo? string|false another device-tree overlay than before; false: none
--- Raises what the device and lunq.DeviceTreeSegment say, with what is loaded then.
function DefaultOverlay:download(dtbo)
  local _ <close> = holds.alone(self.device)
  if dtbo ~= nil then self.dtbo = dtbo and paths.dtbo(dtbo, self.bitfile_name) or nil end
  local bitstream = programming.bitstream(self)
  local segment = device_trees.segment(self.dtbo, self.device)
  if self.device.root and require "lunq.packages".daemon(self.device) then
    warnings.warn("user", "dfx-mgr's daemon runs, and goes on believing that what it loaded is there: "
                  .. "lunq.packages.unload() first, lunq.packages.load to load by it.")
  end
  for _, overlay in ipairs(loaded.users(self.device)) do overlay._tree:each "release" end
  if self.design.card and self.device.memory.count > 0 then collectgarbage() end -- its buffers have to be given back
  device_trees.prepare(self.device, segment)
  programming.load(self, bitstream, segment)
  self._tree:drop(nil, "its design was loaded anew; take the object from the overlay again")
  if next(self._partial) then -- the regions have what the full bitstream brings
    self._partial, self.pr_dict = {}, {}
    load_dictionaries(self)
  end
  self._loads, self._freed, self._why = self.device.loads, nil, nil
  self.timestamp = timestamp()
  self._held = holds.shared(self.device)
  self._segment = segment
  programming.insert(self, segment, self.bitfile_name)
end

--- Uses what the device has, without loading it: what this program loaded, or on a board another one, also before.
--- There it has to be this very bitstream (without one, these metadata), as far as was noted when it was loaded.
---@param o? table force = true: whatever is loaded on the board, it is taken for this design
--- Raises `runtime` when it is another design, or nobody knows; `device` while another program is loading one.
function DefaultOverlay:attach(o)
  local why = try_attach(self, o and o.force)
  if why then
    errors.raise("runtime", "Overlay not attached: %s. Call :download(), or :attach { force = true } on a board when "
                 .. "you know that it has this design.", why)
  end
end

--- Gives the kernel of a board a device-tree overlay of this design; one that came with it goes first. A simulated
--- device has no use for it.
---@param dtbo? string path, or a name beside the bitstream; else the overlay's dtbo
--- Raises `value` "DTBO path has to be specified.", `io`, and as lunq.DeviceTreeSegment does.
function DefaultOverlay:insert_dtbo(dtbo)
  if dtbo ~= nil then self.dtbo = paths.dtbo(dtbo, self.bitfile_name) end
  if not self.dtbo then errors.raise("value", "DTBO path has to be specified.") end
  local segment = device_trees.segment(self.dtbo, self.device)
  self:_live_tree()
  self:remove_dtbo()
  if not segment then return end
  segment:remove() -- another one of this name
  segment:insert()
  device_trees.add(self.device, segment)
  self._segment = segment
end

--- Takes the device-tree overlay of this design out of the kernel; fine when it is not there.
--- Raises `permission`, `runtime`.
function DefaultOverlay:remove_dtbo()
  local segment = rawget(self, "_segment")
  self._segment = nil
  if segment then device_trees.remove(segment) end
end

--- True while the device has what this overlay loaded, or attached to.
---@return boolean
function DefaultOverlay:is_loaded()
  local loads = rawget(self, "_loads")
  return loads ~= nil and not self.device.closed and loads == self.device.loads
end

--- A member that was read before, while the design is still loaded: `ol.vadd_1:call(...)` in a loop costs
--- no more than that.
function DefaultOverlay._quick(self, name)
  local members = rawget(self, "_members")
  local value = members and members[name]
  if value ~= nil and self._loads == self.device.loads then return value end
end

--- The objects of the overlay. Raises `runtime` "Overlay not currently loaded" and the reason.
function DefaultOverlay:_live_tree()
  local loads = rawget(self, "_loads")
  if loads and loads == self.device.loads then return self._tree end
  local name, why = self.device.name
  if rawget(self, "_freed") then
    why = "it was freed; call :download() to use it again"
  elseif not loads then
    why = ("it was opened with download=false and %s; call :download() first"):format(rawget(self, "_why"))
  elseif self.device.design then
    why = ("another design was loaded on %s since; call :download() or make a new Overlay"):format(name)
  else
    why = ("loading a design on %s has failed since; call :download()"):format(name)
  end
  errors.raise("runtime", "Overlay not currently loaded (%s)", why)
end

--- Draws the block design into a file: see lunq.diagram.
---@param path string ending in .svg, .png, .pdf or .dot
---@param o? table only = path of a hierarchy or IP, title
---@return string path
function DefaultOverlay:diagram(path, o) return require "lunq.diagram".write(self.design, path, o) end

--- Shows what the overlay does, live: engines, interrupts per second, and registers; see lunq.monitor.
---@param ... any what else to show: registers, IP, functions, names as in "axi_dma.MM2S_DMASR.Idle"
function DefaultOverlay:monitor(...) require "lunq.monitor"(self, ...) end

--- Releases everything the overlay's objects hold (windows, buffers, engines) and takes the device-tree overlay
--- it brought out of the kernel. May be repeated; also what happens at the end of a scope:
--- local ol <close> = lunq.Overlay(...).
function DefaultOverlay:free()
  local tree = rawget(self, "_tree")
  if not tree then return end -- init failed before there was anything
  tree:free()
  self._tree, self._members, self._loads, self._freed = Tree(), nil, nil, true
  if rawget(self, "_held") then self._held:close() end
  self._held = nil
  self:remove_dtbo()
end

DefaultOverlay.close = DefaultOverlay.free
DefaultOverlay.__close = DefaultOverlay.free

--- Restores the dictionaries from the design: what scripts changed in them is lost, drivers that
--- appeared meanwhile are chosen for objects that don't exist yet.
function DefaultOverlay:reset()
  local old = self.description
  load_dictionaries(self)
  self._tree:move(old, self.description)
end

--- Writes a binary file into an IP or memory, from its base address on, padded with zeros to a whole
--- word. Its entry's `state` is the file's name afterwards.
---@param name string name in ip_dict or mem_dict
---@param file string
---@param zero? boolean also clear the rest of the range
--- Raises `runtime` "Binary file too big for IP".
function DefaultOverlay:load_ip_data(name, file, zero)
  local d = self.ip_dict[name] or self.mem_dict[name]
  local base = d and (d.phys_addr or d.base_address)
  if not base then
    local names = {}
    for key in pairs(self.ip_dict) do names[#names + 1] = key end
    errors.raise("attribute", "Could not find IP or hierarchy %s in overlay%s", tostring(name),
                 nearest.hint(name, names))
  end
  self:_live_tree()
  local size = d.addr_range or d.size
  local ok, data = pcall(loader.read, file, size)
  if not ok then
    if errors.is(data, "value") then
      errors.raise("runtime", "Binary file too big for IP %s: %s has more than its %d bytes", name, file,
                   size)
    end
    error(data, 0)
  end
  data = data .. ("\0"):rep(-#data % 4)
  if zero then data = data .. ("\0"):rep(size // 4 * 4 - #data) end
  if #data > size then errors.raise("runtime", "Binary file too big for IP %s", name) end
  local window = core.mmio(base, size, self.device, true)
  ok, data = pcall(window.write, window, 0, data)
  window:close()
  if not ok then error(data, 0) end
  d.state = file
end

--- What a region has now: a partial design as lunq.partial reads it, or {} for nothing.
local function exchange(self, region, partial, why)
  self._partial[region] = partial
  self.pr_dict[region] = partial.design and { loaded = partial.file, dtbo = partial.dtbo } or nil
  local old = self.description
  self._tree:drop(region, why)
  load_dictionaries(self)
  self._tree:move(old, self.description)
  loaded.changed(self.device, self)
end

--- Loads the partial design of a region between its decouplers.
local function program_region(self, partial, segment)
  local o = programming.options(
    { bitstream = partial.bitstream, region = partial.region, secure = partial.secure, key = partial.key }, segment)
  local began, done = false, false -- device.lost is of the last load, which may have been another one
  local ok, e = pcall(require "lunq.region".load, self, partial.region, function()
    began = true
    programming.program(self, partial.design, partial.files, o)
    done = true
    if o.overlay then device_trees.add(self.device, segment, partial.region) end
  end)
  if ok then return end
  if done then
    loaded_file.note_region(self.device, partial.region, partial.file .. ", not connected")
  elseif began and self.device.lost then
    loaded_file.note_region(self.device, partial.region, "nothing: a load that failed")
    exchange(self, partial.region, {}, "loading the region failed: it has no design now")
  end
  error(e, 0)
end

--- Loads a partial bitstream into a reconfigurable region as one operation: its device-tree overlay goes, the
--- region is decoupled where the design has something for it, loaded, reset where it has a reset of its own,
--- connected again, its new overlay comes, and what the tree shows there is replaced. Objects taken from the region
--- before are of no use afterwards. When the load fails half way the region stays decoupled and empty.
---@param region string path of the region
---@param file string partial .bit or .hwh; the other is found beside it
---@param o? table { program = true, dtbo = }: program = false only exchanges the description; dtbo = false: no
---   device-tree overlay
function DefaultOverlay:pr_download(region, file, o)
  self:_live_tree()
  local partial = require "lunq.partial".read(self, region, file, o or {})
  local segment = partial.program and device_trees.segment(partial.dtbo, self.device)
  local _ <close> = partial.program and holds.region(self.device, self.ip_dict, region) or nil
  if partial.program then
    self._tree:each("release", region)
    device_trees.prepare(self.device, segment, region)
    program_region(self, partial, segment)
  end
  exchange(self, region, partial, "the region was loaded anew; take the object from the overlay again")
  if partial.program then loaded_file.note_region(self.device, region, partial.file) end
  programming.insert(self, segment, partial.file, region)
end

function DefaultOverlay:_gpio_dict() return self.gpio_dict end

function DefaultOverlay:_doc_name() return self._given end

function DefaultOverlay:__tostring() return require "lunq.doc".overlay(self) end

return DefaultOverlay
