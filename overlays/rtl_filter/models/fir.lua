--- What rtl/fir.v does, for devices without the RTL: the same registers, the same sums, the same interrupt.
local lunq = require "lunq"

local FirModel = lunq.Model:extend { models = { "acme.com:user:fir:1.0" } }

local N <const> = 8
local CONTROL <const>, INT_ENABLE <const>, INT_STATUS <const>, SHIFT <const> = 0x00, 0x04, 0x08, 0x0c
local SAMPLES <const>, PACKETS <const>, VERSION <const>, TAPS <const> = 0x10, 0x14, 0x18, 0x20
local WRITABLE <const> = { [CONTROL] = 1, [INT_ENABLE] = 3, [SHIFT] = 31 } -- bits
local PACKET <const>, OVERFLOW <const> = 1, 2

local function signed(word) return word > 0x7fffffff and word - (1 << 32) or word end

function FirModel:reset()
  self.words = { [CONTROL] = 1, [VERSION] = 0x46495201 }
  self:silence()
end

function FirModel:silence()
  self.past = {}
  for k = 1, N do self.past[k] = 0 end
end

function FirModel:happened(bits)
  self.words[INT_STATUS] = (self.words[INT_STATUS] or 0) | bits
  self:show()
end

function FirModel:show() self:raise("irq", (self.words[INT_STATUS] or 0) & (self.words[INT_ENABLE] or 0) ~= 0) end

function FirModel:read(offset) return self.words[offset & 0x3f] or 0 end

function FirModel:write(offset, value)
  local words = self.words
  offset = offset & 0x3f
  if offset == INT_STATUS then
    words[offset] = (words[offset] or 0) & ~value
  elseif offset >= TAPS then
    words[offset] = value
  elseif WRITABLE[offset] then
    words[offset] = value & WRITABLE[offset]
  end
  if offset == CONTROL then
    if value & 2 ~= 0 then
      words[SAMPLES], words[PACKETS] = 0, 0
      self:silence()
    end
    if value & 1 ~= 0 then self:ready "s_axis" end
  end
  self:show()
end

--- One sample. Eight products of 62 bits need 65 for their sum: it is kept as high * 2^32 + low.
function FirModel:step(x)
  local past, high, low = self.past, 0, 0
  table.insert(past, 1, x)
  past[N + 1] = nil
  for k = 1, N do
    local product = signed(self.words[TAPS + 4 * k - 4] or 0) * past[k]
    high, low = high + product // 0x100000000, low + (product & 0xffffffff)
  end
  high, low = high + (low >> 32), low & 0xffffffff
  local y = high -- beyond 64 bits it is beyond 32 after any shift, too
  if high == signed(high & 0xffffffff) then y = (high << 32 | low) // (1 << (self.words[SHIFT] or 0)) end
  if y ~= signed(y & 0xffffffff) or high ~= signed(high & 0xffffffff) then
    self:happened(OVERFLOW)
    return y > 0 and 0x7fffffff or -0x80000000
  end
  return y
end

function FirModel:stream(_, data, last)
  local words = self.words
  if words[CONTROL] & 1 == 0 or self:waiting() > 0 then return false end
  local out = {}
  for i = 1, #data // 4 do out[i] = ("<i4"):pack(self:step((("<i4"):unpack(data, 4 * i - 3)))) end
  self:send("m_axis", table.concat(out), last)
  words[SAMPLES] = (words[SAMPLES] or 0) + #out & 0xffffffff
  if last then
    words[PACKETS] = (words[PACKETS] or 0) + 1 & 0xffffffff
    self:silence()
    self:happened(PACKET)
  end
end

return FirModel
