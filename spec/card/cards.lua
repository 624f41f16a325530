--- Spec support: the cards this machine can open, and a design for them.
--   local cards = dofile "spec/card/cards.lua"
--   cards.each(function(card) it(...) card.open() ... end)   the same specs on each of them
--   cards.file "vadd"        the path of an xclbin; cards.designs.vadd is its description
--   cards.clean()
-- XRT's noop mode moves no data and computes nothing (xrt.md 4): where that makes a difference a spec asks
-- card.computes.
local core = require "lunq.core"
local fake = dofile "spec/card/xrt_fake.lua"
local lunq = require "lunq"
local uv = require "luv"

local cards = { designs = {} }

cards.designs.vadd = {
  name = "vadd", platform = "xilinx_u250_gen3x16_xdma_4_1",
  memories = {
    { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 << 30 },
    { tag = "bank1", type = "DDR4", base = 0x5000000000, size = 16 << 30 },
    { tag = "PLRAM[0]", type = "DRAM", base = 0x3000000000, size = 128 << 10, used = true },
  },
  kernels = {
    vadd = {
      args = { "const int *a", { "const int *b", memory = { "bank0", "bank1" } }, { "int *c", memory = "bank1" },
               "int n" },
      units = { vadd_1 = 0x1800000, vadd_2 = 0x1810000 },
    },
    -- adds to c in place: runs can follow one another
    step = { args = { { "int *c", memory = "bank1" }, "int n" } },
    broken = { args = { { "int *c", memory = "bank1" } } },
    slow = { args = { { "int *c", memory = "bank1" } } },
    always = { control = "ap_ctrl_none", args = { "int threshold" } },
    own = { control = "user_managed", args = { "int level" } },
  },
}

-- A stream from kernel to kernel, two memories in use, one that is not; PYNQ's example.
cards.designs.chain = {
  name = "chain", platform = "xilinx_u200_xdma_201830_2",
  memories = {
    { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 << 30 },
    { tag = "HBM[3]", type = "HBM", base = 0x300000000, size = 256 << 20, used = true },
    { tag = "bank7", type = "DDR4", base = 0x6000000000, size = 16 << 30, used = false },
  },
  kernels = {
    vadd = { args = { "const int *a", "const int *b", { "stream<int> out_c", output = true }, "int n" } },
    vmult = { args = { "stream<int> in_a", "const int *b", "int *c", "int n" } },
  },
  streams = { dc_3 = "vadd_1.out_c -> vmult_1.in_a" },
  clocks = { { "DATA_CLK", 300, "data" }, { "KERNEL_CLK", 500, "kernel" } },
}

cards.designs.one = {
  name = "one",
  memories = {
    { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 << 30, used = false },
    { tag = "bank1", type = "DDR4", base = 0x5000000000, size = 16 << 30 },
  },
  kernels = { copy = { args = { { "const int *a", memory = "bank1" }, { "int *b", memory = "bank1" } } } },
}

cards.designs.none = {
  name = "none", memories = { { tag = "bank0", size = 1 << 30, used = false } },
  kernels = { tick = { args = { "int n" } } },
}

local folder

--- What the kernels compute on a simulated card: files beside the designs.
local models = {
  vadd = [[
    local lunq = require "lunq"
    lunq.model "vadd" { kernel = function(_, a, b, c, n) for i = 1, n do c[i] = a[i] + b[i] end end, duration = 1000 }
    lunq.model "broken" { kernel = function() error("it is broken", 0) end }
    lunq.model "slow" { kernel = function() end, duration = 1000000 }
    lunq.model "step" { kernel = function(_, c, n) for i = 1, n do c[i] = c[i] + 1 end end, duration = 1000 }
  ]],
  chain = [[
    local lunq = require "lunq"
    lunq.model "vadd" { kernel = function(_, a, b, out, n) for i = 1, n do out:write(a[i] + b[i]) end end }
    lunq.model "vmult" { kernel = function(_, from, b, c, n) for i = 1, n do c[i] = from:read(1)[1] * b[i] end end }
  ]],
  one = "", none = "",
}

local function write(path, text)
  local f <close> = assert(io.open(path, "w"))
  assert(f:write(text))
end

--- Writes the xclbin of a description once, with its models beside it.
function cards.file(name)
  folder = folder or assert(uv.fs_mkdtemp "/tmp/lunq-spec-XXXXXX")
  local dir = folder .. "/" .. name
  local path = ("%s/%s.xclbin"):format(dir, name)
  if not uv.fs_stat(path) then
    assert(uv.fs_mkdir(dir, 493))
    assert(uv.fs_mkdir(dir .. "/models", 493))
    write(dir .. "/models/kernels.lua", models[name])
    lunq.xclbin.write(path, cards.designs[name])
  end
  return path
end

function cards.clean()
  if folder then assert(os.execute("rm -r " .. folder)) end
  folder = nil
  fake.clean()
  uv.os_unsetenv "XILINX_XRT"
  uv.os_unsetenv "XCL_EMULATION_MODE"
end

local all = {
  { name = "sim:alveo", another = "sim:alveo?seed=2", computes = true, ready = function() return true end },
  { name = "xrt:0", computes = false,
    ready = function()
      local dir = fake.noop()
      if not dir then return false, fake.not_installed end
      uv.os_setenv("XILINX_XRT", dir)
      uv.os_setenv("XCL_EMULATION_MODE", "noop")
      return true
    end },
}

--- Calls f(card) for each card: name, computes, open() a device of it, other() another card of the kind
--- (nil: it has only one). card.pending is why it can't be opened here.
function cards.each(f)
  for _, card in ipairs(all) do
    local ok, why = card.ready()
    f { name = card.name, computes = card.computes, pending = not ok and why or nil,
        open = function() return core.device_open(card.name) end,
        other = card.another and function() return core.device_open(card.another) end }
  end
end

--- What the first run of a process opens for good (the loop's descriptors) is no spec's leak.
function cards.warm_up()
  cards.each(function(card)
    if card.pending then return end
    local device <close> = card.open()
    local ol <close> = lunq.Overlay(cards.file "vadd", { device = device })
    local c <close> = lunq.allocate(1024, "i4", { target = ol.bank1 })
    ol.step_1:call(c, 4)
  end)
end

return cards
