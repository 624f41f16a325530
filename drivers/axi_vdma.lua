--- AXI VDMA 6.x: video frames from memory to a stream (writechannel) and from a stream to memory
--- (readchannel). The names are PYNQ's, seen from the program.
--
--   local vdma = ol.axi_vdma_0
--   vdma.readchannel:start { width = 640, height = 480, bits_per_pixel = 24 }
--   local frame = vdma.readchannel:readframe()        -- buffer (480, 640, 3) of u1, yours
--   vdma.writechannel:start { width = 640, height = 480, bits_per_pixel = 24 }
--   local next_frame = vdma.writechannel:newframe()   -- fill it
--   vdma.writechannel:writeframe(next_frame)          -- shown again and again until the next one
--   vdma.readchannel:stop(); vdma.writechannel:stop()
-- The read channel goes round through its frame stores (circular), the write channel stays at one
-- (parked) until another frame is written; park(n) holds the read channel at a store too.
-- All frames a channel knows are held: the hardware may use them until the channel has stopped or
-- another frame has taken their place, and they can't be freed before.
-- Registers: registers.md section 7 (HWH, ESW, PG020). To be verified on a board: that a reset ends one
-- channel only; how more than 8 stores share REG_INDEX with addresses of more than 32 bits.
local engine = require "lunq.engine"
local errors = require "lunq.errors"
local lunq = require "lunq"
local waiting = require "lunq.waiting"

local CR <const>, SR <const>, REG_INDEX <const>, PARK_PTR <const> = 0x00, 0x04, 0x14, 0x28
local VSIZE <const>, HSIZE <const>, STRIDE <const>, ADDRESS <const> = 0x00, 0x04, 0x08, 0x0c
local CR_RS <const>, CR_CIRCULAR <const>, CR_RESET <const>, CR_ONE <const> = 1, 1 << 1, 1 << 2, 1 << 16
local SR_HALTED <const>, SR_FRAME <const>, SR_IRQS <const> = 1, 1 << 12, 7 << 12
local FATAL <const>, DAMAGE <const> = 0x70, 1 << 7 | 1 << 8 | 1 << 11 | 1 << 15
local MOST_LINES <const>, MOST_BYTES <const> = 0x1fff, 0xffff
local FOLLOW_SECONDS <const> = 1

local ERRORS <const> = {
  { 1 << 4, "VDMAIntErr", "a size of 0, or an internal error" },
  { 1 << 5, "VDMASlvErr", "the memory answered with an error (SLVERR)" },
  { 1 << 6, "VDMADecErr", "an address leads nowhere (DECERR): does the address map of the port reach the frames?" },
  { 1 << 7, "SOFEarlyErr", "a frame began before VSIZE lines of the one before had come" },
  { 1 << 8, "EOLEarlyErr", "a line ended (TLAST) before HSIZE bytes" },
  { 1 << 11, "SOFLateErr", "a frame did not begin after VSIZE lines" },
  { 1 << 15, "EOLLateErr", "a line did not end (TLAST) after HSIZE bytes" },
}

local function parameter(description, name, otherwise)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()])) or otherwise
end

-- ---- a channel ----------------------------------------------------------------------------------

local Channel = lunq.Class:extend { __name = "VDMAChannel", mode = false }

local function title(self) return ("%s %s"):format(self.vdma.fullpath, self.name) end

local function registers(self)
  if not self.engine.mmio then
    errors.raise("runtime", "%s is closed: use the objects of the loaded overlay.", title(self))
  end
  return self.engine.mmio
end

local function reset_hardware(mmio, base, name)
  mmio:write(base + CR, CR_RESET)
  waiting.word(mmio, base + CR, CR_RESET, 0, FOLLOW_SECONDS, function()
    return ("Timeout: %s: the reset did not end within %s. A memory port that never answers keeps it: are its "
            .. "clock and the HP port enabled?"):format(name, waiting.time_text(FOLLOW_SECONDS))
  end)
end

