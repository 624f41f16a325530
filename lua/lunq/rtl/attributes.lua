--- What the attributes X_INTERFACE_INFO and X_INTERFACE_PARAMETER of a module's ports say (UG994, UG1118), which Vivado
--- reads of RTL in block designs, and generators such as SpinalHDL write: as text of an HWH file.
local interfaces = require "lunq.rtl.interfaces"
local loader = require "lunq.loader"
local metadata = require "lunq.rtl.metadata"
local xml = require "lunq.rtl.xml"

local attributes = {}

local DIRECTIONS <const> = { input = "I", output = "O", inout = "IO" }
local TYPES <const> = { wire = true, reg = true, logic = true, bit = true, tri = true, signed = true, unsigned = true,
                        var = true }

--- The text of a module without comments; nil when the file has no such module.
local function module_text(path, top)
  local text = loader.read(path)
  if not text:upper():find("X_INTERFACE_INFO", 1, true) then return nil end
  text = text:gsub("/%*.-%*/", " "):gsub("//[^\n]*", ""):gsub("%(%*%s*%)", "()")
  local from = text:find("%f[%w_$]module%s+" .. top .. "%f[^%w_$]")
  return from and text:sub(from, (text:find("%f[%w_$]endmodule", from)))
end

--- The name a port declaration behind a place begins with, and its direction.
local function port_at(text, at)
  local direction, rest = text:match("^%s*(%l+)%f[^%w_$]([^;]*)", at)
  if not DIRECTIONS[direction] then return nil end
  rest = rest:gsub("%b[]", " ")
  for word in rest:gmatch "[%a_][%w_$]*" do
    if not TYPES[word] then return word, direction end
  end
end

--- Adds what the attributes of one port say.
local function add(found, port, info, parameter)
  for vlnv, name, logical in info:gmatch "([%w_.%-]+:[%w_.%-]+:[%w_.%-]+:[%w_.%-]+)%s+(%S+)%s+([%w_]+)" do
    local i = found.by_name[name]
    if not i then
      i = { name = name, vlnv = vlnv, kind = vlnv:match "^[^:]*:[^:]*:([^:]*)", role = "SLAVE", values = {},
            parameters = {}, maps = {} }
      found.by_name[name], found[#found + 1] = i, i
    end
    i.maps[#i.maps + 1] = { logical = logical, physical = port }
    for key, value in (parameter:gsub("XIL_INTERFACENAME%s+[^,]*,?", "") .. ","):gmatch "%s*(%S+)%s+([^,]-)%s*," do
      i.values[key] = value
    end
  end
end

--- Ports and interfaces: those that have attributes.
local function read(text)
  local found, ports = { by_name = {} }, {}
  local info, parameter, at = "", "", 1
  while true do
    local _, last, inside = text:find("%(%*(.-)%*%)", at)
    if not last then break end
    for key, value in inside:gmatch '([%w_]+)%s*=%s*"([^"]*)"' do
      if key:upper() == "X_INTERFACE_INFO" then info = value end
      if key:upper() == "X_INTERFACE_PARAMETER" then parameter = value end
    end
    at = last + 1
    if not text:find("^%s*%(%*", at) then -- no more of this port
      local port, direction = port_at(text, at)
      if port and info ~= "" then
        ports[#ports + 1] = { NAME = port, DIR = DIRECTIONS[direction], SIGIS = "undef" }
        add(found, port, info, parameter)
      end
      info, parameter = "", ""
    end
  end
  return found, ports
end

--- What the sources say of a module's ports.
---@param sources string[] paths
---@param top string
---@return string? text of an HWH file; nil: they say nothing
---@return string? from for people
function attributes.metadata(sources, top)
  for _, path in ipairs(sources) do
    local text = module_text(path, top)
    local found, ports = nil, nil
    if text then found, ports = read(text) end
    if found and #found > 0 then
      local by_name, elements = {}, {}
      for i, p in ipairs(ports) do
        by_name[p.NAME] = p
        elements[i] = xml.element("PORT", p)
      end
      local buses = interfaces.elements(found, by_name)
      local module = xml.element("MODULE", { MODTYPE = top, MODCLASS = "PERIPHERAL" }, {
        xml.element("PORTS", {}, elements), xml.element("BUSINTERFACES", {}, buses) })
      return metadata.text(top, { tool = "" }, module, {}), ("attributes in %s"):format(path)
    end
  end
end

return attributes
