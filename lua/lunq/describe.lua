--- Links the dictionaries of a design into descriptions: what drivers get to see.
--
-- After `describe.link` every entry of ip_dict, mem_dict and hierarchy_dict has `device` and
-- `fullpath`; entries of ip_dict and hierarchy_dict have `driver` (nil: the default one); a hierarchy
-- has `overlay` and its members are the very entries of the other dictionaries.
local registry = require "lunq.registry"
local warnings = require "lunq.warnings"

local describe = {}

--- Hierarchies from the deepest up, so that a driver finds the drivers inside chosen.
local function bottom_up(hierarchy_dict)
  local paths = {}
  for path in pairs(hierarchy_dict) do paths[#paths + 1] = path end
  local depth = {}
  for _, path in ipairs(paths) do depth[path] = select(2, path:gsub("/", "")) end
  table.sort(paths, function(a, b)
    if depth[a] ~= depth[b] then return depth[a] > depth[b] end
    return a < b
  end)
  return paths
end

--- Whether a hierarchy driver fits; an error counts as no.
local function fits(class, description)
  local ok, answer = pcall(class.checkhierarchy, description)
  if ok then return answer end
  warnings.warn("user", "checkhierarchy of driver %s failed for hierarchy %s: %s", class.__name,
                description.fullpath, tostring(answer))
  return false
end

local function hierarchy_driver(snapshot, description)
  for _, class in ipairs(snapshot.hierarchies) do
    if fits(class, description) then return class end
  end
  return nil
end

--- Members of a dictionary entry, made the same tables as in `all` (keys of `all` are full paths).
local function share(members, path, all)
  local shared = {}
  for name in pairs(members or {}) do shared[name] = all[path .. "/" .. name] or members[name] end
  return shared
end

local function link_hierarchy(path, description, dictionaries)
  description.fullpath = path
  description.ip = share(description.ip, path, dictionaries.ip_dict)
  description.hierarchies = share(description.hierarchies, path, dictionaries.hierarchy_dict)
  description.memories = share(description.memories, path, dictionaries.mem_dict)
  description.interrupts = description.interrupts or {}
  description.gpio = description.gpio or {}
end

--- Gives IP their drivers and hierarchies theirs, bottom-up.
---@param dictionaries table ip_dict, mem_dict, hierarchy_dict; changed in place
---@param context table { overlay, device, snapshot (registry.snapshot), ignore_version }
function describe.link(dictionaries, context)
  for key, description in pairs(dictionaries.mem_dict) do
    description.fullpath = description.fullpath or key
    description.device, description.overlay = context.device, context.overlay
    description.driver = registry.driver_for(context.snapshot, description, context.ignore_version)
  end
  for key, description in pairs(dictionaries.ip_dict) do
    description.fullpath = description.fullpath or key
    description.device, description.overlay = context.device, context.overlay
    description.driver = registry.driver_for(context.snapshot, description, context.ignore_version)
  end
  local paths = bottom_up(dictionaries.hierarchy_dict)
  for _, path in ipairs(paths) do link_hierarchy(path, dictionaries.hierarchy_dict[path], dictionaries) end
  for _, path in ipairs(paths) do
    local description = dictionaries.hierarchy_dict[path]
    description.device, description.overlay = context.device, context.overlay
    description.driver = hierarchy_driver(context.snapshot, description)
  end
end

--- Plain tables that print their contents.
local Dictionary <const> = {
  __name = "lunq.Dictionary", __tostring = function(t) return require "lunq.repl.show".value(t) end,
}

--- Lets print show what is in a dictionary or one of its entries, not where it lies in memory.
---@param dictionary table
---@return table dictionary
function describe.printable(dictionary)
  for _, entry in pairs(dictionary) do
    if type(entry) == "table" and getmetatable(entry) == nil then setmetatable(entry, Dictionary) end
  end
  return setmetatable(dictionary, Dictionary)
end

--- The name of the class an IP or hierarchy gets.
function describe.driver_name(description, kind)
  if description.driver then return description.driver.__name end
  if kind == "hierarchy" then return "lunq.DefaultHierarchy" end
  return description.phys_addr and "lunq.DefaultIP" or "lunq.PS"
end

return describe
