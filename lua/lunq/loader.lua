--- Lua from overlay folders: drivers, custom overlay files, models. Text only, never bytecode: a
--- damaged or hostile precompiled chunk can crash the interpreter, text can't.
local core = require "lunq.core"
local errors = require "lunq.errors"

local loader = {}

--- No program written by people is larger; a file that is would only fill the memory.
local LIMIT <const> = 16 * 1024 * 1024

local running = {} -- path -> the coroutine that runs the file

--- Reads a whole regular file of at most `limit` bytes.
---@param path string
---@param limit? integer bytes, default 16 MiB
---@return string
--- Raises `io` when it can't be read, `value` when it is larger.
function loader.read(path, limit)
  limit = limit or LIMIT
  local kind = core.file_kind(path)
  if kind == "directory" or kind == "other" then -- a pipe would block for ever
    errors.raise("io", "%s is no regular file.", path)
  end
  local file, why = io.open(path, "rb")
  if not file then errors.raise("io", "Can't read %s", why) end
  local size = file:seek "end"
  if size > limit then
    file:close()
    errors.raise("value", "%s is larger than %d bytes; is it the right file?", path, limit)
  end
  file:seek "set"
  local text = file:read(size) or "" -- nil: empty
  file:close()
  return text
end

--- Compiles a Lua file as text. A byte-order mark and a first line starting with # are skipped.
---@param path string
---@return function chunk
--- Raises `io` (not readable), `value` (bytecode, too large, or a syntax error with its line).
function loader.compile(path)
  local text = loader.read(path):gsub("^\xEF\xBB\xBF", "")
  if text:byte() == 0x23 then text = text:gsub("^[^\n]*", "", 1) end
  local ok, result = pcall(core.load_text, text, "@" .. path)
  if ok then return result end
  local message = tostring(result) -- Lua cuts long names, and some messages have none
  if message:find(path, 1, true) then error(result, 0) end
  errors.raise("value", "%s: %s", path, message)
end

--- Runs a Lua file. It gets its module name and its path as arguments (`...`), as `require` gives.
---@param path string
---@return any ... what the file returned
--- Raises what `compile` raises, `runtime` when the file is run again by what it does; an error in the file is raised
--- as it is.
function loader.run(path)
  local chunk, this, before = loader.compile(path), coroutine.running(), running[path]
  if before == this then -- without an end; most often a script that happens to have the name
    errors.raise("runtime", "%s opens what it belongs to, by its name (custom file of an overlay, table of RTL), so "
                 .. "it would run itself again and again: give a script another name; a custom file returns a function "
                 .. "or a class that opens its overlay", path)
  end
  running[path] = this
  local _ <close> = setmetatable({}, { __close = function() running[path] = before end })
  return chunk(path:match("([^/]*)%.lua$") or path, path)
end

--- The Lua files of a directory, as paths in alphabetical order; none when there is no directory.
---@param directory string
---@return string[]
function loader.files(directory)
  local list = {}
  for _, name in ipairs(core.list_dir(directory) or {}) do
    local path = directory .. "/" .. name
    if name:find "%.lua$" and name:sub(1, 1) ~= "." and core.file_kind(path) == "file" then
      list[#list + 1] = path
    end
  end
  return list
end

return loader
