--- AXI Timer 2.0: two counters for periods and captures, one of 64 bits, or a PWM output.
--
--   local timer = ol.axi_timer_0
--   timer.timer0:start { seconds = 1e-3 }        -- again and again; once = true: one time
--   timer.timer0:wait()                          -- until the next period is over
--   timer.timer1:capture()                       -- time-stamps of edges at capturetrig1
--   print(timer.timer1:captured())               -- ticks
--   timer:pwm(1e-3, 0.25)                        -- period in seconds, part of it that is high
--   timer.wide:start { ticks = 1 << 40 }         -- both counters as one of 64 bits
--
-- A wait sleeps until the timer's interrupt where the design wires it; several may wait for one event.
-- timer.frequency is the clock in Hz: of the metadata (FREQ_HZ), 100 MHz when it doesn't say; faster or
-- slower when lunq.Clocks changed the PS clock it comes from, as long as only that one reaches the timer. What was
-- started before goes on with the clocks it was given. Where the clock changes otherwise, assign the true one.
-- Registers: registers.md section 9 (HWH, ESW, QEMU, PG079). A period is two clocks longer than the load
-- value (TLR + 2), in all modes: Linux drivers/pwm/pwm-xilinx.c computes with it, counting up and down.
local InterruptSource = require "lunq.interrupt_source"
local core = require "lunq.core"
local design_clocks = require "lunq.design_clocks"
local errors = require "lunq.errors"
local lunq = require "lunq"
local waiting = require "lunq.waiting"

local TCSR <const>, TLR <const>, TCR <const>, STEP <const> = 0x0, 0x4, 0x8, 0x10
local MDT <const>, UDT <const>, GENT <const>, CAPT <const> = 1 << 0, 1 << 1, 1 << 2, 1 << 3
local ARHT <const>, LOAD <const>, ENIT <const>, ENT <const> = 1 << 4, 1 << 5, 1 << 6, 1 << 7
local TINT <const>, PWMA <const>, ENALL <const>, CASC <const> = 1 << 8, 1 << 9, 1 << 10, 1 << 11
local EXTRA <const> = 2 -- clocks of a period besides the load value
local PAUSE <const> = 1000 -- ns between two looks without the interrupt, when the end is not known

-- ---- one counter --------------------------------------------------------------------------------

local Counter = lunq.Class:extend { __name = "Counter", line = false, last = false }

-- A counter has its timer's frequency.
function Counter:missing(name)
  if name == "frequency" then return self.timer.frequency end
  return lunq.Class.unknown(self, name)
end

--- The second counter is 16 bytes further up; `wide` is both, controlled by the first.
function Counter:init(timer, name, base, bits)
  self.timer, self.name, self.base, self.bits = timer, name, base, bits
  self.mmio = timer.mmio
  self.events = 0 -- periods and edges that a wait has taken
  self.source = InterruptSource(timer, { pin = "interrupt", pause = PAUSE,
                                         enable = function(on) self:enable(on) end })
end

local function title(self) return ("%s of %s"):format(self.name, self.timer.fullpath) end

--- TCSR as it may be written back: writing TINT would clear it, ENALL would start both.
local function control(self) return self.mmio:read(self.base + TCSR) & ~(TINT | ENALL) end

local function is_wide(self) return self.bits == 64 end

--- ENIT, for the waits; on too as long as start or capture were told interrupt = true.
function Counter:enable(on)
  self.mmio:write(self.base + TCSR, (control(self) & ~ENIT) | ((on or self.line) and ENIT or 0))
end

--- A counter is used alone, as half of `wide`, or for the PWM: starting one ends the others.
local function claim(self)
  local first = self.mmio:read(TCSR)
  local joined = first & CASC ~= 0 or first & PWMA ~= 0
  if is_wide(self) or joined then
    self.mmio:write(TCSR, TINT)
    if not self.timer.single then self.mmio:write(STEP + TCSR, TINT) end
    self.timer:_stopped()
  end
end

