--- A firmware package as Kria boards have them: a folder /lib/firmware/xilinx/APP with a bitstream
--- (APP.bit.bin), a device-tree overlay (APP.dtbo) and shell.json (linux-boards.md A8).
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"

local firmware_package = {}

local JSON_LIMIT <const> = 64 * 1024 -- those there are have some 60 bytes

--- The one file of this ending: the only one, or the one that is called as the folder is.
local function one_of(folder, names, ending)
  local list = {}
  for _, name in ipairs(names) do
    if name:sub(-#ending) == ending and core.file_kind(folder .. "/" .. name) == "file" then list[#list + 1] = name end
  end
  local own = folder:match "([^/]*)$" .. ending
  for _, name in ipairs(list) do
    if name == own then return folder .. "/" .. name end
  end
  if #list > 1 then
    errors.raise("value", "%s has several %s files: %s; name the one that is meant", folder, ending,
                 table.concat(list, ", "))
  end
  return list[1] and folder .. "/" .. list[1]
end

--- What shell.json says: { type = "XRT_FLAT", slots = 1 }. Slots may be a text there.
local function read_shell(path)
  local text = loader.read(path, JSON_LIMIT)
  local ok, shell, _, problem = pcall(require "dkjson".decode, text)
  if not ok or type(shell) ~= "table" or type(shell.shell_type) ~= "string" then
    errors.raise("value", '%s: %s; it should be as { "shell_type": "XRT_FLAT", "num_slots": "1" }', path,
                 ok and problem or "no shell_type")
  end
  return { type = shell.shell_type, slots = math.tointeger(tonumber(shell.num_pl_slots or shell.num_slots)) }
end

--- Finds what a package holds.
---@param folder string
---@return table files { metadata, dtbo, bitstream, shell }: paths; bitstream and shell may be nil
--- Raises `io` when there is no overlay in it, `value` when there are several or shell.json is damaged.
function firmware_package.read(folder)
  folder = core.absolute(folder):gsub("/+$", "")
  local names = core.list_dir(folder) or {}
  local dtbo = one_of(folder, names, ".dtbo")
  if not dtbo then
    errors.raise("io", "%s is a folder without a device-tree overlay (.dtbo); a package as in /lib/firmware/xilinx "
                 .. "has one. Name a .bit or .hwh file otherwise", folder)
  end
  local shell = folder .. "/shell.json"
  return {
    dtbo = dtbo, metadata = one_of(folder, names, ".hwh") or dtbo,
    bitstream = one_of(folder, names, ".bit.bin") or one_of(folder, names, ".bit") or one_of(folder, names, ".bin"),
    shell = core.file_kind(shell) == "file" and read_shell(shell) or nil,
  }
end

return firmware_package
