--- Standard mode of the AXI IIC: byte by byte through CR, in the order of embeddedsw's XIic_Send and
--- XIic_Recv. Any length, and it is known how many bytes were acknowledged.
-- The last byte to send goes into the FIFO after MSMS was cleared, which makes the STOP that follows
-- it. A receiver stands still with a byte in the FIFO (RX_FIFO_PIRQ 0) until it is fetched, so what
-- comes after it is said before.
local R <const> = require "lunq.iic.message".registers

local standard = {}

--- Sends bytes, at least one.
---@param m table message that has begun
---@param bytes string
---@param hold boolean no STOP
---@return string|nil reason why not all were acknowledged; m.moved says how many were
function standard.send(m, bytes, hold)
  local mmio, n = m.mmio, #bytes
  m:start(R.EN | R.MSMS | R.TX, m.address << 1)
  for i = 1, n do
    local result = m:await_room()
    if result ~= true then return result end
    m.addressed, m.moved = true, i - 1
    if i == n and not hold then mmio:write(R.CR, R.EN | R.TX) end
    mmio:write(R.TX_FIFO, bytes:byte(i))
    m:clear(R.TX_EMPTY)
  end
  if hold then
    local result = m:await_room()
    if result ~= true then return result end
  else
    m:await_stop()
    local reason = m:trouble()
    if reason then return reason end
  end
  m.moved = n
end

--- Receives n bytes, at least one.
---@param m table message that has begun
---@param n integer
---@param hold boolean no STOP
---@return string bytes
---@return string|nil reason why there are fewer
function standard.receive(m, n, hold)
  local mmio, bytes = m.mmio, {}
  m:empty_receive_fifo()
  mmio:write(R.PIRQ, 0)
  m:start(R.EN | R.MSMS | (n == 1 and R.TXAK or 0), m.address << 1 | 1)
  for i = 1, n do
    local result = m:await_byte()
    if result ~= true then return table.concat(bytes), result end
    if i == n - 1 then mmio:write(R.CR, R.EN | R.MSMS | R.TXAK) end
    if i == n and not hold then mmio:write(R.CR, R.EN) end
    bytes[i] = string.char(mmio:read(R.RX_FIFO) & 0xff)
    m.addressed, m.moved = true, i
  end
  if not hold then m:await_stop() end
  return table.concat(bytes)
end

return standard
