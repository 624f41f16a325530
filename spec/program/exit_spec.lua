describe("an uncaught error", function()
  local process = dofile "spec/program/process.lua"
  local lunq = process.lunq
  after_each(process.clean)

  it("that is a string is shown with a traceback, and the exit code is 1", function()
    local s = process.file "local function inner() error 'oh' end\ninner()"
    local code, out, err = lunq(s)
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("lunq: " .. s .. ":1: oh\nstack traceback:\n", 1, true), err)
    assert.matches("in main chunk", err)
  end)

  it("that is an error object is shown by its message and where it was raised", function()
    local s = process.file [[
      local errors = require "lunq.errors"
      local function inner() errors.raise("value", "bad %s", "thing") end
      inner()]]
    local code, _, err = lunq(s)
    assert.equal(1, code)
    assert.truthy(err:find("lunq: bad thing\n  at ", 1, true), err)
    assert.truthy(err:find(s .. ":2 in local 'inner'", 1, true), err)
    assert.is_nil(err:find("stack traceback", 1, true))
  end)

  -- A line of LUNQ's own Lua says nothing to who mistyped a name: it is LUNQ that raised it.
  it("from inside LUNQ is shown at the line of the script that caused it", function()
    local s = process.file "local ol = require 'lunq'.Overlay 'overlays/adder/adder.hwh'\nprint(ol.addr)"
    local _, _, err = lunq(s)
    assert.equal(("lunq: Could not find IP or hierarchy addr in overlay; did you mean \"adder\"?\n  at %s:2\n")
      :format(s), err)
  end)

  -- Lua says "attempt to index a number value (local 'self')", about a file of LUNQ.
  it("of a method called with a dot says so", function()
    local s = process.file [[
      local ol = require "lunq".Overlay "overlays/adder/adder.hwh"
      print(ol.adder.read(0))]]
    local code, _, err = lunq(s)
    assert.equal(1, code)
    assert.matches("%(a method needs ':', as in obj:name%(%)%)\nstack traceback:\n", err)
    assert.truthy(err:find(s .. ":2: in main chunk", 1, true), err)
  end)

  it("of a method called with a dot in a task says so, to who waits and where nobody does", function()
    local code, out, err = lunq(process.file [[
      local lunq = require "lunq"
      local ol = lunq.Overlay "overlays/adder/adder.hwh"
      local ok, e = pcall(lunq.run, function() ol.adder.read "x" end)
      print(ok, (e:gsub("^.-: ", "")))
      print(pcall(lunq.run, function() error("no method", 0) end))
      lunq.spawn(function() ol.adder.read(0) end)
      lunq.sleep(0)]])
    assert.equal(0, code)
    assert.equal("false\tattempt to index a nil value (field 'mmio') (a method needs ':', as in obj:name())\n"
                 .. "false\tno method\n", out)
    assert.matches("failed: [^\n]*%(local 'self'%) %(a method needs ':', as in obj:name%(%)%)\n", err)
  end)

  it("reaches pcall as the object it is", function()
    local code, out = lunq("-e", [[
      local errors = require "lunq.errors"
      local ok, e = pcall(errors.raise, "io", "x")
      print(ok, errors.is(e, "io"), e.kind, tostring(e))]])
    assert.same({ 0, "false\ttrue\tio\tx\n" }, { code, out })
  end)

  it("of any other type is still reported", function()
    local _, _, err = lunq("-e", "error({})")
    assert.matches("^lunq: %(error object is a table value%)\n  at %-e:1", err)
    _, _, err = lunq("-e", "error()")
    assert.matches("^lunq: nil", err)
    _, _, err = lunq("-e", "error(setmetatable({}, { __tostring = function() error 'again' end }))")
    assert.matches("^lunq: ", err)
  end)

  local function exits_with(code, kind, more)
    it(("of kind %s%s gives exit code %d"):format(kind, more and " with fault" or "", code), function()
      local got = lunq("-e", ("error(require 'lunq.errors'.new(%q, 'm', { fault = %s }))")
        :format(kind, more or "nil"))
      assert.equal(code, got)
    end)
  end
  exits_with(1, "value")
  exits_with(1, "io")
  exits_with(1, "runtime")
  exits_with(3, "device")
  exits_with(4, "timeout")
  exits_with(5, "io", "true")
  exits_with(5, "runtime", "true")
  exits_with(5, "device", "true")

  it("of a device that is not there gives 3, of a wait that ran out 4, of the bus 5", function()
    local load = "local ol = lunq.Overlay 'overlays/dma_loopback/dma_loopback.hwh' "
    local code, _, err = lunq("--device", "xrt:0", "-e", load)
    assert.equal(3, code)
    assert.matches("^lunq: No Devices Found", err)
    code, _, err = lunq("-e", load .. [[
      local b = lunq.allocate(4, "u4")
      ol.axi_dma.recvchannel:transfer(b)
      ol.axi_dma.recvchannel:wait(0.1)]])
    assert.equal(4, code)
    assert.matches("^lunq: DMA S2MM did not finish within 0.1 s", err)
    code, _, err = lunq("-e", load .. "lunq.MMIO(0x7f000000, 16):read(0)")
    assert.equal(5, code)
    assert.matches("^lunq: Bus error %(DECERR%)", err)
    code, _, err = lunq("-e", load .. [[
      local b = lunq.allocate(4, "u4")
      ol.device:inject { ip = "axi_dma", fault = "slave_error" }
      ol.axi_dma.sendchannel:transfer(b)
      ol.axi_dma.sendchannel:wait()]])
    assert.equal(5, code, err)
  end)

  it("in a syntax error names the line, with exit code 1", function()
    local s = process.file "x ="
    local code, _, err = lunq(s)
    assert.equal(1, code)
    assert.matches("^lunq: .*:1: unexpected symbol near <eof>\n$", err)
  end)

  it("comes after what the script printed", function()
    local _, out = process.sh "LUNQ -e 'print \"first\" error \"second\"' 2>&1"
    assert.matches("^first\nlunq: ", out)
  end)
end)

describe("os.exit", function()
  local lunq = dofile("spec/program/process.lua").lunq

  it("takes numbers and booleans", function()
    for given, code in pairs { [""] = 0, ["true"] = 0, ["false"] = 1, ["7"] = 7, ["3, false"] = 3 } do
      assert.equal(code, (lunq("-e", "os.exit(" .. given .. ")")), given)
    end
  end)

  it("closes the state: finalizers run, also from inside a coroutine", function()
    for _, form in ipairs { "os.exit(5)", "coroutine.wrap(function() os.exit(5) end)()",
      "coroutine.resume(coroutine.create(function() os.exit(5, false) end))" } do
      local code, out = lunq("-e", "X = setmetatable({}, { __gc = function() print 'closed' end }) " .. form)
      assert.same({ 5, "closed\n" }, { code, out }, form)
    end
  end)
end)
