--- lunq doctor: the options the running kernel was built with, as far as a board needs them.
local kernel = {}

--- Registers, interrupts, memory for DMA, lines of the PS, device-tree overlays, loading the PL.
local WANTED <const> = {
  "DEVMEM", "UIO", "UIO_PDRV_GENIRQ", "CMA", "DMA_CMA", "GPIO_CDEV", "OF_OVERLAY", "FPGA",
}

--- What loads the PL, by family.
local MANAGERS <const> = {
  ["Zynq-7000"] = "FPGA_MGR_ZYNQ_FPGA", ZynqMP = "FPGA_MGR_ZYNQMP_FPGA", Versal = "FPGA_MGR_VERSAL_FPGA",
}

--- Options that keep programs from registers (linux-boards.md A1).
local HARMFUL <const> = { "IO_STRICT_DEVMEM" }

--- What shows that a kernel without a list of its options has one, as far as files can.
local SIGNS <const> = {
  DEVMEM = "/dev/mem", UIO = "/sys/class/uio", UIO_PDRV_GENIRQ = "/sys/bus/platform/drivers/uio_pdrv_genirq",
  GPIO_CDEV = "/dev/gpiochip0", OF_OVERLAY = "/sys/kernel/config/device-tree/overlays",
  FPGA = "/sys/class/fpga_manager", FPGA_MGR_ZYNQ_FPGA = "/sys/bus/platform/drivers/zynq_fpga_manager",
  FPGA_MGR_ZYNQMP_FPGA = "/sys/bus/platform/drivers/zynqmp_fpga_manager",
  FPGA_MGR_VERSAL_FPGA = "/sys/bus/platform/drivers/versal_fpga_manager",
}

local function wanted(machine)
  local names, board = table.move(WANTED, 1, #WANTED, 1, {}), machine:board()
  names[#names + 1] = board and MANAGERS[board.family]
  return names
end

--- Without a list: what can be seen. What can't is not missing for that.
local function add_visible(machine, report, release)
  local has, unseen = {}, {}
  for _, name in ipairs(wanted(machine)) do
    local seen = SIGNS[name] and machine:kind(SIGNS[name]) or name:find "CMA$" and machine:memory "CmaTotal"
    local list = seen and has or unseen
    list[#list + 1] = name
  end
  local found = ("%s, by what is there: %s"):format(release, #has > 0 and table.concat(has, " ") or "nothing")
  if #unseen == 0 then
    report:add("ok", "kernel", found)
  else
    report:add("missing", "kernel", found .. "; no sign of " .. table.concat(unseen, " "),
               "neither /proc/config.gz nor /boot/config-* tells its options: modprobe configs, or a kernel with "
               .. "CONFIG_IKCONFIG_PROC=y, to see them")
  end
end

--- Adds the findings about the kernel: what is built in, what is not, what stands in the way.
function kernel.check(machine, report)
  local config = machine:kernel()
  local release = machine:release() or "unknown release"
  if not config then
    add_visible(machine, report, release)
    return
  end
  local has, lacks, harmful = {}, {}, {}
  for _, name in ipairs(wanted(machine)) do
    local set = config.options[name]
    if set == "y" or set == "m" then
      has[#has + 1] = name .. "=" .. set
    else
      lacks[#lacks + 1] = "CONFIG_" .. name
    end
  end
  for _, name in ipairs(HARMFUL) do
    if config.options[name] == "y" then harmful[#harmful + 1] = name .. "=y" end
  end
  local found = ("%s, by %s: %s"):format(release, config.source, #has > 0 and table.concat(has, " ") or "nothing")
  if #lacks > 0 then
    report:add("missing", "kernel", found .. "; not " .. table.concat(lacks, " "), "build the kernel with them")
  else
    report:add("ok", "kernel", found)
  end
  if #harmful > 0 then
    report:add("missing", "kernel", table.concat(harmful, " ") .. ": no map of ranges a kernel driver claimed",
               "boot argument iomem=relaxed, or UIO devices")
  end
end

return kernel
