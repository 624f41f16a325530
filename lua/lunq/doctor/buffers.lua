--- lunq doctor: memory for buffers (linux-boards.md A4 to A7), as the device `linux` finds it.
local core = require "lunq.core"

local buffers = {}

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

--- One way is enough: what the others lack is detail then.
local function check_kinds(device, report)
  local kinds, usable = core.linux_memory(device), {}
  for _, way in ipairs(kinds) do
    if way.usable then usable[#usable + 1] = way.kind end
  end
  if #usable > 0 then
    report:add("ok", "buffers", ("from %s; linux?memory= takes %s"):format(usable[1], table.concat(usable, ", ")))
  else
    report:add("missing", "buffers", "no kind of memory can be used", "one of what follows is enough")
  end
  for _, way in ipairs(kinds) do
    if not way.usable then
      report:add(#usable > 0 and "detail" or "missing", "  " .. way.kind, way.why)
    end
  end
end

function buffers.check(machine, report)
  local device, why = machine:linux()
  if device then
    check_kinds(device, report)
  else
    report:add("missing", "buffers", why)
  end
  check_cma(machine, report)
end

return buffers
