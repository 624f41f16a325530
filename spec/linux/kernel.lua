--- Spec support: a board below a folder (spec/board/tree.lua), with fake_kernel.c as its kernel. Nothing here
--- touches the /sys of the machine that runs the tests.
--   local kernel = dofile "spec/linux/kernel.lua"
--   setup(kernel.setup) teardown(kernel.teardown) before_each(kernel.fresh) after_each(kernel.clean)
local core = require "lunq.core"
local lfs = require "lfs"
local dtc = dofile "spec/design/support/dtc.lua"
local fdt = dofile "spec/design/support/fdt.lua"

local kernel = dofile "spec/board/tree.lua"
kernel.OVERLAYS = "/sys/kernel/config/device-tree/overlays"

local library = dofile "spec/preload.lua" "spec/linux/fake_kernel.c"
local template -- a folder with the live tree

--- A file of the board; "" when it is not there.
function kernel.read(path)
  local f <close> = io.open(kernel.root .. path, "rb")
  return f and f:read "a" or ""
end

function kernel.setup()
  library.build()
  kernel.make()
  template = kernel.root
  assert(os.execute(("mkdir -p %s%s %s/proc %s/dev %s/lib/firmware")
                    :format(template, kernel.OVERLAYS, template, template, template)))
  local board = core.fdt_parse("board", dtc.blob(dtc.slurp "spec/design/fixtures/zynqmp.dts"))
  fdt.folder(board:table().root, template .. "/proc/device-tree")
  kernel.write("/dev/kmsg", "6,1,1,-;long before\n")
  dtc.clean()
end

function kernel.teardown() os.execute("rm -r " .. template) end

--- The file to preload, from the root on: a library, so that another program has this kernel.
function kernel.library() return library.path end

--- A board of its own for a spec.
function kernel.fresh()
  kernel.make()
  assert(os.execute(("cp -r %s %s"):format(template, kernel.root)))
end

function kernel.clean()
  dtc.clean()
  kernel.remove()
end

--- An FPGA manager; with the files of vendor kernels unless it is a mainline one.
function kernel.manager(state, mainline)
  local folder = "/sys/class/fpga_manager/fpga0/"
  kernel.write(folder .. "state", (state or "unknown") .. "\n")
  if mainline then return end
  kernel.write(folder .. "flags", "0\n")
  kernel.write(folder .. "firmware", "")
end

--- What a script prints on the fake kernel: mode is what goes wrong there, environment more variables.
function kernel.run(mode, script, environment)
  local bin = os.getenv "LUNQ_BIN" or arg[-1]
  local code, out, err = dtc.sh(("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_PRELOAD=%s FAKE_ROOT=%s "
    .. "FAKE_KERNEL=%s %s %s %s"):format(library.path, kernel.root, mode, environment or "", bin,
                                         dtc.file_of("local lunq = require 'lunq'\n" .. script, ".lua")))
  require "luassert".same({ 0, "" }, { code, err })
  return (out:gsub(kernel.root, "ROOT"))
end

--- The overlays that are in the kernel.
function kernel.overlays()
  local list = {}
  for name in lfs.dir(kernel.root .. kernel.OVERLAYS) do
    if not name:find "^%." then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

return kernel
