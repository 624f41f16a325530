-- Arrays of HLS cores in the register map: registers.md section 15. PYNQ's map has the first word of a
-- small one as a register, and leaves large ones out with a warning.
describe("an array in the register map of an HLS core", function()
  local lunq = require "lunq"
  local ol, ip, rm

  before_each(function()
    ol = lunq.Overlay { arch = "zynq", ip = { lut = { vlnv = "acme.com:hls:lut:1.0", address = 0x43c00000, registers = {
      CTRL = { offset = 0, fields = { AP_START = 0 } }, rows = 0x10, Memory_small = { offset = 0x20, size = 12 },
      Memory_lut = { offset = 0x400, size = 1024 },
    } } } }
    ip = ol.lut
    rm = ip.register_map
  end)
  after_each(function()
    ol:free()
    ip, rm = nil, nil -- after a download they hold what the overlay has let go of
  end)

  local function raises(kind, message, f, ...)
    local ok, e = pcall(f, ...)
    assert.same({ false, kind, message }, { ok, e.kind, tostring(e) })
  end

  it("is read and written by word, the first is 1", function()
    assert.same({ 256, 3 }, { #rm.Memory_lut, #rm.Memory_small })
    rm.Memory_lut[1], rm.Memory_lut[256] = 7, 0xffffffff
    assert.same({ 7, 0xffffffff }, { ip:read(0x400), ip:read(0x7fc) })
    ip:write(0x404, 9)
    assert.equal(9, rm.Memory_lut[2])
    raises("index", "Memory_lut[0] is outside its 256 words", function() return rm.Memory_lut[0] end)
    raises("index", "Memory_lut[258] is outside its 256 words", function() return rm.Memory_lut[258] end)
    raises("index", "Memory_lut[257] is outside its 256 words", function() rm.Memory_lut[257] = 1 end)
    raises("index", "Memory_lut[first] is outside its 256 words", function() rm.Memory_lut.first = 1 end)
  end)

  it("takes a list, and gives one", function()
    rm.Memory_small = { 1, 2, 3 }
    rm.Memory_small = { 9 } -- the others stay
    assert.same({ 9, 2, 3 }, rm.Memory_small:get())
    rm:set { rows = 4, Memory_small = { 8, 7 } }
    local list = {}
    for i, word in ipairs(rm.Memory_small) do list[i] = word end
    assert.same({ 8, 7, 3 }, list)
    assert.same({ 8, 7, 3 }, ip:array "small")
    raises("type", "Memory_small is an array of 3 words: it takes a list, not number",
           function() rm.Memory_small = 1 end)
    raises("value", "Memory_small has 3 words, not 4", function() rm.Memory_small = { 1, 2, 3, 4 } end)
    assert.same({ 8, 7, 3 }, rm.Memory_small:get())
  end)

  it("is printed when it is short, and not read when it is long", function()
    rm.Memory_small = { 1, 2, 3 }
    ol.device:trace(true)
    local text = tostring(rm)
    local trace = ol.device:trace(false)
    assert.match("\n  Memory_small = %[1, 2, 3%],\n  Memory_lut = <256 words at 0x400>\n", text)
    assert.is_nil(trace:find("0x400", 1, true))
    assert.same({ 1, 2, 3 }, rm:values().Memory_small)
    assert.is_nil(rm:values().Memory_lut)
  end)

  it("does not keep the others from being printed when its metadata are wrong", function()
    ol:free()
    ol = lunq.Overlay { arch = "zynq", ip = { lut = { vlnv = "acme.com:hls:lut:1.0", address = 0x43c00000,
      range = 0x1000, registers = { rows = 0x10, Memory_lut = { offset = 0x2000, size = 16 } } } } }
    assert.match("rows = Register%(value=0%),\n  Memory_lut = <not read: Offset 0x2000 %(4 times 4 bytes%) is outside",
                 tostring(ol.lut.register_map))
  end)

  it("is of no use when the design is gone", function()
    local array = rm.Memory_lut
    ol:download()
    assert.equal("runtime", select(2, pcall(function() return array[1] end)).kind)
  end)
end)
