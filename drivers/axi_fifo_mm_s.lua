--- AXI4-Stream FIFO 4.1 to 4.3: packets of a stream, written and read through registers.
--
--   local fifo = ol.axi_fifo_mm_s_0
--   fifo:send "some bytes"                 -- one packet; a buffer or a list of words goes too
--   local packet = fifo:receive()          -- the next one, as bytes
--   local n = fifo:receive_into(buffer)    -- bytes received
--   print(fifo:vacancy(), fifo:occupancy())     -- words free, words of packets that came
--
-- The length of a packet counts in bytes. Its last word is padded with zeros, and when the stream has
-- TKEEP only the bytes that count arrive (without it the receiver gets whole words).
-- A packet has to fit into the FIFO as a whole, except what is received in cut-through mode
-- (C_USE_RX_CUT_THROUGH). Waits sleep until the interrupt where the design wires it. The receive side is
-- never read while it is empty: that would be an error that ends only with a reset of that side, which
-- loses what is in it.
-- Registers: registers.md section 14 (HWH), PG080, and the core's source (axi_fifo_mm_s_v4_1,
-- ipic2axi_s.vhd): RDFO is 0 until a packet has come whole. In cut-through mode RLR may be read at any
-- time: without a whole packet it gives the words that are there, with bit 31; at the end of a packet
-- the length of all of it, what was read before included.
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"
local core = require "lunq.core"
local errors = require "lunq.errors"
local lunq = require "lunq"
local waiting = require "lunq.waiting"

local ISR <const>, IER <const>, TDFR <const>, TDFV <const>, TDFD <const>, TLR <const> =
  0x00, 0x04, 0x08, 0x0c, 0x10, 0x14
local RDFR <const>, RDFO <const>, RDFD <const>, RLR <const>, TDR <const>, RDR <const> =
  0x18, 0x1c, 0x20, 0x24, 0x2c, 0x30
local RPURE <const>, RPORE <const>, RPUE <const>, TPOE <const>, TC <const>, RC <const>, TSE <const>,
  TRC <const>, RRC <const>, RFPF <const> =
  1 << 31, 1 << 30, 1 << 29, 1 << 28, 1 << 27, 1 << 26, 1 << 25, 1 << 24, 1 << 23, 1 << 20
local KEY <const> = 0xa5         -- the resets act on this value only
local PARTIAL <const> = 1 << 31  -- of RLR
local LENGTH <const> = (1 << 23) - 1
local FULL_READ <const> = 0x1000 -- the AXI4 data port: writes below, reads from here on
local RESET_SECONDS <const>, PAUSE <const> = 1, 1000 -- PAUSE: ns
local FIXED <const> = { fixed = true }

local ERRORS <const> = {
  { RPURE, "RPURE", "RLR was read while no packet was there", "receive" },
  { RPORE, "RPORE", "more was read from RDFD than the packet has", "receive" },
  { RPUE, "RPUE", "RDFD was read while it was empty", "receive" },
  { TPOE, "TPOE", "more was written to TDFD than there was room for", "transmit" },
  { TSE, "TSE", "the length written to TLR is not that of the words written before", "transmit" },
}
local RECEIVE_ERRORS <const>, TRANSMIT_ERRORS <const> = RPURE | RPORE | RPUE, TPOE | TSE

local Fifo = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:axi_fifo_mm_s:4.1", "xilinx.com:ip:axi_fifo_mm_s:4.2",
             "xilinx.com:ip:axi_fifo_mm_s:4.3" },
  __name = "StreamFifo",
  data_window = false,
}

--- Events of one side: those that are cleared before the look, and the errors, which stay.
local function make_source(self, events, errs)
  return InterruptSource(self, { pin = "interrupt", pause = PAUSE,
    enable = function(on) self.mmio:update(IER, events | errs, on and events | errs or 0) end,
    clear = function() self.mmio:write(ISR, events) end })
end

local function parameter(description, name, otherwise)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()])) or otherwise
end

--- Where the data goes: its own AXI4 port when the design has one, else TDFD and RDFD.
local function open_data(self, description)
  local base, high = parameter(description, "C_AXI4_BASEADDR", 0), parameter(description, "C_AXI4_HIGHADDR", 0)
  if parameter(description, "C_DATA_INTERFACE_TYPE", 0) ~= 1 then
    self._data, self._write_at, self._read_at = self.mmio, TDFD, RDFD
    return
  end
  if high <= base or high - base < FULL_READ + 3 then
    errors.raise("unsupported", "%s moves its data over an AXI4 port of which the metadata does not say the "
                 .. "address (C_AXI4_BASEADDR, C_AXI4_HIGHADDR).", self.fullpath)
  end
  self.data_window = core.mmio(base, high - base + 1, self.device, true)
  self._data, self._write_at, self._read_at = self.data_window, 0, FULL_READ
