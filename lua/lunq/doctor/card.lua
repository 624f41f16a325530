--- lunq doctor: what a PCIe card needs: the card, its kernel driver and nodes, the XRT library (xrt.md 2, 3).
local core = require "lunq.core"

local card = { name = "card", title = "card" }

--- Needed where there is a card, and where somebody has set XRT up or asks for it.
function card.needed(machine, asked)
  local n = #machine:cards()
  if n > 0 then return true, ("%d function%s of FPGA cards on PCIe"):format(n, n == 1 and "" or "s") end
  if asked == "xrt" then return true end
  if machine:variable "XILINX_XRT" then return true, "no card on PCIe, but XILINX_XRT is set" end
  return false, "no FPGA card on PCIe"
end

local function check_kind(report, kinds)
  if kinds.xrt then
    report:add("ok", "xrt devices", "in this build")
  else
    report:add("missing", "xrt devices", "not in this build yet; what follows is what they will use",
               "write and try scripts with --device sim until a later build has them")
  end
end

local function check_cards(machine, report)
  local cards, texts, idle = machine:cards(), {}, false
  for i, c in ipairs(cards) do
    if not c.driver then idle = true end
    if i <= 4 then texts[i] = ("%s %s (%s)"):format(c.address, c.device, c.driver or "no driver") end
  end
  if #cards > 4 then texts[5] = ("%d more"):format(#cards - 4) end
  if #cards == 0 then
    report:add("missing", "PCIe", "no card is seen", "power off, seat the card, and look at lspci -d 10ee:")
  else
    report:add(idle and "missing" or "ok", "PCIe", table.concat(texts, ", "),
               "install XRT's kernel drivers xocl and xclmgmt (package xrt of AMD, with dkms)")
  end
end

