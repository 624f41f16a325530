--- xclbin files without Vitis: for trying things out, and for tests.
--   lunq.xclbin.write("vadd.xclbin", { kernels = { vadd = { args = { "int *a", "int *b", "int *c", "int n" } } } })
--   local bytes = lunq.xclbin.bytes(description, { groups = true })
-- The description is that of a table design (bindings/l_card_table.c, docs/guide.md): lunq.Overlay
-- takes it as well. The file has no bitstream: simulated cards and XRT's emulation load it.
local core = require "lunq.core"
local errors = require "lunq.errors"

local xclbin = {}

--- The bytes of an xclbin.
---@param description table|userdata a description, or the design of a card
---@param options? table { groups = boolean, time = seconds, sections = { { kind =, data =, name = } } }
---@return string
--- Raises `type` and `value` that name the place in the description.
function xclbin.bytes(description, options)
  local design = type(description) == "table" and core.design_from_table(description) or description
  return design:xclbin(options)
end

--- Writes an xclbin file.
---@param path string
---@param description table|userdata as for bytes
---@param options? table as for bytes
---@return string path
--- Raises `io` when the file can't be written.
function xclbin.write(path, description, options)
  local bytes = xclbin.bytes(description, options)
  local f, why = io.open(path, "wb")
  if not f then errors.raise("io", "%s", why) end
  local ok, failure = f:write(bytes)
  f:close()
  if not ok then errors.raise("io", "%s: %s", path, failure) end
  return path
end

return xclbin
