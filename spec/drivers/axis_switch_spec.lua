-- AXI4-Stream switch 1.1: registers.md section 17. Three stream FIFOs: two send, all can receive.
describe("the stream switch", function()
  local support = dofile "spec/drivers/support.lua"
  local raises = support.raises
  local switch, device, fifos
  local CTRL <const>, MUX <const>, DISABLE <const> = 0, 0x40, 0x80000000

  local function start(parameters)
    local p = { C_ROUTING_MODE = 1, C_NUM_MI_SLOTS = 3, C_NUM_SI_SLOTS = 2 }
    for k, v in pairs(parameters or {}) do p[k] = v end
    local others = {}
    for i = 0, 2 do
      others["f" .. i] = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.2", address = 0x43c00000 + i * 0x10000,
        range = 0x10000, parameters = { C_TX_FIFO_DEPTH = 64, C_RX_FIFO_DEPTH = 64 },
        streams = i < 2 and { AXI_STR_TXD = ("ip/S%02d_AXIS"):format(i) } or nil }
    end
    local design = support.design("xilinx.com:ip:axis_switch:1.1", p,
      { streams = { M00_AXIS = "f0/AXI_STR_RXD", M01_AXIS = "f1/AXI_STR_RXD", M02_AXIS = "f2/AXI_STR_RXD" } },
      others)
    local class = p.C_ROUTING_MODE == 1 and "drivers.axis_switch" or require "lunq.ip"
    switch, device = support.driver(design, "ip", class)
    fifos = {}
    for i = 0, 2 do
      local d = design:dictionaries().ip_dict["f" .. i]
      d.device = device
      fifos[i] = require "drivers.axi_fifo_mm_s"(d)
    end
  end
  after_each(function()
    switch:free()
    for i = 0, 2 do fifos[i]:free() end
    device:close()
  end)

  local function got(i) return (fifos[i]:receive(0.001)) end
  local function nothing(i) raises("timeout", fifos[i].receive, fifos[i], 0.001) end

  describe("model", function()
    it("is off after reset: data waits", function()
      start()
      assert.equal(DISABLE, switch:read(MUX))
      fifos[0]:send "waits"
      for i = 0, 2 do nothing(i) end
      switch:route(1, 0)
      assert.equal("waits", got(1))
    end)

    it("routes by what was written only from REG_UPDATE on, which clears itself", function()
      start()
      switch:write(MUX + 8, 0)
      fifos[0]:send "x"
      nothing(2)
      assert.equal(0, switch:read(MUX + 8))
      switch:write(CTRL, 2)
      assert.equal(2, switch:read(CTRL))
      support.settle(device)
      assert.equal(0, switch:read(CTRL))
      assert.equal("x", got(2))
    end)

    it("gives a slave that two masters ask for to the lower one", function()
      start()
      switch:write(MUX, 0)
      switch:write(MUX + 4, 0)
      switch:write(MUX + 8, 1)
      switch:write(CTRL, 2)
      fifos[0]:send "a"
      fifos[1]:send "b"
      assert.equal("a", got(0))
      assert.equal("b", got(2))
      nothing(1)
    end)

    it("ignores slaves it does not have", function()
      start()
      switch:write(MUX, 9)
      switch:write(CTRL, 2)
      support.settle(device)
      fifos[0]:send "a"
      nothing(0)
    end)

    it("holds the sender back when the receiver is full, and loses nothing", function()
      start()
      switch:route(0, 1)
      for _ = 1, 4 do fifos[1]:send(("x"):rep(100), 0.001) end
      for _ = 1, 4 do assert.equal(("x"):rep(100), got(0)) end
    end)

    it("merges several slaves into one master without registers, packet by packet", function()
      start { C_ROUTING_MODE = 0, C_NUM_MI_SLOTS = 1 }
      fifos[0]:send "first"
      fifos[1]:send "second"
      local a, b = got(0), got(0)
      assert.is_true(a == "first" and b == "second" or a == "second" and b == "first")
    end)
  end)

  describe("that routes by TDEST", function()
    local bench = require "lunq.bench"

    it("leads packets to the master that has it, a packet at a time, and drops what none has", function()
      start { C_ROUTING_MODE = 0, C_NUM_MI_SLOTS = 3, M02_AXIS_BASETDEST = "0x00000010",
              M02_AXIS_HIGHTDEST = "0x0000001F" }
      local sources, sinks = {}, {}
      for i = 0, 1 do sources[i] = bench.source(("ip/S%02d_AXIS"):format(i), { device = device }) end
      for i = 0, 2 do sinks[i] = bench.sink(("ip/M%02d_AXIS"):format(i), { device = device }) end
      sources[0]:send { 1, dest = 1 }:send { 2, dest = 0x1f, id = 3, user = 1 }:send { 3, dest = 0 }
      sources[1]:send { 4, dest = 0x10 }
      assert.same({ 1, dest = 1 }, sinks[1]:receive())
      assert.same({ 3 }, sinks[0]:receive())
      local a, b = sinks[2]:receive(), sinks[2]:receive()
      if a[1] == 4 then a, b = b, a end
      assert.same({ { 2, dest = 0x1f, id = 3, user = 1 }, { 4, dest = 0x10 } }, { a, b })
      local said = require "lunq.warnings".capture(function() sources[0]:send({ 9, dest = 7 }):wait() end)
      assert.equal("ip drops data for TDEST 7, which none of its masters has.", said[1].text)
      for _, list in ipairs { sources, sinks } do
        for _, x in pairs(list) do x:close() end
      end
    end)
  end)

  describe("driver", function()
    it("sets all routes at once", function()
      start()
      switch:set { [0] = 1, [2] = 0 }
      assert.same({ [0] = 1, [2] = 0 }, switch:routes())
      fifos[0]:send "zero"
      fifos[1]:send "one"
      assert.equal("one", got(0))
      assert.equal("zero", got(2))
      assert.equal("StreamSwitch ip: S01 -> M00, M01 off, S00 -> M02", tostring(switch))
    end)

    it("a new route takes the slave from the master that had it", function()
      start()
      switch:default()
      assert.same({ [0] = 0, [1] = 1 }, switch:routes())
      switch:route(2, 0)
      assert.same({ [1] = 1, [2] = 0 }, switch:routes())
      switch:disable(1)
      assert.same({ [2] = 0 }, switch:routes())
      switch:disable()
      assert.same({}, switch:routes())
    end)

    it("refuses ports it does not have, and a slave used twice, and changes nothing", function()
      start()
      switch:default()
      assert.equal("ip: its masters are 0 to 2, not 3", raises("value", switch.route, switch, 3, 0))
      assert.equal("ip: its slaves are 0 to 1, not 2", raises("value", switch.route, switch, 0, 2))
      assert.equal("ip: slave 0 can feed one master, not both 0 and 2",
                   raises("value", switch.set, switch, { [0] = 0, [2] = 0 }))
      raises("value", switch.set, switch, { x = 1 })
      raises("value", switch.disable, switch, -1)
      raises("type", switch.set, switch, 1)
      assert.same({ [0] = 0, [1] = 1 }, switch:routes())
    end)

    it("a commit that does not end is a time-out", function()
      start()
      device:inject { ip = "ip", fault = "no_done" }
      assert.matches("^Timeout: ip: the new routes did not take effect within 1 s %(CTRL 0x00000002%)",
                     raises("timeout", switch.route, switch, 0, 0))
    end)

    it("is not for switches that route by TDEST", function()
      start()
      local d = {}
      for k, v in pairs(switch.description) do d[k] = v end
      d.parameters = { C_ROUTING_MODE = 0 }
      assert.equal("ip routes by TDEST (C_ROUTING_MODE is not 1): there is nothing to set.",
                   raises("unsupported", require "drivers.axis_switch", d))
    end)
  end)
end)
