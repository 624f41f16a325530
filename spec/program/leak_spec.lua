-- spec/helper.lua fails a spec that leaves something open: here are specs that do.
describe("a spec that leaves something open", function()
  local process = dofile "spec/program/process.lua"
  after_each(process.clean)

  local SETUP <const> = [[
    local lunq = require "lunq"
    local core = require "lunq.core"
    local left = {}
    local d = core.device_open "sim"
    d:program(core.design_from_table { ip = { src = { vlnv = "acme.com:user:src:1.0", interrupts = { irq = 0 } } } })
    local irq = lunq.Interrupt("src/irq", d)
    it("leaves it", function() %s end)]]

  for what, code in pairs {
    ["1 devices"] = 'left[1], left[2] = core.device_open "sim", d',
    ["1 buffers"] = 'left[1] = lunq.allocate(16, "u32", { target = d })',
    ["1 register windows"] = "left[1] = core.mmio(0, 16, d)",
    ["1 waits for interrupts"] = "left[1] = irq:hold()",
    ["1 tasks"] = "lunq.spawn(function() lunq.sleep(math.huge) end)",
    ["1 descriptors"] = 'left[1] = io.open "/dev/null"',
  } do
    it("fails: " .. what, function()
      local spec = process.file(SETUP:format(code), "_spec.lua")
      local exit, out = process.lunq("test", "--helper=spec/helper.lua", "-o", "TAP", spec)
      assert.equal(1, exit, out)
      assert.matches(('"leaves it" left open: %s\n'):format(what), out)
    end)
  end

  it("passes when it has closed it", function()
    local spec = process.file(SETUP:format 'left[1] = irq:hold() left[1]:close()', "_spec.lua")
    assert.equal(0, (process.lunq("test", "--helper=spec/helper.lua", spec)))
  end)
end)
