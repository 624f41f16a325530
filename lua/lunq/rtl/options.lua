--- What lunq.rtl.build is asked for: checked, with paths from the root on.
local attributes = require "lunq.rtl.attributes"
local component = require "lunq.rtl.component"
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local metadata = require "lunq.rtl.metadata"
local modules = require "lunq.rtl.modules"
local nearest = require "lunq.nearest"
local pins = require "lunq.rtl.pins"
local vhdl = require "lunq.rtl.vhdl"

local options = {}

--- Keys and their types; list: a text stands for a list of one.
local KEYS <const> = {
  sources = "list", libraries = "list", includes = "list", parameters = "table", instance_parameters = "table",
  defines = "table", top = "string", trace = "string", coverage = "string", hwh = "string", component = "string",
  instance = "string", pins = "table", simulator = "string", std = "string", work = "table",
  output = "string", cache = "string",
}

local CHOICES <const> = {
  trace = { vcd = true, fst = true },
  coverage = { line = true, toggle = true, user = true },
  simulator = { verilator = true, icarus = true, ghdl = true },
  std = { ["87"] = true, ["93"] = true, ["93c"] = true, ["00"] = true, ["02"] = true, ["08"] = true },
}

local function sorted_keys(t)
  local list = {}
  for k in pairs(t) do list[#list + 1] = tostring(k) end
  table.sort(list)
  return list
end

local function check_list(key, value)
  local list = type(value) == "string" and { value } or value
  if type(list) ~= "table" then errors.raise("type", "%s should be a list of paths, not a %s", key, type(value)) end
  for _, path in ipairs(list) do
    if type(path) ~= "string" or path == "" then
      errors.raise("type", "%s should be a list of paths, not of %ss", key, type(path))
    end
  end
  return table.move(list, 1, #list, 1, {})
end

local function check(given)
  if type(given) ~= "table" then
    errors.raise("type", "lunq.rtl.build takes a table: { sources = { \"top.v\" }, top = \"top\" }, not a %s",
                 type(given))
  end
  local o = {}
  for key, value in pairs(given) do
    local kind = KEYS[key]
    if not kind then
      errors.raise("value", "lunq.rtl.build has no option \"%s\"%s", tostring(key),
                   nearest.hint(tostring(key), sorted_keys(KEYS)))
    elseif kind == "list" then
      o[key] = check_list(key, value)
    elseif type(value) ~= kind then
      errors.raise("type", "%s should be a %s, not a %s", key, kind, type(value))
    else
      o[key] = value
    end
    if CHOICES[key] and not CHOICES[key][value] then
      errors.raise("value", "%s should be %s, not %s", key, table.concat(sorted_keys(CHOICES[key]), " or "), value)
    end
  end
  return o
end

--- Values of -G and -D as texts; true is 1 for a parameter and nothing for a define.
local function values(key, t)
  local list = {}
  for _, name in ipairs(sorted_keys(t)) do
    local value = t[name]
    if not name:find "^[%a_][%w_$]*$" then
      errors.raise("value", "%s: %s is no name", key, name)
    elseif math.type(value) == "float" and math.tointeger(value) then
      value = math.tointeger(value)
    elseif type(value) == "boolean" then
      value = value and 1 or 0
    end
    list[#list + 1] = { name = name, value = tostring(value) }
  end
  return list
end

local function check_files(list)
  for i, path in ipairs(list) do
    if core.file_kind(path) == "directory" then
      errors.raise("io", "%s is a folder; name the files, or search it for modules with -y", path)
    elseif not core.file_kind(path) then
      errors.raise("io", "The source %s does not exist.", path)
    end
    list[i] = core.absolute(path)
  end
end

local function check_folders(key, list)
  for i, path in ipairs(list) do
    if core.file_kind(path) ~= "directory" then
      errors.raise("io", "The folder %s (%s) does not exist.", path, key == "libraries" and "-y" or "-I")
    end
    list[i] = core.absolute(path)
  end
end

--- The module that is meant when none is named: the one the first file is called after, or its only one.
local function find_top(path)
  local is_vhdl = vhdl.is_source(path)
  local list = (is_vhdl and vhdl or modules).names(path)
  local stem = path:match "([^/]*)$":gsub("%.[^.]*$", "")
  for _, name in ipairs(list) do
    if name == stem or is_vhdl and name:lower() == stem:lower() then return name end
  end
  if #list == 1 then return list[1] end
  local word = is_vhdl and "entity" or "module"
  if #list == 0 then errors.raise("value", "%s has no %s", path, word) end
  errors.raise("value", "Which %s of %s? Name it with --top: %s", word, path, table.concat(list, ", "))
end

--- The folders of the sources, each once: Verilog looks beside the file that needs something, too.
local function source_folders(sources)
  local list, seen = {}, {}
  for _, path in ipairs(sources) do
    local folder = path:match "^(.*)/" or "."
    if folder == "" then folder = "/" end
    if not seen[folder] then list[#list + 1] = folder end
    seen[folder] = true
  end
  return list
end

-- ---- VHDL --------------------------------------------------------------------------------------

local function paths_of(units)
  local list = {}
  for i, unit in ipairs(units) do list[i] = unit.path end
  return list
end

--- The VHDL files among the sources, those of other libraries (work), and what folders of -y have: GHDL takes of these
--- what is needed. What is left of the sources is Verilog.
local function take_units(o)
  local units, verilog, own = {}, {}, vhdl.own_library(o.sources)
  local function add(library, path) units[#units + 1] = { library = library:lower(), path = path } end
  for _, library in ipairs(sorted_keys(o.work or {})) do -- in one order: the units are a part of the cache's key
    if not library:find "^%a[%w_]*$" then errors.raise("value", "work: %s is no name of a library", library) end
    local paths = check_list("work." .. library, o.work[library])
    check_files(paths)
    for _, path in ipairs(paths) do add(library, path) end
  end
  local in_folders = #units
  for _, path in ipairs(o.sources) do
    if vhdl.is_source(path) then add(own, path) else verilog[#verilog + 1] = path end
  end
  for _, folder in ipairs(#units > 0 and o.libraries or {}) do
    for _, name in ipairs(core.list_dir(folder) or {}) do
      if vhdl.is_source(name) then
        table.insert(units, in_folders + 1, { library = own, path = folder .. "/" .. name })
      end
    end
  end
  o.units, o.sources = units, verilog
end

--- Which simulator, when none is named: that of the language, and Verilator for both (lunq.rtl.synth).
local function choose_simulator(o)
  if not o.simulator then o.simulator = #o.units > 0 and #o.sources == 0 and "ghdl" or "verilator" end
  if o.simulator == "ghdl" and #o.sources > 0 then
    errors.raise("unsupported", "GHDL reads VHDL only, and %s is Verilog: leave --simulator out, and Verilator gets "
                 .. "the VHDL as Verilog", o.sources[1])
  end
end

--- Generics that are boolean are true and false, in Verilog 1 and 0. GHDL takes one that has no value for the first
--- of its type, so that vectors of that width are empty.
local function use_generics(o, types, open)
  local given, missing = {}, {}
  for _, p in ipairs(o.parameters) do
    given[p.name:lower()] = true
    if types[p.name:lower()] == "boolean" then p.value = ({ ["1"] = "true", ["0"] = "false" })[p.value] or p.value end
  end
  for _, name in ipairs(open) do
    if not given[name:lower()] then missing[#missing + 1] = name end
  end
  if #missing > 0 then
    errors.raise("value", "Generics of %s have no default and no value: %s. -G NAME=VALUE (parameters) gives them one",
                 o.top, table.concat(missing, ", "))
  end
end

--- The names of the top's parameters as a set, those of VHDL in lower case: of numbers and booleans only, as metadata
--- writes vectors and texts otherwise.
local function known_parameters(o)
  if not o.vhdl_top then return modules.parameters(o.sources, o.top) end
  local set = {}
  for name, kind in pairs(vhdl.generics(paths_of(o.units), o.top)) do
    set[name] = kind:find "^natural" or kind:find "^integer" or kind:find "^positive" or kind == "boolean"
  end
  return set
end

--- Parameters of an instance that the module has and nobody set: numbers only, as metadata also has texts and names
--- of its own.
local function add_instance_parameters(o, given)
  local known, set = known_parameters(o), {}
  local function key(name) return o.vhdl_top and name:lower() or name end
  for _, p in ipairs(o.parameters) do set[key(p.name)] = true end
  for _, p in ipairs(values("instance_parameters", given)) do
    local number = math.tointeger(tonumber(p.value))
    if known[key(p.name)] and number and not set[key(p.name)] then
      o.parameters[#o.parameters + 1] = { name = p.name, value = tostring(number) }
    end
  end
end

--- The largest file of metadata known has 20 MB.
local LIMIT <const> = 128 << 20

--- Reads component.xml, which names sources and top where nobody else does.
local function use_component(o)
  local text = loader.read(o.component, LIMIT)
  local root = component.read(o.component, text)
  if #o.sources == 0 then
    local files = component.files(o.component, root)
    o.sources, o.work, o.top = files.sources, o.work or files.work, o.top or files.top
    table.move(files.includes, 1, #files.includes, #o.includes + 1, o.includes)
  end
  o.described = { key = text, read = function() return component.metadata(o.component, root, o.top) end }
end

local function use_hwh(o)
  local text = loader.read(o.hwh, LIMIT)
  o.described = {
    key = (o.instance or "") .. "\n" .. text,
    read = function() return metadata.from_hwh(o.hwh, text, o.top, o.instance) end,
  }
end

--- Attributes in the sources, where no other metadata is named.
local function use_attributes(o)
  local text, from = attributes.metadata(o.sources, o.top)
  if text then
    o.described = { key = text, read = function() return text, from end }
  end
end

--- Checks what lunq.rtl.build was given.
---@param given table
---@return table o as given, with paths from the root on, parameters and defines as lists { name, value }, folders =
---  those of all sources, sources = those in Verilog, units = { library, path } of VHDL, vhdl_top = whether the top is
---  an entity, simulator = which,
---  described = { key, read() } when there is metadata: what tells it apart, and what it says
--- Raises `type` or `value` for what makes no sense, `io` for what isn't there, `unsupported` for files the simulator
--- doesn't read.
function options.check(given)
  local o = check(given)
  o.sources, o.libraries, o.includes = o.sources or {}, o.libraries or {}, o.includes or {}
  if o.hwh and o.component then errors.raise("value", "Either hwh or component says what the ports are, not both") end
  if o.instance and not o.hwh then errors.raise("value", "instance is a module of a design: name that, too (hwh)") end
  if o.pins then pins.check(o.pins) end
  if o.component then use_component(o) end
  if #o.sources == 0 then errors.raise("value", "Which Verilog or VHDL files? None is named.") end
  check_files(o.sources)
  check_folders("libraries", o.libraries)
  check_folders("includes", o.includes)
  local first, all = o.sources[1], o.sources
  take_units(o)
  o.parameters, o.defines = values("parameters", o.parameters or {}), values("defines", o.defines or {})
  o.top = o.top or find_top(first)
  if not o.top:find "^[%a_][%w_]*$" then
    errors.raise("value", "The name of the top module should be a plain one, not %s", o.top)
  end
  choose_simulator(o)
  o.vhdl_top = vhdl.library_of(o.units, o.top) ~= nil
  o.folders = source_folders(all)
  local search = table.move(o.folders, 1, #o.folders, #o.libraries + 1, table.move(o.libraries, 1, #o.libraries, 1, {}))
  o.sources = modules.order(o.sources, search)
  if o.hwh then use_hwh(o) end
  if not o.described and #o.sources > 0 then use_attributes(o) end
  if o.instance_parameters then add_instance_parameters(o, o.instance_parameters) end
  if o.vhdl_top then use_generics(o, vhdl.generics(paths_of(o.units), o.top)) end
  return o
end

return options
