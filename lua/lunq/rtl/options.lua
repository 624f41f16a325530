--- What lunq.rtl.build is asked for: checked, with paths from the root on.
local component = require "lunq.rtl.component"
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local metadata = require "lunq.rtl.metadata"
local modules = require "lunq.rtl.modules"
local nearest = require "lunq.nearest"
local pins = require "lunq.rtl.pins"

local options = {}

--- Keys and their types; list: a text stands for a list of one.
local KEYS <const> = {
  sources = "list", libraries = "list", includes = "list", parameters = "table", instance_parameters = "table",
  defines = "table", top = "string", trace = "string", coverage = "string", hwh = "string", component = "string",
  instance = "string", pins = "table", simulator = "string", output = "string", cache = "string",
}

local CHOICES <const> = {
  trace = { vcd = true, fst = true },
  coverage = { line = true, toggle = true, user = true },
  simulator = { verilator = true, icarus = true },
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
      errors.raise("value", "%s: %s is no name of Verilog", key, name)
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
      errors.raise("io", "%s is a folder; name the Verilog files, or search it for modules with -y", path)
    elseif not core.file_kind(path) then
      errors.raise("io", "The source %s does not exist.", path)
    elseif path:lower():find "%.vhdl?$" then
      errors.raise("unsupported", "%s is VHDL: Verilator reads Verilog and SystemVerilog only.", path)
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
  local list, stem = modules.names(path), path:match "([^/]*)$":gsub("%.[^.]*$", "")
  for _, name in ipairs(list) do
    if name == stem then return name end
  end
  if #list == 1 then return list[1] end
  errors.raise("value", #list == 0 and "%s has no module" or "Which module of %s? Name it with --top: %s", path,
               table.concat(list, ", "))
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

--- Parameters of an instance that the module has and nobody set: numbers only, as metadata also has texts and names
--- of its own.
local function add_instance_parameters(o, given)
  local known, set = modules.parameters(o.sources, o.top), {}
  for _, p in ipairs(o.parameters) do set[p.name] = true end
  for _, p in ipairs(values("instance_parameters", given)) do
    local number = math.tointeger(tonumber(p.value))
    if known[p.name] and number and not set[p.name] then
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
    o.sources, o.top = files.sources, o.top or files.top
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

--- Checks what lunq.rtl.build was given.
---@param given table
---@return table o as given, with paths from the root on, parameters and defines as lists { name, value }, folders =
---  those of the sources, described = { key, read() } when there is metadata: what tells it apart, and what it says
--- Raises `type` or `value` for what makes no sense, `io` for what isn't there, `unsupported` for VHDL.
function options.check(given)
  local o = check(given)
  o.sources, o.libraries, o.includes = o.sources or {}, o.libraries or {}, o.includes or {}
  if o.hwh and o.component then errors.raise("value", "Either hwh or component says what the ports are, not both") end
  if o.instance and not o.hwh then errors.raise("value", "instance is a module of a design: name that, too (hwh)") end
  if o.pins then pins.check(o.pins) end
  if o.component then use_component(o) end
  if #o.sources == 0 then errors.raise("value", "Which Verilog files? None is named.") end
  check_files(o.sources)
  check_folders("libraries", o.libraries)
  check_folders("includes", o.includes)
  o.parameters, o.defines = values("parameters", o.parameters or {}), values("defines", o.defines or {})
  o.top = o.top or find_top(o.sources[1])
  if not o.top:find "^[%a_][%w_]*$" then
    errors.raise("value", "The name of the top module should be a plain one, not %s", o.top)
  end
  o.folders = source_folders(o.sources)
  local search = table.move(o.folders, 1, #o.folders, #o.libraries + 1, table.move(o.libraries, 1, #o.libraries, 1, {}))
  o.sources = modules.order(o.sources, search)
  if o.hwh then use_hwh(o) end
  if o.instance_parameters then add_instance_parameters(o, o.instance_parameters) end
  return o
end

return options
