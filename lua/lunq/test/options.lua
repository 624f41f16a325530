--- The command line of `lunq test`.
local core = require "lunq.core"

local options_of = {}

options_of.USAGE = [[
usage: lunq test [options] [FILE or FOLDER ...]
Runs tests: busted specs (in folders: NAME_spec.lua) and LuaUnit files (any other .lua file with a line
that begins as local lu = require "luaunit"). Without names: spec/, or what .busted says. FILE:LINE runs
the test at that line, as failures name it.
  -o, --output FORMAT   dots, TAP or junit; or an output library of busted's
  --filter PATTERN      only tests whose name matches the Lua pattern; may be repeated
  --device D            the device to use: sim, sim:zynqmp?seed=7 ... (or LUNQ_DEVICE)
  --repeat N            run everything N times, each time with the next seed
  --seed N              of math.random and what lunq.bench makes with it, set before each test, and of
                        busted's --shuffle. When a test fails, the seed to repeat it with is printed.
  --time-limit SECONDS  for each test, wall time: one that takes longer is interrupted and has failed
  --accesses N          how many of the device's last accesses a failed test shows (10), with the state of
                        the IP they went to; 0: nothing, and registers are accessed as in a script
  --coverage[=FILE]     which registers and fields the tests touched, with the values seen: printed, or
                        written into FILE, as JSON when its name ends in .json (-c is busted's: lines of Lua)
  --help                this text
Everything else goes to busted, where it is installed: -t TAGS, --exclude-tags, --shuffle, -l ...
(busted --help). Exit codes: 0 all tests passed, 1 one failed, 2 the command line can't be carried out.
]]

local function whole(text) return math.tointeger(tonumber(text)) end

local function seconds(text)
  local n = tonumber(text)
  return n and n > 0 and n <= 1e6 and n or nil
end

--- Our options: how a value is read, what it should be, and whether busted is to see it as well.
local OPTIONS <const> = {
  ["--output"] = { key = "output", read = tostring },
  ["--filter"] = { key = "filter", read = tostring, list = true },
  ["--device"] = { key = "device", read = tostring }, -- host/main.c has set it
  ["--repeat"] = {
    key = "runs", wants = "a number, at least 1",
    read = function(text) local n = whole(text); return n and n >= 1 and n or nil end,
  },
  ["--seed"] = { key = "seed", wants = "a whole number", read = whole },
  ["--time-limit"] = { key = "time_limit", wants = "a number of seconds", read = seconds },
}
OPTIONS["--accesses"] = {
  key = "accesses", wants = "a number, 0 to 1000",
  read = function(text) local n = whole(text); return n and n >= 0 and n <= 1000 and n or nil end,
}
OPTIONS["-o"] = OPTIONS["--output"]

--- Options of busted's that stand before their value.
local TAKES_VALUE <const> = {}
for name in ([[-p --pattern --exclude-pattern -e -C --directory -f --config-file --coverage-config-file -t --tags
  --exclude-tags --filter-out -m --lpath --cpath -r --run --lang --loaders --helper --lua -Xoutput -Xhelper]])
  :gmatch "%S+" do
  TAKES_VALUE[name] = true
end

local function set(options, name, option, text)
  local value = text and option.read(text)
  if value == nil then return ("%s needs %s"):format(name, text and option.wants or "a value") end
  if option.list then
    table.insert(options[option.key], value)
  else
    options[option.key] = value
  end
end

--- What people who know pytest try first.
local PYTEST <const> = {}
for names, ours in pairs {
  ["-x --exitfirst --maxfail"] = "--no-keep-going stops at the first failure",
  ["--junitxml --junit-xml"] = "-o junit writes XML to standard output",
  ["--collect-only --co"] = "-l lists the tests",
} do
  for name in names:gmatch "%S+" do PYTEST[name] = ours end
end

--- Notes a file or folder, or FILE:LINE. Returns what is wrong with it.
local function add_root(options, path)
  local file, line = path:match "^(.+):(%d+)$"
  if not core.file_kind(path) and file and core.file_kind(file) == "file" then
    if not options.lines[file] then table.insert(options.roots, file) end
    options.lines[file] = options.lines[file] or {}
    table.insert(options.lines[file], math.tointeger(tonumber(line)))
    return nil
  end
  table.insert(options.roots, path)
  if core.file_kind(path) then return nil end
  local name = path:match "::(.*)$"
  return ("there is no file or folder %s%s"):format(path,
    path:find "%.json$" and options.coverage == "-" and (": did you mean --coverage=%s?"):format(path)
    or name and (": --filter %q chooses tests by name, FILE:LINE by place"):format(name) or "")
end

local function check_output(name)
  if not name or name:lower() == "dots" or name:lower() == "tap" or name:lower() == "junit" then return nil end
  local path = package.path
  if not package.searchpath("busted.runner", path) or package.searchpath("busted.outputHandlers." .. name, path)
     or package.searchpath(name, path) or core.file_kind(name) then return nil end
  return ("there is no output %q: dots, TAP, junit, or one of busted's: utfTerminal, plainTerminal, json, gtest")
    :format(name)
end

--- Sorts the arguments: ours, names of files, and what is busted's.
---@param arguments string[]
---@return table|nil options { filter, roots, lines = { [file] = { line, ... } }, rest, seed, ... }
---@return string? problem
function options_of.parse(arguments)
  local options = { filter = {}, roots = {}, lines = { found = {} }, rest = {}, runs = 1, accesses = 10 }
  local paths = {}
  local i, problem = 1, nil
  while i <= #arguments and not problem do
    local a = arguments[i]
    local name, text = a:match "^(%-%-[%w-]+)=(.*)$"
    name = name or a
    local option = OPTIONS[name]
    if a == "--help" or a == "-h" then
      options.help = true
    elseif name == "--coverage" then -- its value stands behind "=" only
      options.coverage = text or "-"
    elseif option then
      if not text then i, text = i + 1, arguments[i + 1] end
      problem = set(options, name, option, text)
    elseif PYTEST[name] then
      problem = ("%s is pytest's: here %s"):format(name, PYTEST[name])
    elseif a:sub(1, 1) == "-" then
      table.insert(options.rest, a)
      if TAKES_VALUE[a] and arguments[i + 1] then
        i = i + 1
        table.insert(options.rest, arguments[i])
      end
    else
      table.insert(paths, a)
    end
    i = i + 1
  end
  if options.help then return options end
  problem = problem and problem .. "; lunq test --help has all options" or check_output(options.output)
  for _, path in ipairs(problem and {} or paths) do problem = problem or add_root(options, path) end
  return not problem and options or nil, problem
end

return options_of
