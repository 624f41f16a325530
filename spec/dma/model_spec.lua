local lunq = require "lunq"
local support = dofile "spec/dma/support.lua"

describe("a DMA with a core in Lua between its channels", function()
  local lb, Core

  --- Puts a model in the place of the FIFO; stream is its method.
  local function open(stream)
    Core = lunq.Model:extend { __name = "Core", models = { "axis_data_fifo_0" }, stream = stream }
    lb = support.open()
  end

  after_each(function()
    lb:close()
    Core:unbind()
  end)

  it("moves what the core makes of the data", function()
    open(function(self, _, data, last)
      self:send("M_AXIS", (data:gsub(".", function(c) return string.char(c:byte() ~ 0xff) end)), last)
    end)
    local src, dst = lb:pattern(1000), lb:bytes(1000)
    assert.equal(1000, lb:move(dst, src))
    for i = 1, 1000 do assert.equal(src[i] ~ 0xff, dst[i]) end
  end)

  it("waits for ever when the core never sets TLAST", function()
    open(function(self, _, data) self:send("M_AXIS", data, false) end)
    lb.recv:transfer(lb:bytes(64))
    lb.send:transfer(lb:pattern(64))
    lb.send:wait()
    local e = support.error_of(lb.recv.wait, lb.recv, 0.01)
    assert.equal("timeout", e.kind)
    assert.matches("in HLS: the last flag", e.message)
  end)

  it("passes on what fails in the core", function()
    open(function() error("the core is broken") end)
    lb.send:transfer(lb:pattern(64))
    local e = support.error_of(lb.send.wait, lb.send)
    assert.matches("the core is broken", e.message)
    lb.dma:reset()
  end)

  -- A model may hold anything of the script. It must not pull the engine or the memory away from
  -- under the call that runs it.
  it("is safe from a core that uses the DMA it is part of", function()
    local errors, other = {}, nil
    local function try(f, ...)
      local ok, e = pcall(f, ...)
      errors[#errors + 1] = ok and "done" or e.message
    end
    local src, dst
    open(function(self, _, data, last)
      if not other then
        other = true
        try(lb.dma.free, lb.dma)
        try(lb.dma.reset, lb.dma)
        try(lb.recv.wait, lb.recv)
        try(lb.send.transfer, lb.send, src)
        try(function() return lb.send.idle end)
        try(tostring, lb.send)
        try(src.close, src)
        try(dst.close, dst)
        collectgarbage()
      end
      self:send("M_AXIS", data, last)
    end)
    src = lunq.allocate(64, "u1", { target = lb.device })
    dst = lunq.allocate(64, "u1", { target = lb.device })
    lb.recv:transfer(dst)
    lb.send:transfer(src)
    lb.send:wait()
    assert.equal(64, lb.recv:wait())
    for i = 1, 5 do assert.matches("at work", errors[i]) end
    assert.equal("done", errors[6])
    assert.matches("in use by a transfer", errors[8])
    src:close()
    dst:close()
    assert.equal(0, lb.device.memory.count)
  end)
end)
