--- `lunq info FILE`: what is in a design or a bitstream, for people or as JSON. `lunq info`: the device in use.
local core = require "lunq.core"
local host = require "lunq.host"
local subcommand = require "lunq.subcommand"

local info = {}

local USAGE <const> = [[
usage: lunq info [FILE] [--json] [--all]
  FILE      design metadata (.hwh, .xclbin, .dtbo; .lua: a description), a bitstream (.bit, .bin), or the
            folder of a firmware package (/lib/firmware/xilinx/APP); none: which device is used, and why
  --json    the dictionaries as JSON: ip_dict, mem_dict, gpio_dict, interrupt_controllers,
            interrupt_pins, hierarchy_dict, clock_dict, regions of a reconfigurable design; of an
            xclbin kernels, platform and uuid
  --all     nothing left out: every line, registers with their fields, parameters; with --json also
            streams, what each master reaches, clock sources and users, side effects, warnings,
            sections of an xclbin
]]

--- What `--json` prints; an empty one is printed too.
local DICTIONARIES <const> = {
  "clock_dict", "gpio_dict", "hierarchy_dict", "interrupt_controllers", "interrupt_pins", "ip_dict",
  "mem_dict",
}

--- What it prints besides when it is there; of a card.
local MORE <const> = { "kernels", "platform", "uuid" }

--- Keys that PYNQ does not have; `--json --all` prints them.
local OURS <const> = {
  write_effect = true, read_action = true, reset = true, source = true, sink = true, mhz = true, region = true,
}

--- Tables under these keys are lists, also when they are empty.
local LISTS <const> = {
  pins = true, variants = true, ranges = true, warnings = true, kernels = true, sections = true, args = true,
  clock_users = true, dangling_controllers = true,
}

-- ---- JSON ---------------------------------------------------------------------------------------

--- A list, not a dictionary: clock_dict starts at 0, and an IP may be called "pins". `streams` of the
--- design are a list, those of an IP are a dictionary.
local function is_list(t, key, top)
  if next(t) == nil then return LISTS[key] or top and key == "streams" end
  return t[1] ~= nil and t[0] == nil
end

--- A copy that dkjson writes with sorted keys, empty dictionaries as {} and empty lists as [].
local function ordered(t, key, all, top)
  if is_list(t, key, top) then
    local list = {}
    for i, v in ipairs(t) do list[i] = type(v) == "table" and ordered(v, false, all) or v end
    return setmetatable(list, { __jsontype = "array" })
  end
  local copy, keys = {}, {}
  for k, v in pairs(t) do
    local name = tostring(k) -- clocks are numbered from 0
    -- `source` and `mhz` are ours in a clock only, a register or parameter may be called anything.
    if all or not OURS[k] or type(v) == "table" or key == "parameters" then
      local value = v
      if type(v) == "table" then value = ordered(v, k, all, key == nil) end
      copy[name] = value
      keys[#keys + 1] = name
    end
  end
  table.sort(keys)
  return setmetatable(copy, { __jsontype = "object", __jsonorder = keys })
end

local function json_text(t, all)
  return require "dkjson".encode(ordered(t, nil, all), { indent = true }) .. "\n"
end

--- The text `lunq info --json` prints for the result of `design:dictionaries()`.
---@param dictionaries table
---@param all? boolean also what PYNQ does not have
---@return string
function info.json(dictionaries, all)
  if all then return json_text(dictionaries, true) end
  local t = {}
  for _, name in ipairs(DICTIONARIES) do t[name] = dictionaries[name] end
  for _, name in ipairs(MORE) do t[name] = dictionaries[name] end
  if next(dictionaries.regions) then t.regions = dictionaries.regions end
  if dictionaries.partial then t.partial = true end
  return json_text(t, false)
end

-- ---- bitstreams ---------------------------------------------------------------------------------

local BIT_FIELDS <const> = { "file", "format", "design", "version", "part", "date", "time", "size" }

local function bitstream(path, options)
  local b = core.bitstream_read(path)
  local fields, lines = {}, {}
  for _, name in ipairs(BIT_FIELDS) do
    fields[name] = b[name]
    if b[name] then lines[#lines + 1] = ("%-8s %s"):format(name, (tostring(b[name]):gsub("%c", "?"))) end
  end
  if options.json then return json_text(fields, true) end
  return table.concat(lines, "\n") .. "\n"
end

--- A bitstream by its name, or by its first bytes when it is called otherwise.
local function is_bitstream(path)
  if path:find "%.bit$" or path:find "%.bin$" then return true end
  local f <close> = io.open(path, "rb")
  return f ~= nil and f:read(4) == "\0\9\15\240"
end

-- ---- the device ---------------------------------------------------------------------------------

--- Which device scripts get that name none, and why; what to do where it can't be used.
local function device(options)
  local text, why, problem = core.device_choice()
  if options.json then return json_text({ device = text, why = why, problem = problem and problem.message }, true) end
  return ("device %s (%s)\n"):format(text, why) .. (problem and problem.message .. "\n" or "")
end

-- ---- the command --------------------------------------------------------------------------------

local function parse(arguments)
  local options = {}
  for _, a in ipairs(arguments) do
    if a == "--json" or a == "--all" or a == "--help" then
      options[a:sub(3)] = true
    elseif a == "-h" then
      options.help = true
    elseif a:sub(1, 1) == "-" and a ~= "-" then
      return nil, ("lunq info: there is no option %s"):format(a)
    elseif options.file then
      return nil, "lunq info: one file at a time"
    else
      options.file = a
    end
  end
  return options
end

--- The design of a firmware package, and what its shell.json says.
local function open_package(folder)
  local files = require "lunq.firmware_package".read(folder)
  local clean, shell = require "lunq.info_text".clean, files.shell
  local slots = shell and shell.slots and ", slots: " .. shell.slots or ""
  return core.design_read(files.metadata), shell and ("shell %s%s\n"):format(clean(shell.type), slots) or ""
end

local function read(file)
  local description = require "lunq.description"
  if description.is_file(file) then return description.design(description.read(file), file) end
  return core.design_read(file)
end

local function text_of(options)
  local design, head
  if not options.file then return device(options) end
  local packages = core.file_kind(options.file) == "directory" and require "lunq.packages".list(options.file) or {}
  if #packages > 0 then
    return options.json and json_text(packages, true) or require "lunq.packages".text(packages) .. "\n"
  elseif core.file_kind(options.file) == "directory" then
    design, head = open_package(options.file)
  elseif is_bitstream(options.file) then
    return bitstream(options.file, options)
  else
    design, head = read(options.file), ""
  end
  local dictionaries = design:dictionaries()
  if options.json then return info.json(dictionaries, options.all) end
  if design.card then
    local blob = design:section "PARTITION_METADATA"
    local partition = blob and core.fdt_parse(options.file .. ": section PARTITION_METADATA", blob):table()
    return require "lunq.info_card".text(design, dictionaries, partition, options.all, host.screen())
  end
  return head .. require "lunq.info_text".text(design, dictionaries, options.all, host.screen())
end

--- Carries out `lunq info ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "info"
---@return integer code 0; 1: something is wrong with the file; 2: the arguments make no sense
function info.main(...) return subcommand({ ... }, USAGE, parse, text_of) end

return info