end

--- Opens the FIFO. What is in it stays; after an error somebody else left behind it is reset.
---@param description table entry of ip_dict
--- Raises `unsupported` for an AXI4 data port without an address.
function Fifo:init(description)
  if description.memtype == "MEMORY" then -- the same core is listed a second time
    errors.raise("unsupported", "%s is the data port of the FIFO: use the object at its register port.",
                 description.fullpath)
  end
  lunq.DefaultIP.init(self, description)
  self.has_transmit = parameter(description, "C_USE_TX_DATA", 1) ~= 0
  self.has_receive = parameter(description, "C_USE_RX_DATA", 1) ~= 0
  self.has_destination = parameter(description, "C_HAS_AXIS_TDEST", 0) ~= 0
  self.depth = { transmit = parameter(description, "C_TX_FIFO_DEPTH", 512),
                 receive = parameter(description, "C_RX_FIFO_DEPTH", 512) }
  self.cut_through = parameter(description, "C_USE_RX_CUT_THROUGH", 0) ~= 0
  -- with cut-through a packet longer than the FIFO has no end before some of it was read
  self._arrival = make_source(self, self.cut_through and RC | RFPF or RC, RECEIVE_ERRORS)
  self._departure = make_source(self, TC, TRANSMIT_ERRORS)
  self._reader = Lock(self.device, ("The receive side of %s"):format(self.fullpath))
  self._writer = Lock(self.device, ("The transmit side of %s"):format(self.fullpath))
  open_data(self, description)
  if self.mmio:read(ISR) & (RECEIVE_ERRORS | TRANSMIT_ERRORS) ~= 0 then self:reset() end
end

-- ---- state --------------------------------------------------------------------------------------

--- Words that can be written.
function Fifo:vacancy() return self.mmio:read(TDFV) & 0x1ffff end

--- Words in the receive FIFO; 0 until a packet has come whole whose length was not read yet.
function Fifo:occupancy() return self.mmio:read(RDFO) & 0x1ffff end

