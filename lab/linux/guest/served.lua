-- served.lua: what the device `linux` does with an example design whose logic `lunq serve` plays.
-- test-served.sh runs it: lunq served.lua CASE FOLDER
local lunq = require "lunq"

local folder = arg[2]
local ROUNDS <const> = 1000

--- How often the kernel has seen the interrupt of a UIO device.
local function events(name)
  for n = 0, 63 do
    local f <close> = io.open(("/sys/class/uio/uio%d/name"):format(n))
    if f and f:read "l" == name then
      local count <close> = assert(io.open(("/sys/class/uio/uio%d/event"):format(n)))
      return count:read "n"
    end
  end
  error("no UIO device is called " .. name)
end

--- Runs f(); then the kernel must have seen n interrupts more at the device of this name.
local function counted(name, n, f)
  local before, start = events(name), lunq.now()
  f()
  local seen = events(name) - before
  print(("%s: %d interrupts in %.2f s"):format(name, seen, lunq.now() - start))
  assert(seen == n, ("%s: %d interrupts instead of %d"):format(name, seen, n))
end

local function open(name) return lunq.Overlay(("%s/%s.hwh"):format(folder, name)) end

local cases = {}

--- Sends and receives `words` words, waiting for both ends by their interrupts alone.
local function move(dma, src, dst, words, i)
  src[1], src[words] = i, ~i & 0xffffffff
  dst[1], dst[words] = 0, 0
  dma.recvchannel:transfer(dst, 0, words * 4)
  dma.sendchannel:transfer(src, 0, words * 4)
  dma.interrupts.mm2s_introut:wait()
  dma.interrupts.s2mm_introut:wait()
  dma.sendchannel:wait()
  assert(dma.recvchannel:wait() == words * 4)
  assert(dst[words] == src[words] and dst[1] == src[1], "what came back differs from what was sent")
end

--- Transfers of all lengths through the simple engine and the one with chains, the data compared. Of their interrupts
--- none is lost, none comes twice.
function cases.transfers()
  local ol <close> = open "dma_loopback"
  for _, dma in ipairs { ol.axi_dma, ol.axi_dma_sg } do
    local src <close> = lunq.allocate(4096, "u4")
    local dst <close> = lunq.allocate(4096, "u4")
    move(dma, src, dst, 1, 0) -- the kernel enables an interrupt when its driver comes: the first may be seen twice
    counted(dma.fullpath, ROUNDS / 2, function()
      counted(dma.fullpath .. "_s2mm_introut", ROUNDS / 2, function()
        for i = 1, ROUNDS / 2 do move(dma, src, dst, (i * 37) % 4095 + 1, i) end
      end)
    end)
  end
end

--- The design is loaded again and again in one process: its device-tree overlay goes and comes, and its UIO devices
--- with it.
function cases.again()
  for i = 1, 5 do
    local ol <close> = open "dma_loopback"
    local src <close> = lunq.allocate(64, "u4")
    local dst <close> = lunq.allocate(64, "u4")
    for words = 1, 64 do move(ol.axi_dma, src, dst, words, i) end
  end
end

--- As many edges of a button, through two interrupt controllers; each is asked for by the LEDs once its interrupt is
--- enabled.
function cases.interrupts()
  local ol <close> = open "gpio_interrupts"
  local btns, irq = ol.panel.btns, ol.panel.btns.interrupts.ip2intc_irpt
  local GIER <const>, ISR <const>, IER <const> = 0x11c, 0x120, 0x128
  ol.leds.channel1:write(0)
  lunq.sleep(0.3) -- the hands of the demo let go
  btns:write(ISR, btns:read(ISR))
  btns:write(IER, 1)
  btns:write(GIER, 1 << 31)
  counted("intc", ROUNDS, function()
    for i = 1, ROUNDS do
      local hold <close> = irq:hold()
      ol.leds.channel1:write(i & 15)
      hold:wait()
      assert(btns:read(0) & 1 == i & 1, "the button is not where it was asked to be")
      btns:write(ISR, 1)
    end
  end)
  btns:write(GIER, 0)
  btns:write(IER, 0)
end

--- As many periods of the timer, each started when the one before was seen.
function cases.periods()
  local ol <close> = open "gpio_interrupts"
  local tick, irq = ol.timer.timer0, ol.timer.interrupts.interrupt
  counted("intc", ROUNDS, function()
    for _ = 1, ROUNDS do
      local hold <close> = irq:hold()
      tick:start { ticks = 20000, once = true, interrupt = true }
      hold:wait()
      assert(tick:expired(), "it is not over")
      tick:clear()
    end
  end)
  tick:stop()
end

assert(cases[arg[1]], "no case " .. tostring(arg[1]))()
