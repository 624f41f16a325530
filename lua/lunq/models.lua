--- Models beside an overlay: models/*.lua in its folder, and NAME_model.lua. They make classes with
--- lunq.Model:extend { models = { vlnv, ... } }, which simulated devices then use for such IP.
local core = require "lunq.core"
local loader = require "lunq.loader"
local warnings = require "lunq.warnings"

local models = {}

local seen = {} -- path -> { hash, failure }

--- Runs a model file, again only when its contents changed. One that fails is named in a warning;
--- its IP is a plain register file then.
local function load_file(path)
  local ok, text = pcall(loader.read, path)
  local hash = core.hash(ok and text or "")
  local known = seen[path]
  if not known or known.hash ~= hash then
    local failure
    ok, failure = pcall(loader.run, path)
    known = { hash = hash, failure = not ok and tostring(failure) or nil }
    seen[path] = known
  end
  if known.failure then warnings.warn("user", "Model file %s was skipped: %s", path, known.failure) end
end

--- Loads the models that belong to an overlay.
---@param folder string
---@param stem string path of the overlay's files without extension
function models.load(folder, stem)
  for _, path in ipairs(loader.files(folder .. "/models")) do load_file(path) end
  local own = stem .. "_model.lua"
  if core.file_kind(own) == "file" then load_file(own) end
end

return models
