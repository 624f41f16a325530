--- What the specs of drivers share: an IP of a small design, opened with its driver.
local core = require "lunq.core"

local support = dofile "spec/sim/support.lua"

--- Loads a design and makes the driver of one IP.
---@param design userdata
---@param path string
---@param class table|string a driver, or the module's name
---@param spec? string of the device
---@return table ip
---@return table device
function support.driver(design, path, class, spec)
  local device = support.open(design, spec)
  local dictionaries = design:dictionaries()
  local description = dictionaries.ip_dict[path] or dictionaries.mem_dict[path]
  description.device, description.fullpath = device, path
  if type(class) == "string" then class = require(class) end
  return class(description), device
end

--- A design of one IP at 0x40000000, from a table.
---@param vlnv string
---@param parameters? table
---@param more? table further keys of the IP
---@param others? table further IP of the design
function support.design(vlnv, parameters, more, others)
  local ip = { vlnv = vlnv, address = 0x40000000, range = 0x10000, parameters = parameters }
  for k, v in pairs(more or {}) do ip[k] = v end
  local all = { ip = ip }
  for k, v in pairs(others or {}) do all[k] = v end
  return core.design_from_table { arch = "zynq", ip = all }
end

--- The error object of a call; fails when there is none.
function support.raises(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "nothing was raised")
  assert(type(e) == "table" and e.kind, "not an error object: " .. tostring(e))
  assert(e.kind == kind, ("expected %s, got %s: %s"):format(kind, e.kind, tostring(e)))
  return e.message
end

return support