--- A number of clocks from { ticks = } or { seconds = }.
local function ticks_of(self, o)
  if (o.ticks == nil) == (o.seconds == nil) then
    errors.raise("value", "%s: say either ticks or seconds", title(self))
  end
  local what = o.ticks or o.seconds
  if type(what) ~= "number" then
    errors.raise("type", "%s: %s should be a number, not %s", title(self), o.ticks and "ticks" or "seconds",
                 type(what))
  end
  local exact = o.ticks or o.seconds * self.timer.frequency
  local ticks = math.tointeger(exact) or math.tointeger(math.floor(exact + 0.5))
  -- the longest: load value of all ones; a 64-bit number of clocks has no such limit
  local longest = is_wide(self) and math.maxinteger or (1 << self.bits) - 1 + EXTRA
  if not ticks or ticks < EXTRA or ticks > longest then
    errors.raise("value", "%s: %s %s is no period it can count: %d to %d clocks of %s (up to %s)%s",
                 title(self), o.ticks and "ticks" or "seconds", tostring(what), EXTRA, longest,
                 waiting.time_text(1 / self.timer.frequency), waiting.time_text(longest / self.timer.frequency),
                 not is_wide(self) and ticks and ticks > longest and not self.timer.single
                 and "; timer.wide has 64 bits" or "")
  end
  return ticks
end

local function write_load(self, value)
  self.mmio:write(self.base + TLR, value & 0xffffffff)
  if is_wide(self) then self.mmio:write(STEP + TLR, value >> 32) end
end

--- Copies the load value into the counter, holding it. PG079 says that a cascade ignores TCSR1, so
--- the halves are loaded before they become one.
local function load_counter(self)
  self.mmio:write(self.base + TCSR, LOAD | TINT)
  if is_wide(self) then self.mmio:write(STEP + TCSR, LOAD | TINT) end
end

local KNOWN <const> = { ticks = true, seconds = true, once = true, up = true, interrupt = true, output = true,
                        overwrite = true }

local function check_options(self, o)
  if type(o) ~= "table" then errors.raise("type", "%s: options should be a table, not %s", title(self), type(o)) end
  for name in pairs(o) do
    if not KNOWN[name] then errors.raise("value", "%s: there is no option %q", title(self), tostring(name)) end
  end
end

local function common_bits(self, o)
  self.line = o.interrupt == true
  return ((self.line or self.source:active()) and ENIT or 0) | (is_wide(self) and CASC or 0)
end

--- Counts periods from now on; a count under way ends.
---@param o table ticks or seconds of a period; once = true: a single one; up = true counts up (the
---   value shows it, the period is the same); interrupt = true lets the line rise; output = true pulses
---   generateout
---@return table self
--- Raises `value` for a period it can't count.
function Counter:start(o)
  check_options(self, o)
  local load = ticks_of(self, o) - EXTRA
  if o.up then load = is_wide(self) and ~load or (1 << self.bits) - 1 - load end
  claim(self)
  write_load(self, load)
  load_counter(self)
  if is_wide(self) then self.mmio:write(STEP + TCSR, 0) end
  -- LOAD goes in the write that sets ENT: as long as it is 1 the counter is held
  self.mmio:write(self.base + TCSR, ENT | (o.up and 0 or UDT) | (o.once and 0 or ARHT)
                  | (o.output and GENT or 0) | common_bits(self, o))
  return self
end

--- Lets the counter run free (up, from 0) and store its value at each active edge of its capture
--- input. A value that nobody fetched is kept, or with overwrite = true replaced.
---@param o? table overwrite, interrupt
---@return table self
function Counter:capture(o)
  o = o or {}
  check_options(self, o)
  if o.ticks or o.seconds or o.once or o.output then
    errors.raise("value", "%s: a capture has no period: its options are overwrite, interrupt", title(self))
  end
  local mode <const> = MDT | CAPT | (o.overwrite and ARHT or 0) | common_bits(self, o)
  claim(self)
  write_load(self, 0)
  load_counter(self)
  if is_wide(self) then self.mmio:write(STEP + TCSR, 0) end
  -- Where the input is active already, setting CAPT is an edge (timer_control.vhd of the core). Without ENT
  -- it sets no TINT, and an access to TLR makes room for the value of the next one.
  self.mmio:write(self.base + TCSR, mode | LOAD)
  write_load(self, 0)
  self.mmio:write(self.base + TCSR, mode | ENT)
  return self
end

