--- Clocks of the device `linux`: by the kernel's drivers where there are some, else by registers, on copies of
-- boards' /proc, /sys and /dev.
local lunq = require "lunq"
local process = dofile "spec/program/process.lua"
local tree = dofile "spec/board/tree.lua"

local function fails(kind, text, ...) assert.matches(text, tree.fails(kind, ...)) end

--- A number a driver's file got: it is written over the digits of before.
local function digits(path) return tree.read(path):match "^%d+" end

--- A Zynq-7000 with a crystal of 33.333333 MHz, whose IO PLL makes 1000 MHz, and all clocks 1000 / 5 / 2.
local function zynq(with_registers)
  tree.write("/proc/device-tree/compatible", "tul,pynq-z2\0xlnx,zynq-7000\0")
  tree.write("/proc/device-tree/model", "TUL PYNQ-Z2\0")
  tree.write("/proc/device-tree/axi/slcr@f8000000/clkc@100/ps-clk-frequency", string.pack(">I4", 33333333))
  if not with_registers then return end
  tree.write("/dev/mem", "")
  local f <close> = assert(io.open(tree.root .. "/dev/mem", "r+b")) -- 4 GB of which one page is there
  local function put(offset, word)
    f:seek("set", 0xf8000000 + offset)
    f:write(string.pack("<I4", word))
  end
  put(0x108, 30 << 12)
  for i = 0, 3 do put(0x170 + 0x10 * i, 2 << 20 | 5 << 8) end
  put(0xffc, 0)
end

--- A driver of vendor kernels for the clock that has this number at the clock controller.
local function fclk(name, number, hz)
  local folder = "/sys/bus/platform/devices/" .. name
  tree.write(folder .. "/of_node/clocks", string.pack(">I4I4", 1, number))
  tree.write(folder .. "/set_rate", hz .. "\n")
  return folder .. "/set_rate"
end

