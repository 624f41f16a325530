--- Spec support: the cards this machine can open, and a design for them.
--   local cards = dofile "spec/card/cards.lua"
--   cards.each(function(card) it(...) card.open() ... end)   the same specs on each of them
--   cards.file "vadd"        the path of an xclbin; cards.designs.vadd is its description
--   cards.clean()
-- XRT without a card moves no data and computes nothing (xrt.md 4): where that makes a difference a spec asks
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
      args = { "const int *a", "const int *b", { "int *c", memory = "bank1" }, "int n" },
      units = { vadd_1 = 0x1800000, vadd_2 = 0x1810000 },
    },
    -- adds to c in place: runs can follow one another
    step = { args = { { "int *c", memory = "bank1" }, "int n" } },
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

--- Writes the xclbin of a description once.
function cards.file(name)
  folder = folder or assert(uv.fs_mkdtemp "/tmp/lunq-spec-XXXXXX")
  local path = ("%s/%s.xclbin"):format(folder, name)
  if not uv.fs_stat(path) then lunq.xclbin.write(path, cards.designs[name]) end
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
  { name = "xrt:0", what = fake.installed() and "XRT's noop shim" or "a library in XRT's place", computes = false,
    ready = function() -- a process has one XRT
      if fake.installed() then uv.os_setenv("XCL_EMULATION_MODE", "noop") end
      uv.os_setenv("XILINX_XRT", fake.noop() or fake.library())
      return true
    end },
}

--- Calls f(card) for each card: name, computes, open() a device of it, other() another card of the kind
--- (nil: it has only one), what stands in for it. card.pending is why it can't be opened here.
function cards.each(f)
  for _, card in ipairs(all) do
    local ok, why = card.ready()
    f { name = card.name, what = card.what, computes = card.computes, pending = not ok and why or nil,
        open = function() return core.device_open(card.name) end,
        other = card.other and function() return core.device_open(card.other) end }
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
