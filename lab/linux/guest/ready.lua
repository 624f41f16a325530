-- ready.lua: what is refused before the first access to the logic of a guest: clocks off, resets held, level
-- shifters off, by the registers there are. test-lunq.sh and test-served.sh run it: lunq --device linux ready.lua
local core = require "lunq.core"
local lunq = require "lunq"

local device, forced = core.active_device(), core.device_open "linux?force=1"
local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil

--- The design of an example whose only clock and reset are number 1: number 0 has a driver of the kernel here.
local function design()
  local name = zynq and "processing_system7" or "zynq_ultra_ps_e"
  local f <close> = assert(io.open "/work/served/overlays/dma_loopback/dma_loopback.hwh")
  local text = f:read "a":gsub("FCLK_CLK0", "FCLK_CLK1"):gsub("FCLK_RESET0_N", "FCLK_RESET1_N")
                         :gsub("pl_clk0", "pl_clk1"):gsub("pl_resetn0", "pl_resetn1")
  assert(text:find(name, 1, true))
  return core.design_parse("dma_loopback.hwh", text)
end

--- As if another program had loaded it.
local function attach()
  local bin = "/run/design.bin"
  local f <close> = assert(io.open(bin, "wb"))
  f:write("\x66\x55\x99\xaa", ("LUNQ"):rep(1000))
  f:close()
  device:program(design(), { bitstream = core.bitstream_read(bin) })
  return assert(device.design:dictionaries().ip_dict.axi_dma.phys_addr)
end

local function say_all()
  for _, check in ipairs(core.linux_checks(device)) do print(check.name, check.found, check.what) end
end

local address = attach()

--- The access passes, by windows that are opened for it and by one that was there before.
local old <close> = lunq.MMIO(address, 0x1000, device)
local function passes(where)
  local m <close> = lunq.MMIO(where or address, 0x1000, device)
  m:read(0)
  if not where then old:read(0) end
end

--- It is refused with this text, and not when that is forced.
local function refused(text)
  local m <close> = lunq.MMIO(address, 0x1000, device)
  local ok, e = pcall(m.read, m, 0)
  assert(not ok, "it was not refused: " .. text)
  print(e)
  assert(e.kind == "runtime" and tostring(e):find(text, 1, true), tostring(e))
  local n <close> = lunq.MMIO(address, 0x1000, forced)
  n:read(0)
end

--- A register is changed, the access refused with this text; then it is put back.
local function try(window, offset, word, text)
  local before = window:read(offset)
  window:write(offset, word)
  refused(text)
  window:write(offset, before)
  passes()
end

--- Clock 1, which Linux has turned off at the end of its boot unless somebody has turned it on since: no driver asks
--- for it. When this program turns it off, the window that is there is looked at as well.
local function try_clock(name)
  local clock = lunq.Clocks(device)[1]
  for _ = 1, 2 do
    if not clock.on then
      refused(("PL clock 1 (%s) is off, and the port that leads to axi_dma at 0x%x is on it"):format(name, address))
      assert(not pcall(old.read, old, 0))
    end
    print(name, clock.on and "on" or "off")
    clock.on = true
    passes()
    clock.on = false
  end
  clock.on = true
end

local cases = {}

function cases.zynq()
  local slcr <close> = lunq.MMIO(0xf8000000, 0x1000, device)
  assert(slcr:read(0x00c) & 1 == 0, "the kernel leaves the SLCR locked")
  try_clock "FCLK_CLK1"
  try(slcr, 0x900, 0, "level shifters between processor and programmable logic are off (LVL_SHFTR_EN at 0xf8000900 "
      .. "reads 0x00000000")
  try(slcr, 0x900, 0xa, "reads 0x0000000a")
  try(slcr, 0x240, 0x01f33f0f, "held in reset, by all four FCLK_RESETn_N")
  try(slcr, 0x240, 2, "axi_dma is in reset: FCLK_RESET1_N is held")
  try(slcr, 0x188, 1, "PL clock 1 (FCLK_CLK1) is off")
  slcr:write(0x240, 1) -- a reset of nothing here
  passes()
  slcr:write(0x240, 0)
  lunq.Clocks(device)[1].on = false
  passes(0x80000000) -- by another port
  lunq.Clocks(device)[1].on = true
end

--- QEMU's ZCU102 has none of the registers, and nothing may be refused for that. Where `lunq serve` plays the logic
--- of a guest that stands for one it plays those of clocks, too, and memory stands where the others are.
function cases.zynqmp()
  for _, check in ipairs(core.linux_checks(device)) do assert(check.found ~= "not ready", check.what) end
  local pmu <close> = lunq.MMIO(0xffd80000, 0x1000, device)
  pmu:write(0x100, 0xfffcbf)
  if pmu:read(0x100) == 0 then
    passes()
    return
  end
  local gpio <close> = lunq.MMIO(0xff0a0000, 0x1000, device)
  gpio:write(0x35c, 0xffffffff)
  gpio:write(0x54, 0xf << 28)
  try_clock "pl_clk1"
  say_all()
  try(pmu, 0x100, 0x7ffcbf, "power domain of the programmable logic is off (PWR_STATE at 0xffd80100 reads 0x007ffcbf")
  try(pmu, 0x604, 1, "are blocked (AIB_STATUS at 0xffd80604 reads 0x00000001")
  try(gpio, 0x54, 0xb << 28, "axi_dma is in reset: pl_resetn1 is held")
  gpio:write(0x54, 4 << 28) -- the others are of nothing here
  passes()
  pmu:write(0x100, 0)
  gpio:write(0x35c, 0)
end

say_all()
cases[zynq and "zynq" or "zynqmp"]()
say_all()
forced:close()
