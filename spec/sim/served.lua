--- Clients for the specs of served devices: a program that makes accesses, and one in QEMU's place that
--- hears of interrupts. Not a spec.
local lunq = require "lunq"
local process = dofile "spec/program/process.lua"
local uv = require "luv"

local served = {}

--- Both ends live in this process; whoever waits for bytes lets the loop run.
local Pipe = {}
Pipe.__index = Pipe

--- Connects to the socket at `path`.
local function connect(path)
  local p = setmetatable({ pipe = uv.new_pipe(false), seen = "", news = lunq.event(path) }, Pipe)
  local connected = lunq.event "connected"
  p.pipe:connect(path, function(problem)
    p.problem = problem
    connected:set()
  end)
  connected:wait(5)
  if p.problem then
    p:close()
    return nil, p.problem
  end
  p.pipe:read_start(function(_, data)
    p.seen, p.ended = p.seen .. (data or ""), data == nil
    p.news:set()
  end)
  return p
end

function Pipe:close()
  if not self.pipe:is_closing() then self.pipe:close() end
  lunq.sleep(0)
end

Pipe.__close = Pipe.close

--- Reads until f(everything seen) gives something, which is the result; nil when the other end has gone.
function Pipe:until_seen(f)
  while true do
    local result = f(self.seen)
    if result or self.ended then return result end
    self.news:wait(5)
  end
end

local function access(kind, width, address, value)
  return ("=BBxxxxxxI8I8"):pack(kind:byte(), width, address, value or 0)
end

served.access = access

--- One access: its value and whether it failed; nil when the client was cut off.
function Pipe:ask(...)
  self.pipe:write(access(...))
  if not self:until_seen(function(seen) return #seen >= 16 end) then return nil end
  local value, failed = ("=I8I4"):unpack(self.seen)
  self.seen = self.seen:sub(17)
  return value, failed == 1
end

function Pipe:read(address, width) return self:ask("r", width or 4, address) end
function Pipe:write(address, value, width) return self:ask("w", width or 4, address, value) end

served.client = connect

local QEMU <const> = [[
local uv, path, answer = require "luv", arg[1], arg[2]
local log = assert(io.open(path .. ".log", "w"))
local pipe, rest = uv.new_pipe(false), ""
pipe:connect(path, function(problem)
  assert(not problem, problem)
  pipe:read_start(function(_, data)
    if not data then os.exit(0) end
    rest = (rest .. data):gsub("([^\n]*)\n", function(line)
      log:write(line, "\n")
      log:flush()
      if answer == "leave" then os.exit(0) end
      pipe:write(answer .. "\n")
      return ""
    end)
  end)
end)
uv.run()
]]

--- A process in QEMU's place, since whoever tells it something waits for its answer: it notes each command before it
--- answers; "leave": it ends at the first one. It ends with its socket. Returns a function that gives the lines so far.
function served.qemu(path, answer)
  local script = path .. ".lua"
  local f <close> = assert(io.open(script, "w"))
  f:write(QEMU)
  f:close()
  os.execute(("%s %s %s %s </dev/null >/dev/null 2>&1 &"):format(process.bin, script, path, answer or "OK"))
  return function()
    local log <close> = io.open(path .. ".log")
    local lines = {}
    for line in log and log:lines() or function() end do lines[#lines + 1] = line end
    return lines
  end
end

--- A new folder for sockets and memory; served.clean removes it.
local folders = {}
function served.folder()
  local name = assert(uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp") .. "/lunq-served.XXXXXX"))
  folders[#folders + 1] = name
  return name
end

function served.clean()
  while folders[1] do os.execute("rm -r " .. table.remove(folders)) end
end

return served
