--- Spec support: the registers of spec/rtl/bursts.v, and what a burst should do. Not a spec, used by specs.
--   local asker = dofile "spec/rtl/asker.lua"(mmio, step)     -- step(n) lets n cycles pass
--   asker:write({ address = a, len = 3, size = 3, type = asker.INCR })
--   for _, beat in ipairs(asker:read { ... }) do ... end       -- { id, last, response, data = 8 bytes }
local Asker = { FIXED = 0, INCR = 1, WRAP = 2 }
Asker.__index = Asker

--- Addresses of the beats of a burst (IHI 0022, A3.4.1), said in another way than in burst.h.
function Asker.addresses(b)
  local n, list, address = 1 << b.size, {}, b.address
  local low = b.address - b.address % (n * (b.len + 1)) -- where WRAP begins again
  for i = 0, b.len do
    list[i + 1] = address
    if b.type ~= Asker.FIXED then address = address - address % n + n end
    if b.type == Asker.WRAP and address == low + n * (b.len + 1) then address = low end
  end
  return list
end

--- Lanes of a bus of 8 bytes that a beat at this address has: the first, and the last.
function Asker.lanes(address, size)
  local n <const> = 1 << size
  return address % 8, (address % 8) // n * n + n - 1
end

local function start(self, b, what)
  local m = self.mmio
  m:write(0x04, b.address)
  m:write(0x08, b.len | b.size << 8 | b.type << 12 | (b.lock or 0) << 16 | (b.modifiable or 0) << 17
                | ((b.bursts or 1) - 1) << 20 | (b.ids and 1 or 0) << 24)
  m:write(0, what)
  for _ = 1, 500 do
    if m:read(0) == 0 then return end
    self.step(10)
  end
  error(("the burst at %#x does not end"):format(b.address))
end

--- Beat k writes the bytes 16 k to 16 k + 7, as far as it has lanes and `mask` (by k) has strobes.
---@return table answers { id, response } of each burst
function Asker:write(b, mask)
  local m = self.mmio
  for i, address in ipairs(self.addresses(b)) do
    local first, last = self.lanes(address, b.size)
    local strobes = (0xff << first & (1 << last + 1) - 1) & (mask and mask[i] or 0xff)
    for lane = 0, 4, 4 do
      m:write(0x200 + 8 * (i - 1) + lane, 0x03020100 + 0x04040404 * (lane // 4) + 0x10101010 * (i - 1) & 0xffffffff)
    end
    m:write(0x300 + 4 * (i - 1), strobes)
  end
  start(self, b, 2)
  local answers = {}
  for k = 0, (b.bursts or 1) - 1 do
    local v = m:read(0x700 + 4 * k)
    answers[k + 1] = { id = v >> 8, response = v & 3 }
  end
  return answers
end

--- What Asker:write makes of memory.
---@param memory table bytes by address
function Asker.written(b, memory, mask)
  for i, address in ipairs(Asker.addresses(b)) do
    local first, last = Asker.lanes(address, b.size)
    for lane = first, last do
      if not mask or mask[i] >> lane & 1 == 1 then memory[address - address % 8 + lane] = lane + 16 * (i - 1) & 0xff end
    end
  end
end

---@return table beats in the order they came
function Asker:read(b)
  local m, list = self.mmio, {}
  start(self, b, 1)
  for k = 0, m:read(0x0c) - 1 do
    local v = m:read(0x600 + 4 * k)
    list[k + 1] = { id = v >> 8, last = v & 16 ~= 0, response = v & 3,
                    data = string.pack("<I4I4", m:read(0x400 + 8 * k), m:read(0x404 + 8 * k)) }
  end
  return list
end

--- The bytes of beats in lanes their burst has, of one that was asked for alone.
function Asker.bytes(b, beats)
  local parts = {}
  for i, address in ipairs(Asker.addresses(b)) do
    local first, last = Asker.lanes(address, b.size)
    parts[i] = beats[i].data:sub(first + 1, last + 1)
  end
  return parts
end

--- The same of memory.
function Asker.expected(b, byte_at)
  local parts = {}
  for i, address in ipairs(Asker.addresses(b)) do
    local first, last = Asker.lanes(address, b.size)
    local bytes = {}
    for lane = first, last do bytes[#bytes + 1] = string.char(byte_at(address - address % 8 + lane)) end
    parts[i] = table.concat(bytes)
  end
  return parts
end

return function(mmio, step) return setmetatable({ mmio = mmio, step = step }, Asker) end
