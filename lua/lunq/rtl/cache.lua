--- The folder of this user where models are kept: $XDG_CACHE_HOME/lunq/rtl, by default ~/.cache/lunq/rtl.
--
--   support-HASH/   files of LUNQ that a build needs: the wrapper, stubs of vendors' modules
--   made/HASH/      modules that were made because a design lacks them (lunq.rtl.generated)
--   runtime-HASH/   Verilator's run time, compiled once per version and flags
--   models/HASH.files   what files a model was made of, for these options
--   models/TOP-HASH.rtl the model, for these options and these contents
-- Whatever is written has another name until it is whole.
local child = require "lunq.child"
local core = require "lunq.core"
local errors = require "lunq.errors"
local host = require "lunq.host"

local cache = {}

--- The folder; it need not be there yet.
---@return string
--- Raises `io` when this user has no place for it.
function cache.folder()
  local xdg, home = os.getenv "XDG_CACHE_HOME", os.getenv "HOME"
  if xdg and xdg:sub(1, 1) == "/" then return xdg .. "/lunq/rtl" end
  if not home or home == "" then
    errors.raise("io", "There is no place to keep models: neither HOME nor XDG_CACHE_HOME is set")
  end
  return home .. "/.cache/lunq/rtl"
end

--- Makes a folder and those above it.
---@param path string
function cache.make_folder(path)
  if core.file_kind(path) == "directory" then return end
  local parent = path:match "^(.+)/[^/]+$"
  if parent then cache.make_folder(parent) end
  local ok, e = pcall(core.make_folder, path)
  if not ok and core.file_kind(path) ~= "directory" then error(e, 0) end -- else another program was faster
end

--- A name nobody else has.
local function unique()
  local path = os.tmpname()
  os.remove(path)
  return (path:match "([^/]*)$":gsub("^lua_", ""))
end

--- Writes a file as a whole or not at all.
---@param path string
---@param text string
function cache.write(path, text)
  local temporary = ("%s.%s"):format(path, unique())
  local file, problem = io.open(temporary, "wb")
  if not file then errors.raise("io", "Can't write %s", problem) end
  local written, why = file:write(text)
  local closed, late = file:close()
  local renamed, trouble
  if written and closed then renamed, trouble = os.rename(temporary, path) end
  if not renamed then
    os.remove(temporary)
    errors.raise("io", "Can't write %s: %s", path, why or late or trouble)
  end
end

--- The whole contents of a file, or nil.
---@param path string
---@return string?
function cache.read(path)
  if core.file_kind(path) ~= "file" then return nil end
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

--- A short name for contents: 16 hexadecimal digits.
---@param ... string
---@return string
function cache.hash(...)
  local list = {}
  for i, text in ipairs { ... } do list[i] = ("%d:%s"):format(#text, text) end
  return ("%016x"):format(core.hash(table.concat(list, "\n")))
end

--- An empty folder for one build, removed with what is in it when the variable is closed.
---@param root string
---@return table folder { path }
function cache.temporary(root)
  local folder = setmetatable({ path = root .. "/build-" .. unique() }, {
    __close = function(self) cache.remove(self.path) end,
  })
  cache.make_folder(folder.path)
  return folder
end

--- Removes a folder and what is in it.
---@param path string
function cache.remove(path)
  local ok, said = child.run("rm -rf -- " .. child.word(path))
  if not ok then errors.raise("io", "Can't remove %s: %s", path, said) end
end

--- Files inside the program whose names begin with "rtl/", by the rest of the name.
local function support_files()
  local files = {}
  for _, name in ipairs(host.modules()) do
    local rest = name:match "^rtl/(.*)$"
    if rest then files[#files + 1] = { name = rest, text = host.module_text(name) } end
  end
  table.sort(files, function(a, b) return a.name < b.name end)
  return files
end

--- Writes the files a build needs, unless they are there.
---@param root string the cache
---@return string folder named after what is in it
function cache.support(root)
  local files, texts = support_files(), {}
  if #files == 0 then
    errors.raise("unsupported", "This program was built without what building RTL needs (it was built for a board)")
  end
  for _, f in ipairs(files) do
    texts[#texts + 1] = f.name
    texts[#texts + 1] = f.text
  end
  local folder = root .. "/support-" .. cache.hash(table.unpack(texts))
  if core.file_kind(folder .. "/whole") then return folder end
  cache.make_folder(folder .. "/stubs")
  for _, f in ipairs(files) do cache.write(folder .. "/" .. f.name, f.text) end
  cache.write(folder .. "/whole", "")
  return folder
end

return cache
