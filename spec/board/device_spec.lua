--- The device `linux` on a copy of a board's /proc, /sys and /dev: files of /dev/mem and of UIO can be mapped
-- as the nodes are, and the kernel sends a real SIGBUS behind the end of a file.
local core = require "lunq.core"
local lunq = require "lunq"

local tree = dofile "spec/board/tree.lua"
local board, write, read, open, fails = tree.board, tree.write, tree.read, tree.open, tree.fails

local function manager(state)
  write("/sys/class/fpga_manager/fpga0/state", state .. "\n")
  write("/sys/class/fpga_manager/fpga0/flags", "0\n")
  write("/sys/class/fpga_manager/fpga0/firmware", "")
  write("/lib/firmware/readme", "")
end

describe("a board with Linux", function()
  before_each(tree.make)
  after_each(tree.remove)

  it("is refused where there is no device tree, or one of another family", function()
    assert.matches("No Devices Found: .*/proc/device%-tree is not there", fails("device", open))
    write("/proc/device-tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0")
    write("/proc/device-tree/model", "Raspberry Pi 4 Model B\0")
    assert.matches("this machine is Raspberry Pi 4 Model B %(raspberrypi,4%-model%-b%), no Zynq%-7000",
                   fails("device", open))
  end)

  it("names the options it knows", function()
    board()
    assert.matches('unknown option "fast=1"%. It knows force=1', fails("value", open, "&fast=1"))
  end)

  it("reaches registers through the UIO device that has them", function()
    board()
    local d <close> = open()
    assert.equal("linux", d.kind)
    local m <close> = lunq.MMIO(0xa0010000, 0x1000, d)
    m:write(0x10, 0x12345678)
    assert.equal(0x12345678, m:read(0x10))
    assert.equal(0x12345678, string.unpack("<I4", read "/dev/uio4", 0x11))
    local last <close> = lunq.MMIO(0xa0011ffc, 4, d)
    last:write(0, 7)
    assert.equal(7, string.unpack("<I4", read "/dev/uio4", 0x1ffd))
  end)

  it("reaches what no UIO device has through /dev/mem", function()
    board()
    write("/dev/mem", ("\0"):rep(0x3000))
    local d <close> = open "&force=1"
    local m <close> = lunq.MMIO(0x1010, 0x10, d)
    m:write(4, 0xabcd)
    assert.equal(0xabcd, string.unpack("<I4", read "/dev/mem", 0x1015))
  end)

  it("says which GPIO chip this user may not open, where it could have the line", function()
    board()
    write("/dev/gpiochip0", "") -- no chip answers: it has no lines for this program
    local d <close> = open()
    assert.matches("There is no GPIO 7 on linux%S* that this user may use: %S+/dev/gpiochip0 can't be opened%. Become "
                   .. "a member of its group", fails("permission", lunq.core.gpio, 7, "in", d))
  end)

  it("says what is missing where neither has them", function()
    board()
    local d <close> = open()
    local m <close> = lunq.MMIO(0xa0020000, 0x1000, d)
    assert.matches("no UIO device has them, and .*/dev/mem is not there%. Give the IP a node",
                   fails("device", m.read, m, 0))
  end)

  it("turns a bus error into an error with the address, and works on afterwards", function()
    board(0x1000) -- the second page of the map is behind the end of the file
    local d <close> = open()
    local m <close> = lunq.MMIO(0xa0010000, 0x2000, d)
    local _, e = pcall(m.read, m, 0x1804)
    assert.is_true(e.fault)
    assert.matches("^Bus error %(SIGBUS%) at 0xa0011804, mapped by uio4: nothing answers there%.",
                   fails("io", m.read, m, 0x1804))
    fails("io", m.write, m, 0x1000, 1)
    fails("io", m.read, m, 0x1ffc)
    fails("io", m.read32, m, 0x1ffc)
    fails("io", m.reader and m:reader(0x1000) or m.read, m, 0x1000)
    fails("io", m.poll, m, 0x1000, 1, 1, 0.1)
    m:write(0x20, 99)
    assert.equal(99, m:read(0x20))
    assert.equal(99, string.unpack("<I4", read "/dev/uio4", 0x21))
  end)

  it("does not touch logic that is not configured, unless forced", function()
    board()
    manager "write error"
    local d <close> = open()
    local m <close> = lunq.MMIO(0xa0010000, 0x1000, d)
    assert.matches('not configured %(the FPGA manager\'s state is "write error"%): an access could stop the board',
                   fails("runtime", m.read, m, 0))
    local forced <close> = open "&force=1"
    local n <close> = lunq.MMIO(0xa0010000, 0x1000, forced)
    assert.equal(0, n:read(0))
  end)

  describe("bitstreams", function()
    local function bit(data)
      local function field(letter, text) return letter .. string.pack(">s2", text .. "\0") end
      local path = tree.root .. "/design.bit"
      write("/design.bit", string.pack(">s2", ("\x0f\xf0"):rep(4) .. "\0") .. "\0\1"
            .. field("a", "top;UserID=0XFFFFFFFF;Version=2022.1") .. field("b", "xczu9eg-ffvb1156-2-e")
            .. field("c", "2022/01/01") .. field("d", "00:00:00") .. "e" .. string.pack(">s4", data))
      return core.bitstream_read(path)
    end
    local design = function() return core.design_from_table { name = "t", arch = "zynquplus", ip = {} } end

    -- What the kernel gets: spec/linux/load_spec.lua.
    it("go to the FPGA manager", function()
      board()
      manager "operating"
      local d <close> = open()
      d:program(design(), { bitstream = bit "\xaa\x99\x55\x66\1\2\3\4" })
      assert.equal("lunq-design.bin", read "/sys/class/fpga_manager/fpga0/firmware")
      assert.equal("0", read("/sys/class/fpga_manager/fpga0/flags"):sub(1, 1))
      assert.equal(1, d.loads)
    end)

    it("that it did not take are an error with its state; nothing is loaded then", function()
      board()
      manager "write complete error"
      local d <close> = open()
      local text = fails("device", d.program, d, design(), { bitstream = bit "\xaa\x99\x55\x66" })
      assert.matches('did not load .*design%.bit: no reason given; its state is "write complete error"', text)
      assert.equal(1, d.loads)
      assert.is_nil(d.design)
    end)

    it("can't be loaded where the kernel has no such file", function()
      board()
      local d <close> = open()
      local load = function() d:program(design(), { bitstream = bit "\xaa\x99\x55\x66" }) end
      assert.matches("This kernel has no FPGA manager", fails("unsupported", load))
      write("/sys/class/fpga_manager/fpga0/state", "operating\n")
      assert.matches("takes no bitstream from programs %(.*firmware is not there", fails("unsupported", load))
    end)
  end)
end)
