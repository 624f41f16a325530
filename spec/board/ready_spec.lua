--- Checks before the first access to the logic: on copies of boards whose /dev/mem has registers of the
-- processing system and of the logic.
local core = require "lunq.core"
local lunq = require "lunq"

local fixture = dofile "spec/overlay/fixture.lua"
local process = dofile "spec/program/process.lua"
local tree = dofile "spec/board/tree.lua"

local FORCE <const> = 'an access could stop the board%. .*%. Or open the device as "linux%?force=1", when you know '
                      .. "better%.$"

--- Writes words at addresses of /dev/mem, a file with holes.
local function poke(words)
  local f <close> = assert(io.open(tree.root .. "/dev/mem", "r+b"))
  for address, word in pairs(words) do
    f:seek("set", address)
    f:write(string.pack("<I4", word))
  end
end

local SLCR <const>, RESETS <const>, SHIFTERS <const> = 0xf8000000, 0xf8000240, 0xf8000900

--- A Zynq-7000 that has booted: the IO PLL multiplies, clocks run, the logic is connected and out of reset.
local function zynq()
  tree.write("/proc/device-tree/compatible", "tul,pynq-z2\0xlnx,zynq-7000\0")
  tree.write("/proc/device-tree/axi/slcr@f8000000/clkc@100/ps-clk-frequency", string.pack(">I4", 50000000))
  tree.write("/dev/mem", "")
  poke { [SLCR + 0x108] = 20 << 12, [SLCR + 0x170] = 2 << 20 | 5 << 8, [SLCR + 0x180] = 2 << 20 | 10 << 8,
         [RESETS] = 0, [SHIFTERS] = 0xf, [0xf8000ffc] = 0 }
end

local PL0 <const>, DATA_5 <const>, TYPE_5 <const> = 0xff5e00c0, 0xff0a0054, 0xff0a035c
local POWER <const>, BLOCKED <const> = 0xffd80100, 0xffd80604

local function zynqmp()
  tree.write("/proc/device-tree/compatible", "xlnx,zynqmp-zcu102\0xlnx,zynqmp\0")
  tree.write("/dev/mem", "")
  poke { [0xff5e0020] = 90 << 8, [PL0] = 1 << 24 | 0x10a00, [PL0 + 4] = 0x10a00, [DATA_5] = 1 << 31,
         [TYPE_5] = 0xffffffff, [POWER] = 0xfffcbf, [BLOCKED] = 0, [0xfffffffc] = 0 }
end

--- An AXI DMA on clock and reset 0, a timer on clock and reset 1, a core whose clock and reset are its own.
local function hwh(mp)
  local function ip(path, vlnv, base, clock, reset)
    return { path = path, vlnv = vlnv, base = base, ports = {
      { NAME = "s_axi_aclk", DIR = "I", SIGIS = "clk", SIGNAME = clock },
      { NAME = "s_axi_aresetn", DIR = "I", SIGIS = "rst", SIGNAME = reset } } }
  end
  local low = mp and 0xa0000000 or 0x40000000
  local text = fixture.hwh {
    ps_params = { PCW_FPGA_FCLK1_ENABLE = 1, PCW_FPGA1_PERIPHERAL_FREQMHZ = 142 },
    ps_ports = { { NAME = mp and "pl_clk0" or "FCLK_CLK0", DIR = "O", SIGNAME = "clk0" },
                 { NAME = mp and "pl_clk1" or "FCLK_CLK1", DIR = "O", SIGNAME = "clk1" },
                 { NAME = mp and "pl_resetn0" or "FCLK_RESET0_N", DIR = "O", SIGNAME = "n0" },
                 { NAME = mp and "pl_resetn1" or "FCLK_RESET1_N", DIR = "O", SIGNAME = "n1" },
                 { NAME = mp and "maxihpm0_fpd_aclk" or "M_AXI_GP0_ACLK", DIR = "I", SIGNAME = "clk0" } },
    modules = {
      ip("dma", "xilinx.com:ip:axi_dma:7.1", low, "clk0", "dma_reset"),
      ip("group/timer", "xilinx.com:ip:axi_timer:2.0", low + 0x10000, "clk1", "n1"),
      ip("own", "acme.com:user:own:1.0", low + 0x20000, "crystal", "button"),
      { path = "resets", vlnv = "xilinx.com:ip:proc_sys_reset:5.0", ports = {
        { NAME = "ext_reset_in", DIR = "I", SIGIS = "rst", SIGNAME = "n0" },
        { NAME = "peripheral_aresetn", DIR = "O", SIGIS = "rst", SIGNAME = "dma_reset" } } },
    } }
  if mp then
    text = text:gsub("processing_system7:5.5", "zynq_ultra_ps_e:3.3"):gsub("processing_system7", "zynq_ultra_ps_e")
  end
  return text
