--- Kernels of a card, called like functions: what the IP of a card's overlay have for it.
--
--   ol.vadd_1:call(a, b, c, 1024)                  -- starts it and waits
--   ol.vadd_1:call { a = a, b = b, c = c, n = 1024 }
--   local h1 = ol.vadd_1:start(a, b, c, 1024)      -- a run: h1:wait(0.5), h1:done(), h1.state; see bindings/l_run.c
--   local h2 = ol.vadd_1:start(c, d, e, 1024, { waitfor = { h1 } })
--   print(ol.vadd_1.signature)                     --> void vadd(const int *a, const int *b, int *c, int n)
--   ol.vadd_1.args.a                               --> { name = "a", index = 1, type = "const int *", mem = "bank0" }
--   ol.kernels.vadd:start(a, b, c, 1024)           -- whichever unit of the kernel is free first
--
-- Nothing is synchronised by a call: buf:sync_to_device() before, buf:sync_from_device() behind it. A start
-- with waitfor is taken note of at once; the card starts it when those runs have completed, without coming
-- back to Lua, and cancels it when one of them fails.
--
-- Rules: pynq-behaviour.md B15; xrt.md 7 and 8.
local Arguments = require "lunq.kernel.arguments"
local core = require "lunq.core"
local errors = require "lunq.errors"

local kernel = {}

--- Names an IP that is a kernel has besides its driver's.
kernel.names = { call = true, start = true, args = true, signature = true }

--- Is this entry of ip_dict a compute unit of a card?
function kernel.is_unit(description) return type(description) == "table" and description.cu_name ~= nil end

local function arguments_of(ip)
  local known = rawget(ip, "_arguments")
  if not known then
    known = Arguments(ip.description.overlay.design, ip.fullpath)
    rawset(ip, "_arguments", known)
  end
  return known
end

--- Opens the kernel for one IP. Its methods become fields of the IP: nothing is looked up in a call.
local function open(ip)
  if ip.mmio.closed then
    errors.raise("runtime", "Kernel is closed: its overlay was freed. Load it again.")
  end
  local k = core.kernel(ip.device, ip.description.overlay.design, { ip.fullpath }, arguments_of(ip))
  rawset(ip, "_kernel", k)
  local call, start = core.kernel_methods(k, ip)
  rawset(ip, "call", call)
  rawset(ip, "start", start)
end

--- The member of an IP called `name`, one of kernel.names.
--- Raises `unsupported` for call and start of a kernel that can't be started.
function kernel.member(ip, name)
  if name == "signature" then return arguments_of(ip):signature() end
  if name == "args" then return arguments_of(ip):args() end
  open(ip)
  return rawget(ip, name)
end

--- ol.kernels: every kernel of the design with all its compute units.
---@param overlay table
function kernel.all(overlay) return require "lunq.kernel.units".of(overlay) end

--- Whether a function is ip.call or ip.start of a kernel, for help().
---@param f function
---@return string? class "lunq.Kernel"
---@return string? name "call", "start"
function kernel.name_of(f)
  local _, k = debug.getupvalue(f, 1)
  local _, ip = debug.getupvalue(f, 2)
  if getmetatable(k) ~= "lunq.Kernel" or type(ip) ~= "table" then return nil end
  for _, name in ipairs { "call", "start" } do
    if rawget(ip, name) == f then return "lunq.Kernel", name end
  end
end

return kernel
