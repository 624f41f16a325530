--- Register windows of host/core/mmio.h on devices that Lua can't make: window.c beside this file.
describe("a register window", function()
  local build = (os.getenv "LUNQ_BIN" or "build/lunq"):match "^(.*)/"
  local program = build .. "/spec/mmio_window"

  setup(function()
    local flags = build:find "asan" and "-fsanitize=address,undefined -fno-sanitize-recover=undefined" or ""
    local command = ("mkdir -p %s/spec && cc -std=gnu11 -g -D_GNU_SOURCE -Wall -Wextra %s -Ihost -o %s "
                     .. "spec/mmio/window.c %s/liblunq.a -lexpat -lm 2>&1"):format(build, flags, program, build)
    local p = assert(io.popen(command))
    local text = p:read "a"
    assert(p:close(), text)
  end)

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
    it(behaviour, function()
      local p = assert(io.popen(("%s %s 2>&1"):format(program, name)))
      local text = p:read "a"
      assert.same({ true, "ok\n" }, { p:close() or false, text })
    end)
  end
end)
