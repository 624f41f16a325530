-- Overlay objects (pynq-behaviour.md B11) and PYNQ's defects C37, C42, C44, C45.
describe("an overlay", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local raised = fixture.raised
  local core = lunq.core
  local dir

  local function modules()
    return {
      { path = "adder", vlnv = "acme.com:user:adder:1.0", base = 0x40000000, params = { C_WIDTH = 32 },
        registers = { { "CTRL", 0, fields = { { "GO", 0, 1 }, { "MODE", 4, 2 } } }, { "SUM", 0x10 } } },
      { path = "device", vlnv = "acme.com:user:plain:1.0", base = 0x40010000 },
      { path = "download", vlnv = "acme.com:user:plain:1.0", base = 0x40020000 },
      { path = "video/scaler", vlnv = "acme.com:user:plain:1.0", base = 0x40030000 },
      { path = "video/buffer", vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", base = 0x42000000, range = 0x2000,
        memtype = "MEMORY" },
      { path = "ram", vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", base = 0x42010000, memtype = "MEMORY" },
    }
  end

  local function write_design(name, list)
    local text = fixture.hwh { modules = list or modules(), name = name }
    return fixture.write(("%s/%s.hwh"):format(dir, name), text)
  end

  before_each(function()
    dir = fixture.folder()
    write_design "top"
  end)
  after_each(fixture.clean)

  local function open(...) return lunq.Overlay(dir .. "/top.hwh", ...) end

  --- Fails unless the IP's registers can be reached.
  local function assert_alive(ip) assert.is_number(ip:read(0)) end

  describe("when it is opened", function()
    it("has the dictionaries and fields of PYNQ", function()
      local ol <close> = open()
      assert.equal(dir .. "/top.hwh", ol.bitfile_name)
      assert.equal(0x40000000, ol.ip_dict.adder.phys_addr)
      assert.equal("32", ol.ip_dict.adder.parameters.C_WIDTH)
      assert.equal(0x42010000, ol.mem_dict.ram.base_address)
      assert.equal("video/scaler", ol.hierarchy_dict.video.ip.scaler.fullpath)
      for _, name in ipairs { "gpio_dict", "interrupt_controllers", "interrupt_pins", "pr_dict" } do
        assert.same({}, ol[name], name)
      end
      assert.is_table(ol.clock_dict)
      assert.is_false(ol.ignore_version)
      assert.is_nil(ol.dtbo)
      assert.is_nil(ol.systemgraph)
      assert.equal(core.active_device(), ol.device)
      assert.equal("top", ol.parser.name)
      assert.is_true(ol:is_loaded())
      assert.matches("^%d+/%d+/%d+ %d+:%d+:%d+ %+%d+$", ol.timestamp)
    end)

    it("takes options by name and refuses unknown ones", function()
      assert.same({ "value", 'Overlay has no option "donwload"; did you mean "download"?' },
                  raised(open, { donwload = false }))
      assert.same({ "type", "Overlay option download should be a boolean, not string" },
                  raised(open, { download = "no" }))
    end)

    it("takes PYNQ's positional arguments: dtbo, download, ignore_version, device", function()
      fixture.write(dir .. "/x.dtbo", "x")
      local other <close> = core.device_open "sim"
      local ol <close> = open("x.dtbo", false, true, other)
      assert.equal(dir .. "/x.dtbo", ol.dtbo)
      assert.is_true(ol.ignore_version)
      assert.equal(other, ol.device)
      assert.is_false(ol:is_loaded())
      local x = { path = "x", vlnv = "acme.com:user:plain:1.0", base = 0x4A000000 }
      local file = write_design("short", { x })
      local short <close> = lunq.Overlay(file, false) -- (bitfile, download) of the oldest documents
      assert.is_false(short:is_loaded())
    end)

    it("says what is wrong with other arguments", function()
      assert.matches("^Bitstream name has to be a string%.", raised(lunq.Overlay)[2])
      assert.same({ "io", "Bitstream file  does not exist." }, raised(lunq.Overlay, ""))
      assert.equal("io", raised(lunq.Overlay, dir)[1])
      assert.equal("type", raised(open, { device = io.stdout })[1])
      assert.equal("value", raised(open, { device = "abacus" })[1])
      assert.equal("type", raised(open, print)[1])
      lunq.overlay_path = "here"
      finally(function() lunq.overlay_path = {} end)
      assert.same({ "type", "A search path should be a list of directories, not string" }, raised(open))
      lunq.overlay_path = { 1 }
      assert.same({ "type", "A search path should be a list of directories, not of numbers" }, raised(open))
    end)

    it("opens a device given as text", function()
      local ol = open { device = "sim:zynqmp" }
      assert.equal("sim:zynqmp", ol.device.name)
      assert.not_equal(core.active_device(), ol.device)
      ol:free()
      ol.device:close()
    end)

    it("finds the device-tree overlay beside it, and says when the one asked for is missing", function()
      fixture.write(dir .. "/top.dtbo", "x")
      local ol <close> = open()
      assert.equal(dir .. "/top.dtbo", ol.dtbo)
      assert.same({ "io", "DTBO file no.dtbo does not exist." }, raised(open, { dtbo = "no.dtbo" }))
      assert.same({ "io", "DTBO file no.dtbo does not exist." }, raised(ol.download, ol, "no.dtbo"))
    end)

    it("reads the files each time, so that a rebuilt design is seen (C45)", function()
      local ol <close> = open()
      assert.equal(0x40000000, ol.ip_dict.adder.phys_addr)
      write_design("top", { { path = "adder", vlnv = "acme.com:user:adder:1.0", base = 0x43000000 } })
      local again <close> = open()
      assert.equal(0x43000000, again.ip_dict.adder.phys_addr)
      assert.equal(0x40000000, ol.ip_dict.adder.phys_addr) -- dictionaries belong to their overlay
    end)

    -- C45, C46: PYNQ pickles the metadata into its package, starts xclbinutil for each overlay, and
    -- leaves its result in the folder one stands in.
    it("needs no other program and leaves no file behind", function()
      local process = dofile "spec/program/process.lua"
      local code, out, err = process.sh(([[cd %s && mkdir home && HOME=$PWD/home PATH=/nowhere \
        LUNQ -e 'lunq.Overlay("top.hwh"):free() lunq.allocate(4):close() print "done"']]):format(dir))
      assert.same({ 0, "done\n", "" }, { code, out, err })
      local found, lfs = {}, require "lfs"
      for _, folder in ipairs { dir, dir .. "/home" } do
        for name in lfs.dir(folder) do
          if not name:match "^%.%.?$" then found[#found + 1] = name end
        end
      end
      table.sort(found)
      assert.same({ "home", "top.hwh" }, found)
    end)

    it("reads the bitstream when there is one, and doubts one for another part", function()
      fixture.write(dir .. "/top.bit", fixture.bit("7z020clg400", ("\xff"):rep(64)))
      local list, ol = lunq.warnings.capture(lunq.Overlay, dir .. "/top.bit")
      assert.same({}, list)
      assert.equal(dir .. "/top.bit", ol.bitfile_name)
      assert.equal(0x40000000, ol.adder.phys_addr)
      fixture.write(dir .. "/top.bit", fixture.bit("7z010clg400", ("\xff"):rep(64)))
      list = lunq.warnings.capture(ol.download, ol)
      assert.same({ { category = "user", text = ("%s/top.bit is for part 7z010clg400, but its metadata for "
                      .. "7z020: do they belong together?"):format(dir) } }, list)
      fixture.write(dir .. "/top.bit", fixture.bit("7z020clg400", ("\xff"):rep(64)):sub(1, -10))
      assert.matches("Invalid length found", raised(ol.download, ol)[2], 1, true)
      assert.is_true(ol:is_loaded()) -- what was there before
      ol:free()
    end)

    it("says where malformed metadata are wrong", function()
      fixture.write(dir .. "/top.hwh", fixture.hwh { modules = modules() }:sub(1, 700))
      local e = raised(open)
      assert.equal("value", e[1])
      assert.matches("top.hwh", e[2], 1, true)
    end)
  end)

  describe("gives members by name", function()
    it("IP, hierarchies and memories", function()
      local ol <close> = open()
      assert.equal("adder", ol.adder.fullpath)
      assert.equal("video/scaler", ol.video.scaler.fullpath)
      assert.equal(0x2000, ol.video.buffer.size)
      assert.equal(0x42010000, ol.ram.base_address)
      assert.equal(ol.video.scaler, ol["video/scaler"])
    end)

    it("the same object each time", function()
      local ol <close> = open()
      assert.equal(ol.adder, ol.adder)
      assert.equal(ol.video, ol:hierarchy "video")
      assert.equal(ol.ram, ol:memory "ram")
    end)

    it("methods and fields first; ol:ip reaches what they hide", function()
      local ol <close> = open()
      assert.equal(core.active_device(), ol.device)
      assert.equal("device", ol:ip("device").fullpath)
      assert.is_function(ol.download)
      assert.equal(0x40020000, ol:ip("download").phys_addr)
    end)

    it("the processing system with its parameters only (C37)", function()
      local ol <close> = open()
      assert.equal("xilinx.com:ip:processing_system7:5.5", ol.ps.type)
      assert.is_nil(rawget(ol.ps, "mmio"))
      assert.equal("lunq.PS ps (xilinx.com:ip:processing_system7:5.5)", tostring(ol.ps))
    end)

    it("but not IP without registers, whose streams are said", function()
      local ol <close> = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
      assert.same({ "attribute", "Could not find IP or hierarchy axis_data_fifo_0 in overlay; it has no registers, "
                    .. 'only streams: a bench reaches them as "axis_data_fifo_0/S_AXIS"' },
                  raised(function() return ol.axis_data_fifo_0 end))
    end)

    it("and raises for other names, offering the nearest", function()
      local ol <close> = open()
      assert.same({ "attribute", 'Could not find IP or hierarchy addr in overlay; did you mean "adder"?' },
                  raised(function() return ol.addr end))
      assert.same({ "attribute", 'Could not find IP or hierarchy scalar in overlay; did you mean "scaler"?' },
                  raised(function() return ol.video.scalar end))
      assert.same({ "attribute", "Could not find IP or hierarchy qqqqqqqq in overlay" },
                  raised(ol.ip, ol, "qqqqqqqq"))
      assert.equal("attribute", raised(ol.hierarchy, ol, "adder")[1])
      assert.equal("attribute", raised(ol.memory, ol, 12)[1])
      assert.is_nil(ol._private)
    end)

    it("through methods, which need a colon", function()
      local ol <close> = open()
      for _, method in ipairs { "ip", "hierarchy", "memory" } do
        assert.same({ "type", ('%s is a method: write a colon, as in ol:%s "name"'):format(method, method) },
                    raised(ol[method], "adder"))
      end
    end)

    it("one after the other", function()
      local ol <close> = open()
      local names = {}
      for name, child in pairs(ol) do names[#names + 1] = name .. "=" .. child.fullpath end
      assert.same({ "PSDDR=PSDDR", "adder=adder", "device=device", "download=download", "ps=ps", "ram=ram",
                    "video=video" }, names)
      names = {}
      for name in ol.video:children() do names[#names + 1] = name end
      assert.same({ "buffer", "scaler" }, names)
    end)
  end)

  describe("has IP objects that", function()
    it("read and write registers", function()
      local ol <close> = open()
      local ip = ol.adder
      assert.equal(ip, ip:write(0x10, 0xdeadbeef))
      assert.equal(0xdeadbeef, ip:read(0x10))
      assert.equal(0, ip:read())
      assert.equal(0xdeadbeef, ip.mmio:read(0x10))
      assert.equal("acme.com:user:adder:1.0", ip.type)
      assert.equal("32", ip.parameters.C_WIDTH)
      assert.equal(ol.ip_dict.adder, ip.description)
      assert.equal("lunq.DefaultIP adder (acme.com:user:adder:1.0) 0x40000000+0x10000", tostring(ip))
    end)

    it("stay inside the range of the IP", function()
      local ol <close> = open()
      assert.equal("index", raised(ol.adder.read, ol.adder, 0x10000)[1])
      assert.equal("value", raised(ol.adder.read, ol.adder, -4)[1])
    end)

    it("have a register map", function()
      local ol <close> = open()
      local rm = ol.adder.register_map
      rm.CTRL.MODE = 2
      assert.equal(0x20, ol.adder:read(0))
      assert.equal(rm, ol.adder.register_map)
    end)

    it("say why there is no register map without registers", function()
      local ol <close> = open()
      local e = raised(function() return ol:ip("device").register_map end)
      assert.equal("attribute", e[1])
      assert.matches("^register_map only available if the .hwh is provided", e[2])
    end)

    it("get the registers their driver knows when the metadata has none", function()
      local Plain = lunq.DefaultIP:extend { bindto = { "acme.com:user:plain:1.0" }, registers = {
        GAIN = { address_offset = 8, size = 32, fields = { EXP = { bit_offset = 4, bit_width = 4 } } } } }
      finally(function() Plain:unregister() end)
      local ol <close> = open()
      ol.video.scaler.register_map.GAIN.EXP = 5
      assert.equal(0x50, ol.video.scaler:read(8))
    end)

    it("get the registers known for their kind of IP when the metadata has none", function()
      local dma = { path = "dma", vlnv = "xilinx.com:ip:axi_cdma:4.1", base = 0x40000000 }
      write_design("top", { dma })
      local ol <close> = open()
      assert.is_number(ol.dma.register_map.CDMASR:get())
    end)

    it("raise for unknown names, offering the nearest", function()
      local ol <close> = open()
      assert.same({ "attribute", 'IP adder (driver lunq.DefaultIP) has no "register_mpa"; did you mean '
                    .. '"register_map"?' }, raised(function() return ol.adder.register_mpa end))
      assert.is_nil(ol.adder._mine)
    end)

    it("can be closed, more than once", function()
      local ol <close> = open()
      local ip = ol.adder
      ip:free()
      ip:free()
      assert.equal("runtime", raised(ip.read, ip, 0)[1])
    end)
  end)

  it("has memory objects that read and write", function()
    local ol <close> = open()
    ol.ram:write(8, "abcdefgh")
    assert.equal(0x64636261, ol.ram:read(8))
    assert.equal("Bram video/buffer 0x42000000+0x2000", tostring(ol.video.buffer))
    assert.equal("index", raised(ol.video.buffer.read, ol.video.buffer, 0x2000)[1])
  end)

  it("has the banks of the device as memories, to allocate in", function()
    local ol <close> = open()
    local bank = ol.device:banks()[1]
    assert.same({ bank.base, bank.size, "PSDDR" },
                { ol.PSDDR.base_address, ol.PSDDR.size, ol.mem_dict.PSDDR.tag })
    local one <close> = lunq.allocate(16, "u4", { target = ol.PSDDR })
    local two <close> = ol.PSDDR:allocate({ 2, 8 }, "f4")
    assert.is_true(two.physical_address >= bank.base)
    assert.not_equal(one.physical_address, two.physical_address)
    local e = raised(ol.PSDDR.read, ol.PSDDR, 0)
    assert.equal("unsupported", e[1])
    assert.matches("allocate buffers in it", e[2], 1, true)
    assert.equal("index", raised(ol.ram.allocate, ol.ram, 16)[1])
  end)

  it("releases the DMA's memory when another design takes its place", function()
    local helper = require "spec.helper"
    if not helper.corpus then pending(helper.no_corpus) return end
    local old = lunq.Overlay(helper.corpus .. "/files/hwh/pynqz2-dma-loopback-2020.1.hwh")
    local buffer = lunq.allocate(16)
    old.axi_dma.recvchannel:transfer(buffer) -- nothing will ever arrive
    local new <close> = open()
    assert.is_true(new:is_loaded())
    buffer:close() -- would raise while a transfer holds it
    assert.equal("runtime", raised(function() return old.axi_dma end)[1])
  end)

  describe("is a live thing:", function()
    it("a new download makes the older overlay and its objects stale", function()
      local old = open()
      local ip, video = old.adder, old.video
      local new <close> = open()
      assert.is_false(old:is_loaded())
      assert.is_true(new:is_loaded())
      local e = raised(function() return old.adder end)
      assert.equal("runtime", e[1])
      assert.matches("^Overlay not currently loaded %(another design was loaded on sim since", e[2])
      assert.matches("^Overlay not currently loaded", raised(function() return video.scaler end)[2])
      e = raised(ip.read, ip, 0)
      assert.equal("runtime", e[1])
      assert.matches("belongs to a design that is no longer loaded", e[2], 1, true)
      assert_alive(new.adder)
      old:download()
      assert.is_true(old:is_loaded())
      assert.is_false(new:is_loaded())
      assert_alive(old.adder)
      assert.equal("runtime", raised(ip.read, ip, 0)[1]) -- the object, not only the overlay, is old
      old:free()
    end)

    it("an overlay on another device is not concerned", function()
      local device <close> = core.device_open "sim"
      local here, there = open(), open { device = device }
      assert.is_true(here:is_loaded())
      assert.is_true(there:is_loaded())
      here.adder:write(0x10, 1)
      assert.equal(0, there.adder:read(0x10))
      there:free()
      here:free()
    end)

    it("download=false describes a design without touching the device (C42)", function()
      local ol <close> = open()
      local solo = { path = "solo", vlnv = "acme.com:user:plain:1.0", base = 0x44000000 }
      write_design("other", { solo })
      local described = lunq.Overlay(dir .. "/other.hwh", { download = false })
      assert.is_true(ol:is_loaded())
      assert_alive(ol.adder)
      assert.is_false(described:is_loaded())
      assert.equal("", described.timestamp)
      assert.equal(0x44000000, described.ip_dict.solo.phys_addr)
      assert.matches("not loaded\n", tostring(described))
      local e = raised(function() return described.solo end)
      assert.equal("runtime", e[1])
      assert.matches("^Overlay not currently loaded %(it was opened with download=false", e[2])
      described:download()
      assert_alive(described.solo)
      assert.is_false(ol:is_loaded())
      described:free()
    end)

    it("download=false attaches when the device has this very design", function()
      local ol <close> = open()
      ol.adder:write(0x10, 77)
      local second <close> = open { download = false }
      assert.is_true(second:is_loaded())
      assert.equal(77, second.adder:read(0x10))
      assert.is_true(ol:is_loaded())
      collectgarbage()
      write_design("top", { { path = "adder", vlnv = "acme.com:user:adder:1.0", base = 0x40000000 } })
      local third = open { download = false } -- same path, other contents
      assert.is_false(third:is_loaded())
    end)

    it("free closes the windows, may be repeated, and download brings it back", function()
      local ol = open()
      local ip = ol.adder
      ol:free()
      ol:free()
      assert.equal("runtime", raised(ip.read, ip, 0)[1])
      local e = raised(function() return ol.adder end)
      assert.same({ "runtime", "Overlay not currently loaded (it was freed; call :download() to use it "
                    .. "again)" }, e)
      ol:download()
      assert_alive(ol.adder)
      ol:close()
    end)

    it("free lets every driver release what it holds, whatever one of them does", function()
      local freed = {}
      local Plain = lunq.DefaultIP:extend { bindto = { "acme.com:user:plain:1.0" } }
      function Plain:free()
        freed[#freed + 1] = self.fullpath
        if self.fullpath == "device" then error("stuck", 0) end
        lunq.DefaultIP.free(self)
      end
      local Video = lunq.DefaultHierarchy:extend { checkhierarchy = function() return true end }
      finally(function()
        Plain:unregister()
        Video:unregister()
      end)
      local ol = open()
      function Video:free() freed[#freed + 1] = self.scaler.fullpath .. " is still there" end
      assert.equal(Video, getmetatable(ol.video))
      for _, name in ipairs { "device", "download", "video/scaler" } do ol:ip(name) end
      local list = lunq.warnings.capture(ol.free, ol)
      assert.same({ "video/scaler is still there", "device", "download", "video/scaler" }, freed)
      assert.same({ { category = "resource", text = "free of device failed: stuck" } }, list)
    end)

    it("drivers of the older overlay release their hardware before it goes", function()
      local released = {}
      local Plain = lunq.DefaultIP:extend { bindto = { "acme.com:user:plain:1.0" } }
      function Plain:release() released[#released + 1] = self:read(0) end -- still reachable then
      finally(function() Plain:unregister() end)
      local old = open()
      local attached = open { download = false }
      old.video.scaler:write(0, 42)
      attached:ip("device"):write(0, 43)
      local new <close> = open()
      table.sort(released)
      assert.same({ 42, 43 }, released)
      assert.is_true(new:is_loaded())
    end)

    it("an overlay whose device was closed says so", function()
      local device = core.device_open "sim"
      local ol = open { device = device }
      device:close()
      assert.is_false(ol:is_loaded())
      assert.matches("^Overlay top.hwh .* on a closed device, not loaded\n", tostring(ol))
      assert.equal("runtime", raised(function() return ol.adder end)[1])
      ol:free()
    end)

    it("reset restores the dictionaries and keeps the objects", function()
      local ol <close> = open()
      local ip, scaler = ol.adder, ol.video.scaler
      ol.ip_dict.adder.phys_addr = 1
      ol.ip_dict.extra = {}
      ol:reset()
      assert.equal(0x40000000, ol.ip_dict.adder.phys_addr)
      assert.is_nil(ol.ip_dict.extra)
      assert.equal(ip, ol.adder)
      assert.equal(scaler, ol.video.scaler)
    end)
  end)

  describe("loads binary data into an IP", function()
    it("from the base address, padded to whole words; the entry says what is there (C44)", function()
      local ol <close> = open()
      local file = fixture.write(dir .. "/program.bin", "abcdef")
      ol:load_ip_data("adder", file)
      assert.equal(0x64636261, ol.adder:read(0))
      assert.equal(0x00006665, ol.adder:read(4))
      assert.equal(file, ol.ip_dict.adder.state)
      ol.adder:write(0x20, 5)
      ol:load_ip_data("adder", file, true)
      assert.equal(0, ol.adder:read(0x20))
    end)

    it("into a memory too", function()
      local ol <close> = open()
      ol:load_ip_data("video/buffer", fixture.write(dir .. "/program.bin", ("x"):rep(0x2000)))
      assert.equal(0x78787878, ol.video.buffer:read(0x1ffc))
    end)

    it("and refuses what is too big, unknown or not there", function()
      local ol <close> = open()
      local file = fixture.write(dir .. "/program.bin", ("x"):rep(0x2001))
      local e = raised(ol.load_ip_data, ol, "video/buffer", file)
      assert.equal("runtime", e[1])
      assert.matches("^Binary file too big for IP", e[2])
      assert.same({ "attribute", 'Could not find IP or hierarchy addre in overlay; did you mean "adder"?' },
                  raised(ol.load_ip_data, ol, "addre", file))
      assert.equal("attribute", raised(ol.load_ip_data, ol, "ps", file)[1])
      assert.equal("io", raised(ol.load_ip_data, ol, "adder", dir .. "/nothing")[1])
      assert.is_nil(ol.ip_dict.adder.state)
    end)
  end)

  describe("shows itself", function()
    it("as a tree", function()
      local ol <close> = open()
      local text = tostring(ol)
      assert.matches("^Overlay top.hwh %(7z020, Vivado 2020.1%) on sim, loaded\n", text)
      assert.matches("\n  adder +0x40000000 +64K  lunq.DefaultIP  acme.com:user:adder:1.0, 2 registers\n",
                     text)
      assert.matches("\n  video/ +lunq.DefaultHierarchy\n    buffer +0x42000000 +8K  Bram  ", text)
      assert.matches("^lunq.DefaultHierarchy video\n  buffer", tostring(ol.video))
    end)

    it("in PYNQ's layout", function()
      write_design("small", {
        { path = "adder", vlnv = "acme.com:user:adder:1.0", base = 0x40000000 },
        { path = "ram", vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", base = 0x42010000, memtype = "MEMORY" } })
      local file = dir .. "/small.hwh"
      local ol <close> = lunq.Overlay(file)
      assert.equal(table.concat({
        "Default documentation for overlay " .. file .. ". The following",
        "attributes are available on this overlay:",
        "",
        "IP Blocks",
        "----------",
        "adder                : lunq.DefaultIP",
        "ps                   : lunq.PS",
        "",
        "Hierarchies",
        "-----------",
        "None",
        "",
        "Interrupts",
        "----------",
        "None",
        "",
        "GPIO Outputs",
        "------------",
        "None",
        "",
        "Memories",
        "------------",
        "PSDDR                : Memory",
        "ram                  : Memory",
        "",
      }, "\n    "), ol:doc())
      assert.equal(ol:doc(), ol.__doc)
    end)

    it("as a hierarchy in PYNQ's layout", function()
      local ol <close> = open()
      assert.matches("^Default documentation for hierarchy video. The following\n"
                     .. "    attributes are available on this hierarchy:\n", ol.video:doc())
    end)
  end)
end)
