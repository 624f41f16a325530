--- Spec support: device-tree blobs written by hand, so that a spec can damage one place of them.
--   local fdt = dofile "spec/design/support/fdt.lua"
--   fdt.blob { { "compatible", "acme,board\0" }, { "soc", { { "reg", fdt.cells(0, 16) } } } }
-- A node is a list of { name, bytes } for properties and { name, list } for children.
local lfs = require "lfs"

local fdt = {}

local BEGIN_NODE <const>, END_NODE <const>, PROP <const>, END <const> = 1, 2, 3, 9

--- 32-bit numbers, big endian.
function fdt.cells(...)
  local t = { ... }
  for i, v in ipairs(t) do t[i] = (">I4"):pack(v) end
  return table.concat(t)
end

local function padded(s) return s .. ("\0"):rep(-#s % 4) end

--- The structure block, token by token; names of properties go into `strings`.
local function structure(out, strings, name, node)
  out[#out + 1] = fdt.cells(BEGIN_NODE) .. padded(name .. "\0")
  for _, item in ipairs(node) do
    if type(item[2]) == "table" then
      structure(out, strings, item[1], item[2])
    else
      out[#out + 1] = fdt.cells(PROP, #item[2], #strings.text) .. padded(item[2])
      strings.text = strings.text .. item[1] .. "\0"
    end
  end
  out[#out + 1] = fdt.cells(END_NODE)
end

--- A blob of a structure block and a strings block given as bytes. The structure starts at 0x38.
function fdt.assemble(structs, strings)
  local total = 56 + #structs + #strings
  return fdt.cells(0xd00dfeed, total, 56, 56 + #structs, 40, 17, 16, 0, #strings, #structs) .. ("\0"):rep(16)
         .. structs .. strings
end

--- The blob of a root node.
function fdt.blob(root)
  local out, strings = {}, { text = "" }
  structure(out, strings, "", root)
  return fdt.assemble(table.concat(out) .. fdt.cells(END), strings.text)
end

--- The blob with n bytes from offset `at` (counted from 0) replaced.
function fdt.patch(blob, at, bytes) return blob:sub(1, at) .. bytes .. blob:sub(at + #bytes + 1) end

--- An overlay of one fragment: what stands in it, and more nodes of the root.
function fdt.overlay(inside, more)
  local root = { { "fragment@0", { { "target-path", "/soc\0" }, { "__overlay__", inside } } } }
  return fdt.blob(table.move(more or {}, 1, #(more or {}), 2, root))
end

--- Writes a node of core.fdt_parse as Linux shows it: a folder a node, a file a property, and in each
--- a file "name".
function fdt.folder(node, path)
  lfs.mkdir(path)
  local function write(name, value)
    local f <close> = assert(io.open(path .. "/" .. name, "wb"))
    f:write(value)
  end
  write("name", (node.name:match "^[^@]*") .. "\0")
  for _, p in ipairs(node.properties) do write(p.name, p.value) end
  for _, c in ipairs(node.children) do fdt.folder(c, path .. "/" .. c.name) end
  return path
end

return fdt
