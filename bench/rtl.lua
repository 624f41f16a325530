--- RTL as a device: registers from Lua, and how much of the bus a DMA gets.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>most. cocotb is no package of Debian 12: its figure is the
-- one of rtl.md 1.1, on another machine, and stands for the size of the difference only.
local core = require "lunq.core"
local lunq = require "lunq"

local cpu = core._bench.cpu
local ROUNDS <const> = 9

local ok, why = pcall(require "lunq.rtl.verilator".version)
if not ok then
  print("# " .. tostring(why))
  return
end

local function line(...) print(("%s\t%.2f\t%.2f\t%s\t%.2f"):format(...)) end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

--- Nanoseconds of CPU time of one of n operations, the median of several rounds.
local function time(n, f)
  local list = {}
  for i = 1, ROUNDS do
    local start = cpu()
    f(n)
    list[i] = (cpu() - start) / n * 1e9
  end
  return median(list)
end

do
  local model = lunq.rtl.build { sources = "spec/rtl/regs.v" }
  local d <close> = lunq.Device.open("rtl:" .. model .. "?check=1&record=16384")
  local m <close> = lunq.MMIO(0, 0x40, d)
  local ns = time(100000, function(n)
    for i = 1, n // 2 do
      m:write(0x10, i)
      if m:read(0x10) ~= i then error "the register is not what was written" end
    end
  end)
  local name <const> = "access to a register, checked and recorded"
  line(name, ns, 250, "4 million a second", 1)
  line(name, ns, 1e9 / 4.2e3, "cocotb 1.8 + cocotbext-axi, Icarus (rtl.md)", 0.02)
end

--- Moves one MiB: cycles it took, beats it has, MB/s here, ns of CPU time of a cycle.
local function move(bits, options)
  local model = lunq.rtl.build { sources = "spec/rtl/mover.v", parameters = { DW = bits } }
  local d <close> = lunq.Device.open("rtl:" .. model .. (options or ""))
  local m <close> = lunq.MMIO(0, 0x40, d)
  local n <const> = 1 << 20
  local a <close> = lunq.allocate(n // 4, "u4", { target = d })
  local b <close> = lunq.allocate(n // 4, "u4", { target = d })
  for i = 1, #a do a[i] = i * 2654435761 & 0xffffffff end
  m:write(0x10, a.physical_address)
  m:write(0x1c, b.physical_address)
  m:write(0x28, n)
  local cycles, start = d.cycle, cpu()
  m:write(0, 1)
  while m:read(0) & 4 == 0 do d:step(256) end -- poll looks more and more seldom
  local seconds = cpu() - start
  cycles = d.cycle - cycles
  for i = 1, #a do
    if a[i] ~= b[i] then error "the copy is wrong" end
  end
  return cycles, n // (bits // 8), n / seconds / 1e6, seconds / cycles * 1e9
end

for _, bits in ipairs { 32, 512 } do
  local cycles, beats, speed = move(bits)
  line(("1 MiB by a master of %d bits, on the device"):format(bits), cycles * 10, beats * 10,
       ("one beat a cycle; %.0f MB/s here"):format(speed), 1 / 0.9)
end

--- ns of a cycle, the median of several runs.
local function cycle(options)
  local list = {}
  for i = 1, ROUNDS do list[i] = select(4, move(32, options)) end
  return median(list)
end
line("a cycle of that DMA, checked and recorded", cycle "?check=1&record=16384", cycle "?check=0&record=0",
     "neither", 1.3)
