-- load.lua: designs are loaded by the kernel of a guest: its simulated FPGA manager (lunq-fpga-sim) and overlays
-- (lunq-overlay), also as a mainline kernel would have them. test-lunq.sh runs it:
--   lunq --device linux load.lua CASE
local core = require "lunq.core"
local lunq = require "lunq"

local OVERLAYS <const> = "/sys/kernel/config/device-tree/overlays"
local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local REGION <const> = zynq and "/lib/firmware/pl32.dtbo" or "/lib/firmware/pl64.dtbo" -- names design.bin

local function text(path)
  local f <close> = io.open(path, "rb")
  return f and f:read "a"
end

local function write(path, what)
  local f <close> = assert(io.open(path, "wb"))
  f:write(what)
end

local function fails(kind, pattern, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "it worked")
  print(e)
  assert(type(e) == "table" and e.kind == kind and tostring(e):find(pattern), "another error than expected")
end

local loads = 0

--- A bitstream like no other one.
local function bitstream()
  loads = loads + 1
  write("/run/top.bin", "\x66\x55\x99\xaa" .. string.pack("<I4", loads) .. ("LUNQ"):rep(25000))
  return "/run/top.bin"
end

local DESIGN <const> = { name = "top", arch = zynq and "zynq" or "zynquplus", ip = {
  pl_timer = { type = "acme.com:user:timer:1.0", address = 0x0e900000, range = 0x1000 } } }

local function open(o)
  o = o or {}
  if o.dtbo == nil then o.dtbo = false end
  o.design = DESIGN
  return lunq.Overlay(bitstream(), o)
end

--- The same design as another program loaded last.
local function attach() return lunq.Overlay("/run/top.bin", { design = DESIGN, dtbo = false, download = false }) end

--- The manager has the bitstream, and nothing of it is left in /lib/firmware.
local function is_loaded()
  assert(text "/run/top.bin" == text "/sys/kernel/debug/lunq-fpga-image", "the manager has other bytes")
  assert(not text "/lib/firmware/lunq-design.bin" and not text "/lib/firmware/design.bin", "a file is left")
end

local function overlays() return table.concat(core.list_dir(OVERLAYS), " ") end

--- Whether the UIO device of the overlays in here is there.
local function has_uio()
  for _, name in ipairs(core.list_dir "/sys/class/uio") do
    if (text("/sys/class/uio/" .. name .. "/maps/map0/addr") or ""):find "0*e900000" then return true end
  end
  return false
end

local function expect(names, uio)
  assert(overlays() == names, "overlays: " .. overlays())
  assert(has_uio() == uio, uio and "no UIO device" or "the UIO device is still there")
end

--- An overlay of the same UIO device that names no bitstream.
local function plain()
  local function cells(...)
    local all = { ... }
    for i, n in ipairs(all) do all[i] = (">I4"):pack(n) end
    return table.concat(all)
  end
  local node = { name = "pl-timer@e900000", properties = {
    { name = "compatible", value = "generic-uio\0" },
    { name = "reg", value = zynq and cells(0x0e900000, 0x1000) or cells(0, 0x0e900000, 0, 0x1000) } } }
  local inside = { name = "__overlay__", properties = {}, children = { node } }
  local root = { properties = {}, children = { { name = "fragment@0", children = { inside }, properties = {
    { name = "target-path", value = "/axi\0" } } } } }
  write("/run/plain.dtbo", core.fdt_build("plain.dtbo", root):blob())
  return "/run/plain.dtbo"
end

local function fail(stage) write("/sys/module/lunq_fpga_sim/parameters/fail", stage .. "\n") end

local cases = {}

function cases.manager()
  local ol = open()
  is_loaded()
  assert(ol:is_loaded())
  expect("", false)
  ol:free()
end

function cases.overlay()
  local ol = open { dtbo = plain() }
  is_loaded()
  expect("plain", true)
  ol:download() -- takes its overlay out and puts it in again
  expect("plain", true)
  local other = open { dtbo = REGION }
  is_loaded()
  expect(REGION:match "([^/]*)%.dtbo", true)
  other:remove_dtbo()
  expect("", false)
  other:insert_dtbo(plain())
  expect("plain", true)
  other:free()
  expect("", false)
  ol:free()
end

function cases.region()
  local ol = open { dtbo = REGION }
  is_loaded() -- by the kernel, as the overlay says
  expect(REGION:match "([^/]*)%.dtbo", true)
  for _ = 1, 20 do
    ol:download()
    is_loaded()
  end
  ol:free()
  expect("", false)
