--- lunq doctor: what a device of a Linux board needs of the machine (linux-boards.md part A).
local buffers = require "lunq.doctor.buffers"
local kernel = require "lunq.doctor.kernel"
local lines = require "lunq.doctor.lines"
local logic = require "lunq.doctor.logic"

local board = { name = "board", title = "Linux board" }

--- Needed on a board of AMD, and where LUNQ_DEVICE asks for one.
function board.needed(machine, asked)
  local b = machine:board()
  if b and b.family then return true, ("%s (%s)"):format(b.model, b.family) end
  if asked == "linux" then return true end
  return false, b and b.model .. " has no AMD device in its device tree"
         or "no device tree, so no Zynq, ZynqMP or Versal"
end

-- ---- each thing ---------------------------------------------------------------------------------

--- Of the groups a user is in, the one LUNQ's udev rules give device nodes to.
local function groups(machine, user)
  local gid = tonumber(("\n" .. (machine:text "/etc/group" or "")):match "\nlunq:[^:\n]*:(%d+)")
  if user.uid == 0 then return "" end
  return not gid and ", there is no group lunq" or user.groups[gid] and ", member of lunq" or ", no member of lunq"
end

local function check_user(machine, report)
  local user = machine:user()
  if not user then
    report:add("missing", "user", "/proc/self/status says nothing of the user", "mount /proc")
    return
  end
  report:add("ok", "user", ("%s (%d)%s%s"):format(user.name, user.uid,
             user.raw and ", may use raw memory (CAP_SYS_RAWIO)" or "", groups(machine, user)))
end

--- /dev/mem: the registers of the PL where no UIO device covers them, and those of the PS.
local function check_mem(machine, report)
  local state, reason = machine:open "/dev/mem"
  local user = machine:user()
  if state == "ok" and (machine.root == "" or user and user.raw) then
    report:add("ok", "/dev/mem", "opens: registers of PL and PS, and whatever else the kernel does not keep back")
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

function board.check(machine, report)
  check_user(machine, report)
  check_mem(machine, report)
  lines.check_uio(machine, report)
  lines.check_interrupts(machine, report)
  buffers.check(machine, report)
  logic.check_ready(machine, report)
  logic.check_loading(machine, report)
  logic.check_clocks(machine, report)
  lines.check_gpio(machine, report)
  kernel.check(machine, report)
end

return board
