--- Registers that are mapped on the device `linux`: those of a timer (TTC), else memory that looks like a UIO device.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer. Peers: a C loop (CPU time, the best of many repeats), and what
-- lua-periphery does (periphery.c, which Debian has no package of).
local core = require "lunq.core"
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or "./"
local floor, cpu = core._bench, core._bench.cpu
local N <const>, REPEATS <const> = 20000, 20

local board <close> = dofile(here .. "lib/board.lua")(here)
local m <close> = lunq.MMIO(board.address, 0x1000, board.device)

--- The best time of each of some loops of N operations, in ns per operation, run in turn.
local function measure(...)
  local works, best = { ... }, {}
  for _ = 1, REPEATS do
    for i, work in ipairs(works) do
      local start = cpu()
      local seconds = work() or cpu() - start -- a loop in C gives its own time
      best[i] = math.min(best[i] or math.huge, seconds / N * 1e9)
    end
  end
  return table.unpack(best)
end

local function report(name, ours, peer, what)
  print(("%s, register of %s\t%.3f\t%.3f\t%s"):format(name, board.what, ours, peer, what))
end

local off <const> = board.register
local open = assert(package.loadlib(board:built("periphery.c", "-shared -fPIC -I/usr/include/lua5.4"),
                                  "luaopen_periphery"))().open
local p, rd = open(board.node, 0, 0x1000), m:reader(off)
local read, reader, loop, theirs, write_, write_theirs = measure(
  function() for _ = 1, N do m:read(off) end end,
  function() for _ = 1, N do rd() end end,
  function() return floor.poll_loop(m, off, N) end,
  function() for _ = 1, N do p:read32(off) end end,
  function() for i = 1, N do m:write(off, i) end end,
  function() for i = 1, N do p:write32(off, i) end end)
report("m:read(off)", read, loop, "C loop")
report("reader()", reader, loop, "C loop")
report("m:read(off)", read, theirs, "lua-periphery's way")
report("m:write(off, v)", write_, write_theirs, "lua-periphery's way")
