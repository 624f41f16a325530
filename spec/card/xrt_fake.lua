--- Spec support: folders that look like an XRT to LUNQ, below one temporary folder.
--   local fake = dofile "spec/card/xrt_fake.lua"
--   fake.library { "-DOLD" }      a folder for XILINX_XRT with xrt_fake.c built in its lib/
--   fake.noop()                   the same with links to the noop shim of the real XRT, or nil
--   fake.clean()
local fake = {}

local uv = require "luv"
local process = dofile "spec/program/process.lua"
local root, count, built = nil, 0, {}

local function folder()
  root = root or assert(uv.fs_mkdtemp "/tmp/lunq-spec-XXXXXX")
  count = count + 1
  local dir = root .. "/" .. count
  assert(os.execute("mkdir -p " .. dir .. "/lib"))
  return dir
end

local function compile(path, flags)
  local cc <const> = "cc -std=gnu11 -g -shared -fPIC -Wall -Wextra -pthread %s -o %s spec/card/xrt_fake.c"
  local code, _, err = process.sh(cc:format(flags, path))
  assert(code == 0, err)
end

--- The flags make a library of their own; the same ones the same.
function fake.library(flags)
  local key = table.concat(flags or {}, " ")
  if not built[key] then
    local dir = folder()
    compile(dir .. "/lib/libxrt_coreutil.so.2", key)
    compile(dir .. "/lib/libxrt_core.so.2", key .. " -DSHIM")
    built[key] = dir
  end
  return built[key]
end

--- A folder with lib/ and nothing in it, or with these files of these texts.
function fake.empty(files)
  local dir = folder()
  for name, text in pairs(files or {}) do
    local f <close> = assert(io.open(dir .. "/lib/" .. name, "wb"))
    f:write(text)
  end
  return dir
end

--- Where Debian's libxrt1 has its libraries, or nil.
function fake.installed()
  local p <close> = assert(io.popen "ls /usr/lib/*/libxrt_noop.so.2 2>/dev/null")
  local path = p:read "l"
  return path and path:match "^(.*)/"
end

fake.not_installed = "skipped: libxrt1 not installed"

--- xrt.md 4: links in a folder's lib/.
function fake.noop()
  local from = fake.installed()
  if not from then return nil end
  if not built.noop then
    built.noop = folder()
    for _, name in ipairs { "core", "coreutil", "noop" } do
      local file = "/libxrt_" .. name .. ".so.2"
      assert(uv.fs_symlink(from .. file, built.noop .. "/lib" .. file))
    end
  end
  return built.noop
end

--- Runs a script in a LUNQ of its own. env: variables (false: unset).
---@return integer code
---@return string out
---@return string err
function fake.run(script, env, ...)
  local words, unset = {}, { "env" }
  for name, value in pairs(env) do
    if value then
      words[#words + 1] = process.quote(name .. "=" .. value)
    else
      unset[#unset + 1] = "-u " .. name
    end
  end
  table.move(words, 1, #words, #unset + 1, unset)
  words = unset
  words[#words + 1] = process.quote(process.bin)
  words[#words + 1] = process.quote(process.file(script, ".lua"))
  for _, a in ipairs { ... } do words[#words + 1] = process.quote(a) end
  return process.sh(table.concat(words, " "))
end

function fake.clean()
  process.clean()
  if root then os.execute("rm -r " .. root) end
  root, built = nil, {}
end

return fake
