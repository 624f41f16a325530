-- Sources, sinks and monitors under random operations, also out of the callbacks of a model in their stream:
-- nothing may crash the host, and whatever is refused is refused with an error object.
describe("ends of streams", function()
  local lunq = require "lunq"
  local bench = require "lunq.bench"
  local errors = require "lunq.errors"

  local NAMES <const> = { "a/M_AXIS", "c/S_AXIS", "c/M_AXIS", "b/M_AXIS" }
  local OPEN <const> = { bench.source, bench.sink, bench.monitor }
  local FAULTS <const> = { "lose_tlast", "early_tlast", "stall" }

  local function design()
    local function fifo(target)
      return { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = target },
               parameters = { FIFO_DEPTH = 16 } }
    end
    return { ip = {
      a = fifo "c/S_AXIS", b = fifo "e/S_AXIS",
      c = { vlnv = "acme.com:user:chaos:1.0", streams = { M_AXIS = "b/S_AXIS" } },
      e = { vlnv = "xilinx.com:ip:axis_register_slice:1.1" },
    } }
  end

  --- Something may refuse, but only with an error object.
  local function try(f, ...)
    local ok, e = pcall(f, ...)
    assert(ok or errors.is(e) or tostring(e):find "^Model ", e)
  end

  --- Random operations; inside: in a model, where nothing can wait and no design can be loaded.
  local function operations(d, ol, ends)
    local function any() return ends[math.random(#ends)] end
    local function take() return table.remove(ends, #ends > 1 and math.random(2, #ends) or #ends + 1) end
    local function open(o)
      o.device, o.dtype = d, "u1"
      ends[#ends + 1] = OPEN[math.random(3)](NAMES[math.random(4)], o)
    end
    local function send()
      for _, x in ipairs(ends) do
        if x.role == "source" then x:send(("x"):rep(math.random(200))) end
      end
    end
    local function advance() d:advance(math.random(2000)) end
    local anywhere <const> = {
      function() open {} end,
      function() ends[#ends + 1] = bench.source("c/S_AXIS", { device = d, gaps = 0.4 }) end,
      function() ends[#ends + 1] = bench.sink(NAMES[math.random(4)], { device = d, stalls = 0.4 }) end,
      function()
        local x = take()
        if x then x:close() end
      end,
      function()
        take()
        collectgarbage()
      end,
      function() any():pause(math.random(4) == 1) end,
      function() d:clear_faults() end,
      function() any():clear() end,
      function() d:inject { fault = FAULTS[math.random(3)], count = 1, bytes = 50, ip = "c" } end,
      send, send, send,
    }
    local outside <const> = {
      advance, advance, advance,
      function() if any().role ~= "source" then any():receive(1e-6) end end,
      function() -- all of them are over then
        if math.random(20) > 1 then return end
        ol:download()
        for i = #ends, 1, -1 do table.remove(ends, i):close() end
        ends[1] = bench.monitor("b/M_AXIS", { device = d })
      end,
    }
    return function(inside)
      if inside or math.random(3) > 1 then return anywhere[math.random(#anywhere)]() end
      outside[math.random(#outside)]()
    end
  end

  for seed = 1, 2 do
    it("survive whatever is done to them, from outside and from a model, round " .. seed, function()
      math.randomseed(seed)
      local d <close> = lunq.Device.open "sim"
      local depth, packets, act = 0, 0, nil
      local Chaos = lunq.Model:extend { models = { "acme.com:user:chaos:1.0" } }
      function Chaos:packet(_, data)
        packets = packets + 1
        if depth < 3 then
          depth = depth + 1
          try(act, true)
          depth = depth - 1
        end
        self:send("M_AXIS", data, true)
      end
      local ol <close> = lunq.Overlay(design(), { device = d })
      local ends = { bench.monitor("b/M_AXIS", { device = d }) }
      act = operations(d, ol, ends)
      for _ = 1, 4000 do try(act) end
      assert.is_true(packets > 20, packets)
      for _, x in ipairs(ends) do x:close() end
      Chaos:unbind()
    end)
  end
end)
