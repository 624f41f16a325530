--- `lunq test`: busted specs and LuaUnit files, together or alone.
-- With busted installed it runs both kinds and reports them as one (lunq.test.busted); without it, as on
-- a board, the LuaUnit inside the program runs the LuaUnit files (lunq.test.luaunit).
local core = require "lunq.core"
local errors = require "lunq.errors"
local flight = require "lunq.test.flight"
local host = require "lunq.host"

local test = {}

local USAGE <const> = [[
usage: lunq test [options] [FILE or FOLDER ...]
Runs tests: busted specs (in folders: NAME_spec.lua) and LuaUnit files (any other .lua file with a line
that begins as local lu = require "luaunit"). Without names: spec/, or what .busted says.
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

-- ---- the command line ---------------------------------------------------------------------------

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

--- Sorts the arguments: ours, names of files, and what is busted's.
---@param arguments string[]
---@return table|nil options { filter, roots, rest, seed, ... }
---@return string? problem
local function parse(arguments)
  local options = { filter = {}, roots = {}, rest = {}, runs = 1, accesses = 10 }
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
    elseif a:sub(1, 1) == "-" then
      table.insert(options.rest, a)
      if TAKES_VALUE[a] and arguments[i + 1] then
        i = i + 1
        table.insert(options.rest, arguments[i])
      end
    else
      table.insert(options.roots, a)
    end
    i = i + 1
  end
  return not problem and options or nil, problem
end

-- ---- what both runners share --------------------------------------------------------------------

--- One run of `lunq test`: seeds, time limits and reports for whoever runs the tests.
local Run = {}
Run.__index = Run

--- Calls f(...), which is a test or a part of one, within the time limit and with the seed set.
function Run:guard(f, ...)
  math.randomseed(self.seed + self.round - 1)
  if not self.time_limit then return f(...) end
  local _ <close> = host.alarm(self.time_limit)
  return f(...)
end

--- A test begins, with what is done before each.
function Run:begin()
  self.reported = false
  if self.coverage then require "lunq.test.coverage".harvest() end
  flight.clear()
end

--- What to add to the first failure of a test: text that begins with a newline, or "". To be called where
--- the error is raised, while what the test opened is still open.
---@param message string
function Run:report(message)
  if self.reported then return "" end
  self.reported = true
  return flight.report(message)
end

--- Remembers the seed of the first round with a failure.
function Run:failed() self.failed_seed = self.failed_seed or self.seed + self.round - 1 end

--- To standard error, for standard output may be TAP or XML.
function Run:tell_seed()
  if self.failed_seed and host.is_terminal(1) and host.is_terminal(2) then
    io.stdout:write "\n" -- busted ends without one
    io.stdout:flush()
  end
  if self.failed_seed then
    io.stderr:write(("lunq test: to repeat what failed: --seed %d\n"):format(self.failed_seed))
  elseif self.seed_given then
    io.stderr:write(("lunq test: seed %d\n"):format(self.seed))
  end
end

local function new_run(options)
  return setmetatable({
    seed = options.seed or math.random(0) & 0x7fffffff,
    seed_given = options.seed ~= nil,
    time_limit = options.time_limit,
    coverage = options.coverage,
    plain = (options.output or "dots"):lower() == "dots",
    round = 1,
  }, Run)
end

local function refuse(problem)
  io.stderr:write("lunq test: ", problem, "\n", USAGE)
  return 2
end

--- The report of --coverage: after the tests' own output, and not into TAP or XML.
function Run:tell_coverage()
  if not self.coverage then return end
  local text, data = require "lunq.test.coverage_text", require "lunq.test.coverage".data()
  if self.coverage == "-" then
    local out = self.plain and io.stdout or io.stderr
    out:write(self.plain and "\n\n" or "", text.text(data))
    return
  end
  local f, problem = io.open(self.coverage, "w")
  local ok = f and f:write(self.coverage:find "%.json$" and text.json(data) or text.text(data))
  if not (ok and f:close()) then
    io.stderr:write(("lunq test: the coverage can't be written: %s\n"):format(problem or self.coverage))
  end
end

--- All is over: what is said after the tests.
function Run:finish()
  self:tell_coverage()
  self:tell_seed()
end

--- Whether the file of --coverage can be written; if not it is said now and not after the tests.
local function can_write(path)
  if not path or path == "-" then return true end
  local f, problem = io.open(path, "a")
  if f then return f:close() end
  io.stderr:write("lunq test: the coverage can't be written: ", problem, "\n")
end

--- Carries out `lunq test ...`; busted may leave through os.exit.
---@param ... string the arguments behind "test"
---@return integer code exit code of the program
function test.main(...)
  local options, problem = parse { ... }
  if not options then return refuse(problem) end
  if options.help then
    io.write(USAGE)
    return 0
  end
  for _, path in ipairs(options.roots) do
    if not core.file_kind(path) then
      io.stderr:write("lunq test: there is no file or folder ", path,
        path:find "%.json$" and options.coverage == "-" and (": did you mean --coverage=%s?"):format(path) or "", "\n")
      return 2
    end
  end
  if not can_write(options.coverage) then return 2 end
  local run = new_run(options)
  flight.start(options.accesses)
  if options.coverage then require "lunq.test.coverage".start() end
  if package.searchpath("busted.runner", package.path) then
    return require "lunq.test.busted".run(options, run)
  end
  local ok, code = pcall(require "lunq.test.luaunit".run, options, run)
  if ok then return code end
  if not errors.is(code) then error(code, 0) end
  io.stderr:write("lunq test: ", code.message, "\n")
  return 2
end

return test
