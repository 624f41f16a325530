--- DMA: a 64-byte transfer and wait on the simulated device, against Python doing what PYNQ's driver
-- does over a mock register array (dma.py), where the engine is idle at once.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""

local function measure(work, seconds)
  local best, n, stop = math.huge, 2000, os.clock() + (seconds or 0.4)
  while os.clock() < stop do
    local start = os.clock()
    for _ = 1, n do work() end
    best = math.min(best, (os.clock() - start) / n * 1e9)
  end
  return best
end

local function peers()
  local times = {}
  local python = io.popen("python3 " .. here .. "dma.py 2>/dev/null")
  for line in python:lines() do
    local name, ns = line:match "^(%w+)\t(%d+)$"
    if name then times[name] = tonumber(ns) end
  end
  python:close()
  return times
end

local peer = peers()
local function report(key, name, work)
  print(("%s\t%.0f\t%s\tPython, PYNQ's driver over a mock"):format(name, measure(work), peer[key] or "-"))
end

local ol <close> = lunq.Overlay(here .. "../overlays/dma_loopback/dma_loopback.hwh", { device = "sim" })
local src <close> = lunq.allocate(16, "u32", { target = ol.device })
local dst <close> = lunq.allocate(16, "u32", { target = ol.device })
local send, recv = ol.axi_dma.sendchannel, ol.axi_dma.recvchannel

report("pair", "DMA 64 bytes, send and receive", function()
  recv:transfer(dst)
  send:transfer(src)
  send:wait()
  recv:wait()
end)

-- One channel alone: rows of sends into the FIFO (it has room for 32), rows of receives out of it.
local ROW <const>, ROWS <const>, BLOCKS <const> = 30, 100, 20
local best = { math.huge, math.huge }
for _ = 1, BLOCKS do
  local spent = { 0, 0 }
  for _ = 1, ROWS do
    local start = os.clock()
    for _ = 1, ROW do
      send:transfer(src)
      send:wait()
    end
    local middle = os.clock()
    for _ = 1, ROW do
      recv:transfer(dst)
      recv:wait()
    end
    spent[1], spent[2] = spent[1] + middle - start, spent[2] + os.clock() - middle
  end
  for i = 1, 2 do best[i] = math.min(best[i], spent[i] / (ROW * ROWS) * 1e9) end
end
for i, name in ipairs { "send", "receive" } do
  print(("DMA 64 bytes, %s: transfer and wait\t%.0f\t%s\tPython, PYNQ's driver over a mock"):format(
    name, best[i], peer.one or "-"))
end
