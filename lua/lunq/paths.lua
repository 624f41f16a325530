--- Finds the files of an overlay: bitstream, metadata, device-tree overlay, custom overlay file.
-- The rules are PYNQ's (reference pynq-behaviour.md B12), its messages too.
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"
local warnings = require "lunq.warnings"

local paths = {}

--- File types an overlay can be named by.
local TYPES <const> = { bit = true, bin = true, xsa = true, xclbin = true, hwh = true, dtbo = true, lua = true,
                        rtl = true }

--- Those that are all of the metadata: an xclbin also has what is loaded, a description has nothing more, a model
--- of RTL is the IP.
local WHOLE <const> = { xclbin = true, lua = true, rtl = true }

--- Where metadata may stand, beside the bitstream, in this order.
local METADATA <const> = { "hwh", "xclbin", "xsa", "dtbo" }

local function is_file(path) return core.file_kind(path) == "file" end

--- "a/b/x.tar.bit" -> "a/b/x.tar", "bit". The extension is nil when the last part has none.
local function split(path)
  local stem, ext = path:match "^(.*[^/])%.([^./]+)$"
  return stem or path, ext
end

local function folder_of(path) return path:match "^(.*)/[^/]*$" or "." end
local function base_of(path) return path:match "([^/]*)$" end

