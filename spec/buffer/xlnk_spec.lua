--- Xlnk: PYNQ's legacy allocator (seed 003, pynq-behaviour.md B3) over the same buffers.
local core = require "lunq.core"
local lunq = require "lunq"
local warnings = require "lunq.warnings"

local DEPRECATED <const> = "pynq.Xlnk is deprecated and will be removed in 2.7 - use pynq.allocate instead"

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

describe("Xlnk", function()
  local Xlnk, d, xlnk
  before_each(function()
    Xlnk = lunq.Xlnk
    d = core.device_open "sim?ddr=64M"
    Xlnk.set_allocator_library(d)
    warnings.capture(function() xlnk = Xlnk() end)
  end)
  after_each(function()
    Xlnk.xlnk_reset()
    Xlnk.libxlnk, Xlnk.libxlnk_path = nil, "/usr/lib/libcma.so"
    d:close()
  end)

  it("says once per object that it is deprecated, with PYNQ's words", function()
    local list = warnings.capture(function() return Xlnk() end)
    assert.equal(1, #list)
    assert.equal("deprecated", list[1].category)
    assert.equal(DEPRECATED, list[1].text:sub(1, #DEPRECATED))
    assert.same({}, (warnings.capture(function() xlnk:cma_array(5):close() end)))
  end)

  it("makes arrays as the documents show", function()
    local a <close> = xlnk:cma_array({ 5 }, "uint32")
    for i = 1, 5 do a[i] = i - 1 end
    assert.same({ 0, 1, 2, 3, 4 }, a:totable())
    assert.equal(d, a.device)
    assert.equal(a.device_address, xlnk:cma_get_phy_addr(a.pointer))
    local m <close> = xlnk:cma_array { shape = { 32, 32 }, dtype = "float32", cacheable = 1 }
    assert.same({ { 32, 32 }, "f4", true }, { m.shape, m.dtype, m.cacheable })
    local e <close> = xlnk:allocate(7)
    assert.same({ "u4", { 7 } }, { e.dtype, e.shape })
  end)

  it("allocates bytes, or elements of a C type", function()
    local sizes = { void = 1, char = 1, short = 2, int = 4, ["unsigned int"] = 4, float = 4, double = 8,
                    ["long  long"] = 8, uint16_t = 2, ["void *"] = string.packsize "T" }
    for ctype, size in pairs(sizes) do
      local p = xlnk:cma_alloc(10, 0, ctype)
      assert.same({ 10, 10 * size }, { #p, p.nbytes })
      assert.equal(10 * size, xlnk.bufmap[p])
      assert.equal(size, Xlnk.ffi.sizeof(ctype))
      p[10] = 3
      assert.equal(3, p[10])
    end
    assert.same({ "type", "undefined type name 'complex'" }, error_of(xlnk.cma_alloc, xlnk, 1, 0, "complex"))
  end)

  it("says when there is no memory, with PYNQ's kind and words", function()
    for _, n in ipairs { 1 << 30, 1 << 62 } do
      local e = error_of(xlnk.cma_alloc, xlnk, n)
      assert.equal("runtime", e[1])
      assert.matches("^Failed to allocate Memory!", e[2])
    end
    assert.same({ "runtime", "Failed to allocate Memory! A buffer of shape (1048576, 1048576, 1073741824) " ..
      "does not fit in memory." }, error_of(xlnk.cma_array, xlnk, { 1 << 20, 1 << 20, 1 << 30 }))
    assert.equal("value", error_of(xlnk.cma_alloc, xlnk, -1)[1])
  end)

  it("casts, views and copies memory", function()
    local p = xlnk:cma_alloc(10)
    p:set { 1, 0, 0, 0, 2, 0, 0, 0, 9, 9 }
    assert.same({ 1, 2 }, xlnk:cma_cast(p, "unsigned int"):totable()) -- as many as fit
    assert.same({ 1, 2 }, Xlnk.cma_cast(p, "int"):totable())          -- static in PYNQ
    assert.equal(10, #Xlnk.cma_cast(p))
    assert.equal(p.device_address, Xlnk.cma_get_phy_addr(Xlnk.cma_cast(p, "int")))
    assert.equal("\1\0\0\0\2", xlnk:cma_get_buffer(p, 5):tobytes())
    local q = xlnk:cma_alloc(4)
    xlnk.cma_memcopy(q, p, 3)
    xlnk:cma_memcopy(xlnk:cma_cast(p), xlnk:cma_get_buffer(p, 10):slice(5), 6)
    assert.same({ 1, 0, 0, 0 }, q:totable())
    assert.same({ 2, 0, 0, 0, 9, 9, 0, 0, 9, 9 }, p:totable())
    assert.same({ { 2, 0 }, { 2313, 0 } }, xlnk:cma_array({ 2, 2 }, "u2", 0, p):totable())
  end)

  it("refuses what lies outside", function()
    local p, q = xlnk:cma_alloc(10), xlnk:cma_alloc(4)
    assert.same({ "value", "length 11 is outside the buffer of 10 bytes" },
      error_of(xlnk.cma_get_buffer, xlnk, p, 11))
    assert.same({ "value", "nbytes 5 is outside the buffer of 4 bytes" }, error_of(xlnk.cma_memcopy, q, p, 5))
    assert.same({ "value", "nbytes 5 is outside the buffer of 4 bytes" }, error_of(xlnk.cma_memcopy, p, q, 5))
    assert.same({ "value", "nbytes -1 is outside the buffer of 10 bytes" },
      error_of(xlnk.cma_memcopy, q, p, -1))
    assert.same({ "value", "the array's size 12 is outside the buffer of 10 bytes" },
      error_of(xlnk.cma_array, xlnk, 3, "u4", 0, p))
  end)

  it("names what is no pointer", function()
    for _, f in ipairs { xlnk.cma_free, xlnk.cma_get_buffer, xlnk.cma_get_phy_addr, xlnk.cma_cast } do
      for _, wrong in ipairs { 0x1000, "p", {} } do
        assert.same({ "runtime", "Unknown buffer type" }, error_of(f, xlnk, wrong, 1))
      end
    end
  end)

  it("frees, also through a cast pointer, and counts what it has", function()
    local p, a = xlnk:cma_alloc(100), xlnk:cma_array(5)
    local other
    warnings.capture(function() other = Xlnk() end)
    local o = other:cma_alloc(7)
    local stats = xlnk:cma_stats()
    assert.same({ 120, 2 }, { stats["CMA Memory Usage"], stats["Buffer Count"] })
    assert.equal(64 << 20, xlnk:cma_mem_size())
    assert.equal((64 << 20) - d.memory.bytes, stats["CMA Memory Available"])
    assert.equal(7, other:cma_stats()["CMA Memory Usage"])
    xlnk:cma_free(xlnk:cma_cast(p, "int"))
    assert.is_true(p.freed)
    assert.same({ [a] = 20 }, xlnk.bufmap)
    xlnk:cma_free(p)
    a:freebuffer()
    assert.same({}, xlnk.bufmap)
    assert.equal(0, xlnk:cma_stats()["Buffer Count"])
    assert.same({ "runtime", "Buffer was freed." }, error_of(function() return p[1] end))
    assert.equal(7, o.nbytes)
  end)

  it("gives everything back on xlnk_reset, and only what Xlnk objects allocated", function()
    local other
    warnings.capture(function() other = Xlnk() end)
    local p, o = xlnk:cma_alloc(100), other:cma_alloc(7)
    local mine <close> = core.allocate(3, "u4", { device = d })
    xlnk:xlnk_reset()
    assert.same({ true, true, false }, { p.freed, o.freed, mine.freed })
    assert.same({}, other.bufmap)
    assert.equal(12, d.memory.bytes)
    xlnk:cma_alloc(8)[8] = 1
  end)

  it("gives memory back that nobody can reach", function()
    xlnk:cma_alloc(100)[1] = 1
    collectgarbage()
    collectgarbage()
    assert.equal(0, d.memory.count)
    assert.equal(0, xlnk:cma_stats()["Buffer Count"])
  end)

  it("flushes and invalidates by physical address", function()
    local nc = core.device_open "sim?coherent=0&ddr=64M"
    Xlnk.set_allocator_library(nc)
    local a = xlnk:cma_array({ 4 }, "u4", 1)
    local window = core.mmio(a.bo, 16, nc)
    a:set { 1, 2, 3, 4 }
    xlnk:flush(a.bo, 4, a.virtual_address, 8)
    assert.same({ 0, 2, 3, 0 }, { window:read(0), window:read(4), window:read(8), window:read(12) })
    window:write(8, 99)
    xlnk:invalidate(a.bo, 8, a.virtual_address, 4)
    assert.same({ 1, 2, 99, 4 }, a:totable())
    local e = error_of(xlnk.flush, xlnk, a.bo, 4, 0, 13)
    assert.equal("runtime", e[1])
    assert.matches("^Buffer Flush Failed: 13 bytes at 0x", e[2])
    window:close()
    a:close()
    nc:close()
  end)

  -- C13: PYNQ's SIGSEGV handler resets all CMA and ends the program with 127.
  it("installs no signal handler", function()
    local function handlers()
      local f <close> = io.open "/proc/self/status"
      return f:read "a":match "SigCgt:%s*(%x+)"
    end
    local before = handlers()
    warnings.capture(function() Xlnk():cma_array(5):close() end)
    assert.equal(before, handlers())
  end)

  it("keeps the old allocator when the new one fails", function()
    assert.is_false((pcall(Xlnk.set_allocator_library, "nosuchdevice:")))
    assert.equal("type", error_of(Xlnk.set_allocator_library, 5)[1])
    assert.same({ d, d.name }, { Xlnk.libxlnk, Xlnk.libxlnk_path })
  end)

  it("uses the active device when none was chosen", function()
    Xlnk.libxlnk = nil
    local a <close> = xlnk:cma_array(5)
    assert.equal(core.active_device(), a.device)
    assert.equal(core.active_device(), Xlnk.libxlnk)
  end)
end)
