-- A simulated device served to another program: docs/lab.md. QEMU is not needed here; the lab's cases served-*
-- do the same with real kernels.
describe("a served device", function()
  local core = require "lunq.core"
  local lunq = require "lunq"
  local process = dofile "spec/program/process.lua"
  local served = dofile "spec/sim/served.lua"
  local support = dofile "spec/sim/support.lua"
  local DMA <const> = support.DMA

  local d, s, folder
  before_each(function() folder = served.folder() end)
  after_each(function()
    if s then s:close() end
    if d then d:close() end
    s, d = nil, nil
    process.clean()
    served.clean()
  end)

  --- A loopback design, served with these options beside the socket.
  local function serve(spec, options)
    d = support.open(support.loopback(), spec)
    local o = { socket = folder .. "/pl" }
    for name, value in pairs(options or {}) do o[name] = value end
    s = core.serve(d, o)
    return o
  end

  local function warnings_of(f)
    local texts = {}
    for i, w in ipairs(lunq.warnings.capture(f)) do texts[i] = w.text end
    return texts
  end

  local function until_true(f)
    for _ = 1, 5000 do
      if f() then return true end
      lunq.sleep(0.001)
    end
    return false
  end

  --- Sends n bytes at `from` and receives them at `to`, as a driver in the guest would.
  local function move(c, from, to, n)
    for channel, address in pairs { [0] = from, [0x30] = to } do
      c:write(DMA + channel, 0x1001)
      c:write(DMA + channel + 0x18, address)
    end
    c:write(DMA + 0x58, n)
    c:write(DMA + 0x28, n)
    return until_true(function() return c:read(DMA + 0x34) & c:read(DMA + 4) & 0x1000 ~= 0 end)
  end

  it("answers accesses of exactly their width", function()
    local c <close> = assert(served.client(serve().socket))
    assert.same({ 0x00010002, false }, { c:read(DMA) })
    assert.same({ 0, false }, { c:write(DMA + 0x18, 0x12345678) })
    assert.equal(0x12345678, (c:read(DMA + 0x18)))
    c:write(0x100008, 0x1122334455667788, 8) -- memory
    for _, e in ipairs { { 0x100008, 4, 0x55667788 }, { 0x10000a, 1, 0x66 }, { 0x10000c, 2, 0x3344 } } do
      assert.equal(e[3], (c:read(e[1], e[2])))
    end
    local n = s:info()
    assert.same({ 1, 5, 2, 0, true, false }, { n.clients, n.reads, n.writes, n.failed, n.client, n.qemu })
  end)

  it("takes an access that comes byte by byte, and several that come at once", function()
    local c <close> = assert(served.client(serve().socket))
    for byte in served.access("r", 4, DMA + 4):gmatch "." do
      c.pipe:write(byte)
      lunq.sleep(0.0002)
    end
    assert.is_true(c:until_seen(function(seen) return #seen == 16 end))
    assert.equal(0x00010001, (("=I8"):unpack(c.seen)))
    c.seen = ""
    c.pipe:write(served.access("w", 4, DMA + 0x18, 7):rep(99) .. served.access("r", 4, DMA + 0x18))
    assert.is_true(c:until_seen(function(seen) return #seen == 1600 end))
    assert.equal(7, (("=I8"):unpack(c.seen, 1585)))
  end)

  it("reads and writes a file that is the guest's memory, from its base on", function()
    local path, base = folder .. "/ram", 0x1000000
    local f <close> = assert(io.open(path, "w+b"))
    f:write(("\0"):rep(0x1000), ("guest "):rep(100), ("\0"):rep(0x2000))
    f:flush()
    local o = serve(("sim:zynq7000?memory=%s&memory_base=%#x"):format(path, base))
    local c <close> = assert(served.client(o.socket))
    assert.is_true(move(c, base + 0x1000, base + 0x2000, 600))
    f:seek("set", 0x2000)
    assert.equal(("guest "):rep(100), f:read(600))
    assert.equal("guest", d:peek(base + 0x2000, 5))
    assert.equal("index", support.failure(d.peek, d, base - 4, 4).kind)
    assert.same({ base, 0x3258 }, { d:banks()[1].base, d:banks()[1].size })
    local e = support.failure(core.allocate, 1, "u1", { target = d })
    assert.equal("memory", e.kind)
    assert.matches("it is the memory of somebody else", tostring(e))
  end)

  it("tells QEMU each change of a line before the access that made it is answered", function()
    local o = serve(nil, { qtest = folder .. "/qtest", gic = "/machine/gic" })
    local lines = served.qemu(o.qtest)
    assert.is_true(until_true(function() return s:info().qemu end))
    local c <close> = assert(served.client(o.socket))
    assert.is_true(move(c, 0x200000, 0x300000, 64))
    local function level(pin, value)
      return ("set_irq_in /machine/gic unnamed-gpio-in %d %d"):format(29 + pin, value)
    end
    assert.same({ level(0, 1), level(1, 1) }, lines())
    c:write(DMA + 4, 0x1000)
    assert.equal(level(0, 0), lines()[3])
    c:write(DMA + 0x34, 0x1000)
    assert.equal(level(1, 0), lines()[4])
    assert.equal(2, s:info().interrupts)
    d:program(core.design_from_table { name = "empty", arch = "zynq", ip = {} })
    assert.equal(4, #lines())
  end)

  it("tells a QEMU that comes later of the lines that are high, and of those a new design has not", function()
    local o = serve(nil, { qtest = folder .. "/qtest", gic = "gic" })
    d:wire("dma/s2mm_introut", 1)
    local lines = served.qemu(o.qtest)
    assert.is_true(until_true(function() return #lines() > 0 end))
    d:program(core.design_from_table { name = "empty", arch = "zynq", ip = {} })
    assert.same({ "set_irq_in gic unnamed-gpio-in 30 1", "set_irq_in gic unnamed-gpio-in 30 0" }, lines())
  end)

  for answer, why in pairs { ["FAIL Unknown device"] = '"FAIL Unknown device": Device sim: QEMU refuses a command',
                             leave = "Device sim: QEMU has ended" } do
    it("works on without a QEMU that answers " .. answer, function()
      local o = serve(nil, { qtest = folder .. "/qtest", gic = "gic" })
      served.qemu(o.qtest, "'" .. answer .. "'")
      assert.is_true(until_true(function() return s:info().qemu end))
      local texts = warnings_of(function() d:wire("dma/s2mm_introut", 1) end)
      assert.equal(1, #texts)
      assert.matches("^Interrupt 62 can't be told: " .. why, texts[1])
      assert.is_false(s:info().qemu)
      local c <close> = assert(served.client(o.socket))
      assert.equal(0x00010002, (c:read(DMA)))
    end)
  end

  it("answers a bus error as one, and tells of the first ones", function()
    local c <close> = assert(served.client(serve().socket))
    local texts = warnings_of(function()
      for _ = 1, 10 do assert.same({ 0, true }, { c:read(0x7fff0000) }) end
      assert.same({ 0, true }, { c:write(0x7fff0000, 1) })
    end)
    assert.equal(8, #texts)
    assert.matches("^Bus error %(DECERR%) reading 4 bytes at 0x7fff0000: nothing answers there", texts[1])
    assert.matches("No more such errors are told.$", texts[8])
    assert.equal(11, s:info().failed)
    assert.same({ 0x00010002, false }, { c:read(DMA) })
  end)

  for name, bytes in pairs {
    ["an unknown kind"] = served.access("x", 4, DMA), ["a width of 3"] = served.access("r", 3, DMA),
    ["a width of 0"] = served.access("r", 0, DMA), ["an address that is not aligned"] = served.access("r", 4, DMA + 2),
    ["noise"] = ("\255"):rep(24),
  } do
    it("cuts a client off that sends " .. name .. ", and takes the next one", function()
      local o = serve()
      local c <close> = assert(served.client(o.socket))
      local texts = warnings_of(function()
        c.pipe:write(bytes)
        assert.is_nil(c:until_seen(function() end))
      end)
      assert.same({ ("The client at %s sent what is no access: it was cut off."):format(o.socket) }, texts)
      assert.same({ 0, false }, { s:info().reads, s:info().client })
      local again <close> = assert(served.client(o.socket))
      assert.equal(0x00010002, (again:read(DMA)))
      assert.equal(2, s:info().clients)
    end)
  end

  it("cuts a client off that does not read its answers", function()
    local c <close> = assert(served.client(serve().socket))
    c.pipe:read_stop()
    local texts = warnings_of(function()
      for _ = 1, 200 do
        c.pipe:write(served.access("r", 4, DMA):rep(200))
        lunq.sleep(0.0001)
        if not s:info().client then break end
      end
    end)
    assert.matches("does not read its answers: it was cut off", texts[1])
  end)

  it("has its socket's name only once it listens", function()
    local o = serve()
    local c <close> = assert(served.client(o.socket))
    assert.matches("^/.*/pl%.%d+$", c.pipe:getpeername()) -- the name until then, which has gone
    assert.same({ "pl" }, core.list_dir(folder))
  end)

  it("ends a wait when the client goes, in the middle of an access too, and keeps the design as it is", function()
    local o = serve()
    local c <close> = assert(served.client(o.socket))
    c:write(DMA + 0x18, 0x1234)
    c.pipe:write(served.access("r", 4, DMA):sub(1, 11))
    c:close()
    s:wait(5)
    local again <close> = assert(served.client(o.socket))
    assert.equal(0x1234, (again:read(DMA + 0x18)))
    local e = support.failure(s.wait, s, 0.01)
    assert.same({ "timeout", "The client has not gone within 0.01 s." }, { e.kind, tostring(e) })
  end)

  it("does not wait when a client has gone since the last time", function()
    do
      local c <close> = assert(served.client(serve().socket))
      c:read(DMA)
    end
    assert.is_true(until_true(function() return not s:info().client end))
    s:wait(0)
    assert.equal("timeout", support.failure(s.wait, s, 0).kind)
  end)

  it("closed while tasks wait: they hear of it, and the client is cut off", function()
    local o = serve()
    local c <close> = assert(served.client(o.socket))
    c:read(DMA)
    local tasks = { lunq.spawn(support.failure, s.wait, s), lunq.spawn(support.failure, s.wait, s) }
    lunq.sleep(0.001)
    s:close()
    for _, task in ipairs(tasks) do
      local e = task:wait(5)
      assert.same({ "runtime", "The device is no longer served: it was closed." }, { e.kind, tostring(e) })
    end
    assert.is_nil(c:until_seen(function() end))
    assert.same({}, core.list_dir(folder))
    s = core.serve(d, o)
    local again <close> = assert(served.client(o.socket))
    assert.equal(0x00010002, (again:read(DMA)))
  end)

  it("lets the second client wait until the first has gone", function()
    local o = serve()
    local first <close> = assert(served.client(o.socket))
    local second <close> = assert(served.client(o.socket))
    second.pipe:write(served.access("r", 4, DMA))
    first:read(DMA)
    assert.equal("", second.seen)
    first:close()
    assert.is_true(second:until_seen(function(seen) return #seen == 16 end))
    assert.equal(2, s:info().clients)
  end)

  it("keeps the pace of the wall clock while it serves", function()
    local c <close> = assert(served.client(serve().socket))
    local waiting <close> = lunq.spawn(s.wait, s, 5)
    c:read(DMA)
    local before, start = d:now(), core.wall_time()
    lunq.sleep(0.03)
    local device, wall = (d:now() - before) / 1e9, core.wall_time() - start
    assert.is_true(device > 0.02 and device < wall + 0.005, device)
    assert.is_false(waiting.done)
  end)

  it("refuses what can't be served", function()
    local function refusal(device, options)
      local e = support.failure(core.serve, device, options)
      return { e.kind, tostring(e) }
    end
    local o = serve()
    assert.same({ "runtime", "Device sim is being served already." }, refusal(d, o))
    s:close()
    s:close()
    assert.same({ "runtime", "The device is no longer served: it was closed." },
                { support.failure(s.wait, s).kind, tostring(support.failure(s.info, s)) })
    assert.equal("Served (closed)", tostring(s))
    assert.same({ "value", "core.serve needs the path of a socket: { socket = PATH }." }, refusal(d, {}))
    assert.same({ "io", "/dev/null/x can't be listened at: Not a directory." }, refusal(d, { socket = "/dev/null/x" }))
    assert.matches('has 1 to 96 characters, not "x*"', refusal(d, { socket = ("x"):rep(97) })[2])
    for _, gic in ipairs { "", "a b", "a\nb", ("x"):rep(128) } do
      local e = refusal(d, { socket = o.socket, qtest = folder .. "/qtest", gic = gic })
      assert.equal("value", e[1])
      assert.matches("gic is the QOM path of its interrupt controller", e[2])
    end
    local card <close> = core.device_open "sim:alveo"
    assert.same({ "unsupported", "Device sim:alveo can't be served: only a simulated board can." }, refusal(card, o))
  end)

  it("takes the place of a server that was killed, not of one that lives", function()
    local o = serve()
    s:close()
    process.sh(([[
      %s serve overlays/adder/adder.hwh --socket %s >%s & p=$!
      until grep -q serving %s; do sleep 0.01; done
      kill -9 $p; wait $p]]):format(process.bin, o.socket, folder .. "/out", folder .. "/out"))
    s = core.serve(d, o)
    local other <close> = support.open(support.loopback())
    local e = support.failure(core.serve, other, o)
    assert.same({ "io", o.socket .. " can't be listened at: Address already in use." }, { e.kind, tostring(e) })
  end)

  for what, text in pairs {
    ["memory=/dev/null/x"] = "/dev/null/x, the memory of a device, can't be mapped: Not a directory",
    ["memory="] = "memory= needs the path of a file, of at most 107 characters",
    ["memory=%s&memory_base=0x40000000"] = "has 12288 bytes for addresses from 0x40000000 on, a multiple of a page, to "
      .. "0x40000000: that is no memory",
    ["memory=%s&memory_base=0x800"] = "that is no memory",
    ["memory=%s&coherent=0"] = "memory= is what both sides see, so there is no coherent=0 with it",
  } do
    it("refuses " .. what:gsub("%%s", "FILE"), function()
      local path = folder .. "/ram"
      local f <close> = assert(io.open(path, "w"))
      f:write(("\0"):rep(12288)):flush()
      local e = support.failure(core.device_open, "sim?" .. what:gsub("%%s", path))
      assert.truthy(tostring(e):find(text, 1, true), tostring(e))
    end)
  end
end)
