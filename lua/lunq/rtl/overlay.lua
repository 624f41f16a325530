--- The option `rtl` of an overlay: for each IP it names, by path, VLNV (with or without version) or name, RTL stands
--- where a behavioural model would.
--
--   local ol <close> = lunq.Overlay("design.hwh", { rtl = {
--     ["acme.com:hls:scale"] = { sources = "rtl/scale.v" },      -- as for lunq.rtl.build; built when it is not known
--     copy_0 = "build/copy.rtl",                                 -- what lunq rtl build made
--     gen_0 = { model = "build/gen.rtl", plusargs = { fast = true, seed = 7 } },   -- for $test$plusargs and the like
--     fir_0 = { model = "build/fir.rtl", isolate = true },       -- in a process of its own; false: in this one
--   } })
-- `--device rtl:FILE.lua` takes the same table from a file, for all designs that are loaded.
-- Paths are looked for in the folder of the overlay (of that file), then from where the program runs. Numbers among
-- the parameters of the IP in the design are given to the RTL where it has parameters of that name.
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local nearest = require "lunq.nearest"
local warnings = require "lunq.warnings"

local overlay = {}

--- A path below the overlay's folder, if something is there.
local function place(path, folder)
  if type(path) ~= "string" or path:sub(1, 1) == "/" or not folder then return path end
  local below = folder .. "/" .. path
  return core.file_kind(below) and below or path
end

local PATHS <const> = { "sources", "libraries", "includes" }

--- True when a key names this IP.
local function names(key, path, description)
  local vlnv = description.type or ""
  return key == path or key == vlnv or vlnv:find(key .. ":", 1, true) == 1 and key:find ":"
         or vlnv:match "^[^:]*:[^:]*:([^:]*)" == key
end

--- The parameters of the IP a key names; of several, those of the first by path.
local function parameters_of(self, key)
  local first
  for path, description in pairs(self.ip_dict) do
    if names(key, path, description) and (not first or path < first) then first = path end
  end
  return first and self.ip_dict[first].parameters
end

local function build(folder, parameters, what)
  local o = {}
  for name, value in pairs(what) do o[name] = value end
  o.plusargs, o.isolate = nil, nil
  local function places(from, to, name)
    local list = type(from[name]) == "string" and { from[name] } or from[name]
    if type(list) == "table" then
      to[name] = {}
      for i, path in ipairs(list) do to[name][i] = place(path, folder) end
    end
  end
  for _, name in ipairs(PATHS) do places(what, o, name) end
  if type(what.work) == "table" then
    o.work = {}
    for library in pairs(what.work) do places(what.work, o.work, library) end
  end
  for _, name in ipairs { "hwh", "component" } do o[name] = place(o[name], folder) end
  o.instance_parameters = o.instance_parameters or {}
  for name, value in pairs(not what.instance_parameters and parameters or {}) do
    if name:find "^[%a_][%w_$]*$" then o.instance_parameters[name] = value end
  end
  return (require "lunq.rtl".build(o))
end