local function list_errors(status)
  local list = {}
  for _, e in ipairs(ERRORS) do
    if status & e[1] ~= 0 then list[#list + 1] = ("%s: %s"):format(e[2], e[3]) end
  end
  return list
end

--- The registers in words; reads nothing that would take data.
---@return string
function Fifo:explain()
  local status = self.mmio:read(ISR)
  local lines = {
    ("%s: ISR 0x%08x, IER 0x%08x"):format(self.fullpath, status, self.mmio:read(IER)),
    ("  transmit: %d of %d words free"):format(self:vacancy(), self.depth.transmit - 4),
    ("  receive: %d words wait"):format(self:occupancy()),
  }
  for _, text in ipairs(list_errors(status)) do lines[#lines + 1] = "  error " .. text end
  return table.concat(lines, "\n")
end

-- ---- resets -------------------------------------------------------------------------------------

local function reset_side(self, register, done, side)
  local m = self.mmio
  m:write(ISR, done)
  m:write(register, KEY)
  waiting.word(m, ISR, done, done, RESET_SECONDS, function()
    return ("Timeout: %s: the reset of the %s side did not end within %s. A stream that is under way "
            .. "keeps it: does the other side take (or send) its data?"):format(self.fullpath, side,
            waiting.time_text(RESET_SECONDS))
  end)
end

--- Empties what was not sent yet and clears the errors of that side.
---@return table self
function Fifo:reset_transmit()
  reset_side(self, TDFR, TRC, "transmit")
  self.mmio:write(ISR, TRANSMIT_ERRORS | TC)
  return self
end

--- Drops what was received and clears the errors of that side.
---@return table self
function Fifo:reset_receive()
  self._packet, self._length = nil, nil
  reset_side(self, RDFR, RRC, "receive")
  self.mmio:write(ISR, RECEIVE_ERRORS | RC)
  return self
end

--- Both sides.
---@return table self
--- Raises `timeout` when a reset does not end within a second.
function Fifo:reset()
  if self.has_transmit then self:reset_transmit() end
  if self.has_receive then self:reset_receive() end
  return self
end

-- ---- sending ------------------------------------------------------------------------------------

--- Data as something write_block takes (whole words), and its length in bytes.
local function packet_of(self, data)
  if type(data) == "string" then return data .. ("\0"):rep(-#data % 4), #data end
  if type(data) == "table" then return data, 4 * #data end
  if type(data) == "userdata" and data.tobytes then
    if data.nbytes % 4 == 0 then return data, data.nbytes end
    local bytes = data:tobytes()
    return bytes .. ("\0"):rep(-#bytes % 4), #bytes
  end
  errors.raise("type", "%s: a packet should be a string, a list of words or a buffer, not %s", self.fullpath,
               type(data))
end

local function check_length(self, bytes)
  local most = 4 * (self.depth.transmit - 4)
  if bytes == 0 then errors.raise("value", "%s: a packet has at least one byte.", self.fullpath) end
  if bytes > most or bytes > LENGTH then
    errors.raise("value", "%s: a packet of %d bytes does not fit: the transmit FIFO holds %d (C_TX_FIFO_DEPTH "
                 .. "%d words, of which 4 stay free). Send several packets.", self.fullpath, bytes,
                 math.min(most, LENGTH), self.depth.transmit)
  end
end

local function check_sent(self)
  local status = self.mmio:read(ISR)
  if status & TRANSMIT_ERRORS == 0 then return end
  local text = table.concat(list_errors(status & TRANSMIT_ERRORS), "; ")
  self:reset_transmit()
  errors.raise("runtime", "%s: the packet was not sent. %s. The transmit side was reset; does somebody else "
               .. "write to this FIFO?", self.fullpath, text)
end

--- Waits for room: TC says that a packet went out.
local function await_room(self, words, left, seconds)
  local free = self._departure:wait(left(), function()
    if self:vacancy() >= words then return true end
    check_sent(self)
  end)
  if free then return end
  errors.raise("timeout", "Timeout: %s: no room for a packet of %d words within %s, %d are free. The receiver of the "
               .. "stream takes nothing (TREADY stays low), or less than is sent.\n%s", self.fullpath, words,
               waiting.time_text(seconds), self:vacancy(), self:explain())
end

--- Sends one packet. Waits until the FIFO has room for all of it; it is under way when this returns.
---@param data string|table|userdata bytes, a list of 32-bit words, or a buffer
---@param timeout? number seconds
---@return table self
--- Raises `value` for a packet that never fits, `timeout` while the stream takes nothing, `runtime`.
function Fifo:send(data, timeout) return self:send_to(nil, data, timeout) end

--- The same with a destination (TDEST) for switches behind the FIFO.
---@param destination? integer 0 to 15
--- Raises `unsupported` when the stream has no TDEST.
function Fifo:send_to(destination, data, timeout)
  if not self.has_transmit then
    errors.raise("unsupported", "%s has no transmit side (C_USE_TX_DATA).", self.fullpath)
  end
  local packet, bytes = packet_of(self, data)
  check_length(self, bytes)
  if destination and not self.has_destination then
    errors.raise("unsupported", "%s: its stream has no TDEST (C_HAS_AXIS_TDEST).", self.fullpath)
  end
  if destination and (math.type(destination) ~= "integer" or destination < 0 or destination > 15) then
    errors.raise("value", "%s: a destination is 0 to 15, not %s", self.fullpath, tostring(destination))
  end
  local left, seconds = waiting.limit(self.device, timeout)
  local _ <close> = self._writer:hold(left()) -- who asked first sends first
  await_room(self, (bytes + 3) // 4, left, seconds)
  if destination then self.mmio:write(TDR, destination) end
  self._data:write_block(self._write_at, packet, FIXED)
  self.mmio:write(TLR, bytes) -- last: this sends it
  check_sent(self)
  return self
end

--- Waits until all that was sent has left the FIFO.
---@param timeout? number seconds
---@return table self
--- Raises `timeout`.
function Fifo:flush(timeout)
  await_room(self, self.depth.transmit - 4, waiting.limit(self.device, timeout))
  return self
end

-- ---- receiving ----------------------------------------------------------------------------------

local function check_received(self)
  local status = self.mmio:read(ISR)
  if status & RECEIVE_ERRORS == 0 then return end
  errors.raise("runtime", "%s: the receive side is in error: %s. Call reset_receive(), which drops what is in it.",
               self.fullpath, table.concat(list_errors(status & RECEIVE_ERRORS), "; "))
end

--- Whether something of a packet can be read: RLR of it, which is kept because reading takes it.
local function look(self)
  if self._length then return true end
  if not self.cut_through then
    if self:occupancy() > 0 then self._length = self.mmio:read(RLR) end
  else
    local value = self.mmio:read(RLR)
    local bytes <const> = value & LENGTH
    -- For a few clocks at the end of a packet the core takes four words off, and may go below zero.
    if value & PARTIAL == 0 or bytes > 0 and bytes <= 4 * self.depth.receive then self._length = value end
  end
  if not self._length then check_received(self) end
  return self._length ~= nil
end

--- Waits until part of a packet, or all of it, can be read: bytes, and whether that is its end.
---@param taken integer bytes of it that were read before
local function await_part(self, taken, left, seconds)
  if not self._arrival:wait(left(), function() return look(self) end) then
    errors.raise("timeout", "Timeout: %s: no packet within %s. A packet counts when its last word came with TLAST: "
                 .. "does the sender set it?\n%s", self.fullpath, waiting.time_text(seconds), self:explain())
  end
  local value = self._length
  local length <const> = value & LENGTH
  self._length = nil
  if value & PARTIAL ~= 0 then return length & ~3, false end
  if length <= taken then
    check_received(self)
    errors.raise("runtime", "%s: the next packet has %d bytes by RLR, of which %d were read before. Does somebody else "
                 .. "read this FIFO? Call reset_receive().", self.fullpath, length, taken)
  end
  return length - taken, true
end

--- The next packet, complete. What has been read of one stays in self._packet: it can't be read twice.
local function next_packet(self, left, seconds)
  local packet = self._packet or { parts = {}, bytes = 0, complete = false, destination = 0 }
  while not packet.complete do
    local bytes, last = await_part(self, packet.bytes, left, seconds)
    self._packet = packet
    if packet.bytes == 0 and self.has_destination then packet.destination = self.mmio:read(RDR) & 0xf end
    local ok, data = pcall(self._data.read_string, self._data, self._read_at, (bytes + 3) // 4 * 4, FIXED)
    check_received(self) -- says more than the bus
    if not ok then error(data, 0) end
    packet.parts[#packet.parts + 1] = data:sub(1, bytes)
    packet.bytes, packet.complete = packet.bytes + bytes, last
  end
  return packet
end

local function check_has_receive(self)
  if not self.has_receive then
    errors.raise("unsupported", "%s has no receive side (C_USE_RX_DATA).", self.fullpath)
  end
end

--- Takes the next packet, waiting for it. Several may wait; each gets a whole packet.
---@param timeout? number seconds; 0: only what is there
---@return string bytes
---@return integer destination TDEST it came with; 0 when the stream has none
--- Raises `timeout`, `runtime` when the receive side is in error.
function Fifo:receive(timeout)
  check_has_receive(self)
  local left, seconds = waiting.limit(self.device, timeout)
  local _ <close> = self._reader:hold(left())
  local packet = next_packet(self, left, seconds)
  self._packet = nil
  return table.concat(packet.parts), packet.destination
end

--- Takes the next packet into the beginning of a buffer.
---@param buffer userdata without gaps; a slice is one too
---@param timeout? number seconds
---@return integer bytes
--- Raises `value` when the packet is longer than the buffer: then it stays, for another try.
function Fifo:receive_into(buffer, timeout)
  check_has_receive(self)
  if type(buffer) ~= "userdata" or not buffer.tobytes then
    errors.raise("type", "%s: a packet is received into a buffer, not a %s", self.fullpath, type(buffer))
  end
  local left, seconds = waiting.limit(self.device, timeout)
  local _ <close> = self._reader:hold(left())
  local packet, flat = next_packet(self, left, seconds), buffer:view "u1":reshape(-1)
  if packet.bytes > #flat then
    errors.raise("value", "%s: the packet has %d bytes, the buffer %d. It stays, for another try.", self.fullpath,
                 packet.bytes, #flat)
  end
  flat:slice(1, packet.bytes):frombytes(table.concat(packet.parts))
  self._packet = nil
  return packet.bytes
end

-- ---- life ---------------------------------------------------------------------------------------

--- Closes the registers. May be repeated.
function Fifo:free()
  if self.data_window then self.data_window:close() end
  lunq.DefaultIP.free(self)
end

return Fifo
