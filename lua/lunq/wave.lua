--- lunq.wave(path [, options]): records a simulated run as VCD, the file GTKWave shows.
--
--   local w <close> = lunq.wave("run.vcd")                        from now until it is closed
--   lunq.wave("dma.vcd", { device = d, only = "axi_dma" })        one IP, or all of a hierarchy
-- What is in it stands in docs/simulator.md, "Waves". Memory does not grow with the run: what was
-- recorded waits in a file without a name beside the target.
local core = require "lunq.core"
local errors = require "lunq.errors"

local OPTIONS <const> = { device = true, only = true }

--- Starts recording the device. The file is written by close, at the end of the block of a <close>,
--- or when the program ends.
---@param path string of the file; one that is there is replaced
---@param options? table device: the active one when not said; only: path of an IP or a hierarchy
---@return userdata wave with close()
--- Raises `io` or `permission` when the file can't be written, `value` when the loaded design has
--- nothing of that path, `unsupported` for a device that is not simulated, `runtime` when it is being
--- recorded already.
return function(path, options)
  if options ~= nil and type(options) ~= "table" then
    errors.raise("type", 'the options of wave should be a table, not %s: lunq.wave("run.vcd", { only = "axi_dma" })',
                 type(options))
  end
  for name in pairs(options or {}) do
    if not OPTIONS[name] then
      errors.raise("value", 'wave has no option "%s"%s; it has device and only', tostring(name),
                   require "lunq.nearest".hint(tostring(name), { "device", "only" }))
    end
  end
  options = options or {}
  return core.wave(options.device, path, options.only)
end
