--- Device-tree blobs before libfdt sees them: damage is refused with file, offset and what to try.
local core = require "lunq.core"
local fdt = dofile "spec/design/support/fdt.lua"
local cells = fdt.cells

local function fails(blob)
  local ok, e = pcall(core.fdt_parse, "x.dtbo", blob)
  assert.is_false(ok, "the blob was accepted")
  return { e.kind, e.message }
end

local function damaged(at, what)
  return { "value", ("x.dtbo: damaged device tree at 0x%x: %s; take the file anew from where it came from, or "
                     .. "compile it again with dtc"):format(at, what) }
end

local function bad_overlay(at, what)
  return { "value", ("x.dtbo: damaged overlay at 0x%x: %s; compile it again with dtc -@"):format(at, what) }
end

describe("a file that is no device-tree blob", function()
  it("is told by what it is", function()
    assert.same({ "value", "x.dtbo: the file is empty, so no device tree" }, fails "")
    assert.same({ "value", "x.dtbo: this is the source of a device tree; compile it: "
                           .. "dtc -@ -I dts -O dtb -o FILE.dtbo x.dtbo" }, fails "/dts-v1/;\n/ { };\n")
    assert.same({ "value", "x.dtbo: this is a gzip archive; unpack it: gunzip x.dtbo" }, fails "\x1f\x8b\8\0")
    assert.same({ "value", "x.dtbo: no device-tree blob: it starts with 0x7f454c46 and not with 0xd00dfeed; a "
                           .. ".dtb or .dtbo file is needed" }, fails "\x7fELF\1\1")
  end)
end)

