--- Dynamic mode of the AXI IIC: START, count and STOP go through the FIFO, so that it takes few
--- accesses and an interrupt for every eight bytes sent and sixteen received.
-- What it can't do: tell how many bytes were acknowledged, keep the bus behind a read, read more than
-- 255 bytes.
local R <const> = require "lunq.iic.message".registers

local dynamic = { most = 255 }

local DEPTH <const> = 16

--- Fills the FIFO as there is room.
local function push(m, bytes, hold)
  local mmio, n, i = m.mmio, #bytes, 0
  return m:await("half", function()
    local reason = m:trouble()
    if reason then return reason end
    while i < n and mmio:read(R.SR) & R.FIFO_FULL == 0 do
      i = i + 1
      mmio:write(R.TX_FIFO, bytes:byte(i) | (i == n and not hold and R.DYN_STOP or 0))
    end
    return i == n
  end)
end

local function await_end(m, hold)
  m:clear(R.TX_EMPTY)
  if hold then return m:await_room() end
  -- A message begins when the bus has been free for a while: until then it looks over.
  m.iic.device:advance(math.ceil(m.iic.byte_ns))
  return m:await("free", function()
    return m:trouble() or m.mmio:read(R.SR) & (R.FIFO_EMPTY | R.BUSY) == R.FIFO_EMPTY
  end)
end

--- Sends bytes, or nothing but the address.
---@param m table message that has begun
---@param bytes string
---@param hold boolean no STOP
---@return string|nil reason why not all were acknowledged; m.moved is 0 then
function dynamic.send(m, bytes, hold)
  m.mmio:write(R.TX_FIFO, R.DYN_START | m.address << 1 | (#bytes == 0 and not hold and R.DYN_STOP or 0))
  local result = push(m, bytes, hold)
  if result == true then result = await_end(m, hold) end
  -- The last byte may have been refused just before the STOP that was seen.
  if result == true and not hold then result = m:trouble() or true end
  if result ~= true then return result == "address" and #bytes > 0 and "either" or result end
  m.moved = #bytes
end

--- Receives n bytes, 1 to dynamic.most.
---@param m table message that has begun
---@param n integer
---@return string bytes
---@return string|nil reason why there are fewer
function dynamic.receive(m, n)
  local mmio, bytes = m.mmio, {}
  m:empty_receive_fifo()
  mmio:write(R.TX_FIFO, R.DYN_START | m.address << 1 | 1)
  mmio:write(R.TX_FIFO, R.DYN_STOP | n)
  while #bytes < n do
    mmio:write(R.PIRQ, math.min(n - #bytes, DEPTH) - 1) -- the interrupt comes with so many
    local result = m:await_byte()
    if result ~= true then return table.concat(bytes), result end
    repeat
      bytes[#bytes + 1] = string.char(mmio:read(R.RX_FIFO) & 0xff)
    until mmio:read(R.SR) & R.RX_EMPTY ~= 0
    m.addressed, m.moved = true, #bytes
  end
  m:await_stop()
  return table.concat(bytes)
end

return dynamic
