--- Overlays of cards: what an xclbin shows, memory banks, streams, loading and freeing, several cards.
local cards = dofile "spec/card/cards.lua"
local complete = require "lunq.repl.complete"
local lunq = require "lunq"
local raised = dofile("spec/overlay/fixture.lua").raised

describe("an overlay of a card", function()
  setup(cards.warm_up)
  teardown(cards.clean)

  cards.each(function(card) describe("on " .. card.name, function()
    local device, ol

    before_each(function()
      if card.pending then return pending(card.pending) end
      device = card.open()
      ol = lunq.Overlay(cards.file "chain", { device = device })
    end)
    after_each(function()
      ol:close()
      device:close()
      ol, device = nil, nil
    end)

    it("shows kernels as functions, memories and streams", function()
      assert.equal(([[
Overlay chain.xclbin (xilinx_u200_xdma_201830_2) on %s, loaded
  HBM[3]                     0x300000000  256M  memory for buffers  HBM
  bank0                      0x4000000000   16G  memory for buffers  DDR4
  dc_3                       stream vadd_1.out_c -> vmult_1.in_a
  vadd_1                     0x01800000   64K  lunq.DefaultIP  void vadd(const int *a, const int *b, int n)
  vmult_1                    0x01810000   64K  lunq.DefaultIP  void vmult(const int *b, int *c, int n)]])
        :format(device.name), tostring(ol))
    end)

    it("says where a kernel is that is taken for a unit", function()
      assert.same({ "attribute", "Could not find IP or hierarchy vadd in overlay; it is a kernel: .kernels.vadd, or a "
                    .. "compute unit of it as vadd_1" }, raised(function() return ol.vadd end))
    end)

    -- pynq-behaviour.md B11: the text PYNQ's `?` shows.
    it("has PYNQ's documentation, with streams among the memories", function()
      local text = ol.__doc
      assert.match("IP Blocks\n    %-+\n    vadd_1               : lunq.DefaultIP\n    vmult_1 ", text)
      assert.match("Memories\n    %-+\n    HBM3                 : Memory\n    bank0                : Memory\n"
        .. "    dc_3                 : Stream\n", text)
      assert.is_nil(text:find "bank7")
      assert.equal(text:gsub("overlay %S+%. The", "overlay X. The"),
                   lunq.help.text(ol):gsub("overlay %S+%. The", "overlay X. The"))
    end)

    it("has the dictionaries of the xclbin", function()
      assert.same({ "vadd:vadd_1", "ap_ctrl_hs", 64 * 1024 },
                  { ol.ip_dict.vadd_1.cu_name, ol.ip_dict.vadd_1.hw_control_protocol, ol.ip_dict.vadd_1.addr_range })
      assert.same({ true, "vadd_1.out_c" }, { ol.mem_dict.dc_3.streaming, ol.mem_dict.dc_3.source })
      assert.same({ 0, "bank7" }, { ol.mem_dict.bank7.used, ol.mem_dict.bank7.tag })
      assert.equal("KERNEL", ol.clock_dict.clock1.type)
    end)

    -- pynq-behaviour.md B17, B18.
    it("has its memory banks as objects", function()
      local bank = ol.HBM3
      assert.same({ "HBM[3]", 0x300000000, 256 << 20, "HBM", device, true },
                  { bank.name, bank.base_address, bank.size, bank.type, bank.device, bank.bank })
      assert.equal(bank, ol:memory "HBM[3]")
      assert.is_true(bank ~= ol.bank0)
      assert.same({ 0, 0 }, { bank.mem_used, bank.num_buffers })
      local a <close> = bank:allocate(1024, "f4")
      local b <close> = lunq.allocate({ 32, 32 }, "u4", { target = bank })
      local c <close> = lunq.allocate(1024, "u4", { target = "HBM3", device = device })
      local d <close> = lunq.allocate(1024, "u4", { target = "HBM[3]", device = device })
      for _, x in ipairs { a, b, c, d } do assert.same({ "HBM[3]", device }, { x.bank, x.device }) end
      assert.same({ 16384, 4, 0 }, { bank.mem_used, bank.num_buffers, ol.bank0.num_buffers })
      assert.equal(b.device_address + 128, b[2].device_address)
      assert.same({ "index", "attribute" }, {
        raised(lunq.allocate, 4, "u4", { target = "HBM4", device = device })[1],
        raised(function() return ol.bank7 end)[1], -- nothing is connected to it
      })
      local options = "the options of allocate should be a table, not "
      assert.same({ "type", options .. "number" }, raised(bank.allocate, bank, 4, "i4", 5))
      assert.same({ "type", options .. "an object: { target = ol.bank1 } says where the buffer goes" },
                  raised(lunq.allocate, 4, "i4", bank))
      for _, x in ipairs { ol.vadd_1, ol } do -- whose fields are not asked: they would raise
        assert.same({ "type", "target should be a device or a memory (name, index, or an object with name or idx), not "
          .. "table" }, raised(lunq.allocate, 4, "i4", { target = x }))
      end
      assert.same({ "unsupported", "Memory bank0 is where buffers come from: allocate buffers in it (lunq.allocate "
        .. "with target), and read and write those." }, raised(ol.bank0.read, ol.bank0, 0))
    end)

    it("has a default bank only where one alone is in use", function()
      assert.same({ "runtime", ("Multiple memories active in design: specify the memory using the `target` parameters "
        .. "(kernels on %s use bank0, HBM[3])."):format(device.name) }, raised(lunq.allocate, 4, "u4",
        { device = device }))
      ol:free()
      local one <close> = lunq.Overlay(cards.file "one", { device = device })
      local b <close> = lunq.allocate(1024, "u4", { device = device })
      assert.same({ "bank1", 1 }, { b.bank, one.bank1.num_buffers })
      b:close()
      local none <close> = lunq.Overlay(cards.file "none", { device = device })
      assert.is_false(one:is_loaded())
      assert.is_true(none:is_loaded())
      assert.same({ "runtime", ("No active memories in design (on %s): no kernel is connected to any of them.")
        :format(device.name) }, raised(lunq.allocate, 4, "u4", { device = device }))
    end)

    it("has its streams as objects, by either way the same", function()
      local s = ol.dc_3
      assert.equal("XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a)", tostring(s))
      assert.same({ "vadd_1.out_c", "vmult_1.in_a" }, { s.source, s.sink })
      assert.equal(ol.vadd_1, s.source_ip)
      assert.equal(ol.vmult_1, s.sink_ip)
      assert.equal(s, ol.vadd_1.streams.out_c)
      assert.equal(s, ol.vmult_1.streams.in_a)
      assert.same({ out_c = s }, ol.vadd_1.streams)
      assert.same({ "attribute", 'lunq.XrtStream has no "sorce"; did you mean "source"?' },
                  raised(function() return s.sorce end))
      assert.same({ "type", "dc_3 is a stream from kernel to kernel, no memory: a buffer needs a memory bank as its "
        .. "target." }, raised(lunq.allocate, 4, "u4", { target = s }))
      assert.equal("type", raised(lunq.allocate, 4, "u4", { target = "dc_3", device = device })[1])
    end)

    it("is freed when another one is loaded, and by free", function()
      local v, call = ol.vadd_1, ol.vadd_1.call
      local again <close> = lunq.Overlay(cards.file "one", { device = device })
      assert.same({ false, true }, { ol:is_loaded(), again:is_loaded() })
      local e = raised(function() return ol.vadd_1 end)
      assert.same({ "runtime", ("Overlay not currently loaded (another design was loaded on %s since; call :download() "
        .. "or make a new Overlay)"):format(device.name) }, e)
      assert.same({ "runtime", ("Kernel vadd was closed when another design was loaded on %s: take it from the overlay "
        .. "that is loaded now."):format(device.name) }, raised(call, v))
      again:free()
      assert.same({ "runtime", "Overlay not currently loaded (it was freed; call :download() to use it again)" },
                  raised(function() return again.copy_1 end))
      ol:download()
      assert.equal("vadd_1", ol.vadd_1.fullpath)
    end)

    -- XRT requires that device memory is freed before the card is programmed again.
    it("is not replaced while buffers are on the card; those nobody has are no hindrance", function()
      do local _ = lunq.allocate(1024, "u4", { target = ol.bank0 }) end
      local b <close> = lunq.allocate(1024, "u4", { target = ol.bank0 })
      local e = raised(lunq.Overlay, cards.file "one", { device = device })
      assert.same({ "runtime", ("Programming Device failed: 1 buffer of 4096 bytes is allocated on card %s, in the "
        .. "memories of the design it has: free them before another is loaded."):format(device.name) }, e)
      assert.is_true(ol:is_loaded())
      b:close()
      local one <close> = lunq.Overlay(cards.file "one", { device = device })
      assert.is_true(one:is_loaded())
    end)

    it("may be a table: a card under XRT gets an xclbin made of it", function()
      local one <close> = lunq.Overlay(cards.designs.one, { device = device })
      assert.is_true(one:is_loaded())
      local a <close> = lunq.allocate(1024, "i4", { device = device })
      if not card.computes then one.copy_1:call(a, a) end -- there is no model of it
      assert.equal("void copy(const int *a, int *b)", one.copy_1.signature)
      local sim <close> = lunq.Device.open "sim"
      local e = raised(lunq.Overlay, "overlays/vadd_card/vadd_card.lua", { device = sim })
      assert.equal("value", e[1])
      assert.match("/vadd_card.lua is a design for a card; sim is a board. A simulated card is ", e[2], 1, true)
    end)

    it("can be looked at without being loaded", function()
      local shown <close> = lunq.Overlay(cards.file "one", { device = device, download = false })
      assert.is_false(shown:is_loaded())
      assert.is_true(ol:is_loaded())
      assert.match("void copy%(const int %*a, int %*b%)", tostring(shown))
      local same <close> = lunq.Overlay(cards.file "chain", { device = device, download = false })
      assert.is_true(same:is_loaded()) -- the card has this very design
    end)

    it("is completed at the prompt: kernels, arguments, banks, streams", function()
      local function names(word)
        local list = {}
        for i, w in ipairs(complete.words(word, { ol = ol })) do list[i] = w:sub(#word:match "^.*[.:]" + 1) end
        return table.concat(list, " ")
      end
      assert.equal("HBM3", names "ol.H")
      assert.equal("kernels", names "ol.k")
      assert.equal("vadd_1", names "ol.va")
      assert.equal("vadd vmult", names "ol.kernels.")
      assert.equal("args call close closed device name signature start units", names "ol.kernels.vadd.")
      assert.equal("a b n", names "ol.vadd_1.args.")
      assert.equal("out_c", names "ol.vadd_1.streams.")
      assert.equal("sends_with signature start streams", names "ol.vadd_1.s")
      assert.equal("", names "ol.vadd_1.au") -- auto_restart is for HLS cores a processor drives
      assert.equal("mem_used", names "ol.bank0.me")
      assert.equal("sink sink_ip source source_ip", names "ol.dc_3.s")
    end)

    it("is explained by help", function()
      local function begins(text, x) assert.equal(text, lunq.help.text(x):sub(1, #text)) end
      begins("lunq.DefaultIP vadd_1 (xilinx.com:hls:vadd:1.0) 0x1800000+0x10000\n  void vadd(const int *a, const int "
        .. "*b, int n)\n\nKernels of a card, called like functions", ol.vadd_1)
      begins("k:call(...): starts it and waits until it is done.", ol.vadd_1.call)
      begins("k:start(...): starts it and does not wait.", ol.vadd_1.start)
      begins("vadd: vadd_1\n\nol.kernels: the kernels of a card's design", ol.kernels)
      begins("lunq.Kernel: one or several compute units of a kernel of a card", ol.kernels.vadd)
      begins("XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a)\n\nXrtStream: a stream", ol.dc_3)
      begins("lunq.Memory bank0 0x4000000000+0x400000000\n\nMemory of a design", ol.bank0)
    end)
  end) end)
end)
