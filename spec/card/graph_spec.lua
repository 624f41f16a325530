-- Kernels, runs and what waits for what, on a card made of nothing: graph.c beside this file.
local c_program = dofile "spec/c_program.lua"

local behaviours = {
  arguments_are_packed = "packs arguments into a register image as XRT does",
  arguments_are_checked = "checks an argument's kind, size, card and bank, and says what is wrong",
  kernels_are_checked = "opens units of one kernel only, and none that can't be started",
  costs_nothing = "starts and looks without memory and without system calls",
  refused_start_can_be_repeated = "leaves a run that the card refused as it was",
  buffers_are_held = "holds buffers from a run's start to its end, and gives freed ones back then",
  free_looks_for_ended_runs = "frees a buffer whose run has ended, though nobody has looked",
  waits = "says what a run does when time is over, and how it failed",
  is_noted = "tells the flight recorder of a run's start and how it ended",
  sleeps_until_woken = "sleeps until the card's thread tells of the end",
  chain = "runs a chain of 100,000 whose runs end at once",
  chain_threads = "does so where the card has threads",
  wide = "runs a thousand after one and one after a thousand",
  random_order = "starts nobody before all it waits for, whatever the order they end in",
  failure_spreads = "cancels the successors of a run that failed, and names it",
  predecessors_are_checked = "refuses to wait for runs of other cards and for those never started",
  cancels = "cancels what waits, and asks the card to abort what runs",
  closes_in_order = "closes runs, then kernels, before another design is loaded",
  closes_a_chain = "closes in the middle of a chain",
  gives_up = "gives up on a kernel that never ends, and keeps what it may still write",
  forgotten = "lets everything go in the end though nobody kept a handle",
}

describe("runs of kernels", function()
  local program = c_program "spec/card/graph.c"
  setup(program.build)
  for name, behaviour in pairs(behaviours) do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)

-- ThreadSanitizer can't be used together with the others.
describe("runs of kernels under ThreadSanitizer", function()
  if (os.getenv "LUNQ_BIN" or ""):find "asan" then return end
  local program = c_program("spec/card/graph.c", {
    name = "card_graph_tsan", flags = "-fsanitize=thread",
    sources = { "host/core/run.c", "host/core/run_graph.c", "host/core/run_loop.c", "host/core/run_close.c",
                "host/core/kernel.c", "host/core/memory.c", "host/core/loop.c", "host/core/loop_outside.c" },
  })
  setup(program.build)
  for _, name in ipairs {
    "sleeps_until_woken", "chain_threads", "wide", "random_order", "closes_a_chain", "forgotten",
  } do
    it(behaviours[name], function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)
