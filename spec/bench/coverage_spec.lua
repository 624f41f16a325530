-- `lunq test --coverage`: which registers and fields the tests of a run touched.
describe("register coverage", function()
  local process = dofile "spec/program/process.lua"
  local fixture = dofile "spec/overlay/fixture.lua"
  local root = io.popen("pwd"):read "l"
  local dir

  before_each(function() dir = fixture.folder() end)
  after_each(fixture.clean)

  local function write(name, text) return fixture.write(dir .. "/" .. name, (text:gsub("ROOT", root))) end

  local function test(arguments, bare)
    return process.sh(("cd %s && %s LUNQ test %s"):format(process.quote(dir),
      bare and "LUA_PATH=/nowhere/?.lua LUA_CPATH=/nowhere/?.so" or "", arguments))
  end

  local function contents(name)
    local f <close> = assert(io.open(dir .. "/" .. name))
    return f:read "a"
  end

  local ADDER <const> = [[
    local lunq = require "lunq"
    it("adds", function()
      local ol <close> = lunq.Overlay "ROOT/overlays/adder/adder.hwh"
      ol.adder:write(0x10, NUMBER)
      ol.adder:read(0x20)
    end)]]

  it("says what was touched and what never, with the values, over all files", function()
    write("one_spec.lua", (ADDER:gsub("NUMBER", "3")))
    write("two_spec.lua", (ADDER:gsub("NUMBER", "0x40")))
    local code, out = test "--coverage ."
    assert.equal(0, code)
    assert.equal([[
Register coverage: 2 of 8 registers touched (25 %), 1 of 8 readable ones read (12 %), ]]
      .. [[1 of 6 writable ones written (16 %), 1 of 14 fields changed (7 %)
adder.hwh: 2 of 8 registers touched (25 %), 1 of 14 fields changed (7 %)
  adder (acme.com:hls:adder:1.0): 2 of 8 registers touched (25 %), 1 of 14 fields changed (7 %)
    0x10  a  0 read, 2 written  3,0x40
    0x20  c  2 read, 0 written  always 0
    never touched:  CTRL  GIER  IP_IER  IP_ISR  b  c_ctrl
]], out:match "Register coverage.*")
  end)

  it("writes a file, as JSON when its name says so, and keeps out of TAP and JUnit", function()
    write("one_spec.lua", (ADDER:gsub("NUMBER", "3")))
    assert.equal(0, (test "--coverage=cov.json one_spec.lua"))
    local data = require "dkjson".decode(contents "cov.json")
    assert.equal("lunq-coverage 1", data.format)
    assert.same({ touched = 2, total = 8 }, data.sums.registers)
    local ip = data.designs[1].ip[1]
    assert.same({ "adder.hwh", "adder", "acme.com:hls:adder:1.0", 0x43c00000 },
      { data.designs[1].design, ip.path, ip.type, ip.address })
    local a
    for _, register in ipairs(ip.registers) do a = register.name == "a" and register or a end
    assert.same({ 0x10, 0, 1, { 3 }, {} }, { a.offset, a.reads, a.writes, a.fields[1].written, a.fields[1].read })
    assert.equal(0, (test "--coverage=cov.txt one_spec.lua"))
    assert.matches("^Register coverage: 2 of 8", contents "cov.txt")
    local _, out, err = test "-o TAP --coverage one_spec.lua"
    assert.equal("ok 1 - adds\n1..1\n", out)
    assert.matches("^Register coverage: 2 of 8", err)
  end)

  it("counts for LuaUnit without busted, also when no accesses are shown", function()
    write("adder.lua", [[
      local lunq = require "lunq"
local lu = require "luaunit"
      function testAdd()
        local ol <close> = lunq.Overlay "ROOT/overlays/adder/adder.hwh"
        lu.assertEquals(ol.adder:add(3, 4), 7)
      end]])
    local code, out = test("--coverage --accesses 0 adder.lua", true)
    assert.equal(0, code)
    assert.matches("0x00  CTRL    2 read, 1 written  AP_START 0,1  AP_DONE 0,1", out, 1, true)
  end)

  it("tells values of fields, parts of registers, arrays, 64 bits, and what has no name", function()
    write("table_spec.lua", [[
      local lunq = require "lunq"
      it("touches", function()
        local ol <close> = lunq.Overlay { ip = {
          core = { vlnv = "acme.com:hls:core:1.0", address = 0x40000000, range = 0x1000, registers = {
            CTRL = { offset = 0, fields = { AP_START = 0, AP_DONE = 1, AP_IDLE = 2, RESERVED = 31,
                                            MODE = { bit = 8, width = 2 } } },
            src_1 = 0x10, src_2 = 0x14,
            wide = { offset = 0x20, size = 64 },
            Memory_lut = { offset = 0x40, size = 64 },
          } },
          plain = { vlnv = "acme.com:user:plain:1.0", address = 0x40010000 },
          bytes = { vlnv = "acme.com:user:bytes:1.0", address = 0x40030000, registers = { X = 0 } },
          spare = { vlnv = "acme.com:user:spare:1.0", address = 0x40020000, registers = { X = 0 } },
        } }
        local m = ol.core.mmio
        for mode = 0, 3 do m:write(0, mode << 8) end
        m:writer(0x20, 8)(0x100000001)
        m:write(0x40, "abcdefgh")
        m:write(0x80, 1)
        for i = 0, 300 do m:write(0x10, i) end
        ol.plain:read(8)
        ol.bytes.mmio:write8(1, 3)
      end)]])
    local code, out = test "--coverage table_spec.lua"
    assert.equal(0, code, out)
    assert.matches("MODE 0,1,2,3", out, 1, true)
    assert.matches("src_1 .-0 read, 301 written  0,1,2,3,4,5 and more", out)
    assert.matches("wide +0 read, 1 written\n", out)
    assert.matches("Memory_lut +0 read, 1 written, 2 of 16 words", out)
    assert.matches("without a name:  0x80 (0 read, 1 written)", out, 1, true)
    assert.matches("plain (acme.com:user:plain:1.0): no register is known, 1 read, 0 written\n", out, 1, true)
    assert.matches("0x00  X  0 read, 1 written\n", out, 1, true) -- what the other bytes were nobody saw
    assert.matches("  never touched:  spare\n", out, 1, true)
    assert.is_nil(out:find("RESERVED", 1, true))
  end)

  it("keeps designs apart that take each other's place", function()
    write("two_spec.lua", [[
      local lunq = require "lunq"
      local function design(name, register)
        return { ip = { [name] = { vlnv = "acme.com:user:x:1.0", address = 0x40000000,
                 registers = { [register] = 0 } } } }
      end
      it("loads", function()
        local a = lunq.Overlay(design("first", "ONE"))
        a.first:write(0, 1)
        local b = lunq.Overlay(design("second", "TWO"))
        b.second:write(0, 2)
        b.second:write(0, 4)
      end)]])
    local _, out = test "--coverage two_spec.lua"
    assert.matches("ONE  0 read, 1 written  1\n", out, 1, true)
    assert.matches("TWO  0 read, 2 written  2,4\n", out, 1, true)
  end)

  it("leaves out what a script puts into the dictionaries of an overlay", function()
    write("odd_spec.lua", [[
      local lunq = require "lunq"
      it("loads", function()
        local ol <close> = lunq.Overlay "ROOT/overlays/adder/adder.hwh"
        ol.ip_dict.odd, ol.ip_dict.other = { phys_addr = "here" }, { phys_addr = 0x40000000 }
        ol.mem_dict.odd = { base_address = 7 }
        ol:download()
        ol.adder:read(0x10)
      end)]])
    local code, out = test "--coverage odd_spec.lua"
    assert.equal(0, code, out)
    assert.matches("0x10  a  1 read, 0 written  always 0\n", out, 1, true)
  end)

  it("says so when there was nothing to cover or the file can't be written", function()
    write("pure_spec.lua", 'it("counts", function() end)')
    local _, out = test "--coverage pure_spec.lua"
    assert.matches("Register coverage: no overlay with registers was loaded.\n", out, 1, true)
    local code, _, err = test "--coverage=/dev/null/x pure_spec.lua"
    assert.same({ 2, "lunq test: the coverage can't be written: /dev/null/x: Not a directory\n" }, { code, err })
    code, _, err = test "--coverage cov.json"
    assert.same({ 2, "lunq test: there is no file or folder cov.json: did you mean --coverage=cov.json?\n" },
      { code, err })
  end)
end)
