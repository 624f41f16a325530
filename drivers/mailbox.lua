--- Mailbox 2.1: words to and from another processor, each direction through a FIFO.
--
--   local mailbox = ol.mailbox_0
--   mailbox:send { 1, 2, 3 }          -- or a word, a string of whole words, a buffer of words
--   local words = mailbox:receive(3, 0.5)      -- waits; seconds
--   mailbox:try_receive()             --> a word, or nil when none is there
--   mailbox:is_empty(), mailbox:is_full(), mailbox:reset()
--
-- Where the interrupt of this side is wired (Interrupt_0, Interrupt_1 for the port S1_AXI), waits sleep:
-- a receiver until as many words are there as it wants, a sender until half of the FIFO is free. The
-- thresholds SIT and RIT belong to the driver. Of several tasks each sends and receives its words
-- together.
-- Registers: registers.md section 17 (embeddedsw xmbox_hw.h): RDDATA is read only while STATUS says that
-- it has a word, WRDATA written only while it has room.
local lunq = require "lunq"
local errors = require "lunq.errors"
local flags = require "lunq.flags"
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"

local Mailbox = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:mailbox:2.1" }, __name = "Mailbox" }

local WRDATA <const>, RDDATA <const>, STATUS <const>, ERROR <const>, SIT <const> = 0x00, 0x08, 0x10, 0x14, 0x18
local RIT <const>, IS <const>, IE <const>, CTRL <const> = 0x1c, 0x20, 0x24, 0x2c
local EMPTY <const>, FULL <const>, STA <const>, RTA <const> = 1, 2, 4, 8 -- STATUS
local STI <const>, RTI <const> = 1, 2                                    -- IS, IE
local STATUS_NAMES <const> = { [0] = "Empty", "Full", "STA", "RTA" }
local PAUSE <const> = 500 -- ns

local function interrupt_source(self, pin, bit)
  local mmio = self.mmio
  return InterruptSource(self, {
    pin = pin, pause = PAUSE,
    enable = function(on)
      local others = mmio:read(IE) & ~bit
      mmio:write(IE, on and others | bit or others)
    end,
    clear = function() mmio:write(IS, bit) end, -- as it is reached, not while it is
  })
end

--- Opens this side of the mailbox, as it is.
---@param description table entry of ip_dict
function Mailbox:init(description)
  lunq.DefaultIP.init(self, description)
  self.depth = tonumber(self.parameters.C_MAILBOX_DEPTH) or 16
  local pins = description.interrupts or {}
  local second = tostring(description.mem_id):find("S1", 1, true) or not pins.Interrupt_0 and pins.Interrupt_1
  local pin = second and "Interrupt_1" or "Interrupt_0"
  self._room, self._words = interrupt_source(self, pin, STI), interrupt_source(self, pin, RTI)
  self._sending = Lock(self.device, self.fullpath .. " (sending)")
  self._receiving = Lock(self.device, self.fullpath .. " (receiving)")
end

--- True when there is nothing to receive.
---@return boolean
function Mailbox:is_empty() return self.mmio:read(STATUS) & EMPTY ~= 0 end

--- True when nothing can be sent now.
---@return boolean
function Mailbox:is_full() return self.mmio:read(STATUS) & FULL ~= 0 end

--- A word that is there.
---@return integer|nil word nil: there is none
function Mailbox:try_receive()
  if self:is_empty() then return nil end
  return self.mmio:read(RDDATA)
end

local function check_words(words)
  for i = 1, #words do
    local word = words[i]
    if math.type(word) ~= "integer" or word < -0x80000000 or word > 0xffffffff then
      errors.raise("value", "element %d should be a word of 32 bits, not %s", i, tostring(word))
    end
  end
  return words
end

local function to_words(data)
  if math.type(data) == "integer" then return check_words { data } end
  if type(data) == "table" or getmetatable(data) == "lunq.Buffer" then return check_words(data) end
  if type(data) ~= "string" then
    errors.raise("type", "send takes a word, a list or buffer of words or a string, not %s", type(data))
  end
  if #data % 4 ~= 0 then errors.raise("value", "%d bytes are not a whole number of words of 4", #data) end
  local words = {}
  for at = 1, #data, 4 do words[#words + 1] = string.unpack("<I4", data, at) end
  return words
end

--- What both directions have in common: move() moves what can be moved and says whether that was all;
--- until it was, it waits for `sign`, a bit of STATUS. Without an interrupt any progress will do.
---@return boolean all false: the time is over
local function exchange(source, left, mmio, sign, unless, threshold, move)
  while not move() do
    mmio:write(threshold())
    local news = source:wait(left(), function()
      local status = mmio:read(STATUS)
      if source:wired() then return status & sign ~= 0 end
      return status & unless == 0
    end)
    if not news then return move() end
  end
  return true
end

local function time_out(self, text, more)
  error(errors.new("timeout", ("%s: %s. %s"):format(self.fullpath, text,
        flags.text("STATUS", self.mmio:read(STATUS), STATUS_NAMES)), more), 0)
end

--- Sends words.
---@param data integer|integer[]|string|userdata
---@param timeout? number seconds, for all of them
---@return integer n words sent
--- Raises `timeout` when the other side does not fetch them; its field `sent` says how many went.
function Mailbox:send(data, timeout)
  local words, sent, mmio = to_words(data), 0, self.mmio
  local left, seconds = self._room:limit(timeout)
  local _ <close> = self._sending:hold(left())
  local all = exchange(self._room, left, mmio, STA, FULL, function()
    return SIT, self.depth - math.min(#words - sent, math.max(1, self.depth // 2))
  end, function()
    while sent < #words and not self:is_full() do
      mmio:write(WRDATA, words[sent + 1])
      sent = sent + 1
    end
    return sent == #words
  end)
  if not all then
    time_out(self, ("sent %d of %d words in %g s: the other side does not fetch them"):format(sent, #words, seconds),
             { sent = sent })
  end
  return sent
end

--- Receives words.
---@param n? integer 1 when left out
---@param timeout? number seconds, for all of them
---@return integer[] words
--- Raises `timeout` when fewer come; its field `words` has those that came.
function Mailbox:receive(n, timeout)
  n = n or 1
  if math.type(n) ~= "integer" or n < 0 then
    errors.raise("value", "receive takes a number of words, at least 0, not %s", tostring(n))
  end
  local words = {}
  local left, seconds = self._words:limit(timeout)
  local _ <close> = self._receiving:hold(left())
  local all = exchange(self._words, left, self.mmio, RTA, EMPTY, function()
    return RIT, math.min(n - #words, self.depth) - 1
  end, function()
    while #words < n do
      local word = self:try_receive()
      if not word then return false end
      words[#words + 1] = word
    end
    return true
  end)
  if not all then
    time_out(self, ("%d of %d words came in %g s: the other side sends no more"):format(#words, n, seconds),
             { words = words })
  end
  return words
end

--- Empties both FIFOs and clears the errors.
---@return table self
function Mailbox:reset()
  self.mmio:write(CTRL, 3)
  self.mmio:read(ERROR)
  return self
end

return Mailbox
