--- Cards under XRT: what LUNQ adds to XRT's own functions, against a C program that calls them and nothing
-- else (xrt.c), on XRT's noop shim: nothing is computed or moved, so software is all there is.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>most the ratio may be. Time passed, the best of many
-- repeats. The limits are those of issue 5: so much more than C, which is turned into a ratio here.
local here = arg[0]:match "^.*/" or ""
local REPEATS <const>, N <const> = 15, 4000

local function output(command)
  local p <close> = io.popen(command)
  local lines = {}
  for line in p:lines() do lines[#lines + 1] = line end
  return lines
end

local libraries = output("ls -d /usr/lib/*/libxrt_noop.so.2 2>/dev/null")[1]
if not libraries then
  print "Debian's libxrt1 is not installed: left out"
  return
end
libraries = libraries:match "^(.*)/"

-- The environment is XRT's from the start (xrt.md 4); LUNQ would make such a folder itself, the C program
-- needs one.
local home = os.getenv "LUNQ_BENCH_XRT"
if not home then
  home = output("mktemp -d")[1]
  os.execute(("ln -s %s %s/lib; LUNQ_BENCH_XRT=%s XILINX_XRT=%s XCL_EMULATION_MODE=noop '%s' '%s'; rm -r %s")
    :format(libraries, home, home, home, arg[-1], arg[0], home))
  return
end

local lunq = require "lunq"
local now -- of the card's time, which is the wall clock's
local file, peer = home .. "/vadd.xclbin", home .. "/peer"
lunq.xclbin.write(file, { name = "vadd", kernels = { vadd = { args = { "int *a", "int *b", "int *c", "int n" } } } })

local function best_of(work)
  local best = math.huge
  for _ = 1, REPEATS do
    collectgarbage()
    local start = now()
    work()
    best = math.min(best, (now() - start) / N)
  end
  return best
end

--- more: ns that we may need beside C's.
local function report(name, ns, c_ns, more)
  c_ns = tonumber(c_ns)
  print(("%s\t%.0f\t%s\tC, %s more allowed\t%s"):format(name, ns, c_ns or "-",
        more >= 1000 and ("%.0f us"):format(more / 1000) or ("%.1f us"):format(more / 1000),
        c_ns and ("%.2f"):format((c_ns + more) / c_ns) or ""))
end

local built = os.execute(("%s -O2 -o %s '%sxrt.c' -ldl"):format(os.getenv "CC" or "cc", peer, here))
local c = built and output(("%s %s/libxrt_coreutil.so.2 %s"):format(peer, libraries, file)) or {}

do
  local device <close> = lunq.Device.open "xrt"
  now = function() return device:now() end
  local ol <close> = lunq.Overlay(file, { device = device })
  local bank = ol.bank0
  local x <close> = lunq.allocate(1024, "i4", { target = bank })
  local y <close> = lunq.allocate(1024, "i4", { target = bank })
  local z <close> = lunq.allocate(1024, "i4", { target = bank })
  local vadd, slice = ol.vadd_1, x:slice(17, 32)

  report("call of a kernel with 4 arguments", best_of(function()
    for _ = 1, N do vadd:call(x, y, z, 1024) end
  end), c[1], 1000)
  report("start(...):wait() of the same", best_of(function()
    for _ = 1, N do vadd:start(x, y, z, 1024):wait() end
  end), c[1], 1000)
  report("sync of a slice", best_of(function()
    for _ = 1, N do slice:sync_to_device() end
  end), c[2], 500)
  report("x:slice(17, 32):sync_to_device()", best_of(function()
    for _ = 1, N do x:slice(17, 32):sync_to_device() end
  end), c[2], 500)
  report("allocate and free of 4 KiB", best_of(function()
    for _ = 1, N do lunq.allocate(1024, "i4", { target = bank }):close() end
  end), c[3], 2000)
  print(("ol.vadd_1\t%.0f\t200\tlimit: 0.2 us\t1"):format(best_of(function()
    for _ = 1, N do vadd = ol.vadd_1 end
  end)))
end
