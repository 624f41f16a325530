--- AXI CDMA 4.1: copies memory by itself, one piece or (with scatter-gather) a list of them.
--
--   local cdma = ol.axi_cdma_0
--   cdma:copy(dst, src)                       -- buffers, rows or slices without gaps; waits
--   cdma:transfer(dst, src, { nbytes = 64 })  -- starts; cdma:wait() gives the bytes moved
--   cdma:copy(ol.bram, src)                   -- memory of the design too
--   cdma:scatter { { dst, src }, { dst2, src2, nbytes = 64 } }
--   cdma:wait()
-- A wait sleeps until the interrupt (cdma_introut) when the design wires it; several may wait for one
-- transfer. The driver syncs what it moves, and the memory is held until the transfer is over: not even a
-- freed overlay lets the engine write into memory that is somebody else's by then. After an error or
-- a time-out cdma:reset() brings the engine back.
-- Registers: registers.md section 6 (ESW, PG034).
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"
local engine = require "lunq.engine"
local errors = require "lunq.errors"
local lunq = require "lunq"
local piece = require "lunq.cdma.piece"
local waiting = require "lunq.waiting"

local CDMACR <const>, CDMASR <const>, CURDESC <const>, TAILDESC <const> = 0x00, 0x04, 0x08, 0x10
local SA <const>, DA <const>, BTT <const>, HIGH <const> = 0x18, 0x20, 0x28, 4
local CR_RESET <const>, CR_SG <const>, CR_KEYHOLE_READ <const>, CR_KEYHOLE_WRITE <const> =
  1 << 2, 1 << 3, 1 << 4, 1 << 5
local CR_IRQS <const>, CR_ONE <const> = 1 << 12 | 1 << 14, 1 << 16 -- IOC and Err; IRQThreshold 1
local SR_IDLE <const>, SR_SGINCLD <const>, SR_ERRORS <const>, SR_IRQS <const>, SR_IOC <const> =
  1 << 1, 1 << 3, 0x770, 7 << 12, 1 << 12
local LENGTH_BITS <const>, DESCRIPTOR <const>, COMPLETE <const> = 26, 64, 1 << 31
local MOST_THRESHOLD <const> = 255
local RESET_SECONDS <const>, PAUSE <const> = 1, 1000 -- PAUSE: ns

local ERRORS <const> = {
  { 1 << 4, "DMAIntErr", "a length of 0 was asked for" },
  { 1 << 5, "DMASlvErr", "the memory answered with an error (SLVERR)" },
  { 1 << 6, "DMADecErr", "an address leads nowhere (DECERR): does the address map of its master port reach the "
    .. "buffers?" },
  { 1 << 8, "SGIntErr", "a descriptor was complete already" },
  { 1 << 9, "SGSlvErr", "reading or writing a descriptor was answered with an error (SLVERR)" },
  { 1 << 10, "SGDecErr", "the address of a descriptor leads nowhere (DECERR)" },
}

local CDMA = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_cdma:4.1" }, __name = "CDMA" }

local function parameter(description, name, otherwise)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()])) or otherwise
end

local function reset_hardware(mmio, fullpath)
  mmio:write(CDMACR, CR_RESET)
  waiting.word(mmio, CDMACR, CR_RESET, 0, RESET_SECONDS, function()
    return ("Timeout: %s: the reset did not end within %s (CDMASR 0x%08x). A memory port that never answers "
            .. "keeps it: are its clock and the HP port enabled?"):format(fullpath,
            waiting.time_text(RESET_SECONDS), mmio:read(CDMASR))
  end)
end

--- Completion and errors.
local function make_source(self)
  local m = self._engine.mmio
  return InterruptSource(self, { pin = "cdma_introut", pause = PAUSE,
    enable = function(on) m:update(CDMACR, CR_IRQS, on and CR_IRQS or 0) end,
    clear = function()
      local events = m:read(CDMASR) & SR_IRQS
      self._events = self._events | events
      m:write(CDMASR, events)
    end })
end