end

local function design(mp) return core.design_parse("top.hwh", hwh(mp)) end

describe("before the first access to the logic", function()
  local device, windows

  before_each(tree.make)
  after_each(function()
    for _, m in ipairs(windows or {}) do m:close() end
    if device then device:close() end
    device, windows = nil, nil
    tree.remove()
    fixture.clean()
    process.clean()
  end)

  --- Opens the board with a design that another program has loaded; false: nobody knows what is loaded.
  local function board(mp, loaded, options)
    device = tree.open(options)
    if loaded ~= false then device:adopt(design(mp)) end
  end

  local function window(address)
    windows = windows or {}
    windows[#windows + 1] = lunq.MMIO(address, 0x1000, device)
    return windows[#windows]
  end

  local function reads(address) assert.equal(0, window(address):read(0)) end

  --- The access is refused with this; the same window works once `mended` is in the registers.
  local function refused(address, text, mended)
    local m = window(address)
    local said = tree.fails("runtime", m.read, m, 0)
    assert.matches("^" .. text, said)
    assert.matches(FORCE, said)
    if not mended then return end
    poke(mended)
    assert.equal(0, m:read(0))
  end

  describe("a Zynq-7000", function()
    before_each(zynq)

    it("is accessed when all is as it should be", function()
      board()
      for _, address in ipairs { 0x40000000, 0x40010000, 0x40020000, 0x50000000, 0x80000000 } do reads(address) end
    end)

    it("needs its level shifters on, both ways", function()
      for _, word in ipairs { 0, 0xa } do
        poke { [SHIFTERS] = word }
        board(false, false)
        refused(0x40000000, ("The level shifters between processor and programmable logic are off %%(LVL_SHFTR_EN at "
                .. "0xf8000900 reads 0x%08x, not 0x0000000f%%): "):format(word), { [SHIFTERS] = 0xf })
        device:close()
      end
    end)

    it("needs its resets released", function()
      poke { [RESETS] = 0x01f33f0f } -- as after power-on
      board(false, false)
      refused(0x40000000, "The programmable logic is held in reset, by all four FCLK_RESETn_N %(FPGA_RST_CTRL at "
              .. "0xf8000240%): .*load a bitstream%.", { [RESETS] = 0 })
    end)

    it("needs the resets released that lead to the IP", function()
      poke { [RESETS] = 1 }
      board()
      refused(0x40000000, "dma is in reset: FCLK_RESET0_N is held, and leads to its pin s_axi_aresetn: ")
      reads(0x40010000)
      reads(0x40020000) -- has a reset of its own
      poke { [RESETS] = 2 }
      reads(0x40000000)
      refused(0x40010000, "group/timer is in reset: FCLK_RESET1_N is held", { [RESETS] = 0 })
    end)

    it("needs the clock of the IP on", function()
      poke { [SLCR + 0x188] = 1 } -- FPGA1_THR_CNT
      board()
      reads(0x40000000)
      reads(0x40020000) -- has a clock of its own
      refused(0x40010000, "PL clock 1 %(FCLK_CLK1%) is off, and group/timer has its registers on it by the pin "
              .. "s_axi_aclk: an access could stop the board%. lunq%.Clocks%.fclk1_mhz = 142 starts it, and so does a "
              .. "download of the design%. Linux stops clocks .* clk_ignore_unused%. Or", { [SLCR + 0x188] = 0 })
    end)

    it("needs the clock on that the port has which leads to the IP", function()
      poke { [SLCR + 0x178] = 1 }
      board()
      for address, who in pairs { [0x40010000] = "group/timer at ", [0x40020000] = "own at ", [0x50000000] = "" } do
        refused(address, ("PL clock 0 %%(FCLK_CLK0%%) is off, and the port that leads to %s0x%x is on it by the pin "
                .. "M_AXI_GP0_ACLK: .*fclk0_mhz = 100 "):format(who, address))
      end
      reads(0x80000000) -- by M_AXI_GP1, which the design does not use
    end)

    it("is not refused for clocks where nobody knows the design", function()
      for i = 0, 3 do poke { [SLCR + 0x178 + 0x10 * i] = 1 } end
      board(false, false)
      reads(0x40000000)
    end)

    local function changes_clocks()
      local clocks, timer, dma = lunq.Clocks(device), window(0x40010000), window(0x40000000)
      timer:write(4, 7)
      clocks[1].on = false
      assert.matches("^PL clock 1 %(FCLK_CLK1%) is off", tree.fails("runtime", timer.read, timer, 4))
      assert.matches("^PL clock 1 %(FCLK_CLK1%) is off", tree.fails("runtime", timer.write, timer, 4, 8))
      assert.equal(0, dma:read(0))
      clocks.fclk1_mhz = 50
      assert.equal(7, timer:read(4))
    end

    it("is looked at again when this program changes a clock", function()
      board()
      changes_clocks()
    end)

    it("is looked at again as well when that is recorded", function()
      device = core.device_open(("record:%s/trace:linux?root=%s"):format(tree.root, tree.root))
      device:adopt(design())
      changes_clocks()
    end)

    local function load()
      tree.write("/sys/class/fpga_manager/fpga0/state", "operating\n")
      tree.write("/sys/class/fpga_manager/fpga0/flags", "0\n")
      tree.write("/sys/class/fpga_manager/fpga0/firmware", "")
      tree.write("/lib/firmware/readme", "")
      tree.write("/design.bit", fixture.bit("xc7z020clg400", "\xaa\x99\x55\x66\1\2\3\4"))
      device:program(design(), { bitstream = core.bitstream_read(tree.root .. "/design.bit") })
    end

    it("is looked at again after a load", function()
      board()
      local m = window(0x40000000)
      assert.equal(0, m:read(0))
      poke { [SHIFTERS] = 0 }
      assert.equal(0, m:read(0)) -- an access looks at nothing
      load()
      assert.matches("^The level shifters", tree.fails("runtime", m.read, m, 0))
    end)

    it("is looked at as the design needs it that was loaded last", function()
      poke { [SLCR + 0x188] = 1 }
      board(false, false)
      local timer, dma = window(0x40010000), window(0x40000000)
      assert.equal(0, timer:read(0)) -- nobody knows what it is
      load()
      assert.matches("^PL clock 1", tree.fails("runtime", timer.read, timer, 0))
      assert.equal(0, dma:read(0))
    end)

    it("is accessed all the same when that is forced", function()
      poke { [SHIFTERS] = 0, [RESETS] = 0xf, [SLCR + 0x178] = 1, [SLCR + 0x188] = 1 }
      board(false, true, "&force=1")
      for _, address in ipairs { 0x40000000, 0x40010000 } do reads(address) end
    end)

    it("is not refused where nothing can be seen", function()
      poke { [SHIFTERS] = 0, [RESETS] = 0xf, [SLCR + 0x178] = 1 }
      tree.uio(0, 0x40000000, 0x1000)
      os.rename(tree.root .. "/dev/mem", tree.root .. "/dev/memory")
      board()
      reads(0x40000000)
      os.rename(tree.root .. "/dev/memory", tree.root .. "/dev/mem")
      poke { [SLCR + 0x108] = 0 } -- no PLL multiplies by 0: these are no such registers
      reads(0x40000000)
    end)

    it("is not touched for the registers of the processing system", function()
      poke { [SHIFTERS] = 0 }
      board()
      assert.equal(20 << 12, window(SLCR):read(0x108))
    end)

    it("believes a driver of the kernel before the registers", function()
      tree.write("/sys/class/fclkcfg/fclk1/rate", "100000000\n")
      tree.write("/sys/class/fclkcfg/fclk1/enable", "0\n")
      board()
      refused(0x40010000, "PL clock 1 %(FCLK_CLK1%) is off")
      tree.write("/sys/class/fclkcfg/fclk1/enable", "1\n")
      poke { [SLCR + 0x188] = 1 }
      reads(0x40010000)
      tree.write("/sys/class/fclkcfg/fclk1/rate", "?\n") -- nobody knows
      reads(0x40010000)
    end)

    -- A clock that runs since the boot, and that no driver has asked for, has no users.
    it("does not believe what the kernel thinks of a clock without a driver", function()
      tree.write("/sys/kernel/debug/clk/fclk0/clk_rate", "100000000\n")
      tree.write("/sys/kernel/debug/clk/fclk0/clk_enable_count", "0\n")
      tree.uio(0, 0x40000000, 0x1000)
      os.remove(tree.root .. "/dev/mem")
      board()
      reads(0x40000000)
      assert.is_false(lunq.Clocks(device)[0].on)
    end)

    it("is looked at without a note in the flight recorder", function()
      board()
      core.flight.clear()
      reads(0x40000000)
      local list = core.flight.last()
      assert.equal(1, #list)
      assert.equal(0x40000000, list[1].address)
    end)

    it("is looked at by a user as far as that goes", function()
      local nobody <const> = "setpriv --reuid 65534 --regid 65534 --clear-groups "
      if process.sh(nobody .. "true") ~= 0 then pending "nobody else can run it here" return end
      poke { [SHIFTERS] = 0 }
      tree.uio(0, 0x40000000, 0x1000)
      local copy = tree.root .. "/lunq"
      os.execute(("chmod -R a+rX %s && chmod 600 %s/dev/mem && chmod 666 %s/dev/uio0 && cp %s %s && chmod 755 %s")
        :format(tree.root, tree.root, tree.root, process.quote(process.bin), copy, copy))
      local script = process.quote [[
        print(lunq.MMIO(0x40000000, 16):read(0))
        local checks = lunq.core.linux_checks(lunq.Device.active_device)
        for _, c in ipairs(checks) do print(c.name, c.found, c.what) end]]
      local code, out = process.sh(("%s%s --device 'linux?root=%s' -e %s"):format(nobody, copy, tree.root, script))
      assert.equal(0, code)
      assert.equal("0\nPL\tnot known\twhether it is configured nobody says: there is no FPGA manager\n"
                   .. "level shifters\tnot known\tnot known to this user: root reads it from registers, by /dev/mem\n"
                   .. "PL resets\tnot known\tnot known to this user: root reads it from registers, by /dev/mem\n", out)
    end)
  end)

  describe("a Zynq UltraScale+", function()
    before_each(zynqmp)

    it("is accessed when all is as it should be", function()
      board(true)
      for _, address in ipairs { 0xa0000000, 0xa0020000, 0xb0000000, 0x80000000 } do reads(address) end
    end)

    it("needs the power domain of the logic on", function()
      poke { [POWER] = 0x7ffcbf }
      board(true, false)
      refused(0xa0000000, "The power domain of the programmable logic is off %(PWR_STATE at 0xffd80100 reads "
              .. "0x007ffcbf%): ", { [POWER] = 0xfffcbf })
    end)

    it("needs its ports not blocked", function()
      poke { [BLOCKED] = 3 }
      board(true, false)
      refused(0x80000000, "The ports between processor and programmable logic are blocked %(AIB_STATUS at 0xffd80604 "
              .. "reads 0x00000003%): .*boot again%.", { [BLOCKED] = 0 })
    end)

    it("needs the resets high that lead to the IP", function()
      board(true)
      refused(0xa0010000, "PL clock 1 %(pl_clk1%) is off, and group/timer ",
              { [PL0 + 4] = 1 << 24, [DATA_5] = 3 << 30 })
      poke { [DATA_5] = 1 << 31 }
      refused(0xa0010000, "group/timer is in reset: pl_resetn1 is held, and leads to its pin s_axi_aresetn: .*"
              .. 'lunq%.GPIO%(lunq%.GPIO%.get_gpio_pin%(94%), "out"%):write%(1%) does it without%.')
      poke { [DATA_5] = 1 << 30 }
      reads(0xa0010000)
      refused(0xa0000000, "dma is in reset: pl_resetn0 is held", { [DATA_5] = 1 << 31 })
    end)

    it("needs clocks on that the IP and its port have", function()
      poke { [PL0] = 0x10a00 }
      board(true)
      refused(0xa0000000, "PL clock 0 %(pl_clk0%) is off, and the port that leads to dma at 0xa0000000 is on it by the "
              .. "pin maxihpm0_fpd_aclk: ", { [PL0] = 1 << 24 })
      reads(0xa0020000)
    end)

    -- QEMU's ZCU102 has none of these registers, and reads 0.
    it("is not refused where the registers are not there", function()
      poke { [0xff5e0020] = 0, [PL0] = 0, [PL0 + 4] = 0, [DATA_5] = 0, [TYPE_5] = 0, [POWER] = 0 }
      board(true)
      for _, address in ipairs { 0xa0000000, 0xa0010000 } do reads(address) end
      local list = core.linux_checks(device)
      assert.same({ "PL", "PL power", "PL resets" }, { list[1].name, list[2].name, list[3].name })
      assert.same({ "not known", "not known: the registers that say it are not there (0xffd80100 reads 0x00000000)",
                    "" }, { list[2].found, list[2].what, list[2].advice })
    end)

    -- Whose user has no /dev/mem of his own; the helper has.
    it("is looked at through lunq-helper, which says nothing of registers that are not there", function()
      local helper, script = process.bin:match "^(.*)/" .. "/lunq-helper", process.file([[
        local lunq = require "lunq"
        local device = lunq.core.device_open(arg[1])
        device:adopt(lunq.core.design_parse("top.hwh", io.open(arg[2]):read "a"))
        print(pcall(function() return lunq.MMIO(0xa0000000, 0x1000, device):read(0) end))]], ".lua")
      local own = tree.root .. "/own" -- the user's view of the same board
      tree.write("/run/top.hwh", hwh(true))
      tree.uio(0, 0xa0000000, 0x1000)
      assert(os.execute(("mkdir %s && cp -r %s/proc %s/sys %s && mkdir %s/dev && cp %s/dev/uio0 %s/dev && "
        .. "(exec %s --root %s --socket %s/run/s --group $(id -g) 2>%s/run/log & echo $! >%s/run/pid)"):format(
        own, tree.root, tree.root, own, own, tree.root, own, helper, tree.root, tree.root, tree.root, tree.root)))
      finally(function() os.execute(("kill $(cat %s/run/pid)"):format(tree.root)) end)
      assert(os.execute(("i=0; until [ -S %s/run/s ]; do i=$((i + 1)); [ $i -lt 1000 ] || exit 1; sleep 0.01; done")
                        :format(tree.root)))
      local function out()
        return select(2, process.sh(("LUNQ_HELPER=%s/run/s %s %s 'linux?root=%s' %s/run/top.hwh"):format(
          tree.root, process.quote(process.bin), script, own, tree.root)))
      end
      assert.equal("true\t0\n", out())
      poke { [PL0] = 0x10a00 }
      assert.matches("^false\tPL clock 0 %(pl_clk0%) is off", out())
      poke { [0xff5e0020] = 0, [PL0] = 0 } -- no PLL multiplies by 0
      assert.equal("true\t0\n", out())
    end)

    it("knows all windows of the processor into the logic", function()
      poke { [BLOCKED] = 1 }
      board(true, false)
      for _, address in ipairs { 0x80000000, 0x9fff0000, 0xbfff0000, 0x400000000, 0x5ffff0000, 0x1000000000,
                                 0x4800000000, 0x7fffff0000 } do
        refused(address, "The ports ")
      end
    end)
  end)
end)
