--- A DMA on a device of its own, from the metadata of overlays/dma_loopback with other parameters.
local core = require "lunq.core"
local lunq = require "lunq"

local support = {}

support.hwh = "overlays/dma_loopback/dma_loopback.hwh"

local function read(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

--- Sets a parameter of one module, in both the spellings HWH files have.
local function set(text, module, name, value)
  local first, last = text:find(('<MODULE [^>]*INSTANCE="%s" .-</MODULE>'):format(module))
  local block = text:sub(first, last)
  for _, spelling in ipairs { name:upper(), name:lower() } do
    block = block:gsub(('(<PARAMETER NAME="%s" VALUE=")[^"]*'):format(spelling),
                       function(head) return head .. tostring(value) end)
  end
  return text:sub(1, first - 1) .. block .. text:sub(last + 1)
end

--- The text of the metadata. changes: { axi_dma = { c_sg_length_width = 8 } }
function support.text(changes)
  local text = read(support.hwh)
  for module, parameters in pairs(changes or {}) do
    for name, value in pairs(parameters) do text = set(text, module, name, value) end
  end
  return text
end

--- o: device (a string), ip (axi_dma or axi_dma_sg), changes to that IP's parameters, edit(text).
--- Gives { device, dma, send, recv, description }; close() it.
function support.open(o)
  o = o or {}
  local ip = o.ip or "axi_dma"
  local text = support.text { [ip] = o.changes or {} }
  if o.edit then text = o.edit(text) end
  local self = setmetatable({ device = core.device_open(o.device or "sim") }, { __index = support })
  local design = core.design_parse("loopback.hwh", text)
  self.device:program(design)
  self.description = design:dictionaries().ip_dict[ip]
  self.description.device = self.device
  self.dma = require "drivers.axi_dma"(self.description)
  self.send, self.recv = self.dma.sendchannel, self.dma.recvchannel
  self.buffers = {}
  return self
end

--- A buffer of bytes that is closed with the rest.
function support:bytes(n, options)
  local o = options or {}
  o.target = self.device
  local b = lunq.allocate(n, "u1", o)
  self.buffers[#self.buffers + 1] = b
  return b
end

--- The same with a pattern in it.
function support:pattern(n)
  local b = self:bytes(n)
  local bytes = {}
  for i = 1, n do bytes[i] = string.char((i * 37 + i // 256) & 0xff) end
  b:frombytes(table.concat(bytes))
  return b
end

function support:close()
  self.dma:free()
  for _, b in ipairs(self.buffers) do b:close() end
  self.device:close()
end

--- Sends n bytes of src, receives into dst; gives the bytes received.
function support:move(dst, src, n)
  self.recv:transfer(dst, 0, n or 0)
  self.send:transfer(src, 0, n or 0)
  self.send:wait()
  return self.recv:wait()
end

--- The error object f raises.
function support.error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "nothing was raised")
  assert(type(e) == "table" and e.kind, "not an error object: " .. tostring(e))
  return e
end

return support
