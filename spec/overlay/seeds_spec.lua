-- The sentences about overlays in the documents the project was created from (shared/seeds), each as
-- a program a user would write. The quoted sentence names the spec.
describe("the documents promise", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local dir

  before_each(function()
    dir = fixture.folder()
    fixture.write(dir .. "/filter.hwh", fixture.hwh {
      ps_ports = { { DIR = "I", NAME = "IRQ_F2P", LEFT = 0, RIGHT = 0, SIGIS = "INTERRUPT",
                     SIGNAME = "my_ip_interrupt" } },
      modules = {
        { path = "my_ip", vlnv = "acme.com:user:my_ip:1.0", base = 0x40000000,
          ports = { { DIR = "O", NAME = "interrupt", SIGIS = "INTERRUPT", SIGNAME = "my_ip_interrupt" } } },
        { path = "group/left", vlnv = "acme.com:user:half:1.0", base = 0x40010000 },
        { path = "group/right", vlnv = "acme.com:user:half:1.0", base = 0x40020000 },
        { path = "group/inner/core", vlnv = "acme.com:user:core:1.0", base = 0x40030000 },
      } })
  end)
  after_each(fixture.clean)

  local function open(...) return lunq.Overlay(dir .. "/filter.hwh", ...) end

  it("MMIO: 0xdeadbeef to 0x40000010 and back", function()
    local ol <close> = open()
    local IP_BASE_ADDRESS <const>, ADDRESS_RANGE <const>, ADDRESS_OFFSET <const> = 0x40000000, 0x1000, 0x10
    local mmio <close> = lunq.MMIO(IP_BASE_ADDRESS, ADDRESS_RANGE)
    mmio:write(ADDRESS_OFFSET, 0xdeadbeef)
    assert.equal(0xdeadbeef, mmio:read(ADDRESS_OFFSET))
    assert.equal(0xdeadbeef, ol.my_ip:read(ADDRESS_OFFSET)) -- it was written to 0x40000010
  end)

  it("the IP can be accessed via attributes using the names of the IP and hierarchies", function()
    local ol <close> = open()
    assert.equal("group/inner/core", ol.group.inner.core.fullpath)
  end)

  it("a DefaultIP offers read and write functions and named accessors to interrupts", function()
    local ol <close> = open()
    ol.my_ip:write(0, 5)
    assert.equal(5, ol.my_ip:read(0))
    assert.equal("my_ip/interrupt", ol.my_ip.interrupts.interrupt.fullpath)
    assert.equal(61, ol.my_ip.interrupts.interrupt.raw_irq)
  end)

  it("hierarchies are DefaultHierarchy, offering sub hierarchies and contained IP", function()
    local ol <close> = open()
    assert.is_true(lunq.Class.is_instance(ol.group, lunq.DefaultHierarchy))
    assert.equal(0x40010000, ol.group.left.phys_addr)
    assert.is_true(lunq.Class.is_instance(ol.group.inner, lunq.DefaultHierarchy))
  end)

  it("the type of an IP can be found from the ip_dict of the overlay", function()
    local ol <close> = open()
    assert.equal("acme.com:user:my_ip:1.0", ol.ip_dict.my_ip.type)
  end)

  it("a template for an IP driver; new drivers are only bound when the overlay is reloaded", function()
    local before = open()
    local MyIP = lunq.DefaultIP:extend { bindto = { "acme.com:user:my_ip:1.0" } }
    finally(function() MyIP:unregister() end)
    function MyIP:init(description)
      lunq.DefaultIP.init(self, description)
      self.ready = true
    end
    assert.equal(lunq.DefaultIP, getmetatable(before.my_ip))
    local after <close> = open()
    assert.is_true(after.my_ip.ready)
  end)

  it("a template for a hierarchy driver", function()
    local MyHierarchy = lunq.DefaultHierarchy:extend {}
    finally(function() MyHierarchy:unregister() end)
    function MyHierarchy:init(description)
      lunq.DefaultHierarchy.init(self, description)
      self.halves = { self.left, self.right }
    end
    function MyHierarchy.checkhierarchy(description)
      return description.ip.left ~= nil and description.ip.right ~= nil
    end
    local ol <close> = open()
    assert.equal(2, #ol.group.halves)
    assert.equal(lunq.DefaultHierarchy, getmetatable(ol.group.inner))
  end)

  it("a template for a custom overlay class, loaded from beside the bitstream", function()
    fixture.write(dir .. "/filter.lua", [[
      local lunq = require "lunq"
      local MyOverlay = lunq.DefaultOverlay:extend {}
      function MyOverlay:init(bitfile_name, download)
        lunq.DefaultOverlay.init(self, bitfile_name, download)
        self.my_ip:write(0x20, 1)
      end
      return MyOverlay
    ]])
    local ol <close> = lunq.Overlay(dir .. "/filter.bit")
    assert.equal(1, ol.my_ip:read(0x20))
  end)

  it("a wrapper that interfaces directly with the hardware IP", function()
    local ol <close> = open()
    local function set_gain(gain) ol.my_ip:write(0x10, gain) end
    set_gain(3)
    assert.equal(3, ol.my_ip:read(0x10))
  end)

  it("the design will be freed automatically when a new Overlay object is created", function()
    local released = false
    local MyIP = lunq.DefaultIP:extend { bindto = { "acme.com:user:my_ip:1.0" } }
    finally(function() MyIP:unregister() end)
    function MyIP.release() released = true end
    local first = open()
    assert.is_number(first.my_ip:read(0))
    local second <close> = open()
    assert.is_true(released)
    assert.is_false(first:is_loaded())
    assert.is_true(second:is_loaded())
  end)

  it("an overlay on the device that is chosen with a keyword", function()
    local card <close> = lunq.core.device_open "sim"
    local ol = open { device = card }
    assert.equal(card, ol.device)
    assert.equal(card, ol.my_ip.device)
    ol:free()
  end)

  it("a human-readable summary with print, and the doc attribute", function()
    local ol <close> = open()
    assert.matches("my_ip +0x40000000 +64K", tostring(ol))
    assert.matches("my_ip                : lunq.DefaultIP\n", ol.__doc)
  end)
end)