--- Holds the counter where it is. What expired or was captured before counts no more.
---@return table self
function Counter:stop()
  self.mmio:write(self.base + TCSR, (control(self) & ~ENT) | TINT)
  self.source:wake()
  return self
end

--- Goes on after a stop, from the value it was held at.
---@return table self
function Counter:resume()
  self.mmio:write(self.base + TCSR, (control(self) & ~LOAD) | ENT)
  return self
end

--- The counter, in ticks. The halves of a wide one are read so that they belong together.
---@return integer
function Counter:value()
  if not is_wide(self) then return self.mmio:read(self.base + TCR) end
  local high, low, again = self.mmio:read(STEP + TCR), self.mmio:read(TCR), self.mmio:read(STEP + TCR)
  if high ~= again then low = self.mmio:read(TCR) end -- it carried in between: the next is 43 s away
  return again << 32 | low
end

--- True while it counts. A counter started with once = true still says so after its end.
function Counter:running()
  local v = self.mmio:read(self.base + TCSR)
  return v & ENT ~= 0 and v & LOAD == 0
end

--- True when a period is over (or an edge was captured) since the last wait; does not wait or clear.
function Counter:expired() return self.mmio:read(self.base + TCSR) & TINT ~= 0 end

--- Forgets that a period is over.
---@return table self
function Counter:clear()
  self.mmio:write(self.base + TCSR, control(self) | TINT)
  return self
end

local function explain(self, seconds)
  local v = self.mmio:read(self.base + TCSR)
  local head = ("Timeout: %s: nothing within %s (TCSR 0x%03x, counter %u). "):format(
    title(self), waiting.time_text(seconds), v, self:value())
  if v & MDT ~= 0 then
    return head .. ("It waits for an edge at capturetrig%d: is that pin connected, and is its active level "
                    .. "right?"):format(self.base // STEP)
  end
  return head .. ("Its period is %s: a longer one needs a longer time limit, as wait(seconds)."):format(
    waiting.time_text(self:period()))
end

--- How long a count under way takes at least, ns; nil for a capture.
local function ahead(self, v)
  if v & MDT ~= 0 then return nil end
  local all = is_wide(self) and -1 or (1 << self.bits) - 1
  local ticks = v & UDT ~= 0 and self:value() or all - self:value()
  return (ticks < 0 and math.maxinteger or ticks) * (1e9 / self.timer.frequency)
end

--- Waits for an event. Of several who wait for one the first takes it: false for the others.
---@return boolean mine
local function await(self, timeout)
  local left, seconds = waiting.limit(self.timer.device, timeout)
  local events <const> = self.events
  local came = self.source:wait(left(), function()
    local v = self.mmio:read(self.base + TCSR)
    if v & TINT ~= 0 or self.events ~= events then return true end
    if v & ENT == 0 or v & LOAD ~= 0 then
      errors.raise("runtime", "%s does not count: there is nothing to wait for. Call start or capture first.",
                   title(self))
    end
    return false, ahead(self, v)
  end)
  if not came then errors.raise("timeout", "%s", explain(self, seconds)) end
  return self.events == events
end

local function take(self)
  self.events = self.events + 1
  self:clear()
end

--- Waits until a period is over, and clears that. Periods that passed unseen count as one.
---@param timeout? number seconds
---@return integer value of the counter afterwards, ticks
--- Raises `runtime` when it does not count, or is stopped meanwhile; `timeout`.
function Counter:wait(timeout)
  if await(self, timeout) then take(self) end
  return self:value()
end

--- Waits for an edge at the capture input.
---@param timeout? number seconds
---@return integer value of the counter at that edge, ticks
--- Raises `runtime` when no capture was started or it is stopped meanwhile, `timeout`.
function Counter:captured(timeout)
  if self.mmio:read(self.base + TCSR) & MDT == 0 then
    errors.raise("runtime", "%s does not capture: call capture() first.", title(self))
  end
  if await(self, timeout) then
    self.last = self.mmio:read(self.base + TLR)
    if is_wide(self) then self.last = self.last | self.mmio:read(STEP + TLR) << 32 end
    take(self) -- after the value was read: from here on the next edge may replace it
  end
  return self.last
end

--- The period that was set, in seconds.
function Counter:period()
  local v = self.mmio:read(self.base + TCSR)
  local load = self.mmio:read(self.base + TLR)
  if is_wide(self) then load = load | self.mmio:read(STEP + TLR) << 32 end
  local all = is_wide(self) and -1 or (1 << self.bits) - 1
  return ((v & UDT ~= 0 and load or all - load) + EXTRA) / self.timer.frequency
end

function Counter:__tostring()
  return ("Counter %s, %d bits, %s"):format(title(self), self.bits, self:running() and "running" or "stopped")
end

-- ---- the IP -------------------------------------------------------------------------------------

local Timer = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_timer:2.0" }, __name = "Timer",
                                       parts = { timer0 = Counter, timer1 = Counter, wide = Counter } }