describe("clocks of a board with Linux", function()
  before_each(tree.make)
  after_each(tree.remove)

  it("are the registers' where the kernel has no driver for them", function()
    zynq(true)
    local d <close> = tree.open()
    local clocks = lunq.Clocks(d)
    assert.near(99.999999, clocks.fclk0_mhz, 1e-5)
    clocks.fclk1_mhz = 50
    assert.near(50, clocks.fclk1_mhz, 1e-4)
    assert.equal("IO PLL", clocks[1].source)
    clocks[2].on = false
    assert.is_false(clocks[2].on)
  end)

  it("are the vendor kernels' driver's, by the number in its node and not by its name", function()
    zynq(true)
    local file = fclk("clocking7", 17, 100000000) -- fclk2
    local d <close> = tree.open()
    local clocks = lunq.Clocks(d)
    assert.same({ 100, true }, { clocks[2].mhz, clocks[2].on })
    assert.is_nil(clocks[2].source)
    clocks.fclk2_mhz = 142.857
    assert.equal("142857000", digits(file))
    assert.equal(142.857, clocks.fclk2_mhz)
    assert.matches("fclk2  142%.857%s+142%.857%s+0%s+the kernel", tostring(clocks))
    assert.equal("IO PLL", clocks[1].source) -- the others are still registers
    fails("value", "PL clock 2 is the kernel's on linux.*takes a frequency and no dividers",
          clocks.set_pl_clk, 2, 5, 2)
    fails("unsupported", "PL clock 2 can't be turned off: the kernel's driver has it %(.*clocking7/set_rate%)",
          function() clocks[2].on = false end)
  end)

  it("of a Zynq UltraScale+ have other numbers there", function()
    tree.board()
    fclk("fclk0", 74, 75000000)
    fclk("clocking1", 71, 33000000)
    fclk("audio", 12, 1)                                   -- no clock of the logic
    tree.write("/sys/bus/platform/devices/hdmi/of_node/clocks", ("\0"):rep(16)) -- two clocks
    tree.write("/sys/bus/platform/devices/hdmi/set_rate", "1\n")
    local d <close> = tree.open()
    local clocks = lunq.Clocks(d)
    assert.same({ 33, 75 }, { clocks.fclk0_mhz, clocks.fclk3_mhz })
  end)

  for _, way in ipairs {
    { "fclkcfg", "/sys/class/fclkcfg/amba_pl@0:fclk1", "rate" }, { "devcfg", "/sys/class/fclk/fclk1", "set_rate" },
  } do
    it("are " .. way[1] .. "'s, which turns them on and off", function()
      zynq()
      tree.write(way[2] .. "/" .. way[3], "100000000\n")
      tree.write(way[2] .. "/enable", "0\n")
      local d <close> = tree.open()
      local clocks = lunq.Clocks(d)
      assert.same({ 0, false }, { clocks[1].mhz, clocks[1].on })
      clocks.fclk1_mhz = 125
      assert.same({ "125000000", "1" }, { digits(way[2] .. "/" .. way[3]), digits(way[2] .. "/enable") })
      assert.same({ 125, true }, { clocks[1].mhz, clocks[1].on })
      clocks[1].on = false
      assert.equal("0", digits(way[2] .. "/enable"))
      assert.is_false(clocks[1].on)
    end)
  end

  it("out of reach of everybody else are what debugfs says", function()
    tree.board()
    tree.write("/sys/kernel/debug/clk/pl0_ref/clk_rate", "99999999\n")
    tree.write("/sys/kernel/debug/clk/pl0_ref/clk_enable_count", "1\n")
    tree.write("/sys/kernel/debug/clk/pl1_ref/clk_rate", "50000000\n")
    tree.write("/sys/kernel/debug/clk/pl1_ref/clk_enable_count", "0\n")
    local d <close> = tree.open()
    local clocks = lunq.Clocks(d)
    assert.same({ 99.999999, true, false }, { clocks[0].mhz, clocks[0].on, clocks[1].on })
    fails("device", "bytes at 0xff5e00%x+ can't be reached: no UIO device has them, and .*/dev/mem is not there",
          function() clocks.fclk0_mhz = 50 end)
  end)

  it("say what a driver refuses, and what is no number", function()
    zynq()
    local file = fclk("fclk0", 15, "fast")
    local d <close> = tree.open()
    local clocks = lunq.Clocks(d)
    fails("io", "PL clock 0 can't be read from .*fclk0/set_rate: it is no number", function() return clocks[0].mhz end)
    tree.write(file, "100000000\n")
    assert(os.execute(("ln -s /dev/full '%s/enable'"):format(tree.root .. file:match "^(.*)/")))
    fails("io", "PL clock 0 can't be set: %S+/fclk0/enable does not take 1: No space left on device",
          function() clocks.fclk0_mhz = 50 end)
  end)

  it("are for root: who may not write a driver's file is told so", function()
    local who = process.unprivileged()
    if not who then pending "nobody else can run it here" return end
    zynq()
    local file = tree.root .. fclk("fclk0", 15, 100000000)
    tree.write("/dev/mem", "")
    os.execute(("chmod -R a+rX %s && chmod 444 %s && chmod 666 %s/dev/mem && cp %s %s/lunq && chmod 755 %s/lunq")
      :format(tree.root, file, tree.root, process.quote(process.bin), tree.root, tree.root))
    local code, out = process.sh(([[%s%s/lunq --device 'linux?root=%s' -e '
      local ok, e = pcall(function() lunq.Clocks.fclk0_mhz = 50 end) print(lunq.Clocks.fclk0_mhz, e.kind, e)']])
      :format(who, tree.root, tree.root))
    assert.equal(0, code)
    assert.matches("^100%.0\tpermission\tPL clock 0 can't be set: %S+/fclk0/set_rate: Permission denied%. Setting "
                   .. "clocks is for root, or lunq%-helper, which ", out) -- guest/helper.lua has the rest
    local rest = lunq.core.file_kind "/run/lunq/helper.sock" and "serves the members of group lunq"
                 or "does not run here %(systemctl enable %-%-now lunq%-helper.socket%)%.\n$"
    assert.matches(", which " .. rest, out)
  end)

  it("are set by a design, in MHz where they are the kernel's", function()
    zynq()
    local file = fclk("fclk0", 15, 50000000)
    local d <close> = tree.open()
    local design = lunq.core.design_read "overlays/adder/adder.hwh"
    require "lunq.design_clocks".set(d, design, design:dictionaries().clock_dict)
    assert.equal("100000000", digits(file))
  end)
end)
