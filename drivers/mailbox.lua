--- Mailbox 2.1: words to and from another processor, each direction through a FIFO.
--
--   local mailbox = ol.mailbox_0
--   mailbox:send { 1, 2, 3 }          -- or a word, or a string of whole words
--   local words = mailbox:receive(3, 0.5)      -- waits; seconds
--   mailbox:try_receive()             --> a word, or nil when none is there
--   mailbox:is_empty(), mailbox:is_full(), mailbox:reset()
-- Registers: registers.md section 17 (embeddedsw): RDDATA is read only while STATUS says that it has a
-- word, WRDATA written only while it has room.
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local Mailbox = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:mailbox:2.1" }, __name = "Mailbox" }

local WRDATA <const>, RDDATA <const>, STATUS <const>, ERROR <const>, CTRL <const> = 0x00, 0x08, 0x10, 0x14, 0x2c
local EMPTY <const>, FULL <const> = 1, 2
local PAUSE <const> = 500 -- ns

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

local function to_words(data)
  if math.type(data) == "integer" then return { data } end
  if type(data) == "table" then return data end
  if type(data) ~= "string" then
    errors.raise("type", "send takes a word, a list of words or a string, not %s", type(data))
  end
  if #data % 4 ~= 0 then errors.raise("value", "%d bytes are not a whole number of words of 4", #data) end
  local words = {}
  for at = 1, #data, 4 do words[#words + 1] = string.unpack("<I4", data, at) end
  return words
end

--- Sends words.
---@param data integer|integer[]|string
---@param timeout? number seconds, for all of them
---@return integer n words sent
--- Raises `timeout` when the other side does not fetch them; its field `sent` says how many went.
function Mailbox:send(data, timeout)
  local words, sent = to_words(data), 0
  local done = waiting.wait(self.device, timeout, PAUSE, function()
    while sent < #words and not self:is_full() do
      self.mmio:write(WRDATA, words[sent + 1])
      sent = sent + 1
    end
    return sent == #words
  end)
  if not done then
    error(errors.new("timeout", ("%s: sent %d of %d words in %g s: the other side does not fetch them")
          :format(self.fullpath, sent, #words, timeout or lunq.time_limit), { sent = sent }), 0)
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
  local done = waiting.wait(self.device, timeout, PAUSE, function()
    while #words < n do
      local word = self:try_receive()
      if not word then return false end
      words[#words + 1] = word
    end
    return true
  end)
  if not done then
    error(errors.new("timeout", ("%s: %d of %d words came in %g s"):format(self.fullpath, #words, n,
          timeout or lunq.time_limit), { words = words }), 0)
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
