-- ready.lua: what is refused before the first access to the logic of a guest: clocks off, resets held, level
-- shifters off, by the registers QEMU has. test-lunq.sh runs it: lunq --device linux ready.lua
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

local cases = {}

function cases.zynq()
  local slcr <close> = lunq.MMIO(0xf8000000, 0x1000, device)
  assert(slcr:read(0x00c) & 1 == 0, "the kernel leaves the SLCR locked")
  --- Something is changed, refused with this text, and put back.
  local function try(offset, word, text)
    local before = slcr:read(offset)
    slcr:write(offset, word)
    refused(text)
    slcr:write(offset, before)
    passes()
  end
  passes()
  try(0x900, 0, "level shifters between processor and programmable logic are off (LVL_SHFTR_EN at 0xf8000900 reads "
      .. "0x00000000")
  try(0x900, 0xa, "reads 0x0000000a")
  try(0x240, 0x01f33f0f, "held in reset, by all four FCLK_RESETn_N")
  try(0x240, 2, "axi_dma is in reset: FCLK_RESET1_N is held")
  try(0x188, 1, "PL clock 1 (FCLK_CLK1) is off, and the port that leads to axi_dma")
  slcr:write(0x240, 1) -- a reset of nothing here
  passes()
  slcr:write(0x240, 0)
  local clocks = lunq.Clocks(device)
  clocks[1].on = false -- by this program: the window that is there is looked at as well
  refused "PL clock 1 (FCLK_CLK1) is off"
  assert(not pcall(old.read, old, 0))
  passes(0x80000000) -- by another port
  clocks[1].on = true
  passes()
end

--- QEMU's ZCU102 has none of the registers. Where one has them, nothing may be refused after a boot.
function cases.zynqmp()
  for _, check in ipairs(core.linux_checks(device)) do assert(check.found ~= "not ready", check.what) end
  passes()
end

say_all()
cases[zynq and "zynq" or "zynqmp"]()
say_all()
forced:close()
