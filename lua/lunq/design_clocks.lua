--- The clocks of a design on its device: what a download sets, and why something is not as designed.
local core = require "lunq.core"
local warnings = require "lunq.warnings"

local design_clocks = {}

local function number(mhz) return ("%.6g"):format(mhz) end

--- The divisors are right for the PLLs the design was made with; a board booted for another design
--- may have others.
local function check(index, entry, got)
  if not entry.mhz or math.abs(got.mhz - entry.mhz) <= 0.01 * entry.mhz then return end
  if not got.source then
    warnings.warn("user", "Clock %d of the design should have %s MHz; the kernel gives it %s MHz.", index,
                  number(entry.mhz), number(got.mhz))
    return
  end
  warnings.warn("user", "Clock %d of the design should have %s MHz and has %s MHz: its divisors %d and %d are meant "
    .. "for the %s at %s MHz, which has %s MHz here. Was the board booted for another design, or is its crystal "
    .. "another one? lunq.Clocks.fclk%d_mhz = %s sets the nearest frequency.", index, number(entry.mhz),
    number(got.mhz), got.divisor0, got.divisor1, got.source, number(entry.mhz * got.divisor0 * got.divisor1),
    number(got.source_mhz), index, number(entry.mhz))
end

local function set(device, index, entry)
  if (entry.enable or 0) == 0 then return end
  if not entry.divisor0 or not entry.divisor1 then
    warnings.warn("user",
                  "Clock %d of the design is used, but its metadata have no divisors for it: it stays as it is.", index)
    return
  end
  check(index, entry, core.clock_set(device, index, entry.divisor0, entry.divisor1, entry.mhz, entry.source))
end

--- Sets the clocks a design uses: source and divisors together. Those it does not use stay as they
--- are. What can't be set is a warning: the design may run all the same.
---@param device userdata
---@param design userdata
---@param clock_dict table
function design_clocks.set(device, design, clock_dict)
  if not core.clock_fits(device, design) then return end -- its divisors mean nothing there
  core.clock_forget(device)
  for index = 0, 3 do
    local entry = clock_dict[index]
    if type(entry) == "table" then
      local ok, e = pcall(set, device, index, entry)
      if not ok then warnings.warn("user", "Clock %d of the design was not set: %s", index, tostring(e)) end
    end
  end
end

--- The clock of the PS an IP is on.
---@param description table entry of ip_dict of an overlay
---@return integer|false index 0 to 3; false: none, several, or nobody knows its frequency
---@return number|nil mhz what the design makes it
function design_clocks.of_ip(description)
  local overlay = description.overlay
  if not overlay or not core.clock_fits(description.device, overlay.design) then return false end
  local dictionaries, found = overlay.design:dictionaries(), false
  for _, entry in ipairs(dictionaries.clock_users) do
    for _, path in ipairs(entry.users) do
      if path == description.fullpath then
        if found then return false end
        found = entry.clock
      end
    end
  end
  local mhz = found and (dictionaries.clock_dict[found] or {}).mhz
  if not mhz or mhz <= 0 then return false end
  return found, mhz
end

return design_clocks
