--- What a whole process costs: starting, and loading a real design. Wall time, the median of many.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer; memory as a note ("# ...").
local here = arg[0]:match "^.*/" or ""
local lunq = arg[-1]

local spawn = os.tmpname()
assert(os.execute(("%s -O2 -o %s '%sspawn.c'"):format(os.getenv "CC" or "cc", spawn, here)))

--- Median ns and resident MB of a command, or nil when it fails.
local function cost(runs, command)
  local p <close> = io.popen(("%s %d %s 2>/dev/null"):format(spawn, runs, command))
  local ns, kb = p:read("n", "n")
  if ns then return ns, kb / 1024 end
end

local function report(name, ns, peer_ns, peer)
  print(("%s\t%d\t%s\t%s"):format(name, ns, peer_ns or "-", peer))
end

local ours, mb = cost(101, lunq .. " -e ''")
report("start-up, nothing to do", ours, cost(101, "lua5.4 -e ''"), "lua5.4")
report("start-up, nothing to do", ours, cost(31, "/usr/bin/python3 -c pass"), "python3")
local with_lunq, lunq_mb = cost(101, lunq .. " -e 'assert(lunq.Overlay)'")
report("start-up, require lunq", with_lunq, cost(11, "/usr/bin/python3 -c 'import numpy'"), "python3, import numpy")

local notes = { ("# resident: lunq -e '' %.1f MB, with lunq %.1f MB"):format(mb, lunq_mb) }

local function overlay(file, name)
  local design = io.open(file)
  if not design then return end
  design:close()
  local ns, rss = cost(21, ("%s -e 'lunq.Overlay(...)' '%s'"):format(lunq, file))
  report("process with Overlay(" .. name .. ")", ns or 0, nil, "-")
  notes[#notes + 1] = ("# resident: with Overlay(%s) %.1f MB"):format(name, rss or 0)
end
overlay(here .. "../overlays/dma_loopback/dma_loopback.hwh", "dma_loopback")
overlay((os.getenv "LUNQ_CORPUS" or here .. "../../shared/corpus") .. "/files/hwh/pynqz1-base-2018.3.hwh",
  "pynqz1-base")

os.remove(spawn)
print(table.concat(notes, "\n"))
