--- What the driver specs share: designs of one IP written as tables, opened as an overlay (open, close)
--- or as a bare driver (driver), and what calls raise.
local core = require "lunq.core"
local lunq = require "lunq"
local sim = dofile "spec/sim/support.lua"

local support = { hwh = sim.hwh, settle = sim.settle }

--- A design of one IP at 0x40000000.
---@param vlnv string
---@param parameters? table
---@param more? table further keys of the IP: interrupts = { pin = PS line }, streams, ...
---@param others? table further IP
---@param name? string path of the IP; "ip" when nil
local function describe_one(vlnv, parameters, more, others, name)
  local ip = { vlnv = vlnv, address = 0x40000000, range = 0x10000, parameters = parameters }
  for k, v in pairs(more or {}) do ip[k] = v end
  local all = { [name or "ip"] = ip }
  for k, v in pairs(others or {}) do all[k] = v end
  return { name = "one", arch = "zynq", ip = all }
end

--- The same as a parsed design, for `driver`.
function support.design(vlnv, parameters, more, others)
  return core.design_from_table(describe_one(vlnv, parameters, more, others))
end

--- Loads a design on a device of its own and makes the driver of one IP; the caller frees both.
---@param design userdata
---@param path string
---@param class table|string a driver, or the module's name
---@param spec? string of the device
---@return table ip
---@return table device
function support.driver(design, path, class, spec)
  local device = sim.open(design, spec)
  local dictionaries = design:dictionaries()
  local description = dictionaries.ip_dict[path] or dictionaries.mem_dict[path]
  description.device, description.fullpath = device, path
  if type(class) == "string" then class = require(class) end
  return class(description), device
end

--- An overlay with one IP, on a device of its own. Gives overlay, driver and device; the caller
--- closes them with support.close.
---@param name string path of the IP
---@param vlnv string
---@param parameters? table
---@param others? table further IP
---@param interrupts? table pin -> PS line
function support.open(name, vlnv, parameters, others, interrupts)
  support.device = lunq.Device.open "sim"
  support.overlay = lunq.Overlay(describe_one(vlnv, parameters, { interrupts = interrupts }, others, name),
                                 { device = support.device })
  local ip = support.overlay
  for part in name:gmatch "[^/]+" do ip = ip[part] end
  return support.overlay, ip, support.device
end

function support.close()
  if support.overlay then support.overlay:free() end
  if support.device then support.device:close() end
  support.overlay, support.device = nil, nil
end

--- What a call raises, as { kind, text }; fails when it raises nothing.
function support.raised(f, ...)
  local ok, e = pcall(f, ...)
  if ok then error("nothing was raised", 2) end
  return { type(e) == "table" and e.kind or type(e), tostring(e) }
end

--- The text of what a call raises; fails when that is nothing or of another kind.
function support.raises(kind, f, ...)
  local e = support.raised(f, ...)
  if e[1] ~= kind then error(("expected %s, got %s: %s"):format(kind, e[1], e[2]), 2) end
  return e[2]
end

return support
