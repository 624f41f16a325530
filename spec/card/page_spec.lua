--- PYNQ's page "PYNQ on XRT Platforms" (seeds/004): each sentence of it that says what happens, on every card
-- there is. Where XRT's noop mode moves no data a spec says so: `if card.computes`.
local cards = dofile "spec/card/cards.lua"
local lunq = require "lunq"
local raised = dofile("spec/overlay/fixture.lua").raised

describe("PYNQ's page about cards,", function()
  setup(cards.warm_up)
  teardown(cards.clean)

  cards.each(function(card) describe("on " .. card.name .. ":", function()
    local device, ol, input1, input2, input3, output
    local N <const> = 1024

    before_each(function()
      if card.pending then return pending(card.pending) end
      device = card.open()
      ol = lunq.Overlay(cards.file "vadd", { device = device })
      input1 = lunq.allocate(N, "i4", { target = ol.bank0 })
      input2 = lunq.allocate(N, "i4", { target = ol.bank0 })
      input3 = lunq.allocate(N, "i4", { target = ol.bank0 })
      output = lunq.allocate(N, "i4", { target = ol.bank1 })
      for i = 1, N do input1[i], input2[i], input3[i] = i, 2 * i, 3 end
    end)
    after_each(function()
      for _, x in ipairs { input1, input2, input3, output, ol, device } do x:close() end
      device, ol, input1, input2, input3, output = nil, nil, nil, nil, nil, nil
    end)

    --- What the buffer has on a card that computes; noop leaves what was there.
    local function has(values, buffer)
      if card.computes then assert.same(values, buffer:totable()) end
    end

    local function list(f)
      local t = {}
      for i = 1, N do t[i] = f(i) end
      return t
    end

    describe("Programming the Device:", function()
      it("Overlay takes an xclbin and downloads it", function()
        assert.is_true(ol:is_loaded())
        assert.equal(1, device.loads)
        assert.match("vadd%.xclbin$", ol.bitfile_name)
      end)

      it("the overlay has a property for each IP and each memory, and a summary", function()
        for _, name in ipairs { "vadd_1", "vadd_2", "step_1" } do assert.equal(name, ol[name].fullpath) end
        for _, name in ipairs { "bank0", "bank1", "PLRAM0" } do assert.is_true(ol[name].bank) end
        assert.match("vadd_1 +: lunq.DefaultIP", ol.__doc)
        assert.match("bank1 +: Memory", ol.__doc)
        assert.equal(ol.__doc, ol.__doc__)
      end)
    end)

    describe("Allocating Memory:", function()
      it("target selects the bank; shape, dtype and device address are those of any buffer", function()
        local buf <close> = lunq.allocate({ 1024, 64 }, "u4", { target = ol.bank1 })
        assert.same({ "bank1", device, 1024 * 64 * 4 }, { buf.bank, buf.device, buf.nbytes })
        assert.equal("integer", math.type(buf.device_address))
      end)

      it("banks have the names of the shell", function()
        assert.same({ "PLRAM[0]", 0x3000000000 }, { ol.PLRAM0.name, ol.PLRAM0.base_address })
      end)

      it("buffers have to be synchronised; flush and invalidate are the same as on Zynq", function()
        assert.is_false(input1.coherent)
        for _, b in ipairs { input1, input2 } do assert.equal(b, b:sync_to_device()) end
        ol.vadd_1:call(input1, input2, output, N)
        has(list(function() return 0 end), output) -- not synchronised yet
        assert.equal(output, output:sync_from_device())
        has(list(function(i) return 3 * i end), output)
        input1:fill(0)
        input1:flush()
        ol.vadd_1:call(input1, input2, output, N)
        output:invalidate()
        has(list(function(i) return 2 * i end), output)
      end)

      it("a part is synchronised by slicing before", function()
        input2:sync_to_device()
        input1:slice(1, 2):sync_to_device()
        input1:reshape(32, 32)[2]:sync_to_device()
        ol.vadd_1:call(input1, input2, output, N)
        output:slice(2, 4):sync_from_device()
        output:slice(33, 34):sync_from_device()
        has(list(function(i)
          if i == 2 then return 6 elseif i == 3 or i == 4 then return 2 * i end
          return (i == 33 or i == 34) and 3 * i or 0
        end), output)
      end)
    end)

    describe("Running Accelerators:", function()
      it("registers are there as on Zynq", function()
        assert.equal(0x1800000, ol.vadd_1.phys_addr)
        assert.equal(0x10, ol.ip_dict.vadd_1.registers.a.address_offset)
        if card.computes then assert.equal(1, ol.vadd_1.register_map.CTRL.AP_IDLE) end -- noop has no registers
      end)

      it("call mirrors the function in the source, as signature shows it, and is synchronous", function()
        assert.equal("void vadd(const int *a, const int *b, int *c, int n)", ol.vadd_1.signature)
        input1:sync_to_device()
        input2:sync_to_device()
        ol.vadd_1:call(input1, input2, output, N)
        output:sync_from_device()
        has(list(function(i) return 3 * i end), output)
      end)

      it("start takes the same arguments and gives a handle with wait", function()
        local handle = ol.vadd_1:start(input1, input2, output, N)
        handle:wait()
        assert.is_true(handle:done())
      end)

      it("an accelerator may be started again before the first run was waited for", function()
        local h1, h2 = ol.step_1:start(output, N), ol.step_1:start(output, N)
        h1:wait()
        h2:wait()
        output:sync_from_device()
        has(list(function() return 2 end), output)
      end)
    end)

    describe("Freeing Designs:", function()
      it("memory is freed when buffers are deleted", function()
        local before = ol.bank0.num_buffers
        do
          local b = lunq.allocate(N, "u4", { target = ol.bank0 })
          assert.equal(before + 1, ol.bank0.num_buffers)
          b:close()
        end
        do local _ = lunq.allocate(N, "u4", { target = ol.bank0 }) end
        collectgarbage()
        assert.equal(before, ol.bank0.num_buffers)
      end)

      it("free frees the accelerators", function()
        local v = ol.vadd_1
        v:call(input1, input2, output, N)
        ol:free()
        assert.is_false(ol:is_loaded())
        assert.equal("runtime", raised(v.call, v, input1, input2, output, N)[1])
      end)

      it("a new Overlay frees the one that is loaded", function()
        for _, b in ipairs { input1, input2, input3, output } do b:close() end
        local other <close> = lunq.Overlay(cards.file "one", { device = device })
        assert.same({ true, false }, { other:is_loaded(), ol:is_loaded() })
      end)
    end)

    describe("Efficient Scheduling of Multiple Kernels:", function()
      it("waitfor makes a graph: the sum of three arrays", function()
        for _, b in ipairs { input1, input2, input3 } do b:sync_to_device() end
        local handle = ol.vadd_1:start(input1, input2, output, N)
        ol.vadd_1:call(input3, output, output, N, { waitfor = { handle } })
        output:sync_from_device()
        has(list(function(i) return 3 * i + 3 end), output)
        assert.equal("done", handle.state)
      end)

      it("a list of handles must have completed before", function()
        local h1, h2 = ol.step_1:start(output, N), ol.step_1:start(output, N)
        local h3 = ol.step_1:start { c = output, n = N, waitfor = { h1, h2 } }
        h3:wait()
        assert.same({ "done", "done" }, { h1.state, h2.state })
        output:sync_from_device()
        has(list(function() return 3 end), output)
      end)
    end)

    describe("Kernel Streams:", function()
      local chain
      before_each(function()
        for _, b in ipairs { input1, input2, input3, output } do b:close() end
        chain = lunq.Overlay(cards.file "chain", { device = device })
      end)
      after_each(function() chain:close() end)

      it("streams are in the memory dictionary, streaming, and in the docstring", function()
        assert.is_true(chain.mem_dict.dc_3.streaming)
        assert.is_false(chain.mem_dict.bank0.streaming)
        assert.match("Memories.*dc_3 +: Stream", chain.__doc)
      end)

      it("a stream describes its endpoints as {ip}.{port}", function()
        assert.equal("XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a)", tostring(chain.dc_3))
        assert.same({ "vadd_1.out_c", "vmult_1.in_a" }, { chain.dc_3.source, chain.dc_3.sink })
      end)

      it("source_ip and sink_ip are the drivers", function()
        assert.equal(chain.vadd_1, chain.dc_3.source_ip)
        assert.equal(chain.vmult_1, chain.dc_3.sink_ip)
      end)

      it("a stream is no target for allocate", function()
        assert.equal("type", raised(lunq.allocate, N, "u4", { target = chain.dc_3 })[1])
      end)

      it("the streams of an IP are the same objects", function()
        assert.same({ out_c = chain.dc_3 }, chain.vadd_1.streams)
        assert.equal(chain.dc_3, chain.vadd_1.streams.out_c)
      end)
    end)
  end) end)

  -- The program is told of the cards with --device or LUNQ_DEVICE.
  describe("Multiple Cards:", function()
    local uv = require "luv"
    local before, devices

    local function close_all()
      for _, d in ipairs(lunq.core.devices()) do d:close() end
    end
    before_each(function()
      close_all()
      before = os.getenv "LUNQ_DEVICE"
      uv.os_setenv("LUNQ_DEVICE", "sim:alveo*2")
      devices = lunq.Device.devices
    end)
    after_each(function()
      close_all()
      devices = nil
      if before then uv.os_setenv("LUNQ_DEVICE", before) else uv.os_unsetenv "LUNQ_DEVICE" end
    end)

    it("the cards are listed by name, the first is the active one, and another can be made it", function()
      local names = {}
      for i, d in ipairs(devices) do names[i] = d.name end
      assert.same(lunq.core.device_names "sim:alveo*2", names)
      assert.equal(2, #names)
      assert.equal(devices[1], lunq.Device.active_device)
      lunq.Device.active_device = devices[2]
      assert.equal(devices[2], lunq.Device.active_device)
      assert.same({ "type", "active_device should be a device (one of lunq.Device.devices), not number" },
                  raised(function() lunq.Device.active_device = 2 end))
      local ol <close> = lunq.Overlay(cards.file "vadd")
      assert.equal(devices[2], ol.device)
    end)

    it("an overlay takes its device; buffers of another card are refused, which PYNQ leaves to its users", function()
      local ol1 <close> = lunq.Overlay(cards.file "vadd", { device = devices[1] })
      local ol2 <close> = lunq.Overlay(cards.file "vadd", { device = devices[2] })
      assert.same({ true, true }, { ol1:is_loaded(), ol2:is_loaded() })
      local a <close> = lunq.allocate(16, "i4", { target = ol1.bank1 })
      local b <close> = lunq.allocate(16, "i4", { target = ol2.bank1 })
      ol1.step_1:call(a, 16)
      assert.same({ "value", ("Argument c of step: the buffer is on %s, the kernel on %s. A buffer can be passed to "
        .. "kernels of its own card only."):format(devices[1].name, devices[2].name) },
        raised(ol2.step_1.call, ol2.step_1, a, 16))
      local h = ol1.step_1:start(a, 16)
      local e = raised(ol2.step_1.start, ol2.step_1, b, 16, { waitfor = { h } })
      assert.equal("value", e[1])
      assert.match(devices[1].name, e[2], 1, true)
      h:wait()
    end)
  end)
end)
