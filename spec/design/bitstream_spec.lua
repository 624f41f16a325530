--- .bit and .bin files: the header, damage, and the byte order of the FPGA manager.
local core = require "lunq.core"

local BIT <const> = "spec/design/fixtures/small.bit"
local DATA_AT <const> = 140 - 32 -- the file's size less its data

local function slurp(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

--- The error of reading these bytes; "PATH" stands for the name of the temporary file.
local function fails(bytes)
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
  local ok, e = pcall(core.bitstream_read, path)
  os.remove(path)
  assert.is_false(ok)
  return { e.kind, (e.message:gsub(path, "PATH", 1)) }
end

local function with(bytes)
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
  local b = core.bitstream_read(path)
  os.remove(path)
  return b
end

describe("a .bit file", function()
  it("has design, version, part, date, time and data", function()
    local b = core.bitstream_read(BIT)
    assert.same({ "base_wrapper", "Version=2020.1", "7z020clg400", "2020/05/13", "15:28:03", 32, "bit" },
                { b.design, b.version, b.part, b.date, b.time, b.size, b.format })
    assert.equal("Bitstream base_wrapper for 7z020clg400", tostring(b))
  end)

  it("becomes what the FPGA manager wants: every word swapped", function()
    local bin = core.bitstream_read(BIT):to_bin()
    assert.equal(slurp "spec/design/fixtures/small.bin", bin)
    assert.equal("\x66\x55\x99\xAA", bin:sub(17, 20))
  end)

  it("names design and version alike when nothing separates them", function()
    local b = with((slurp(BIT):gsub(";UserID=0XFFFFFFFF;Version=2020.1", ("x"):rep(33), 1)))
    assert.equal(b.design, b.version)
  end)

  it("of no whole words is refused when it is converted", function()
    local bytes = slurp(BIT):sub(1, -3)
    bytes = bytes:sub(1, DATA_AT - 4) .. string.pack(">I4", 30) .. bytes:sub(DATA_AT + 1)
    local ok, e = pcall(with(bytes).to_bin, with(bytes))
    assert.is_false(ok)
    assert.equal("value", e.kind)
    assert.matches("30 bytes of data are no whole number of 32%-bit words", e.message)
  end)
end)

describe("a .bin file", function()
  it("is taken as it is, without a header", function()
    local b = core.bitstream_read "spec/design/fixtures/small.bin"
    assert.same({ 32, "bin" }, { b.size, b.format })
    assert.is_nil(b.design)
    assert.equal(slurp "spec/design/fixtures/small.bin", b:to_bin())
  end)
end)

describe("a damaged .bit file", function()
  it("with a wrong length has PYNQ's words and the numbers", function()
    assert.same({ "runtime", "Invalid length found: the header says 32 bytes of data, PATH has 31 after " ..
                  "it (is the file cut off, or was something appended?)" }, fails(slurp(BIT):sub(1, -2)))
    assert.matches("32 bytes of data, PATH has 33 after it", fails(slurp(BIT) .. "x")[2])
  end)

  it("with an unknown field names it and the place", function()
    local bytes = slurp(BIT):gsub("b\0\x0C7z", "q\0\x0C7z", 1)
    assert.same({ "runtime", "Unknown field: 0x71 (at 0x3e of PATH: no .bit file, or a damaged one)" },
                fails(bytes))
  end)

  it("cut off anywhere says where it ends", function()
    local bytes = slurp(BIT)
    for i = 0, #bytes - 1 do
      local kind, message = table.unpack(fails(bytes:sub(1, i)))
      assert.equal("runtime", kind)
      assert.matches("^Invalid length found: ", message)
    end
    assert.same({ "runtime", "Invalid length found: the first field of 2 bytes at 0x0, but 0 are left in " ..
                  "PATH (is the file cut off?)" }, fails "")
    assert.same({ "runtime", "Invalid length found: the part name of 12 bytes at 0x41, but 3 are left in " ..
                  "PATH (is the file cut off?)" }, fails(bytes:sub(1, 0x44)))
    assert.same({ "runtime", "Invalid length found: the first field of 26725 bytes at 0x2, but 4 are left in " ..
                  "PATH (is it a bitstream at all?)" }, fails "hello\n")
  end)

  it("that is not there is an io error", function()
    local ok, e = pcall(core.bitstream_read, "no/such.bit")
    assert.is_false(ok)
    assert.same({ "io", "no/such.bit: No such file or directory" }, { e.kind, e.message })
  end)
end)
