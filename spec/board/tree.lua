--- Spec support: a folder that looks like a board's /proc, /sys and /dev, which the device `linux` takes for
-- them (`linux?root=`). Files of /dev can be mapped as the nodes are.
--   local tree = dofile "spec/board/tree.lua"
--   before_each(tree.make)    after_each(tree.remove)
local assert = require "luassert"
local core = require "lunq.core"

local tree = {}

function tree.make()
  tree.root = os.tmpname()
  os.remove(tree.root)
end

function tree.remove()
  collectgarbage()
  os.execute(("rm -rf '%s'"):format(tree.root))
end

--- Writes a file of the board, or any other one when the path begins with its root.
---@return string path
function tree.write(path, text)
  if path:sub(1, #tree.root) ~= tree.root then path = tree.root .. path end
  assert(os.execute(("mkdir -p '%s'"):format(path:match "^(.*)/")))
  local f <close> = assert(io.open(path, "wb"))
  f:write(text)
  return path
end

function tree.read(path)
  local f <close> = assert(io.open(tree.root .. path, "rb"))
  return f:read "a"
end

--- A ZCU102 with the register page of one UIO device, in a file as long as `bytes`.
function tree.board(bytes)
  tree.write("/proc/device-tree/compatible", "xlnx,zynqmp-zcu102\0xlnx,zynqmp\0")
  tree.write("/proc/device-tree/model", "ZynqMP ZCU102 Rev1.0\0")
  tree.write("/proc/device-tree/pss_ref_clk/clock-frequency", string.pack(">I4", 33333333))
  tree.uio(4, 0xa0010000, 0x2000, bytes)
  tree.write("/proc/meminfo", "MemTotal:  4000000 kB\nCmaTotal:  131072 kB\nCmaFree:   1024 kB\n")
end

function tree.uio(n, address, size, bytes)
  local folder = "/sys/class/uio/uio" .. n
  tree.write(folder .. "/name", "fir\n")
  tree.write(folder .. "/maps/map0/addr", ("0x%016x\n"):format(address))
  tree.write(folder .. "/maps/map0/size", ("0x%016x\n"):format(size))
  tree.write(folder .. "/maps/map0/offset", "0x0\n")
  tree.write("/dev/uio" .. n, ("\0"):rep(bytes or size))
end

function tree.udmabuf(name, address, size)
  local folder = "/sys/class/u-dma-buf/" .. name
  tree.write(folder .. "/phys_addr", ("0x%016x\n"):format(address))
  tree.write(folder .. "/size", size .. "\n")
  tree.write(folder .. "/dma_coherent", "0\n")
  tree.write(folder .. "/sync_mode", "1\n")
  tree.write(folder .. "/sync_for_cpu", "0\n")
  tree.write(folder .. "/sync_for_device", "0\n")
  tree.write("/dev/" .. name, ("\xff"):rep(size))
end

--- What a call says that fails with an error object of this kind.
---@return string text
function tree.fails(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(kind, e.kind, tostring(e))
  return tostring(e)
end

function tree.open(options)
  return core.device_open("linux?root=" .. tree.root .. (options or ""))
end

return tree
