--- lunq.Overlay: opens an overlay with the class that belongs to it.
--
-- NAME.lua beside NAME.bit or NAME.hwh is the custom overlay file. It is loaded as text, never as
-- bytecode, and returns a class made from lunq.DefaultOverlay, or a function(file, ...) that returns
-- the overlay, or nothing (when it only defines drivers). Without such a file DefaultOverlay is used.
local Class = require "lunq.class"
local DefaultOverlay = require "lunq.overlay"
local core = require "lunq.core"
local errors = require "lunq.errors"
local options = require "lunq.overlay_options"
local paths = require "lunq.paths"
local registry = require "lunq.registry"

local Overlay = {}

local opening = {} -- custom files whose constructor is running

--- What the custom file gives: a class, a function, or nil.
local function custom_constructor(path, folder)
  local value = registry.run_overlay_file(path, folder)
  if Class.is_subclass(value, DefaultOverlay) or type(value) == "function" then return value end
  if value == nil or Class.is_subclass(value, require "lunq.ip")
     or Class.is_subclass(value, require "lunq.hierarchy") then
    return nil
  end
  errors.raise("type", "Custom overlay file %s should return a class made with lunq.DefaultOverlay:extend{} "
               .. "or a function that returns the overlay, not %s", path,
               type(value) == "table" and "another table" or "a " .. type(value))
end

local function custom_file(file, o)
  local lunq = require "lunq"
  local search = paths.search_list(lunq.overlay_path, "LUNQ_OVERLAYS")
  local files = paths.resolve(file, o.device or core.active_device(), search, o.design ~= nil)
  return files.custom, files.folder
end

--- Calls the constructor; inside it lunq.Overlay of the same file is DefaultOverlay.
local function construct(path, constructor, file, ...)
  opening[path] = true
  local results = table.pack(pcall(constructor, file, ...))
  opening[path] = nil
  if not results[1] then error(results[2], 0) end
  if results[2] == nil then
    errors.raise("type", "The function of custom overlay file %s returned no overlay", path)
  end
  return table.unpack(results, 2, results.n)
end

local function open_with(file, o, ...)
  local path, folder = custom_file(file, o)
  if not path or opening[path] then return DefaultOverlay(file, ...) end
  local constructor = custom_constructor(path, folder)
  if not constructor then return DefaultOverlay(file, ...) end
  return construct(path, constructor, file, ...)
end

--- lunq.Overlay(file, ...): arguments as lunq.DefaultOverlay.
local function open(_, file, ...)
  if type(file) ~= "string" then return DefaultOverlay(file, ...) end
  local o = options.read(...)
  if type(o.device) ~= "string" then return open_with(file, o, ...) end
  o.device = require "lunq.device".named(o.device) -- once, for the look-up and for the overlay
  return open_with(file, o, o)
end

--- The same as lunq.DefaultOverlay:extend.
function Overlay.extend(_, fields) return DefaultOverlay:extend(fields) end

return setmetatable(Overlay, { __call = open, __index = DefaultOverlay, __name = "lunq.Overlay" })
