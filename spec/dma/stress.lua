--- 32 DMA channels and 64 interrupt pins at once, with faults at random from a seed: nothing is lost, made
--- up, or left behind, and each error says what was done to the hardware.
--   lunq spec/dma/stress.lua SEED [SECONDS [ROUNDS]]     or: make stress SECONDS=10 SEED=1
-- A run is a row of rounds, each a design of its own with 16 DMAs (simple transfers, scatter-gather
-- transfers, rings), 32 pins driven by hand, and four interrupt controllers in a chain, edges and levels
-- mixed. SECONDS says when no new round begins; it does not touch what the rounds do, so SEED and ROUNDS
-- repeat a run to the last bit: same hash.
local lunq = require "lunq"
local core = require "lunq.core"
local loops = dofile "spec/dma/loops.lua"

local PACKETS <const>, WAKES <const>, BROKEN_CONTROLLER <const> = 6, 8, 4
local LIMIT <const> = 0.02 -- seconds of device time; no transfer here takes a tenth of it
local BYTES <const> = 2048

local stress = {}

-- ---- random numbers and the trace -------------------------------------------------------------

--- A generator of its own (xorshift64*), so that nobody else's numbers are taken.
local function generator(seed)
  local x = (seed * 0x9E3779B97F4A7C15) | 1
  for _ = 1, 8 do x = x * 6364136223846793005 + 1442695040888963407 end
  return function(low, high)
    x = x ~ x >> 12
    x = x ~ x << 25
    x = x ~ x >> 27
    local n = (x * 0x2545F4914F6CDD1D) >> 11
    return low and low + n % (high - low + 1) or n
  end
end

--- The trace: what happened, when, to whom, as one number.
local Trace = {}
Trace.__index = Trace

function Trace:add(...)
  local line = table.concat({ ... }, " ") .. "\n"
  self.steps = self.steps + 1
  for i = 1, #line - 7, 8 do self.hash = ((self.hash ~ ("<i8"):unpack(line, i)) * 0x100000001b3) ~ self.hash >> 29 end
  for i = #line - #line % 8 + 1, #line do self.hash = (self.hash ~ line:byte(i)) * 0x100000001b3 end
  if self.file then self.file:write(line) end
end

-- ---- what may go wrong --------------------------------------------------------------------------

--- Faults of a DMA: what to inject, and what an error must then say. `says` nil: no error may come of it.
--- `warns`: a warning may, with this text.
local FAULTS <const> = {
  { fault = "slave_error", where = { "M_AXI_MM2S", "M_AXI_S2MM" }, says = "DMA Slave Error" },
  { fault = "decode_error", where = { "M_AXI_MM2S", "M_AXI_S2MM" }, says = "DMA Decode Error" },
  { fault = "slave_error", where = { "M_AXI_SG" }, sg = true, says = "Scatter-Gather Slave Error" },
  { fault = "lose_tlast", where = { "M_AXIS_MM2S" }, transfers = true, says = "TLAST" },
  { fault = "slave_error", registers = true, says = "Bus error (SLVERR)" },
  { fault = "decode_error", registers = true, says = "Bus error (DECERR)" },
  { fault = "stuck_interrupt", where = { "mm2s_introut", "s2mm_introut" }, always = true,
    warns = "its interrupt" }, -- again and again where levels are taken, never where edges are
  { fault = "lost_interrupt", where = { "mm2s_introut", "s2mm_introut" }, warns = "its interrupt did not come" },
  { fault = "spurious_interrupt", where = { "mm2s_introut", "s2mm_introut" } },
  { fault = "slow_bus", always = true },
}

--- One round: its device, its numbers, and what went on.
local Round = {}
Round.__index = Round

function Round:fail(format, ...)
  error(("stress SEED=%d round %d: "):format(self.seed, self.number) .. format:format(...), 0)
end

function Round:log(...) self.trace:add(self.l.device:now(), ...) end

