--- lunq doctor: what a device of a Linux board needs of the machine (linux-boards.md part A).
local kernel = require "lunq.doctor.kernel"

local board = { name = "board", title = "Linux board" }

--- Needed on a board of AMD, and where LUNQ_DEVICE asks for one.
function board.needed(machine, asked)
  local b = machine:board()
  if b and b.family then return true, ("%s (%s)"):format(b.model, b.family) end
  if asked == "linux" then return true end
  return false, b and b.model .. " has no AMD device in its device tree"
         or "no device tree, so no Zynq, ZynqMP or Versal"
end

--- The nodes among `paths` that open, and a text and advice for the first that doesn't.
local function try(machine, paths)
  local good, bad, advice = {}, nil, nil
  for _, path in ipairs(paths) do
    local state, reason = machine:open(path)
    if state == "ok" then
      good[#good + 1] = path
    elseif not bad and state ~= "absent" then
      bad = ("%s: %s"):format(path, reason)
      advice = state == "denied" and machine:permission_advice(path)
               or "it is no working device: look at what dmesg says of it"
    end
  end
  return good, bad, advice
end

local GENERIC_UIO <const> = 'a device-tree node with compatible = "generic-uio" for the PL'

local function prefixed(dir, names)
  for i, name in ipairs(names) do names[i] = dir .. name end
  return names
end

--- Adds a finding about device nodes.
---@param describe fun(path: string): string what to say of one that opens
---@param absent string, how string what to say, and to do, when there is none
---@param one_is_enough? boolean whether it is no harm that others don't open
local function add_nodes(machine, report, name, paths, describe, absent, how, one_is_enough)
  local good, bad, advice = try(machine, paths)
  local texts = {}
  for i, path in ipairs(good) do texts[i] = i <= 4 and describe(path) or nil end
  if #good > 4 then texts[5] = ("%d more"):format(#good - 4) end
  if bad then texts[#texts + 1] = bad end
  local found = #texts > 0 and table.concat(texts, ", ") or absent
  local ok = #good > 0 and (one_is_enough or not bad)
  report:add(ok and "ok" or "missing", name, found, bad and advice or how)
end

local function base(path) return path:match "[^/]*$" end

-- ---- each thing ---------------------------------------------------------------------------------

local function check_user(machine, report)
  local user = machine:user()
  if not user then
    report:add("missing", "user", "/proc/self/status says nothing of the user", "mount /proc")
    return
  end
  report:add("ok", "user", ("%s (%d)%s"):format(user.name, user.uid,
             user.raw and ", may use raw memory (CAP_SYS_RAWIO)" or ""))
end

--- /dev/mem: the registers of the PL where no UIO device covers them, and those of the PS.
local function check_mem(machine, report)
  local state, reason = machine:open "/dev/mem"
  local user = machine:user()
  if state == "ok" and (machine.root == "" or user and user.raw) then
    report:add("ok", "/dev/mem", "opens: registers of PL and PS, but also all of the memory; be careful")
  elseif state == "ok" then
    report:add("missing", "/dev/mem", "its mode allows it, but this user lacks CAP_SYS_RAWIO",
               "run as root, or bind each IP to a UIO device")
  elseif state == "absent" then
    report:add("missing", "/dev/mem", "is not there", "a kernel with CONFIG_DEVMEM=y, or a UIO device for each IP")
  else
    report:add("missing", "/dev/mem", reason, state == "denied"
               and "run as root: whoever opens it can do anything, so open it to no group"
               or "it is no working device: make it new (mknod -m 600 /dev/mem c 1 1)")
  end
end

local function check_uio(machine, report)
  local nodes = prefixed("/dev/", machine:list("/dev", "^uio%d+$"))
  local bound = (machine:text "/proc/cmdline" or ""):find("uio_pdrv_genirq.of_id=generic-uio", 1, true)
  add_nodes(machine, report, "/dev/uio*", nodes, function(path)
    local name = machine:text("/sys/class/uio/" .. base(path) .. "/name")
    return name and name ~= "" and ("%s %s"):format(path, name) or path
  end, "none: no interrupt reaches a program", (bound and "" or "boot argument uio_pdrv_genirq.of_id=generic-uio and ")
    .. GENERIC_UIO)
end

--- Memory a DMA can use: one of three ways is enough.
local function check_buffers(machine, report)
  local function udmabuf(path)
    for _, class in ipairs { "u-dma-buf", "udmabuf" } do
      local dir = ("/sys/class/%s/%s/"):format(class, base(path))
      local size, at = tonumber(machine:text(dir .. "size")), machine:text(dir .. "phys_addr")
      if size and at then return ("%s %d KiB at %s"):format(path, size // 1024, at) end
    end
    return path
  end
  local ways = {}
  for _, name in ipairs(machine:list("/dev", "^u%-?dma%-?buf")) do
    if name ~= "u-dma-buf-mgr" then ways[#ways + 1] = "/dev/" .. name end
  end
  local n = #ways
  for _, way in ipairs(prefixed("/dev/dma_heap/", machine:list "/dev/dma_heap")) do
    if not way:find "/system" then ways[#ways + 1] = way end
  end
  for _, name in ipairs(machine:list("/dev/dri", "^renderD%d+$")) do
    if (machine:text("/sys/class/drm/" .. name .. "/device/uevent") or ""):find "DRIVER=zocl" then
      ways[#ways + 1] = "/dev/dri/" .. name
    end
  end
  add_nodes(machine, report, "buffers", ways, function(path)
    if path:find("/dri/", 1, true) then return path .. " (zocl)" end
    return n > 0 and udmabuf(path) or path
  end, "no u-dma-buf, no DMA heap of contiguous memory, no zocl", "insmod u-dma-buf.ko udmabuf0=16777216, "
    .. "or a kernel with CONFIG_DMABUF_HEAPS_CMA=y, or the zocl driver of XRT", true)
end

--- PYNQ's kernels have 128 MB (linux-boards.md A1); a frame of HD video is 8.
local LITTLE <const> = 16 << 20

local function check_cma(machine, report)
  local total, free = machine:memory "CmaTotal", machine:memory "CmaFree"
  if not total then
    report:add("missing", "CMA", "the kernel has no contiguous memory",
               "a kernel with CONFIG_CMA=y and CONFIG_DMA_CMA=y")
    return
  end
  local found = ("%d MiB, %s free"):format(total >> 20, free and ("%d MiB"):format(free >> 20) or "?")
  report:add(total >= LITTLE and "ok" or "missing", "CMA", found, "boot argument cma=128M")
end

--- What loads the PL (linux-boards.md A8).
local function check_fpga(machine, report)
  local names = machine:list "/sys/class/fpga_manager"
  if #names == 0 then
    report:add("missing", "fpga_manager", "none: nothing can load a bitstream",
               "a kernel with CONFIG_FPGA and the manager of this family, and its node in the device tree")
    return
  end
  local dir = "/sys/class/fpga_manager/" .. names[1]
  local found = ("%s %s, state %s"):format(names[1], machine:text(dir .. "/name") or "?",
                                           machine:text(dir .. "/state") or "?")
  if not machine:kind(dir .. "/firmware") then
    local overlays = machine:kind "/sys/kernel/config/device-tree/overlays"
    report:add(overlays and "ok" or "missing", "fpga_manager",
               found .. (overlays and ", loads by configfs overlays" or ", without the firmware attribute"),
               "a Xilinx kernel, or one with CONFIG_OF_CONFIGFS and configfs mounted")
    return
  end
  local state, reason = machine:open(dir .. "/firmware", "ab")
  report:add(state == "ok" and "ok" or "missing", "fpga_manager",
             found .. (state == "ok" and "" or ", firmware: " .. (reason or "?")), "loading the PL needs root")
end

--- dfx-mgrd believes that what it loaded stays loaded (linux-boards.md A8).
local function check_dfx(machine, report)
  if machine:kind "/var/run/dfx-mgrd.socket" then
    report:add("ok", "dfx-mgrd", "runs: unload its application (xmutil unloadapp) before loading a bitstream")
  end
end

--- GPIO controllers of the PS by the device tree's words (kernel, gpio-zynq binding).
local function check_gpio(machine, report)
  add_nodes(machine, report, "gpiochip", prefixed("/dev/", machine:list("/dev", "^gpiochip%d+$")), function(path)
    local c = machine:text("/sys/bus/gpio/devices/" .. base(path) .. "/of_node/compatible")
    return c and path .. " " .. c:match "^[^%z]*" or path
  end, "none: lunq.GPIO has no lines of the PS", "a kernel with CONFIG_GPIO_CDEV=y and CONFIG_GPIO_ZYNQ=y")
end

--- Ways to a clock (linux-boards.md A9, both TBV on hardware).
local function check_clocks(machine, report)
  local ways = {}
  for _, name in ipairs(machine:list "/sys/class/fclkcfg") do ways[#ways + 1] = "fclkcfg " .. name end
  for _, name in ipairs(machine:list("/sys/devices/soc0", "^fclk%d")) do ways[#ways + 1] = name end
  local kept = (" " .. (machine:text "/proc/cmdline" or "") .. " "):find(" clk_ignore_unused ", 1, true)
  local found = (#ways > 0 and table.concat(ways, ", ") or "no driver for PL clocks: set through /dev/mem")
                .. (kept and "; clk_ignore_unused keeps them on" or "")
  report:add((kept or #ways > 0) and "ok" or "missing", "PL clocks", found,
             "boot argument clk_ignore_unused: without it an access to an unclocked PL hangs the board")
end

function board.check(machine, report)
  check_user(machine, report)
  check_mem(machine, report)
  check_uio(machine, report)
  check_buffers(machine, report)
  check_cma(machine, report)
  check_fpga(machine, report)
  check_dfx(machine, report)
  check_gpio(machine, report)
  check_clocks(machine, report)
  kernel.check(machine, report)
end

return board
