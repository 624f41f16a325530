-- Seeds of fuzz_xclbin into a folder: a sound file, one with all sections, and the damaged ones of the
-- specs. tools/test.sh runs it: no binaries in the repository.
local folder = ...
local lunq = require "lunq"
local damaged = dofile "spec/design/support/xclbin_damaged.lua"
local xclbin = dofile "spec/design/support/xclbin.lua"

local function put(name, bytes)
  local f <close> = assert(io.open(folder .. "/" .. name:gsub("%W", "_") .. ".xclbin", "wb"))
  f:write(bytes)
end

put("good", damaged.good())
put("groups", lunq.xclbin.bytes(xclbin.two(), { groups = true }))
put("small", lunq.xclbin.bytes { kernels = { k = { args = { "int *a" } } } })
for _, case in ipairs(damaged.list()) do put(case[1], case[2]) end
