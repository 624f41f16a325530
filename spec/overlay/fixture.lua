--- Designs for the overlay specs: folders with metadata in Vivado's format, written from short tables.
local lfs = require "lfs"

local fixture = {}

local function attributes(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = (' %s="%s"'):format(name, t[name]) end
  return table.concat(names)
end

local function ports(list)
  local lines = { "<PORTS>" }
  for _, p in ipairs(list or {}) do
    lines[#lines + 1] = ("<PORT%s/>"):format(attributes(p))
  end
  lines[#lines + 1] = "</PORTS>"
  return table.concat(lines, "\n")
end

local function buses(list)
  if not list then return "<BUSINTERFACES/>" end
  local lines = { "<BUSINTERFACES>" }
  for _, b in ipairs(list) do lines[#lines + 1] = ("<BUSINTERFACE%s/>"):format(attributes(b)) end
  lines[#lines + 1] = "</BUSINTERFACES>"
  return table.concat(lines, "\n")
end

local function properties(t)
  local lines = {}
  for name, value in pairs(t) do
    lines[#lines + 1] = ('<PROPERTY NAME="%s" VALUE="%s"/>'):format(name, value)
  end
  return table.concat(lines, "\n")
end

local function fields(list)
  local lines = { "<FIELDS>" }
  for _, f in ipairs(list or {}) do
    lines[#lines + 1] = ('<FIELD NAME="%s">%s</FIELD>'):format(f[1], properties {
      DESCRIPTION = f[1], ADDRESS_OFFSET = f[2], ACCESS = "read-write", BIT_OFFSET = f[2], BIT_WIDTH = f[3] })
  end
  lines[#lines + 1] = "</FIELDS>"
  return table.concat(lines, "\n")
end

local function registers(list)
  if not list then return "" end
  local lines = { '<ADDRESSBLOCKS><ADDRESSBLOCK ACCESS="" INTERFACE="S_AXI" NAME="Reg" RANGE="4096" '
                  .. 'USAGE="register"><REGISTERS>' }
  for _, r in ipairs(list) do
    lines[#lines + 1] = ('<REGISTER NAME="%s">%s%s</REGISTER>'):format(r[1], properties {
      DESCRIPTION = r[1], ADDRESS_OFFSET = ("0x%x"):format(r[2]), SIZE = 32, ACCESS = r.access or "read-write" },
      fields(r.fields))
  end
  lines[#lines + 1] = "</REGISTERS></ADDRESSBLOCK></ADDRESSBLOCKS>"
  return table.concat(lines, "\n")
end

local function parameters(t)
  local lines = { "<PARAMETERS>" }
  for name, value in pairs(t or {}) do
    lines[#lines + 1] = ('<PARAMETER NAME="%s" VALUE="%s"/>'):format(name, value)
  end
  lines[#lines + 1] = "</PARAMETERS>"
  return table.concat(lines, "\n")
end

local function range(m, master)
  return ('<MEMRANGE ADDRESSBLOCK="Reg" BASEVALUE="0x%08X" HIGHVALUE="0x%08X" INSTANCE="%s" '
          .. 'MASTERBUSINTERFACE="%s" MEMTYPE="%s" SLAVEBUSINTERFACE="S_AXI"/>'):format(
          m.base, m.base + (m.range or 0x10000) - 1, m.path:gsub("/", "_"), master, m.memtype or "REGISTER")
end

local function ranges(modules, master)
  local lines = { "<MEMORYMAP>" }
  for _, m in ipairs(modules) do
    if m.base then lines[#lines + 1] = range(m, master) end
  end
  lines[#lines + 1] = "</MEMORYMAP>"
  return table.concat(lines, "\n")
end

local function module(m, memory_map)
  local a = { FULLNAME = "/" .. m.path, INSTANCE = m.path:gsub("/", "_"), IS_ENABLE = 1, VLNV = m.vlnv,
              MODTYPE = m.modtype or (m.vlnv or ""):match "^[^:]*:[^:]*:([^:]*)", BDTYPE = m.bdtype }
  return table.concat({ "<MODULE" .. attributes(a) .. ">", registers(m.registers), parameters(m.params),
                        ports(m.ports), buses(m.buses), memory_map or "", "</MODULE>" }, "\n")
end

--- The text of a HWH file.
---@param t table { modules = { { path, vlnv, base, range, registers = { { name, offset, fields =, access = } },
--- params, ports, buses, memtype, bdtype } }, ps_ports =, ps_params =, partial = true for no PS, external = ports,
--- arch = "zynq", device = "7z020" }
function fixture.hwh(t)
  local lines = {
    '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>',
    '<EDKSYSTEM EDWVERSION="1.2" TIMESTAMP="now" VIVADOVERSION="2020.1">',
    ('<SYSTEMINFO ARCH="%s" DEVICE="%s" NAME="%s"/>'):format(t.arch or "zynq", t.device or "7z020", t.name or "top"),
    (ports(t.external):gsub("PORTS>", "EXTERNALPORTS>")),
  }
  if t.partial then
    lines[#lines + 1] = '<EXTERNALINTERFACES><BUSINTERFACE BUSNAME="External_Interface_M" NAME="M" '
                        .. 'TYPE="SLAVE">' .. ranges(t.modules, "M") .. "</BUSINTERFACE></EXTERNALINTERFACES>"
  else
    lines[#lines + 1] = "<EXTERNALINTERFACES/>"
  end
  lines[#lines + 1] = "<MODULES>"
  if not t.partial then
    local ps = { path = "ps", vlnv = "xilinx.com:ip:processing_system7:5.5", ports = t.ps_ports,
                 params = t.ps_params }
    lines[#lines + 1] = module(ps, ranges(t.modules, "M_AXI_GP0"))
  end
  for _, m in ipairs(t.modules) do lines[#lines + 1] = module(m) end
  lines[#lines + 1] = "</MODULES>\n</EDKSYSTEM>\n"
  return table.concat(lines, "\n")
end

--- The text of a .bit file: header as Xilinx writes it, and `data`.
function fixture.bit(part, data)
  local function field(tag, text) return string.pack(">c1s2", tag, text .. "\0") end
  return string.pack(">s2I2", "\x0f\xf0\x0f\xf0\x0f\xf0\x0f\xf0\x00", 1)
         .. field("a", "top;UserID=0XFFFFFFFF;Version=2020.1") .. field("b", part)
         .. field("c", "2020/04/16") .. field("d", "10:21:07") .. string.pack(">c1s4", "e", data)
end

-- ---- files --------------------------------------------------------------------------------------

local made = {}

local function remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then remove(path .. "/" .. name) end
    end
    lfs.rmdir(path)
  else
    os.remove(path)
  end
end

--- A new empty folder; fixture.clean removes it.
function fixture.folder()
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  made[#made + 1] = path
  return path
end

local function make_folder(path)
  if lfs.attributes(path) then return end
  make_folder(path:match "^(.*)/[^/]*$")
  assert(lfs.mkdir(path))
end

--- Writes a file, making the folders on the way.
function fixture.write(path, text)
  make_folder(path:match "^(.*)/[^/]*$")
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  return path
end

--- Removes what the fixtures made: call in after_each.
function fixture.clean()
  for _, path in ipairs(made) do remove(path) end
  made = {}
end

--- What a call raises, as { kind, text }; fails when it raises nothing.
function fixture.raised(fn, ...)
  local ok, e = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  return { type(e) == "table" and e.kind or type(e), tostring(e) }
end

return fixture
