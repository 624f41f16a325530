--- `lunq new driver|overlay ...`: writes a skeleton that works as it is, with its spec.
local core = require "lunq.core"
local errors = require "lunq.errors"

local new = {}

local USAGE <const> = [[
usage: lunq new driver VLNV [FILE.hwh]
       lunq new overlay FILE.hwh [DIR]
  driver    NAME_driver.lua, a class for IP of that type (vendor:library:name:version, see lunq info),
            and NAME_driver_spec.lua. With FILE the registers of the IP become methods, and the files
            are written beside FILE, where lunq.Overlay finds them; else into this folder.
  overlay   NAME.lua, a class for the design, demo.lua and NAME_spec.lua, beside FILE. With DIR they are
            written there, and the design (.hwh, .bit, .dtbo) is copied to it.
Files that exist are never overwritten. The specs pass as they are: lunq test FOLDER
]]

-- ---- files --------------------------------------------------------------------------------------

local function refuse_existing(files)
  for _, file in ipairs(files) do
    if core.file_kind(file.path) then
      errors.raise("io", "%s exists already, nothing was written. Move it away or rename it first.", file.path)
    end
  end
end

--- A file that stops half way (a full disk) is no file.
local function write_file(path, text)
  local f, problem = io.open(path, "wb")
  if not f then errors.raise("io", "Can't write %s", problem) end
  local ok, why = f:write(text)
  local closed, late = f:close()
  if not (ok and closed) then
    os.remove(path)
    errors.raise("io", "Can't write %s: %s", path, why or late)
  end
end

--- Writes all files or, when one exists or can't be written, none.
---@param files table[] list of { path, text }
---@return string[] paths
local function write_all(files)
  local done = {}
  refuse_existing(files)
  for _, file in ipairs(files) do
    local ok, e = pcall(write_file, file.path, file.text)
    if not ok then
      for _, path in ipairs(done) do os.remove(path) end
      error(e, 0)
    end
    done[#done + 1] = file.path
  end
  return done
end

-- ---- the command --------------------------------------------------------------------------------

local KINDS <const> = {
  driver = { module = "lunq.new.driver", first = "the type of an IP", second = "a design" },
  overlay = { module = "lunq.new.overlay", first = "a design (.hwh)", second = "a folder" },
}

local function parse(arguments)
  local words, options = {}, {}
  for _, a in ipairs(arguments) do
    if a == "--help" or a == "-h" then
      options.help = true
    elseif a:sub(1, 1) == "-" then
      return nil, ("there is no option %s"):format(a)
    else
      words[#words + 1] = a
    end
  end
  if options.help then return options end
  local kind = KINDS[words[1]]
  if not words[1] then return nil, "driver or overlay?" end
  if not kind then return nil, ('there is no new "%s", only driver and overlay'):format(words[1]) end
  if not words[2] then return nil, ("%s needs %s"):format(words[1], kind.first) end
  if words[4] then return nil, ("%s takes %s and %s, nothing more"):format(words[1], kind.first, kind.second) end
  return { kind = kind, first = words[2], second = words[3] }
end

local function make(options)
  local skeleton = require(options.kind.module).make(options.first, options.second)
  if skeleton.folder and not core.file_kind(skeleton.folder) then
    refuse_existing(skeleton.files)
    core.make_folder(skeleton.folder)
  end
  return write_all(skeleton.files), skeleton.advice
end

--- Carries out `lunq new ...`: what was written to standard output, problems to standard error.
---@param ... string the arguments behind "new"
---@return integer code 0; 1: a file is missing, wrong or in the way; 2: the arguments make no sense
function new.main(...)
  local options, problem = parse { ... }
  if not options then
    io.stderr:write("lunq new: ", problem, "\n", USAGE)
    return 2
  end
  if options.help then
    io.write(USAGE)
    return 0
  end
  local ok, paths, advice = pcall(make, options)
  if ok then
    for _, path in ipairs(paths) do io.write("wrote ", path, "\n") end
    io.write(advice, "\n")
    return 0
  end
  if not errors.is(paths) then error(paths, 0) end
  io.stderr:write("lunq: ", paths.message, "\n")
  return paths.usage and 2 or 1
end

return new
