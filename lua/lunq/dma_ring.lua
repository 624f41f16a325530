--- A ring of blocks on a channel of an AXI DMA with scatter-gather: streams that go on, without losses.
--
--   local ring <close> = dma.recvchannel:ring { count = 8, bytes = 65536 }
--   for block, n, last in ring:blocks() do work(block) end     -- block: a buffer of n bytes, not copied
--   local block, n, last = ring:read(0.5)                      -- or one by one; gives the one before back
--
--   local ring <close> = dma.sendchannel:ring { count = 8, bytes = 65536 }
--   ring:write(data)                                           -- waits for room; TLAST on the last byte
--   ring:flush()                                               -- waits until all of it was sent
--
-- The engine fills (or sends) one block after the other and never touches one the script has not given
-- back. Is the script slow, all blocks fill, the engine stops, and the stream waits (TREADY low) until a
-- block is given back: nothing is written over, and nothing is lost if the source can wait. A source that
-- can't, such as a converter without a FIFO, loses data in front of the DMA, where nobody can see it:
-- stats().stalls says how often it had to wait. Use more or larger blocks then.
--
-- A block ends when it is full or with TLAST; n says how much is in it, `last` that a packet ended there.
-- In a task every wait lets the others run. One reader or writer a ring. Closing ends the channel's work
-- at once; where that needs a reset of the engine and the other channel is at work, memory stays held
-- until it is done. Facts: registers.md section 5 (TAILDESC); PYNQ has no receiving ring.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"

local Ring = Class:extend { __name = "lunq.DMARing" }

local KNOWN <const> = { count = true, bytes = true, dtype = true, cacheable = true }

local function check(options)
  if type(options) ~= "table" then
    errors.raise("type", "ring takes a table, as in channel:ring { count = 8, bytes = 65536 }, not %s",
                 type(options))
  end
  for name in pairs(options) do
    if not KNOWN[name] then
      errors.raise("value", 'ring knows count, bytes, dtype and cacheable, not "%s"', tostring(name))
    end
  end
end

--- What channel:ring(options) calls. The channel has to be idle; a receiving ring starts at once.
---@param channel userdata
---@param options table count (of blocks, 8), bytes (of each, 64 KiB or what a descriptor can say), dtype
---   ("u1": of what read and next give), cacheable (false: as lunq.allocate)
--- Raises `unsupported` without scatter-gather, `value` for blocks that can't be, `runtime` when the
--- channel is busy.
function Ring:init(channel, options)
  options = options == nil and {} or options
  check(options)
  self.count = options.count or 8
  self.bytes = options.bytes or math.min(65536, (channel.buffer_max_size + 1) // 2)
  self.core = core.dma_ring(channel, self.count, self.bytes, options.dtype, options.cacheable)
  self.sends = self.core:sends()
  self.name = channel.name
end

local function only(self, sends, what)
  if self.sends ~= sends then
    errors.raise("unsupported", "this ring %s: it has no %s", self.sends and "sends" or "receives", what)
  end
end

--- Gives the next block, and the one before back to the engine: its view is closed.
---@param timeout? number seconds; lunq.time_limit when not said, math.huge: none
---@return userdata block what came, as a view of the ring's memory
---@return integer n bytes in it
---@return boolean last a packet ended with it (TLAST)
--- Raises `timeout`, and `runtime` when the engine halts; blocks that came before that are given first.
function Ring:read(timeout)
  only(self, false, "read")
  self:release()
  return self.core:take(timeout)
end

--- Gives the block that was read back to the engine before the next read does. May be repeated.
function Ring:release()
  only(self, false, "release")
  if self.core:out() then self.core:give() end
end

--- Reads block after block, until the ring is closed.
---@param timeout? number for each of them
---@return function
function Ring:blocks(timeout)
  only(self, false, "blocks")
  return function()
    if self.core:closed() then return nil end
    return self:read(timeout)
  end
end

--- Sends a string or a buffer; waits for room as often as it must.
---@param data string|userdata
---@param last? boolean false: no TLAST, the packet goes on with the next write
---@param timeout? number seconds for each block
---@return table self
--- Raises `timeout` when the stream takes nothing; what was sent by then stays sent.
function Ring:write(data, last, timeout)
  only(self, true, "write")
  local n <const> = type(data) == "string" and #data or type(data) == "userdata" and data.nbytes or 0
  local at = 1
  repeat at = self.core:put(data, at, last ~= false, timeout) until at > n -- it says what is wrong with data
  return self
end

--- Gives the next empty block, to be filled and sent with ring:send: no copy is made.
---@param timeout? number
---@return userdata block
function Ring:next(timeout)
  only(self, true, "next")
  return (self.core:take(timeout))
end

--- Sends the block that next gave; its view is closed.
---@param n? integer bytes of it; all when not said
---@param last? boolean false: no TLAST, the packet goes on with the next block
---@return table self
function Ring:send(n, last)
  only(self, true, "send")
  self.core:give(n or self.bytes, last ~= false)
  return self
end

--- Waits until all that was written has been sent.
---@param timeout? number
---@return table self
function Ring:flush(timeout)
  only(self, true, "flush")
  self.core:flush(timeout)
  return self
end

--- Counts since the ring was opened.
---@return table blocks, bytes, packets (those the engine is done with), stalls (times the engine stood
---   still because all blocks were full, or none was there to send), waits (times the script had to wait),
---   overruns (blocks written over: 0, the engine can't), ready (blocks read or write would get at once)
function Ring:stats() return self.core:stats() end

--- Ends it now: what was not read or not sent is dropped. May be repeated.
function Ring:close() self.core:close() end

--- At the end of a scope what was written is sent first, unless an error or a cancel ends it.
function Ring:__close(failure)
  if failure == nil and self.sends and not self.core:closed() and not core.cancelling() then
    local ok, e = pcall(self.core.flush, self.core)
    self.core:close()
    if not ok then error(e, 0) end
  end
  self.core:close()
end

function Ring:__tostring()
  if self.core:closed() then return ("DMA ring %s (closed)"):format(self.name) end
  local s = self:stats()
  return ("DMA ring %s: %d blocks of %d bytes, %d ready; so far %d blocks, %d bytes, %d stalls"):format(
    self.name, self.count, self.bytes, s.ready, s.blocks, s.bytes, s.stalls)
end

return Ring
