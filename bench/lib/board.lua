--- What the benches of the device `linux` share: a board with a timer (TTC) on generic-uio, as those of the lab are,
--- else a folder that looks like one, and the C programs that stand beside a bench.
-- local board <close> = dofile(here .. "lib/board.lua")(here); here: the folder of the bench, with the slash
local core = require "lunq.core"

local Board = {}
Board.__index = Board

local function contents(path)
  local f <close> = io.open(path, "rb")
  return f and f:read "a"
end

--- Writes a file below the folder of this run.
function Board:write(path, text)
  assert(os.execute(("mkdir -p '%s'"):format(self.folder .. path:match "^(.*)/")))
  local f <close> = assert(io.open(self.folder .. path, "wb"))
  f:write(text)
end

--- The program or module of a C file: what stands beside the bench, as in a guest without a compiler, else compiled.
function Board:built(name, flags)
  local ready = self.here .. name:gsub("%.c$", flags:find "shared" and ".so" or "")
  if core.file_kind(ready) == "file" then return ready end
  local out = self.folder .. "/" .. ready:match "[^/]*$"
  local command = ("%s -O2 -std=gnu11 -D_GNU_SOURCE %s -o %s %s%s"):format(os.getenv "CC" or "cc", flags, out,
                                                                        self.here, name)
  assert(os.execute(command), command)
  return out
end

--- One that has the registers, and how its interrupts are measured.
local function timer_of(self, compatible)
  local zynq = compatible:find "zynq%-7000" ~= nil
  local name = zynq and "f8002000" or "ff110000"
  for _, uio in ipairs(core.list_dir "/sys/class/uio" or {}) do
    if (contents("/sys/class/uio/" .. uio .. "/maps/map0/addr") or ""):find(name) then
      self.device, self.node, self.address = core.device_open "linux?force=1", "/dev/" .. uio, tonumber(name, 16)
      self.register, self.gic, self.arch = 0x24, zynq and 69 or 68, zynq and "zynq" or "zynquplus"
      self.what = "a timer"
      return true
    end
  end
end

--- A folder with a UIO device of memory, and one of interrupts, which a program plays.
local function pretend(self)
  self:write("/proc/device-tree/compatible", "xlnx,zynq-7000\0")
  for n, address in pairs { [4] = 0x40000000, [5] = 0x40010000 } do
    local sys = "/sys/class/uio/uio" .. n
    self:write(sys .. "/name", "bench\n")
    self:write(sys .. "/maps/map0/addr", ("0x%x\n"):format(address))
    self:write(sys .. "/maps/map0/size", "0x1000\n")
    self:write(sys .. "/maps/map0/offset", "0x0\n")
    self:write("/dev/uio" .. n, ("\0"):rep(0x1000))
  end
  self:write("/sys/class/uio/uio6/device/of_node/interrupts", string.pack(">I4I4I4", 0, 29, 4))
  self:write("/sys/class/fpga_manager/fpga0/state", "operating\n")
  self:write("/sys/class/fpga_manager/fpga0/flags", "0\n")
  self:write("/sys/class/fpga_manager/fpga0/firmware", "")
  self:write("/lib/firmware/readme", "")
  self.device, self.node, self.address = core.device_open("linux?root=" .. self.folder), self.folder .. "/dev/uio4",
                                         0x40000000
  self.register, self.gic, self.arch, self.what = 0x10, 61, "zynq", "memory"
  self.stamp = self.folder .. "/dev/uio5"
end

function Board:__close()
  self.device:close()
  os.execute("rm -rf " .. self.folder)
end

--- device, node (of a UIO device), address and register (one that may be read and written), what (it is), gic (its
--- interrupt), arch, folder; stamp: only of a folder that looks like a board, where the interrupts' times are noted.
return function(here)
  local self = setmetatable({ here = here, folder = os.tmpname() }, Board)
  os.remove(self.folder)
  assert(os.execute("mkdir " .. self.folder))
  local compatible = contents "/proc/device-tree/compatible"
  if not (compatible and timer_of(self, compatible)) then pretend(self) end
  return self
end
