--- busted for `lunq test`: its own runner, with LuaUnit files among the specs, time limits, seeds and our
-- exit codes. All of it is put in where busted loads its parts, so that busted stays as it is installed.
local errors = require "lunq.errors"
local lines = require "lunq.test.lines"
local lunq_core = require "lunq.core"
local luaunit = require "lunq.test.luaunit"
local lu = require "luaunit"

local busted = {}

local OUTPUTS <const> = { dots = "plainTerminal", tap = "TAP", junit = "junit" }

-- What a person wrote, and what may hang.
local GUARDED <const> = {
  it = true, before_each = true, after_each = true, finally = true,
  strict_setup = true, strict_teardown = true, lazy_setup = true, lazy_teardown = true,
}
-- What is done first of a test.
local BEGINS <const> = { it = true, before_each = true, strict_setup = true, lazy_setup = true }

-- ---- LuaUnit files as files of busted's ---------------------------------------------------------

--- Tells busted how a part of a LuaUnit test ended.
local function report(core, result)
  if result.status == lu.NodeStatus.FAIL then core.fail(result.msg, 0) end
  if result.status == lu.NodeStatus.SKIP then core.pending(result.msg) end
  if result.status == lu.NodeStatus.ERROR then error(result.msg, 0) end
end

--- A function of a class under any of the names LuaUnit allows.
local function fixture(class, ...)
  for _, name in ipairs { ... } do
    if class and lu.LuaUnit.asFunction(class[name]) then return class[name] end
  end
end

--- As LuaUnit's execOneFunction: without setUp no test, but always tearDown; the first problem counts.
local function run_test(run, class, method)
  local set_up = fixture(class, "setUp", "Setup", "setup", "SetUp")
  local tear_down = fixture(class, "tearDown", "TearDown", "teardown", "Teardown")
  local SUCCESS <const> = lu.NodeStatus.SUCCESS
  local result = { status = SUCCESS }
  if set_up then result = luaunit.call(run, class, set_up) end
  if result.status == SUCCESS then result = luaunit.call(run, class, method) end
  if tear_down then
    local last = luaunit.call(run, class, tear_down)
    if result.status == SUCCESS then result = last end
  end
  return result
end

local here -- debug.getinfo of the test that is registered or run: where busted says it is

local function get_trace(_, info)
  info.short_src, info.currentline = here.short_src, here.linedefined
  return info
end

local function add_test(core, run, name, class, method)
  local place = debug.getinfo(method, "S")
  here = place
  core.executors.it(name, function()
    here = place
    report(core, run_test(run, class, method))
  end)
end

--- Registers a class as a describe block, its tests in it.
local function add_class(core, run, name, class, methods)
  core.executors.describe(name, function()
    for what, descriptor in pairs { setupClass = "setup", teardownClass = "teardown" } do
      local f = fixture(class, what)
      if f then core.executors[descriptor](function() report(core, luaunit.call(run, class, f)) end) end
    end
    for _, method in ipairs(methods) do add_test(core, run, method, class, class[method]) end
  end)
end

