-- RTL in a process of its own (isolate=1): what it does wrong there ends that process, and all else is as without.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails
local process = dofile "spec/program/process.lua"

--- The processes of models that this one has.
local function children()
  local list = {}
  local f = assert(io.open "/proc/thread-self/children")
  for pid in f:read "a":gmatch "%d+" do
    local name <close> = io.open(("/proc/%s/comm"):format(pid))
    if name and name:read "l" == "lunq-rtl" then list[#list + 1] = pid end
  end
  f:close()
  return list
end

describe("a model in a process of its own", function()
  local it = fixture.with_verilator(it, pending)
  local d, m

  local function close()
    if m then m:close() end
    if d then d:close() end
    d, m = nil, nil
  end
  local function open(name, options)
    d = core.device_open(("rtl:%s?isolate=1%s"):format(fixture.model(name), options or ""))
    m = lunq.MMIO(0, 0x60, d)
  end
  after_each(close)
  after_each(process.clean)

  --- What a script sees of spec/rtl/regs.v, with cycles and interrupts.
  local function regs(options)
    d = core.device_open("rtl:" .. fixture.model "regs" .. options)
    m = lunq.MMIO(0, 0x60, d)
    local seen = { m:read(0) }
    m:write(4, 0x11223344)
    m:write8(5, 0xab)
    seen[#seen + 1] = m:read(4)
    seen[#seen + 1] = fails("io", m.read, m, 0x40)
    m:write(0x20, 50)
    d:step(100)
    for _, more in ipairs { m:read(0x24), d.cycle, d.time } do seen[#seen + 1] = more end
    close()
    return seen
  end
  it("answers as it does in the process of the program, in the same cycles", function()
    assert.same(regs "", regs "?isolate=1")
  end)

  it("lets an idle clock stand sooner: it is slow", function()
    open "regs"
    local said = lunq.warnings.capture(d.advance, d, 10e9)
    assert.equal(1, #said)
    assert.match("on the pins of regs for 100000 cycles: its clock stands", said[1].text)
    assert.equal(100016, d.cycle)
  end)

  it("raises interrupts", function()
    local path = fixture.model "regs"
    local ol <close> = lunq.Overlay(path, { device = ("rtl:%s?isolate=1"):format(path) })
    assert.equal(1, #children())
    local start = ol.device.cycle
    ol.regs.mmio:write(0x20, 30)
    ol.regs.irq:wait(1)
    assert.is_true(ol.device.cycle - start >= 30 and ol.device.cycle - start < 40)
  end)

  it("moves data in the buffers of the program", function()
    open "copy"
    local a <close> = lunq.allocate(4096, "u1", { target = d })
    local b <close> = lunq.allocate(4096, "u1", { target = d })
    for i = 1, 4096 do a[i] = i * 7 % 251 end
    for offset, value in pairs { [0x10] = a.physical_address, [0x1c] = b.physical_address, [0x28] = 4096 } do
      m:write(offset, value)
    end
    m:write(0, 1)
    d:step(6000)
    assert.equal(0, m:read(0x30))
    for i = 1, 4096 do
      if b[i] ~= a[i] then assert.equal(a[i], b[i], "byte " .. i) end
    end
  end)

  it("is ended when it loops without an end; the IP says so until the design is loaded again", function()
    open("loops", "&isolate_limit=1")
    assert.equal(1, #children())
    local first = fails("device", m.write, m, 0x10, 1)
    assert.match("The RTL of loops has ended: it did not come back from one evaluation within 1 s (an endless "
                 .. "loop?); its process was ended, cycle ", first, 1, true)
    assert.same({}, children())
    assert.equal(first, fails("device", m.read, m, 4))
    close()
    open "loops"
    m:write(4, 7)
    assert.equal(7, m:read(4))
  end)

  it("may print without an end", function()
    local script = process.file(([[
      local core, lunq = require "lunq.core", require "lunq"
      local d = core.device_open "rtl:%s?isolate=1&isolate_limit=1"
      print(pcall(lunq.MMIO(0, 0x60, d).write, lunq.MMIO(0, 0x60, d), 0x14, 1))]]):format(fixture.model "loops"))
    local code, out = process.sh(("LUNQ %s 2>/dev/null"):format(script))
    assert.equal(0, code)
    assert.match("did not come back from one evaluation within 1 s", out, 1, true)
    assert.match("It printed last:\n  round and round", out, 1, true)
  end)

  it("prints more than there is room for, and no line is lost", function()
    local script = process.file(([[
      local core, lunq = require "lunq.core", require "lunq"
      local m = lunq.MMIO(0, 0x60, core.device_open "rtl:%s?isolate=1")
      m:write(0x18, 1)]]):format(fixture.model "loops"))
    local code, _, err = process.sh(("LUNQ %s"):format(script))
    local n = 0
    for number in err:gmatch "loops: line (%d+), which is long enough for the room to end\n" do
      assert.equal(n, math.tointeger(number))
      n = n + 1
    end
    assert.same({ 0, 3000 }, { code, n })
  end)

  for signal, text in pairs { KILL = "9 (Killed)", SEGV = "11 (Segmentation fault)" } do
    it("names signal " .. text .. " that ended it", function()
      open "regs"
      os.execute(("kill -%s %s"):format(signal, children()[1]))
      assert.match("The RTL of regs has ended: its process was ended by signal " .. text,
                   fails("device", m.read, m, 0), 1, true)
      assert.same({}, children())
    end)
  end

  it("has none of the program's files open", function()
    open "regs"
    local _, out = process.sh(("ls /proc/%s/fd"):format(children()[1]))
    assert.equal("0\n1\n2\n", out)
  end)

  it("is gone when the device is closed", function()
    open "regs"
    assert.equal(1, #children())
    close()
    assert.same({}, children())
  end)

  it("is gone when the program is", function()
    local script = process.file(([[
      local core, lunq = require "lunq.core", require "lunq"
      local d = core.device_open "rtl:%s?isolate=1"
      local f = io.open "/proc/thread-self/children"
      print((f:read "a":gsub(" ", "")))
      io.stdout:flush()
      os.execute("kill -9 $PPID")]]):format(fixture.model "regs"))
    local _, out = process.sh(("LUNQ %s 2>/dev/null"):format(script))
    local pid = out:match "%d+"
    for _ = 1, 100 do
      local f = io.open(("/proc/%s/stat"):format(pid))
      local state = f and f:read "a":match "%) (%a)"
      if f then f:close() end
      if not state or state == "Z" then return end
      os.execute "sleep 0.05"
    end
    error "the model's process goes on"
  end)

  it("takes no other numbers than 0 and 1, and no limit of 0 seconds", function()
    local path = fixture.model "regs"
    assert.equal(('Device "rtl:%s?isolate=2": "isolate=2" needs a number from 0 to 1.'):format(path),
                 fails("value", core.device_open, ("rtl:%s?isolate=2"):format(path)))
    assert.equal(('Device "rtl:%s?isolate_limit=0": "isolate_limit=0" needs a number from 1 to 1000000.'):format(path),
                 fails("value", core.device_open, ("rtl:%s?isolate_limit=0"):format(path)))
  end)

  describe("where a table says it of one IP", function()
    local designs = dofile "spec/overlay/fixture.lua"
    local ol

    --- A design of two loops.v, on a device of these options.
    local function overlay(device, rtl)
      local modules = {}
      for i = 0, 1 do
        modules[#modules + 1] = { path = "loops_" .. i, vlnv = "acme.com:user:loops:1.0",
                                  base = 0x43c00000 + i * 0x10000 }
      end
      local hwh = designs.write(designs.folder() .. "/loops.hwh", designs.hwh { modules = modules })
      d = lunq.Device.open(device)
      ol = lunq.Overlay(hwh, { device = d, rtl = rtl })
    end
    after_each(function()
      if ol then ol:free() end
      ol = nil
    end)
    local function isolated()
      local by_path = {}
      for _, r in ipairs(d:rtl()) do by_path[r.ip] = r.isolated end
      return by_path
    end

    it("ends with a loop of its own, and the other IP goes on in the process of the program", function()
      local path = fixture.model "loops"
      overlay(("rtl:%s?isolate_limit=1"):format(path),
              { ["acme.com:user:loops"] = path, loops_1 = { model = path, isolate = true } })
      assert.same({ { loops_0 = false, loops_1 = true }, 1 }, { isolated(), #children() })
      ol.loops_0:write(4, 5)
      local first = fails("device", ol.loops_1.write, ol.loops_1, 0x10, 1)
      assert.match("The RTL of loops_1 has ended: it did not come back from one evaluation within 1 s (an endless "
                   .. "loop?); its process was ended, cycle ", first, 1, true)
      assert.same({}, children())
      assert.equal(5, ol.loops_0:read(4))
      ol.loops_0:write(4, 7)
      assert.equal(7, ol.loops_0:read(4))
      assert.equal(first, fails("device", ol.loops_1.read, ol.loops_1, 4))
    end)

    it("ends with a crash of its own, also where the table is the device's and what it names is built", function()
      local rtl = process.file(([[local path = "%s"
        return { loops = { model = path, isolate = true }, ["acme.com:user:loops"] = path,
                 loops_0 = { sources = "spec/rtl/loops.v", isolate = true, cache = "%s" } }]])
        :format(fixture.model "loops", fixture.cache), ".lua")
      overlay("rtl:" .. rtl)
      assert.same({ loops_0 = true, loops_1 = false }, isolated())
      os.execute(("kill -SEGV %s"):format(children()[1]))
      assert.match("The RTL of loops_0 has ended: its process was ended by signal 11 (Segmentation fault)",
                   fails("device", ol.loops_0.read, ol.loops_0, 4), 1, true)
      ol.loops_1:write(4, 9)
      assert.equal(9, ol.loops_1:read(4))
    end)

    it("has one process less for isolate = false than the device has IP", function()
      local path = fixture.model "loops"
      overlay(("rtl:%s?isolate=1"):format(path), { loops_0 = { model = path, isolate = false } })
      assert.same({ { loops_0 = false, loops_1 = true }, 1 }, { isolated(), #children() })
      for i = 0, 1 do
        ol["loops_" .. i]:write(4, 3 + i)
        assert.equal(3 + i, ol["loops_" .. i]:read(4))
      end
    end)

    it("takes nothing but true and false", function()
      local path = fixture.model "loops"
      for _, entry in ipairs { { model = path, isolate = 1 }, { sources = "no.v", isolate = "yes" } } do
        assert.equal(('rtl["loops_0"].isolate should be true or false, not a %s'):format(type(entry.isolate)),
                     fails("type", overlay, "sim", { loops_0 = entry }))
        close()
      end
      d = core.device_open "sim"
      assert.equal("isolate should be true or false, not number",
                   fails("type", d.rtl_bind, d, "loops", path, nil, 1))
    end)
  end)

  describe("behind the interface of rtl_model.h", function()
    local program = dofile "spec/c_program.lua"("spec/rtl/model.c", { name = "rtl_isolated" })
    setup(program.build)
    for case, build in pairs { has_pins = { "regs" }, keeps_instances_apart = { "regs" }, ends = { "faults" },
                               has_no_traces = { "regs" }, traces = { "regs", { trace = "vcd" } },
                               covers = { "regs", { coverage = "line" } } } do
      it("passes the case " .. case, function()
        local path, file = fixture.model(table.unpack(build)), process.file("", ".out")
        assert.same({ true, "ok\n" }, { program.run(("%s+ %s %s"):format(case, path, file)) })
      end)
    end
  end)
end)
