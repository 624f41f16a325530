--- lunq.watch(...): a live view of registers and values, drawn anew five times a second until a key.
--
--   watch(ol.axi_dma.register_map.MM2S_DMASR)       at the prompt: one register
--   watch(ol.axi_dma, ol.btns)                      all registers of IP
--   watch(function() return #queue end)             whatever a function gives
--   watch { level = function() return ol.fifo:occupancy() end, status = register }   with names
-- Ctrl-C ends it as a key does. What has changed since the last look is marked with "*". What a read is known to
-- change is never read, see lunq.viewers. Where output is no terminal it is printed once.
local errors = require "lunq.errors"
local live = require "lunq.live"
local viewers = require "lunq.viewers"

--- Shows registers, register maps, IP and what functions give, until a key or Ctrl-C. Tasks and interrupts
--- go on meanwhile; what they print appears above.
---@param ... any the items, or one plain table of them by name
--- Raises `type` for anything else.
return function(...)
  local list = viewers.list("watch", nil, ...)
  if #list == 0 then errors.raise("type", "watch needs something to look at: watch(ol.axi_dma)") end
  live.show(function() return viewers.look(list) end)
end
