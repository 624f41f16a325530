--- Files that are damaged or made to do harm: a clean error that names file and line.
local core = require "lunq.core"

local function fails(text, name)
  local ok, e = pcall(core.design_parse, name or "x.hwh", text)
  assert.is_false(ok)
  return { e.kind, e.message }
end

local function file(modules)
  return "<EDKSYSTEM>\n<MODULES>\n" .. modules .. "</MODULES>\n</EDKSYSTEM>\n"
end
local function module(inside)
  return file('<MODULE FULLNAME="/m" INSTANCE="m">\n' .. inside .. "</MODULE>\n")
end
local RANGE <const> = '<MEMORYMAP><MEMRANGE INSTANCE="m" BASEVALUE="%s" HIGHVALUE="%s"/></MEMORYMAP>'
local function range(base, high) return module(RANGE:format(base, high)) end

describe("a file that is no HWH", function()
  it("is told by what it is", function()
    assert.same({ "value", "x.hwh:1: the file is empty" }, fails "")
    assert.same({ "value", "x.hwh:1: not well-formed: this is no XML, so no HWH file" }, fails '{ "a": 1 }')
    assert.same({ "value", "x.hwh:2: the root element is <html>, not <EDKSYSTEM>: this is no HWH file" },
                fails "<?xml version='1.0'?>\n<html/>")
    assert.matches("this is a zip archive", fails("PK\3\4rest")[2])
    assert.matches("this is a bitstream", fails("\0\9\15\240")[2])
    assert.matches("fewer than the 456 of a header", fails("xclbin2\0")[2])
  end)

  -- One of 165 files in public repositories was a symbolic link stored as text.
  it("is explained when it is a symbolic link stored as text", function()
    assert.same({ "value", "x.hwh:1: this is a text file, not XML; it looks like a symbolic link stored " ..
                  "as text, pointing to '../../base/base.hwh': copy that file here" },
                fails "../../base/base.hwh\n")
  end)

  it("that is not there is an io error with the system's words", function()
    local ok, e = pcall(core.design_read, "no/such.hwh")
    assert.is_false(ok)
    assert.same({ "io", "no/such.hwh: No such file or directory" }, { e.kind, e.message })
    ok, e = pcall(core.design_read, "spec")
    assert.is_false(ok)
    assert.same({ "io", "spec is not a file" }, { e.kind, e.message })
  end)
end)

describe("damaged XML", function()
  it("names the line", function()
    assert.same({ "value", "x.hwh:3: not well-formed: mismatched tag" },
                fails "<EDKSYSTEM>\n<MODULES>\n</EDKSYSTEM>")
    assert.same({ "value", "x.hwh:2: not well-formed: no element found (is the file cut off?)" },
                fails "<EDKSYSTEM>\n")
    assert.same({ "value", "x.hwh:1: not well-formed: unclosed token (is the file cut off?)" },
                fails "<EDKSYS")
  end)

  it("refuses a DOCTYPE, and with it entities", function()
    local bomb = '<!DOCTYPE E [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'
                 .. '<EDKSYSTEM TIMESTAMP="&b;"/>'
    assert.same({ "value", "x.hwh:1: a DOCTYPE is not accepted in an HWH file" }, fails(bomb))
    assert.same({ "value", "x.hwh:1: a DOCTYPE is not accepted in an HWH file" },
                fails '<!DOCTYPE E SYSTEM "file:///etc/passwd">\n<EDKSYSTEM/>')
    assert.matches("undefined entity", fails('<EDKSYSTEM TIMESTAMP="&b;"/>')[2])
  end)

  it("has a limited depth", function()
    local deep = ("<MODULES>"):rep(64) .. ("</MODULES>"):rep(64)
    assert.same({ "value", "x.hwh:1: elements are nested deeper than 64" },
                fails("<EDKSYSTEM>" .. deep .. "</EDKSYSTEM>"))
    deep = ("<X>"):rep(100000)
    assert.same({ "value", "x.hwh:1: elements are nested deeper than 64" }, fails("<EDKSYSTEM>" .. deep))
  end)

  it("has limited texts and names", function()
    local long = ('<PARAMETERS><PARAMETER NAME="P" VALUE="%s"/></PARAMETERS>'):format(("x"):rep(1 << 20))
    assert.equal("x", core.design_parse("x.hwh", module(long)).file:sub(1, 1))
    long = long:gsub('VALUE="', '%0y')
    assert.same({ "value", "x.hwh:4: VALUE is longer than 1048576 bytes" }, fails(module(long)))
    assert.same({ "value", "x.hwh:3: a name is longer than 1024 bytes" },
                fails(file(('<MODULE FULLNAME="/%s"/>'):format(("n"):rep(1100)))))
    local deep = ('<MODULE FULLNAME="%s"/>'):format(("/a"):rep(40))
    assert.matches("lies deeper than 32 hierarchies", fails(file(deep))[2])
  end)
end)

