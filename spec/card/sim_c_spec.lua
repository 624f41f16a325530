-- Kernels of a simulated card from C: sim_kernel.c beside this file.
describe("a simulated card, from C,", function()
  local lunq = require "lunq"
  local program = dofile "spec/c_program.lua" "spec/card/sim_kernel.c"
  local file

  setup(function()
    program.build()
    file = os.tmpname()
    lunq.xclbin.write(file, {
      name = "step",
      memories = { { tag = "bank0", size = 1 << 30, used = true }, { tag = "bank1", base = 1 << 30, size = 1 << 30 } },
      kernels = { step = { vlnv = "xilinx.com:hls:step:1.0", args = { "int *c", "unsigned int n" },
                           units = { step_1 = 0x1800000, step_2 = 0x1810000 } } },
    })
  end)
  teardown(function() os.remove(file) end)

  for name, behaviour in pairs {
    computes = "computes with a model in C, and says how that failed",
    long_chain = "runs a long chain",
    left_alone = "ends what nobody has a handle of",
    reload_ends_what_hangs = "resets a unit that hangs when another design is loaded",
    aborts_in_the_queue = "aborts runs in the queue of a unit and on it",
    boards_have_none = "has kernels where a board has none",
  } do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(("'%s' %s"):format(file, name)) }) end)
  end
end)