local function parameter(description, name, otherwise)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()])) or otherwise
end

---@param description table entry of ip_dict
function Timer:init(description)
  lunq.DefaultIP.init(self, description)
  self._designed_hz = parameter(description, "FREQ_HZ", 100000000)
  self.single = parameter(description, "C_ONE_TIMER_ONLY", 0) ~= 0
  local bits = parameter(description, "C_COUNT_WIDTH", 32)
  self.timer0 = Counter(self, "timer0", 0, bits)
  if self.single then return end
  self.timer1 = Counter(self, "timer1", STEP, bits)
  if bits == 32 then self.wide = Counter(self, "wide", 0, 64) end
end

--- The clock now: as designed, times what the clock of the PS has become.
local function frequency(self)
  if self._clock == nil then self._clock, self._designed_mhz = design_clocks.of_ip(self.description) end
  if not self._clock then return self._designed_hz end
  local ok, now = pcall(core.clock_get, self.device, self._clock) -- a board may keep those registers to itself
  if not ok or now.mhz == self._designed_mhz then return self._designed_hz end
  return self._designed_hz * now.mhz / self._designed_mhz
end

--- The counters do something else from now on: who waits for one hears of it.
function Timer:_stopped()
  for _, name in ipairs { "timer0", "timer1", "wide" } do
    local counter = rawget(self, name)
    if counter then counter.source:wake() end
  end
end

--- Drives pwm0 from now on. The first period is low.
---@param period number seconds
---@param duty number 0 < duty < 1: the part that is high
---@return number period seconds, as the clock allows
---@return number duty as the clock allows
--- Raises `unsupported` with one timer only, `value` when period or high time are out of range.
function Timer:pwm(period, duty)
  if self.single then
    errors.raise("unsupported", "%s has one timer only (C_ONE_TIMER_ONLY); a PWM takes two.", self.fullpath)
  end
  if type(duty) ~= "number" or not (duty > 0 and duty < 1) then
    errors.raise("value", "%s: the duty should be a number between 0 and 1, not %s. For a constant level "
                 .. "call pwm_stop.", self.fullpath, tostring(duty))
  end
  local whole = ticks_of(self.timer0, { seconds = period })
  local high = math.floor(whole * duty + 0.5)
  if high < EXTRA or high >= whole then
    errors.raise("value", "%s: %g of a period of %d clocks is %d clocks high; %d to %d can be made.",
                 self.fullpath, duty, whole, high, EXTRA, whole - 1)
  end
  local m = self.mmio
  m:write(TCSR, TINT)
  m:write(STEP + TCSR, TINT)
  m:write(TLR, whole - EXTRA)
  m:write(STEP + TLR, high - EXTRA)
  m:write(TCSR, LOAD)
  m:write(STEP + TCSR, LOAD)
  local mode <const> = PWMA | GENT | ARHT | UDT
  m:write(STEP + TCSR, mode)
  m:write(TCSR, mode | ENALL) -- both start with the same clock
  self:_stopped()
  return whole / self.frequency, high / whole
end

--- Ends the PWM; the pin is low.
---@return table self
function Timer:pwm_stop()
  self.mmio:write(TCSR, TINT)
  self.mmio:write(STEP + TCSR, TINT)
  self:_stopped()
  return self
end

-- frequency is worked out when it is read; nil for a counter this configuration doesn't have.
function Timer:missing(name)
  if name == "frequency" then return frequency(self) end
  if name == "timer1" or name == "wide" then return nil end
  return lunq.DefaultIP.missing(self, name)
end

return Timer
