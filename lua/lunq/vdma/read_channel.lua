--- The read channel of an AXI VDMA (S2MM): frames from a stream. See drivers/axi_vdma.lua.
local Channel = require "lunq.vdma.channel"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local ReadChannel = Channel:extend { __name = "VDMAReadChannel", sinkchannel = false }

--- The frame that came last, exchanged for another buffer.
local function exchange(self)
  local store = (self.activeframe - 1) % self.framecount
  local old = self:put(store, self:newframe(), true)
  self:commit()
  -- The hardware is in another frame, and when it comes back it has the new address. Should it have
  -- gone all the way round meanwhile, it may be writing here: then the memory stays held for a while.
  old.own = false
  if self.activeframe == store then
    self:retire(old, store)
  else
    old.hold:sync_from_device()
    self.engine:release(old.hold)
  end
  return old.buffer
end

--- A copy of a store; the hardware may write the next frame into it by then.
local function copy(self, store)
  local entry, frame = self.frames[store], self:newframe()
  entry.hold:sync_from_device()
  frame:copyfrom(entry.buffer)
  return frame
end

--- Waits for a frame and takes it: another buffer takes its place. Of frames that came since the last
--- call the newest is taken. While the channel is parked or tied, a copy is. Several may wait: each gets
--- a frame.
---@param timeout? number seconds
---@return userdata buffer yours
--- Raises `runtime` when the channel is not started or has failed, or the frame is damaged (then the
--- next call goes on), `timeout`, `unsupported` with one frame store.
function ReadChannel:readframe(timeout)
  if self.framecount < 2 then
    errors.raise("unsupported", "%s: with one frame store (C_NUM_FSTORES) the next frame overwrites the one that "
                 .. "came.", self:title())
  end
  self:check_running()
  local left, seconds = waiting.limit(self.device, timeout)
  local _ <close> = self.turn:hold(left())
  self:sweep()
  self:await_frame(left, seconds)
  local damage = self:damage()
  if damage then errors.raise("runtime", "%s: the frame is damaged.\n%s", self:title(), damage) end
  if self.parked then return copy(self, self.activeframe) end
  if self.sinkchannel then return copy(self, (self.activeframe - 1) % self.framecount) end -- it is being shown
  return exchange(self)
end

-- ---- showing what comes --------------------------------------------------------------------------

--- Ties a write channel to this one: it shows each frame that has come, without the processor, while
--- readframe goes on as before. Both run, with one mode. Writing a frame, stopping either, or tie() ends
--- it: the write channel then stays at the frame it shows.
---@param channel? table a write channel; nil: ends it
---@return table self
--- Raises `value`, `runtime` for a channel that can't show these frames, `unsupported` when it can't
--- follow (genlock, C_MM2S_GENLOCK_MODE).
function ReadChannel:tie(channel)
  if self.sinkchannel then self.sinkchannel:unfollow() end
  if not channel then return self end
  self:check_running()
  channel:follow(self)
  return self
end

function ReadChannel:stop()
  self:tie(nil)
  return Channel.stop(self)
end

function ReadChannel:reset()
  self:tie(nil)
  return Channel.reset(self)
end

return ReadChannel