describe("numbers", function()
  it("that are none, or too big, name the place", function()
    assert.same({ "value", 'x.hwh:4: BASEVALUE="0x4zz" is not a number up to 0xFFFFFFFFFFFFFFFF' },
                fails(range("0x4zz", "0x5")))
    assert.same({ "value", 'x.hwh:4: HIGHVALUE="0x10000000000000000" is not a number up to ' ..
                  "0xFFFFFFFFFFFFFFFF" }, fails(range("0", "0x10000000000000000")))
    assert.matches('BASEVALUE="%-4" is not a number', fails(range("-4", "0x5"))[2])
    assert.matches('BASEVALUE="" is not a number', fails(range("", "0x5"))[2])
    assert.matches('BASEVALUE="0x" is not a number', fails(range("0x", "0x5"))[2])
  end)

  it("refuse a range that ends before it starts, or is everything", function()
    assert.same({ "value", "x.hwh:4: the address range of m ends at 0x10, before its start 0x20" },
                fails(range("0x20", "0x10")))
    assert.same({ "value", "x.hwh:4: the address range of m is the whole 64-bit space" },
                fails(range("0", "0xFFFFFFFFFFFFFFFF")))
  end)

  it("refuse impossible widths", function()
    local port = '<PORTS><PORT DIR="I" NAME="p" LEFT="%s" RIGHT="0"/></PORTS>'
    assert.same({ "value", "x.hwh:4: port p is 4294967296 bits wide (limit 1048576)" },
                fails(module(port:format "4294967295")))
    assert.same({ "value", 'x.hwh:4: LEFT="4294967296" is not a number up to 0xFFFFFFFF' },
                fails(module(port:format "4294967296")))
  end)

  it("warn about a register beyond its block, and keep it", function()
    local d = core.design_parse("x.hwh", module [[
<ADDRESSBLOCKS><ADDRESSBLOCK NAME="Reg" RANGE="16"><REGISTERS>
<REGISTER NAME="R"><PROPERTY NAME="ADDRESS_OFFSET" VALUE="0x10"/></REGISTER>
<REGISTER NAME="Z"><PROPERTY NAME="SIZE" VALUE="0"/></REGISTER></REGISTERS></ADDRESSBLOCK></ADDRESSBLOCKS>
<MEMORYMAP><MEMRANGE INSTANCE="m" ADDRESSBLOCK="Reg" BASEVALUE="0" HIGHVALUE="0xFF"/></MEMORYMAP>
]]):dictionaries()
    assert.same({ "x.hwh:5: register R of m lies at 0x10, beyond the 0x10 bytes of its address block",
                  "x.hwh:6: skipped: a register of 0 bits, such as Z" }, d.warnings)
    assert.equal(0x10, d.ip_dict.m.registers.R.address_offset)
    assert.is_nil(d.ip_dict.m.registers.Z)
  end)

  it("refuse more address ranges than any design has", function()
    local many = ('<MEMRANGE INSTANCE="m" BASEVALUE="0" HIGHVALUE="1"/>'):rep(16385)
    assert.same({ "value", "x.hwh:4: more than 16384 address ranges" },
                fails(module("<MEMORYMAP>" .. many .. "</MEMORYMAP>")))
  end)
end)

describe("names that collide", function()
  it("warn and keep the first", function()
    local d = core.design_parse("x.hwh", file('<MODULE FULLNAME="/m" VLNV="a:b:first:1"/>'
      .. '<MODULE FULLNAME="/m" VLNV="a:b:second:1"><MEMORYMAP>'
      .. '<MEMRANGE INSTANCE="m" BASEVALUE="0" HIGHVALUE="1"/></MEMORYMAP></MODULE>')):dictionaries()
    assert.equal("a:b:first:1", d.ip_dict.m.type)
    assert.same({ "x.hwh: two modules are called m; the first is used" }, d.warnings)
  end)

  it("of two processing systems say which one counts", function()
    local d = core.design_parse("x.hwh", file('<MODULE FULLNAME="/p" MODTYPE="processing_system7"/>'
      .. '<MODULE FULLNAME="/q" MODTYPE="zynq_ultra_ps_e"/>')):dictionaries()
    assert.equal("p", d.ps)
    assert.same({ "x.hwh: two processing systems, p and q; the first is used" }, d.warnings)
  end)

  it("give at most 64 warnings", function()
    local many = {}
    for i = 1, 1000 do many[i] = ("<E%d/>"):format(i) end
    assert.equal(64, #core.design_parse("x.hwh", file(table.concat(many))):dictionaries().warnings)
  end)
end)

describe("wiring without end", function()
  -- Each of 40 concats has the next one twice: 2^40 paths, but only 16 bits to fill.
  it("ends with the bits asked for", function()
    local parts = { [[<MODULE FULLNAME="/ps" MODTYPE="processing_system7"><PORTS>
<PORT DIR="I" NAME="IRQ_F2P" LEFT="15" RIGHT="0" SIGNAME="c1"/></PORTS></MODULE>]] }
    for i = 1, 40 do
      parts[#parts + 1] = ([[<MODULE FULLNAME="/c%d" MODTYPE="xlconcat"><PORTS>
<PORT DIR="O" NAME="dout" LEFT="15" RIGHT="0" SIGNAME="c%d"/>
<PORT DIR="I" NAME="In0" SIGNAME="c%d"/><PORT DIR="I" NAME="In1" SIGNAME="c%d"/></PORTS></MODULE>]])
        :format(i, i, i + 1, i + 1)
    end
    local d = core.design_parse("x.hwh", file(table.concat(parts))):dictionaries()
    assert.same({}, d.interrupt_pins)
    assert.matches("more than 32 concats in a row at c33", d.warnings[1])
  end)
end)

describe("every fixture", function()
  local lfs = require "lfs"
  for name in lfs.dir "spec/design/fixtures" do
    if name:find "%.hwh$" then
      it("gives an error or a design at every byte: " .. name, function()
        local f <close> = assert(io.open("spec/design/fixtures/" .. name, "rb"))
        local text = f:read "a"
        local last = text:find "</EDKSYSTEM>"
        for i = 0, last + 10, 7 do
          assert.equal("value", fails(text:sub(1, i), name)[1])
          local d = text:sub(1, i) .. "?" .. text:sub(i + 2) -- one byte is another
          local ok, e = pcall(core.design_parse, name, d)
          assert.is_true(ok or e.kind == "value")
        end
      end)
    end
  end
end)
