-- Damaged xclbin files: an error that names file, section and offset, or a sound design; never a crash.
-- The same files stand at the start of fuzz/fuzz_xclbin.c.
local core = require "lunq.core"
local lunq = require "lunq"
local damaged = dofile "spec/design/support/xclbin_damaged.lua"
local xclbin = dofile "spec/design/support/xclbin.lua"

--- Reads the bytes; a design must be whole: its dictionaries can be made and it can be written again.
local function try(bytes)
  local ok, d = pcall(core.design_parse, "x.xclbin", bytes)
  if not ok then
    assert.equal("value", d.kind)
    assert.equal("x.xclbin:", tostring(d):sub(1, 9))
    return false
  end
  local t = d:dictionaries()
  for _, ip in pairs(t.ip_dict) do assert(ip.addr_range > 0) end
  assert(core.design_parse("again", d:xclbin()).uuid == d.uuid)
  return true
end

describe("a damaged xclbin", function()
  for _, case in ipairs(damaged.list()) do
    it("with " .. case[1] .. " gives an error that says where", function()
      local e = xclbin.failure(case[2])
      assert.equal("value", e[1])
      assert.matches("^x.xclbin:", e[2])
      assert.matches(case[3], e[2])
    end)
  end

  -- Was taken for an HWH, by its content, and said to be no XML.
  it("is known by its name when its beginning is damaged, unless it is XML", function()
    local function failure(name, bytes) return tostring(select(2, pcall(core.design_parse, name, bytes))) end
    for _, bytes in ipairs { ("\0"):rep(600), ("\xf0"):rep(600) } do
      assert.matches("^x%.xclbin: header, offset 0x0: it should start with", failure("x.xclbin", bytes))
      assert.matches("no XML, so no HWH file", failure("x.hwh", bytes))
    end
    assert.matches("^x%.xclbin: header, offset 0x0: the file has 0 bytes", failure("x.xclbin", ""))
    assert.matches("^x%.xclbin:2: not well%-formed", failure("x.xclbin", "\xef\xbb\xbf\n<nothing"))
  end)

  it("is the sound file before", function()
    assert.is_true(try(damaged.good()))
    assert.same({}, core.design_parse("x.xclbin", damaged.good()):dictionaries().warnings)
  end)

  it("is refused at each length but its own", function()
    local good = damaged.good()
    for n = 0, #good - 1 do
      if pcall(core.design_parse, "x.xclbin", good:sub(1, n)) then error("read with " .. n .. " bytes") end
    end
  end)

  it("gives an error or a design whatever a byte of the headers and tables becomes", function()
    local good = damaged.good()
    local xml, read = xclbin.section(good, 2), 0
    for at = 0, #good - 1 do
      if at < xml.offset or at >= xml.offset + xml.size then
        for _, flip in ipairs { 0x01, 0xff } do
          if try(xclbin.set(good, at, string.char(good:byte(at + 1) ~ flip))) then read = read + 1 end
        end
      end
    end
    assert(read > 800) -- names, tags, reserved fields, addresses
  end)

  it("gives an error or a design whatever a byte of the XML becomes", function()
    local good = damaged.good()
    local xml = xclbin.section(good, 2)
    for at = xml.offset, xml.offset + xml.size - 1 do
      try(xclbin.set(good, at, ("\0009\"<"):sub(at % 4 + 1, at % 4 + 1)))
    end
  end)
end)

describe("what is unusual in an xclbin", function()
  local function warnings(bytes) return core.design_parse("x.xclbin", bytes):dictionaries().warnings end
  local good, section
  before_each(function()
    good = damaged.good()
    function section(kind) return xclbin.section(good, kind) end
  end)

  it("is a warning: an unknown kind of section", function()
    assert.same({ "x.xclbin: skipped: a section of kind 99, which is not known" },
                warnings(xclbin.set(good, section(11).at, 99)))
  end)

  it("is a warning: a tag that stands twice, and the second gets a name of its own (X3)", function()
    local bytes = xclbin.set(good, section(6).offset + 8 + 40 + 24, "bank0\0")
    assert.same({ "x.xclbin: the tag of memory 1 is empty, no name, or that of another: it is called bank0_1 here" },
                warnings(bytes))
    local mems = core.design_parse("x.xclbin", bytes):dictionaries().mem_dict
    assert.same({ 0, 1 }, { mems.bank0.idx, mems.bank0_1.idx })
  end)

  it("is a warning: a unit that is not in IP_LAYOUT, and one that is there only", function()
    local list = warnings(xclbin.set(good, section(8).offset + 8 + 16, "other:vadd_1\0"))
    assert.same({ "x.xclbin: unit vadd_1 of kernel vadd is not in IP_LAYOUT: XRT can't run it",
                  "x.xclbin: IP_LAYOUT has other:vadd_1, which the metadata of the kernels does not describe; "
                  .. "skipped" }, list)
  end)

  it("is a warning: another address in the XML than in IP_LAYOUT, which counts", function()
    local bytes = xclbin.set(good, section(8).offset + 8 + 8, 0x1900000, 8)
    assert.same({ "x.xclbin: unit vadd_1 is at 0x1900000 in IP_LAYOUT and at 0x1800000 in the XML; "
                  .. "the first counts" }, warnings(bytes))
    local ip = core.design_parse("x.xclbin", bytes):dictionaries().ip_dict
    assert.same({ 0x1900000, 2 }, { ip.vadd_1.phys_addr, ip.vadd_1.cu_index })
  end)

  it("is taken: a section of 16 bytes more than its table, and a name that fills its field", function()
    local bytes = xclbin.set(good, section(6).offset, 3)
    bytes = xclbin.set(bytes, section(7).offset, 0)
    assert.matches("section MEM_TOPOLOGY has 40 bytes behind its last row; skipped",
                   table.concat(warnings(bytes), "\n"))
    local full = xclbin.set(good, 352, ("p"):rep(64))
    assert.equal(("p"):rep(64), core.design_parse("x.xclbin", full).platform)
    full = xclbin.set(good, section(6).offset + 8 + 24, ("t"):rep(16))
    assert.truthy(core.design_parse("x.xclbin", full):dictionaries().mem_dict[("t"):rep(16)])
  end)

  it("is taken: a signature behind the end", function()
    local signed = xclbin.set(good, 8, 24) .. ("s"):rep(24)
    assert.same({}, warnings(signed))
    assert.equal(core.design_parse("x", good).uuid, core.design_parse("x", signed).uuid)
  end)

  it("is merged: several parts of one argument, and an argument without an id is a register only", function()
    local bytes = lunq.xclbin.bytes { kernels = { k = { args = { "int *a", "int b", "int c" } } } }
    bytes = bytes:gsub('id="2"', 'id="1"')
    local d = core.design_parse("x.xclbin", bytes)
    local r = d:dictionaries().ip_dict.k_1.registers
    assert.same({ 0x1c, 32, 1, 8 }, { r.b.address_offset, r.b.size, r.b.id, r.b.host_size })
    assert.same({ 0x24, 32, nil }, { r.c.address_offset, r.c.size, r.c.id })
    r = core.design_parse("x.xclbin", (bytes:gsub('name="c" addressQualifier="0" id="1"',
                                                  'name="c" addressQualifier="0" id="" ')))
        :dictionaries().ip_dict.k_1.registers
    assert.same({ 4, 0x24, nil }, { r.b.host_size, r.c.address_offset, r.c.id })
  end)
end)
