--- A channel of an AXI VDMA: what reading and writing frames have in common. See drivers/axi_vdma.lua.
--
-- Fields, as PYNQ has them: mode, running, parked, activeframe, desiredframe, irqframecount, framedelay,
-- cacheable_frames. mode, parked, desiredframe, irqframecount and framedelay can be assigned.
local Class = require "lunq.class"
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"
local engine = require "lunq.engine"
local errors = require "lunq.errors"
local lunq = require "lunq"
local nearest = require "lunq.nearest"
local waiting = require "lunq.waiting"

local CR <const>, SR <const>, REG_INDEX <const>, PARK_PTR <const> = 0x00, 0x04, 0x14, 0x28
local VSIZE <const>, HSIZE <const>, STRIDE <const>, ADDRESS <const> = 0x00, 0x04, 0x08, 0x0c
local CR_RS <const>, CR_CIRCULAR <const>, CR_RESET <const>, CR_ONE <const> = 1, 1 << 1, 1 << 2, 1 << 16
local SR_HALTED <const>, SR_IRQS <const> = 1, 7 << 12
local FRAME <const>, ERR <const> = 1 << 12, 1 << 14 -- in both registers: FrmCnt and Err
local FATAL <const> = 0x70 -- when it has halted; a stream error is an internal error, too, and it goes on
local DAMAGE <const> = 1 << 4 | 1 << 7 | 1 << 8 | 1 << 11 | 1 << 15
local MOST_LINES <const>, MOST_BYTES <const> = 0x1fff, 0xffff
local FOLLOW_SECONDS <const>, PAUSE <const> = 1, 10000 -- PAUSE: ns
local BANK <const> = 16 -- start addresses at a time, of up to 32 bits (REG_INDEX)

local ERRORS <const> = {
  { 1 << 4, "VDMAIntErr", "a size of 0, or an internal error" },
  { 1 << 5, "VDMASlvErr", "the memory answered with an error (SLVERR)" },
  { 1 << 6, "VDMADecErr", "an address leads nowhere (DECERR): does the address map of the port reach the frames?" },
  { 1 << 7, "SOFEarlyErr", "a frame began before VSIZE lines of the one before had come" },
  { 1 << 8, "EOLEarlyErr", "a line ended (TLAST) before HSIZE bytes" },
  { 1 << 11, "SOFLateErr", "a frame did not begin after VSIZE lines" },
  { 1 << 15, "EOLLateErr", "a line did not end (TLAST) after HSIZE bytes" },
}

local Channel = Class:extend { __name = "VDMAChannel", cacheable_frames = true }

local function title(self) return ("%s %s"):format(self.vdma.fullpath, self.name) end

function Channel:registers()
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

--- Ends of frames, and errors. A wait clears both bits before it looks; a frame stays noted.
local function make_source(self, pin)
  local m <const>, base <const> = self.engine.mmio, self.base
  return InterruptSource(self.vdma, { pin = pin, pause = PAUSE,
    enable = function(on) m:update(base + CR, FRAME | ERR, on and FRAME | ERR or 0) end,
    clear = function()
      local events = m:read(base + SR) & (FRAME | ERR)
      self._ended = self._ended or events & FRAME ~= 0
      m:write(base + SR, events)
    end })
end

--- s: name, pin, s2mm, base and sizes (offsets of its registers), width (bytes of the memory port), dre
function Channel:init(vdma, s)
  for key, value in pairs(s) do self[key] = value end
  self.vdma, self.device = vdma, vdma.device
  self.framecount = vdma.framecount
  self.frames, self._retired = {}, {} -- frames: { buffer, hold, own } by store, from 0
  self._ended = false -- a frame has ended, and a wait has cleared its bit
  self._damage = 0    -- stream errors that were cleared, but not told yet
  local name <const> = title(self)
  self.engine = engine.open(vdma.description, function(mmio) reset_hardware(mmio, s.base, name) end)
  self.source, self.turn = make_source(self, s.pin), Lock(self.device, name)
  -- left over from whoever used it before
  if not self.running then self._ended = false else self:reset() end
end

-- ---- fields -------------------------------------------------------------------------------------

local function shift(self) return self.s2mm and 8 or 0 end

