--- Dependency graphs of kernels on sim:alveo: 100,000 nodes as a chain, and in layers of 1,000 that wait for each
-- other. graph.c drives them from C, with a kernel in C; here they are started from Lua (start and waitfor), and
-- the kernel is a model in Lua.
-- The peer is what the project asks for: 500,000 nodes a second, 2 us each.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>most that ours / peer may be
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""
local NODES <const>, WIDTH <const>, GOAL <const> = 100000, 1000, 2000

local DESIGN <const> = { name = "graph", kernels = { step = {
  args = { "int *a", "int n" },
  units = { step_1 = 0x1800000, step_2 = 0x1810000, step_3 = 0x1820000, step_4 = 0x1830000 },
} } }

local function report(name, ns)
  print(("%s\t%s\t%d\tthe goal\t1.0"):format(name, ns and ("%.0f"):format(ns) or "-", GOAL))
end

local function from_c()
  local program, design = os.tmpname(), os.tmpname()
  lunq.xclbin.write(design, DESIGN)
  local p <close> = io.popen(("cc -O2 -std=gnu11 -D_GNU_SOURCE -I%s../host -o %s %sgraph.c %s../build/liblunq.a "
                              .. "-lexpat -lfdt -luv -lm && %s %s"):format(here, program, here, here, program, design))
  local text = p:read "a"
  os.remove(program)
  os.remove(design)
  return text:match "chain (%d+)", text:match "wide (%d+)"
end

local chain, wide = from_c()
report("chain of 100,000, from C, each node", chain)
report("1,000 wide, 100,000 in all, from C, each node", wide)

local model = lunq.model "step" { kernel = function() end }
local d <close> = lunq.Device.open "sim:alveo"
local ol <close> = lunq.Overlay(DESIGN, { device = d })
local a <close> = lunq.allocate(16, "i4", { target = ol.bank0 })
local step = ol.kernels.step

local function chain_from_lua()
  local last = step:start(a, 1)
  local after = { last }
  local options = { waitfor = after }
  for _ = 2, NODES do
    last = step:start(a, 1, options)
    after[1] = last
  end
  last:wait()
end

local function wide_from_lua()
  local knot, all = step:start(a, 1), {}
  for _ = 1, NODES, WIDTH + 1 do
    local options = { waitfor = { knot } }
    for i = 1, WIDTH do all[i] = step:start(a, 1, options) end
    knot = step:start(a, 1, { waitfor = all })
  end
  knot:wait()
end

local function measure(work)
  local best = math.huge
  for _ = 1, 5 do
    collectgarbage()
    local start = os.clock()
    work()
    best = math.min(best, (os.clock() - start) / NODES * 1e9)
  end
  return best
end

report("chain of 100,000, started from Lua, model in Lua", measure(chain_from_lua))
report("1,000 wide, from Lua, model in Lua", measure(wide_from_lua))
model:unbind()