local function check_nodes(machine, report)
  local good, bad, advice = {}, nil, nil
  for _, name in ipairs(machine:list("/dev/dri", "^renderD%d+$")) do
    local driver = (machine:text("/sys/class/drm/" .. name .. "/device/uevent") or ""):match "DRIVER=([^\n]+)"
    if driver and driver:find "^xocl" then
      local path = "/dev/dri/" .. name
      local state, reason = machine:open(path)
      if state == "ok" then
        good[#good + 1] = path
      else
        bad, advice = path .. ": " .. (reason or state), machine:permission_advice(path)
      end
    end
  end
  local found = bad or #good > 0 and table.concat(good, ", ") or "no render node of xocl"
  report:add(not bad and #good > 0 and "ok" or "missing", "/dev/dri", found,
             advice or "modprobe xocl; the card may need its shell first (xbmgmt examine)")
end

-- ---- the library --------------------------------------------------------------------------------

local LIBRARY <const>, CORE <const> = "libxrt_coreutil.so.2", "libxrt_core.so.2"

--- Folders a dlopen of the bare name looks in: LD_LIBRARY_PATH, ld.so.conf.d, the system's own.
local function library_folders(machine)
  local dirs = {}
  local xrt = machine:variable "XILINX_XRT"
  if xrt then dirs[1] = xrt .. "/lib" end
  for dir in (machine:variable "LD_LIBRARY_PATH" or ""):gmatch "[^:]+" do dirs[#dirs + 1] = dir end
  dirs[#dirs + 1] = "/opt/xilinx/xrt/lib"
  for _, name in ipairs(machine:list("/etc/ld.so.conf.d", "%.conf$")) do
    for dir in ("\n" .. (machine:text("/etc/ld.so.conf.d/" .. name) or "")):gmatch "\n%s*(/[^\n]*)" do
      dirs[#dirs + 1] = dir:gsub("%s+$", "")
    end
  end
  for _, dir in ipairs { "/usr/local/lib", "/usr/lib", "/lib", "/usr/lib64" } do dirs[#dirs + 1] = dir end
  return dirs
end

--- Where XRT's library is; a file that is no library is found, too, and said to be one.
local function find_library(machine)
  for _, dir in ipairs(library_folders(machine)) do
    local path = dir .. "/" .. LIBRARY
    if machine:kind(path) == "file" then return path end
  end
  return nil
end

--- "2.13.0": of the file the name stands for, which is beside it in every package of XRT.
local function version(machine, path)
  local dir, name = path:match "^(.*)/([^/]*)$"
  local files = machine:list(dir, "^" .. name:gsub("%p", "%%%0") .. "%.%d")
  return files[1] and files[1]:match "%.so%.(.*)"
end

--- Reports the library, and returns where it is when it is one.
local function check_library(machine, report)
  local path = find_library(machine)
  if not path then
    report:add("missing", "XRT", LIBRARY .. " is in no library folder", "on Debian 12: apt-get install libxrt1; for a "
               .. "card AMD's package xrt")
  elseif (machine:text(path) or ""):sub(1, 4) ~= "\127ELF" then
    report:add("missing", "XRT", path .. " is no library, or can't be read", "install XRT again")
  else
    local number = version(machine, path)
    report:add("ok", "XRT", path .. (number and ", version " .. number or ""))
    return path
  end
end

--- The shims by XCL_EMULATION_MODE (xrt.md section 3, traps 1 and 2).
local SHIMS <const> = { noop = "libxrt_noop.so.2", sw_emu = "libxrt_swemu.so.2", hw_emu = "libxrt_hwemu.so.2" }

local function check_mode(machine, report)
  local mode = machine:variable "XCL_EMULATION_MODE"
  if mode and not SHIMS[mode] then
    report:add("missing", "emulation",
               "XCL_EMULATION_MODE=" .. mode .. " is none of hw_emu, noop, sw_emu", "correct or unset it")
  elseif mode == "sw_emu" and not machine:variable "XILINX_VITIS" then
    report:add("missing", "emulation", "XCL_EMULATION_MODE=sw_emu, but XILINX_VITIS is not set", "source Vitis' "
               .. "settings64.sh; --device sim:alveo needs none of it")
  elseif mode then
    report:add("ok", "emulation", "XCL_EMULATION_MODE=" .. mode .. ": no card is used")
  end
  return mode and SHIMS[mode] or CORE
end

--- XRT 2.13 ends the whole process when XILINX_XRT is unset or its shim is not there: LUNQ sets it for
--- the library it has found, and refuses a folder without a shim.
local function check_variables(machine, report, library)
  local xrt, shim = machine:variable "XILINX_XRT", check_mode(machine, report)
  local dir = xrt and xrt .. "/lib" or library and library:match "^(.*)/"
  if not dir then return end
  if machine:kind(dir .. "/" .. shim) ~= "file" then
    report:add("missing", "XILINX_XRT", ("%s: no %s in %s, and XRT would end the process")
      :format(xrt and "set to " .. xrt or "not set", shim, dir), xrt
      and "source the setup.sh of AMD's XRT; unset it to use the XRT of the library path" or "install XRT again")
  else
    report:add("ok", "XILINX_XRT", xrt or "not set: LUNQ uses what is beside the library")
  end
end

--- The cards XRT sees. Asking loads it: on this machine only, and where nothing is amiss with it.
local function check_devices(machine, report)
  if machine.root ~= "" then return end
  local ok, names = pcall(core.device_names, "xrt")
  local list = ok and table.concat(names, ", ")
  report:add(ok and "ok" or "missing", "cards", ok and ("XRT sees %s"):format(list) or names.message,
             not ok and "see PCIe, /dev/dri and XILINX_XRT above" or nil)
end

local function check_memory(machine, report)
  local pages, size = machine:memory "HugePages_Total", machine:memory "Hugepagesize"
  if pages and pages > 0 then
    report:add("ok", "hugepages", ("%d of %d KiB"):format(pages, (size or 0) >> 10))
  else
    report:add("unneeded", "hugepages", "none; only buffers in host memory use them")
  end
end

--- Functions that a driver for programs has: the device `pci`.
local function check_pci(machine, report)
  local texts = {}
  for _, f in ipairs(core.pci_functions(machine.root)) do
    if f.usable then
      texts[#texts + 1] = ("pci:%s %04x:%04x (%s)"):format(f.address, f.vendor, f.device, f.driver)
    end
  end
  if #texts > 0 then
    report:add("ok", "pci devices", table.concat(texts, ", "))
  else
    report:add("unneeded", "pci devices", "no function of PCI has a driver for programs, vfio-pci or uio_pci_generic",
               "echo vfio-pci > /sys/bus/pci/devices/BDF/driver_override; echo BDF > /sys/bus/pci/drivers_probe")
  end
end

function card.check(machine, report, kinds)
  check_pci(machine, report)
  check_kind(report, kinds)
  if SHIMS[machine:variable "XCL_EMULATION_MODE"] then
    report:add("unneeded", "PCIe", "XRT emulates a card")
  else
    check_cards(machine, report)
    check_nodes(machine, report)
  end
  check_variables(machine, report, check_library(machine, report))
  if kinds.xrt and card.needed(machine, machine:device_kind()) then check_devices(machine, report) end
  check_memory(machine, report)
end

return card
