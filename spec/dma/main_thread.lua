--- DMA waits outside of tasks, where interrupt_spec.lua can't go: specs run as tasks.
--- lunq spec/dma/main_thread.lua CASE prints what happened.
local loops = dofile "spec/dma/loops.lua"

local LONG <const> = 16000 -- bytes: 40 us at 100 MHz and four bytes a clock

local l = loops.open { sg = arg[1] == "ring" }
local dma = l.dma[1]
local send, recv = dma.sendchannel, dma.recvchannel

local function move(n)
  local dst = l:bytes(n)
  recv:transfer(dst)
  send:transfer(l:bytes(n, 1))
  return dst
end

local function controller_writes()
  return l.device:stats().intc0.writes
end

local case = {}

function case.long()
  local dst = move(LONG)
  print(send:wait(), recv:wait(), dst:tobytes() == loops.pattern(LONG, 1), controller_writes() > 0)
end

function case.short()
  local before = controller_writes()
  move(64)
  print(send:wait(), recv:wait(), controller_writes() - before)
end

function case.error()
  l.device:inject { ip = "dma00", fault = "slave_error", where = "M_AXI_S2MM", after = 3 }
  move(LONG)
  local before = l.device:now()
  local e = loops.error_of(recv.wait, recv)
  print(e.kind, tostring(e):match "^[^:]*", l.device:now() - before < 1e6)
  dma:reset()
end

function case.late()
  move(LONG)
  local e = loops.error_of(send.wait, send, 25e-6)
  print(e.kind, tostring(e):match "^[^:]*", send:wait(), recv:wait())
end

function case.lost()
  l.device:inject { ip = "dma00", fault = "lost_interrupt", where = "mm2s_introut" }
  move(LONG)
  print(send:wait(0.01), recv:wait())
end

function case.endless()
  l.device:inject { ip = "dma00", fault = "lose_tlast", where = "M_AXIS_MM2S" }
  move(LONG)
  local e = loops.error_of(recv.wait, recv, math.huge)
  print(e.kind, tostring(e):match "^[^:]*")
  dma:reset()
end

function case.ring()
  local out <close> = send:ring { count = 4, bytes = 256 }
  local ring <close> = recv:ring { count = 4, bytes = 256 }
  local got = {}
  for i = 1, 50 do
    out:write(loops.pattern(512, i))
    got[#got + 1] = ring:read():tobytes()
    got[#got + 1] = ring:read():tobytes()
  end
  local same = true
  for i = 1, 50 do same = same and got[2 * i - 1] .. got[2 * i] == loops.pattern(512, i) end
  local stats = ring:stats()
  print(stats.blocks, stats.bytes, same, stats.overruns)
end

case[arg[1]]()
print(("enabled %#x"):format(l:enabled(0)))
l:close()
