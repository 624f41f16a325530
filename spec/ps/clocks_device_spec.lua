--- host/core/clocks.h on devices that Lua can't make: clocks.c beside this file.
describe("the clocks of a device", function()
  local program = dofile "spec/c_program.lua" "spec/ps/clocks.c"

  setup(program.build)

  for name, behaviour in pairs {
    mapped_while_used = "map their registers while they are read, and not before (device tree's reference, C50)",
    set_through_a_mapping = "are set through a mapping",
    no_access = "say why their registers can't be reached",
    a_write_that_is_lost = "notice a register that does not take what is written",
    by_the_kernel = "are the kernel's business where it offers them",
    other_device = "are refused without a Zynq",
  } do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)
