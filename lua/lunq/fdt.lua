--- `lunq fdt FILE`: a device tree as text or JSON. `lunq fdt --apply BASE OVERLAY ...`: would Linux take
--- these overlays on this tree, and what would they change?
local core = require "lunq.core"
local errors = require "lunq.errors"
local subcommand = require "lunq.subcommand"

local fdt = {}

local USAGE <const> = [[
usage: lunq fdt FILE [--json] [--all]
       lunq fdt --apply BASE OVERLAY ... [-o FILE] [--json] [--all]
  FILE      a device-tree blob (.dtb, .dtbo), or a folder as /proc/device-tree is
  --json    nodes and properties as JSON
  --all     as the file has it: fragments, phandles and the lists of labels as well
  --apply   tries overlays on a tree in memory: what they change, or why Linux would refuse them;
            with --json or --all the tree with the overlays in it, with -o FILE written as a blob
]]

local FLAGS <const> = { ["--json"] = "json", ["--all"] = "all", ["--apply"] = "apply", ["--help"] = "help",
                        ["-h"] = "help" }

local function parse(arguments)
  local options, i = { files = {} }, 1
  while arguments[i] do
    local a = arguments[i]
    if FLAGS[a] then
      options[FLAGS[a]] = true
    elseif a == "-o" then
      i = i + 1
      options.output = arguments[i]
      if not options.output then return nil, "lunq fdt: -o needs the file to write" end
    elseif a:sub(1, 1) == "-" and a ~= "-" then
      return nil, ("lunq fdt: there is no option %s"):format(a)
    else
      table.insert(options.files, a)
    end
    i = i + 1
  end
  if options.help then return options end
  if options.apply and not options.files[2] then
    return nil, "lunq fdt: --apply needs the tree of a board and an overlay"
  end
  if options.output and not options.apply then return nil, "lunq fdt: -o goes with --apply" end
  if not options.files[1] then return nil, "lunq fdt: which file?" end
  if options.files[2] and not options.apply then return nil, "lunq fdt: one file at a time" end
  return options
end

local function shown(tree, options)
  if options.json then return require "lunq.fdt_json".text(tree:table()) end
  return require "lunq.fdt_text".text(tree:table(), options.all)
end

--- Writes a file. Raises `io`.
function fdt.write(path, bytes)
  local f, problem = io.open(path, "wb")
  if not f then errors.raise("io", problem) end
  local ok
  ok, problem = f:write(bytes)
  f:close()
  if not ok then errors.raise("io", "%s: %s", path, problem) end
end

--- The tree with the overlays in it, and what each changed as text.
local function applied(files)
  local tree, changes = core.fdt_read(files[1]), {}
  for i = 2, #files do
    local overlay = core.fdt_read(files[i])
    local both = tree:apply(overlay)
    changes[#changes + 1] = require "lunq.fdt_changes".text(files[1], files[i], tree, both)
    tree = both
  end
  return tree, table.concat(changes)
end

local function text_of(options)
  if not options.apply then return shown(core.fdt_read(options.files[1]), options) end
  local tree, changes = applied(options.files)
  if options.output then fdt.write(options.output, tree:blob()) end
  return (options.json or options.all) and shown(tree, options) or changes
end

--- Carries out `lunq fdt ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "fdt"
---@return integer code 0; 1: something is wrong with the file; 2: the arguments make no sense
function fdt.main(...) return subcommand({ ... }, USAGE, parse, text_of) end

return fdt
