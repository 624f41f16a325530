--- The overlay as a whole: samples from a list through the DMA and the filter into a list.
local lunq = require "lunq"

local RtlFilter = lunq.DefaultOverlay:extend { __name = "RtlFilter" }

--- Filters one packet and waits for the filter's interrupt.
---@param samples integer[] signed 32 bits
---@param taps? integer[] set before, with `shift`; without them the filter's stay
---@param shift? integer
---@param timeout? number seconds, default lunq.time_limit
---@return integer[] filtered as many, the filter starting from silence
---@return boolean overflow one of them did not fit into 32 bits
--- Raises what the DMA and the wait raise; the DMA is idle then.
function RtlFilter:filter(samples, taps, shift, timeout)
  if taps then self.fir:set(taps, shift) end
  if #samples == 0 then return {}, false end
  local src <close> = lunq.allocate(#samples, "i4", { target = self.device })
  local dst <close> = lunq.allocate(#samples, "i4", { target = self.device })
  for i, sample in ipairs(samples) do src[i] = sample end
  local ok, overflow = pcall(function()
    self.dma.recvchannel:transfer(dst) -- first the receiver: the filter has room for three samples
    self.dma.sendchannel:transfer(src)
    local cut = self.fir:wait(timeout)
    self.dma.sendchannel:wait(timeout)
    self.dma.recvchannel:wait(timeout)
    return cut
  end)
  if not ok then
    self.dma:reset()
    error(overflow, 0)
  end
  local filtered = {}
  for i = 1, #samples do filtered[i] = dst[i] end
  return filtered, overflow
end

return RtlFilter
