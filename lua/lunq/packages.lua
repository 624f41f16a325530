--- lunq.packages: firmware packages as boards with dfx-mgr have them, folders of /lib/firmware/xilinx.
--
--   print(lunq.packages())                        -- a table: name, kind of shell, slots, accelerators for them
--   local ol = lunq.packages.load "kr260-fan"     -- by dfx-mgr where its daemon runs, else as lunq.Overlay does
--   print(lunq.packages.loaded())                 -- what dfx-mgr has, in its own words
--   lunq.packages.unload()                        -- what dfx-mgr has in slot 0
--
-- The daemon is asked by its socket (host/device/linux/dfx_mgr.h: its versions from 2021.1 on). It believes that its
-- application is loaded while other programs load another one; lunq.Overlay warns where it runs.
-- Facts: linux-boards.md A8; names of files and JSON: dfx-mgr's README.
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local packages = {}

local FOLDER <const> = "/lib/firmware/xilinx"
local SOCKETS <const> = { "/run/dfx-mgrd.socket", "/var/run/dfx-mgrd.socket", "/tmp/dfx-mgrd.socket" }
local JSON_LIMIT <const> = 64 * 1024

local function root_of(device) return device and device.root or "" end

--- The file of this ending in a folder; of several the first.
local function file_with(folder, ending)
  for _, name in ipairs(core.list_dir(folder) or {}) do
    if name:sub(-#ending) == ending then return folder .. "/" .. name end
  end
end

--- What accel.json says; {} where there is none, { problem = } for a damaged one.
local function read_accel(folder)
  local path = folder .. "/accel.json"
  if core.file_kind(path) ~= "file" then return {} end
  local ok, text = pcall(require "lunq.loader".read, path, JSON_LIMIT)
  local fine, accel = pcall(require "dkjson".decode, ok and text or "")
  return ok and fine and type(accel) == "table" and accel or { problem = path .. " is no JSON" }
end

--- The accelerators for the slots of a shell: APP/ACC/ACC_slotN.
local function slots_of(folder)
  local list = {}
  for _, accelerator in ipairs(core.list_dir(folder) or {}) do
    for _, name in ipairs(core.list_dir(folder .. "/" .. accelerator) or {}) do
      local slot, path = name:match "_slot(%d+)$", ("%s/%s/%s"):format(folder, accelerator, name)
      if slot and core.file_kind(path) == "directory" then
        list[#list + 1] = {
          accelerator = accelerator, slot = math.tointeger(slot), folder = path, accel = read_accel(path),
          dtbo = file_with(path, ".dtbo"), bitstream = file_with(path, ".bit.bin") or file_with(path, ".bin"),
        }
      end
    end
  end
  return list
end

local function read(folder, name)
  local package = { name = name, folder = folder .. "/" .. name }
  local ok, files = pcall(require "lunq.firmware_package".read, package.folder)
  if ok then
    for key, value in pairs(files) do package[key] = value end
  else
    package.problem = errors.is(files) and files.message or tostring(files)
  end
  package.slots = slots_of(package.folder)
  return package
end

local function is_package(folder)
  return core.file_kind(folder) == "directory"
         and (core.file_kind(folder .. "/shell.json") == "file" or file_with(folder, ".dtbo") ~= nil)
end

--- The packages in a folder, by name. Each: name, folder, dtbo, bitstream, metadata, shell { type, slots }, slots (a
--- list of { accelerator, slot, folder, dtbo, bitstream, accel = what accel.json says }), or problem.
---@param folder? string where they are, default /lib/firmware/xilinx
---@return table[]
function packages.list(folder)
  folder = (folder or FOLDER):gsub("(.)/+$", "%1")
  local list = {}
  for _, name in ipairs(core.list_dir(folder) or {}) do
    if is_package(folder .. "/" .. name) then list[#list + 1] = read(folder, name) end
  end
  return setmetatable(list, { __tostring = packages.text })
end

local function accelerators(package)
  local names = {}
  for _, slot in ipairs(package.slots) do
    local kind = slot.accel.problem or slot.accel.accel_type
    names[#names + 1] = ("  slot %d: %s%s"):format(slot.slot, slot.accelerator, kind and ", " .. tostring(kind) or "")
  end
  return names
end

--- The list as a text for people.
---@param list table[] of packages.list
---@return string
function packages.text(list)
  local lines, clean = {}, require "lunq.info_text".clean
  for _, package in ipairs(list) do
    local shell = package.shell
    local what = package.problem or not shell and "no shell.json" or shell.type .. (shell.slots and ", slots: "
                 .. shell.slots or "")
    lines[#lines + 1] = ("%-24s %s"):format(clean(package.name), clean(what))
    for _, line in ipairs(accelerators(package)) do lines[#lines + 1] = clean(line) end
  end
  return #lines > 0 and table.concat(lines, "\n") or "no firmware packages"
end

-- ---- dfx-mgr ------------------------------------------------------------------------------------

--- The socket of dfx-mgr's daemon, or nil: it does not run.
---@param device? userdata
---@return string|nil
function packages.daemon(device)
  for _, path in ipairs(SOCKETS) do
    if core.file_kind(root_of(device) .. path) == "other" then return root_of(device) .. path end
  end
end

local function ask(device, request, text)
  return core.dfx_mgr(packages.daemon(device), request, text)
end

--- The slots in "0,1,", or with what is in them, "0->0,1->1,"; none in "-1".
local function slots_in(field)
  local slots = {}
  for part in field:gmatch "[^,]+" do slots[#slots + 1] = math.tointeger(part:match "^%d+") end
  return slots
end

--- The lines of the daemon's table. Its columns have changed places: the name of a package is in the first and its
-- slots in the last, or the name in the last and the slots before.
local function rows(text)
  local list = setmetatable({}, { __tostring = function() return text end })
  local lines = text:gmatch "[^\n]+"
  local name, slots = "^%s*(%S+)", "(%S+)%s*$"
  if (lines() or ""):find "Accelerator%s*$" then name, slots = "(%S+)%s*$", "(%S+)%s+%S+%s*$" end
  for line in lines do
    local field = line:match(slots)
    if field and field:find "^%-?%d" then list[#list + 1] = { name = line:match(name), slots = slots_in(field) } end
  end
  return list
end

--- What dfx-mgr has: a list of { name =, slots = { where it is loaded } }, whose text is the daemon's own.
---@param device? userdata
---@return table[]|nil list nil: its daemon does not run
--- Raises `permission` (the daemon listens to root), `device`, `timeout`.
function packages.loaded(device)
  device = device or core.active_device()
  return packages.daemon(device) and rows(ask(device, "list", "")) or nil
end

local function find(name, folder)
  local names = {}
  for _, package in ipairs(packages.list(folder)) do
    if package.name == name then return package end
    names[#names + 1] = package.name
  end
  errors.raise("attribute", "There is no firmware package %s in %s%s", tostring(name), folder or FOLDER,
               nearest.hint(tostring(name), names))
end

--- Loads a package and opens it as an overlay.
---@param name string
---@param o? table options of lunq.Overlay; folder: where packages are
---@return table overlay
--- Raises `attribute` for no such package, `device` where dfx-mgr does not load it, `permission` where it listens to
--- root, what lunq.Overlay raises.
function packages.load(name, o)
  local options = {}
  for key, value in pairs(o or {}) do options[key] = value end
  options.folder = nil
  local package = find(name, o and o.folder)
  options.device = options.device or core.active_device()
  local Overlay = require "lunq.load"
  if not packages.daemon(options.device) then return Overlay(package.folder, options) end
  local said = ask(options.device, "load", name)
  if not said:find "^%d" then
    errors.raise("device", "dfx-mgr did not load %s: it answered %s. Its log says why (journalctl -u dfx-mgr); is its "
                 .. "slot taken (lunq.packages.loaded(), lunq.packages.unload())?", name, said)
  end
  options.download, options.force, options.dtbo = false, true, false -- the daemon brought the device tree
  return Overlay(package.folder, options)
end

--- Has dfx-mgr unload what is in a slot. Nothing happens where its daemon does not run.
---@param slot? integer default 0
---@param device? userdata
--- Raises `device` where dfx-mgr does not unload it, `permission` where it listens to root.
function packages.unload(slot, device)
  device = device or core.active_device()
  if not packages.daemon(device) then return end
  local said = ask(device, "unload", tostring(slot or 0))
  if said ~= "0" then errors.raise("device", "dfx-mgr did not unload slot %s: it answered %s.", slot or 0, said) end
end

--- lunq.packages(folder): the same as lunq.packages.list.
return setmetatable(packages, { __call = function(_, folder) return packages.list(folder) end })
