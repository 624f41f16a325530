--- What all specs share: loaded once by busted before the first spec file (see .busted).
-- After each spec it collects garbage and fails the spec that left something open: devices,
-- device memory, register windows, waits for interrupts, file descriptors, tasks.
local busted = require "busted"
local core = require "lunq.core"
local flight = require "lunq.test.flight"
local lfs = require "lfs"

local helper = {}

-- The descriptors of the event loop itself, and those libuv keeps, are no spec's fault.
local has_luv, uv = pcall(require, "luv")
if has_luv then uv.new_tcp():close() end

--- The folder with real designs and what PYNQ makes of them, or nil: then specs that need it
-- say `pending(helper.no_corpus)`.
local function find_corpus()
  local dir = os.getenv "LUNQ_CORPUS" or "../shared/corpus"
  return lfs.attributes(dir, "mode") == "directory" and dir or nil
end

helper.corpus = find_corpus()
helper.no_corpus = "no corpus: set LUNQ_CORPUS or put it at ../shared/corpus"

--- Are addresses 64 bits wide? On a 32-bit board a size can be too large for a pointer.
helper.wide = string.packsize "T" == 8

local function count_fds()
  local n = 0
  for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
  return n -- counts ".", ".." and the listing itself, always the same
end

--- How much is open right now. Collects garbage first: what nobody can reach is no leak.
local function open_things()
  collectgarbage()
  collectgarbage()
  local devices = core.devices()
  local t = { devices = #devices, descriptors = count_fds(), buffers = 0, tasks = #core.tasks(),
              ["register windows"] = 0, ["waits for interrupts"] = 0 }
  for _, d in ipairs(devices) do
    local open = d.open
    t.buffers = t.buffers + d.memory.count
    t["register windows"] = t["register windows"] + open.windows
    t["waits for interrupts"] = t["waits for interrupts"] + open.interrupts
  end
  return t
end

-- Every file starts on a machine nobody has used: what an earlier file loaded is gone with its
-- device.
busted.subscribe({ "file", "start" }, function(file)
  for _, d in ipairs(core.devices()) do d:close() end
  -- Windows are mapped as in a script where that is what is tested, and noted elsewhere.
  flight.keep(not file.name:find "spec/mmio/" and not file.name:find "spec/register/")
end)

local before, name

busted.subscribe({ "test", "start" }, function(element) name = element.name end)

busted.before_each(function() before = open_things() end)

busted.after_each(function()
  local after, left = open_things(), {}
  for what, n in pairs(after) do
    -- The first spec that needs the default device opens it, and it stays.
    if n > before[what] and not (what == "devices" and before[what] == 0 and n == 1) then
      left[#left + 1] = ("%d %s"):format(n - before[what], what)
    end
  end
  if #left > 0 then
    table.sort(left)
    error(("%q left open: "):format(name) .. table.concat(left, ", "), 0)
  end
end)

package.loaded["spec.helper"] = helper
return helper
