--- XrtStream: a stream from one kernel of a card to another.
--
--   print(ol.dc_3)                    --> XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a)
--   ol.vadd_1.streams.out_c           -- the same object
--   ol.dc_3.source_ip, ol.dc_3.sink_ip   -- the IP at its ends
--
-- Fields: name (dc_3), source and sink ("ip.port"; nil: this end leaves the kernels), source_ip, sink_ip,
-- device, description (entry of mem_dict). It stands among the memories of a design and is none: nothing
-- can be allocated in it. PYNQ: pynq-behaviour.md B17.
local Class = require "lunq.class"

local XrtStream = Class:extend { __name = "lunq.XrtStream", optional = { source = true, sink = true } }

---@param description table entry of mem_dict
function XrtStream:init(description)
  self.description = description
  self.fullpath, self.name = description.fullpath, description.tag or description.fullpath
  self.source, self.sink = description.source, description.sink
  self.device = description.device
end

--- The IP at one end. PYNQ has it only once the driver was made; here it is made when it is asked for.
local function ip_of(stream, port)
  local name = port and port:match "^(.*)%.[^.]*$"
  return name and stream.description.overlay:ip(name)
end

function XrtStream:missing(name)
  if name == "source_ip" then return ip_of(self, self.source) end
  if name == "sink_ip" then return ip_of(self, self.sink) end
  return Class.unknown(self, name)
end

--- The streams of an IP by its ports: the objects the overlay has, too.
---@param ip table
---@return table<string, table>
function XrtStream.of_ip(ip)
  local overlay, streams = ip.description.overlay, {}
  local by_id = {}
  for _, memory in pairs(overlay and overlay.mem_dict or {}) do
    if memory.streaming then by_id[memory.idx] = memory end
  end
  for port, s in pairs(ip.description.streams or {}) do
    local memory = s.stream_id and by_id[s.stream_id]
    streams[port] = memory and overlay:_live_tree():memory(memory) or nil
  end
  return streams
end

function XrtStream:__tostring()
  return ("XrtStream(source=%s, sink=%s)"):format(self.source or "None", self.sink or "None")
end

return XrtStream
