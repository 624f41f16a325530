--- `lunq dtbo DESIGN`: writes the device-tree overlay of a design.
local subcommand = require "lunq.subcommand"

local command = {}

local USAGE <const> = [[
usage: lunq dtbo DESIGN [-o FILE] [--firmware NAME] [--udmabuf NAME=SIZE] [--only IP] [--base TREE]
  DESIGN            metadata of a design (.hwh, .dtbo)
  -o FILE           write the overlay; without it it is shown
  --firmware NAME   bitstream below /lib/firmware that the kernel loads with the overlay (x.bit.bin)
  --udmabuf N=SIZE  a u-dma-buf of that many bytes (64M, 0x100000); may be repeated
  --only IP         this IP only; may be repeated
  --base TREE       the board's tree (.dtb, /proc/device-tree): names nodes as it has them and tries the
                    overlay on it; without it the overlay names the labels of Linux's trees
]]

local UNITS <const> = { K = 1 << 10, M = 1 << 20, G = 1 << 30 }

local function bytes(text)
  local digits, unit = text:match "^(0?x?%x+)([KMG]?)$"
  local n = math.tointeger(tonumber(digits or ""))
  return n and n * (UNITS[unit] or 1)
end

--- What an option with a value does to the options; false: the value is none.
local VALUES <const> = {
  ["-o"] = function(o, v) o.output = v end,
  ["--firmware"] = function(o, v) o.build.firmware = v end,
  ["--base"] = function(o, v) o.build.base = v end,
  ["--only"] = function(o, v)
    o.build.only = o.build.only or {}
    table.insert(o.build.only, v)
  end,
  ["--udmabuf"] = function(o, v)
    local name, size = v:match "^([^=]+)=(.*)$"
    if not (name and bytes(size)) then return false end
    o.build.udmabuf = o.build.udmabuf or {}
    o.build.udmabuf[name] = bytes(size)
  end,
}

local function parse(arguments)
  local o, i = { build = {} }, 1
  while arguments[i] do
    local a = arguments[i]
    if a == "--help" or a == "-h" then
      o.help = true
    elseif VALUES[a] then
      i = i + 1
      if not arguments[i] then return nil, ("lunq dtbo: %s needs a value"):format(a) end
      if VALUES[a](o, arguments[i]) == false then
        return nil, ("lunq dtbo: %s takes NAME=SIZE, not %s"):format(a, arguments[i])
      end
    elseif a:sub(1, 1) == "-" and a ~= "-" then
      return nil, ("lunq dtbo: there is no option %s"):format(a)
    elseif o.design then
      return nil, "lunq dtbo: one design at a time"
    else
      o.design = a
    end
    i = i + 1
  end
  if not o.design and not o.help then return nil, "lunq dtbo: which design?" end
  return o
end

local function run(o)
  local tree = require "lunq.dtbo".build(o.design, o.build)
  if not o.output then return require "lunq.fdt_text".text(tree:table()) end
  require "lunq.fdt".write(o.output, tree:blob())
  return ("wrote %s\n"):format(o.output)
end

--- Carries out `lunq dtbo ...`: text to standard output, problems to standard error.
---@param ... string the arguments behind "dtbo"
---@return integer code 0; 1: something is wrong with a file; 2: the arguments make no sense
function command.main(...) return subcommand({ ... }, USAGE, parse, run) end

return command
