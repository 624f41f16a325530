--- What a board has loaded, for programs to come: a file below /run/lunq/programs (of this user where nobody may
--- write there), which outlives the program and goes with the reboot.
--
--   { bitstream = { file, hash }, metadata = { file, hash }, overlays = { names }, regions = { path = file },
--     program, pid, user, time }
-- Hashes are texts. A device that is gone with the program (`sim`) has none.
local core = require "lunq.core"

local loaded_file = {}

local LIMIT <const> = 1024 * 1024

local function path_of(device)
  local folder = device.root and core.run_folder(device)
  return folder and ("%s/%s.json"):format(folder, device.kind)
end

--- The note, or nil when there is none, or none that can be read.
---@return table|nil
function loaded_file.read(device)
  local path = path_of(device)
  if not path or core.file_kind(path) ~= "file" then return nil end
  local ok, text = pcall(require "lunq.loader".read, path, LIMIT)
  local note = ok and require "dkjson".decode(text)
  return type(note) == "table" and type(note.bitstream) == "table" and type(note.metadata) == "table" and note or nil
end

--- Replaces the note in one go, so that nobody reads half of it. Failing is a warning: what is loaded works.
function loaded_file.write(device, note)
  local path = path_of(device)
  if not path then return end
  local draft = ("%s.%d"):format(path, core.process().pid)
  local f, why = io.open(draft, "w")
  if f then
    f:write(require "dkjson".encode(note, { indent = true }), "\n")
    f:close()
    f, why = os.rename(draft, path)
  end
  if not f then
    require "lunq.warnings".warn("resource", "What is loaded can't be noted for other programs: %s", why)
  end
end

--- Nothing is loaded, or nobody knows what.
function loaded_file.remove(device)
  local path = path_of(device)
  if path then os.remove(path) end
end

--- Changes the note, when there is one.
---@param change fun(note: table)
function loaded_file.update(device, change)
  local note = loaded_file.read(device)
  if not note then return end
  change(note)
  loaded_file.write(device, note)
end

--- Notes what a region has now.
---@param region string full path
---@param what string file of the partial design, or why there is none
function loaded_file.note_region(device, region, what)
  loaded_file.update(device, function(note)
    note.regions = type(note.regions) == "table" and note.regions or {}
    note.regions[region] = what
  end)
end

--- A hash as a text.
function loaded_file.hash(text) return ("%016x"):format(core.hash(text)) end

--- A note of what this program has loaded just now.
---@param files table { bitfile_name, metadata }
---@param bitstream? userdata
---@param hash integer of the metadata
function loaded_file.note(files, bitstream, hash)
  local note = core.process()
  note.time = os.date "%Y-%m-%d %H:%M:%S"
  note.bitstream = bitstream and { file = bitstream.file, hash = loaded_file.hash(bitstream:to_bin()) } or {}
  note.metadata = { file = files.metadata or "(table)", hash = ("%016x"):format(hash) }
  note.overlays, note.regions = setmetatable({}, { __jsontype = "array" }), setmetatable({}, { __jsontype = "object" })
  return note
end

--- Why what is noted is not a design; nil: it is.
---@param device userdata
---@param hash integer of its metadata
---@param read? fun(): userdata reads its bitstream, which takes a while; called when there is something to compare
---@return string|nil
function loaded_file.differs(device, hash, read)
  local note = loaded_file.read(device)
  if not note then
    return ("nobody has noted what is loaded on %s: a program other than LUNQ did it, or the boot loader"):format(
      device.name)
  end
  local kind, there, own = "design", note.metadata, ("%016x"):format(hash)
  if read and note.bitstream.hash then
    kind, there, own = "bitstream", note.bitstream, loaded_file.hash(read():to_bin())
  end
  if there.hash == own then return nil end
  return ("%s has another %s: %s, loaded by %s, user %s, on %s"):format(
    device.name, kind, tostring(there.file), tostring(note.program), tostring(note.user), tostring(note.time))
end

return loaded_file
