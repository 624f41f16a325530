-- memory.lua: the kinds of contiguous memory that the kernel of a guest offers to the device `linux`, each with a DMA
-- controller of the processor that copies from one buffer to another. test-lunq.sh runs it:
--   lunq memory.lua kinds          what is usable, and why the others are not
--   lunq memory.lua usable         the names of those that are
--   lunq memory.lua copy KIND      copies, syncs, and nothing left open
--   lunq memory.lua share KIND     two programs at once never have the same bytes
--   lunq memory.lua one KIND       one buffer
--   lunq memory.lua refused KIND   this user gets none
--   lunq memory.lua bench KIND     microseconds for a buffer and for a sync, beside `labtest memory`
local core = require "lunq.core"
local lunq = require "lunq"

local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local case, kind = arg[1], arg[2]

local function open(options) return core.device_open("linux?memory=" .. kind .. (options or "")) end

local function allocate(device, bytes, cacheable)
  return lunq.allocate(bytes, "u1", { target = device, cacheable = cacheable })
end

--- Descriptors of this program.
local function descriptors() return #core.list_dir "/proc/self/fd" end

-- ---- DMA controllers --------------------------------------------------------------------------

--- ZynqMP's GDMA, channel 0, simple mode (UG1085, "General Purpose DMA").
local function gdma(device, from, to, bytes)
  local g <close> = lunq.MMIO(0xfd500000, 0x1000, device)
  local DONE <const> = 1 << 10
  g:write(0x100, 0xfff) -- ISR
  g:write(0x110, 0)     -- CTRL0: simple mode
  for i, value in ipairs { from & 0xffffffff, from >> 32, bytes } do g:write(0x124 + 4 * i, value) end
  for i, value in ipairs { to & 0xffffffff, to >> 32, bytes } do g:write(0x134 + 4 * i, value) end
  g:write(0x200, 1)
  g:poll(0x100, DONE, DONE, 5)
end

--- Zynq-7000's PL330, channel 0: a program that copies bursts of 16 times 8 bytes and raises event 0 (ARM DDI 0424).
local function pl330(device, from, to, bytes)
  local bursts = bytes // 128
  local control = 1 | 3 << 1 | 15 << 4 | 1 << 14 | 3 << 15 | 15 << 18
  local code = string.pack("<BBI4 BBI4 BBI4", 0xbc, 0, from, 0xbc, 2, to, 0xbc, 1, control)
  if bursts > 256 then code = code .. string.pack("BB", 0x22, bursts // 256 - 1) end
  code = code .. string.pack("BB BB BB", 0x20, math.min(bursts, 256) - 1, 0x04, 0x08, 0x38, 2)
  if bursts > 256 then code = code .. string.pack("BB", 0x3c, 6) end
  code = code .. "\x13\x34\0\0"
  local program <close> = allocate(device, #code)
  program:frombytes(code)
  program:sync_to_device()
  local r <close> = lunq.MMIO(0xf8003000, 0x1000, device)
  r:write(0x20, 1)            -- INTEN: event 0
  r:write(0xd08, 0xa0 << 16)  -- DBGINST0: DMAGO channel 0
  r:write(0xd0c, program.physical_address)
  r:write(0xd04, 0)
  r:poll(0x28, 1, 1, 5)
  r:write(0x2c, 1)
end

local move = zynq and pl330 or gdma

-- ---- cases --------------------------------------------------------------------------------------

local cases = {}

function cases.kinds()
  local device <close> = core.device_open "linux"
  for _, way in ipairs(core.linux_memory(device)) do
    print(way.kind, way.chosen and "chosen" or way.usable and "usable" or way.why)
  end
end

--- The names of those that can be used.
function cases.usable()
  local device <close> = core.device_open "linux"
  for _, way in ipairs(core.linux_memory(device)) do
    if way.usable then print(way.kind) end
  end
end

local function copy(device, bytes, cacheable)
  local from <close> = allocate(device, bytes, cacheable)
  local to <close> = allocate(device, bytes, cacheable)
  for round = 1, 2 do
    local text = string.pack("<I4", round * 0x01020304):rep(bytes // 4 - 1) .. ("end%d"):format(round)
    from:frombytes(text)
    to:fill(0)
    from:sync_to_device()
    to:sync_to_device()
    move(device, from.physical_address, to.physical_address, bytes)
    to:sync_from_device()
    assert(to:tobytes() == text, "the copy differs")
  end
  print(("%d bytes, %#x to %#x, %s"):format(bytes, from.physical_address, to.physical_address,
                                            cacheable and "cached" or "uncached"))
end

local function use()
  local device <close> = open "&force=1"
  copy(device, 0x10000)
  copy(device, 0x10000, true)
  copy(device, 0x2000)
  local large <close> = allocate(device, 0x280000)
  large:fill(1)
  large:sync_to_device()
  for i = 1, 100 do
    local b <close> = allocate(device, 4096 * (i % 5 + 1))
    assert(b[1] == 0 and b[#b] == 0, "the buffer is not zeroed")
    b:fill(i)
    b:sync_to_device()
  end
end

function cases.copy()
  use()
  collectgarbage()
  local before = descriptors() -- the event loop has its own by now
  use()
  collectgarbage()
  assert(descriptors() == before, "descriptors are left open")
end

function cases.share()
  local device <close> = open()
  local mine, theirs = {}, {}
  for i = 1, 8 do mine[i] = allocate(device, 0x4000) end
  local child <close> = assert(io.popen(("lunq %s addresses %s"):format(arg[0], kind)))
  for line in child:lines() do theirs[#theirs + 1] = assert(math.tointeger(line)) end
  assert(#theirs == 8)
  for _, b in ipairs(mine) do
    for _, other in ipairs(theirs) do
      assert(math.abs(b.physical_address - other) >= 0x4000, ("%#x is given out twice"):format(other))
    end
  end
end

--- Dies with its buffers: the next one gets them.
function cases.addresses()
  local device = open()
  local list = {}
  for i = 1, 8 do
    list[i] = allocate(device, 0x4000)
    print(list[i].physical_address)
  end
  io.stdout:flush()
  os.execute("kill -KILL " .. io.open("/proc/self/stat"):read "n")
end

function cases.bench()
  local device <close> = open()
  allocate(device, 4096, true):close() -- finds and maps what there is
  local function microseconds(n, f)
    local start = core.wall_time()
    for _ = 1, n do f() end
    return (core.wall_time() - start) / n * 1e6
  end
  for _, bytes in ipairs { 4096, 1 << 20 } do
    local pair = microseconds(100, function() allocate(device, bytes, true):close() end)
    -- QEMU's TLB is direct-mapped: two sides of a copy a power of two apart would meet in it at each word
    local _ <close> = allocate(device, 37 * 4096)
    local b <close> = allocate(device, bytes, true)
    print(("%s %d bytes: allocate and free %.1f us, sync to %.1f us, from %.1f us"):format(kind, bytes, pair,
          microseconds(200, function() b:sync_to_device() end), microseconds(200, function() b:sync_from_device() end)))
  end
end

function cases.refused()
  local device <close> = open()
  local ok, e = pcall(allocate, device, 4096)
  assert(not ok and e.kind == "memory", tostring(e))
  print(e)
end

--- One buffer: what a program that was killed had goes.
function cases.one()
  local device <close> = open()
  allocate(device, 4096):close()
end

cases[case]()
