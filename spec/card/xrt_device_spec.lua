--- A card under XRT used from C (xrt.c), with a library in XRT's place that fails on demand and notes what it is
--- called for (xrt_fake.c): what of kernels, runs and the end of the process noop can't show.
describe("a card under XRT", function()
  local fake = dofile "spec/card/xrt_fake.lua"
  local program = dofile "spec/c_program.lua" "spec/card/xrt.c"
  local uv = require "luv"
  local log

  --- Runs a case with FAKE_XRT; its output, and the calls in order, each with how often it came in a row.
  local function run(case, options, flags)
    os.remove(log)
    uv.os_setenv("XILINX_XRT", fake.library(flags))
    uv.os_setenv("FAKE_XRT_LOG", log)
    uv.os_setenv("FAKE_XRT", options or "")
    local ok, out = program.run(case)
    local calls, f = {}, io.open(log)
    for line in f and f:lines() or function() end do
      local last = calls[#calls]
      if last and last[1] == line then last[2] = last[2] + 1 else calls[#calls + 1] = { line, 1 } end
    end
    if f then f:close() end
    for i, call in ipairs(calls) do calls[i] = call[2] > 1 and ("%s x%d"):format(call[1], call[2]) or call[1] end
    return { ok, out }, calls
  end

  setup(function()
    program.build()
    log = os.tmpname()
  end)
  before_each(function() uv.os_unsetenv "XCL_EMULATION_MODE" end)
  after_each(function()
    for _, name in ipairs { "XILINX_XRT", "FAKE_XRT_LOG", "FAKE_XRT", "ASAN_OPTIONS" } do uv.os_unsetenv(name) end
  end)
  teardown(function()
    fake.clean()
    os.remove(log)
  end)

  local OPENED <const> = {
    "device open 0", "load", "kernel open vadd:{vadd_1,vadd_2}", "bo alloc 4096 flags 0x0 group 0 x2",
    "bo alloc 4096 flags 0x0 group 3",
  }
  local ARGUMENTS <const> = {
    "arg 0 0000000000001000 (8 bytes)", "arg 1 0000000000002000 (8 bytes)", "arg 2 0000000000003010 (8 bytes)",
    "arg 3 00000010 (4 bytes)",
  }

  local function expected(...)
    local all = {}
    for _, part in ipairs { ... } do
      for _, line in ipairs(type(part) == "table" and part or { part }) do all[#all + 1] = line end
    end
    return all
  end

  it("runs a kernel, and uses XRT's run again", function()
    local result, calls = run "one"
    assert.same({ true, "ok\n" }, result)
    local first = expected(OPENED, "run open", ARGUMENTS, "run start", ARGUMENTS, "run start")
    assert.same(first, table.move(calls, 1, #first, 1, {}))
    assert.same({ "run start", "bo free x3", "run close", "kernel close vadd:{vadd_1,vadd_2}", "device close" },
                table.move(calls, #calls - 4, #calls, 1, {}))
    assert.equal(#OPENED + 1 + 101 * 5 + 4, #calls)
  end)

  local function count(calls, what)
    local n = 0
    for _, call in ipairs(calls) do n = n + (call == what and 1 or 0) end
    return n
  end

  -- XRT's thread takes 5 to 15 us to wake up, asking takes 0.1.
  it("asks after a run that is alone, and waits in XRT when that takes longer", function()
    local result, calls = run("call", "delay=0")
    assert.same({ true, "ok\n" }, result)
    assert.same({ 20, 0 }, { count(calls, "run start"), count(calls, "run wait") })
    result, calls = run("call", "delay=5")
    assert.same({ true, "ok\n" }, result)
    assert.same({ 20, 20 }, { count(calls, "run start"), count(calls, "run wait") })
    assert.equal(1, count(calls, "run open"))
  end)

  it("asks for it when its buffers are to go back", function()
    local result, calls = run("call_then_free", "delay=2")
    assert.same({ true, "ok\n" }, result)
    assert.equal(0, count(calls, "run wait"))
  end)

  for case, what in pairs { call_then_chain = "another run waits for it", call_then_close = "the card is closed" } do
    it("waits in XRT for such a run when nobody asks any more and " .. what, function()
      local result, calls = run(case, "delay=5")
      assert.same({ true, "ok\n" }, result)
      assert.equal(1, count(calls, "run wait"))
    end)
  end

  for name, options in pairs { ["on XRT's thread"] = "delay=1", ["at once"] = "delay=0",
                           ["before its start has returned"] = "now=1" } do
    it("starts what waits for another when that has ended, " .. name, function()
      assert.same({ true, "ok\n" }, (run("chain", options)))
    end)
  end

  for state, text in pairs {
    [5] = "an error", [6] = "aborted", [8] = "was stopped by the card", [9] = "does not respond", [10] = "an error",
  } do
    it(("tells how a run has ended: state %d"):format(state), function()
      local result = run("fails", "delay=2,state=" .. state)
      assert.matches(text, result[2], 1, true)
      assert.same({ true, "ok" }, { result[1], result[2]:match "\n(.*)\n" })
    end)
  end

  describe("that refuses", function()
    for what, case in pairs {
      ["a run"] = { "run=no", "can't be opened. XRT says: no room for another command." },
      ["an argument"] = { "argument=no", "does not take argument a. XRT says: Bad argument index." },
      ["a start"] = { "start=no", "can't be started. XRT says: bad command state, can't launch." },
    } do
      it(what .. " is quoted", function()
        assert.same({ true, "device Card xrt:0: a run of kernel vadd " .. case[2] .. "\nok\n" },
                    (run("refused", case[1])))
      end)
    end
  end)

  -- The first is under way when the process ends, and nobody has a handle of it.
  it("refuses a callback, which the second run needs, and is closed after the first has ended", function()
    local result, calls = run("refused_second", "callback=no,delay=20")
    assert.same({ true, "device Card xrt:0: a run of kernel vadd can't be opened. XRT gives no reason.\nok\n" }, result)
    assert.same({ "run wait", "bo free x3", "run close", "kernel close vadd:{vadd_1,vadd_2}", "device close" },
                table.move(calls, #calls - 4, #calls, 1, {}))
  end)

  describe("of an XRT without xrtRunSetArgV", function()
    it("gets buffers by handle, and scalars in the C type of the argument", function()
      local result, calls = run("types", "arguments=bifdl", { "-DBARE" })
      assert.same({ true, "ok\n" }, result)
      assert.same({ "arg 0 0000000000001000 (8 bytes)", "arg 1 00000007 (4 bytes)", "arg 2 3fc00000 (4 bytes)",
                    "arg 3 4004000000000000 (8 bytes)", "arg 4 1122334455667788 (8 bytes)", "run start" },
                  table.move(calls, 9, 14, 1, {}))
    end)

    it("gets no slices", function()
      assert.same({ true, "device Card xrt:0: a run of kernel vadd does not take argument c, a slice: this XRT has no "
                    .. "xrtRunSetArgV, and takes buffers from their start. XRT gives no reason.\nok\n" },
                  (run("refused", "arguments=bbbi", { "-DBARE" })))
    end)
  end)

  -- XRT crashes in its destructors unless runs, kernels, buffers and devices go in this order.
  it("is closed in order at the end of a process that has closed nothing", function()
    uv.os_setenv("ASAN_OPTIONS", "detect_leaks=0")
    local result, calls = run("left_open", "now=1")
    assert.same({ true, "ok\n" }, result)
    assert.same({ "run close x10000", "kernel close vadd:{vadd_1,vadd_2}", "bo free x1003", "device close" },
                table.move(calls, #calls - 3, #calls, 1, {}))
  end)

  it("is left as it is when a kernel does not end, and the process ends", function()
    uv.os_setenv("ASAN_OPTIONS", "detect_leaks=0")
    local result, calls = run("never_ends", "delay=-1")
    assert.same({ true, "lunq: warning: 1 run of kernel vadd on xrt:0 was under way when its design was closed, and "
                  .. "does not end: the buffers stay in use.\nok\nlunq: card xrt:0 still runs a kernel; it is left as "
                  .. "it is.\n" }, result)
    assert.equal("run wait", calls[#calls])
  end)
end)
