describe("help", function()
  local lunq = require "lunq"
  local help = lunq.help
  local process = dofile "spec/program/process.lua"

  local function has(text, ...)
    for _, part in ipairs { ... } do assert.truthy(text:find(part, 1, true), ("%q in\n%s"):format(part, text)) end
  end

  it("says where to begin, and every name there is", function()
    local text = help.text()
    has(text, "lunq.Overlay", "help(x)", "allocate", "time_limit")
    assert.equal(text, help.text(lunq))
  end)

  it("gives the comment of a function: call, text, parameters, results", function()
    has(help.text(lunq.Interrupt.wait), "Interrupt:wait(timeout)", "Waits until the pin fires.",
        "timeout      number, may be left out: seconds of device time", "returns      integer count")
  end)

  it("gives the comment of a class and a line for each method, those of base classes too", function()
    local Sub = lunq.Interrupt:extend { __name = "Sub" }
    has(help.text(lunq.Interrupt), "a pin of the loaded design", "Interrupt:explain()")
    has(help.text(Sub), "Interrupt:explain()")
  end)

  it("lists the functions of a module with those it has from the modules below it", function()
    has(help.text(lunq.bench), "bench.near(actual, expected, tolerance)", "bench.sink(where, interface, o)")
    has(help.text(lunq.bench.sink), "in place of its slave. Options: dtype, stalls")
  end)

  it("gives PYNQ's text for overlays and hierarchies", function()
    local ol = lunq.Overlay { ip = { ["video/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0x43C00000 } } }
    has(help.text(ol), "Default documentation for overlay", "IP Blocks\n    ----------", "video")
    has(help.text(ol.video), "Default documentation for hierarchy video", "fir")
  end)

  it("explains an IP by its driver, also one of the user's, from the comments of its file", function()
    local name = os.tmpname()
    local f = assert(io.open(name, "w"))
    f:write [[
--- A filter of ACME: eight taps.
local lunq = require "lunq"
local Fir = lunq.DefaultIP:extend { bindto = { "acme.com:user:fir:1.0" } }

--- Sets the taps.
---@param taps integer[] eight of them
function Fir:set_taps(taps) return taps end
return Fir
]]
    f:close()
    local Fir = dofile(name)
    finally(function()
      Fir:unregister()
      os.remove(name)
    end)
    local ol = lunq.Overlay { ip = { fir = { vlnv = "acme.com:user:fir:1.0", address = 0x43C00000 } } }
    has(help.text(ol.fir), "A filter of ACME: eight taps.", "Fir:set_taps(taps)", "DefaultIP:read(offset)")
    has(help.text(ol.fir.set_taps), "Sets the taps.", "taps         integer[]: eight of them")
  end)

  it("explains what an HLS core can do, though no class has it", function()
    local ol <close> = lunq.Overlay "overlays/adder/adder.hwh"
    has(help.text(ol.adder.call), "ip:call(...)", "Runs the core", "outputs in the order of ip.signature")
    has(help.text(ol.adder.array), "ip:array(name, count)", "integer, may be left out: elements")
  end)

  it("explains objects and functions written in C", function()
    local buffer <close> = lunq.allocate(4, "u4")
    has(help.text(buffer), "b:copyfrom(x)", "b:totable()")
    has(help.text(buffer.totable), "the elements as nested lists")
    local mmio <close> = lunq.MMIO(0x43C00000, 16)
    has(help.text(mmio), "m:update(offset, mask, value)", "m:read_block(offset, count")
    has(help.text(mmio.read_block), "a list of count words")
  end)

  it("takes a name, and searches for any other word", function()
    assert.equal(help.text(lunq.Interrupt), help.text "Interrupt")
    assert.equal(help.text(lunq.Interrupt.wait), help.text "lunq.Interrupt.wait")
    has(help.text "doorbell", "Nothing is called", "help() says where to begin")
    local text = help.text "timer"
    has(text, '"timer" is spoken of in:', "drivers.axi_timer")
    assert.is_true(select(2, text:gsub("\n", "")) < 22)
  end)

  it("says what it is when it is not called", function()
    assert.equal('help(x) explains x, help "word" searches, help() says where to begin', tostring(help))
  end)

  it("never raises, whatever it is asked about", function()
    local odd = setmetatable({}, { __tostring = function() error "no" end, __name = "Odd" })
    for _, x in ipairs { 1, true, {}, odd, print, io.stdout, coroutine.create(print), "", "%", "." } do
      assert.is_string(help.text(x))
    end
    assert.is_string(help.text(nil))
  end)

  it("prints no more than a screen on a terminal", function()
    local dir = os.tmpname()
    os.remove(dir)
    finally(function() os.execute("rm -rf " .. dir) end)
    local t = process.terminal("XDG_STATE_HOME=" .. dir)
    t:line "help(lunq.allocate(4, 'u4'))"
    t:expect "more lines: print(help.text(...)) shows all of it"
    t:expect "> "
    t:type "\4"
    assert.equal(0, (t:finish()))
  end)

  it("cuts the lines of its lists to the terminal's width", function()
    local dir = os.tmpname()
    os.remove(dir)
    finally(function() os.execute("rm -rf " .. dir) end)
    local t = process.terminal("XDG_STATE_HOME=" .. dir)
    t:line "os.execute 'stty cols 60 rows 50'"
    t:line "help 'dma'"
    t:expect '"dma" is spoken of in:'
    local shown, lines = t:expect "> ", 0
    for line in shown:gmatch "[^\r\n]+" do
      lines = lines + 1
      assert.is_true(#line <= 60, line)
    end
    assert.is_true(lines > 15, shown)
    assert.truthy(shown:find("...", 1, true))
    t:type "\4"
    assert.equal(0, (t:finish()))
  end)
end)
