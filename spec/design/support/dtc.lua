--- Spec support: Debian's dtc, a second reader and writer of device trees.
--   local dtc = dofile "spec/design/support/dtc.lua"
--   after_each(dtc.clean)
local process = dofile "spec/program/process.lua"

local dtc = { file_of = process.file, clean = process.clean, lunq = process.lunq, sh = process.sh }

--- The contents of a file.
function dtc.slurp(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

local function run(line)
  local code, out, err = process.sh(line)
  assert(code == 0, err)
  return out
end

--- The path of a blob compiled from source text; dtc.clean removes it.
---@param source string
---@param symbols? boolean false: without -@, so without labels
function dtc.file(source, symbols)
  local path = process.file("", ".dtb")
  run(("dtc -q %s -I dts -O dtb -o %s %s"):format(symbols == false and "" or "-@", path, process.file(source, ".dts")))
  return path
end

--- The same as bytes.
function dtc.blob(source, symbols) return dtc.slurp(dtc.file(source, symbols)) end

--- A blob as dtc shows it, properties and nodes sorted.
function dtc.source(blob) return run("dtc -q -s -I dtb -O dts " .. process.file(blob, ".dtb")) end

--- What Debian's fdtoverlay makes of a base and an overlay.
function dtc.apply(base, overlay)
  local path = process.file("", ".dtb")
  run(("fdtoverlay -i %s -o %s %s"):format(process.file(base, ".dtb"), path, process.file(overlay, ".dtbo")))
  return dtc.slurp(path)
end

return dtc