--- Clears stream errors and keeps them for damage(): as long as one is set the store that PARK_PTR shows
--- stands still (axi_vdma_register.vhd), and the true one would look free.
local function note_damage(self, m)
  local status = m:read(self.base + SR)
  if status & DAMAGE == 0 or status & SR_HALTED ~= 0 then return end
  self._damage = self._damage | status & DAMAGE
  m:write(self.base + SR, status & DAMAGE)
end

local GET <const> = {
  --- The video mode: width, height, bits_per_pixel, bytes_per_pixel, stride, shape, fps; nil: not set.
  mode = function(self) return self._mode or nil end,
  --- True while the channel runs.
  running = function(self) return self:registers():read(self.base + SR) & SR_HALTED == 0 end,
  --- True when it stays at one store.
  parked = function(self) return self:registers():read(self.base + CR) & CR_CIRCULAR == 0 end,
  --- The store the hardware uses now, from 0.
  activeframe = function(self)
    local m = self:registers()
    note_damage(self, m)
    return m:read(PARK_PTR) >> (16 + shift(self)) & 0x1f
  end,
  --- The store it stays at when it is parked.
  desiredframe = function(self) return self:registers():read(PARK_PTR) >> shift(self) & 0x1f end,
  --- How many frames make an interrupt.
  irqframecount = function(self) return self:registers():read(self.base + CR) >> 16 & 0xff end,
  --- Frames that a genlock slave stays behind its master.
  framedelay = function(self) return self:registers():read(self.sizes + STRIDE) >> 24 & 0x1f end,
}

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
  local bytes <const> = bits // 8
  check_number(self, mode.height, "height", MOST_LINES)
  check_number(self, mode.width, "width", MOST_BYTES // bytes)
  local line <const> = mode.width * bytes
  if not self.dre and line % self.width ~= 0 then
    errors.raise("value", "%s: a line of %d bytes is no multiple of the %d bytes of the memory port, and the "
                 .. "design has no realignment engine.", title(self), line, self.width)
  end
  return { width = mode.width, height = mode.height, bits_per_pixel = bits, bytes_per_pixel = bytes, stride = line,
           nbytes = line * mode.height, fps = mode.fps,
           shape = bytes == 1 and { mode.height, mode.width } or { mode.height, mode.width, bytes } }
end

local SET <const> = {
  --- A running channel is stopped.
  mode = function(self, mode)
    if self.running then self:stop() end
    self._mode = check_mode(self, mode)
  end,
  --- true: it stays at desiredframe from the next frame on; false: it goes round.
  parked = function(self, on)
    self:registers():update(self.base + CR, CR_CIRCULAR, on and 0 or CR_CIRCULAR)
  end,
  desiredframe = function(self, store)
    if math.type(store) ~= "integer" or store < 0 or store >= self.framecount then
      errors.raise("value", "Invalid frame index: stores of %s are 0 to %d, not %s", title(self), self.framecount - 1,
                   tostring(store))
    end
    self:registers():update(PARK_PTR, 0x1f << shift(self), store << shift(self))
  end,
  irqframecount = function(self, n)
    check_number(self, n, "irqframecount", 255)
    self:registers():update(self.base + CR, 0xff << 16, n << 16)
    if self.irqframecount ~= n then -- axi_vdma_register.vhd: the field is 1 then
      errors.raise("unsupported", "%s counts single frames only (C_ENABLE_DEBUG_INFO_%d is 0).", title(self),
                   self.s2mm and 15 or 7)
    end
  end,
  framedelay = function(self, n)
    if math.type(n) ~= "integer" or n < 0 or n >= self.framecount then
      errors.raise("value", "%s: framedelay should be 0 to %d, not %s", title(self), self.framecount - 1, tostring(n))
    end
    self:registers():update(self.sizes + STRIDE, 0x1f << 24, n << 24)
  end,
}

function Channel:missing(name)
  local get = GET[name]
  if get then return get(self) end
  if type(name) ~= "string" or name:sub(1, 1) == "_" then return nil end
  local names = {}
  for known in pairs(GET) do names[#names + 1] = known end
  errors.raise("attribute", '%s has no "%s"%s', title(self), name, nearest.hint(name, names))
end

function Channel:__newindex(name, value)
  if SET[name] then
    SET[name](self, value)
  elseif GET[name] then
    errors.raise("attribute", "%s: %s can't be assigned", title(self), name)
  else
    rawset(self, name, value)
  end
end

--- The registers in words, and what is wrong.
---@return string
function Channel:explain()
  local m = self:registers()
  local status = m:read(self.base + SR)
  local lines = { ("%s: VDMACR 0x%08x, VDMASR 0x%08x (%s), store %d, %d lines of %d bytes"):format(title(self),
    m:read(self.base + CR), status, status & SR_HALTED ~= 0 and "halted" or "running", self.activeframe,
    m:read(self.sizes + VSIZE), m:read(self.sizes + HSIZE)) }
  for _, e in ipairs(ERRORS) do
    if (status | self._damage) & e[1] ~= 0 then lines[#lines + 1] = ("  error %s: %s"):format(e[2], e[3]) end
  end
  return table.concat(lines, "\n")
end

--- What it does, as a row of `activity` (drivers/README.md). Stream errors are only looked at.
function Channel:activity()
  local m, mode = self:registers(), self.mode
  local status, store = m:read(self.base + SR), m:read(PARK_PTR) >> (16 + shift(self)) & 0x1f
  local state = status & (FATAL | DAMAGE) ~= 0 and "error" or status & SR_HALTED ~= 0 and "halted"
                or self.parked and "parked" or "running"
  return { name = self.name, state = state, text = ("store %d of %d%s"):format(store, self.framecount,
           mode and (", %d x %d"):format(mode.width, mode.height) or "") }
end

function Channel:__tostring()
  local mode = self.mode
  return ("%s %s: %s, %d stores"):format(getmetatable(self).__name, title(self),
    mode and ("%d x %d, %d bits"):format(mode.width, mode.height, mode.bits_per_pixel) or "no mode", self.framecount)
end

-- ---- frames -------------------------------------------------------------------------------------

--- A frame of the channel's size: a buffer (height, width) or (height, width, bytes per pixel) of u1.
---@return userdata buffer zeroed, yours
--- Raises `runtime` before the mode is known.
function Channel:newframe()
  local mode = self.mode
  if not mode then errors.raise("runtime", "%s: the video mode is not set: call start first.", title(self)) end
  return lunq.allocate(mode.shape, "u1", { target = self.device, cacheable = self.cacheable_frames })
end

--- Addresses of more than 32 bits take two registers each; REG_INDEX is for the others (PG020).
local function write_address(self, store, address)
  local m, wide = self:registers(), self.vdma.addr_width > 32
  if self.framecount > BANK then m:write(self.base + REG_INDEX, store // BANK) end
  local at = self.sizes + ADDRESS + store % BANK * (wide and 8 or 4)
  m:write(at, address & 0xffffffff)
  if wide then m:write(at + 4, address >> 32) end
end

--- What was written counts from the next frame on.
function Channel:commit() self:registers():write(self.sizes + VSIZE, self.mode.height) end

--- Lets go of a frame; one the channel made itself goes back: now, or when a channel tied to this one
--- shows it no more.
function Channel:drop(entry)
  self.engine:release(entry.hold)
  if entry.own then pcall(entry.buffer.close, entry.buffer) end
end

--- Puts a frame into a store; gives the entry it replaces. own: made by the channel.
function Channel:put(store, buffer, own)
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

--- Keeps a frame that was exchanged until the hardware has left its store.
function Channel:retire(entry, store)
  self._retired[#self._retired + 1] = { hold = entry.hold, buffer = entry.buffer, own = entry.own, store = store }
end

--- Lets go of frames the hardware has left: another frame has begun since they were exchanged.
function Channel:sweep()
  if #self._retired == 0 then return end
  local now, keep = self.activeframe, {}
  for _, entry in ipairs(self._retired) do
    if entry.store == now then
      keep[#keep + 1] = entry
    else
      self:drop(entry)
    end
  end
  self._retired = keep
end

--- The hardware has stopped: all frames are let go.
function Channel:forget()
  for _, entry in pairs(self.frames) do self:drop(entry) end
  for _, entry in ipairs(self._retired) do self:drop(entry) end
  self.engine:release()
  self.frames, self._retired = {}, {}
  self.source:wake()
end

-- ---- running ------------------------------------------------------------------------------------

--- Starts the channel with frames of its own.
---@param mode? table width, height (pixels), bits_per_pixel (24), fps; the mode of before when left out
---@return table self
--- Raises `runtime` when it runs or has no mode, `value` for a mode it can't have.
function Channel:start(mode)
  local m = self:registers()
  if self.running then errors.raise("runtime", "%s runs already: stop it first.", title(self)) end
  self._mode = check_mode(self, mode or self.mode)
  if m:read(self.base + SR) & (FATAL | DAMAGE) ~= 0 then self:reset() end
  self:forget()
  local ok, e = pcall(function()
    for store = 0, self.framecount - 1 do self:put(store, self:newframe(), true) end
  end)
  if not ok then
    self:forget()
    error(e, 0)
  end
  if not self.s2mm then self.desiredframe = 0 end
  m:write(self.base + SR, SR_IRQS)
  self._ended, self._damage = false, 0
  m:write(self.base + CR, CR_RS | CR_ONE | (self.s2mm and CR_CIRCULAR or 0))
  waiting.word(m, self.base + SR, SR_HALTED, 0, FOLLOW_SECONDS, function()
    return ("Timeout: %s does not start.\n%s"):format(title(self), self:explain())
  end)
  m:write(self.sizes + HSIZE, self.mode.stride)
  m:write(self.sizes + STRIDE, self.mode.stride)
  self:commit() -- last: this starts it
  return self
end

--- Stops the channel, at the end of a frame or (when that does not come) with a reset. Its frames are
--- let go, and who waits for one hears of it.
---@return table self
function Channel:stop()
  local m = self:registers()
  m:update(self.base + CR, CR_RS, 0)
  local ok = pcall(m.poll, m, self.base + SR, SR_HALTED, SR_HALTED, FOLLOW_SECONDS)
  if not ok then return self:reset() end
  self:forget()
  return self
end

--- Resets the channel: it is halted, errors are gone, its frames are let go.
---@return table self
--- Raises `timeout` when the reset does not end; then they stay held.
function Channel:reset()
  reset_hardware(self:registers(), self.base, title(self))
  self:forget()
  return self
end

--- Stays at one store from the next frame on; nil: goes round again.
---@param store? integer from 0
---@return table self
function Channel:park(store)
  if store ~= nil then self.desiredframe = store end
  self.parked = store ~= nil
  return self
end

-- ---- waiting ------------------------------------------------------------------------------------

function Channel:check_running()
  local status = self:registers():read(self.base + SR)
  if status & SR_HALTED == 0 then return end
  if status & FATAL ~= 0 then
    errors.raise("runtime", "%s has failed.\n%s\nIts frames stay held until reset(), stop() or start().", title(self),
                 self:explain())
  end
  errors.raise("runtime", "DMA channel not started: call %s:start first.", self.name)
end

--- Waits until look() says so; a channel that stops meanwhile raises.
---@return boolean done false: the time is over
function Channel:await(left, look)
  local m = self:registers()
  local result = self.source:wait(left(), function()
    return look() and "done" or m:read(self.base + SR) & SR_HALTED ~= 0 and "halted"
  end)
  if result == "halted" then self:check_running() end
  return result ~= nil
end

--- Waits for the end of a frame; one that ended since the last time counts.
function Channel:await_frame(left, seconds)
  local m = self:registers()
  local done = self:await(left, function() return self._ended or m:read(self.base + SR) & FRAME ~= 0 end)
  if not done then
    errors.raise("timeout", "Timeout: %s: no frame within %s. %s\n%s", title(self), waiting.time_text(seconds),
                 self.s2mm and "Does a stream arrive, with TLAST at the end of each line?"
                 or "Does the receiver of the stream take data?", self:explain())
  end
  self:next_frame_only()
end

--- Forgets frames that have ended.
function Channel:next_frame_only()
  self._ended = false
  self:registers():write(self.base + SR, FRAME)
end

--- Errors of the stream in a frame that came, in words; nil: none. They are cleared.
function Channel:damage()
  local m = self:registers()
  note_damage(self, m)
  if self._damage == 0 then return nil end
  local text = self:explain()
  self._damage = 0
  m:write(self.base + SR, ERR)
  return text
end

Channel.title = title

return Channel
