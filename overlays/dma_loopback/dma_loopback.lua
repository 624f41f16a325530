--- The overlay class of the loopback design: found beside dma_loopback.hwh by its name, so that
-- lunq.Overlay("dma_loopback.hwh") gives an object with the methods below.
local lunq = require "lunq"

local Loopback = lunq.DefaultOverlay:extend { __name = "DMALoopback" }

--- Words that look like nothing one meets by accident.
local function fill(buffer)
  for i = 1, #buffer do buffer[i] = (i * 2654435761) & 0xffffffff end
end

--- The number of elements that are equal, looked at one by one.
local function count_equal(a, b)
  local n = 0
  for i = 1, #a do
    if a[i] == b[i] then n = n + 1 end
  end
  return n
end

--- Sends `words` words through a DMA whose streams are looped, and receives them again.
---@param dma table a driver of an AXI DMA with both channels
---@param words integer 32-bit words
---@return table result bytes, equal (elements), device_ns (time on the device)
--- Raises what the driver raises: a time-out explains itself.
function Loopback:move(dma, words)
  local src <close> = lunq.allocate(words, "u32", { target = self.device })
  local dst <close> = lunq.allocate(words, "u32", { target = self.device })
  fill(src)
  local start = self.device:now()
  dma.recvchannel:transfer(dst) -- first the receiver: then nothing waits in the FIFO
  dma.sendchannel:transfer(src)
  dma.sendchannel:wait()
  local bytes = dma.recvchannel:wait()
  return { bytes = bytes, equal = count_equal(src, dst), device_ns = self.device:now() - start }
end

return Loopback
