-- helper.lua: what lunq-helper does for users, on the kernel of a guest: its FPGA manager, overlays and clocks.
-- test-lunq.sh runs the helper as root, this as a member of group lunq and as nobody, and looks at the result as root:
--   lunq helper.lua CASE [BITSTREAM]     writes that, a file of this user, and loads it
local core = require "lunq.core"
local lunq = require "lunq"

local OVERLAYS <const> = "/sys/kernel/config/device-tree/overlays"
local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local REGION <const> = zynq and "/lib/firmware/pl32.dtbo" or "/lib/firmware/pl64.dtbo" -- names design.bin
local TOP <const> = arg[2] or "/tmp/helper.bin"

local DESIGN <const> = { name = "top", arch = zynq and "zynq" or "zynquplus", ip = {
  pl_timer = { type = "acme.com:user:timer:1.0", address = 0x0e900000, range = 0x1000 } } }

--- Loads a bitstream like no other one.
local function open(dtbo)
  do
    local f <close> = assert(io.open(TOP, "wb"))
    f:write("\x66\x55\x99\xaa", ("%-16d"):format(os.time()), ("LUNQ"):rep(100000))
  end
  return lunq.Overlay(TOP, { design = DESIGN, dtbo = dtbo })
end

local function inserted() return table.concat(core.list_dir(OVERLAYS), " ") end

local function fails(kind, pattern, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "it worked")
  print(e)
  assert(type(e) == "table" and e.kind == kind and tostring(e):find(pattern), "another error than expected")
end

local function set_clock(mhz) lunq.Clocks.fclk0_mhz = mhz end

local cases = {}

--- By the manager's file, and by an overlay that names the bitstream.
function cases.load()
  assert(core.linux_helper(core.active_device()), "this user is not served")
  local by_region = open(REGION)
  assert(by_region:is_loaded() and inserted() == REGION:match "([^/]*)%.dtbo", inserted())
  by_region:free()
  assert(inserted() == "", inserted())
  local ol <close> = open(false)
  assert(ol:is_loaded() and inserted() == "")
end

--- The nearest that dividers of the kernel's PLL make; on a zcu102 it is a fixed clock of 100 MHz.
function cases.clock()
  for _, mhz in ipairs { 25, 50 } do
    set_clock(mhz)
    assert(math.abs(lunq.Clocks.fclk0_mhz - (zynq and mhz or 100)) < mhz / 20, tostring(lunq.Clocks.fclk0_mhz))
  end
end

--- The kernel says why, through the helper.
function cases.failure()
  fails("device", "did not load .*helper.bin: .*its state is \"write error\"", open, false)
  fails("device", "did not load .*helper.bin: .*its state is \"write error\"", open, REGION)
  assert(inserted() == "", inserted())
end

--- Whoever is in no group: each message says how to become a member.
function cases.refused()
  assert(not core.linux_helper(core.active_device()))
  local member <const> = "or lunq%-helper, which serves the members of group lunq: usermod %-a %-G lunq USER"
  fails("permission", member, open, false)
  fails("permission", member, function() lunq.DeviceTreeSegment(REGION):insert() end)
  fails("permission", member, set_clock, 50)
end

--- Whoever asks in spite of that.
function cases.asks()
  fails("permission", "lunq%-helper at .* serves the members of group lunq: usermod %-a %-G lunq USER", open, false)
  fails("permission", "serves the members of group lunq", set_clock, 50)
end

cases[arg[1]]()
