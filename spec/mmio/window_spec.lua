--- Register windows of host/core/mmio.h on devices that Lua can't make: window.c beside this file.
describe("a register window", function()
  local program = dofile "spec/c_program.lua" "spec/mmio/window.c"

  setup(program.build)

  for name, behaviour in pairs {
    no_capability = "is refused by a device without registers, in PYNQ's words",
    wraps = "may not reach beyond the address space",
    life = "is shared: closing ends it for all, freeing is the last one's business",
    outlives_the_device = "keeps its device",
    mapping_refused = "that can't be mapped says so at the first access",
    new_design = "is mapped again after a new design, or stale when it was bound to the old one",
    register_access = "on a device with register access is one access per word, of the width asked",
    word_by_word = "on mapped registers copies blocks word by word",
    poll_in_real_time = "is polled as long as real time allows",
    interrupted = "is polled until Ctrl-C",
  } do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)
