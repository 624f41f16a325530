--- Locks against other programs that use the same board (bindings/l_lockfile.c). A device without such locks gives
-- nil, or a list of nothing.
--
-- The device is shared by those that use what is loaded, and one program's alone while it loads something else; an
-- IP is one program's from its first use until the overlay is freed. The programs' end frees all of it.
local core = require "lunq.core"

local holds = {}

local List <const> = { __close = function(list)
  for _, lock in ipairs(list) do lock:close() end
end }

--- All that take(list) puts into a list, or none. To be closed.
local function all(take)
  local list = setmetatable({}, List)
  local ok, e = pcall(take, list)
  if ok then return list end
  List.__close(list)
  error(e, 0)
end

local function device_lock(device, alone)
  return core.program_lock(device, device.kind, "Device " .. device.name, alone)
end

--- One program at a time tells the kernel what to load.
local function loader_lock(device)
  return core.program_lock(device, device.kind .. "/loader", "The loader of device " .. device.name, true)
end

--- Together with others that use the same design. Raises `device` while another program loads one.
function holds.shared(device) return device_lock(device, false) end

--- To load a design. Raises `device` when another program uses what is there.
function holds.alone(device)
  return all(function(list)
    list[#list + 1] = device_lock(device, true)
    list[#list + 1] = loader_lock(device)
  end)
end

--- An IP of a board. Raises `device` when another program has it.
---@param description table entry of ip_dict
function holds.ip(description)
  if not description.phys_addr then return nil end
  local device, path = description.device, description.fullpath
  return core.program_lock(device, device.kind .. "/ip/" .. path, "IP " .. path, true)
end

--- To load a region: nobody uses what is in it.
---@param device userdata
---@param ip_dict table of the overlay
---@param region string full path
function holds.region(device, ip_dict, region)
  return all(function(list)
    list[#list + 1] = loader_lock(device)
    for path, description in pairs(ip_dict) do
      if path:sub(1, #region + 1) == region .. "/" then list[#list + 1] = holds.ip(description) end
    end
  end)
end

return holds
