--- lunq.model: what a kernel of a simulated card computes, in one statement.
--
--   lunq.model "xilinx.com:hls:vadd:1.0" {
--     kernel = function(self, a, b, c, n)
--       for i = 1, n do c[i] = a[i] + b[i] end
--     end,
--   }
--
-- The name is a VLNV, one without the version, the name of a kernel, or of one compute unit. It makes a class from
-- lunq.Model, which takes anything else a model may define; see lunq.hls.kernel.
local errors = require "lunq.errors"

local kernel_model = {}

--- Makes the model of a kernel, from the next design on: what calling lunq.model does.
---@param name string
---@return fun(fields: table): Model
function kernel_model.of(name)
  if type(name) ~= "string" then
    errors.raise("type", "lunq.model takes the name of a kernel or its VLNV, not %s", type(name))
  end
  return function(fields)
    if type(fields) ~= "table" then
      errors.raise("type", 'lunq.model "%s" takes a table: { kernel = function(self, ...) end }', name)
    end
    fields.models = { name }
    fields.__name = fields.__name or name
    return require "lunq.model":extend(fields)
  end
end

return setmetatable(kernel_model, { __call = function(_, name) return kernel_model.of(name) end })
