--- What the objects of a card's overlay have besides their fields, for completion: names that are made when
-- they are read, with stand-ins (tables) for what they lead to. Nothing is made, opened or read here.
local cards = {}

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do set[name] = true end
  return set
end

--- Methods and fields of a class written in C.
local function names_of_class(class)
  local meta, names = debug.getregistry()[class], {}
  for _, list in ipairs { "methods", "properties" } do
    for name in next, type(meta) == "table" and rawget(meta, list) or {} do names[name] = true end
  end
  return names
end

local function unit(d)
  local args, streams = {}, {}
  for name in next, rawget(d, "registers") or {} do
    if name ~= "CTRL" then args[name] = {} end
  end
  for name in next, rawget(d, "streams") or {} do streams[name] = { _driver = require "lunq.stream" } end
  return { call = true, start = true, signature = true, args = args, streams = streams }
end

local function overlay(d)
  local made, kernels = {}, {}
  for _, ip in next, rawget(d, "ip") or {} do
    local kernel = type(ip) == "table" and type(rawget(ip, "cu_name")) == "string" and ip.cu_name:match "^[^:]*"
    if kernel then kernels[kernel] = kernels[kernel] or names_of_class "lunq.Kernel" end
  end
  if next(kernels) then made.kernels = kernels end
  for tag, memory in next, rawget(d, "memories") or {} do -- HBM[3] is the field HBM3
    if type(tag) == "string" and tag:find "%[" and rawget(memory, "used") ~= 0 then
      made[tag:gsub("[^%w_]", "")] = { description = memory, _driver = require "lunq.memory" }
    end
  end
  return made
end

local MEMORY <const> = set_of { "mem_used", "num_buffers" }
local STREAM <const> = set_of { "source", "sink", "source_ip", "sink_ip" }

--- The names v has that way, each with its stand-in, or true.
---@param v any
---@return table<string, table|true>
function cards.made(v)
  local d = type(v) == "table" and rawget(v, "description")
  if type(d) ~= "table" then return {} end
  if type(rawget(d, "cu_name")) == "string" then return unit(d) end
  if rawget(d, "streaming") then return STREAM end
  if rawget(d, "raw_type") then return MEMORY end
  if type(rawget(d, "hierarchies")) == "table" then return overlay(d) end
  return {}
end

return cards
