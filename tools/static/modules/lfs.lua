--- What busted and Penlight ask of LuaFileSystem, on functions of lunq.core: a static program loads no C
-- modules, and its specs are to run all the same (tools/test.sh, "cross").
local core = require "lunq.core"

local lfs = {}

function lfs.attributes(path, name)
  local kind = core.file_kind(path)
  if not kind then return nil, path .. ": No such file or directory" end
  local attributes = { mode = kind, modification = 0, size = 0 }
  if name then return attributes[name] end
  return attributes
end

lfs.symlinkattributes = lfs.attributes

function lfs.dir(path)
  local names = assert(core.list_dir(path))
  local i = 0
  return function()
    i = i + 1
    return names[i]
  end
end

function lfs.currentdir() return (core.absolute ".":gsub("/%.?$", "")) end

function lfs.mkdir(path)
  local ok, e = pcall(core.make_folder, path)
  return ok or nil, e
end

function lfs.rmdir(path) return os.remove(path) end

--- Only busted's change to where it is.
function lfs.chdir(path)
  if core.absolute(path):gsub("/%.?$", "") == lfs.currentdir() then return true end
  return nil, "not supported"
end

return lfs
