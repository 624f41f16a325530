--- AXI VDMA 6.x: video frames from memory to a stream (writechannel) and from a stream to memory
--- (readchannel). The names are PYNQ's, seen from the program.
--
--   local vdma = ol.axi_vdma_0
--   vdma.readchannel:start { width = 640, height = 480, bits_per_pixel = 24 } -- or mode = {...}, then start()
--   local frame = vdma.readchannel:readframe()        -- buffer (480, 640, 3) of u1, yours
--   vdma.writechannel:start { width = 640, height = 480, bits_per_pixel = 24 }
--   local next_frame = vdma.writechannel:newframe()   -- fill it
--   vdma.writechannel:writeframe(next_frame)          -- shown again and again until the next one
--   print(vdma.readchannel.running, vdma.readchannel.activeframe, vdma.readchannel.parked)
--   vdma.readchannel:tie(vdma.writechannel)           -- shows what comes, while readframe goes on
--   vdma.readchannel:stop(); vdma.writechannel:stop()
-- The read channel goes round through its frame stores (circular), the write channel stays at one
-- (parked) until another frame is written; park(n) holds the read channel at a store too.
-- Waits sleep until the channel's interrupt where the design wires it.
-- All frames a channel knows are held: the hardware may use them until the channel has stopped or
-- another frame has taken their place, and they can't be freed before.
-- Registers: registers.md section 7 (HWH, ESW), PG020. A reset ends one channel only (embeddedsw:
-- XAxiVdma_Reset takes a direction). Addresses of more than 32 bits allow 8 frame stores (PG020).
local ReadChannel = require "lunq.vdma.read_channel"
local WriteChannel = require "lunq.vdma.write_channel"
local errors = require "lunq.errors"
local lunq = require "lunq"

local MOST_WIDE <const> = 8 -- frame stores with addresses of more than 32 bits

local function parameter(description, name, otherwise)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()])) or otherwise
end

local VDMA = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:axi_vdma:6.2", "xilinx.com:ip:axi_vdma:6.3" }, __name = "VDMA",
  parts = { readchannel = { ReadChannel, with = "C_INCLUDE_S2MM" },
            writechannel = { WriteChannel, with = "C_INCLUDE_MM2S" } },
}

---@param description table entry of ip_dict
--- Raises `runtime` without parameters.
function VDMA:init(description)
  if type(description) == "table" and not description.parameters then
    errors.raise("runtime", "Unable to get parameters from description; Users must use *.hwh files for overlays.")
  end
  lunq.DefaultIP.init(self, description)
  self.addr_width = parameter(description, "C_ADDR_WIDTH", 32)
  self.framecount = parameter(description, "C_NUM_FSTORES", 3)
  if self.addr_width > 32 then self.framecount = math.min(self.framecount, MOST_WIDE) end
  if parameter(description, "C_INCLUDE_S2MM", 1) ~= 0 then
    self.readchannel = ReadChannel(self, { name = "readchannel", s2mm = true, base = 0x30, sizes = 0xa0,
      width = parameter(description, "C_M_AXI_S2MM_DATA_WIDTH", 64) // 8, pin = "s2mm_introut",
      dre = parameter(description, "C_INCLUDE_S2MM_DRE", 0) ~= 0 })
  end
  if parameter(description, "C_INCLUDE_MM2S", 1) ~= 0 then
    self.writechannel = WriteChannel(self, { name = "writechannel", s2mm = false, base = 0x00, sizes = 0x50,
      width = parameter(description, "C_M_AXI_MM2S_DATA_WIDTH", 64) // 8, pin = "mm2s_introut",
      dre = parameter(description, "C_INCLUDE_MM2S_DRE", 0) ~= 0,
      genlock = parameter(description, "C_MM2S_GENLOCK_MODE", 3) & 1 ~= 0 }) -- 1: slave, 3: dynamic slave
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
    channel:forget()
  end)
end

--- Does that and closes the registers. May be repeated.
function VDMA:free()
  each_channel(self, function(channel)
    channel.engine:close()
    if not channel.engine:busy() then channel:forget() end -- else its memory is kept
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

--- What both channels do, for ol:monitor(): see drivers/README.md.
---@return table[] rows
function VDMA:activity()
  local rows = {}
  each_channel(self, function(channel) rows[#rows + 1] = channel:activity() end)
  return rows
end

-- nil for a channel that is left out, not "no such name".
function VDMA:missing(name)
  if name == "readchannel" or name == "writechannel" then return nil end
  return lunq.DefaultIP.missing(self, name)
end

return VDMA