--- Opens the engine; one that somebody left at work or in error is reset.
---@param description table entry of ip_dict
function CDMA:init(description)
  lunq.DefaultIP.init(self, description)
  local path <const> = description.fullpath
  self._engine = engine.open(description, function(mmio) reset_hardware(mmio, path) end)
  self.has_sg = self._engine.mmio:read(CDMASR) & SR_SGINCLD ~= 0
  self.has_dre = parameter(description, "C_INCLUDE_DRE", 0) ~= 0
  self.width = parameter(description, "C_M_AXI_DATA_WIDTH", 32) // 8
  self.addr_width = parameter(description, "C_ADDR_WIDTH", 32)
  self.buffer_max_size = (1 << LENGTH_BITS) - 1 -- 2^26 does not fit (embeddedsw#102)
  self.transferred = 0 -- bytes of the last transfer that ended well
  self._total, self._count = 0, 0 -- bytes of all of them, and how many
  self._events = 0 -- interrupt bits of this transfer that a wait has cleared
  self._over = make_source(self)
  self._turn = Lock(self.device, self.fullpath) -- for copies
  local status = self._engine.mmio:read(CDMASR)
  if status & SR_IDLE == 0 or status & SR_ERRORS ~= 0 then reset_hardware(self._engine.mmio, path) end
end

-- ---- before a transfer --------------------------------------------------------------------------

local function registers(self)
  local m = self._engine.mmio
  if not m then
    errors.raise("runtime", "%s is closed: use the objects of the loaded overlay.", self.fullpath)
  end
  return m
end

--- The transfer is over: its memory and its descriptors go back.
local function forget(self)
  local ring = self._ring
  self._pieces, self._ring = nil, nil
  self._engine:release()
  if ring then ring.buffer:close() end
end

--- Runs `f`; when it raises, what it held is let go: nothing was started.
local function guarded(self, f)
  local ok, e = pcall(f)
  if ok then return e end
  forget(self)
  error(e, 0)
end

local function check_free(self)
  local m = registers(self)
  if self._engine:busy() then
    errors.raise("runtime", "CDMA %s is not idle: wait for its transfer, or reset it.", self.fullpath)
  end
  local status = m:read(CDMASR)
  if status & SR_ERRORS ~= 0 then
    errors.raise("runtime", "%s\nCall reset() before the next transfer.", self:explain())
  end
  if status & SR_IDLE == 0 then
    errors.raise("runtime", "CDMA %s is not idle, and not by this driver: does somebody else use it?", self.fullpath)
  end
  return m
end

local function write_address(self, m, offset, address)
  m:write(offset, address & 0xffffffff)
  if self.addr_width > 32 then m:write(offset + HIGH, address >> 32) end
end

-- ---- starting -----------------------------------------------------------------------------------

--- No interrupts and none enabled: who waits enables them.
local function prepare(self, m, control)
  m:write(CDMACR, control)
  m:write(CDMASR, SR_IRQS)
  self._events = 0
end

--- IRQThreshold for a list: as few interrupts as can be, of which the last is at its end. Descriptors
--- are counted in groups of this many, so it has to divide their number.
local function threshold(n)
  local t = math.min(n, MOST_THRESHOLD)
  while n % t ~= 0 do t = t - 1 end
  return t
end

--- Starts one copy.
---@param dst userdata|table buffer, or memory of the overlay
---@param src userdata|table
---@param o? table dst_start, src_start, nbytes (bytes; without nbytes all of the source); keyhole_read,
---   keyhole_write: true to stay at one address, for a FIFO
---@return table self
--- Raises `value` (range, size), `runtime` (under way, alignment), `type`.
function CDMA:transfer(dst, src, o)
  o = o or {}
  piece.check_options(self, o)
  local m = check_free(self)
  local one = guarded(self, function() return piece.of(self, self._engine, dst, src, o) end)
  self._pieces, self._ring = { one }, nil
  guarded(self, function()
    piece.sync_out(self._pieces)
    prepare(self, m, CR_ONE | (o.keyhole_read and CR_KEYHOLE_READ or 0)
            | (o.keyhole_write and CR_KEYHOLE_WRITE or 0))
    write_address(self, m, SA, one.src)
    write_address(self, m, DA, one.dst)
  end)
  m:write(BTT, one.n) -- last: this starts it
  return self
end

--- Descriptors one behind the other, in one buffer that is held with the rest.
local function make_ring(self, pieces)
  local n = #pieces
  local ring = lunq.allocate((n + 1) * DESCRIPTOR, "u1", { target = self.device })
  local skip = -ring.device_address % DESCRIPTOR
  local first = ring.device_address + skip
  local words = { ("\0"):rep(skip) }
  for i, p in ipairs(pieces) do
    local next_one = first + (i < n and i or 0) * DESCRIPTOR
    words[#words + 1] = string.pack("<I8I8I8I4I4", next_one, p.src, p.dst, p.n, 0) .. ("\0"):rep(32)
  end
  words[#words + 1] = ("\0"):rep(DESCRIPTOR - skip)
  ring:frombytes(table.concat(words))
  return { buffer = ring, first = first, skip = skip, last = first + (n - 1) * DESCRIPTOR }
end

local function check_list(self, list)
  if type(list) ~= "table" or #list == 0 then
    errors.raise("value", "%s: scatter takes a list of copies: { { dst, src }, { dst, src, nbytes = 64 } }",
                 self.fullpath)
  end
  for i, entry in ipairs(list) do
    if type(entry) ~= "table" or entry[1] == nil or entry[2] == nil then
      errors.raise("value", "%s: copy %d of the list should be { dst, src }", self.fullpath, i)
    end
    piece.check_options(self, entry)
    if entry.keyhole_read or entry.keyhole_write then
      errors.raise("value", "%s: copy %d: a keyhole is for all of a transfer, not for one of a list", self.fullpath, i)
    end
  end
end

--- Starts a list of copies, which the engine does one after the other.
---@param list table { { dst, src, dst_start =, src_start =, nbytes = }, ... }
---@return table self
--- Raises `unsupported` when the core has no scatter-gather, else as transfer.
function CDMA:scatter(list)
  if not self.has_sg then
    errors.raise("unsupported", "%s has no scatter-gather (C_INCLUDE_SG): copy one piece after the other.",
                 self.fullpath)
  end
  check_list(self, list)
  local m = check_free(self)
  local pieces = {}
  guarded(self, function()
    for i, entry in ipairs(list) do pieces[i] = piece.of(self, self._engine, entry[1], entry[2], entry) end
    self._ring = make_ring(self, pieces)
    self._ring.hold = self._engine:hold(self._ring.buffer)
    piece.sync_out(pieces)
    self._ring.hold:sync_to_device()
    -- out of SGMode and in again: that clears the pointers
    m:write(CDMACR, CR_ONE)
    prepare(self, m, threshold(#pieces) << 16 | CR_SG)
    write_address(self, m, CURDESC, self._ring.first)
  end)
  self._pieces = pieces
  write_address(self, m, TAILDESC, self._ring.last) -- last: this starts it
  return self
end

-- ---- ending -------------------------------------------------------------------------------------

--- Descriptors of the list that are complete.
local function completed(self)
  local ring, n = self._ring, 0
  ring.hold:sync_from_device()
  local bytes = ring.buffer:tobytes()
  for i = 0, #self._pieces - 1 do
    local status = string.unpack("<I4", bytes, ring.skip + i * DESCRIPTOR + 29)
    if status & COMPLETE == 0 then break end
    n = n + 1
  end
  return n
end

local function fail(self)
  local pieces = self._ring and (" Copy %d of %d failed."):format(completed(self) + 1, #self._pieces) or ""
  errors.raise("runtime", "CDMA transfer failed.%s\n%s\nIts memory stays held until reset().", pieces,
               self:explain())
end

--- The engine is idle: what was moved counts, or the error is raised.
local function finish(self, m)
  if m:read(CDMASR) & SR_ERRORS ~= 0 then fail(self) end
  if self._ring and completed(self) < #self._pieces then fail(self) end
  local pieces, bytes = self._pieces, 0
  for _, p in ipairs(pieces) do
    if p.dst_hold then p.dst_hold:sync_from_device() end
    bytes = bytes + p.n
  end
  m:write(CDMASR, SR_IRQS)
  forget(self)
  self.transferred, pieces.transferred = bytes, bytes
  self._total, self._count = self._total + bytes, self._count + 1
end

--- What it does, for ol:monitor(): see drivers/README.md.
---@return table[] rows
function CDMA:activity()
  local status, pieces, of, done = registers(self):read(CDMASR), self._pieces or {}, 0, 0
  local complete = self._ring and completed(self) or 0
  for i, p in ipairs(pieces) do
    of = of + p.n
    if i <= complete then done = done + p.n end
  end
  local state = status & SR_ERRORS ~= 0 and "error" or status & SR_IDLE == 0 and "busy"
                or #pieces > 0 and "done" or "idle"
  return { { state = state, of = of, done = done, unit = "bytes", total = self._total, count = self._count } }
end

--- Idle with neither a completion nor an error: it has not even begun.
local function is_over(self, m)
  local status = m:read(CDMASR)
  return status & SR_IDLE ~= 0 and (status | self._events) & (SR_IOC | SR_ERRORS) ~= 0
end

--- Waits until the transfer is over.
---@param timeout? number seconds
---@return integer bytes moved
--- Raises `runtime` when nothing was started, it failed or was reset; `timeout`: then it is still under
--- way; wait again or reset.
function CDMA:wait(timeout)
  local m, pieces = registers(self), self._pieces
  if not pieces then
    errors.raise("runtime", "CDMA %s: there is no transfer to wait for.", self.fullpath)
  end
  local left, seconds = waiting.limit(self.device, timeout)
  -- another wait may have ended it, or a reset
  local over = self._over:wait(left(), function() return self._pieces ~= pieces or is_over(self, m) end)
  if not over then
    errors.raise("timeout", "Timeout: CDMA transfer of %s did not end within %s; it is still under way, and its "
                 .. "memory held.\n%s", self.fullpath, waiting.time_text(seconds), self:explain())
  end
  if self._pieces == pieces then finish(self, m) end
  if not pieces.transferred then
    errors.raise("runtime", "CDMA %s: the transfer was ended by a reset.", self.fullpath)
  end
  return pieces.transferred
end

--- True when the transfer is over, without waiting; true too when there is none.
--- Raises `runtime` when it failed.
function CDMA:done()
  local m = registers(self)
  if not self._pieces then return true end
  if not is_over(self, m) then return false end
  finish(self, m)
  return true
end

--- Copies and waits; what is longer than the engine takes at once goes in several transfers. Copies of
--- several tasks take turns.
---@param dst userdata|table
---@param src userdata|table
---@param o? table as transfer
---@param timeout? number seconds, for all of it
---@return integer bytes
function CDMA:copy(dst, src, o, timeout)
  o = o or {}
  piece.check_options(self, o)
  local size = type(src) == "userdata" and src.nbytes or nil
  local start, nbytes = piece.check_number(self, o.src_start, "src_start"), piece.check_number(self, o.nbytes, "nbytes")
  local total = nbytes > 0 and nbytes or size and size - start
  local most <const> = self.buffer_max_size & ~4095
  local left = waiting.limit(self.device, timeout)
  local _ <close> = self._turn:hold(left())
  if not total or total <= most then
    self:transfer(dst, src, o)
    return self:wait(left())
  end
  for at = 0, total - 1, most do
    local n = math.min(most, total - at)
    self:transfer(dst, src, { nbytes = n, src_start = (o.src_start or 0) + (o.keyhole_read and 0 or at),
                              dst_start = (o.dst_start or 0) + (o.keyhole_write and 0 or at),
                              keyhole_read = o.keyhole_read, keyhole_write = o.keyhole_write })
    self:wait(left())
  end
  self.transferred = total
  return total
end

--- Resets the engine. A transfer is over, its memory released, what it wrote is undefined.
---@return table self
--- Raises `timeout` when the reset does not end; then the memory stays held.
function CDMA:reset()
  reset_hardware(registers(self), self.fullpath)
  forget(self)
  self._over:wake()
  return self
end

-- ---- state --------------------------------------------------------------------------------------

--- The registers in words, and what is wrong.
---@return string
function CDMA:explain()
  local m = registers(self)
  local control, status = m:read(CDMACR), m:read(CDMASR)
  local lines = {
    ("%s: CDMACR 0x%08x (%s), CDMASR 0x%08x (%s)"):format(self.fullpath, control,
      control & CR_SG ~= 0 and "scatter-gather" or "simple", status, status & SR_IDLE ~= 0 and "idle" or "at work"),
  }
  if control & CR_SG ~= 0 then
    lines[#lines + 1] = ("  descriptor %#x, last %#x"):format(m:read(CURDESC), m:read(TAILDESC))
  else
    lines[#lines + 1] = ("  from %#x to %#x, %d bytes"):format(m:read(SA), m:read(DA), m:read(BTT))
  end
  for _, e in ipairs(ERRORS) do
    if status & e[1] ~= 0 then lines[#lines + 1] = ("  error %s: %s"):format(e[2], e[3]) end
  end
  return table.concat(lines, "\n")
end

--- Ends a transfer under way and lets go of its memory. The overlay calls this before another design
--- takes the engine's place.
function CDMA:release()
  if not rawget(self, "_engine") then return end
  self._engine:finish()
  forget(self)
  self._over:wake()
end

--- Does that and closes the registers. May be repeated.
function CDMA:free()
  local e = rawget(self, "_engine")
  if e then e:close() end
  self._pieces, self._ring = nil, nil
  lunq.DefaultIP.free(self)
end

function CDMA:missing(name)
  local m = rawget(self, "_engine") and self._engine.mmio
  if m and name == "idle" then return m:read(CDMASR) & SR_IDLE ~= 0 end
  if m and name == "error" then return m:read(CDMASR) & SR_ERRORS ~= 0 end
  if name == "busy" then return rawget(self, "_pieces") ~= nil end
  return lunq.DefaultIP.missing(self, name)
end

function CDMA:__tostring()
  return ("CDMA %s (%s) %#x+%#x: %s, up to %d bytes"):format(self.fullpath, self.type, self.phys_addr,
    self.addr_range, self.has_sg and "simple and scatter-gather" or "simple", self.buffer_max_size)
end

return CDMA
