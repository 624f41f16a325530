--- The event loop asleep in the read of a UIO node, the shortest way from an interrupt to us: it wakes for all it wakes
--- for otherwise (host/core/loop_read.h). The other end of the nodes is uio_read.c beside this file.
describe("a loop that sleeps in a read", function()
  local process = dofile "spec/program/process.lua"
  local program = dofile "spec/c_program.lua" "spec/interrupt/uio_read.c"
  local root

  local function write(name, text)
    local path = root .. "/" .. name
    assert(os.execute("mkdir -p " .. path:match "^.*/"))
    local f <close> = assert(io.open(path, "wb"))
    f:write(text)
  end

  setup(program.build)
  before_each(function()
    root = os.tmpname()
    os.remove(root)
    assert(os.execute("mkdir -p " .. root .. "/dev"))
    for n = 0, 1 do
      write(("sys/class/uio/uio%d/device/of_node/interrupts"):format(n), (">I4I4I4"):pack(0, 29 + n, 4))
    end
  end)
  after_each(function()
    process.clean()
    os.execute("rm -r " .. root)
  end)

  for name, behaviour in pairs {
    event_wakes = "wakes for the event",
    limit = "wakes at the time limit, not before",
    earlier_limit = "wakes at the limit of a wait that began later and is shorter",
    later_limit = "goes on when the limit of a wait that is over has come",
    second_line = "leaves the read to epoll when a second line is waited for, and hears both",
    other_descriptor = "leaves it when another descriptor is watched",
    signals = "is ended by each of many signals, at whatever moment",
    signal_before_read = "is ended by a signal directly before the read",
    signal_before_fcntl = "is ended by a signal just before the descriptor is made blocking",
    signal_after_fcntl = "is ended by a signal just after that",
    thread = "is ended by another thread",
    no_signal = "is not what a C program gets that leaves the loop no signal",
  } do
    it(behaviour, function()
      assert.same({ true, "ok\n" }, { program.run(name .. " " .. root) })
    end)
  end

  for who, wait in pairs {
    ["the main thread"] = "irq:hold():wait(100)",
    ["a task"] = "lunq.spawn(function() irq:hold():wait(100) end):wait(100)",
  } do
    local SCRIPT <const> = [[
      local lunq, core = require "lunq", require "lunq.core"
      local device = core.device_open "linux?root=%s"
      device:program(core.design_from_table { name = "b", arch = "zynq", ip = {} },
                     { bitstream = core.bitstream_read "%s/b.bin" })
      local irq = core.interrupt(device, "irq", "", 0, 61)
      print "ready"
      %s]]

    it("ends by Ctrl-C, in " .. who, function()
      write("proc/device-tree/compatible", "xlnx,zynq-7000\0")
      write("sys/class/fpga_manager/fpga0/state", "operating\n")
      write("sys/class/fpga_manager/fpga0/flags", "0\n")
      write("sys/class/fpga_manager/fpga0/firmware", "")
      write("lib/firmware/readme", "")
      write("b.bin", "\x66\x55\x99\xaa" .. ("\0"):rep(4092))
      local _, keeper = assert(program.run("node " .. root))
      finally(function() os.execute("kill " .. keeper) end)
      local code, out, err = process.interrupted("INT", SCRIPT:format(root, root, wait))
      assert.same({ 130, "ready\n" }, { code, out }, err)
      assert.matches("interrupted", err)
    end)
  end
end)
