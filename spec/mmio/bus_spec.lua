--- What reaches the bus: the accesses of MMIO, registers and batches one by one, on an IP whose model
--- is reached each time (PYNQ's mock register device), with bus errors, models that interfere, and
--- designs that replace one another.
local lunq = require "lunq"
local register_map = require "lunq.register_map"
local core = lunq.core

local BASE <const> = 0x43c00000

local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

local function design(ip)
  return core.design_from_table { arch = "zynq", ip = ip or {
    thing = { vlnv = "acme.com:user:thing:1.0", address = BASE, range = 0x1000, interface = "S_AXI" } } }
end

describe("on the bus", function()
  local d, m
  before_each(function()
    d = core.device_open "sim"
    d:program(design())
    m = core.mmio(BASE, 0x1000, d, true)
  end)
  after_each(function()
    m:close()
    d:close()
  end)

  --- The accesses f makes: "read 0x4 4", "write 0x10 4 0x4d2", ...
  local function accesses(f, ...)
    d:trace(true)
    local results = table.pack(pcall(f, ...))
    local text = d:trace(false)
    local list = {}
    for line in text:gmatch "[^\n]+" do
      local what, offset, width, value = line:match "^%d+ (%a+) thing%+(0x%x+) (%d) (.*)$"
      list[#list + 1] = ("%s %s %s%s"):format(what, offset, width, what == "write" and " " .. value or "")
    end
    return list, table.unpack(results)
  end

  describe("MMIO", function()
    for name, case in pairs {
      ["an integer is one word"] = { function() m:write(4, 1234) end, "write 0x4 4 0x4d2" },
      ["4, 2 and 1 bytes are read as one word each"] = {
        function() m:read(4); m:read(4, 2); m:read(4, 1) end, "read 0x4 4", "read 0x4 4", "read 0x4 4" },
      ["8 bytes are two words, the low address first"] = {
        function() m:read(4, 8); m:read(8, 8, "big") end,
        "read 0x4 4", "read 0x8 4", "read 0x8 4", "read 0xc 4" },
      ["a string is its words at rising addresses"] = {
        function() m:write(16, "\0\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15") end,
        "write 0x10 4 0x3020100", "write 0x14 4 0x7060504", "write 0x18 4 0xb0a0908",
        "write 0x1c 4 0xf0e0d0c" },
      ["an empty string is none"] = { function() m:write(16, "") end },
      ["exact widths are exact"] = {
        function() m:read8(3); m:read16(6); m:write8(1, 5); m:write64(8, 7); m:read64(16) end,
        "read 0x3 1", "read 0x6 2", "write 0x1 1 0x5", "write 0x8 8 0x7", "read 0x10 8" },
      ["a block is its words"] = {
        function() m:read_block(0, 2); m:read_string(2, 4, 2); m:write_block(8, { 1 }); m:fill(4, 2, 9, 1) end,
        "read 0x0 4", "read 0x4 4", "read 0x2 2", "read 0x4 2", "write 0x8 4 0x1", "write 0x4 1 0x9",
        "write 0x5 1 0x9" },
      ["a fixed block is one register"] = {
        function() m:read_block(8, 2, { fixed = true }); m:write_block(8, "12345678", { fixed = true }) end,
        "read 0x8 4", "read 0x8 4", "write 0x8 4 0x34333231", "write 0x8 4 0x38373635" },
      ["closures are one access"] = {
        function() m:reader(4)(); m:writer(4)(3) end, "read 0x4 4", "write 0x4 4 0x3" },
      ["an update is a read and a write"] = {
        function() m:update(4, 1, 0) end, "read 0x4 4", "write 0x4 4 0x0" },
      ["a poll that is met at once is one read"] = {
        function() m:poll(4, 1, 0, 0) end, "read 0x4 4" },
    } do
      it(name, function()
        local list, ok = accesses(case[1])
        assert.is_true(ok)
        assert.same({ table.unpack(case, 2) }, list)
      end)
    end

    -- PYNQ's tests run on a mapped device and on one with register access; mmio_spec has the first.
    local NEGATIVE <const> = "Offset cannot be negative."
    for name, case in pairs {
      ["a negative offset"] = { "value", NEGATIVE, function() m:read(-4) end, function() m:write(-4, 1234) end },
      ["an unaligned read"] = {
        "memory", "Unaligned read: offset must be multiple of 4.", function() m:read(2) end },
      ["an unaligned write"] = {
        "memory", "Unaligned write: offset must be multiple of 4.", function() m:write(2, 1234) end },
      ["what is past the end"] = {
        "index", "Offset 0x1000 (4 bytes) is outside the 0x1000 bytes at 0x43c00000.",
        function() m:read(0x1000) end, function() m:write(0x1000, 1234) end },
      ["other lengths"] = { "value", "MMIO currently only supports 1, 2, 4 and 8-byte reads.",
        function() m:read(0, 6) end, function() m:read(0, 8.5) end },
      ["other orders"] = {
        "value", "MMIO only supports big and little endian.", function() m:read(4, 8, "middle") end },
      ["6 bytes"] = { "memory", "Unaligned write: data length must be multiple of 4.",
        function() m:write(0, "123456") end },
      ["other data"] = { "value", "Data type must be int or bytes.", function() m:write(4, 8.5) end },
    } do
      it("refuses " .. name .. " in PYNQ's words, before any access", function()
        for i = 3, #case do
          local list, ok, e = accesses(case[i])
          assert.is_false(ok)
          assert.same({ case[1], case[2] }, { e.kind, tostring(e) })
          assert.same({}, list)
        end
      end)
    end

    it("reads what the words say", function()
      m:write(4, 0x12345678)
      m:write(8, 0xbeefcafe)
      assert.same({ 0x12345678, 0x5678, 0x78 }, { m:read(4), m:read(4, 2), m:read(4, 1) })
      assert.equal("0xbeefcafe12345678", ("%#x"):format(m:read(4, 8, "little")))
      assert.equal("0x12345678beefcafe", ("%#x"):format(m:read(4, 8, "big")))
    end)

    -- C1: a device with register access took blocks of any length at any address.
    it("nothing happens when a part can't be done", function()
      for _, f in ipairs {
        function() m:write(0xffc, "12345678") end, function() m:write(0, "123") end,
        function() m:read(0xffc, 8) end, function() m:read(0x1000) end, function() m:write(2, 1) end,
        function() m:write(0, 1 << 32) end, function() m:write(0, {}) end,
        function() m:write_block(0, { 1, 2, "x" }) end, function() m:write_block(0xffc, { 1, 2 }) end,
        function() m:batch { { "write", 0, 1 }, { "write", 0x1000, 1 } } end,
      } do
        local list, ok = accesses(f)
        assert.is_false(ok)
        assert.same({}, list)
      end
    end)
  end)

  describe("registers", function()
    --- The register map of an IP that is known to be harmless.
    local function map(registers)
      return register_map.new(m, registers, "xilinx.com:ip:dfx_decoupler:1.0")
    end

    local function register(offset, size, more)
      local r = { address_offset = offset, size = size, access = "read-write", fields = {
        low = { bit_offset = 0, bit_width = 4, access = "read-write" },
        high = { bit_offset = 4, bit_width = 28, access = "read-write" } } }
      for k, v in pairs(more or {}) do r[k] = v end
      return r
    end

    for name, case in pairs {
      ["a whole write reads nothing"] = { register(0x20, 32), function(rm) rm.R = 5 end, "write 0x20 4 0x5" },
      ["a whole write by bits reads nothing"] = {
        register(0x20, 32), function(rm) rm.R["31:0"] = 5 end, "write 0x20 4 0x5" },
      ["a field is a read and a write"] = {
        register(0x20, 32), function(rm) rm.R.low = 5 end, "read 0x20 4", "write 0x20 4 0x5" },
      ["several fields are a read and a write"] = {
        register(0x20, 32, { fields = { a = { bit_offset = 0, bit_width = 4 },
                                        b = { bit_offset = 8, bit_width = 4 } } }),
        function(rm) rm.R = { a = 1, b = 2 } end, "read 0x20 4", "write 0x20 4 0x201" },
      ["all fields are a write"] = {
        register(0x20, 32), function(rm) rm.R = { low = 1, high = 2 } end, "write 0x20 4 0x21" },
      ["64 bits are one access"] = {
        register(0x28, 64), function(rm) rm.R = 5; rm.R:get() end, "write 0x28 8 0x5", "read 0x28 8" },
      ["64 bits on a 4-byte boundary are two"] = {
        register(0x34, 64), function(rm) rm.R = 1 << 32 | 5; rm.R:get() end,
        "write 0x34 4 0x5", "write 0x38 4 0x1", "read 0x34 4", "read 0x38 4" },
      ["a write-only register is never read"] = {
        register(0x44, 32, { access = "write-only" }),
        function(rm) rm.R.low = 3; rm.R[8] = 1; rm.R:set { low = 1 }; tostring(rm); pcall(rm.R.get, rm.R) end,
        "write 0x44 4 0x3", "write 0x44 4 0x100", "write 0x44 4 0x1" },
      ["a refused write reads nothing"] = {
        register(0x44, 32, { access = "read-only" }),
        function(rm) for _, f in ipairs { function() rm.R = 1 end, function() rm.R.low = 1 end } do pcall(f) end end },
      ["all fields and pairs are one read"] = {
        register(0x20, 32), function(rm) rm.R:fields(); for _ in pairs(rm.R) do end end,
        "read 0x20 4", "read 0x20 4" },
      ["an absent register is not touched"] = {
        register(0x20, 32, { enabled = false }),
        function(rm) pcall(rm.R.get, rm.R); pcall(rm.R.set, rm.R, 1); tostring(rm); rm:values() end },
    } do
      it(name, function()
        local rm = map { R = case[1] }
        local list, ok, e = accesses(case[2], rm)
        assert.is_true(ok, e)
        assert.same({ table.unpack(case, 3) }, list)
      end)
    end

    -- PYNQ's test_regmap_rw_mmio. Its 64 bits on a 4-byte boundary are one access, here two (C35).
    for name, case in pairs {
      aligned_4 = { 32, 32, 0x12345678, 0x87654321 },
      aligned_8 = { 40, 64, 0x123456789abcdef0, 0x0fedcba987654321 },
      unaligned_8 = { 52, 64, 0x123456789abcdef0, 0x0fedcba987654321 },
      write_only = { 68, 32, 0x12345678, 0x87654321 },
      space_special__ = { 72, 32, 0x12345678, 0x87654321 },
      r001_numbered = { 76, 32, 0x12345678, 0x87654321 },
      out_of_order = { 80, 32, 0x123456, 0x876543 },
    } do
      it(("%s is written and read whole, by one access"):format(name), function()
        local offset, size, start, after = table.unpack(case)
        local access = name == "write_only" and name:gsub("_", "-") or "read-write"
        local metadata <const> = { space_special__ = "space special !", r001_numbered = "001_numbered",
                                   out_of_order = "out-of-order", write_only = "write-only" }
        local rm = map { [metadata[name] or name] = register(offset, size, { access = access }) }
        local read, write = ("read 0x%x %d"):format(offset, size // 8), "write 0x%x %d 0x%x"
        local reads, writes = { read }, { write:format(offset, size // 8, after) }
        if name == "unaligned_8" then
          reads = { "read 0x34 4", "read 0x38 4" }
          writes = { write:format(0x34, 4, after & 0xffffffff), write:format(0x38, 4, after >> 32) }
        end
        if size == 64 then m:write(offset, ("<i8"):pack(start)) else m:write(offset, start) end
        if access == "read-write" then
          assert.same(reads, (accesses(function() assert.equal(start, rm[name][":"]) end)))
        else
          assert.same({}, (accesses(function() return rm[name][":"] end))) -- never read (C34)
        end
        assert.same(writes, (accesses(function() rm[name] = after end)))
      end)
    end

    -- C36, on a bus that is not mapped: registers there take another way through the code.
    it("a field is written with 0 in the bits beside it on which writing acts", function()
      local fields = { { name = "EN", bit_offset = 0 } }
      local narrow = core.register_at(m, { offset = 0x20, act = 0x7000, fields = fields })
      local wide = core.register_at(m, { offset = 0x28, width = 64, act = 0x7000, fields = fields })
      m:write(0x20, 0xf000)
      m:write64(0x28, 0xf000)
      assert.same({ "read 0x20 4", "write 0x20 4 0x8001", "read 0x28 8", "write 0x28 8 0x8001" },
                  (accesses(function() narrow.EN = 1; wide.EN = 1 end)))
    end)

    it("acknowledging one of several toggle bits reads nothing when all others act too", function()
      local r = core.register_at(m, { offset = 0x20, act = 0xffffffff, fields = {
        { name = "A", bit_offset = 0 }, { name = "B", bit_offset = 1 } } })
      assert.same({ "write 0x20 4 0x2" }, (accesses(function() r.B = 1 end)))
    end)
  end)

  it("a batch is its steps", function()
    local b = m:compile { { "write", 0, 1 }, { "read", 4, width = 2 }, { "update", 8, 0xf, 3 }, { "poll", 8, 1, 1, 1 } }
    assert.same({ "write 0x0 4 0x1", "read 0x4 2", "read 0x8 4", "write 0x8 4 0x3", "read 0x8 4" },
                (accesses(b.run, b)))
  end)

  describe("a bus error", function()
    before_each(function() d:inject { ip = "thing", fault = "slave_error", offset = 8 } end)
    local MESSAGE <const> = "Bus error (SLVERR) reading 4 bytes at 0x43c00008 (thing + 0x8): an injected fault."

    it("is raised with what the device says", function()
      assert_raises("io", MESSAGE, m.read, m, 8)
      assert_raises("io", MESSAGE, m:reader(8))
      assert_raises("io", MESSAGE, m.poll, m, 8, 1, 1)
    end)

    it("ends a block where it happens", function()
      local list, ok, e = accesses(m.read_block, m, 0, 4)
      assert.is_false(ok)
      assert.equal(MESSAGE, tostring(e))
      assert.equal("read 0x4 4", list[2])
    end)

    it("names the step of a batch", function()
      local ok, e = pcall(m.batch, m, { { "write", 0, 1 }, { "read", 8 }, { "write", 0, 2 } })
      assert.is_false(ok)
      assert.same({ "io", 2, "Batch step 2 (read 0x8): " .. MESSAGE }, { e.kind, e.step, tostring(e) })
      assert.equal(1, m:read(0))
    end)

    it("does not break printing", function()
      require "lunq.side_effects".add("test:user:faulty", { { base = 0, text = "00 A RW\n08 B RW" } })
      local rm = register_map.new(m, {}, "test:user:faulty:1.0")
      assert.equal("Register(<not read: " .. MESSAGE .. ">)", tostring(rm.B))
      assert.equal("RegisterMap {\n  A = Register(value=0),\n  B = <not read: " .. MESSAGE .. ">\n}",
                   tostring(rm))
    end)
  end)

  describe("a model that interferes", function()
    local Model
    --- Loads the design with a model whose read calls f(offset).
    local function with_model(f)
      Model = lunq.Model:extend { models = { "acme.com:user:thing:1.0" } }
      function Model.read(_, offset) return f(offset) or 0 end
      d:program(design())
      m:close()
      m = core.mmio(BASE, 0x1000, d, true)
    end
    after_each(function() Model:unbind() end)

    it("may close the window in the middle of a block", function()
      local reads = 0
      with_model(function()
        reads = reads + 1
        if reads == 2 then m:close() end
      end)
      assert_raises("runtime", "MMIO at 0x43c00000 is closed.", m.read_block, m, 0, 4)
      assert.equal(2, reads)
    end)

    it("may close it during a poll, a batch, an update", function()
      with_model(function() m:close() end)
      assert_raises("runtime", "MMIO at 0x43c00000 is closed.", m.poll, m, 0, 1, 1)
      m = core.mmio(BASE, 0x1000, d, true)
      local ok, e = pcall(m.batch, m, { { "read", 0 }, { "read", 4 } })
      assert.same({ false, 2 }, { ok, e.step })
      m = core.mmio(BASE, 0x1000, d, true)
      assert_raises("runtime", "MMIO at 0x43c00000 is closed.", m.update, m, 0, 1, 1)
      m = core.mmio(BASE, 0x1000, d, true)
      local r = core.register_at(m, { offset = 0, fields = { { name = "A" } } })
      assert_raises("runtime", "MMIO at 0x43c00000 is closed.", function() r.A = 1 end)
    end)

    it("may free the buffer that is read into", function()
      local b = lunq.array(1024, "u4")
      with_model(function()
        pcall(b.close, b)
        collectgarbage()
        return 7
      end)
      pcall(m.read_block, m, 0, 1024, { into = b })
      b = lunq.array(4, "u4")
      pcall(m.write_block, m, 0, b)
    end)

    it("may use the window itself", function()
      with_model(function(offset) return offset == 0 and m:read(4) + 1 or 41 end)
      assert.equal(42, m:read(0))
    end)

    it("answers a poll when it likes: after so many reads, or after a time", function()
      local reads = 0
      with_model(function()
        reads = reads + 1
        return reads >= 50 and 0x11 or 0x10
      end)
      assert.equal(0x11, m:poll(0, 1, 1, 0.01))
      assert.equal(50, reads)
      local due = d:now() + 5000000
      Model:unbind()
      with_model(function() return d:now() >= due and 1 or 0 end)
      assert.equal(1, m:poll(0, 1, 1, 0.01))
      assert.is_true(d:now() < due + 1000000)
    end)

    -- Pieces of time had no end: the device was never asked whether anything could still happen.
    it("never answers and has nothing under way: a poll without limit ends", function()
      with_model(function() return 0x10 end)
      assert.is_false(pcall(m.poll, m, 0, 1, 1, math.huge))
    end)

    it("never answers: the poll ends at its time limit, after one last look", function()
      local reads = 0
      with_model(function()
        reads = reads + 1
        return 0x10
      end)
      local start = d:now()
      assert_raises("timeout", "0x43c00000 still reads 0x00000010 after 1e-06 s: waited for 0x1 under mask 0x1.",
                    m.poll, m, 0, 1, 1, 1e-6)
      assert.is_true(d:now() - start >= 1000)
      assert.is_true(reads >= 2)
    end)
  end)

  describe("another design", function()
    local STALE <const> = "MMIO at 0x43c00000 belongs to a design that is no longer loaded: use the objects of " ..
                          "the new overlay."

    it("makes everything of the old one stale", function()
      local rd, wr, b = m:reader(0), m:writer(0), m:compile { { "read", 0 } }
      local r = core.register_at(m, { offset = 0, fields = { { name = "A" } } })
      d:program(design())
      for _, f in ipairs { function() m:read(0) end, function() m:write(0, 1) end, function() m:read64(0) end,
                           function() m:read_block(0, 4) end, function() m:poll(0, 1, 0) end, rd,
                           function() wr(1) end, function() return r.A end, function() r.A = 1 end,
                           function() r:get() end } do
        assert_raises("runtime", STALE, f)
      end
      assert_raises("runtime", "Batch step 1 (read 0x0): " .. STALE, b.run, b)
      assert.equal("MMIO 0x43c00000+0x1000 (stale)", tostring(m))
      assert.equal("Register(<not read: " .. STALE .. ">)", tostring(r))
      assert_raises("runtime", STALE, m.reader, m, 0)
    end)

    it("leaves windows alone that were made without a design", function()
      local free <close> = core.mmio(BASE, 0x1000, d)
      local rd = free:reader(0)
      d:program(design())
      free:write(0, 5)
      assert.equal(5, rd())
    end)

    it("does not wake what is stale when it is loaded again", function()
      d:program(design())
      d:program(design())
      assert_raises("runtime", STALE, m.read, m, 0)
    end)
  end)

  it("a closed device leaves its windows usable", function()
    local r = m:reader(0)
    d:close()
    assert.equal(0, r())
    m:close()
    assert_raises("runtime", "MMIO at 0x43c00000 is closed.", r)
  end)
end)
