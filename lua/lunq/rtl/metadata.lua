--- What metadata says of the module a model is made of, as the text of an HWH file with this one module, for
--- rtl_model.h: reset polarity, interrupts and clocks, which ports are a bus, registers.
-- Names of nets and of what is at the other end are left out: they belong to a design that is not there. The
-- module's own address ranges begin at 0, one behind the other.
local errors = require "lunq.errors"
local xml = require "lunq.rtl.xml"

local metadata = {}

--- What is kept of a module, and of what is in it.
local KEPT <const> = { ADDRESSBLOCKS = true, PARAMETERS = true, PORTS = true, BUSINTERFACES = true }
local LEFT_OUT <const> = { SIGNAME = true, BUSNAME = true }

--- A copy without what belongs to the rest of a design.
local function own_part(e)
  local copy = xml.element(e.tag)
  for k, v in pairs(e.attributes) do
    if not LEFT_OUT[k] then copy.attributes[k] = v end
  end
  for _, c in ipairs(e.children) do
    if c.tag ~= "CONNECTIONS" then copy.children[#copy.children + 1] = own_part(c) end
  end
  return copy
end

-- ---- a module of an HWH file --------------------------------------------------------------------

local function vlnv_name(m) return (m.attributes.VLNV or ""):match "^[^:]*:[^:]*:([^:]*):" end

--- Modules of a file that could be meant.
local function candidates(modules, top, instance)
  local list = {}
  for m in modules:each "MODULE" do
    local a = m.attributes
    local fits = a.MODTYPE == top or vlnv_name(m) == top or a.INSTANCE == top
    if instance then fits = a.INSTANCE == instance or (a.FULLNAME or ""):gsub("^/", "") == instance end
    if fits then list[#list + 1] = m end
  end
  return list
end

local function names_of(modules)
  local list = {}
  for m in modules:each "MODULE" do list[#list + 1] = m.attributes.INSTANCE end
  table.sort(list)
  return list
end

--- Address ranges in which other modules see this one: each of its slave ports once.
local function ranges_of(modules, instance)
  local list, seen = {}, {}
  for m in modules:each "MODULE" do
    local map = m:child "MEMORYMAP"
    for r in (map or xml.element ""):each "MEMRANGE" do
      local a = r.attributes
      local key = ("%s/%s"):format(a.SLAVEBUSINTERFACE, a.ADDRESSBLOCK)
      local base, high = math.tointeger(tonumber(a.BASEVALUE)), math.tointeger(tonumber(a.HIGHVALUE))
      if a.INSTANCE == instance and base and high and not seen[key] then
        seen[key] = true
        list[#list + 1] = { port = a.SLAVEBUSINTERFACE, block = a.ADDRESSBLOCK, size = high - base + 1,
                            kind = a.MEMTYPE or "REGISTER" }
      end
    end
  end
  return list
end

-- ---- one module as a file -----------------------------------------------------------------------

--- Ranges from 0 on, each at a multiple of its size; those that end before they begin are left out.
local function memory_ranges(top, ranges)
  local list, next_free = {}, 0
  for _, r in ipairs(ranges) do
    if r.size > 0 then -- files say anything
      local base = (next_free + r.size - 1) // r.size * r.size
      list[#list + 1] = xml.element("MEMRANGE", {
        INSTANCE = top, ADDRESSBLOCK = r.block, SLAVEBUSINTERFACE = r.port, MEMTYPE = r.kind,
        MASTERBUSINTERFACE = r.port, BASEVALUE = ("0x%08X"):format(base),
        HIGHVALUE = ("0x%08X"):format(base + r.size - 1),
      })
      next_free = base + r.size
    end
  end
  return xml.element("BUSINTERFACE", { NAME = "lunq", TYPE = "SLAVE" }, { xml.element("MEMORYMAP", {}, list) })
end

--- The text of a file with one module.
---@param top string
---@param info table attributes of SYSTEMINFO
---@param module table the MODULE element
---@param ranges table[] { port, block, size, kind }
---@return string
function metadata.text(top, info, module, ranges)
  module.attributes.FULLNAME, module.attributes.INSTANCE = "/" .. top, top
  local root = xml.element("EDKSYSTEM", { EDWVERSION = "1.2", VIVADOVERSION = info.tool }, {
    xml.element("SYSTEMINFO", { ARCH = info.arch or "", DEVICE = info.device or "", NAME = top }),
    xml.element("EXTERNALINTERFACES", {}, #ranges > 0 and { memory_ranges(top, ranges) } or {}),
    xml.element("MODULES", {}, { module }),
  })
  return '<?xml version="1.0" encoding="UTF-8"?>\n' .. xml.text(root)
end

--- Takes a module out of an HWH file.
---@param path string for messages
---@param text string
---@param top string the module's name in the RTL
---@param instance? string which module, where the name doesn't say
---@return string text of an HWH file
---@return string from what it is, for people
--- Raises `value` when the file is damaged, or has no such module.
function metadata.from_hwh(path, text, top, instance)
  local root = xml.parse(path, (text:gsub("^\xEF\xBB\xBF", "")))
  local modules = root:child "MODULES"
  if root.tag ~= "EDKSYSTEM" or not modules then
    errors.raise("value", "%s: the root element is <%s>: this is no HWH file", path, root.tag)
  end
  local list = candidates(modules, top, instance)
  local m = list[1]
  if not m then
    errors.raise("value", "%s has no module %s; name the one that is meant (--instance): %s", path, instance or top,
                 table.concat(names_of(modules), ", "))
  end
  local kept = xml.element("MODULE", own_part(m).attributes)
  for _, c in ipairs(m.children) do
    if KEPT[c.tag] then kept.children[#kept.children + 1] = own_part(c) end
  end
  local info = (root:child "SYSTEMINFO" or root).attributes
  local from = ("%s, module %s (%s)"):format(path, m.attributes.INSTANCE, m.attributes.VLNV or "no VLNV")
  if #list > 1 then from = ("%s, the first of %d of its type"):format(from, #list) end
  local ranges = ranges_of(modules, m.attributes.INSTANCE)
  return metadata.text(top, { tool = root.attributes.VIVADOVERSION or "", arch = info.ARCH, device = info.DEVICE },
                       kept, ranges), from
end

return metadata
