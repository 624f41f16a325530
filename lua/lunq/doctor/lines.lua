--- lunq doctor: UIO devices and the interrupts they have, GPIO lines of the PS (linux-boards.md A2, A3, A10).
local core = require "lunq.core"
local nodes = require "lunq.doctor.nodes"

local lines = {}

local GENERIC_UIO <const> = 'a device-tree node with compatible = "generic-uio" for the PL'

--- Inputs of the interrupt controller that the PL has, by family: GIC number of the first of eight, input
--- (registers.md 19).
local INPUTS <const> = {
  ["Zynq-7000"] = { { 61, 0 }, { 84, 8 } }, ZynqMP = { { 121, 0 }, { 136, 8 } },
}

--- The kinds of interrupts in a device tree for the GIC, by their first cell: what their numbers count from.
local FIRST <const> = { [0] = 32, [1] = 16 }

local function number(machine, path) return math.tointeger(tonumber(machine:text(path))) end

--- The GIC number of a UIO device's interrupt by its node in the device tree, else as /proc/interrupts has it,
--- by name; nil: it has none.
local function interrupt(machine, uio, name)
  local cells = machine:text("/sys/class/uio/" .. uio .. "/device/of_node/interrupts")
  if cells and #cells <= 12 then
    local kind, n = string.unpack(">I4I4", cells .. ("\0"):rep(12 - #cells))
    return FIRST[kind] and FIRST[kind] + n
  end
  for line in (machine:text "/proc/interrupts" or ""):gmatch "[^\n]+" do
    local gic, last = line:match "%s(%d+)%s+%S+%s+(%S+)%s*$"
    if last == name then return tonumber(gic) end
  end
  return nil
end

--- The input of the PL a GIC number is; nil: it is the PS's own.
local function input(machine, gic)
  local board = machine:board()
  for _, eight in ipairs(board and INPUTS[board.family] or {}) do
    if gic and gic >= eight[1] and gic < eight[1] + 8 then return eight[2] + gic - eight[1] end
  end
  return nil
end

--- What sysfs says of a UIO device: { name, address, size, gic, input }, what there is of it.
function lines.uio(machine, uio)
  local dir = "/sys/class/uio/" .. uio
  local name = machine:text(dir .. "/name")
  local gic = interrupt(machine, uio, name)
  return { name = name, address = number(machine, dir .. "/maps/map0/addr"),
           size = number(machine, dir .. "/maps/map0/size"), gic = gic, input = input(machine, gic) }
end

local function describe(machine, path)
  local uio = lines.uio(machine, nodes.name(path))
  local text = path .. (uio.name and uio.name ~= "" and " " .. uio.name or "")
  if uio.address and uio.size then text = ("%s %#x+%#x"):format(text, uio.address, uio.size) end
  return uio.gic and ("%s interrupt %d"):format(text, uio.gic) or text
end

--- Those of the logic. One of a PCI function is not even opened: to close it takes the bus master away from whoever
--- uses the function (Linux, drivers/uio/uio_pci_generic.c).
local function uio_devices(machine)
  local names = {}
  for _, name in ipairs(machine:list("/dev", "^uio%d+$")) do
    if machine:text("/sys/class/uio/" .. name .. "/name") ~= "uio_pci_generic" then names[#names + 1] = name end
  end
  return names
end

function lines.check_uio(machine, report)
  local bound = (machine:text "/proc/cmdline" or ""):find("uio_pdrv_genirq.of_id=generic-uio", 1, true)
  nodes.add(machine, report, "/dev/uio*", nodes.paths("/dev/", uio_devices(machine)),
            function(path) return describe(machine, path) end, "none: no interrupt reaches a program",
            (bound and "" or "boot argument uio_pdrv_genirq.of_id=generic-uio and ") .. GENERIC_UIO)
end

--- The inputs of the PL that reach a program.
function lines.check_interrupts(machine, report)
  local texts = {}
  for _, name in ipairs(uio_devices(machine)) do
    local uio = lines.uio(machine, name)
    if uio.input and machine:open("/dev/" .. name) == "ok" then
      texts[#texts + 1] = ("%d (interrupt %d) by %s"):format(uio.input, uio.gic, name)
    end
  end
  if #texts > 0 then
    report:add("ok", "interrupts", "PL inputs " .. table.concat(texts, ", "))
  else
    report:add("missing", "interrupts", "no UIO device that opens has an interrupt of the PL",
               GENERIC_UIO .. " and its interrupt (lunq dtbo DESIGN writes them)")
  end
end

--- GPIO controllers by label, else by the device tree's words (kernel, gpio-zynq binding).
function lines.check_gpio(machine, report)
  local labels, device = {}, machine:linux()
  for _, chip in ipairs(device and core.gpio_chips(device) or {}) do
    if chip.lines > 0 then labels[nodes.name(chip.path)] = ("%s %d lines"):format(chip.label, chip.lines) end
  end
  nodes.add(machine, report, "gpiochip", nodes.paths("/dev/", machine:list("/dev", "^gpiochip%d+$")), function(path)
    local name = nodes.name(path)
    local words = machine:text("/sys/bus/gpio/devices/" .. name .. "/of_node/compatible")
    local what = labels[name] or words and words:match "^[^%z]*"
    return path .. (what and " " .. what or "")
  end, "none: lunq.GPIO has no lines of the PS", "a kernel with CONFIG_GPIO_CDEV=y and CONFIG_GPIO_ZYNQ=y")
end

return lines
