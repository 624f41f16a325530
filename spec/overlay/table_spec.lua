-- A design without metadata: described by a table, alone or beside a bitstream.
describe("an overlay from a description", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local raised = fixture.raised

  local function description()
    return { name = "filter", ip = {
      ["video/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0x43C00000,
                        registers = { CTRL = { offset = 0, fields = { START = 0 } }, GAIN = 0x10 } },
      plain = { vlnv = "acme.com:user:plain:1.0", address = 0x43C10000, range = 0x1000 } },
      memory = { bram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x40000000, range = 0x2000 } } }
  end

  it("is a tree like any other", function()
    local ol <close> = lunq.Overlay(description())
    assert.equal("(table)", ol.bitfile_name)
    assert.is_nil(ol.dtbo)
    ol.video.fir.register_map.GAIN = 12
    assert.equal(12, ol.video.fir:read(0x10))
    ol.bram:write(0, 3)
    assert.equal(3, ol.bram:read(0))
    assert.equal(0x1000, ol.plain.addr_range)
    assert.matches("^Overlay %(table%) on sim, loaded\n", tostring(ol))
  end)

  -- A ZynqMP video design has 70 streams: printed in full they scroll the tree off the screen.
  it("prints a screenful and says where the rest is", function()
    local d = { name = "wide", ip = { many = { vlnv = "acme.com:user:many:1.0", address = 0x43C00000,
                                               interrupts = {} } } }
    for i = 0, 15 do d.ip.many.interrupts[("irq%02d"):format(i)] = i end
    local ol <close> = lunq.Overlay(d)
    local text = tostring(ol)
    assert.matches("  many/irq10 +%-> PS input 10, interrupt 86\n", text)
    assert.is_nil(text:find("irq11", 1, true))
    assert.matches("\n  %.%.%. 5 more %(lunq info FILE %-%-all shows them%)$", text)
  end)

  it("binds drivers and takes options", function()
    local Fir = lunq.DefaultIP:extend { bindto = { "acme.com:user:fir:1.0" } }
    finally(function() Fir:unregister() end)
    local ol <close> = lunq.Overlay(description(), { download = true })
    assert.equal(Fir, getmetatable(ol.video.fir))
  end)

  it("attaches when the same table describes what is loaded", function()
    local ol <close> = lunq.Overlay(description())
    local same = lunq.Overlay(description(), { download = false })
    assert.is_true(same:is_loaded())
    local changed = description()
    changed.ip.plain.address = 0x43C20000
    assert.is_false(lunq.Overlay(changed, { download = false }):is_loaded())
    assert.is_true(ol:is_loaded())
  end)

  it("may stand beside a bitstream without metadata", function()
    local dir = fixture.folder()
    finally(fixture.clean)
    local name = dir .. "/filter.bit"
    assert.equal("io", raised(lunq.Overlay, name)[1])
    local ol <close> = lunq.Overlay(name, { design = description() })
    assert.equal(name, ol.bitfile_name)
    assert.equal(0x43C00000, ol.video.fir.phys_addr)
  end)

  it("may be a Lua file that returns it, with drivers and models beside it", function()
    local dir = fixture.folder()
    finally(fixture.clean)
    fixture.write(dir .. "/plain.lua",
                  [[return { ip = { core = { vlnv = "acme.com:user:beside:1.0", address = 0x43C00000 } } }]])
    fixture.write(dir .. "/core_driver.lua", [[local lunq = require "lunq"
      return lunq.DefaultIP:extend { __name = "Beside", bindto = { "acme.com:user:beside:1.0" } }]])
    local ol <close> = lunq.Overlay(dir .. "/plain.lua")
    assert.matches("^Overlay plain.lua on sim, loaded\n  .* Beside ", (tostring(ol):gsub("PSDDR[^\n]*\n", "")))
    assert.is_true(lunq.Overlay(dir .. "/plain.lua", { download = false }):is_loaded())
    fixture.write(dir .. "/class.lua", [[return require "lunq".DefaultOverlay:extend {}]])
    assert.same({ "type", dir .. "/class.lua returns no description of a design, a plain table. A custom overlay file "
      .. "is used by opening the .bit, .hwh or .xclbin file it is called like." },
      raised(lunq.Overlay, dir .. "/class.lua"))
  end)

  it("says what is wrong with the table", function()
    local bad = description()
    bad.ip.plain.address = "here"
    local e = raised(lunq.Overlay, bad)
    assert.matches("ip.plain.address", e[2], 1, true)
    local loop = {}
    loop.ip = { x = { vlnv = "a:b:c:1.0", address = 0, parameters = loop } }
    e = raised(lunq.Overlay, loop)
    assert.is_true(e[1] == "value" or e[1] == "type", e[1])
  end)
end)
