-- Rules of AXI that RTL breaks are found in every cycle, and stalls from a seed bring them out.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

local RULE <const>, BASE <const>, BUSY <const> = 0x10, 0x14, 0x18

-- spec/rtl/breaks.v: the number of a rule, and what is said.
local TEXTS <const> = {
  [1] = "m_axi: ARVALID fell before ARREADY", [2] = "m_axi: ARADDR changed before ARREADY",
  [3] = "m_axi: WVALID fell before WREADY", [4] = "m_axi: WDATA changed before WREADY",
  [5] = "m_axi: a read burst crosses 4 KiB", [6] = "m_axi: a read in beats of 16 bytes on a bus of 8",
  [7] = "m_axi: a wrapping read of 3 beats",
  [8] = "m_axi: a wrapping read from an address that is not aligned",
  [9] = "m_axi: a fixed read of 17 beats", [10] = "m_axi: WLAST before the last beat",
  [11] = "m_axi: no WLAST with the last beat", [12] = "m_axi: WSTRB outside the beat",
  [13] = "m_axi: a read of the reserved burst type 3", [14] = "m_axi: an exclusive read of 24 bytes",
  [15] = "m_axi: a write burst crosses 4 KiB", [20] = "s_axi: BVALID without a write",
  [21] = "s_axi: RVALID without a read", [22] = "s_axi: RDATA changed before RREADY",
  [23] = "s_axi: BVALID fell before BREADY", [30] = "out: TVALID fell before TREADY",
  [31] = "out: TDATA changed before TREADY",
}