describe("the header of a blob", function()
  local good = fdt.blob { { "compatible", "acme,board\0" }, { "soc", {} } }

  local function with(at, value) return fails(fdt.patch(good, at, cells(value))) end

  it("is accepted when all is right, and what follows the blob is left out", function()
    core.fdt_parse("x.dtb", good)
    core.fdt_parse("x.dtb", good .. "whatever")
  end)

  it("that says more bytes than there are belongs to a file that is cut off", function()
    assert.same({ "value", ("x.dtbo: the header says %d bytes, but there are %d: the file is cut off; copy it again")
                           :format(#good, #good - 5) }, fails(good:sub(1, -6)))
    assert.same(damaged(20, "the file ends in the header"), fails(good:sub(1, 20)))
  end)

  it("keeps its blocks inside of the blob, also where sums would wrap", function()
    for _, value in ipairs { 0, 20, #good + 4, 0xfffffffc, 58 } do
      assert.same(damaged(8, "the structure block lies outside the blob"), with(8, value))
    end
    assert.same(damaged(12, "the strings block lies outside the blob"), with(12, 0xffffffff))
    assert.same(damaged(12, "the strings block lies outside the blob"), with(32, 0xfffffff0))
    assert.same(damaged(16, "the memory reserve map is misplaced"), with(16, 42))
    assert.same(damaged(16, "the memory reserve map has no end"), with(16, (#good + 8) // 8 * 8))
  end)

  it("of a version that nobody writes any more is refused", function()
    assert.same({ "value", "x.dtbo: version 3 of the format (readable as 16) at 0x14; 17 is what dtc writes since "
                           .. "2007: compile it again" }, with(20, 3))
  end)

  it("is limited in size", function()
    local big = fdt.blob { { "data", ("\0"):rep(4 << 20) } }
    assert.same({ "value", ("x.dtbo: %d bytes are too much for a device tree (limit 4 MiB)"):format(#big) },
                fails(big))
  end)
end)

describe("the structure of a blob", function()
  local function struct(...) return fdt.assemble(cells(...), "name\0\0") end

  it("names the place of a token that is none", function()
    assert.same(damaged(0x40, "neither node nor property starts here"), fails(struct(1, 0, 7, 2, 9)))
    assert.same(damaged(0x40, "the structure block ends without its end mark"), fails(struct(1, 0)))
    assert.same(damaged(0x40, "the tree ends inside a node"), fails(struct(1, 0, 9)))
    assert.same(damaged(0x38, "there is no root"), fails(struct(9)))
    assert.same(damaged(0x38, "a node ends that never began"), fails(struct(2, 9)))
    assert.same(damaged(0x44, "a second root node"), fails(struct(1, 0, 2, 1, 0, 2, 9)))
  end)

  it("refuses names without an end, with a slash, or where none may be", function()
    assert.same(damaged(0x38, "the name of a node has no end"), fails(struct(1)))
    assert.same(damaged(0x38, "the root node has a name"), fails(struct(1, 0x61000000, 2, 9)))
    assert.same(damaged(0x40, "a node without a name"), fails(struct(1, 0, 1, 0, 2, 2, 9)))
    assert.same(damaged(0x40, "a character in the name of a node that no name may have"),
                fails(struct(1, 0, 1, 0x612f6200, 2, 2, 9)))
    assert.same(damaged(0x40, "a character in the name of a node that no name may have"),
                fails(struct(1, 0, 1, 0x611b6200, 2, 2, 9)))
    assert.same(damaged(0x40, "a character in the name of a property that no name may have"),
                fails(fdt.assemble(cells(1, 0, 3, 0, 0, 2, 9), "a b\0")))
  end)

  -- 0xfffffff4 makes the sum in fdt_next_tag of libfdt 1.6.1 zero: fdt_check_full never returns.
  it("refuses lengths that reach beyond the blob or wrap", function()
    for _, length in ipairs { 5, 0x7fffffff, 0xfffffff4, 0xffffffff } do
      assert.same(damaged(0x40, "a property is longer than the rest of the blob"),
                  fails(fdt.assemble(cells(1, 0, 3, length, 0, 0), "name\0")))
    end
    assert.same(damaged(0x40, "a property is cut off"), fails(struct(1, 0, 3, 0)))
    assert.same(damaged(0x38, "a property outside of all nodes"), fails(struct(3, 0, 0, 9)))
  end)

  it("refuses properties whose name is not in the strings block", function()
    for _, at in ipairs { 6, 0x7fffffff, 0xffffffff } do
      assert.same(damaged(0x40, "the name of a property lies outside the strings block"),
                  fails(struct(1, 0, 3, 0, at, 2, 9)))
    end
    assert.same(damaged(0x40, "the name of a property lies outside the strings block"),
                fails(fdt.assemble(cells(1, 0, 3, 0, 0, 2, 9), "name")))
    assert.same(damaged(0x40, "a property without a name"), fails(struct(1, 0, 3, 0, 5, 2, 9)))
  end)

  -- libfdt and Linux look for properties only before the first child.
  it("refuses a property behind a child, where nobody would see it", function()
    assert.same(damaged(0x4c, "a property behind a child node, where nobody would see it"),
                fails(struct(1, 0, 1, 0x61000000, 2, 3, 0, 0, 2, 9)))
  end)

  it("has an end to its depth", function()
    local function nested(n)
      local node = {}
      for _ = 2, n do node = { { "n", node } } end
      return fdt.blob(node)
    end
    core.fdt_parse("x.dtb", nested(32))
    assert.same(damaged(0x38 + 32 * 8, "nodes are nested more than 32 deep"), fails(nested(33)))
  end)
end)

describe("the local fix-ups of an overlay", function()
  local NODE <const> = { { "uio", { { "clocks", cells(1, 0) }, { "short", "ab" } } } }

  local function local_fixup(property, value, node)
    local inside = { { node or "uio", { { property, value } } } }
    return fdt.overlay(NODE, { { "__local_fixups__", { { "fragment@0", { { "__overlay__", inside } } } } } })
  end

  it("are accepted up to the last place of their property", function()
    core.fdt_parse("x.dtbo", local_fixup("clocks", cells(0, 4)))
  end)

  -- libfdt 1.6.1 uses the offset as it is: 49 of 20,000 damaged overlays crashed it (linux-boards.md B3).
  it("never point behind the end of their property", function()
    for _, offset in ipairs { 5, 8, 0x7fffffff, 0xfffffffc } do
      assert.same(bad_overlay(0xec, "local fix-up 'clocks' points behind the end of its property"),
                  fails(local_fixup("clocks", cells(0, offset))))
    end
    assert.same(bad_overlay(0xec, "local fix-up 'short' points behind the end of its property"),
                fails(local_fixup("short", cells(0))))
  end)

  it("mirror nodes and properties that are there", function()
    assert.same(bad_overlay(0xec, "local fix-up 'resets' is for a property that isn't there"),
                fails(local_fixup("resets", cells(0))))
    assert.same(bad_overlay(0xe4, "local fix-up 'dma' is for a node that isn't there"),
                fails(local_fixup("clocks", cells(0), "dma")))
    assert.same(bad_overlay(0xec, "local fix-up 'clocks' is no list of 32-bit numbers"),
                fails(local_fixup("clocks", "\0\0\0")))
  end)
end)

describe("the fix-ups of an overlay by label", function()
  local function fixup(value)
    return fdt.overlay({ { "uio", { { "clocks", cells(1, 0) } } } }, { { "__fixups__", { { "clk", value } } } })
  end
  local PLACE <const> = "/fragment@0/__overlay__/uio:clocks:"

  it("are accepted when their places are there", function()
    core.fdt_parse("x.dtbo", fixup(PLACE .. "0\0" .. PLACE .. "4\0"))
  end)

  -- libfdt 1.6.1 crashes: offset + 4 wraps to 0 in its check, the write goes 4 GiB behind the property.
  it("never point behind the end of their property", function()
    assert.same(bad_overlay(0xac, "fix-up of label 'clk' points behind the end of its property"),
                fails(fixup(PLACE .. "5\0")))
    assert.same(bad_overlay(0xac, "fix-up of label 'clk' has no path:property:offset"),
                fails(fixup(PLACE .. "4294967292\0")))
    assert.same(bad_overlay(0xac, "fix-up of label 'clk' has no path:property:offset"), fails(fixup(PLACE .. "-4\0")))
  end)

  it("are lists of text that name what is there", function()
    for value, what in pairs {
      [""] = "is empty",
      [PLACE .. "0"] = "is no text",
      ["/fragment@0\0"] = "has no path:property:offset",
      ["/fragment@0:target\0"] = "has no path:property:offset",
      ["/fragment@0:target:\0"] = "has no path:property:offset",
      ["uio:clocks:0\0"] = "has no path:property:offset",
      ["/fragment@1:target:0\0"] = "is for a node that isn't there",
      ["/fragment@0:target:0\0"] = "is for a property that isn't there",
      [PLACE .. "0\0" .. PLACE .. "9\0"] = "points behind the end of its property",
    } do
      assert.same(bad_overlay(0xac, ("fix-up of label 'clk' %s"):format(what)), fails(fixup(value)))
    end
  end)
end)

-- libfdt looks for each place from the first node on: a file of 1 MB could keep the program for half a minute.
describe("an overlay with more fix-ups than anybody looks up", function()
  it("is refused", function()
    local nodes, places = {}, {}
    for i = 1, 6000 do nodes[i] = { ("n%d"):format(i), { { "p", cells(0xffffffff) } } } end
    for i = 1, 6000 do places[i] = "/fragment@0/__overlay__/n1:p:0\0" end
    local blob = fdt.overlay(nodes, { { "__fixups__", { { "gic", table.concat(places) } } } })
    assert.same({ "value", "x.dtbo: more fix-ups in so many nodes than an overlay has; split it, or is this a file "
                           .. "that somebody made up?" }, fails(blob))
    blob = fdt.overlay(nodes, { { "__fixups__", { { "gic", table.concat(places, "", 1, 100) } } } })
    core.fdt_parse("x.dtbo", blob)
  end)
end)

describe("the paths in a blob", function()
  it("are text", function()
    assert.same(bad_overlay(0x50, "symbol 'soc' is no path"),
                fails(fdt.blob { { "__symbols__", { { "soc", "/soc" } } } }))
    assert.same(bad_overlay(0x40, "target-path of 'fragment@0' is no text"),
                fails(fdt.blob { { "fragment@0", { { "target-path", "/soc" }, { "__overlay__", {} } } } }))
  end)

  -- libfdt 1.6.1 looks an alias up that names itself until the stack ends.
  it("don't go from alias to alias", function()
    local function aliases(...) return fdt.blob { { "aliases", { ... } } } end
    core.fdt_parse("x.dtb", aliases({ "serial0", "/soc/serial@e0000000\0" }, { "name", "aliases\0" }))
    assert.same(bad_overlay(0x4c, "alias 'a' leads to another alias, not to a path"), fails(aliases { "a", "a\0" }))
    assert.same(bad_overlay(0x60, "alias 'a' leads to another alias, not to a path"),
                fails(aliases({ "b", "/soc\0" }, { "a", "b/x\0" })))
    assert.same({ "value", "x.dtbo: target-path of fragment@0 at 0x40 is the alias 'a'; write the whole path" },
                fails(fdt.blob { { "fragment@0", { { "target-path", "a\0" }, { "__overlay__", {} } } } }))
  end)
end)

describe("device trees of the corpus", function()
  local file = (os.getenv "LUNQ_CORPUS" or "../shared/corpus") .. "/files/dtbo/kv260-ros-kernel_default.dtbo"
  local f = io.open(file, "rb")
  local blob = f and f:read "a"
  if f then f:close() end

  it("are accepted, and refused cut off anywhere", function()
    if not blob then return pending "no corpus" end
    core.fdt_parse(file, blob)
    for i = 0, #blob - 1 do assert.is_false(pcall(core.fdt_parse, file, blob:sub(1, i))) end
  end)
end)
