--- LuaUnit files for `lunq test`: which files they are, what tests are in them, and running them with
-- the LuaUnit inside the program. What such a file does at its end when it runs alone,
-- os.exit(lu.LuaUnit.run()), only ends its loading here.
local core = require "lunq.core"
local errors = require "lunq.errors"
local host = require "lunq.host"
local lines = require "lunq.test.lines"
local lu = require "luaunit"

local luaunit = {}

-- ---- finding ------------------------------------------------------------------------------------

local function contents(path)
  local f <close> = io.open(path, "rb")
  return f and f:read "a"
end

--- A file that says it at the beginning of a line; a text inside another script's is indented.
local function is_luaunit(text)
  for line in text:gmatch "[^\r\n]+" do
    if line:find "^[%w_ ,]*=?%s*require%s*%(?%s*[\"']luaunit[\"']" and not line:find "^%s" then return true end
  end
  return false
end

--- Whether a file is LuaUnit's: a .lua file with a line that begins as `local lu = require "luaunit"`,
-- unless its name says that it is a spec of busted's.
---@param path string
---@return boolean
function luaunit.owns(path)
  local text = path:find "%.lua$" and not path:find "_spec%.lua$" and contents(path)
  return text and is_luaunit(text) or false
end

--- The .lua files of a folder and those inside, sorted; hidden ones are left out.
local function lua_files(dir, list)
  local names = host.files(dir)
  table.sort(names)
  for _, name in ipairs(names) do
    local path = dir:gsub("/$", "") .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if name:sub(-1) == "/" then
        lua_files(path, list)
      elseif name:find "%.lua$" then
        list[#list + 1] = path
      end
    end
  end
  return list
end

--- The LuaUnit files in a folder, and how many specs of busted's are beside them.
---@param dir string
---@return string[] paths
---@return string[] specs
function luaunit.find(dir)
  local found, specs = {}, {}
  for _, path in ipairs(lua_files(dir, {})) do
    local list = luaunit.owns(path) and found or path:find "_spec%.lua$" and specs
    if list then list[#list + 1] = path end
  end
  return found, specs
end

-- ---- loading ------------------------------------------------------------------------------------

local ENDED <const> = {} -- raised by os.exit in a file that is loaded

--- Replaces what starts LuaUnit while f runs; what runSuiteByInstances was given is the second result.
local function without_running(f)
  local chosen
  local function run() return 0 end
  local saved = { lu.run, lu.Run, lu.LuaUnit.run, lu.LuaUnit.runSuite, lu.LuaUnit.runSuiteByInstances }
  lu.run, lu.Run, lu.LuaUnit.run, lu.LuaUnit.runSuite = run, run, run, run
  function lu.LuaUnit.runSuiteByInstances(_, list)
    chosen = list
    return 0
  end
  local ok, e = xpcall(f, function(e) return type(e) == "string" and debug.traceback(e, 2) or e end)
  lu.run, lu.Run, lu.LuaUnit.run, lu.LuaUnit.runSuite, lu.LuaUnit.runSuiteByInstances = table.unpack(saved)
  if not ok and e ~= ENDED then error(e, 0) end
  return chosen
end

--- Globals of a file's own: files with a TestLoopback each don't meet.
local function environment(path)
  local env = {
    os = setmetatable({ exit = function() error(ENDED, 0) end }, { __index = os }),
    arg = { [0] = path, [-1] = arg[-1] },
  }
  env._G = env
  return setmetatable(env, { __index = _G })
end

--- Modules beside a file are found, as when it runs alone.
local function add_path(path)
  local dir = path:match "^(.*)/[^/]*$" or "."
  local entry = dir .. "/?.lua;"
  if package.path:sub(1, #entry) ~= entry then package.path = entry .. package.path end
end

--- Runs the file and collects its tests, as LuaUnit does: globals whose names begin with "test".
---@param path string
---@param chosen table see lunq.test.lines
---@return table[] tests list of { name, function, class instance or nil, class name or nil }
--- Raises what the file raises, and strings for what can't be loaded.
function luaunit.load(path, chosen)
  local env = environment(path)
  local chunk, problem = loadfile(path, "t", env)
  if not chunk then error(problem, 0) end
  add_path(path)
  local list = without_running(chunk)
  if not list then
    list = {}
    for name, value in pairs(env) do
      if type(name) == "string" and lu.LuaUnit.isTestName(name) then list[#list + 1] = { name, value } end
    end
    table.sort(list, function(a, b) return a[1] < b[1] end)
  end
  local tests = {}
  for _, test in ipairs(lu.LuaUnit.expandClasses(list)) do
    local f = type(test[2]) == "function" and test[2] or test[2][test[1]:match "([^.]*)$"]
    if lines.has(chosen, f) then tests[#tests + 1] = test end
  end
  return tests
end

-- ---- one function of a test ---------------------------------------------------------------------

--- "bench.lua:12: " of the nearest code that is not inside the program.
local function place()
  local level = 3
  local info = debug.getinfo(level, "Sl")
  while info and (info.currentline < 0 or info.source:find "^@lunq:") do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return info and ("%s:%d: "):format(info.short_src, info.currentline) or ""
end

--- What LuaUnit is to show of an error: a text, which says as well whether it is a failed check.
local function message(e)
  if not errors.is(e) then return e end
  return place() .. (e.kind == "check" and lu.FAILURE_PREFIX or "") .. e.message
end

local FAILED <const> = { [lu.NodeStatus.FAIL] = true, [lu.NodeStatus.ERROR] = true }

--- Calls a test, or what is run before and after it, as LuaUnit's protectedCall does, but within the
--- run's time limit, and with error objects shown as what they say.
---@param run table see lunq.test
---@param instance table|nil its class
---@param method function
---@return table { status, msg, trace }
function luaunit.call(run, instance, method)
  local trace, report
  local ok, e = xpcall(run.guard, function(e)
    trace = debug.traceback("", 2):match "^\n?(.-)\n[^\n]*in [^\n]*'xpcall'" or debug.traceback("", 2)
    e = message(e)
    local text, status = lu.adjust_err_msg_with_iter(e)
    report = FAILED[status] and run:report(text)
    return e
  end, run, method, instance)
  if ok then return { status = lu.NodeStatus.SUCCESS } end
  local msg, status = lu.adjust_err_msg_with_iter(e)
  if report and run.report_apart then trace = trace .. report elseif report then msg = msg .. report end
  return { status = status, msg = msg, trace = trace }
end

-- ---- running without busted ---------------------------------------------------------------------

local FORMATS <const> = { dots = "text", tap = "tap", junit = "junit", text = "text" }
local NEEDS_BUSTED <const> = "busted is not installed. On Debian: apt-get install lua-busted"

--- The files to run; specs among them are named, for they are left out.
local function choose(roots)
  if #roots == 0 then roots = { "spec" } end
  local files, specs = {}, {}
  for _, root in ipairs(roots) do
    if core.file_kind(root) == "file" then
      table.insert(luaunit.owns(root) and files or specs, root)
    elseif core.file_kind(root) == "directory" then
      local found, left = luaunit.find(root)
      table.move(found, 1, #found, #files + 1, files)
      table.move(left, 1, #left, #specs + 1, specs)
    else
      errors.raise("io", "There is no file or folder %s.", root)
    end
  end
  return files, specs
end

local function collect(files, chosen)
  local all = {}
  for _, path in ipairs(files) do
    local ok, tests = pcall(luaunit.load, path, chosen)
    if ok then
      table.move(tests, 1, #tests, #all + 1, all)
    else -- a test that fails, so that the rest is run
      all[#all + 1] = { path, function() error(tests, 0) end }
    end
  end
  return all
end

--- Runs the tests once, as LuaUnit:runSuiteByInstances would if it did not read the program's arguments.
local function run_once(tests, options, run, format, report)
  local runner = lu.LuaUnit.new()
  runner:setOutputType(format, report)
  runner.verbosity = lu.VERBOSITY_DEFAULT
  runner.patternIncludeFilter = #options.filter > 0 and options.filter or nil
  function runner:startTest(name)
    run:begin()
    run:show(name)
    return lu.LuaUnit.startTest(self, name)
  end
  function runner:endTest(...)
    run:show()
    return lu.LuaUnit.endTest(self, ...)
  end
  function runner.protectedCall(_, instance, method) return luaunit.call(run, instance, method) end
  runner:registerSuite()
  runner:internalRunSuiteByInstances(tests)
  runner:unregisterSuite()
  return runner.result.notSuccessCount
end

--- JUnit's XML goes to standard output; what LuaUnit and the tests print meanwhile, to standard error.
local function run_junit(tests, options, run)
  local name, print = os.tmpname(), print
  run.report_apart = true -- the message becomes an attribute
  _G.print = function(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    io.stderr:write(table.concat(words, "\t"), "\n")
  end
  local ok, failures = pcall(run_once, tests, options, run, "junit", name)
  _G.print = print
  local xml = contents(name .. ".xml") -- LuaUnit adds that ending
  os.remove(name)
  os.remove(name .. ".xml")
  if not ok then error(failures, 0) end
  io.write(xml)
  return failures
end

--- Runs the LuaUnit files among options.roots.
---@param options table see lunq.test
---@param run table see lunq.test
---@return integer code 0 all passed, 1 something failed, 2 nothing could be run
--- Raises error objects for what is no file, no format, or needs busted.
function luaunit.run(options, run)
  local format = FORMATS[(options.output or "dots"):lower()]
  if options.rest[1] then
    errors.raise("value", "%s is no option of LUNQ's, and %s", options.rest[1], NEEDS_BUSTED)
  end
  if not format then
    errors.raise("value", "There is no output %q, only dots, TAP and junit: %s", options.output, NEEDS_BUSTED)
  end
  local files, specs = choose(options.roots)
  if #files == 0 then
    errors.raise("io", #specs > 0 and ("%s is for busted: %s"):format(specs[1], NEEDS_BUSTED)
      or "There is no test here: no NAME_spec.lua, and no file with local lu = require \"luaunit\".")
  end
  if #specs > 0 then
    io.stderr:write(("lunq test: %d spec%s left out (%s%s): %s\n"):format(#specs, #specs == 1 and " is" or "s are",
      specs[1], #specs > 1 and " ..." or "", NEEDS_BUSTED))
  end
  local tests, failed = collect(files, run.lines), false
  for round = 1, options.runs do
    run.round = round
    local failures = format == "junit" and run_junit(tests, options, run)
      or run_once(tests, options, run, format)
    if failures ~= 0 then
      failed = true
      run:failed()
    end
  end
  return not run:finish() and 2 or failed and 1 or 0
end

return luaunit