describe("checks of RTL", function()
  local it = fixture.with_verilator(it, pending)
  local d, m, buffer

  local function open(options, parameters)
    d = core.device_open("rtl:" .. fixture.model("breaks", { parameters = parameters }) .. options)
    m = lunq.MMIO(0, 0x20, d)
    buffer = lunq.allocate(8192, "u1", { target = d })
    m:write(BASE, buffer.physical_address)
  end
  after_each(function()
    buffer:freebuffer()
    m:close()
    d:close()
  end)

  --- Breaks a rule; gives the warnings.
  local function break_rule(rule)
    return lunq.warnings.capture(function()
      m:write(RULE, rule)
      for _ = 1, 50 do
        d:step(50)
        if m:read(BUSY) == 0 then break end
      end
      m:write(BASE, buffer.physical_address) -- an access for the rules of the slave port
      m:read(BASE)
    end)
  end

  local function texts()
    local list = {}
    for _, v in ipairs(d:rtl()[1].violations) do list[#list + 1] = v.text end
    return list
  end

  for rule, text in pairs(TEXTS) do
    it(("find rule %d broken: %s"):format(rule, text), function()
      -- What falls or changes does so in a cycle without ready: some seed brings one.
      local found
      for seed = 1, 20 do
        open(("?stress=%d&stall=60"):format(seed))
        local said = break_rule(rule)
        found = texts()
        if #found > 0 then
          -- The answer nobody had asked for is also there, too early, for the next access.
          assert.same({ (rule == 20 or rule == 21) and 2 or 1, text }, { #found, found[1] })
          assert.match(("^The RTL of breaks breaks a rule of its bus: %s, cycle %%d+, stress=%d%%.$"):format(
                         text:gsub("%p", "%%%0"), seed), said[1].text)
          return
        end
        buffer:freebuffer()
        m:close()
        d:close()
      end
      assert.same({ text }, found)
    end)
  end

  it("say nothing of RTL that keeps the rules", function()
    for seed = 1, 5 do
      open(("?stress=%d&stall=60"):format(seed))
      assert.same({ {}, {} }, { break_rule(0), texts() })
      buffer:freebuffer()
      m:close()
      d:close()
    end
    open ""
    assert.same({ {}, {} }, { break_rule(0), texts() })
  end)

  it("look at valids in reset", function()
    local said = lunq.warnings.capture(function() open("", { IN_RESET = 1 }) end)
    assert.same({ "m_axi: AWVALID is high in reset", "m_axi: WVALID is high in reset",
                  "m_axi: ARVALID is high in reset" }, texts())
    assert.equal(3, #said)
  end)

  it("are an error where the device is strict, and off with check=0", function()
    open "?strict=1"
    local ok, e = pcall(break_rule, 5)
    assert.same({ false, "device" }, { ok, e.kind })
    assert.match("a read burst crosses 4 KiB", tostring(e), 1, true)
    buffer:freebuffer()
    m:close()
    d:close()
    open "?check=0"
    assert.same({ {}, {} }, { break_rule(5), texts() })
  end)

  it("count how often, with the cycle of the first time", function()
    open ""
    break_rule(5)
    local first = d:rtl()[1].violations[1]
    break_rule(5)
    assert.same({ text = TEXTS[5], cycle = first.cycle, count = first.count + 1 }, d:rtl()[1].violations[1])
  end)
end)

describe("RTL under stress", function()
  local it = fixture.with_verilator(it, pending)

  --- Copies 512 bytes; gives the cycles it took.
  local function copy(options)
    local d <close> = core.device_open("rtl:" .. fixture.model "copy" .. options)
    local m <close> = lunq.MMIO(0, 0x40, d)
    local a = lunq.allocate(512, "u1", { target = d })
    local b = lunq.allocate(512, "u1", { target = d })
    for i = 1, 512 do a[i] = i & 0xff end
    for offset, value in pairs { [0x10] = a.physical_address, [0x1c] = b.physical_address, [0x28] = 512 } do
      m:write(offset, value)
    end
    m:write(0, 1)
    repeat d:step(20) until m:read(0) & 4 ~= 0
    assert.same({ 0, {} }, { m:read(0x30), d:rtl()[1].violations })
    for i = 1, 512 do assert(b[i] == i & 0xff, options) end
    a:freebuffer()
    b:freebuffer()
    return d.cycle
  end

  it("gives the same data for every seed, in another time", function()
    local plain, differ = copy "", 0
    for seed = 1, 20 do
      local cycles = copy("?stress=" .. seed)
      assert.is_true(cycles > plain)
      differ = differ + (cycles ~= copy("?latency=20&stall=50&stress=" .. seed) and 1 or 0)
    end
    assert.equal(20, differ)
  end)

  it("is the same run for the same seed", function()
    assert.equal(copy "?stress=7", copy "?stress=7")
  end)

  it("says its seed, also one that it has drawn", function()
    local path, seeds = fixture.model "regs", {}
    for _ = 1, 3 do
      local d <close> = core.device_open(("rtl:%s?stress=random&stall=50"):format(path))
      assert.is_true(d.stress >= 100000 and d.stress <= 999999)
      assert.equal(("rtl:%s?stress=%d&stall=50"):format(path, d.stress), d.name)
      seeds[d.stress] = true
    end
    assert.is_not_nil(next(seeds, next(seeds)))
    local d <close> = core.device_open("rtl:" .. path)
    assert.is_nil(d.stress)
  end)

  it("has the seed in what is said of a slave that does not answer, and of RTL that has ended", function()
    local d <close> = core.device_open(("rtl:%s?stress=7&timeout=100"):format(fixture.model "faults"))
    local m <close> = lunq.MMIO(0, 0x60, d)
    assert.match("no RVALID within 100 cycles, stress=7. The port", fixture.fails("timeout", m.read, m, 0x48), 1, true)
    local other <close> = core.device_open(("rtl:%s?stress=8"):format(fixture.model "faults"))
    local window <close> = lunq.MMIO(0, 0x60, other)
    assert.match("has ended: .*, cycle %d+, stress=8%.", fixture.fails("device", window.write, window, 0x10, 1))
  end)

  for _, name in ipairs { "regs", "regs_together", "regs_apart" } do
    it(("reads and writes %s at random times"):format(name), function()
      for seed = 1, 10 do
        local d <close> = core.device_open(("rtl:%s?stall=60&stress=%d"):format(fixture.model(name), seed))
        local m <close> = lunq.MMIO(0, 0x20, d)
        for i = 1, 10 do
          m:write(4, i * seed)
          m:write(8, i)
          assert.same({ i * seed, i }, { m:read(4), m:read(8) })
        end
        assert.same({}, d:rtl()[1].violations)
      end
    end)
  end
end)
