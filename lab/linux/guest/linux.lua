-- linux.lua: what the device `linux` does on the kernel of a guest. test-lunq.sh runs it:
--   lunq --device linux linux.lua CASE
local core = require "lunq.core"
local lunq = require "lunq"

local device = core.active_device()
local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local UIO <const> = zynq and 0xf8002000 or 0xff110000 -- a timer (TTC) bound to generic-uio
local CLAIMED <const> = zynq and 0xe0001000 or 0xff000000 -- the UART of the console
local RAM <const> = 0x00100000

local function fails(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "it worked")
  assert(type(e) == "table" and e.kind == kind, tostring(e))
  print(e)
end

local cases = {}

function cases.registers()
  local timer <close> = lunq.MMIO(UIO, 0x1000)
  local interval <const> = 0x24 -- XTTCPS interval register 1, 16 or 32 bits
  timer:write(interval, 0x1234)
  assert(timer:read(interval) == 0x1234, "the timer's interval reads back otherwise")
  timer:write(interval, 0)
end

function cases.refusals()
  local uart <close> = lunq.MMIO(CLAIMED, 0x1000)
  fails("permission", uart.read, uart, 0)
  local ram <close> = lunq.MMIO(RAM, 0x1000)
  fails("permission", ram.read, ram, 0)
end

function cases.bitstream()
  local bin = "/run/design.bin"
  local f <close> = assert(io.open(bin, "wb"))
  f:write("\x66\x55\x99\xaa", ("LUNQ"):rep(25000))
  f:close()
  local design = core.design_from_table { name = "t", arch = zynq and "zynq" or "zynquplus", ip = {} }
  device:program(design, { bitstream = core.bitstream_read(bin) })
  local function text(path) return assert(io.open(path, "rb")):read "a" end
  assert(text(bin) == text "/sys/kernel/debug/lunq-fpga-image", "the manager has other bytes")
  local fail = "/sys/module/lunq_fpga_sim/parameters/fail"
  assert(io.open(fail, "w")):write("2\n"):close()
  fails("device", device.program, device, design, { bitstream = core.bitstream_read(bin) })
  assert(io.open(fail, "w")):write("0\n"):close()
  device:program(design, { bitstream = core.bitstream_read(bin) })
end

--- Lines of the kernel's gpio-sim: arg[2] is the folder that shows and sets their levels.
function cases.gpio()
  local function sysfs(line, file, text)
    local f <close> = assert(io.open(("%s/sim_gpio%d/%s"):format(arg[2], line, file), text and "w" or "r"))
    if text then return f:write(text) end
    return f:read "l"
  end
  local base = assert(lunq.GPIO.get_gpio_base("labsim"), "no chip labsim")
  local out <close> = lunq.GPIO(base + 2, "out")
  out:write(1)
  assert(sysfs(2, "value") == "1", "the output is not high")
  out:write(0)
  assert(sysfs(2, "value") == "0", "the output is not low")
  local input <close> = lunq.GPIO(base + 5, "in")
  assert(input:read() == 0)
  local seen = 0
  local task = lunq.spawn(function()
    while seen < 20 do seen = seen + input:wait("both", 20) end
  end)
  for i = 1, 20 do
    lunq.sleep(0.02)
    sysfs(5, "pull", i % 2 == 1 and "pull-up" or "pull-down")
  end
  task:wait(20)
  assert(seen == 20, seen .. " edges of 20")
  assert(input:read() == 0)
end

cases[arg[1]]()
