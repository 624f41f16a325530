--- What of the RTL ran: the points of Verilator's coverage, by file and line. Models have it when they are built with
--- `--coverage line` (or toggle, user).
--
--   device:rtl_coverage "fir.dat"                     -- also for verilator_coverage --annotate
--   print(lunq.rtl.coverage { "fir.dat" })            -- "rtl/fir.v: 41 of 44 points, never: lines 12 63-64"
local core = require "lunq.core"
local errors = require "lunq.errors"

local coverage = {}

--- A list of lines in few words: "3 7-9".
local function ranges(lines)
  local text, i = {}, 1
  while lines[i] do
    local j = i
    while lines[j + 1] == lines[j] + 1 do j = j + 1 end
    text[#text + 1] = i == j and tostring(lines[i]) or ("%d-%d"):format(lines[i], lines[j])
    i = j + 1
  end
  return table.concat(text, " ")
end

--- Adds the points of a file that device:rtl_coverage wrote: points[key] = { file, line, hit }. A point of several
--- instances of a module is one, and so is one of several runs.
---@param points table
---@param text string contents of the file
function coverage.add(points, text)
  for what, count in text:gmatch "\nC '([^\n]*)' (%d+)" do
    local field = {}
    for name, value in what:gmatch "\1([^\1\2]*)\2([^\1]*)" do field[name] = value end
    local key = table.concat({ field.f or "", field.l or "", field.n or "", field.page or "", field.o or "" }, "\0")
    local point = points[key] or { file = field.f or "?", line = math.tointeger(tonumber(field.l)) or 0, hit = false }
    point.hit = point.hit or tonumber(count) > 0
    points[key] = point
  end
end

local function by_file(points)
  local files, list = {}, {}
  for _, point in pairs(points) do
    local f = files[point.file]
    if not f then
      f = { file = point.file, points = 0, hit = 0, never = {} }
      files[point.file], list[#list + 1] = f, f
    end
    f.points = f.points + 1
    if point.hit then f.hit = f.hit + 1 else f.never[point.line] = true end
  end
  table.sort(list, function(a, b) return a.file < b.file end)
  return list
end

local Summary = { __name = "lunq.rtl.coverage" }

function Summary:__tostring()
  local lines = {}
  for _, f in ipairs(self) do
    local never = #f.never > 0 and (", never: line%s %s"):format(#f.never > 1 and "s" or "", ranges(f.never)) or ""
    lines[#lines + 1] = ("%s: %d of %d points%s"):format(f.file, f.hit, f.points, never)
  end
  return #lines > 0 and table.concat(lines, "\n") or "no points of coverage"
end

--- The points by file.
---@return table summary list of { file, points, hit, never = { lines } }; tostring() shows it
function coverage.summary(points)
  local list = by_file(points)
  for _, f in ipairs(list) do
    local lines = {}
    for line in pairs(f.never) do lines[#lines + 1] = line end
    table.sort(lines)
    f.never = lines
  end
  return setmetatable(list, Summary)
end

local folder -- where RTL that ends leaves its files

--- From now on RTL that ends is kept for coverage.harvest.
function coverage.start()
  folder = os.tmpname()
  os.remove(folder)
  require "lunq.rtl.cache".make_folder(folder)
  core.rtl_coverage_folder(folder)
end

local function take(points, path)
  local f <close> = io.open(path)
  if f then coverage.add(points, f:read "a") end
  os.remove(path)
end

--- Adds what RTL ran that has ended since coverage.start, or is still there.
---@param points table
function coverage.harvest(points)
  for _, name in ipairs(core.list_dir(folder)) do take(points, folder .. "/" .. name) end
  for _, device in ipairs(core.devices()) do
    for _, rtl in ipairs(device:rtl()) do
      local path = folder .. "/now"
      if pcall(device.rtl_coverage, device, path, rtl.ip) then take(points, path) end
    end
  end
end

--- The end of coverage.start.
function coverage.stop()
  core.rtl_coverage_folder(nil)
  os.remove(folder)
end

--- What files that device:rtl_coverage wrote say together.
---@param paths string|string[]
---@return table summary as of coverage.summary
--- Raises `io` for what can't be read, `value` for what is no such file.
function coverage.files(paths)
  local points = {}
  for _, path in ipairs(type(paths) == "table" and paths or { paths }) do
    local f <close>, why = io.open(path)
    if not f then errors.raise("io", "%s can't be read: %s", path, why:match ": ([^:]*)$" or why) end
    local text = f:read "a"
    if not text:find "^# SystemC::Coverage" then
      errors.raise("value", "%s is no coverage of RTL: device:rtl_coverage writes such files", path)
    end
    coverage.add(points, text)
  end
  return coverage.summary(points)
end

return coverage
