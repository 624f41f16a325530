--- Finding XRT, and everything that can be wrong with it: nothing may reach the calls in which XRT ends the
--- process (xrt.md 3). Each case is a LUNQ of its own, for a process has one XRT.
describe("XRT", function()
  local fake = dofile "spec/card/xrt_fake.lua"

  local OPEN <const> = [[
    local core = require "lunq.core"
    local ok, d = pcall(core.device_open, arg[1] or "xrt")
    if ok then print(d.name, d.kind) d:close() else print(d.kind, d.message) end]]

  --- What opening "xrt", or another name, gives: the name and kind of a device, or kind and text of an error.
  local function open(env, name)
    env.XCL_EMULATION_MODE = env.XCL_EMULATION_MODE or false
    env.XILINX_VITIS = env.XILINX_VITIS or false
    local code, out, err = fake.run(OPEN, env, name)
    assert.same({ 0, "" }, { code, err })
    local a, b = out:match "^([^\t]*)\t(.*)\n$"
    return { a, b }
  end

  local function refused(env, name)
    local e = open(env, name)
    assert.equal("device", e[1])
    return e[2]
  end

  --- The folders made for XILINX_XRT that are still there.
  local function left_in(folder)
    local left = {}
    for name in require "lfs".dir(folder) do
      if name:find "^lunq%-xrt" then left[#left + 1] = name end
    end
    return left
  end

  teardown(fake.clean)

  it("opens cards by number and by PCIe address", function()
    local home = fake.library()
    for name, opened in pairs { ["xrt"] = "xrt:0", ["xrt:"] = "xrt:0", ["xrt:1"] = "xrt:1",
                                ["xrt:0000:65:00.1"] = "xrt:0000:65:00.1", ["xrt:af:00.1"] = "xrt:af:00.1" } do
      assert.same({ opened, "xrt" }, open({ XILINX_XRT = home }, name))
    end
  end)

  it("knows what is no name of a card", function()
    for _, name in ipairs { "xrt:a", "xrt?fast=1", "xrt:0000:65:00", "xrt:0000:65:00.1x", "xrt:-1", "xrt:12345" } do
      assert.same({ "value", ('"%s" names no card: there are xrt:0, xrt:1, ... and PCIe addresses as in '
                              .. "xrt:0000:65:00.1."):format(name) }, open({ XILINX_XRT = "/dev/null/x" }, name))
    end
  end)

  it("says how many cards there are", function()
    local home = fake.library()
    assert.equal("There is no card xrt:2: XRT knows 2, the first is xrt:0.", refused({ XILINX_XRT = home }, "xrt:2"))
    assert.matches("^No Devices Found: XRT sees no card%. lunq doctor says what it needs",
                   refused { XILINX_XRT = home, FAKE_XRT = "cards=0" })
    assert.equal("No Devices Found: XRT can't open card xrt:1. XRT says: Could not open device with index 'x': "
                 .. "Permission denied. lunq doctor says more.",
                 refused({ XILINX_XRT = home, FAKE_XRT = "open=no" }, "xrt:1"))
  end)

  it("opens what it can where there is only what 2.8 promises", function()
    local home = fake.library { "-DBARE" }
    assert.same({ "unsupported",
                  "XRT can't open a card by its PCIe address (2.11 and later can): use xrt:0, xrt:1, ..." },
                open({ XILINX_XRT = home }, "xrt:65:00.1"))
    assert.same({ "xrt:1", "xrt" }, open({ XILINX_XRT = home }, "xrt:1"))
    assert.matches("^No Devices Found: XRT can't open card xrt:2%. XRT says: Could not open",
                   refused({ XILINX_XRT = home }, "xrt:2"))
    assert.equal("There is no card xrt:64: XRT knows 64, the first is xrt:0.", refused({ XILINX_XRT = home }, "xrt:64"))
  end)

  it("has to be 2.8 or later", function()
    local home = fake.library { "-DOLD" }
    assert.equal(("XRT's library %s/lib/libxrt_coreutil.so.2 has no xrtDeviceOpen: it is older than 2.8 (2020.2), the "
                  .. "first LUNQ can use, or not XRT's. Install a later one."):format(home),
                 refused { XILINX_XRT = home })
  end)

  it("is looked for before it is called", function()
    local bad = fake.empty { ["libxrt_coreutil.so.2"] = "no library" }
    local message = refused { XILINX_XRT = bad }
    assert.matches("No Devices Found: XRT can't be used: " .. bad .. "/lib/libxrt_coreutil.so.2: ", message, 1, true)
    assert.matches("(looked in " .. bad .. "/lib, the library path and /opt/xilinx/xrt/lib). For a card install AMD's "
                   .. "package xrt and source its setup.sh; Debian has XRT as libxrt1. lunq doctor --all says what "
                   .. "there is.", message, 1, true)
    message = refused { XILINX_XRT = false, LD_LIBRARY_PATH = bad .. "/lib" }
    assert.matches("^No Devices Found: XRT can't be used: .*%(looked in the library path and /opt", message)
  end)

  it("has to have its shim, without which it would end the process", function()
    local home = fake.library()
    assert.equal(("XRT has no libxrt_noop.so.2 in %s/lib, and would end the process looking for it. Source the "
                  .. "setup.sh of AMD's XRT, which sets XILINX_XRT; with Debian's libxrt1 unset it."):format(home),
                 refused { XILINX_XRT = home, XCL_EMULATION_MODE = "noop" })
    assert.equal(("XRT has no libxrt_hwemu.so.2 in %s/lib, and would end the process looking for it. Install XRT "
                  .. "again; XCL_EMULATION_MODE says what it should use."):format(home),
                 refused { XILINX_XRT = false, LD_LIBRARY_PATH = home .. "/lib", XCL_EMULATION_MODE = "hw_emu" })
    local bad = fake.empty { ["libxrt_core.so.2"] = "no library" }
    local message = refused { XILINX_XRT = bad, LD_LIBRARY_PATH = home .. "/lib" }
    assert.matches("^XRT's libxrt_core%.so%.2 can't be loaded: .*Install XRT again%.$", message)
  end)

  it("gets the shim of the mode", function()
    local home = fake.library()
    for mode, shim in pairs { noop = "noop", hw_emu = "hwemu" } do
      local other = fake.empty()
      assert(os.execute(("cp %s/lib/libxrt_coreutil.so.2 %s/lib"):format(home, other)))
      assert(os.execute(("cp %s/lib/libxrt_core.so.2 %s/lib/libxrt_%s.so.2"):format(home, other, shim)))
      assert.same({ "xrt:0", "xrt" }, open { XILINX_XRT = other, XCL_EMULATION_MODE = mode })
      assert.matches("^XRT has no libxrt_core%.so%.2 in ", refused { XILINX_XRT = other })
    end
  end)

  it("has the version in the library's full name", function()
    local home = fake.library()
    local numbered = fake.empty()
    assert(os.execute(("cp %s/lib/libxrt_core.so.2 %s/lib"):format(home, numbered)))
    assert(os.execute(("cp %s/lib/libxrt_coreutil.so.2 %s/lib/libxrt_coreutil.so.2.12.447"):format(home, numbered)))
    assert(os.execute(("ln -s libxrt_coreutil.so.2.12.447 %s/lib/libxrt_coreutil.so.2"):format(numbered)))
    assert.equal("There is no card xrt:2: XRT 2.12.447 knows 2, the first is xrt:0.",
                 refused({ XILINX_XRT = numbered }, "xrt:2"))
  end)

  it("is told of modes that there are", function()
    local home = fake.library()
    assert.equal("XCL_EMULATION_MODE=fast is none of hw_emu, noop, sw_emu: correct it, or unset it to use a card.",
                 refused { XILINX_XRT = home, XCL_EMULATION_MODE = "fast" })
    assert.equal("XCL_EMULATION_MODE=sw_emu needs Vitis: XILINX_VITIS is not set, and XRT would end the process. "
                 .. "Source Vitis' settings64.sh, or try --device sim:alveo.",
                 refused { XILINX_XRT = home, XCL_EMULATION_MODE = "sw_emu" })
    assert.equal('XCL_EMULATION_MODE=sw_emu needs Vitis: XILINX_VITIS is "/dev/null/x", which has no '
                 .. "data/emulation/unified/sw_emu/generic_pcie/model, and XRT would end the process. Source Vitis' "
                 .. "settings64.sh, or try --device sim:alveo.",
                 refused { XILINX_XRT = home, XCL_EMULATION_MODE = "sw_emu", XILINX_VITIS = "/dev/null/x" })
  end)

  it("is asked by the doctor which cards it sees", function()
    local env = { LUNQ_DEVICE = "xrt", XILINX_XRT = fake.library(), XCL_EMULATION_MODE = false }
    local _, out = fake.run([[require "lunq.doctor".main()]], env)
    assert.matches("cards +XRT sees xrt:0, xrt:1\n", out)
    env.FAKE_XRT = "cards=0"
    _, out = fake.run([[require "lunq.doctor".main()]], env)
    assert.matches("cards +No Devices Found: XRT sees no card%.", out)
  end)

  describe("without XILINX_XRT", function()
    it("is used as the library path has it", function()
      local home = fake.library()
      assert.same({ "xrt:0", "xrt" }, open { XILINX_XRT = false, LD_LIBRARY_PATH = home .. "/lib" })
    end)

    -- Debian's libraries are in /usr/lib/x86_64-linux-gnu: XRT 2.13 looks in $XILINX_XRT/lib alone.
    it("gets a folder in whose lib it finds itself, for as long as a card is open", function()
      local home = fake.library()
      local elsewhere = fake.empty()
      assert(os.execute(("cp %s/lib/* %s"):format(home, elsewhere)))
      local code, out, err = fake.run([[
        local core = require "lunq.core"
        local d = core.device_open "xrt"
        print(os.getenv "XILINX_XRT")
        os.execute "ls $XILINX_XRT/lib/"
        d:close()
        print(os.getenv "XILINX_XRT")
        core.device_open("xrt"):close()
        print(#core.device_names "xrt", "cards")
        print(pcall(core.device_open, "xrt:7"))]],
        { XILINX_XRT = false, LD_LIBRARY_PATH = elsewhere, XCL_EMULATION_MODE = false, TMPDIR = elsewhere })
      assert.same({ 0, "" }, { code, err })
      local made, files = out:match "^([^\n]*)\n(.*)$"
      assert.equal(elsewhere .. "/lunq-xrt-", made:sub(1, -7))
      assert.matches("libxrt_core.so.2\nlibxrt_coreutil.so.2\n", files, 1, true)
      assert.matches("\nnil\n2\tcards\nfalse\tThere is no card", files, 1, true)
      assert.same({}, left_in(elsewhere))
    end)
  end)

  describe("of Debian, in noop mode,", function()
    local function skip_unless_installed()
      if not fake.noop() then pending(fake.not_installed) return true end
    end

    for what, home in pairs { ["with a folder of links in XILINX_XRT"] = true, ["without XILINX_XRT"] = false } do
      it("opens " .. what, function()
        if skip_unless_installed() then return end
        assert.same({ "xrt:0", "xrt" }, open { XILINX_XRT = home and fake.noop(), XCL_EMULATION_MODE = "noop" })
      end)
    end

    it("opens any number, so that its own count is asked", function()
      if skip_unless_installed() then return end
      assert.matches("^There is no card xrt:9: XRT 2%.%d+%.%d+ knows 1, the first is xrt:0%.$",
                     refused({ XILINX_XRT = fake.noop(), XCL_EMULATION_MODE = "noop" }, "xrt:9"))
    end)

    it("would end the process where XILINX_XRT is wrong, which is seen before", function()
      if skip_unless_installed() then return end
      assert.matches("^XRT has no libxrt_core%.so%.2 in /usr/lib, and would end the process",
                     refused { XILINX_XRT = "/usr" })
    end)

    it("sees no card where there is none", function()
      if skip_unless_installed() then return end
      if require "lfs".attributes "/dev/dri" then pending "this machine may have a card" return end
      assert.matches("^No Devices Found: XRT 2%.%d+%.%d+ sees no card%.", refused { XILINX_XRT = fake.noop() })
    end)
  end)
end)
