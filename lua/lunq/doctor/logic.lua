--- lunq doctor: the programmable logic: whether it can be accessed, what loads it, its clocks (linux-boards.md A8, A9).
local core = require "lunq.core"

local logic = {}

local SOCKET <const> = "/run/lunq/helper.sock"

local NEEDS_ROOT <const> = "root, or lunq-helper and membership in group lunq"

local OVERLAYS <const> = "/sys/kernel/config/device-tree/overlays"

--- The manager LUNQ loads by: the first that has the vendor kernels' files, else the first; nil: there is none.
local function manager(machine)
  local names = machine:list "/sys/class/fpga_manager"
  for _, name in ipairs(names) do
    if machine:kind("/sys/class/fpga_manager/" .. name .. "/firmware") then return name, true end
  end
  return names[1], false
end

local STATES <const> = { ready = "ok", ["not ready"] = "missing", ["not known"] = "unknown" }

--- What a program looks at before its first access to the logic: whether it is configured, connected, out of reset.
function logic.check_ready(machine, report)
  local device, why = machine:linux()
  if not device then
    report:add("missing", "PL", why)
    return
  end
  for _, check in ipairs(core.linux_checks(device)) do
    report:add(STATES[check.found], check.name, check.what, check.advice ~= "" and check.advice or nil)
  end
end

--- A node of the device tree that is a region of a manager; overlays load by it.
local function has_region(machine, dir, depth)
  local words = machine:text(dir .. "/compatible")
  if words and words:find("fpga-region", 1, true) and machine:kind(dir .. "/fpga-mgr") then return true end
  for _, name in ipairs(depth < 8 and machine:list(dir) or {}) do
    if machine:kind(dir .. "/" .. name) == "directory" and has_region(machine, dir .. "/" .. name, depth + 1) then
      return true
    end
  end
  return false
end

--- Whether lunq-helper does for this user what needs root.
local function has_helper(machine)
  local device = machine:linux()
  return device and core.linux_helper(device)
end

--- Whether this user may make overlays, and why not.
local function overlays(machine)
  if machine:kind(OVERLAYS) ~= "directory" then
    return false, "none: " .. OVERLAYS .. " is not there",
           "mount configfs; a kernel with OF_CONFIGFS (PYNQ, PetaLinux, Kria) or the module dtbocfg"
  end
  if has_helper(machine) then return true, OVERLAYS .. ", by lunq-helper" end
  if not core.may_write(machine.root .. OVERLAYS) then
    return false, OVERLAYS .. " can't be written by this user", NEEDS_ROOT
  end
  return true, OVERLAYS
end

--- The two flavours: a file that takes a bitstream's name, of vendor kernels, or overlays for a region. Says whether
--- root is wanted.
local function check_manager(machine, report)
  local name, vendor = manager(machine)
  if not name then
    report:add("missing", "fpga_manager", "none: nothing can load a bitstream",
               "a kernel with CONFIG_FPGA and the manager of this family, and its node in the device tree")
    return
  end
  local dir = "/sys/class/fpga_manager/" .. name
  local found = ("%s %s, state %s"):format(name, machine:text(dir .. "/name") or "?",
                                           machine:text(dir .. "/state") or "?")
  if vendor then
    local helper = has_helper(machine)
    local state, reason = machine:open(dir .. "/firmware", "ab")
    local ok = helper or state == "ok"
    report:add(ok and "ok" or "missing", "fpga_manager", found .. (ok and ", loads by its file firmware"
               .. (helper and " and lunq-helper" or "") or ", firmware: " .. (reason or "?")), NEEDS_ROOT)
    return state == "denied"
  end
  local may, why, how = overlays(machine)
  if may and not has_region(machine, "/proc/device-tree", 0) then
    may, why, how = false, "no node of the device tree is an fpga-region", "an fpga-region node with fpga-mgr"
  end
  report:add(may and "ok" or "missing", "fpga_manager", found .. ", without the firmware attribute"
             .. (may and ": loads by overlays of its region" or ", and " .. why), how)
end

--- Says whether root is wanted.
local function check_overlays(machine, report)
  local may, found, how = overlays(machine)
  report:add(may and "ok" or "missing", "overlays", found, how)
  return how == NEEDS_ROOT
end

--- dfx-mgrd believes that what it loaded stays loaded (linux-boards.md A8).
local function check_dfx(machine, report)
  local socket = require "lunq.packages".daemon(machine)
  if socket then
    report:add("ok", "dfx-mgrd", (core.may_write(socket) and "runs" or "runs, and listens to root only")
               .. ": unload its application (lunq.packages.unload()) before loading a bitstream")
  end
end

--- Who may load and put overlays in does without it.
local function check_helper(machine, report, wanted)
  local user = machine:user()
  if has_helper(machine) then
    report:add("ok", "lunq-helper", "loads, puts overlays in and out and sets clocks for this user")
  elseif not wanted then
    report:add("detail", "lunq-helper", "this user does without it")
  elseif machine:kind(SOCKET) then
    report:add("missing", "lunq-helper", SOCKET .. " is not for this user",
               ("usermod -aG lunq %s, then log in again"):format(user and user.name or "USER"))
  else
    report:add("missing", "lunq-helper", SOCKET .. " is not there: loading, overlays and clocks are for root",
               "systemctl enable --now lunq-helper.socket, or as root lunq-helper --socket " .. SOCKET)
  end
end

function logic.check_loading(machine, report)
  local root_loads, root_applies = check_manager(machine, report), check_overlays(machine, report)
  check_helper(machine, report, root_loads or root_applies)
  check_dfx(machine, report)
end

--- "fclk0 100 MHz by the kernel", "fclk1 off"; whether the kernel has it.
local function clock_text(clocks, index)
  local clock = clocks[index]
  local by_kernel = not clock.source
  if not clock.on then return ("fclk%d off"):format(index), by_kernel end
  return ("fclk%d %.6g MHz%s"):format(index, clock.mhz, by_kernel and " by the kernel" or ""), by_kernel
end

--- What unused clocks do at the end of a boot stands in linux-boards.md A3.
function logic.check_clocks(machine, report)
  local device = machine:linux()
  local clocks, texts, kernels = device and require "lunq.clocks"(device), {}, 0
  for index = 0, clocks and 3 or -1 do
    local ok, text, by_kernel = pcall(clock_text, clocks, index)
    texts[#texts + 1] = ok and text or nil
    kernels = kernels + (ok and by_kernel and 1 or 0)
    if not ok then
      report:add("missing", "PL clocks", ("fclk%d: %s"):format(index, tostring(text)), text.kind == "permission"
                 and NEEDS_ROOT or nil)
      return
    end
  end
  local kept = (" " .. (machine:text "/proc/cmdline" or "") .. " "):find(" clk_ignore_unused ", 1, true)
  local found = (#texts > 0 and table.concat(texts, ", ") or "unknown") .. (kept and "; clk_ignore_unused" or "")
  if #texts > 0 and (kept or kernels > 0) then
    report:add("ok", "PL clocks", found)
  else
    report:add("missing", "PL clocks", found,
               "boot argument clk_ignore_unused: without it Linux stops clocks that no driver has asked for, and an "
               .. "access to IP on one is refused, or stops the board where this user can't see it; lunq.Clocks "
               .. "starts one")
  end
end

return logic
