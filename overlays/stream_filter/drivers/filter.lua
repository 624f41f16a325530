--- Driver of the hierarchy: a DMA that sends, a FIR core, a DMA that receives. What one wants from the
-- three together is one call, so here it is.
local lunq = require "lunq"

local Filter = lunq.DefaultHierarchy:extend { __name = "Filter" }

--- Fits every hierarchy with these three in it, whatever it is called and whatever design it is in.
function Filter.checkhierarchy(description)
  local ip = description.ip
  return ip.axi_dma_from_ps_to_pl ~= nil and ip.axi_dma_from_pl_to_ps ~= nil and ip.fir ~= nil
end

local function move(self, src, dst, timeout)
  local send, receive = self.axi_dma_from_ps_to_pl.sendchannel, self.axi_dma_from_pl_to_ps.recvchannel
  receive:transfer(dst) -- first the receiver: the core has room for a few samples only
  send:transfer(src)
  send:wait(timeout)
  return receive:wait(timeout)
end

--- Filters from one buffer into another: nothing is copied, the DMAs read and write them.
---@param src lunq.Buffer samples, "i4"
---@param dst lunq.Buffer as long as src, "i4"
---@param timeout? number seconds, default lunq.time_limit
---@return integer bytes received
--- Raises what the DMA raises. Both DMAs are idle afterwards, also after an error, so that the
--- buffers can be closed and the next call starts clean.
function Filter:stream(src, dst, timeout)
  if src.nbytes ~= dst.nbytes then
    lunq.errors.raise("value", "%s: src has %d bytes and dst %d; the filter gives one sample for each",
                      self.fullpath, src.nbytes, dst.nbytes)
  end
  local ok, result = pcall(move, self, src, dst, timeout)
  if ok then return result end
  self.axi_dma_from_ps_to_pl:reset()
  self.axi_dma_from_pl_to_ps:reset()
  error(result, 0)
end

--- Filters a list of samples.
---@param samples integer[] signed 32 bits
---@param taps? integer[] set before, with `shift`; without them the core's stay
---@param shift? integer
---@param timeout? number seconds, default lunq.time_limit
---@return integer[] filtered as many, the filter starting from silence
function Filter:run(samples, taps, shift, timeout)
  if taps then self.fir:set(taps, shift) end
  if #samples == 0 then return {} end
  local src <close> = lunq.allocate(#samples, "i4", { target = self.device })
  local dst <close> = lunq.allocate(#samples, "i4", { target = self.device })
  for i, sample in ipairs(samples) do src[i] = sample end
  self:stream(src, dst, timeout)
  local filtered = {}
  for i = 1, #samples do filtered[i] = dst[i] end
  return filtered
end

return Filter
