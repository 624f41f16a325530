--- component.xml of a packaged IP (IP-XACT 1685-2009, as Vivado's packager and Vitis HLS write it): what it says of
--- the ports, as text of an HWH file, and its sources.
local errors = require "lunq.errors"
local interfaces = require "lunq.rtl.interfaces"
local metadata = require "lunq.rtl.metadata"
local xml = require "lunq.rtl.xml"

local component = {}

local NONE <const> = xml.element ""
local DIRECTIONS <const> = { ["in"] = "I", out = "O", inout = "IO" }

local function number(text)
  text = (text or ""):gsub("^&[hH]", "0x"):gsub("_", "")
  return math.tointeger(tonumber(text))
end

local function vlnv(attributes)
  return ("%s:%s:%s:%s"):format(attributes.vendor or "", attributes.library or "", attributes.name or "",
                                attributes.version or "")
end

--- Parameters as { NAME = value }, and as elements.
local function parameters_of(e)
  local values, elements = {}, {}
  for p in (e:child "parameters" or NONE):each "parameter" do
    local name, value = p:value "name", p:value "value"
    if name and value then
      values[name] = value
      elements[#elements + 1] = xml.element("PARAMETER", { NAME = name, VALUE = value })
    end
  end
  return values, elements
end

local function port_maps(interface)
  local list = {}
  for m in (interface:child "portMaps" or NONE):each "portMap" do
    local logical, physical = m:value("logicalPort", "name"), m:value("physicalPort", "name")
    if logical and physical then list[#list + 1] = { logical = logical, physical = physical } end
  end
  return list
end

--- Interfaces as elements, and which memory map is behind which; what signals say is written into their ports.
local function read_interfaces(root, ports)
  local list, maps = {}, {}
  for i in (root:child "busInterfaces" or NONE):each "busInterface" do
    local bus_type = (i:child "busType" or NONE).attributes
    local values, elements = parameters_of(i)
    local slave = i:child "slave"
    local map = slave and slave:child "memoryMapRef"
    if map then maps[map.attributes.memoryMapRef or ""] = i:value "name" end
    list[#list + 1] = { name = i:value "name", vlnv = vlnv(bus_type), kind = bus_type.name, maps = port_maps(i),
                        width = number(values.DATA_WIDTH), values = values, parameters = elements,
                        role = slave and "SLAVE" or i:child "master" and "MASTER" or "MONITOR" }
  end
  return interfaces.elements(list, ports), maps
end

local function read_ports(root)
  local list, by_name = {}, {}
  for p in (root:at("model", "ports") or NONE):each "port" do
    local name = p:value "name"
    local a = { NAME = name, DIR = DIRECTIONS[p:value("wire", "direction")] or "I", SIGIS = "undef",
                LEFT = number(p:value("wire", "vector", "left")), RIGHT = number(p:value("wire", "vector", "right")) }
    list[#list + 1] = xml.element("PORT", a)
    by_name[name or ""] = a
  end
  return list, by_name
end

local function property(name, value) return xml.element("PROPERTY", { NAME = name, VALUE = value or "" }) end

local function read_field(f)
  return xml.element("FIELD", { NAME = f:value "name" }, {
    property("DESCRIPTION", f:value "description"), property("ACCESS", f:value "access"),
    property("MODIFIED_READ_VALUES", f:value "modifiedWriteValue"), property("READ_ACTION", f:value "readAction"),
    property("BIT_OFFSET", number(f:value "bitOffset") or 0), property("BIT_WIDTH", number(f:value "bitWidth") or 1),
  })
end

local function read_register(r, base)
  local fields, offset = {}, number(r:value "addressOffset")
  if not offset then return nil end
  for f in r:each "field" do fields[#fields + 1] = read_field(f) end
  return xml.element("REGISTER", { NAME = r:value "name" }, {
    property("DESCRIPTION", r:value "description"), property("ADDRESS_OFFSET", base + offset),
    property("SIZE", number(r:value "size") or 32), property("ACCESS", r:value "access" or "read-write"),
    property("IS_ENABLED", "true"), property("RESET_VALUE", number(r:value("reset", "value")) or 0),
    xml.element("FIELDS", {}, fields),
  })
end

--- Blocks of addresses and the range each slave port answers in. Blocks of one map share its port, and their
--- offsets count from the first.
local function read_maps(root, port_of)
  local blocks, ranges = {}, {}
  for map in (root:child "memoryMaps" or NONE):each "memoryMap" do
    local port, size = port_of[map:value "name" or ""], 0
    for b in map:each "addressBlock" do
      local base, range = number(b:value "baseAddress") or 0, number(b:value "range") or 0
      local registers = {}
      for r in b:each "register" do registers[#registers + 1] = read_register(r, base) end
      blocks[#blocks + 1] = xml.element("ADDRESSBLOCK", {
        NAME = b:value "name", INTERFACE = port, ACCESS = "read-write", RANGE = range,
        USAGE = b:value "usage" or "register",
      }, { xml.element("REGISTERS", {}, registers) })
      if port and range > 0 then
        size = math.max(size, base + range)
        ranges[port] = { port = port, block = ranges[port] and ranges[port].block or b:value "name", size = size,
                         kind = b:value "usage" == "memory" and "MEMORY" or "REGISTER" }
      end
    end
  end
  local list = {}
  for _, r in pairs(ranges) do list[#list + 1] = r end
  table.sort(list, function(a, b) return a.port < b.port end)
  return blocks, list
end

-- ---- files --------------------------------------------------------------------------------------

--- The view with the sources for synthesis: Verilog, any language, VHDL.
local function synthesis_view(root)
  local first, vhdl
  for v in (root:at("model", "views") or NONE):each "view" do
    local name = v:value "name" or ""
    if name == "xilinx_verilogsynthesis" then return v end
    if name:find "synthesis$" then
      if name:find "vhdl" then vhdl = vhdl or v else first = first or v end
    end
  end
  return first or vhdl
end

--- Sources, folders of `include files, and VHDL of libraries other than work.
local function files_of(root, view, folder)
  local wanted, sources, includes, work = {}, {}, {}, {}
  for ref in view:each "fileSetRef" do wanted[ref:value "localName" or ""] = true end
  local function add(f, path)
    local library = f:value "logicalName" or ""
    if library == "" or library == "work" or library == "xil_defaultlib" then
      sources[#sources + 1] = path
    else
      work[library] = work[library] or {}
      table.insert(work[library], path)
    end
  end
  for set in (root:child "fileSets" or NONE):each "fileSet" do
    for f in (wanted[set:value "name" or ""] and set or NONE):each "file" do
      local name, kind = f:value "name" or "", (f:value "fileType" or ""):lower()
      local path = name:sub(1, 1) == "/" and name or folder .. "/" .. name
      if f:value "isIncludeFile" == "true" then
        includes[#includes + 1] = path:match "^(.*)/"
      elseif kind:find "^s?y?s?t?e?m?verilogsource" then
        sources[#sources + 1] = path
      elseif kind:find "^vhdl" then
        add(f, path)
      end
    end
  end
  return sources, includes, next(work) and work
end

--- The Verilog and VHDL files of an IP.
---@param path string of the component.xml
---@param root table what xml.parse made of it
---@return table files { sources, includes, work?, top }
--- Raises `value` when no files are named.
function component.files(path, root)
  local view = synthesis_view(root)
  local sources, includes, work = files_of(root, view or NONE, path:match "^(.*)/" or ".")
  if #sources == 0 then
    errors.raise("value", "%s names no Verilog or VHDL files for synthesis; name them on the command line", path)
  end
  return { sources = sources, includes = includes, work = work or nil, top = view:value "modelName" }
end

--- Reads a component.xml.
---@param path string
---@param text string
---@return table root
--- Raises `value` when it is damaged or something else.
function component.read(path, text)
  local root = xml.parse(path, (text:gsub("^\xEF\xBB\xBF", "")))
  if root.tag ~= "component" then
    errors.raise("value", "%s: the root element is <%s>: this is no component.xml of an IP", path, root.tag)
  end
  return root
end

--- What it says of the ports.
---@param path string for people
---@param root table
---@param top string the module's name in the RTL
---@return string text of an HWH file
---@return string from what it is, for people
function component.metadata(path, root, top)
  local ports, by_name = read_ports(root)
  local buses, maps = read_interfaces(root, by_name)
  local blocks, ranges = read_maps(root, maps)
  local _, parameters = parameters_of(root)
  local name = vlnv { vendor = root:value "vendor", library = root:value "library", name = root:value "name",
                      version = root:value "version" }
  local module = xml.element("MODULE", { VLNV = name, MODTYPE = root:value "name", MODCLASS = "PERIPHERAL" }, {
    xml.element("ADDRESSBLOCKS", {}, blocks), xml.element("PARAMETERS", {}, parameters),
    xml.element("PORTS", {}, ports), xml.element("BUSINTERFACES", {}, buses),
  })
  return metadata.text(top, { tool = "" }, module, ranges), ("%s (%s)"):format(path, name)
end

return component
