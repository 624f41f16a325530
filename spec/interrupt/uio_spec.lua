--- UIO: finding the node of an interrupt, and waiting for it (pynq-behaviour.md B9; PYNQ's test_uio and the
--- look-ups of test_interrupt). The other end of the nodes is uio.c beside this file.
describe("UIO", function()
  local lfs = require "lfs"
  local program = dofile "spec/c_program.lua" "spec/interrupt/uio.c"
  local root

  setup(program.build)
  before_each(function()
    root = os.tmpname()
    os.remove(root)
    assert(os.execute("mkdir -p " .. root .. "/dev " .. root .. "/proc " .. root .. "/sys/class/uio"))
  end)
  after_each(function() os.execute("rm -r " .. root) end)

  local function write(name, text)
    local path = root .. "/" .. name
    assert(os.execute("mkdir -p " .. path:match "^.*/"))
    local f <close> = assert(io.open(path, "wb"))
    f:write(text)
  end

  --- interrupts: the cells of the device tree's property.
  local function device(n, name, interrupts)
    write(("sys/class/uio/uio%d/name"):format(n), name .. "\n")
    if interrupts then
      write(("sys/class/uio/uio%d/device/of_node/interrupts"):format(n), (">I4I4I4"):pack(table.unpack(interrupts)))
    end
  end

  local function find(gic)
    local _, text = program.run(("find %s %d"):format(root, gic))
    return text:match "^[^\n]*"
  end

  local ZYNQ <const> = [[
           CPU0       CPU1
 16:          1          0     GIC-0  27 Edge      gt
 17:      15320      17330     GIC-0  29 Edge      twd
 31:         23          0     GIC-0  54 Level     eth0, eth0
 45:          0          0     GIC-0  41 Edge      f8005000.watchdog
 46:         10          0     GIC-0  61 Level     fabric
IPI1:          0          0  Timer broadcast interrupts
Err:          0
]]
  local ZYNQMP <const> = [[
           CPU0       CPU1       CPU2       CPU3
  3:      18021      11202      10093      12094     GICv2  30 Level     arch_timer
 12:        423          0          0          0     GICv2 156 Level     eth0, eth0
 49:          5          0          0          0     GICv2 121 Level     fabric
 50:          0          0          0          0     GICv2 122 Level     fabric
]]

  describe("finds the name in /proc/interrupts", function()
    for family, case in pairs {
      ["a Zynq-7000"] = { ZYNQ, 61 }, ["a Zynq UltraScale+"] = { ZYNQMP, 121 },
    } do
      it("of " .. family .. ", and the first node of that name", function()
        write("proc/interrupts", case[1])
        device(3, "fabric")
        device(1, "other")
        assert.equal("3 fabric", find(case[2]))
      end)
    end

    it("unless nobody has the interrupt", function()
      write("proc/interrupts", ZYNQ)
      device(0, "fabric")
      assert.equal("-1 none", find(62))
    end)

    it("also among lines with more columns, as \"eth0, eth0\", which are not numbers then", function()
      write("proc/interrupts", ZYNQ)
      device(0, "eth0")
      assert.equal("-1 none", find(54))
    end)

    it("and the last line of those that have it", function()
      write("proc/interrupts", ZYNQ .. " 47:  0  0  GIC-0  61 Level  later\n")
      device(0, "fabric")
      device(1, "later")
      assert.equal("1 later", find(61))
    end)

    -- PYNQ wants seven columns, which a Zynq-7000S with its one processor does not have.
    it("of one processor, too", function()
      write("proc/interrupts", "           CPU0\n 46:          3     GIC-0  61 Level     fabric\n")
      device(0, "fabric")
      assert.equal("0 fabric", find(61))
    end)

    it("only where lines have a count", function()
      write("proc/interrupts", " 46:  GIC-0  61 Level  fabric\n")
      device(0, "fabric")
      assert.equal("-1 none", find(61))
    end)

    it("of which UIO may have none", function()
      write("proc/interrupts", ZYNQ)
      assert.equal("-1 fabric", find(61))
      lfs.rmdir(root .. "/sys/class/uio")
      assert.equal("-1 fabric", find(61))
      os.remove(root .. "/proc/interrupts")
      assert.equal("-1 none", find(61))
    end)

    it("whatever is in the file", function()
      write("proc/interrupts", ("x "):rep(100000) .. "61 Level " .. ("n"):rep(5000) .. "\n\0\0\n 61 a b")
      assert.equal("-1 none", find(61))
    end)
  end)

  -- Deviation 30: nodes of one name can't be told apart by it.
  it("finds a node by the device tree first", function()
    write("proc/interrupts", ZYNQMP)
    device(0, "fabric", { 0, 0x5a, 4 })
    device(1, "fabric", { 0, 0x59, 4 })
    device(2, "timer", { 1, 14, 4 }) -- a processor's own: from 16 on
    device(3, "odd", { 7, 0x59, 4 })
    write("sys/class/uio/uio4/device/of_node/interrupts", "short")
    assert.same({ "1 fabric", "0 fabric" }, { find(121), find(122) })
    assert.equal("2", find(30):match "^%d")
  end)

  for _, case in ipairs { { "uio0", 0 }, { "uio10", 10 }, { "nobody", -1 } } do
    it("knows the node of a device by its name: " .. case[1], function()
      device(0, "uio0")
      device(10, "uio10")
      write("sys/class/uio/uiox/name", "uiox\n")
      write("sys/class/uio/uio99999999999/name", "nobody\n")
      local _, text = program.run(("name %s %s"):format(root, case[1]))
      assert.equal(case[2] .. "\n", text)
    end)
  end

  for name, behaviour in pairs {
    no_event = "arms while somebody waits, and disarms",
    one_event = "wakes who waits",
    two_waiters = "arms once for two who wait, and wakes them in order",
    two_events = "arms again for the next wait",
    merged_events = "sees events that were merged by the count",
    wait_in_callback = "may be waited for again in a call-back: armed once for each list",
    two_lines = "keeps two lines apart, also at the same time",
    nobody = "reads what came when nobody waited any more",
    baseline = "counts from what the node had counted before",
    gone = "says so when the device goes away",
    replaced = "takes the device that has the interrupt now, when the one it had is gone",
    alone = "can be waited for by a C program without tasks",
    sleeps = "costs no time while nothing comes",
    not_there = "says which interrupt has no device, in PYNQ's words",
  } do
    for how, option in pairs { [""] = "", [", where the loop may sleep in a read, too"] = " read" } do
      it(behaviour .. how, function()
        device(0, "fabric", { 0, 29, 4 })
        device(1, "fabric", { 0, 30, 4 })
        if name == "baseline" then write("sys/class/uio/uio1/event", "41\n") end
        assert.same({ true, "ok\n" }, { program.run(name .. " " .. root .. option) })
      end)
    end
  end
end)