--- "fast" and "seed=7" of { fast = true, seed = 7 }, in order of their names.
local function plusargs_of(key, given)
  if given == nil then return nil end
  if type(given) ~= "table" then
    errors.raise("type", 'rtl["%s"].plusargs should be a table, as in { fast = true, seed = 7 }, not a %s', key,
                 type(given))
  end
  local list = {}
  for name, value in pairs(given) do
    if type(name) ~= "string" then
      errors.raise("type", 'rtl["%s"].plusargs: names and values, as in { fast = true, seed = 7 }, not a list', key)
    end
    if value then list[#list + 1] = value == true and name or ("%s=%s"):format(name, value) end
  end
  table.sort(list)
  return list
end

--- Whether instances of it run in processes of their own; nil: as the device has it.
local function isolate_of(key, given)
  if given ~= nil and type(given) ~= "boolean" then
    errors.raise("type", 'rtl["%s"].isolate should be true or false, not a %s', key, type(given))
  end
  return given
end

--- What an entry with a model says of its instances.
local OF_INSTANCES <const> = { model = true, plusargs = true, isolate = true }

--- The model that an entry of the table means, its plusargs, and whether it is isolated.
local function model_of(folder, parameters, key, what)
  if type(key) ~= "string" then
    errors.raise("type", "rtl should name IP by path, VLNV or name, not by a %s", type(key))
  elseif type(what) == "string" then
    return place(what, folder)
  elseif type(what) == "table" and what.model then
    for name in pairs(what) do
      if not OF_INSTANCES[name] then
        errors.raise("value", 'rtl["%s"]: a model that is built takes plusargs and isolate, and no %s', key,
                     tostring(name))
      end
    end
    return place(what.model, folder), plusargs_of(key, what.plusargs), isolate_of(key, what.isolate)
  elseif type(what) == "table" then
    -- Before it is built, which takes seconds.
    local plusargs, isolate = plusargs_of(key, what.plusargs), isolate_of(key, what.isolate)
    return build(folder, parameters, what), plusargs, isolate
  end
  errors.raise("type", 'rtl["%s"] should be the path of a model or a table for lunq.rtl.build, not a %s', key,
               type(what))
end

--- Another key of the table that names an IP this one names, too; of several the first.
local function rival(self, rtl, key)
  local first
  for path, description in pairs(self.ip_dict) do
    for other in pairs(names(key, path, description) and rtl or {}) do
      if other ~= key and names(other, path, description) and (not first or other < first) then first = other end
    end
  end
  return first
end

local function warn_of_unused(self, rtl, key)
  local other = rival(self, rtl, key)
  if other then
    warnings.warn("user", 'rtl: "%s" stands for no IP of %s: what it names has more exact keys, as "%s"', key,
                  self.bitfile_name, other)
    return
  end
  local paths, known = {}, {}
  for path, description in pairs(self.ip_dict) do
    paths[#paths + 1] = path
    known[#known + 1] = path
    known[#known + 1] = description.type
  end
  table.sort(paths)
  local hint = nearest.hint(key, known)
  if hint == "" then hint = ". Its IP: " .. table.concat(paths, ", ") end
  warnings.warn("user", 'rtl: no IP of %s is "%s"%s', self.bitfile_name, key, hint)
end

--- Whether a key is a path. Where no design tells it, a word is one that is no name in a VLNV beside it.
local function is_path(key, rtl, ip_dict)
  if ip_dict then return ip_dict[key] ~= nil end
  for other in pairs(rtl) do
    if tostring(other):match "^[^:]*:[^:]*:([^:]*)" == key then return false end
  end
  return not tostring(key):find ":"
end

--- The keys in the order they are bound in, the same every time: what is bound later comes first, so paths are last,
--- and of the others a longer one is more exact.
local function sorted(rtl, ip_dict)
  local keys, paths = {}, {}
  for key in pairs(rtl) do
    keys[#keys + 1] = key
    paths[key] = is_path(key, rtl, ip_dict)
  end
  table.sort(keys, function(a, b)
    if paths[a] ~= paths[b] then return paths[b] end
    a, b = tostring(a), tostring(b)
    return #a < #b or #a == #b and a < b
  end)
  return keys
end

--- Calls f, which loads a design, with the RTL of an overlay in force. Builds what has to be built first. A key that
--- names no IP of the design gets a warning.
---@param self table the overlay
---@param rtl table its option
---@param f function
--- Raises what lunq.rtl.build and f raise; `type` for entries that make no sense.
function overlay.with(self, rtl, f)
  local bound = {}
  local ok, e = pcall(function()
    for _, key in ipairs(sorted(rtl, self.ip_dict)) do
      self.device:rtl_bind(key, model_of(self._files.folder, parameters_of(self, key), key, rtl[key]))
      bound[#bound + 1] = key
    end
    f()
  end)
  for _, key in ipairs(bound) do
    if not self.device:rtl_unbind(key) and ok then warn_of_unused(self, rtl, key) end
  end
  if not ok then error(e, 0) end
end

--- For a device that was just opened as rtl:FILE.lua.
---@param device userdata
---@param path string
function overlay.open(device, path)
  local given = loader.run(path)
  if type(given) ~= "table" then
    errors.raise("type", "%s should return a table of RTL by VLNV, not a %s", path, type(given))
  end
  for _, key in ipairs(sorted(given)) do
    device:rtl_bind(key, model_of(path:match "^(.*)/[^/]*$", nil, key, given[key]))
  end
end

return overlay
