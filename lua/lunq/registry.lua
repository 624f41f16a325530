--- The registry of drivers: classes for IP by VLNV, classes for hierarchies.
--
-- A class gets in when it is made: lunq.DefaultIP:extend { bindto = {...} } or
-- lunq.DefaultHierarchy:extend { checkhierarchy = ... }. Where several fit, the first of these
-- wins, within one place the newest:
--   1. classes the running program made itself or got by `require`
--   2. files beside the overlay: drivers/*.lua and *_driver.lua in its folder, for this overlay only
--   3. files in the directories of lunq.driver_path and LUNQ_DRIVERS, the first directory first
--   4. the drivers inside LUNQ (drivers/ of the sources)
-- Taking a class out (`MyIP:unregister()`) brings back the one behind it.
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local warnings = require "lunq.warnings"

local registry = {}

local PROGRAM <const>, BESIDE <const>, USER <const>, EMBEDDED <const> = 1, 2, 3, 4

local entries = { ip = {}, hierarchy = {} } -- each { class, number, from = { place, order, folder, file } }
local files = {} -- path -> { hash, failure, from } of driver files that were run
local loading    -- { place, order, folder, file } while a driver file runs
local counter = 0

--- A checkout whose files are used instead of those inside the program (see lunq --help).
local function checkout_drivers()
  local dir = os.getenv "LUNQ_LUA_DIR"
  return dir and dir ~= "" and dir .. "/drivers" or nil
end

--- True when code of one of LUNQ's own drivers is running: also when a script required it itself.
local function inside_own_driver()
  local checkout = checkout_drivers()
  for level = 3, 12 do
    local info = debug.getinfo(level, "S")
    if not info then return false end
    local source = info.source
    if source:find("^@lunq:drivers%.") or checkout and source:find("@" .. checkout .. "/", 1, true) == 1 then
      return true
    end
  end
  return false
end

local function add(kind, class)
  counter = counter + 1
  local from = loading or { place = inside_own_driver() and EMBEDDED or PROGRAM, order = 0 }
  table.insert(entries[kind], { class = class, number = counter, from = from })
end

--- Called by DefaultIP:extend.
function registry.add_ip(class) add("ip", class) end

--- Called by DefaultHierarchy:extend.
function registry.add_hierarchy(class) add("hierarchy", class) end

local function remove(test)
  local removed = false
  for _, list in pairs(entries) do
    for i = #list, 1, -1 do
      if test(list[i]) then
        table.remove(list, i)
        removed = true
      end
    end
  end
  return removed
end

--- Takes a driver out; overlays built from now on get the one behind it.
---@return boolean found
function registry.unregister(class)
  return remove(function(entry) return entry.class == class end)
end

--- Entries an overlay in `folder` may use, the winner first.
local function visible(kind, folder)
  local list = {}
  for _, entry in ipairs(entries[kind]) do
    local where = entry.from.folder
    if where == nil or where == folder then list[#list + 1] = entry end
  end
  table.sort(list, function(a, b)
    if a.from.place ~= b.from.place then return a.from.place < b.from.place end
    if a.from.order ~= b.from.order then return a.from.order < b.from.order end
    return a.number > b.number
  end)
  return list
end

--- "xilinx.com:ip:axi_dma:7.1" -> "xilinx.com:ip:axi_dma"
local function without_version(vlnv) return vlnv:match "^(.*):[^:]*$" or vlnv end

local function check_bindto(class)
  local bindto = rawget(class, "bindto")
  if bindto == nil then return nil end
  local fine = type(bindto) == "table"
  for _, vlnv in ipairs(fine and bindto or {}) do fine = fine and type(vlnv) == "string" end
  if fine then return bindto end
  warnings.warn("user", "bindto of driver %s should be a list of strings such as "
                .. '{ "xilinx.com:ip:axi_gpio:2.0" }; the driver is not used.', class.__name)
  return nil
end

--- Enters what one element of bindto says, unless a better driver did.
local function bind(snap, vlnv, class)
  if not vlnv:find ":.*:.*:" then -- vendor:library:name, for every version
    snap.any[vlnv] = snap.any[vlnv] or class
    return
  end
  local vln = without_version(vlnv)
  if not snap.by_vlnv[vlnv] then
    snap.by_vlnv[vlnv] = class
    snap.versions[vln] = snap.versions[vln] or {}
    table.insert(snap.versions[vln], vlnv)
  end
  snap.by_vln[vln] = snap.by_vln[vln] or class
end

--- What the drivers look like to one overlay: by VLNV, by VLN with the versions found.
---@param folder string|nil folder of the overlay
function registry.snapshot(folder)
  local snap = { by_vlnv = {}, any = {}, by_vln = {}, versions = {}, hierarchies = {} }
  for _, entry in ipairs(visible("ip", folder)) do
    for _, vlnv in ipairs(check_bindto(entry.class) or {}) do bind(snap, vlnv, entry.class) end
  end
  for _, versions in pairs(snap.versions) do table.sort(versions) end
  for _, entry in ipairs(visible("hierarchy", folder)) do
    if entry.class.checkhierarchy then table.insert(snap.hierarchies, entry.class) end
  end
  return snap
end

--- For a type out of a device tree, "*:*:fir:1.0", which has no vendor: the driver that is bound to
--- this name and version, when there is one only.
local function driver_by_name(snap, description, name)
  local fitting = {}
  for vlnv in pairs(snap.by_vlnv) do
    if vlnv:match "^[^:]*:[^:]*:(.*)$" == name then fitting[#fitting + 1] = vlnv end
  end
  if #fitting == 1 then return snap.by_vlnv[fitting[1]] end
  if #fitting > 1 then
    table.sort(fitting)
    warnings.warn("user", "IP %s may be any of %s, for a device tree does not say its vendor; it gets no driver. "
                  .. "Give its node a property lunq,vlnv.", description.fullpath, table.concat(fitting, ", "))
  end
  return nil
end

--- Chooses the driver of an IP.
---@param snap table from registry.snapshot
---@param description table of the IP: fullpath, type
---@param ignore_version boolean
---@return table|nil class nil: no driver, the default one
function registry.driver_for(snap, description, ignore_version)
  local vlnv = description.type
  if not vlnv then return nil end
  if snap.by_vlnv[vlnv] then return snap.by_vlnv[vlnv] end
  local name = vlnv:match "^%*:%*:(.*)$"
  if name then return driver_by_name(snap, description, name) end
  local vln = without_version(vlnv)
  if snap.any[vln] then return snap.any[vln] end
  if not snap.by_vln[vln] then return nil end
  if ignore_version then return snap.by_vln[vln] end
  warnings.warn("user", "IP %s is of type %s and driver found for [%s]. Use ignore_version=True to use "
                .. "this driver.", description.fullpath, vlnv, table.concat(snap.versions[vln], ", "))
  return nil
end

-- ---- finding driver files -----------------------------------------------------------------------

--- Runs `fn` so that classes it makes belong to `place`. A failure is returned, not raised: its text
--- and the error itself.
local function load_in(place, fn, ...)
  local outer = loading
  loading = place
  local ok, e = pcall(fn, ...)
  loading = outer
  if not ok then return tostring(e), e end
end

--- Runs a driver file, again only when its contents changed; then its older classes go.
local function load_file(path, place, order, folder)
  local ok, text = pcall(loader.read, path)
  local hash = core.hash(ok and text or "")
  local known = files[path]
  if not known or known.hash ~= hash or known.folder ~= folder then
    remove(function(entry) return entry.from.file == path end)
    known = { hash = hash, folder = folder }
    known.from = { place = place, order = order, folder = folder, file = path }
    known.failure = load_in(known.from, loader.run, path)
    if known.failure then remove(function(entry) return entry.from.file == path end) end
    files[path] = known
  end
  known.from.order = order -- the user may have changed the order of the directories
  if known.failure then
    warnings.warn("user", "Driver file %s was skipped: %s", path, require "lunq.advice".added(known.failure))
  end
end

--- Module names of LUNQ's own drivers: those inside the program, and new ones of a checkout.
local function own_drivers()
  local seen, names = {}, {}
  for name in pairs(package.preload) do
    if name:find "^drivers%." then seen[name] = true end
  end
  local checkout = checkout_drivers()
  for _, path in ipairs(checkout and loader.files(checkout) or {}) do
    seen["drivers." .. path:match "([^/]*)%.lua$"] = true
  end
  for name in pairs(seen) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function load_embedded()
  for _, name in ipairs(own_drivers()) do
    local failure = load_in({ place = EMBEDDED, order = 0 }, require, name)
    if failure then warnings.warn("user", "Driver %s was skipped: %s", name, failure) end
  end
end

--- Files of directories that left the path since the last overlay are forgotten.
local function forget_user_files(current)
  for path, known in pairs(files) do
    if known.user and not current[path] then
      remove(function(entry) return entry.from.file == path end)
      files[path] = nil
    end
  end
end

--- Loads the drivers an overlay in `folder` may need. A file that fails is named in a warning.
---@param folder string|nil folder of the overlay; nil when it has none
---@param driver_path string[] the user's directories
function registry.load_drivers(folder, driver_path)
  load_embedded()
  local current = {}
  for order, directory in ipairs(driver_path) do
    if core.file_kind(directory) ~= "directory" then
      warnings.warn("user", "There is no driver directory %s (lunq.driver_path, LUNQ_DRIVERS).", directory)
    end
    for _, path in ipairs(loader.files(directory)) do
      load_file(path, USER, order)
      files[path].user, current[path] = true, true
    end
  end
  forget_user_files(current)
  if not folder then return end
  for _, path in ipairs(loader.files(folder .. "/drivers")) do load_file(path, BESIDE, 0, folder) end
  for _, path in ipairs(loader.files(folder)) do
    if path:find "_driver%.lua$" then load_file(path, BESIDE, 0, folder) end
  end
end

--- Runs a custom overlay file: driver classes it makes are for overlays of its folder, as if they
--- stood in drivers/ beside it. Classes of an earlier run of the same file go.
---@return any ... what the file returned
function registry.run_overlay_file(path, folder)
  local results
  remove(function(entry) return entry.from.file == path end)
  local place = { place = BESIDE, order = 0, folder = folder, file = path }
  local failed, e = load_in(place, function() results = table.pack(loader.run(path)) end)
  if not failed then return table.unpack(results, 1, results.n) end
  if errors.is(e) then error(e, 0) end
  errors.raise("runtime", "Custom overlay file %s failed: %s", path, failed)
end

return registry
