--- lunq doctor: the device that is asked for, the simulated one, and where overlays and drivers come from.
local core = require "lunq.core"

local simulation = { name = "simulation", title = "device and simulation" }

function simulation.needed() return true end

--- Opens a device and closes it again: true, or false and why it can't be opened.
---@param text string as --device has it
local function opens(text)
  local ok, device = pcall(core.device_open, text)
  if not ok then return false, tostring(device) end
  device:close()
  return true
end

local function kinds_text()
  local here, elsewhere = core.device_kinds()
  return "in this build: " .. table.concat(here, ", ")
         .. (#elsewhere > 0 and "; not in this build yet: " .. table.concat(elsewhere, ", ") or "")
end

local function check_device(machine, report)
  local text, reason, problem = machine:device()
  machine:variable "XILINX_XRT" -- before LUNQ sets it for XRT: the doctor tells of what it found
  local ok, why = false, problem and problem.message
  if not problem then ok, why = opens(text) end
  report.device, report.usable = text, ok
  local how = ("%s (%s)"):format(text, reason)
  if ok then
    report:add("ok", "device", how .. ": it opens")
  else
    report:add("missing", "device", ("%s: %s"):format(how, why), "lunq --device sim ... works without hardware")
  end
  report:add("ok", "kinds", kinds_text())
  if text == "sim" then return end
  ok, why = opens "sim"
  report:add(ok and "ok" or "missing", "sim", ok and "opens" or why, not ok and "more memory, perhaps" or nil)
end

local QEMU <const> = "qemu-system-microblazeel"

local function check_qemu(machine, report)
  local found = machine:command(QEMU)
  if found then
    report:add("ok", "qtest", found)
  else
    report:add("unneeded", "qtest", QEMU .. " is not there; only the qtest devices need it",
               "apt-get install qemu-system-misc")
  end
end

--- What `lunq rtl build` makes models with.
local function check_rtl(machine, report)
  local found = { machine:command "verilator" or "no Verilator, which is much faster", machine:command "iverilog" }
  found[#found + 1] = machine:command "ghdl-mcode" or machine:command "ghdl"
  if #found > 1 or machine:command "verilator" then
    report:add("ok", "rtl", table.concat(found, ", "))
  else
    report:add("unneeded", "rtl", "no Verilator, Icarus Verilog or GHDL; only lunq rtl build needs one",
               "apt-get install verilator g++ make")
  end
end

--- How many files end in `.ending` in a folder and in those inside it; nil: the folder can't be read.
local function count(machine, dir, ending)
  if not core.list_dir(machine.root .. dir) then return nil end
  local n, pattern = 0, "%." .. ending .. "$"
  for _, name in ipairs(machine:list(dir)) do
    if name:find(pattern) then
      n = n + 1
    elseif machine:kind(dir .. "/" .. name) == "directory" then
      n = n + #machine:list(dir .. "/" .. name, pattern)
    end
  end
  return n
end

--- A search path of the environment. Folders named from the current one are looked up there only when
--- this machine is looked at, not another root.
local function check_path(machine, report, variable, what, ending)
  local value = machine:variable(variable)
  if not value then
    report:add("ok", variable, ("not set: %s are looked for where a script says"):format(what))
    return
  end
  local found, bad = {}, {}
  for dir in value:gmatch "[^:]+" do
    if dir:sub(1, 1) ~= "/" and machine.root == "" then dir = core.absolute(dir) or dir end
    local n = dir:sub(1, 1) == "/" and count(machine, dir, ending)
    if n then found[#found + 1] = ("%s (%d .%s)"):format(dir, n, ending) else bad[#bad + 1] = dir end
  end
  if #bad > 0 then
    found[#found + 1] = "no folder that can be read: " .. table.concat(bad, ", ")
    report:add("missing", variable, table.concat(found, ", "), "correct " .. variable)
  else
    report:add("ok", variable, table.concat(found, ", "))
  end
end

function simulation.check(machine, report)
  check_device(machine, report)
  check_qemu(machine, report)
  check_rtl(machine, report)
  check_path(machine, report, "LUNQ_OVERLAYS", "overlays", "hwh")
  check_path(machine, report, "LUNQ_DRIVERS", "drivers", "lua")
  local dir = machine:variable "LUNQ_LUA_DIR"
  if dir then
    local there = core.file_kind(dir .. "/lua/lunq/init.lua") == "file"
    report:add(there and "ok" or "missing", "LUNQ_LUA_DIR", dir .. (there and "" or ": no lua/lunq in it"),
               not there and "name a checkout of LUNQ, or unset it" or nil)
  end
end

return simulation
