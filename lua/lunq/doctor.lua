--- `lunq doctor`: what LUNQ finds on this machine, what is missing, and what to do.
-- It looks and opens, but loads, writes and changes nothing. Each group of findings is a file in doctor/.
local core = require "lunq.core"
local host = require "lunq.host"
local Machine = require "lunq.doctor.machine"
local Report = require "lunq.doctor.report"
local subcommand = require "lunq.subcommand"

local doctor = {}

local USAGE <const> = [[
usage: lunq [--device D] doctor [--all] [--json] [--root DIR]
  --all       also, in full, what is not needed on this machine
  --json      the findings as JSON
  --root DIR  looks at the files below DIR (a copy of a board's /proc, /sys, /dev), not below /
exit code: 0 the device (--device, LUNQ_DEVICE, or the one for this machine) can be used, 3 it can't, 2 usage
]]

--- The groups in the order they are shown.
local GROUPS <const> = { "simulation", "board", "card", "prompt" }

--- One line about the machine.
local function headline(machine)
  local board, user = machine:board(), machine:user()
  local parts = { "LUNQ " .. host.version }
  if machine.root ~= "" then parts[#parts + 1] = "looking below " .. machine.root end
  parts[#parts + 1] = board and board.model or "no device tree"
  local arch = machine:text "/proc/sys/kernel/arch"
  parts[#parts + 1] = "Linux " .. (machine:release() or "of unknown release") .. (arch and " " .. arch or "")
  local total = machine:memory "MemTotal"
  if total then parts[#parts + 1] = ("%d MiB of memory"):format(total >> 20) end
  if user then parts[#parts + 1] = "user " .. user.name end
  return table.concat(parts, ", ")
end

--- Looks at a machine.
---@param root? string the folder that stands for "/"; LUNQ_ROOT unless given
---@param env? fun(name: string): string|nil where environment variables come from, os.getenv unless given
---@return table report machine, device, usable (whether that device opens), groups with items
---   { state, name, found, advice, detail }
function doctor.examine(root, env)
  local machine, report, kinds = Machine.new(root or os.getenv "LUNQ_ROOT" or "/", env), Report.new(), {}
  local used = machine:device_kind()
  for _, kind in ipairs(core.device_kinds()) do kinds[kind] = true end
  report:describe(headline(machine))
  for _, name in ipairs(GROUPS) do
    local group = require("lunq.doctor." .. name)
    report:group(name, group.title, group.needed(machine, used))
    group.check(machine, report, kinds)
  end
  machine:close()
  return report
end

local KEYS <const> = {
  "machine", "device", "usable", "groups", "name", "title", "needed", "why", "items", "state", "found", "advice",
  "detail",
}

--- A report as JSON text.
---@param report table what doctor.examine returned
---@return string
function doctor.json(report)
  return require "dkjson".encode({ machine = report.machine, device = report.device, usable = report.usable,
                                   groups = report.groups }, { indent = true, keyorder = KEYS }) .. "\n"
end

-- ---- the command --------------------------------------------------------------------------------

local function parse(arguments)
  local options, i = {}, 1
  while arguments[i] do
    local a = arguments[i]
    local root = a:match "^%-%-root=(.+)$"
    if a == "--root" then
      i = i + 1
      root = arguments[i]
      if not root or root == "" then return nil, "lunq doctor: --root needs a folder" end
    end
    if root then
      options.root = root
    elseif a == "--json" or a == "--all" or a == "--help" then
      options[a:sub(3)] = true
    elseif a == "-h" then
      options.help = true
    else
      return nil, "lunq doctor: what is " .. a .. "?"
    end
    i = i + 1
  end
  if options.root and core.file_kind(options.root) ~= "directory" then
    return nil, ("lunq doctor: %s is no folder"):format(options.root)
  end
  return options
end

local function text_of(report, options)
  if options.json then return doctor.json(report) end
  local style = require "lunq.repl.style"
  local columns = host.is_terminal(1) and host.screen() or 100
  return require "lunq.doctor.page".text(report, {
    all = options.all, paint = style.painter(1), width = math.max(60, math.min(columns, 120)) })
end

--- Carries out `lunq doctor ...`: the page to standard output, problems to standard error.
---@param ... string the arguments behind "doctor"
---@return integer code 0: the device can be used; 3: it can't; 2: the arguments make no sense
function doctor.main(...)
  return subcommand({ ... }, USAGE, parse, function(options)
    local report = doctor.examine(options.root)
    return text_of(report, options), report.usable and 0 or 3
  end)
end

return doctor
