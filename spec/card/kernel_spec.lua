--- Kernels of a card called like functions (lunq.kernel): PYNQ's call, start, signature and waitfor, on every
-- card there is.
local cards = dofile "spec/card/cards.lua"
local lunq = require "lunq"
local raised = dofile("spec/overlay/fixture.lua").raised

describe("a kernel of a card", function()
  setup(cards.warm_up)
  teardown(cards.clean)

  local SIGNATURE <const> = "void vadd(const int *a, const int *b, int *c, int n)"

  it("has the signature of the function in C, loaded or not", function()
    local ol <close> = lunq.Overlay(cards.designs.vadd, { download = false })
    local a = require "lunq.kernel.arguments"(ol.design, "vadd_1")
    assert.equal(SIGNATURE, a:signature())
    assert.same({ name = "a", index = 1, type = "const int *", mem = "bank0" }, a:args().a)
    assert.same({ name = "n", index = 4, type = "int" }, a:args().n)
  end)

  cards.each(function(card)
    describe("on " .. card.name, function()
      local device, ol, v, a, b, c

      local function buffer(bank) return lunq.allocate(1024, "i4", { target = bank }) end

      before_each(function()
        if card.pending then return pending(card.pending) end
        device = card.open()
        ol = lunq.Overlay(cards.file "vadd", { device = device })
        v, a, b, c = ol.vadd_1, buffer(ol.bank0), buffer(ol.bank0), buffer(ol.bank1)
      end)
      after_each(function()
        for _, x in ipairs { a, b, c, ol, device } do x:close() end
        v, a, b, c, ol, device = nil, nil, nil, nil, nil, nil
      end)

      it("is called by position and by name", function()
        assert.equal(SIGNATURE, v.signature)
        assert.equal(3, v.args.c.index)
        v:call(a, b, c, 16)
        v:call { n = 16, c = c, b = b, a = a }
        assert.equal(0, select("#", v:call(a, b, c, 16)))
      end)

      it("is started, and the run says how it is", function()
        local h = v:start(a, b, c, 16)
        assert.is_true(h.state == "running" or h.state == "done")
        h:wait()
        h:wait(0) -- may be repeated
        assert.same({ true, true, "done", "vadd_1" }, { h:done(), h:poll(), h.state, h.unit })
        assert.equal("Run of vadd_1 (done)", tostring(h))
        assert.same({ "attribute", 'a run has no "sate": wait, done, poll, cancel, state, unit' },
                    raised(function() return h.sate end))
        h:cancel() -- it has ended
      end)

      it("takes slices and rows of buffers", function()
        v:call(a:slice(5, 8), a:slice(9, 12), c:reshape(32, 32)[2], 4)
        local e = raised(v.call, v, a:slice(1, -1, 2), b, c, 4)
        assert.equal("value", e[1])
        assert.match("^vadd_1: argument a: Buffer is a view with gaps", e[2])
      end)

      it("refuses wrong arguments by name, with the prototype", function()
        local none <close> = lunq.allocate(1024, "i4", { target = ol.bank0 })
        none:close()
        local pack = table.pack
        local cases = {
          { "type", "vadd_1: argument n is missing: " .. SIGNATURE, pack(a, b, c) },
          { "type", "vadd_1 takes 4 arguments, not 5: " .. SIGNATURE, pack(a, b, c, 16, 17) },
          { "type", "vadd_1: argument c is missing: " .. SIGNATURE, pack(a, b, { waitfor = {} }) },
          { "type", "vadd_1: argument a is missing: " .. SIGNATURE, pack() },
          { "type", "vadd_1: argument b is missing: " .. SIGNATURE, pack(setmetatable({}, { __index = error })) },
          { "type", "vadd_1: argument b is missing: " .. SIGNATURE, pack { a = a, n = 1 } },
          { "attribute", 'vadd_1 has no argument m; did you mean "a"?', pack { a = a, b = b, c = c, n = 1, m = 2 } },
          { "type", "vadd_1: argument a takes a buffer (lunq.allocate) as its int *, not an address",
            pack(4096, b, c, 1) },
          { "type", "vadd_1: argument b takes a buffer (lunq.allocate) as its int *, not string", pack(a, "b", c, 1) },
          { "type", "vadd_1: argument b takes a buffer (lunq.allocate) as its int *, not nothing", pack(a, nil, c, 1) },
          { "type", "vadd_1: argument n is a number, not an address: " .. SIGNATURE, pack(a, b, c, a) },
          { "type", "vadd_1: argument n should be a whole number, not 1.5", pack(a, b, c, 1.5) },
          { "type", "vadd_1: argument n is missing: " .. SIGNATURE, pack(a, b, c, nil) },
          { "value", "vadd_1: argument n 2147483648 is no int: -2147483648 to 2147483647", pack(a, b, c, 1 << 31) },
          { "runtime", "vadd_1: argument a: Buffer was freed.", pack(none, b, c, 1) },
          { "value", ("Argument a of vadd: the buffer is in bank bank1 of %s, where the kernel can't reach it: the "
            .. "argument is connected to bank0. Allocate the buffer there."):format(device.name), pack(c, b, c, 1) },
          { "value", ("Argument a of vadd: the buffer is memory of the host alone. Allocate it on the card, %s.")
            :format(device.name), pack(lunq.array(4), b, c, 1) },
          { "value", "vadd_1 takes the options waitfor and timeout behind its arguments, not waitfr: " .. SIGNATURE,
            pack(a, b, c, 1, { waitfr = {} }) },
          { "type", "vadd_1: a table has the arguments by name, { a = ..., ... }; without names they need no table: "
            .. SIGNATURE, pack { a, b, c, 16 } },
          { "type", "vadd_1: a table has the arguments by name, { a = ..., ... }; without names they need no table: "
            .. SIGNATURE, pack { a = a, b = b, c = c, 16 } },
          { "value", "timeout should be a number of seconds, at least 0", pack(a, b, c, 1, { timeout = -1 }) },
        }
        for _, case in ipairs(cases) do
          assert.same({ case[1], case[2] }, raised(v.call, v, table.unpack(case[3], 1, case[3].n)))
        end
        assert.same({ "type", "call and start are methods of an IP: ip:call(...), with a colon" },
                    raised(v.call, a, b, c, 1))
      end)

      it("waits for other runs before it is started", function()
        local h1 = v:start(a, b, c, 16)
        local h2 = ol.vadd_2:start(a, b, c, 16)
        local h3 = ol.step_1:start(c, 16, { waitfor = { h1, h2 } })
        local h4 = ol.step_1:start { c = c, n = 16, waitfor = { h3, false, h1 } }
        h4:wait()
        assert.same({ "done", "done", "done", "done" }, { h1.state, h2.state, h3.state, h4.state })
        ol.step_1:call(c, 16, { waitfor = h4 }) -- one needs no list, and may have ended
        ol.step_1:call(c, 16, { waitfor = {} })
        ol.step_1:call(c, 16, nil) -- as in: h and { waitfor = h } or nil
        ol.step_1:call(c, 16, { waitfor = false, timeout = 5 })
      end)

      it("takes any number of runs to wait for", function()
        local list = {}
        for i = 1, 100 do list[i] = ol.step_1:start(c, 16) end
        ol.step_1:start(c, 16, { waitfor = list }):wait()
        for i = 1, 100 do assert.equal("done", list[i].state) end
      end)

      it("refuses what is no run to wait for", function()
        local e = { "type", "waitfor takes runs, as start gives them, not number" }
        assert.same(e, raised(v.start, v, a, b, c, 1, { waitfor = { 1 } }))
        assert.same(e, raised(v.start, v, a, b, c, 1, { waitfor = 5 }))
        local h = v:start(a, b, c, 16)
        e = { "type", "vadd_1: runs to wait for go into { waitfor = { run } } behind the arguments: " .. SIGNATURE }
        assert.same(e, raised(v.start, v, a, b, c, 1, h))
        assert.same(e, raised(v.start, v, a, b, c, 1, { h }))
        h:wait()
      end)

      -- PYNQ documents that it does not check this.
      if card.other then it("refuses buffers and runs of another card", function()
        local other <close> = card.other()
        local there <close> = lunq.Overlay(cards.file "vadd", { device = other })
        local x <close> = lunq.allocate(16, "i4", { target = there.bank1 })
        local e = raised(v.call, v, a, b, x, 16)
        assert.same({ "value", ("Argument c of vadd: the buffer is on %s, the kernel on %s. A buffer can be passed to "
          .. "kernels of its own card only."):format(other.name, device.name) }, e)
        local h = there.step_1:start(x, 16)
        e = raised(v.start, v, a, b, c, 16, { waitfor = { h } })
        assert.equal("value", e[1])
        assert.match(other.name, e[2], 1, true)
        h:wait()
      end) end

      it("refuses buffers of another device", function()
        local sim <close> = lunq.Device.open "sim"
        local x <close> = lunq.allocate(16, "i4", { device = sim })
        assert.same({ "value", ("Argument c of vadd: the buffer is on sim, the kernel on %s. A buffer can be passed to "
          .. "kernels of its own card only."):format(device.name) }, raised(v.call, v, a, b, x, 16))
      end)

      it("is one of several units; the kernel takes the one that is free", function()
        local k = ol.kernels.vadd
        assert.same({ "vadd", { "vadd_1", "vadd_2" }, 2, device }, { k.name, k.units, #k, k.device })
        assert.equal(("Kernel vadd of %s: vadd_1, vadd_2"):format(device.name), tostring(k))
        assert.equal("always: always_1\nbroken: broken_1\nown: own_1\nslow: slow_1\nstep: step_1\nvadd: vadd_1, vadd_2",
                     tostring(ol.kernels))
        assert.equal(SIGNATURE, k.signature)
        assert.equal(k, ol.kernels.vadd)
        local runs = {}
        for i = 1, 8 do runs[i] = k:start(a, b, c, 16) end
        for _, h in ipairs(runs) do h:wait() end
        k:call(a, b, c, 16)
        assert.same({ "type", "vadd: argument n is missing: " .. SIGNATURE }, raised(k.call, k, a, b, c))
        assert.same({ "attribute", 'The design has no kernel vad; did you mean "vadd"?' },
                    raised(function() return ol.kernels.vad end))
        assert.same({ "attribute", 'a kernel has no "unit": call, start, close, name, units, device, signature, args' },
                    raised(function() return k.unit end))
      end)

      -- ap_ctrl_none and user_managed: xrt.md 2.
      it("that can't be started says so", function()
        assert.equal("void always(int threshold)", ol.always_1.signature)
        local e = raised(function() ol.always_1:call(1) end)
        assert.same({ "unsupported", "always_1 (always) can't be started: it always runs (ap_ctrl_none). Its registers "
          .. "can be read and written." }, e)
        e = raised(function() ol.own_1:start(1) end)
        assert.same({ "unsupported", "own_1 (own) can't be started: it is managed by its user (user_managed). Its "
          .. "registers can be read and written." }, e)
      end)

      it("runs in tasks", function()
        local seen = {}
        lunq.run(function()
          lunq.gather(function() v:call(a, b, c, 16) seen[#seen + 1] = 1 end,
                      function() ol.vadd_2:start(a, b, c, 16):wait() seen[#seen + 1] = 2 end)
          local h = v:start(a, b, c, 16)
          assert.equal(1, (lunq.race(function() h:wait() end)))
        end)
        table.sort(seen)
        assert.same({ 1, 2 }, seen)
      end)

      it("is waited for by gather and race as it is", function()
        lunq.gather(v:start(a, b, c, 16), ol.vadd_2:start(a, b, c, 16))
        lunq.gather { v:start(a, b, c, 16), function() ol.step_1:call(c, 16) end }
        local h = ol.step_1:start(c, 16)
        assert.equal(1, (lunq.race { h, function() lunq.sleep(1) end }))
        assert.equal("done", h.state)
      end)

      -- The limits of the waits for tasks count in the time of the active device, which is another one here: it
      -- jumped to them in its first step, before the card's run could end.
      it("may be waited for by several tasks, and goes on when one of them is cancelled", function()
        local sim = lunq.Device.active_device
        assert.is_true(sim ~= device)
        local h, woken = ol.slow_1:start(c), 0
        local function wait()
          h:wait()
          woken = woken + 1
        end
        local one, two, three = lunq.spawn(wait), lunq.spawn(wait), lunq.spawn(wait)
        two:cancel()
        one:wait()
        three:wait()
        assert.same({ 2, "done" }, { woken, h.state })
        if card.computes then assert.is_true(sim:now() < 1000000000) end
      end)

      if card.computes then it("that is not done in time goes on, and says what it waits for", function()
        local h1 = ol.slow_1:start(c)
        local h2 = ol.step_1:start(c, 16, { waitfor = h1 })
        local e = raised(h1.wait, h1, 1e-5)
        assert.equal("timeout", e[1])
        assert.match("^slow_1 is not done after 1e%-05 s: sim:alveo has it, in the queue of a compute unit or on it. "
          .. "It goes on%. A kernel waits as long as", e[2])
        assert.same({ "timeout", "step_1 is not done after 1e-05 s: it was not started, for runs before it (waitfor) "
          .. "are not done." }, raised(h2.wait, h2, 1e-5))
        assert.same({ "running", "waiting" }, { h1.state, h2.state })
        assert.equal("timeout", raised(ol.slow_1.call, ol.slow_1, c, { timeout = 1e-6 })[1])
        h2:wait()
        assert.equal("done", h1.state)
        h1 = ol.slow_1:start(c)
        lunq.run(function()
          assert.equal("timeout", raised(h1.wait, h1, 1e-6)[1])
          h1:wait()
        end)
        h1 = ol.slow_1:start(c)
        local h3 = ol.step_1:start(c, 16, { waitfor = h1 })
        h3:cancel()
        assert.same({ true, "cancelled" }, { h3:done(), h3.state })
        assert.equal("runtime", raised(h3.wait, h3)[1])
        h1:wait()
      end) end

      if card.computes then it("that fails takes with it what waits for it, with the reason", function()
        local h1 = ol.broken_1:start(c)
        local h2 = ol.step_1:start(c, 16, { waitfor = { h1 } })
        local e = raised(h1.wait, h1)
        assert.equal("runtime", e[1])
        assert.match("it is broken", e[2], 1, true)
        assert.equal("error", h1.state)
        assert.equal("Run of broken_1 (error)", tostring(h1))
        e = raised(h2.wait, h2)
        assert.equal("runtime", e[1])
        assert.match("broken", e[2], 1, true)
        assert.equal("cancelled", h2.state)
        assert.equal("runtime", raised(ol.step_1.start, ol.step_1, c, 16, { waitfor = { h1 } })[1])
        assert.equal("runtime", raised(ol.broken_1.call, ol.broken_1, c)[1])
        ol.step_1:call(c, 16) -- the card is as before
      end) end

      it("is of no use when its overlay is freed or another one loaded", function()
        local k, h, unused = ol.kernels.vadd, v:start(a, b, c, 16), ol.vadd_2
        ol:free()
        h:wait() -- what was under way goes on
        assert.same({ "runtime", "Kernel is closed: its overlay was freed. Load it again." },
                    raised(v.call, v, a, b, c, 16))
        -- Was opened by its first call, free or not: it ran on a design that nobody had any more.
        assert.same({ "runtime", "Kernel is closed: its overlay was freed. Load it again." },
                    raised(function() unused:call(a, b, c, 16) end))
        assert.same({ "runtime", "Kernel is closed: its overlay was freed. Load it again." },
                    raised(k.call, k, a, b, c, 16))
        assert.equal("Kernel (closed)", tostring(k))
        assert.is_true(k.closed)
        assert.equal("runtime", raised(function() return ol.vadd_1 end)[1])
        ol:download()
        ol.vadd_1:call(a, b, c, 16)
      end)
    end)
  end)
end)
