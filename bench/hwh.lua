--- Reading design metadata: into the Lua dictionaries against expat with empty handlers
-- (hwh_expat.c) and against Python's ElementTree without any work on the tree; then what a whole
-- Overlay() of the biggest design takes.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer. CPU time, the best of many repeats.
local core = require "lunq.core"

local here = arg[0]:match "^.*/" or ""
local corpus = (os.getenv "LUNQ_CORPUS" or "../shared/corpus") .. "/files/hwh/"
local RUNS <const> = 20

local function best_of(work)
  local best = math.huge
  for _ = 1, RUNS do
    collectgarbage()
    local start = os.clock()
    work()
    best = math.min(best, os.clock() - start)
  end
  return best * 1e9
end

local function output(command)
  local p <close> = io.popen(command .. " 2>/dev/null")
  return p:read "l"
end

--- Builds the peer in a file of its own and removes it.
local function expat(file)
  local program = os.tmpname()
  local ns
  if os.execute(("%s -O2 -o %s '%shwh_expat.c' -lexpat"):format(os.getenv "CC" or "cc", program, here)) then
    ns = output(("%s '%s' %d"):format(program, file, RUNS))
  end
  os.remove(program)
  return ns or "-"
end

local ELEMENT_TREE <const> = [[
import sys, time, xml.etree.ElementTree as e
best = 1e18
for i in range(3):
    t = time.process_time_ns(); e.parse(sys.argv[1]); best = min(best, time.process_time_ns() - t)
print(best)]]

local function report(name, ns, peer_ns, peer) print(("%s\t%.0f\t%s\t%s"):format(name, ns, peer_ns, peer)) end


local function read(file)
  return best_of(function() return core.design_read(file):dictionaries() end)
end

for _, name in ipairs { "pynqz1-base-2018.3", "pynqz2-dma-loopback-2020.1" } do
  local file = corpus .. name .. ".hwh"
  if io.open(file) then
    local ns = read(file)
    report("read " .. name .. " into dictionaries", ns, expat(file), "expat, empty handlers")
    report("read " .. name .. " into dictionaries", ns,
           output(("python3 -c '%s' '%s'"):format(ELEMENT_TREE, file)) or "-", "Python ElementTree, parse only")
  else
    io.stderr:write("no corpus: ", name, " left out\n")
  end
end

-- Measured in a process of its own, so that the memory is that of one Overlay().
local base = corpus .. "pynqz1-base-2018.3.hwh"
local lunq = arg[-1]
if lunq and io.open(base) then
  local code = [[local t = os.clock() local ol = require "lunq".Overlay("%s") t = os.clock() - t
    for l in io.lines "/proc/self/status" do
      local kb = l:match "^VmHWM:%%s+(%%d+)" if kb then print(math.floor(t * 1e9), kb) end
    end]]
  local ns, kb = (output(("%s -e '%s'"):format(lunq, code:format(base))) or ""):match "^(%d+)%s+(%d+)"
  if ns then
    report("Overlay() of pynqz1-base-2018.3", tonumber(ns), "100000000", "limit: 100 ms")
    print(("its process had at most %.1f MB resident (limit: 40 MB)"):format(tonumber(kb) * 1024 / 1e6))
  end
end

