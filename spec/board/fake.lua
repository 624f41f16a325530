--- Spec support: runs a script on the board of tree.lua with fake_memory.c in the kernel's place.
--   local fake = dofile "spec/board/fake.lua"(tree)
--   setup(fake.build)
--   local text = fake.run([[print(lunq.allocate(4, "u4", { target = board }))]], { memory = "old" })
local process = dofile "spec/program/process.lua"
local lfs = require "lfs"

local library = dofile "spec/preload.lua" "spec/board/fake_memory.c"

return function(tree)
  local fake = { build = library.build }

  --- What a script prints; `board` is the device, allocate(bytes, cacheable) gives a buffer, fails(f, ...) prints kind
  --- and message of the error. It has to leave no descriptor open. The root is written ROOT. options: memory, cma,
  --- open (more of linux?root=), code (another exit code than 0).
  function fake.run(script, options)
    options = options or {}
    local text = ([[
      local lunq = require "lunq"
      local core = require "lunq.core"
      local function descriptors() return #core.list_dir "/proc/self/fd" end
      collectgarbage()
      local before = descriptors()
      local board = core.device_open("linux?root=%s%s")
      local function fails(f, ...)
        local ok, e = pcall(f, ...)
        print(ok and "it worked" or e.kind .. ": " .. e.message)
      end
      local function allocate(bytes, cacheable)
        return lunq.allocate(bytes, "u1", { target = board, cacheable = cacheable })
      end
      do
        local _ = { fails, allocate }
        %s
      end
      board:close()
      collectgarbage()
      assert(descriptors() == before, "descriptors are left open")]]):format(tree.root, options.open or "", script)
    local file = process.file(text, ".lua")
    local code, out, err = process.sh(("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 FAKE_ROOT=%s "
      .. "FAKE_MEMORY=%s FAKE_CMA=%s LD_PRELOAD=%s LUNQ %s"):format(tree.root, options.memory or "''",
                                                                    options.cma or "0x400000", library.path, file))
    process.clean()
    assert(code == (options.code or 0) and (code > 128 or err == ""), ("exit code %d: %s"):format(code, err))
    return (out:gsub(tree.root, "ROOT"))
  end

  --- What the drivers were asked.
  function fake.log()
    local text = lfs.attributes(tree.root .. "/log") and tree.read "/log" or ""
    return (text:gsub(tree.root, "ROOT"))
  end

  return fake
end
