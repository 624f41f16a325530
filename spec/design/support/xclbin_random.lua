--- Spec support: random descriptions of cards. The same seed gives the same one.
--   local description = dofile "spec/design/support/xclbin_random.lua"(7)
local TYPES <const> = { "int", "unsigned int", "char", "short", "float", "double", "uint64_t", "const float *",
                        "int *", "ap_uint<512> *", "void *" }
local CONTROLS <const> = { "ap_ctrl_hs", "ap_ctrl_chain", "user_managed" }
local MEMORIES <const> = { "DDR4", "HBM", "DRAM", "HOST", "URAM" }

return function(seed)
  local state = seed * 2654435761 % (1 << 31) + 1
  local function random(from, to)
    state = (state * 1103515245 + 12345) % (1 << 31)
    return from + (state >> 8) % (to - from + 1)
  end
  local function pick(list) return list[random(1, #list)] end

  local d = { name = "random" .. seed, platform = ("p<&\"'é"):rep(random(0, 7)), memories = {}, kernels = {},
              streams = {}, clocks = {} }
  if random(0, 1) == 1 then d.uuid = ("%032x"):format(seed * 0x123456789) end
  for i = 1, random(1, 6) do
    d.memories[i] = { tag = ("m[%d]"):format(i - 1), type = pick(MEMORIES), base = i << random(28, 40),
                      size = random(1, 1 << 20) << 10, used = random(0, 1) == 1 }
  end
  local function tags() -- one, or several different ones
    local list = {}
    for _, m in ipairs(d.memories) do
      if random(0, 2) == 0 then list[#list + 1] = m.tag end
    end
    return #list > 0 and list or pick(d.memories).tag
  end
  local ends = { [true] = {}, [false] = {} }
  for k = 1, random(1, 4) do
    local kernel, name = { control = pick(CONTROLS), args = {}, units = {} }, "kernel" .. k
    for i = 1, random(0, 9) do
      local type = pick(TYPES)
      local declarator = type .. (type:find "*" and "" or " ") .. "arg" .. i
      local pointer = type:find("*", 1, true)
      kernel.args[i] = pointer and random(0, 1) == 1 and { declarator, memory = tags() } or declarator
    end
    for u = 1, random(1, 3) do
      local unit = "unit" .. k .. u
      local address = 0x2000000 + k * 0x100000 + u * 0x10000
      kernel.units[unit] = random(0, 1) == 1 and { interrupt = random(0, 1) == 1 } or address
    end
    for output in pairs { [true] = 0, [false] = 0 } do
      if random(0, 1) == 1 then
        kernel.args[#kernel.args + 1] = { "stream<int> s" .. tostring(output), output = output }
        for unit in pairs(kernel.units) do table.insert(ends[output], unit .. ".s" .. tostring(output)) end
      end
    end
    d.kernels[name] = kernel
  end
  table.sort(ends[true])
  table.sort(ends[false])
  for i = 1, math.min(#ends[true], #ends[false]) do
    d.streams["dc_" .. i] = ends[true][i] .. " -> " .. ends[false][i]
  end
  for i = 1, random(0, 3) do d.clocks[i] = { "CLOCK_" .. i, random(0, 65535), pick { "data", "kernel", "system" } } end
  return d
end
