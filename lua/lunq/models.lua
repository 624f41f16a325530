--- Models beside an overlay: models/*.lua in its folder, and NAME_model.lua. They make classes with
--- lunq.Model:extend { models = { vlnv, ... } }, which a simulated device uses for such IP of this
--- overlay. Models the program made itself come first.
local core = require "lunq.core"
local loader = require "lunq.loader"
local warnings = require "lunq.warnings"

local models = {}

local seen = {} -- path -> { hash, bindings, failure }

--- The bindings of a model file, which runs again only when its contents changed. One that fails is
--- named in a warning; its IP does what it would do without a model.
local function load_file(path)
  local readable, text = pcall(loader.read, path)
  local hash = core.hash(readable and text or "")
  local known = seen[path]
  if not known or known.hash ~= hash then
    local bindings, ok, e = require "lunq.model".collect(loader.run, path)
    known = { hash = hash, bindings = ok and bindings or {}, failure = not ok and tostring(e) or nil }
    seen[path] = known
  end
  if known.failure then
    warnings.warn("user", "Model file %s was skipped: %s", path, require "lunq.advice".added(known.failure))
  end
  return known.bindings
end

local function bindings_beside(folder, stem)
  local list = {}
  local paths = loader.files(folder .. "/models")
  if core.file_kind(stem .. "_model.lua") == "file" then paths[#paths + 1] = stem .. "_model.lua" end
  for _, path in ipairs(paths) do
    for _, binding in ipairs(load_file(path)) do list[#list + 1] = binding end
  end
  return list
end

--- Calls f(...) with the models that belong to an overlay in force.
---@param files table from lunq.paths.resolve: folder and stem; without a folder there are none
---@return any ... what f returned
function models.with(files, f, ...)
  local bindings = files.folder and bindings_beside(files.folder, files.stem) or {}
  if #bindings == 0 then return f(...) end
  return require "lunq.model".with(bindings, f, ...)
end

return models