--- s: name, s2mm, base and sizes (offsets of its registers), width (bytes of the memory port)
function Channel:init(vdma, s)
  for key, value in pairs(s) do self[key] = value end
  self.vdma, self.device = vdma, vdma.device
  self.framecount = vdma.framecount
  self.frames, self._retired = {}, {} -- frames: { buffer, hold } by store, from 0
  local name <const> = title(self)
  self.engine = engine.open(vdma.description, function(mmio) reset_hardware(mmio, s.base, name) end)
  -- left over from whoever used it before
  if self.engine.mmio:read(self.base + SR) & SR_HALTED == 0 then self:reset() end
end

--- True while the channel runs.
function Channel:running() return registers(self):read(self.base + SR) & SR_HALTED == 0 end

--- The store the hardware uses now, from 0.
function Channel:activeframe() return registers(self):read(PARK_PTR) >> (self.s2mm and 24 or 16) & 0x1f end

--- The registers in words, and what is wrong.
---@return string
function Channel:explain()
  local m = registers(self)
  local status = m:read(self.base + SR)
  local lines = { ("%s: VDMACR 0x%08x, VDMASR 0x%08x (%s), store %d, %d lines of %d bytes"):format(title(self),
    m:read(self.base + CR), status, status & SR_HALTED ~= 0 and "halted" or "running", self:activeframe(),
    m:read(self.sizes + VSIZE), m:read(self.sizes + HSIZE)) }
  for _, e in ipairs(ERRORS) do
    if status & e[1] ~= 0 then lines[#lines + 1] = ("  error %s: %s"):format(e[2], e[3]) end
  end
  return table.concat(lines, "\n")
end

local function check_number(self, value, what, most)
  if math.type(value) ~= "integer" or value < 1 or value > most then
    errors.raise("value", "%s: %s should be 1 to %d, not %s", title(self), what, most, tostring(value))
  end
end

local function check_mode(self, mode)
  if type(mode) ~= "table" then
    errors.raise("runtime", "%s: Video mode not set, channel not started: start { width =, height =, "
                 .. "bits_per_pixel = }", title(self))
  end
  local bits = mode.bits_per_pixel or 24
  if math.type(bits) ~= "integer" or bits < 8 or bits % 8 ~= 0 or bits > 128 then
    errors.raise("value", "%s: bits_per_pixel should be a multiple of 8, not %s", title(self), tostring(bits))
  end
  check_number(self, mode.height, "height", MOST_LINES)
  check_number(self, mode.width, "width", MOST_BYTES // (bits // 8))
  local line = mode.width * bits // 8
  if not self.dre and line % self.width ~= 0 then
    errors.raise("value", "%s: a line of %d bytes is no multiple of the %d bytes of the memory port, and the "
                 .. "design has no realignment engine.", title(self), line, self.width)
  end
  return { width = mode.width, height = mode.height, bits_per_pixel = bits, line = line, bytes = line * mode.height,
           fps = mode.fps }
end

--- A frame of the channel's size: a buffer (height, width) or (height, width, bytes per pixel) of u1.
---@return userdata buffer zeroed, yours
--- Raises `runtime` before the mode is known.
function Channel:newframe()
  local mode = self.mode
  if not mode then errors.raise("runtime", "%s: the video mode is not set: call start first.", title(self)) end
  local bytes = mode.bits_per_pixel // 8
  local shape = bytes == 1 and { mode.height, mode.width } or { mode.height, mode.width, bytes }
  return lunq.allocate(shape, "u1", { target = self.device })
end

local function write_address(self, store, address)
  local m, wide = registers(self), self.vdma.addr_width > 32
  local bank <const> = wide and 8 or 16
  if self.framecount > bank then m:write(self.base + REG_INDEX, store // bank) end
  local at = self.sizes + ADDRESS + store % bank * (wide and 8 or 4)
  m:write(at, address & 0xffffffff)
  if wide then m:write(at + 4, address >> 32) end
end

--- What was written counts from the next frame on.
local function commit(self) registers(self):write(self.sizes + VSIZE, self.mode.height) end

--- Lets go of a frame; one the channel made itself goes back.
local function drop(self, entry)
  self.engine:release(entry.hold)
  if entry.own then entry.buffer:close() end
end

--- Puts a frame into a store; gives the entry it replaces. own: made by the channel.
local function put(self, store, buffer, own)
  local hold = self.engine:hold(buffer)
  local old = self.frames[store]
  local ok, e = pcall(function()
    hold:sync_to_device()
    if hold:address() % self.width ~= 0 and not self.dre then
      errors.raise("runtime", "%s: a frame at %#x is not a multiple of %d bytes.", title(self), hold:address(),
                   self.width)
    end
  end)
  if not ok then
    self.engine:release(hold)
    error(e, 0)
  end
  write_address(self, store, hold:address())
  self.frames[store] = { buffer = buffer, hold = hold, own = own }
  return old
end

--- Lets go of frames the hardware has left: another frame has begun since they were exchanged.
local function sweep(self)
  if #self._retired == 0 then return end
  local now, keep = self:activeframe(), {}
  for _, entry in ipairs(self._retired) do
    if entry.store == now then
      keep[#keep + 1] = entry
    else
      drop(self, entry)
    end
  end
  self._retired = keep
end

--- The hardware has stopped: all frames are let go.
local function forget(self)
  for _, entry in pairs(self.frames) do drop(self, entry) end
  for _, entry in ipairs(self._retired) do drop(self, entry) end
  self.engine:release()
  self.frames, self._retired = {}, {}
end

--- Starts the channel with frames of its own.
---@param mode? table width, height (pixels), bits_per_pixel (24); the mode of before when left out
---@return table self
--- Raises `runtime` when it runs or has no mode, `value` for a mode it can't have.
function Channel:start(mode)
  local m = registers(self)
  if self:running() then errors.raise("runtime", "%s runs already: stop it first.", title(self)) end
  self.mode = check_mode(self, mode or self.mode)
  if m:read(self.base + SR) & (FATAL | DAMAGE) ~= 0 then self:reset() end
  forget(self)
  local ok, e = pcall(function()
    for store = 0, self.framecount - 1 do put(self, store, self:newframe(), true) end
  end)
  if not ok then
    forget(self)
    error(e, 0)
  end
  if not self.s2mm then m:update(PARK_PTR, 0x1f, 0) end
  m:write(self.base + SR, SR_IRQS)
  m:write(self.base + CR, CR_RS | CR_ONE | (self.s2mm and CR_CIRCULAR or 0) | self.enables)
  waiting.word(m, self.base + SR, SR_HALTED, 0, FOLLOW_SECONDS, function()
    return ("Timeout: %s does not start.\n%s"):format(title(self), self:explain())
  end)
  m:write(self.sizes + HSIZE, self.mode.line)
  m:write(self.sizes + STRIDE, self.mode.line)
  commit(self) -- last: this starts it
  return self
end

--- Stops the channel, at the end of a frame or (when that does not come) with a reset. Its frames are
--- let go.
---@return table self
function Channel:stop()
  local m = registers(self)
  m:update(self.base + CR, CR_RS, 0)
  local ok = pcall(m.poll, m, self.base + SR, SR_HALTED, SR_HALTED, FOLLOW_SECONDS)
  if not ok then return self:reset() end
  forget(self)
  return self
end

--- Resets the channel: it is halted, errors are gone, its frames are let go.
---@return table self
--- Raises `timeout` when the reset does not end; then they stay held.
function Channel:reset()
  reset_hardware(registers(self), self.base, title(self))
  forget(self)
  return self
end

--- Stays at one store from the next frame on; nil: goes round again.
---@param store? integer from 0
---@return table self
function Channel:park(store)
  local m = registers(self)
  if store == nil then
    m:update(self.base + CR, CR_CIRCULAR, CR_CIRCULAR)
    return self
  end
  if math.type(store) ~= "integer" or store < 0 or store >= self.framecount then
    errors.raise("value", "%s: stores are 0 to %d, not %s", title(self), self.framecount - 1, tostring(store))
  end
  local shift <const> = self.s2mm and 8 or 0
  m:update(PARK_PTR, 0x1f << shift, store << shift)
  m:update(self.base + CR, CR_CIRCULAR, 0)
  return self
end

--- True when it stays at one store.
function Channel:parked() return registers(self):read(self.base + CR) & CR_CIRCULAR == 0 end

local function check_running(self)
  local status = registers(self):read(self.base + SR)
  if status & FATAL ~= 0 then
    errors.raise("runtime", "%s has failed.\n%s\nIts frames stay held until reset(), stop() or start().", title(self),
                 self:explain())
  end
  if status & SR_HALTED ~= 0 then
    errors.raise("runtime", "DMA channel not started: call %s:start first.", self.name)
  end
end

--- Waits for the end of a frame; one that ended since the last time counts.
local function await_frame(self, left, seconds)
  local m = registers(self)
  local ok, e = pcall(waiting.word, m, self.base + SR, SR_FRAME, SR_FRAME, left(), function()
    return ("Timeout: %s: no frame within %s. %s\n%s"):format(title(self), waiting.time_text(seconds),
      self.s2mm and "Does a stream arrive, with TLAST at the end of each line?"
      or "Does the receiver of the stream take data?", self:explain())
  end)
  if ok then
    m:write(self.base + SR, SR_FRAME)
    return
  end
  check_running(self) -- it halted on an error meanwhile: that is the better text
  error(e, 0)
end

function Channel:__tostring()
  local mode = self.mode
  return ("VDMAChannel %s: %s, %d stores"):format(title(self), mode and ("%d x %d, %d bits"):format(mode.width,
    mode.height, mode.bits_per_pixel) or "no mode", self.framecount)
end

-- ---- reading ------------------------------------------------------------------------------------

local ReadChannel = Channel:extend { __name = "VDMAReadChannel" }

--- The frame that came last, exchanged for another buffer.
local function exchange(self)
  local store = (self:activeframe() - 1) % self.framecount
  local old = put(self, store, self:newframe(), true)
  commit(self)
  -- The hardware is in another frame, and when it comes back it has the new address. Should it have
  -- gone all the way round meanwhile, it may be writing here: then the memory stays held for a while.
  old.own = false
  if self:activeframe() == store then
    self._retired[#self._retired + 1] = { hold = old.hold, store = store, buffer = old.buffer }
  else
    old.hold:sync_from_device()
    self.engine:release(old.hold)
  end
  return old.buffer
end

--- A copy of the store the channel is parked at; the hardware may be at the next frame by then.
local function copy_parked(self)
  local entry, frame = self.frames[self:activeframe()], self:newframe()
  entry.hold:sync_from_device()
  frame:copyfrom(entry.buffer)
  return frame
end

--- Waits for a frame and takes it: another buffer takes its place. Of frames that came since the last
--- call the newest is taken. While the channel is parked, a copy is.
---@param timeout? number seconds
---@return userdata buffer yours
--- Raises `runtime` when the channel is not started or has failed, or the frame is damaged (then the
--- next call goes on), `timeout`, `unsupported` with one frame store.
function ReadChannel:readframe(timeout)
  if self.framecount < 2 then
    errors.raise("unsupported", "%s: with one frame store (C_NUM_FSTORES) the next frame overwrites the one that "
                 .. "came.", title(self))
  end
  check_running(self)
  sweep(self)
  local left, seconds = waiting.limit(self.device, timeout)
  local m = registers(self)
  await_frame(self, left, seconds)
  local damage = m:read(self.base + SR) & DAMAGE
  if damage ~= 0 then
    local text = self:explain()
    m:write(self.base + SR, damage | 1 << 14)
    errors.raise("runtime", "%s: the frame is damaged.\n%s", title(self), text)
  end
  return self:parked() and copy_parked(self) or exchange(self)
end

-- ---- writing ------------------------------------------------------------------------------------

local WriteChannel = Channel:extend { __name = "VDMAWriteChannel" }

local function check_frame(self, frame)
  if type(frame) ~= "userdata" or not frame.nbytes then
    errors.raise("type", "%s: a frame should be a buffer, not %s", title(self), type(frame))
  end
  if frame.nbytes ~= self.mode.bytes then
    errors.raise("value", "%s: the frame has %d bytes, the video mode %d: take it from newframe().", title(self),
                 frame.nbytes, self.mode.bytes)
  end
end

--- Shows a frame from the next one on, and waits until it is being sent. It is held until another
--- frame has taken its place or the channel has stopped.
---@param frame userdata of newframe, or of a read channel with the same mode
---@param timeout? number seconds
---@return table self
--- Raises `runtime` when the channel is not started or has failed, `value`, `timeout`.
function WriteChannel:writeframe(frame, timeout)
  check_running(self)
  check_frame(self, frame)
  sweep(self)
  local left, seconds = waiting.limit(self.device, timeout)
  local m = registers(self)
  local store = (self:activeframe() + 1) % self.framecount
  local old = put(self, store, frame)
  commit(self)
  m:update(PARK_PTR, 0x1f, store)
  if self:activeframe() == store then
    -- one store only, or it has just begun here with the old frame: wait for the end of the one under
    -- way, and of the first of the new
    self._retired[#self._retired + 1] = { hold = old.hold, buffer = old.buffer, own = old.own, store = store }
    m:write(self.base + SR, SR_FRAME)
    await_frame(self, left, seconds)
    await_frame(self, left, seconds)
    for _, entry in ipairs(self._retired) do drop(self, entry) end
    self._retired = {}
    return self
  end
  drop(self, old) -- the hardware is at another store, and comes back to the new address
  local ok, e = pcall(waiting.word, m, PARK_PTR, 0x1f << 16, store << 16, left(), function()
    return ("Timeout: %s: the frame was not begun within %s. Does the receiver of the stream take data?\n%s"):format(
      title(self), waiting.time_text(seconds), self:explain())
  end)
  if not ok then
    check_running(self)
    error(e, 0)
  end
  return self
end

-- ---- the IP -------------------------------------------------------------------------------------

local VDMA = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:axi_vdma:6.2", "xilinx.com:ip:axi_vdma:6.3" }, __name = "VDMA",
}

---@param description table entry of ip_dict
--- Raises `runtime` without parameters.
function VDMA:init(description)
  if type(description) == "table" and not description.parameters then
    errors.raise("runtime", "Unable to get parameters from description; Users must use *.hwh files for overlays.")
  end
  lunq.DefaultIP.init(self, description)
  self.framecount = parameter(description, "C_NUM_FSTORES", 3)
  self.addr_width = parameter(description, "C_ADDR_WIDTH", 32)
  local pins = description.interrupts or {}
  local function enables(pin) return pins[pin] and SR_FRAME | 1 << 14 or 0 end
  if parameter(description, "C_INCLUDE_S2MM", 1) ~= 0 then
    self.readchannel = ReadChannel(self, { name = "readchannel", s2mm = true, base = 0x30, sizes = 0xa0,
      width = parameter(description, "C_M_AXI_S2MM_DATA_WIDTH", 64) // 8, enables = enables "s2mm_introut",
      dre = parameter(description, "C_INCLUDE_S2MM_DRE", 0) ~= 0 })
  end
  if parameter(description, "C_INCLUDE_MM2S", 1) ~= 0 then
    self.writechannel = WriteChannel(self, { name = "writechannel", s2mm = false, base = 0x00, sizes = 0x50,
      width = parameter(description, "C_M_AXI_MM2S_DATA_WIDTH", 64) // 8, enables = enables "mm2s_introut",
      dre = parameter(description, "C_INCLUDE_MM2S_DRE", 0) ~= 0 })
  end
end

local function each_channel(self, f)
  for _, name in ipairs { "readchannel", "writechannel" } do
    local channel = rawget(self, name)
    if channel then f(channel) end
  end
end

--- Stops the channels and lets go of their frames. The overlay calls this before another design takes
--- the IP's place.
function VDMA:release()
  each_channel(self, function(channel)
    channel.engine:finish()
    forget(channel)
  end)
end

--- Does that and closes the registers. May be repeated.
function VDMA:free()
  each_channel(self, function(channel)
    channel.engine:close()
    if not channel.engine:busy() then forget(channel) end -- else its memory is kept
  end)
  lunq.DefaultIP.free(self)
end

--- Both channels' registers in words.
---@return string
function VDMA:explain()
  local texts = {}
  each_channel(self, function(channel) texts[#texts + 1] = channel:explain() end)
  return table.concat(texts, "\n")
end

-- nil for a channel that is left out, not "no such name".
function VDMA:missing(name)
  if name == "readchannel" or name == "writechannel" then return nil end
  return lunq.DefaultIP.missing(self, name)
end

return VDMA
