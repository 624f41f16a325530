-- doctor.lua: whether lunq doctor tells the truth of a guest: what it says works is done, what it says does not
-- is tried and must fail, for the reason it gives. test-lunq.sh runs it as several users:
--   lunq doctor.lua
local core = require "lunq.core"
local doctor = require "lunq.doctor"
local lines = require "lunq.doctor.lines"
local lunq = require "lunq"
local Machine = require "lunq.doctor.machine"

local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local PL <const> = zynq and 0x40400000 or 0xa0000000
local UNCLAIMED <const> = zynq and 0xf8000000 or 0xff120000 -- SLCR; a timer without a driver

local machine, device = Machine.new "/", core.device_open "linux"
local forced = core.device_open "linux?force=1"

--- Tries it: it must work exactly when the doctor says so, else fail with (a part of) what the doctor says.
---@param why? string pattern of the error
local function must(item, why, f, ...)
  local ok, e = pcall(f, ...)
  assert(ok == (item.state == "ok"), ("%s is %s, but trying it says %s"):format(item.name, item.state, tostring(e)))
  assert(ok or not why or tostring(e):find(why), ("%s: not %s, but %s"):format(item.name, why, tostring(e)))
  return e
end

--- The part of a text that a message of another path or frame still has.
local function plain(text) return (text:sub(1, 60):gsub("%p", "%%%0")) end

local function read(address, on)
  local m <close> = lunq.MMIO(address, 4, on or forced)
  return m:read(0)
end

