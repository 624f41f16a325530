-- The engine of host/core/dma.h on a device made of a list of registers: engine.c beside this file.
describe("the DMA engine", function()
  local program = dofile "spec/c_program.lua" "spec/dma/engine.c"

  setup(program.build)

  for name, behaviour in pairs {
    simple_order = "touches the registers of a simple transfer in PYNQ's order, and syncs its part only",
    sg_order = "touches the registers of a scatter-gather transfer in PYNQ's order",
    cyclic_order = "starts and stops a cyclic transfer without a reset",
    interrupt_order = "enables errors beside completion when the interrupt is wired, and acknowledges",
    descriptor_error = "finds each kind of error in a descriptor",
    beyond_32_bits = "refuses a buffer beyond its address width before it writes a register",
    last_byte_beyond = "looks at the last byte of the transfer, not only at the first",
    wide_addresses = "writes both halves of a long address",
    ring_beyond = "refuses descriptors beyond its address width",
    bus_fails_at_start = "lets the memory go when the bus refuses the start",
    bus_fails_in_wait = "keeps the memory when the bus refuses to say whether it is done",
    reset_never_ends = "keeps the memory when the engine cannot be stopped, even after close",
    found_in_error = "resets an engine it finds halted on an error",
  } do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)
