--- Spec support: a C file as a library to preload, which plays a part of the kernel.
--   local preload = dofile "spec/preload.lua" "spec/pci/fake_vfio.c"
--   setup(preload.build)      ("LD_PRELOAD=%s ..."):format(preload.path)
local lfs = require "lfs"

---@param source string path of the .c file
---@return table preload path: of the library, from the root on; build(): raises when it does not compile
return function(source)
  local build = dofile "spec/program/process.lua".bin:match "^(.*)/" .. "/spec/"
  local path = build .. source:match "([^/]*)%.c$" .. ".so"
  local preload = { path = path:find "^/" and path or lfs.currentdir() .. "/" .. path }

  --- Specs run side by side, and one may be using the library that another makes: it appears whole or not at all.
  function preload.build()
    local new = ("%s.%d"):format(preload.path, math.random(1 << 30))
    local cc <const> = "cc -shared -fPIC -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra"
    assert(os.execute(("mkdir -p %s && %s -o %s %s && mv %s %s"):format(build, cc, new, source, new, preload.path)))
  end

  return preload
end