end

function cases.failures()
  local device = core.active_device()
  for stage, state in ipairs { "write init error", "write error", "write complete error" } do
    for _, dtbo in ipairs { false, REGION } do
      local before <close> = open()
      fail(stage)
      fails("device", 'did not load /run/top.bin: .*its state is "' .. state .. '"', open, { dtbo = dtbo })
      fail(0)
      expect("", false)
      assert(device.design == nil and not before:is_loaded())
      fails("runtime", "loading a design on linux has failed since", function() return before.pl_timer end)
      assert(not text "/lib/firmware/lunq-design.bin" and not text "/lib/firmware/design.bin", "a file is left")
    end
  end
  local _ <close> = open { dtbo = plain() }
  is_loaded()
  expect("plain", true)
end

--- What Linux would refuse is refused before anything is loaded.
function cases.refusals()
  local ol <close> = open()
  local image = text "/sys/kernel/debug/lunq-fpga-image"
  write("/run/cut.dtbo", text(REGION):sub(1, 200))
  fails("value", "cut off", open, { dtbo = "/run/cut.dtbo" })
  local root = { properties = {}, children = { {
    name = "fragment@0", properties = { { name = "target-path", value = "/no/such/node\0" } },
    children = { { name = "__overlay__", properties = {} } } } } }
  write("/run/lost.dtbo", core.fdt_build("lost.dtbo", root):blob())
  fails("value", "doesn't fit /proc/device%-tree", open, { dtbo = "/run/lost.dtbo" })
  write("/lib/firmware/design.bin", "another one")
  fails("value", "/lib/firmware/design.bin is another bitstream than /run/top.bin", open, { dtbo = REGION })
  os.remove "/lib/firmware/design.bin"
  assert(image == text "/sys/kernel/debug/lunq-fpga-image" and ol:is_loaded())
end

function cases.partial()
  local device = core.active_device()
  local full <close> = open()
  write("/dev/kmsg", "lab: partial begins\n")
  device:program(full.design, { bitstream = core.bitstream_read(bitstream()), region = "pr_0" })
  is_loaded()
  local again <close> = open()
  local log = io.popen "dmesg":read "a":match "lab: partial begins(.*)"
  print(log)
  assert(log:find "flags=1.*flags=0", "the flags are others")
  assert(again:is_loaded())
end

--- Other programs while this one uses the board.
function cases.programs()
  local function child(name)
    local p <close> = io.popen("lunq --device linux /work/load.lua " .. name .. " 2>&1")
    local said = p:read "a"
    print(said)
    return said
  end
  local ol <close> = open()
  assert(child "attached":find "attached: true")
  assert(ol.pl_timer)
  local holder <const> = " is held by pid %d+ %(lunq .-load.lua programs%), user root, since %d+%-"
  assert(child "attached":find("IP pl_timer" .. holder))
  assert(child "manager":find("Device linux" .. holder))
  is_loaded()
  ol:free()
  assert(child "manager" == "")
  assert(child "attached":find "attached: true")
end

--- One of those.
function cases.attached()
  local ol = attach()
  assert(ol.pl_timer)
  print("attached: " .. tostring(ol:is_loaded()))
end

--- The same kernel without the vendor's files: a root in which the manager has none.
function cases.mainline()
  local root = "/run/mainline"
  local fpga = io.popen "grep -l LUNQ /sys/class/fpga_manager/*/name":read "l":match "(.*)/name"
  os.execute(([[mkdir -p %s/sys/class/fpga_manager/fpga0; cd %s
    ln -s /proc /dev /lib .; ln -s /sys/kernel /sys/module sys
    for f in state status name device; do ln -s %s/$f sys/class/fpga_manager/fpga0; done]]):format(root, root, fpga))
  local device = core.device_open("linux?root=" .. root)
  open { device = device }
  is_loaded()
  expect("lunq-design", false)
  local region = text(OVERLAYS .. "/lunq-design/dtbo")
  assert(region and region:find("/fpga-region-sim", 1, true), "another region")
  local ol = open { device = device, dtbo = plain() }
  is_loaded()
  expect("lunq-design plain", true)
  ol:free()
  fail(2)
  fails("device", "did not load /run/top.bin", open, { device = device })
  fail(0)
  expect("", false)
  os.execute("rm " .. root .. "/sys/kernel")
  fails("unsupported", "takes no device%-tree overlays either", open, { device = device })
end

cases[arg[1]]()