local function bitstream(bytes)
  local path = os.tmpname() .. ".bin"
  local f <close> = assert(io.open(path, "wb"))
  f:write("\x66\x55\x99\xaa", ("LUNQ"):rep(bytes // 4))
  f:close()
  local b = core.bitstream_read(path)
  os.remove(path)
  return b
end

--- The node of an input as /proc/interrupts has it, to which 1 is written, the way a program without LUNQ does.
local function arm_node(gic)
  for line in io.lines "/proc/interrupts" do
    local number, name = line:match "GIC%-0%s+(%d+)%s+%a+%s+(%S+)%s*$"
    for _, uio in ipairs(tonumber(number) == gic and machine:list("/dev", "^uio%d+$") or {}) do
      if machine:text("/sys/class/uio/" .. uio .. "/name") == name then
        local f <close> = assert(io.open("/dev/" .. uio, "r+b"))
        return assert(assert(f:write(string.pack("<I4", 1))):flush())
      end
    end
  end
  error "no node has it"
end

--- Arms an input of the PL and lets go of it (registers.md 19): LUNQ takes interrupts of a loaded design only.
local function arm(input)
  local gic = input % 8 + (zynq and (input < 8 and 61 or 84) or input < 8 and 121 or 136)
  if not device.design then return arm_node(gic) end
  local pin <close> = core.interrupt(device, "pl", "", input, gic)
  local _ <close> = pin:hold()
end

local function allocate(kind)
  local d <close> = core.device_open("linux" .. (kind and "?memory=" .. kind or ""))
  local b <close> = lunq.allocate(1024, "u4", { target = d })
  assert(b.physical_address ~= 0 and b[1024] == 0)
end

local checks = {}

function checks.user(item)
  local id <close> = io.popen "id -u"
  assert(item.found:find("(" .. id:read "l" .. ")", 1, true), item.found)
end

checks["/dev/mem"] = function(item) must(item, plain(item.found), read, UNCLAIMED) end

checks["/dev/uio*"] = function(item)
  for _, name in ipairs(machine:list("/dev", "^uio%d+$")) do
    local uio = lines.uio(machine, name)
    assert(item.state ~= "ok" or item.found:find(name) or item.found:find "more", name)
    must(item, "Permission denied", read, uio.address)
  end
end

function checks.interrupts(item)
  local inputs = {}
  for input in item.found:gmatch "(%d+) %(interrupt" do inputs[tonumber(input)] = true end
  for input = 0, 15 do
    local ok, e = pcall(arm, input)
    assert(ok == (inputs[input] or false), ("input %d: %s"):format(input, tostring(e)))
  end
end

function checks.buffers(item)
  must(item, "no memory for buffers", allocate)
  local named = {}
  for kind in (item.found:match "takes (.*)$" or ""):gmatch "[^, ]+" do named[kind] = true end
  for _, way in ipairs(core.linux_memory(device)) do
    assert((named[way.kind] or false) == way.usable, way.kind .. ": " .. item.found)
    if way.usable then allocate(way.kind) end
  end
end

for _, way in ipairs(core.linux_memory(device)) do
  checks["  " .. way.kind] = function(item) must(item, plain(item.found), allocate, way.kind) end
end

function checks.CMA(item)
  local f <close> = assert(io.open "/proc/meminfo")
  local kib = tonumber(f:read "a":match "CmaTotal:%s*(%d+)")
  assert(item.found:find("^" .. kib // 1024 .. " MiB"), item.found)
end

function checks.PL(item)
  local ok, e = pcall(read, PL, device)
  local refused = not ok and tostring(e):find "programmable logic is not configured" ~= nil
  assert(refused == (item.state == "missing"), tostring(e))
end

--- What registers say of the logic as a whole, each tried: root reads them, for others it is not known; an access
--- is refused for it or not.
local function connected(register, plausible, good)
  return function(item)
    local ok, word = pcall(read, register)
    local known = ok and plausible(word)
    assert(item.state == (known and (good(word) and "ok" or "missing") or "unknown"),
           ("%s, but trying it says %s"):format(item.state, tostring(word)))
    local accessed, e = pcall(read, PL, device)
    assert(item.state ~= "missing" or not accessed, "it was accessed")
    assert(accessed or item.state == "missing" or not tostring(e):find(plain(item.found)), tostring(e))
  end
end

local function always() return true end

checks["level shifters"] = connected(0xf8000900, always, function(word) return word & 0xf == 0xf end)
checks["PL power"] = connected(0xffd80100, function(word) return word & 0xf ~= 0 end,
                               function(word) return word & 1 << 23 ~= 0 end)
checks["PL resets"] = zynq and connected(0xf8000240, always, function(word) return word & 0xf ~= 0xf end)
                      or connected(0xff0a035c, function(word) return word ~= 0 end, always)

local function load()
  device:program(core.design_from_table { name = "t", arch = zynq and "zynq" or "zynquplus", ip = {} },
                 { bitstream = bitstream(4096) })
end

function checks.fpga_manager(item) must(item, "[Pp]ermission", load) end

checks["lunq-helper"] = function(item)
  assert((item.state == "ok") == core.linux_helper(device))
  must({ name = item.name, state = (item.state == "ok" or item.found:find "does without") and "ok" or "missing" },
       "[Pp]ermission", load)
end

local segment = lunq.DeviceTreeSegment(zynq and "/lib/firmware/pl32.dtbo" or "/lib/firmware/pl64.dtbo")

--- The guest's script has put the bitstream it names into /lib/firmware.
local function insert() segment:insert() end

function checks.overlays(item)
  if segment:is_dtbo_applied() then return end -- by the end of this file
  must(item, "Applying overlays is for root", insert)
  if segment:is_dtbo_applied() then segment:remove() end
end

checks["PL clocks"] = function(item)
  local clocks = lunq.Clocks(device)
  local ok, e = pcall(function() return clocks[1].mhz end)
  assert(ok == (item.state == "ok" or item.found:find "fclk3" ~= nil), tostring(e))
  for index, mhz in item.found:gmatch "fclk(%d) ([%d.]+) MHz" do
    assert(("%.6g"):format(clocks[tonumber(index)].mhz) == mhz and clocks[tonumber(index)].on, item.found)
  end
  for index in item.found:gmatch "fclk(%d) off" do assert(not clocks[tonumber(index)].on) end
end

function checks.gpiochip(item)
  for _, chip in ipairs(core.gpio_chips(device)) do
    if chip.lines > 0 then assert(item.found:find(chip.label .. " " .. chip.lines .. " lines", 1, true), item.found) end
    local line = chip.base + math.max(chip.lines - 1, 0)
    must(item, "can't be opened", function() core.gpio(line, "in", device):close() end)
  end
end

--- Against the options the kernel was made with.
function checks.kernel(item)
  local f <close> = assert(io.open "/work/kconfig")
  local options = f:read "a"
  local seen, unseen = item.found:match "by what is there: ([^;]*)(.*)$"
  for name in seen:gmatch "%S+" do assert(("\n" .. options):find("\nCONFIG_" .. name .. "=y\n"), name) end
  for name in unseen:gmatch "%u[%u%d_]+" do
    assert(not ("\n" .. options):find("\nCONFIG_" .. name .. "=y\n"), "it has " .. name)
  end
end

--- The board as the doctor sees it, each finding tried.
local function examine()
  local report = doctor.examine()
  for _, group in ipairs(report.groups) do
    for _, item in ipairs(group.name == "board" and group.items or {}) do
      print(("%-8s %s: %s"):format(item.state, item.name, item.found))
      assert(checks[item.name], "nothing tries " .. item.name)(item)
    end
  end
  local opens = pcall(core.active_device)
  assert(report.usable == opens, "usable: " .. tostring(report.usable))
  return report
end

examine()
local fail <close> = io.open("/sys/module/lunq_fpga_sim/parameters/fail", "w")
if fail then -- a load that does not work: the logic is not configured then, and an access refused
  fail:write("2\n"):flush()
  pcall(load)
  fail:write("0\n"):flush()
  print "after a load that failed"
  examine() -- which loads again
  print "with a design, and an overlay that brings a UIO device with an interrupt"
  insert()
  examine()
  segment:remove()
end
