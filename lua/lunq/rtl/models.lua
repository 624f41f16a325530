--- Where models are kept, and how one is found again: first by the options, which give the list of files it was
--- made of, then by their contents.
local cache = require "lunq.rtl.cache"
local core = require "lunq.core"
local errors = require "lunq.errors"
local synth = require "lunq.rtl.synth"

local models = {}

--- Models of one set of options.
local Store = {}
Store.__index = Store

--- Endings of files that a search can find.
local SOURCES <const> = { v = true, sv = true, vh = true, svh = true, vi = true, h = true, inc = true,
                        xci = true, tcl = true }

--- The names in the folders that are searched: a new file there may be found before another.
local function listing(o)
  local text = {}
  for _, list in ipairs { o.libraries, o.includes, o.folders } do
    for _, folder in ipairs(list) do
      text[#text + 1] = folder .. ":"
      for _, name in ipairs(core.list_dir(folder) or {}) do
        if SOURCES[name:match "%.(%w+)$"] then text[#text + 1] = name end
      end
    end
  end
  return table.concat(text, "\n")
end

--- A table as a text that is the same for the same contents.
local function plain(t)
  if type(t) ~= "table" then return tostring(t) end
  local list = {}
  for k, v in pairs(t) do list[#list + 1] = ("%s=%s"):format(k, plain(v)) end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

--- The place for models of one job.
---@param root string the cache
---@param job table { options, simulator, support, versions }
---@return table store
function models.store(root, job)
  local o = job.options
  local support = job.support:match "[^/]*$" -- named after its contents, wherever the cache stands
  local key = cache.hash(table.concat(job.simulator.arguments(o, support), "\n"), support, job.versions, listing(o),
                         o.described and o.described.key or "", plain(o.pins), plain(o.units), o.std or "",
                         synth.is_needed(o) and synth.version() or "")
  return setmetatable({ folder = root .. "/models", key = key, top = o.top }, Store)
end

--- The name of the model that these files make; nil when one of them is gone.
function Store:name(files)
  local contents = {}
  for i, path in ipairs(files) do
    local text = cache.read(path)
    if not text then return nil end
    contents[i] = cache.hash(path, text)
  end
  return ("%s/%s-%s.rtl"):format(self.folder, self.top, cache.hash(self.key, table.concat(contents, "\n")))
end

--- The model, when it was built before.
---@return string?
function Store:find()
  local list = cache.read(("%s/%s.files"):format(self.folder, self.key))
  if not list then return nil end
  local files = {}
  for path in list:gmatch "[^\n]+" do files[#files + 1] = path end
  local path = self:name(files)
  return path and core.file_kind(path) == "file" and path or nil
end

--- Keeps a new model.
---@param library string
---@param files string[] it was made of
---@return string path
function Store:keep(library, files)
  local path = self:name(files)
  if not path then errors.raise("io", "A source of %s was gone when its model was ready; build it again", self.top) end
  cache.make_folder(self.folder)
  local ok, problem = os.rename(library, path)
  if not ok then errors.raise("io", "Can't keep the model of %s: %s", self.top, problem) end
  cache.write(("%s/%s.files"):format(self.folder, self.key), table.concat(files, "\n") .. "\n")
  return path
end

return models