--- Directories of a list followed by those of an environment variable (separated by colons).
---@param list string[] what a script assigned to lunq.overlay_path or lunq.driver_path
---@param variable string
--- Raises `type` when the list is something else.
function paths.search_list(list, variable)
  if type(list) ~= "table" then
    errors.raise("type", "A search path should be a list of directories, not %s", type(list))
  end
  local all = table.move(list, 1, #list, 1, {})
  for _, dir in ipairs(all) do
    if type(dir) ~= "string" then
      errors.raise("type", "A search path should be a list of directories, not of %ss", type(dir))
    end
  end
  for dir in (os.getenv(variable) or ""):gmatch "[^:]+" do all[#all + 1] = dir end
  return all
end

--- The files one place can offer for `path`: itself, or the variant for this device in `path.d`.
local function at(path, device)
  if is_file(path) then return path end
  local stem, ext = split(path)
  for _, name in ipairs { device.name, (device.name:gsub("%?.*", "")) } do
    local variant = ("%s.d/%s.%s.%s"):format(path, base_of(stem), name, ext)
    if is_file(variant) then return variant end
  end
  return nil
end

--- Looks for `name` as B12 says: an absolute path; else the current folder, then the overlay path.
local function find(name, device, overlay_path)
  local found = at(name, device)
  if found or name:sub(1, 1) == "/" then return found end
  local list, stem = {}, split(base_of(name))
  for _, dir in ipairs(overlay_path) do
    for _, path in ipairs { dir .. "/" .. stem .. "/" .. name, dir .. "/" .. name } do
      list[#list + 1] = at(path, device)
    end
  end
  if #list > 1 then
    warnings.warn("user", "Multiple files found for %s: %s; the first one is used.", name,
                  table.concat(list, ", "))
  end
  return list[1]
end

--- The designs in a folder, by name.
local function designs_in(folder)
  local list = {}
  for _, name in ipairs(core.list_dir(folder) or {}) do
    local _, ext = split(name)
    if ext and TYPES[ext:lower()] and is_file(folder .. "/" .. name) then list[#list + 1] = name end
  end
  return list
end

--- What to try where no file has this name: of a folder what is in it, else the nearest name beside it.
local function hint(name)
  if core.file_kind(name) == "directory" then
    local list = designs_in(name)
    return (" It is a folder, %s."):format(list[1] and "with " .. table.concat(list, ", ", 1, math.min(#list, 5))
                                           or "without a design in it")
  end
  local folder, base = folder_of(name), base_of(name)
  local list = designs_in(folder)
  local found = nearest.find(base, list)
  for _, other in ipairs(list) do
    if not found and split(other) == base then found = other end
  end
  if found then return (' Did you mean "%s"?'):format(folder == "." and found or folder .. "/" .. found) end
  return ""
end

local function metadata_beside(stem)
  for _, ext in ipairs(METADATA) do
    if is_file(stem .. "." .. ext) then return stem .. "." .. ext end
  end
  return nil
end

local function bitstream_beside(stem)
  for _, ext in ipairs { "bit", "bin", "bit.bin" } do
    if is_file(stem .. "." .. ext) then return stem .. "." .. ext end
  end
  return nil
end

--- The device-tree overlay: the one given, or the one beside the bitstream, or nil.
---@param given? string a path, or a name beside the bitstream
---@param file string the bitstream or metadata
--- Raises `io` "DTBO file {} does not exist.", `type` for what is no string.
function paths.dtbo(given, file)
  if given == nil then
    local beside = split(file) .. ".dtbo"
    return is_file(beside) and core.absolute(beside) or nil
  end
  if type(given) ~= "string" then errors.raise("type", "DTBO name has to be a string.") end
  for _, path in ipairs { given, folder_of(file) .. "/" .. given } do
    if is_file(path) then return core.absolute(path) end
  end
  errors.raise("io", "DTBO file %s does not exist.", given)
end

--- The bitstream a device-tree overlay asks for, when it stands beside it; else nil.
---@param firmware? string the overlay's firmware-name
---@param folder string
function paths.firmware(firmware, folder)
  local path = firmware and not firmware:find("/", 1, true) and folder .. "/" .. firmware
  return path and is_file(path) and path or nil
end

local function is_package(folder)
  if core.file_kind(folder) ~= "directory" then return false end
  for _, name in ipairs(core.list_dir(folder) or {}) do
    if name:find "%.dtbo$" then return true end
  end
  return false
end

--- The folder of a firmware package: as it is named, or below the overlay path.
local function find_package(name, overlay_path)
  if is_package(name) then return name end
  for _, dir in ipairs(name:sub(1, 1) ~= "/" and overlay_path or {}) do
    if is_package(dir .. "/" .. name) then return dir .. "/" .. name end
  end
  return nil
end

local function with_custom(files)
  local custom = files.stem .. ".lua"
  files.custom = is_file(custom) and custom or nil
  return files
end

--- Files of a package as `resolve` gives them.
local function resolve_package(folder)
  local files = require "lunq.firmware_package".read(folder)
  files.folder, files.stem, files.shell = folder_of(files.dtbo), split(files.dtbo), nil
  files.bitfile_name = files.bitstream or files.dtbo
  return with_custom(files)
end

--- Finds everything that belongs to an overlay.
---@param name string path of a .bit, .bin, .hwh, .dtbo, .xclbin or .xsa file, of a .lua file with a description,
---  or of a firmware package's folder
---@param device userdata
---@param overlay_path string[] directories to look in when the current folder has no such file
---@param without_metadata? boolean true when the caller brings a description of its own
---@return table files { bitfile_name, bitstream, metadata, dtbo, folder, stem, custom }, absolute paths
--- Raises `type` "Bitstream name has to be a string.", `io` "Bitstream file {} does not exist.",
--- `runtime` "Unknown file format" or "Unable to find metadata for bitstream".
function paths.resolve(name, device, overlay_path, without_metadata)
  if type(name) ~= "string" then
    errors.raise("type", "Bitstream name has to be a string. (A design without files is a table.)")
  end
  local stem, ext = split(name)
  local found = find(name, device, overlay_path)
  local package_folder = not found and find_package(name, overlay_path)
  if package_folder then return resolve_package(package_folder) end
  if not found and not device.needs_bitstream and (ext == "bit" or ext == "bin") then
    local hwh = find(stem .. ".hwh", device, overlay_path)
    if hwh then return paths.resolve(hwh, device, {}) end
  end
  if not found and not (without_metadata and not device.needs_bitstream) then
    errors.raise("io", "Bitstream file %s does not exist.%s", name, hint(name))
  end
  if not (ext and TYPES[ext:lower()]) then
    errors.raise("runtime", "Unknown file format of %s; a .bit, .bin, .hwh, .dtbo, .xclbin or .xsa file is needed.",
                 name)
  end
  ext = ext:lower()
  local file = core.absolute(found or name)
  local own_stem = split(file)
  if ext == "bin" then own_stem = own_stem:gsub("%.bit$", "") end -- x.bit.bin: what bootgen writes
  local files = { bitfile_name = file, stem = own_stem, folder = folder_of(file) }
  files.metadata = (ext == "hwh" or ext == "dtbo" or WHOLE[ext]) and file or metadata_beside(own_stem)
                   or metadata_beside((split(core.absolute(name))))
  if ext == "dtbo" then files.dtbo = file end
  if ext == "hwh" or ext == "dtbo" then
    files.bitstream = bitstream_beside(own_stem)
  elseif not WHOLE[ext] then
    files.bitstream = found and file
  end
  if not files.metadata and not without_metadata then
    errors.raise("runtime", "Unable to find metadata for bitstream %s; %s.hwh should stand beside it "
                 .. "(Vivado writes it), or describe the design: lunq.Overlay(file, { design = { ... } })",
                 file, base_of(own_stem))
  end
  return ext == "lua" and files or with_custom(files)
end

return paths
