-- registers.md section 17: what keeps a region apart while it is reconfigured.
describe("DFX", function()
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local device, ip
  after_each(support.close)

  for _, name in ipairs { "dfx_decoupler", "pr_decoupler" } do
    describe(name, function()
      before_each(function()
        local _
        _, ip, device = support.open("d", "xilinx.com:ip:" .. name .. ":1.0")
      end)

      it("decouples and couples, each when the state has arrived", function()
        assert.is_false(ip:is_decoupled())
        ip.mmio:write(0, 1)
        assert.equal(0, ip.mmio:read(0)) -- it takes a while
        ip.mmio:write(0, 0)
        assert.equal(ip, ip:decouple())
        assert.is_true(ip:is_decoupled())
        assert.equal(ip, ip:couple())
        assert.is_false(ip:is_decoupled())
      end)

      it("couples again when the work in between fails", function()
        assert.equal(7, ip:decoupled(function(d)
          assert.is_true(d:is_decoupled())
          return 7
        end))
        assert.same({ "type", "decoupled takes a function, not nil" }, raised(ip.decoupled, ip))
        assert.equal("attribute", raised(ip.decoupled, ip, function(d) return d.nothing end)[1])
        assert.is_false(ip:is_decoupled())
      end)

      it("couples again when the task is cancelled in between", function()
        local lunq = require "lunq"
        local active <const> = lunq.core.active_device()
        lunq.core.active_device(device)
        local task = lunq.spawn(function() ip:decoupled(function() lunq.sleep(1) end) end)
        lunq.sleep(0.001)
        assert.is_true(ip:is_decoupled())
        task:cancel()
        lunq.sleep(0.001)
        assert.is_false(ip:is_decoupled())
        lunq.core.active_device(active)
      end)

      it("is decoupled by its pin too, and says so when it can't couple", function()
        device:wire("d/decouple", 1)
        device:advance(1000)
        assert.is_true(ip:is_decoupled())
        assert.equal(1, device:wire "d/decouple_status")
        assert.matches("still decoupled after 0.001 s: .* does nobody drive its decouple pin%?$",
                       raised(ip.couple, ip, 0.001)[2])
        device:wire("d/decouple", 0)
        ip:couple()
      end)

      it("says that the state does not change", function()
        device:inject { ip = "d", fault = "stall" }
        assert.same({ "timeout", "d: still coupled after 0.01 s: does its clock run, and does nobody drive its "
                      .. "decouple pin?" }, raised(ip.decouple, ip, 0.01))
        local before = device:now()
        assert.equal("timeout", raised(ip.decouple, ip)[1])
        assert.is_true(device:now() - before < 10.1e9)
        device:clear_faults()
        ip:decouple()
        device:inject { ip = "d", fault = "slave_error", offset = 0 }
        assert.equal("io", raised(ip.couple, ip)[1])
      end)
    end)
  end

  for _, name in ipairs { "dfx_axi_shutdown_manager", "pr_axi_shutdown_manager" } do
    describe(name, function()
      before_each(function()
        local _
        _, ip, device = support.open("s", "xilinx.com:ip:" .. name .. ":1.0")
      end)

      it("is shut down when it reads 0xF", function()
        ip.mmio:write(0, 1)
        assert.is_false(ip:is_shutdown())
        device:advance(1000)
        assert.equal(0xf, ip.mmio:read(0))
        assert.equal(ip, ip:release())
        assert.equal(0, ip.mmio:read(0))
        ip:shutdown()
        ip:shutdown()
        assert.is_true(ip:is_shutdown())
      end)

      it("releases when the work is done, fails, or its task is cancelled", function()
        assert.equal(7, ip:while_shut_down(function(s)
          assert.is_true(s:is_shutdown())
          return 7
        end))
        assert.equal(0, ip.mmio:read(0))
        assert.same({ "type", "while_shut_down takes a function, not nil" }, raised(ip.while_shut_down, ip))
        assert.equal("attribute", raised(ip.while_shut_down, ip, function(s) return s.nothing end)[1])
        assert.equal(0, ip.mmio:read(0))
        local lunq = require "lunq"
        local active <const> = lunq.core.active_device()
        lunq.core.active_device(device)
        local task = lunq.spawn(function() ip:while_shut_down(function() lunq.sleep(1) end) end)
        lunq.sleep(0.001)
        assert.is_true(ip:is_shutdown())
        task:cancel()
        lunq.sleep(0.001)
        assert.equal(0, ip.mmio:read(0))
        lunq.core.active_device(active)
      end)

      it("has pins that say the same", function()
        ip.mmio:write(0, 1)
        assert.same({ 1, 0 }, { device:wire "s/shutdown_requested", device:wire "s/in_shutdown" })
        device:advance(1000)
        assert.same({ 1, 1, 1 }, { device:wire "s/in_shutdown", device:wire "s/wr_in_shutdown",
                                   device:wire "s/rd_in_shutdown" })
      end)

      it("says that a transfer does not end", function()
        device:inject { ip = "s", fault = "stall" }
        assert.same({ "timeout", "s: not shut down: an AXI transfer of the region is still under way after 0.01 s "
                      .. "(it reads 0x3)" }, raised(ip.shutdown, ip, 0.01))
        ip:release()
        assert.is_false(ip:is_shutdown())
        local before = device:now()
        assert.equal("timeout", raised(ip.shutdown, ip)[1])
        assert.is_true(device:now() - before < 10.1e9)
        assert.equal("timeout", raised(ip.while_shut_down, ip, print)[1])
        assert.equal(0, ip.mmio:read(0))
        device:clear_faults()
        ip:shutdown()
      end)

      it("passes bus errors on", function()
        device:inject { ip = "s", fault = "slave_error", count = 1, after = 1 }
        assert.equal("io", raised(ip.shutdown, ip)[1])
      end)
    end)
  end
end)
