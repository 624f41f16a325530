--- `lunq fdt FILE`: a device tree as text or JSON.
local core = require "lunq.core"
local errors = require "lunq.errors"

local fdt = {}

local USAGE <const> = [[
usage: lunq fdt FILE [--json] [--all]
  FILE      a device-tree blob (.dtb, .dtbo), or a folder as /proc/device-tree is
  --json    nodes and properties as JSON
  --all     as the file has it: fragments, phandles and the lists of labels as well
]]

local function parse(arguments)
  local options = {}
  for _, a in ipairs(arguments) do
    if a == "--json" or a == "--all" or a == "--help" then
      options[a:sub(3)] = true
    elseif a == "-h" then
      options.help = true
    elseif a:sub(1, 1) == "-" and a ~= "-" then
      return nil, ("lunq fdt: there is no option %s"):format(a)
    elseif options.file then
      return nil, "lunq fdt: one file at a time"
    else
      options.file = a
    end
  end
  if not options.file and not options.help then return nil, "lunq fdt: which file?" end
  return options
end

local function text_of(options)
  local tree = core.fdt_read(options.file)
  if options.json then return require "lunq.fdt_json".text(tree) end
  return require "lunq.fdt_text".text(tree, options.all)
end

--- Carries out `lunq fdt ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "fdt"
---@return integer code 0; 1: something is wrong with the file; 2: the arguments make no sense
function fdt.main(...)
  local options, problem = parse { ... }
  if not options then
    io.stderr:write(problem, "\n", USAGE)
    return 2
  end
  if options.help then
    io.write(USAGE)
    return 0
  end
  local ok, text = pcall(text_of, options)
  if ok then
    io.write(text)
    return 0
  end
  if not errors.is(text) then error(text, 0) end
  io.stderr:write("lunq: ", text.message, "\n")
  return 1
end

return fdt
