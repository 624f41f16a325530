--- Which device a program gets that names none: the board it runs on, else the simulated one. LUNQ_ROOT shows it
-- a copy of a board's /proc, /sys and /dev.
describe("without a name for the device", function()
  local dkjson = require "dkjson"
  local process = dofile "spec/program/process.lua"

  local root

  before_each(function()
    root = os.tmpname()
    os.remove(root)
    assert(os.execute("mkdir " .. root))
  end)
  after_each(function()
    process.clean()
    os.execute(("rm -rf '%s'"):format(root))
  end)

  local function write(path, text)
    assert(os.execute(("mkdir -p '%s'"):format(root .. path:match "^(.*)/")))
    local f <close> = assert(io.open(root .. path, "wb"))
    f:write(text)
  end

  local function zcu102()
    write("/proc/device-tree/compatible", "xlnx,zynqmp-zcu102-rev1.0\0xlnx,zynqmp\0")
    write("/proc/device-tree/model", "ZynqMP ZCU102 Rev1.0\0")
  end

  local function with_uio()
    zcu102()
    write("/sys/class/uio/uio4/name", "fir\n")
    write("/dev/uio4", "")
  end

  --- Runs the program with LUNQ_ROOT.
  ---@param environment? string more variables
  ---@param who? string what process.unprivileged says
  local function lunq(words, environment, who)
    return process.sh(("env -u LUNQ_DEVICE LUNQ_ROOT=%s %s %s%s %s"):format(root, environment or "", who or "",
      who and root .. "/lunq" or process.quote(process.bin), words))
  end

  local SHOW <const> = "-e 'print(lunq.Device.active_device.name, lunq.Device.active_device.kind)'"

  it("it is the simulated one on a machine without a device tree, or on another board", function()
    local code, out, err = lunq(SHOW)
    assert.same({ 0, "sim\tsim\n", "" }, { code, out, err })
    write("/proc/device-tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0")
    write("/dev/mem", "")
    assert.equal("sim\tsim\n", select(2, lunq(SHOW)))
    assert.equal("device sim (no board here)\n", select(2, lunq "info"))
  end)

  it("it is the board where a UIO device opens, or /dev/mem", function()
    local linux = ("linux?root=%s\tlinux\n"):format(root)
    with_uio()
    local code, out, err = lunq(SHOW)
    assert.same({ 0, linux, "" }, { code, out, err })
    os.remove(root .. "/dev/uio4")
    write("/dev/mem", "")
    assert.equal(linux, select(2, lunq(SHOW)))
  end)

  it("a name comes first: of the command line, then of the environment", function()
    with_uio()
    assert.equal("sim:zynqmp\tsim\n", select(2, lunq(SHOW, "LUNQ_DEVICE=sim:zynqmp")))
    assert.equal("sim:zynq7000\tsim\n", select(2, lunq("--device sim:zynq7000 " .. SHOW, "LUNQ_DEVICE=sim:zynqmp")))
    assert.equal("device sim:zynqmp (as asked for)\n", select(2, lunq("info", "LUNQ_DEVICE=sim:zynqmp")))
    assert.matches("^device linux%?root=", select(2, lunq("info", "LUNQ_DEVICE="))) -- empty: none
  end)

  it("lunq info and the prompt say which it is, and why", function()
    with_uio()
    assert.equal(("device linux?root=%s (ZynqMP ZCU102 Rev1.0)\n"):format(root), select(2, lunq "info"))
    local report = dkjson.decode((select(2, lunq "info --json")))
    assert.same({ device = "linux?root=" .. root, why = "ZynqMP ZCU102 Rev1.0" }, report)
    local prompt = process.prompt("LUNQ_DEVICE= LUNQ_ROOT=" .. root)
    assert.matches("device linux%?root=%S+ %(ZynqMP ZCU102 Rev1%.0%)%. Ctrl%-D leaves%.$", prompt:expect "\r\n")
    prompt:leave()
  end)

  it("a recorded run is one of the same device", function()
    with_uio()
    local _, out, err = lunq("record -o " .. process.file("", ".trace") .. " " .. SHOW)
    assert.same({ ("linux?root=%s\tlinux\n"):format(root), "" }, { out, err })
  end)

  describe("a board this user may not use", function()
    local denied = "This is a board %(ZynqMP ZCU102 Rev1%.0, xlnx,zynqmp%), but this user may open none of its "
                   .. "devices: %S+/dev/uio4: Permission denied%. Become a member of the group that has them, with "
                   .. "LUNQ's udev rules the group lunq %(usermod %-aG lunq %$USER, then log in again%)"

    local who = process.unprivileged()
    if not who then pending "nobody else can run it here" return end

    before_each(function()
      with_uio()
      write("/dev/mem", "")
      os.execute(("chmod %d %s/dev/uio4 %s/dev/mem"):format(who == "" and 0 or 600, root, root))
      os.execute(("cp %s %s/lunq && chmod 755 %s %s/lunq"):format(process.quote(process.bin), root, root, root))
    end)

    --- Runs the program as a user who is not root.
    local function nobody(words) return lunq(words, nil, who) end

    it("is not simulated instead: the first use raises, and says how to get it", function()
      local code, out, err = nobody(SHOW)
      assert.same({ 1, "" }, { code, out })
      assert.matches(denied, err)
      code, out = nobody "-e 'local ok, e = pcall(lunq.MMIO, 0xa0000000, 4) print(e.kind)'"
      assert.same({ 0, "permission\n" }, { code, out })
      assert.matches(denied, select(3, nobody "record -o /dev/null -e ''"))
    end)

    it("is told at the prompt and by lunq info", function()
      assert.matches("^device linux%?root=%S+ %(ZynqMP ZCU102 Rev1%.0%)\n" .. denied, select(2, nobody "info"))
      local code, _, err = nobody "-i -e '' </dev/null"
      assert.equal(0, code)
      assert.matches(denied, err)
    end)

    it("is usable as soon as one of its devices is", function()
      assert(os.execute(("chmod 666 %s/dev/mem"):format(root)))
      assert.matches("^linux%?root=", select(2, nobody(SHOW)))
    end)
  end)

  it("a board without any device that reaches registers is not simulated either", function()
    zcu102()
    local code, _, err = lunq(SHOW)
    assert.equal(3, code)
    assert.matches("This is a board %(ZynqMP ZCU102 Rev1%.0, xlnx,zynqmp%), but it has neither UIO devices nor "
                   .. "/dev/mem", err)
  end)
end)