--- Injects one fault into a DMA and remembers what it may cause; nil most of the time.
function Round:break_something(dma, kind)
  local random = self.random
  self.faults[dma.fullpath] = nil
  if random(1, 100) > 35 then return nil end
  local f = FAULTS[random(1, #FAULTS)]
  if f.sg and kind == "simple" or f.transfers and kind == "ring" then return nil end
  local what = { ip = dma.fullpath, fault = f.fault, where = f.where and f.where[random(1, #f.where)],
                 count = not f.always and 1 or nil, after = f.says and random(0, 3) or nil }
  if f.fault == "slow_bus" then what.ns = random(10, 2000) end
  if f.registers then what.offset = ({ 0x00, 0x04, 0x28, 0x30, 0x34, 0x58 })[random(1, 6)] end
  self:log("inject", dma.fullpath, f.fault, what.where or what.offset or "-")
  local fault = { id = self.l.device:inject(what), says = f.says, warns = f.warns }
  self.faults[dma.fullpath] = fault
  return fault
end

function Round:mend(fault)
  if fault then self.l.device:clear_faults(fault.id) end
end

--- Is this error what the fault (or a broken interrupt controller) explains?
function Round:check_error(e, dma, fault)
  if type(e) ~= "table" or not e.kind then self:fail("%s: not an error object: %s", dma.fullpath, tostring(e)) end
  local text = tostring(e)
  self:log("error", dma.fullpath, e.kind, text:match "^[^\n]*")
  if e.kind == "io" and text:find "intc%d" and self.broken > 0 then return "controller" end
  if fault and fault.says and text:find(fault.says, 1, true) then return "fault" end
  self:fail("%s: nothing explains this error (fault: %s): %s", dma.fullpath, fault and fault.says or "none", text)
end

-- ---- transfers ----------------------------------------------------------------------------------

--- Waits for a channel as many kinds of code do. A controller that breaks ends waits, not transfers.
function Round:wait(channel, dma, fault)
  local random = self.random
  while true do
    local how <const> = random(1, 6)
    local ok, n
    if how == 1 then -- one who waits is cancelled
      local t = lunq.spawn(function() return pcall(channel.wait, channel, LIMIT) end)
      lunq.sleep(random(1, 3000) * 1e-9)
      if t.state == "done" then
        ok, n = t:wait()
      else
        t:cancel()
        ok, n = pcall(channel.wait, channel, LIMIT)
      end
    elseif how == 2 then -- two wait
      local t = lunq.spawn(function() return pcall(channel.wait, channel, LIMIT) end)
      lunq.sleep(0)
      ok, n = t:wait(1)
    elseif how == 3 then -- somebody looks meanwhile
      lunq.sleep(random(1, 20000) * 1e-9)
      ok, n = pcall(channel.done, channel)
      if ok then ok, n = pcall(channel.wait, channel, LIMIT) end
    else
      ok, n = pcall(channel.wait, channel, LIMIT)
    end
    if ok then return n end
    if self:check_error(n, dma, fault) == "fault" then error(n, 0) end
  end
end

--- After an error: the engine is reset, what is left in the FIFO is taken out.
function Round:recover(dma, scrap)
  for _ = 1, 2 do -- a fault of the registers may be left over
    if pcall(dma.reset, dma) then break end
  end
  dma:reset()
  for _ = 1, 4 do
    dma.recvchannel:transfer(scrap)
    local ok, n = pcall(self.wait, self, dma.recvchannel, dma, { says = "did not finish" })
    if type(n) == "string" then error(n, 0) end
    self:log("drained", dma.fullpath, ok and n or "nothing")
    if not ok then break end
  end
  dma:reset()
end

--- Sends n bytes and receives them, whatever happens on the way. True when that went well.
function Round:packet(dma, src, dst, n, fault)
  local ok, e = pcall(function()
    dma.recvchannel:transfer(dst, 0, n + (dma.mode == "simple" and self.random(0, 1) * 64 or 0))
    dma.sendchannel:transfer(src, 0, n)
    local sender = lunq.spawn(function() return pcall(self.wait, self, dma.sendchannel, dma, fault) end)
    local fine, got = pcall(self.wait, self, dma.recvchannel, dma, fault)
    local sent, all = sender:wait(1)
    if not fine then error(got, 0) end
    if not sent then error(all, 0) end
    if got ~= n or all ~= n then self:fail("%s: %d of %d bytes came", dma.fullpath, got, n) end
  end)
  if ok then return true end
  if type(e) == "string" then error(e, 0) end
  self:check_error(e, dma, fault)
  return false
end

--- One DMA: packets of all sizes there and back, each until it came through.
function Round:transfers(dma, index, kind)
  local random, l = self.random, self.l
  local src, dst, scrap = l:bytes(BYTES), l:bytes(BYTES), l:bytes(4 * BYTES)
  for k = 1, PACKETS do
    local n = random(2, BYTES // 4 - 16) * 4 - random(0, 3)
    local want = loops.pattern(BYTES, index << 8 | k)
    src:frombytes(want)
    local fault, tries = self:break_something(dma, kind), 0
    repeat
      tries = tries + 1
      if tries > 3 then self:fail("%s: a packet never comes through", dma.fullpath) end
      local fine = self:packet(dma, src, dst, n, fault)
      self:mend(fault)
      fault = nil
      if not fine then self:recover(dma, scrap) end
    until fine
    if dst:tobytes():sub(1, n) ~= want:sub(1, n) then self:fail("%s: other bytes came", dma.fullpath) end
    self:log("packet", dma.fullpath, k, n, tries)
    if random(1, 3) == 1 then lunq.sleep(random(1, 30000) * 1e-9) end
  end
end

-- ---- rings --------------------------------------------------------------------------------------

--- Calls f again when nothing but a controller failed.
function Round:insist(dma, f, ...)
  while true do
    local r = table.pack(pcall(f, ...))
    if r[1] then return table.unpack(r, 2, r.n) end
    local e = r[2]
    if type(e) ~= "table" or e.kind ~= "io" or not tostring(e):find "intc%d" then error(e, 0) end
    self:check_error(e, dma)
  end
end

--- Writes all of data, in pieces. A wait that a broken controller ends has sent no part of its block.
function Round:feed(ring, dma, data)
  local at = 1
  while at <= #data do
    local block = self:insist(dma, ring.next, ring, LIMIT)
    local n = math.min(#block, #data - at + 1, self.random(1, 2 * #block))
    n = at + n > #data and n or n & ~3
    n = n > 0 and n or math.min(4, #data - at + 1)
    block:slice(1, n):frombytes(data:sub(at, at + n - 1))
    at = at + n
    ring:send(n, at > #data or self.random(1, 3) == 1)
    if self.random(1, 8) == 1 then lunq.sleep(self.random(1, 20000) * 1e-9) end
  end
  self:insist(dma, ring.flush, ring, LIMIT)
end

--- Reads until all of it came or an error did; gives what came.
function Round:drink(ring, dma, total)
  local got, bytes = {}, 0
  local ok, e = pcall(function()
    while bytes < total do
      local block, n = self:insist(dma, ring.read, ring, LIMIT)
      got[#got + 1], bytes = block:tobytes(), bytes + n
      if self.random(1, 6) == 1 then lunq.sleep(self.random(1, 40000) * 1e-9) end -- a slow reader
    end
  end)
  return table.concat(got), not ok and e or nil
end

function Round:stream(dma, index, k)
  local random = self.random
  local data = loops.pattern(random(1, 40) * 100 + random(0, 3), index << 8 | k)
  local fault = self:break_something(dma, "ring")
  local out, ring
  local ok, e = pcall(function()
    ring = dma.recvchannel:ring { count = random(2, 6), bytes = 64 * random(1, 8) }
    out = dma.sendchannel:ring { count = random(2, 6), bytes = 64 * random(1, 8) }
  end)
  local got = ""
  if ok then
    local feeder = lunq.spawn(function() return pcall(self.feed, self, out, dma, data) end)
    local read_error, sent, write_error
    got, read_error = self:drink(ring, dma, #data)
    if not read_error and random(1, 4) == 1 then ring:release() end
    sent, write_error = feeder:wait(1)
    ok = sent and not read_error
    -- Where one end fails the other one has nothing more to do.
    e = not sent and read_error and read_error.kind == "timeout" and write_error or read_error or write_error
  end
  if ok and ring:stats().overruns ~= 0 then self:fail("%s: overruns", dma.fullpath) end
  self:mend(fault)
  if out then out:close() end
  if ring then ring:close() end
  if e and type(e) == "string" then error(e, 0) end
  if e then self:check_error(e, dma, fault) end
  -- Whatever happened: what came is what was sent, in order, without gaps.
  if data:sub(1, #got) ~= got then self:fail("%s: the stream is torn", dma.fullpath) end
  if ok and #got ~= #data then self:fail("%s: the end of the stream is missing", dma.fullpath) end
  self:log("stream", dma.fullpath, k, #data, #got)
  return ok
end

function Round:rings(dma, index)
  local scrap = self.l:bytes(4 * BYTES)
  for k = 1, PACKETS // 2 do
    if not self:stream(dma, index, k) then self:recover(dma, scrap) end
  end
end

-- ---- pins driven by hand --------------------------------------------------------------------------

--- One pin: it rises at random moments, and who waits must wake once for each.
function Round:pin(index)
  local random, device = self.random, self.l.device
  local name = ("src%02d/irq"):format(index)
  local irq = lunq.Interrupt(name, device)
  local ready, handled, woken = core.event(name), core.event(name), 0
  local waiter = lunq.spawn(function()
    while woken < WAKES do
      local hold
      repeat
        local ok, e = pcall(irq.hold, irq)
        if ok then hold = e elseif self:check_error(e, { fullpath = name }) ~= "controller" then error(e, 0) end
      until hold
      ready:set()
      local ok, e = pcall(hold.wait, hold, LIMIT)
      hold:close()
      if ok then
        woken = woken + 1
        device:wire(name, 0) -- the source is cleared
        self:log("woken", name, woken)
        handled:set()
      elseif self:check_error(e, { fullpath = name }) ~= "controller" then
        error(e, 0)
      end
    end
  end)
  for k = 1, WAKES do
    ready:wait(1)
    if random(1, 3) == 1 then lunq.sleep(random(1, 20000) * 1e-9) end
    device:wire(name, 1)
    handled:wait(1)
    if woken ~= k then self:fail("%s woke %d times for %d", name, woken, k) end
  end
  waiter:wait(1)
  irq:close()
end

--- Breaks interrupt controllers now and then: an access in the middle of their work fails.
function Round:controllers()
  local random = self.random
  for _ = 1, BROKEN_CONTROLLER do
    lunq.sleep(random(1, 60000) * 1e-9)
    local path = ("intc%d"):format(random(0, 3))
    self.broken = self.broken + 1
    self:log("inject", path)
    self.l.device:inject { ip = path, fault = "slave_error", count = 1, after = random(0, 5) }
  end
end

-- ---- a round ----------------------------------------------------------------------------------------

local KINDS <const> = { "simple", "sg", "ring" }

--- Edges and levels at random. An output that pulses must end at an input that takes edges.
local function wiring(random)
  local kinds, outputs = {}, {}
  for c = 0, 3 do kinds[c], outputs[c] = random(0, 0xffffffff), random(0, 1) end
  for c = 1, 3 do
    if outputs[c] == 0 then kinds[c - 1] = kinds[c - 1] | 1 end
  end
  return function(c) return kinds[c] end, function(c) return outputs[c] end
end

--- A warning names its DMA, whose last fault has to explain it.
function Round:check_warning(text)
  self:log("warning", text:match "^[^\n]*")
  local fault = self.faults[text:match "^%w+"]
  local explained = fault and fault.warns and text:find(fault.warns, 1, true)
  if not explained then self.unexplained = self.unexplained or text end
end

function Round:run()
  local random = self.random
  local kinds = {}
  for i = 1, 16 do kinds[i] = KINDS[random(1, #KINDS)] end
  local kind, output = wiring(random)
  self.l = loops.open { device = "sim?seed=" .. (random() & 0xffff), n = 16, sources = 32, kind = kind,
                        output = output,
                        sg = function(i) return kinds[i + 1] ~= "simple" end }
  local l, tasks = self.l, {}
  local function start(f, ...)
    local args = table.pack(...)
    tasks[#tasks + 1] = lunq.spawn(function() f(self, table.unpack(args, 1, args.n)) end)
  end
  for i, dma in ipairs(l.dma) do
    if kinds[i] == "ring" then start(self.rings, dma, i) else start(self.transfers, dma, i, kinds[i]) end
  end
  for i = 0, 31 do start(self.pin, i) end
  start(self.controllers)
  lunq.gather(table.unpack(tasks))
  l.device:clear_faults()
  if self.unexplained then self:fail("nothing explains this warning: %s", self.unexplained) end
  for c = 0, 3 do
    if l:enabled(c) ~= 0 then self:fail("intc%d has inputs enabled: %#x", c, l:enabled(c)) end
  end
  self:log("end")
  for _, dma in ipairs(l.dma) do dma:free() end
  l.dma = {}
  for _, b in ipairs(l.buffers) do b:close() end
  l.buffers = {}
  if l.device.memory.count ~= 0 then self:fail("%d pieces of memory are left", l.device.memory.count) end
  l:close()
end

--- Runs rounds until the seconds are over (at least one), or that many.
---@param seed integer
---@param seconds number wall clock
---@param rounds? integer
---@return table { rounds =, steps =, hash = }
function stress.run(seed, seconds, rounds, file)
  local trace = setmetatable({ steps = 0, hash = seed, file = file }, Trace)
  local stop, tasks, devices, number = os.time() + seconds, #core.tasks(), nil, 0
  local round
  local previous = lunq.warnings.set_hook(function(_, text) round:check_warning(text) end)
  local ok, e = pcall(function()
    repeat
      number = number + 1
      round = setmetatable({ seed = seed, number = number, random = generator(seed * 1000003 + number), trace = trace,
                             broken = 0, faults = {} }, Round)
      round:run()
      devices = devices or #core.devices()
      if #core.tasks() > tasks then round:fail("%d tasks are left", #core.tasks() - tasks) end
      if #core.devices() > devices then round:fail("a device is left") end
    until rounds and number >= rounds or not rounds and os.time() >= stop
  end)
  lunq.warnings.set_hook(previous)
  if not ok then error(e, 0) end
  return { rounds = number, steps = trace.steps, hash = trace.hash }
end

if arg and arg[0] and arg[0]:find "stress%.lua$" then
  local seed = tonumber(arg[1]) or os.time()
  local seconds, rounds = tonumber(arg[2]) or 10, tonumber(arg[3])
  print(("32 DMA channels, 64 interrupt pins, SEED=%d"):format(seed))
  local file = os.getenv "TRACE" and assert(io.open(os.getenv "TRACE", "w"))
  local r = stress.run(seed, seconds, rounds, file)
  print(("%d rounds, %d steps, trace %016x: nothing lost, nothing left. Again: make stress SEED=%d ROUNDS=%d")
    :format(r.rounds, r.steps, r.hash, seed, r.rounds))
end

return stress