local function add_file(core, run, tests)
  local i = 1
  while i <= #tests do
    local name, value = tests[i][1], tests[i][2]
    if type(value) == "function" then
      add_test(core, run, name, nil, value)
      i = i + 1
    else
      local class_name, methods = name:match "^(.*)%.", {}
      while tests[i] and tests[i][2] == value do
        methods[#methods + 1] = tests[i][1]:match "([^.]*)$"
        i = i + 1
      end
      add_class(core, run, class_name, value, methods)
    end
  end
end

--- A loader as busted.modules.files.lua is one.
local function loader(run)
  return {
    match = function(_, path) return luaunit.owns(path) end,
    load = function(core, path)
      local ok, tests = pcall(luaunit.load, path, run.lines)
      if not ok then
        core.publish({ "error", "file" }, { descriptor = "file", name = path }, nil, tostring(tests), {})
        return nil
      end
      here = { short_src = path, linedefined = 1 }
      return function() add_file(core, run, tests) end, get_trace
    end,
  }
end

--- The patterns of busted's are for its specs: LuaUnit files in the folders are added to them.
local function find_too(roots, patterns, options)
  local all, known = {}, {}
  for _, root in ipairs(roots) do
    all[#all + 1] = root
    known[root] = true
  end
  for _, root in ipairs(roots) do
    for _, path in ipairs(lunq_core.file_kind(root) == "directory" and luaunit.find(root) or {}) do
      local matched = false
      for _, pattern in ipairs(patterns) do
        matched = matched or path:match "[^/]*$":find(pattern) ~= nil
      end
      for _, pattern in ipairs(options.excludes) do
        matched = matched or pattern ~= "" and path:match "[^/]*$":find(pattern) ~= nil
      end
      if not matched and not known[path] then all[#all + 1] = path end
      known[path] = true
    end
  end
  return all
end

-- ---- parts of busted's --------------------------------------------------------------------------

--- Replaces what `require(name)` gives by make(what it gave).
local function replace(name, make) package.loaded[name] = make(require(name)) end

--- What a person wrote runs guarded. A test begins with what is done before it: busted says so only later.
local function guard_safe(core, run, state)
  local safe = core.safe
  function core.safe(descriptor, f, element)
    if not GUARDED[descriptor] then return safe(descriptor, f, element) end
    if state.between and BEGINS[descriptor] then
      state.between = false
      run:begin()
    end
    return safe(descriptor, function(...)
      return run:guard(f, ...)
    end, element)
  end
end

--- The place of a failure is the nearest line that is not inside the program.
local function place_outside(core)
  local trace_of = core.getTrace
  function core.getTrace(element, level, message)
    local from = level or 3
    local at, info = from, debug.getinfo(from, "S")
    while info and (info.what == "C" or info.source:find "^@lunq:") do
      at = at + 1
      info = debug.getinfo(at, "S")
    end
    local trace = trace_of(element, (info and at or from) + 1, message) -- one more: this function
    return trace
  end
end

--- A check of lunq.bench that fails in a test is a failure, not an error.
local function fail_checks(core, state)
  local safe, publish = core.safe, core.publish
  function core.safe(descriptor, ...)
    state.check = false
    local result = table.pack(safe(descriptor, ...))
    if state.check then result[1] = require "busted.status" "failure" end
    state.check = false
    return table.unpack(result, 1, result.n)
  end
  function core.publish(channel, ...)
    if state.check and channel[1] == "error" and channel[2] == "it" then channel = { "failure", "it" } end
    return publish(channel, ...)
  end
end

--- Failures say as well what the device was asked. This is called where the error is raised.
local function report_accesses(core, run, state)
  local rewrite = core.rewriteMessage
  function core.rewriteMessage(element, message, trace)
    local text = rewrite(element, message, trace)
    state.check = errors.is(message, "check") and element.descriptor == "it"
    local meta = debug.getmetatable(message)
    if type(meta) == "table" and meta.__type == "pending" then return text end
    return text .. run:report(text)
  end
end

local function watch(core, run, state)
  core.subscribe({ "test", "start" }, function(test)
    run:show(("%s, %s"):format(test.name, test.trace and test.trace.short_src or "?"))
    return nil, true
  end)
  core.subscribe({ "test", "end" }, function()
    run:show()
    state.between = true
    return nil, true
  end)
  core.subscribe({ "register", "it" }, function(_, f)
    return nil, type(f) ~= "function" or lines.has(run.lines, f)
  end, { priority = 1 })
  core.subscribe({ "suite", "start" }, function(_, round)
    run.round = round
    return nil, true
  end)
  for _, what in ipairs { "failure", "error" } do
    core.subscribe({ what }, function()
      run:failed()
      return nil, true
    end)
  end
  core.subscribe({ "exit" }, function()
    state.finished = true
    return nil, true
  end)
end

local function put_in(run, state)
  replace("busted.core", function(new_core)
    return function()
      local core = new_core()
      guard_safe(core, run, state)
      place_outside(core)
      report_accesses(core, run, state)
      fail_checks(core, state)
      watch(core, run, state)
      return core
    end
  end)
  package.loaded["busted.modules.files.luaunit"] = loader(run)
  replace("busted.modules.test_file_loader", function(new_loader)
    return function(core, loaders)
      local load_files, load_file, list = new_loader(core, { "luaunit", table.unpack(loaders) })
      return function(roots, patterns, options)
        return load_files(find_too(roots, patterns, options), patterns, options)
      end, load_file, list
    end
  end)
  -- busted says 1 for a test that failed and for a command line it can't carry out.
  require "busted.compatibility".exit = function(code)
    local right = not state.finished or run:finish()
    os.exit(code == 0 and right and 0 or state.finished and right and 1 or 2)
  end
end

--- The arguments of busted for our options.
local function arguments(options, run)
  local list = table.move(options.rest, 1, #options.rest, 1, {})
  local function add(name, value) list[#list + 1] = name .. "=" .. value end
  if options.output then add("--output", OUTPUTS[options.output:lower()] or options.output) end
  for _, pattern in ipairs(options.filter) do add("--filter", pattern) end
  if options.runs > 1 then add("--repeat", options.runs) end
  if run.seed_given then add("--seed", run.seed) end
  return table.move(options.roots, 1, #options.roots, #list + 1, list)
end

--- Loads what warns that it is deprecated, which is no business of those who want JUnit's XML.
local function load_quietly(name)
  warn "@off"
  require(name)
  warn "@on"
end

--- Runs busted. It leaves through os.exit when something failed.
---@param options table see lunq.test
---@param run table see lunq.test
---@return integer code
function busted.run(options, run)
  local state = {}
  put_in(run, state)
  if options.output and options.output:lower() == "junit" then load_quietly "pl.xml" end
  local list = arguments(options, run)
  list[-1], list[0] = arg[-1], arg[0]
  _G.arg = list
  -- busted takes whoever calls it for a test file, unless the name is no file's.
  assert(load("require 'busted.runner' { standalone = false }", "=lunq test"))()
  return run:finish() and 0 or 2
end

return busted
