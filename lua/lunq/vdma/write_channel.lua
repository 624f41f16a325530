--- The write channel of an AXI VDMA (MM2S): frames to a stream. See drivers/axi_vdma.lua.
local Channel = require "lunq.vdma.channel"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local WriteChannel = Channel:extend { __name = "VDMAWriteChannel", sourcechannel = false }

local CR <const>, GENLOCK <const> = 0x00, 1 << 3 | 1 << 7 -- enabled, with the other channel of this core

local function check_frame(self, frame)
  if type(frame) ~= "userdata" or not frame.nbytes then
    errors.raise("type", "%s: a frame should be a buffer, not %s", self:title(), type(frame))
  end
  if frame.nbytes ~= self.mode.nbytes then
    errors.raise("value", "%s: the frame has %d bytes, the video mode %d: take it from newframe().", self:title(),
                 frame.nbytes, self.mode.nbytes)
  end
end

--- The hardware is at this store, with the old frame: there is one store only, or it has just begun
--- here. The new one is shown after the end of the frame under way, and the old is let go after that.
local function show_after(self, old, store, left, seconds)
  self:retire(old, store)
  self:next_frame_only()
  self:await_frame(left, seconds)
  self:await_frame(left, seconds)
  for _, entry in ipairs(self._retired) do self:drop(entry) end
  self._retired = {}
end

--- Shows a frame from the next one on, and waits until it is being sent. It is held until another
--- frame has taken its place or the channel has stopped.
---@param frame userdata of newframe, or of a read channel with the same mode
---@param timeout? number seconds
---@return table self
--- Raises `runtime` when the channel is not started or has failed, `value`, `timeout`. Ends a tie.
function WriteChannel:writeframe(frame, timeout)
  self:check_running()
  check_frame(self, frame)
  local left, seconds = waiting.limit(self.device, timeout)
  local _ <close> = self.turn:hold(left())
  self:unfollow()
  self:sweep()
  local store = (self.activeframe + 1) % self.framecount
  local old = self:put(store, frame)
  self:commit()
  self.desiredframe = store
  if self.activeframe == store then
    show_after(self, old, store, left, seconds)
    return self
  end
  self:drop(old) -- the hardware is at another store, and comes back to the new address
  if not self:await(left, function() return self.activeframe == store end) then
    errors.raise("timeout", "Timeout: %s: the frame was not begun within %s. Does the receiver of the stream take "
                 .. "data?\n%s", self:title(), waiting.time_text(seconds), self:explain())
  end
  return self
end

-- ---- following a read channel --------------------------------------------------------------------

local function check_source(self, source)
  if not self.genlock then
    errors.raise("unsupported", "%s can't follow another channel: it is no genlock slave (C_MM2S_GENLOCK_MODE).",
                 self:title())
  end
  if source.vdma ~= self.vdma then
    errors.raise("value", "%s follows the read channel of its own VDMA only.", self:title())
  end
  self:check_running()
  if self.mode.stride ~= source.mode.stride or self.mode.height ~= source.mode.height then
    errors.raise("value", "%s shows frames of %d lines of %d bytes, %s has %d of %d.", self:title(), self.mode.height,
                 self.mode.stride, source:title(), source.mode.height, source.mode.stride)
  end
end

--- The frames of a read channel, one behind it (genlock). For ReadChannel:tie.
function WriteChannel:follow(source)
  check_source(self, source)
  self:unfollow()
  for store = 0, self.framecount - 1 do
    self:retire(self:put(store, source.frames[store].buffer), store) -- the old one may be shown just now
  end
  self:commit()
  self:sweep()
  self.framedelay = 1
  self:registers():update(self.base + CR, GENLOCK, GENLOCK)
  self.parked = false
  self.sourcechannel, source.sinkchannel = source, self
end

--- Stays at the frame it shows.
function WriteChannel:unfollow()
  local source = self.sourcechannel
  if not source then return end
  self.sourcechannel, source.sinkchannel = false, false
  self.desiredframe = self.activeframe
  self.parked = true
  self:registers():update(self.base + CR, GENLOCK, 0)
end

function WriteChannel:stop()
  self:unfollow()
  return Channel.stop(self)
end

function WriteChannel:reset()
  self:unfollow()
  return Channel.reset(self)
end

return WriteChannel
