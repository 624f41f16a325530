--- `lunq test`: busted specs and LuaUnit files, together or alone.
-- With busted installed it runs both kinds and reports them as one (lunq.test.busted); without it, as on
-- a board, the LuaUnit inside the program runs the LuaUnit files (lunq.test.luaunit).
local core = require "lunq.core"
local errors = require "lunq.errors"
local flight = require "lunq.test.flight"
local host = require "lunq.host"
local lines = require "lunq.test.lines"
local options_of = require "lunq.test.options"

local test = {}

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

--- On a terminal, which test it is that takes long, and nil when it is over: a line that is gone before
--- anything is said of how it ended.
---@param name? string
function Run:show(name)
  if self.progress then self.progress:close() end
  if name then self.count = (self.count or 0) + 1 end
  self.progress = name and core.progress_block(("test %d, %s"):format(self.count, name))
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
    lines = options.lines,
    plain = (options.output or "dots"):lower() == "dots",
    round = 1,
  }, Run)
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
---@return boolean right false: a line that was asked for has no test
function Run:finish()
  self:tell_coverage()
  self:tell_seed()
  local missed = lines.missed(self.lines)
  if missed then io.stderr:write(("lunq test: there is no test at %s\n"):format(missed)) end
  return not missed
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
  local options, problem = options_of.parse { ... }
  if not options then
    io.stderr:write("lunq test: ", problem, "\n")
    return 2
  end
  if options.help then
    io.write(options_of.USAGE)
    return 0
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
