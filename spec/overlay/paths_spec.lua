-- PYNQ's test_bitstream, the cases about files (pynq-behaviour.md B12 and D).
describe("the files of an overlay", function()
  local lfs = require "lfs"
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local paths = require "lunq.paths"
  local raised, write = fixture.raised, fixture.write
  local here, dir
  local sim <const> = { name = "sim:zynq7000?seed=7", kind = "sim" }
  local board <const> = { name = "board0", kind = "linux", needs_bitstream = true }

  local function add(...)
    for _, name in ipairs { ... } do write(dir .. "/" .. name, "x") end
  end

  before_each(function()
    here, dir = lfs.currentdir(), fixture.folder()
  end)
  after_each(function()
    lfs.chdir(here)
    fixture.clean()
  end)

  it("are found by an absolute path", function()
    add("a.bit", "a.hwh", "a.dtbo", "a.lua")
    local f = paths.resolve(dir .. "/a.bit", board, {})
    assert.same({ bitfile_name = dir .. "/a.bit", bitstream = dir .. "/a.bit", metadata = dir .. "/a.hwh",
                  custom = dir .. "/a.lua", folder = dir, stem = dir .. "/a" }, f)
    assert.equal(dir .. "/a.dtbo", paths.dtbo(nil, f.bitfile_name))
  end)

  it("are found relative to the current folder first", function()
    add("a.bit", "a.hwh", "other/a.bit", "other/a.hwh")
    lfs.chdir(dir)
    assert.equal(lfs.currentdir() .. "/a.bit", paths.resolve("a.bit", board, { dir .. "/other" }).bitstream)
  end)

  it("are found in the overlay path, in a folder of their name or right there", function()
    add("one/a/a.bit", "one/a/a.hwh", "two/b.bit", "two/b.hwh")
    local search = { dir .. "/one", dir .. "/two" }
    assert.equal(dir .. "/one/a/a.hwh", paths.resolve("a.bit", board, search).metadata)
    assert.equal(dir .. "/two/b.hwh", paths.resolve("b.bit", board, search).metadata)
  end)

  it("give a warning that lists all when several fit, and the first is used", function()
    add("one/a/a.bit", "one/a/a.hwh", "two/a.bit", "two/a.hwh")
    local list, f = lunq.warnings.capture(paths.resolve, "a.bit", board, { dir .. "/one", dir .. "/two" })
    assert.equal(dir .. "/one/a/a.bit", f.bitstream)
    assert.equal(1, #list)
    assert.equal("user", list[1].category)
    assert.equal(("Multiple files found for a.bit: %s/one/a/a.bit, %s/two/a.bit; the first one is used.")
                 :format(dir, dir), list[1].text)
  end)

  it("may stand in a folder NAME.d by device", function()
    add("a.bit.d/a.board0.bit", "a.hwh")
    local f = paths.resolve(dir .. "/a.bit", board, {})
    assert.equal(dir .. "/a.bit.d/a.board0.bit", f.bitstream)
    assert.equal(dir .. "/a.hwh", f.metadata)
    assert.same({ "io", ("Bitstream file %s/a.bit does not exist."):format(dir) },
                raised(paths.resolve, dir .. "/a.bit", { name = "board1", kind = "linux", needs_bitstream = true }, {}))
  end)

  it("are offered when there is nearly one", function()
    add("adder.hwh", "adder_2.bit", "adder_2.hwh", "notes.txt")
    local function said(name) return (raised(paths.resolve, dir .. name, board, {})[2]:gsub(dir, "DIR", 2)) end
    assert.equal('Bitstream file DIR/addr.hwh does not exist. Did you mean "DIR/adder.hwh"?', said "/addr.hwh")
    assert.equal('Bitstream file DIR/adder_2 does not exist. Did you mean "DIR/adder_2.bit"?', said "/adder_2")
    assert.equal("Bitstream file DIR does not exist. It is a folder, with adder.hwh, adder_2.bit, adder_2.hwh.",
                 said "")
    assert.equal("Bitstream file /dev does not exist. It is a folder, without a design in it.",
                 raised(paths.resolve, "/dev", board, {})[2])
  end)

  it("raise when they are missing", function()
    assert.same({ "io", "Bitstream file nothing.bit does not exist." },
                raised(paths.resolve, "nothing.bit", board, { dir }))
    add("a.bit", "b.txt")
    local e = raised(paths.resolve, dir .. "/a.bit", board, {})
    assert.equal("runtime", e[1])
    assert.matches("^Unable to find metadata for bitstream ", e[2])
    e = raised(paths.resolve, dir .. "/b.txt", board, {})
    assert.equal("runtime", e[1])
    assert.matches("^Unknown file format", e[2])
  end)

  it("refuse a name that is no string", function()
    for _, name in ipairs { 12, true } do
      local e = raised(lunq.Overlay, name)
      assert.equal("type", e[1])
      assert.matches("^Bitstream name has to be a string%.", e[2])
    end
  end)

  it("need no bitstream on a simulated device, and do on a board", function()
    add("a.hwh")
    local f = paths.resolve(dir .. "/a.bit", sim, {})
    assert.equal(dir .. "/a.hwh", f.metadata)
    assert.is_nil(f.bitstream)
    assert.same({ "io", ("Bitstream file %s/a.bit does not exist."):format(dir) },
                raised(paths.resolve, dir .. "/a.bit", board, {}))
  end)

  it("are found from the metadata too", function()
    add("a.hwh", "a.bit")
    assert.equal(dir .. "/a.bit", paths.resolve(dir .. "/a.hwh", board, {}).bitstream)
  end)

  it("include a device-tree overlay: the one given, as a path or beside the bitstream", function()
    add("a.bit", "a.dtbo", "b.dtbo")
    local bit = dir .. "/a.bit"
    assert.equal(dir .. "/a.dtbo", paths.dtbo(nil, bit))
    assert.equal(dir .. "/b.dtbo", paths.dtbo("b.dtbo", bit))
    assert.equal(dir .. "/b.dtbo", paths.dtbo(dir .. "/b.dtbo", bit))
    lfs.chdir(dir)
    assert.equal(lfs.currentdir() .. "/b.dtbo", paths.dtbo("b.dtbo", "/nowhere/a.bit"))
    assert.is_nil(paths.dtbo(nil, dir .. "/c.bit"))
    assert.same({ "io", "DTBO file c.dtbo does not exist." }, raised(paths.dtbo, "c.dtbo", bit))
  end)

  it("don't include folders, pipes or names with a zero byte", function()
    lfs.mkdir(dir .. "/a.bit")
    assert.equal("io", raised(paths.resolve, dir .. "/a.bit", board, {})[1])
    assert.same({ "value", "path contains a zero byte" }, raised(paths.resolve, dir .. "/a\0.bit", board, {}))
  end)

  it("are looked for in lunq.overlay_path", function()
    add("one/a/a.hwh")
    write(dir .. "/one/a/a.hwh", fixture.hwh { modules = {} })
    table.insert(lunq.overlay_path, dir .. "/one")
    local ol <close> = lunq.Overlay "a.hwh"
    table.remove(lunq.overlay_path)
    assert.equal(dir .. "/one/a/a.hwh", ol.bitfile_name)
  end)
end)
