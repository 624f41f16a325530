-- A short run of stress.lua beside this file; `make stress` runs it for as long as asked.
describe("32 DMA channels and 64 interrupt pins under stress", function()
  local process = dofile "spec/program/process.lua"
  local seed = tonumber(os.getenv "LUNQ_SEED") or os.time()

  local function run(number)
    local code, out, err = process.lunq("spec/dma/stress.lua", tostring(number), "0", "2")
    assert.same({ 0, "" }, { code, err }, ("SEED=%d: %s"):format(number, err))
    return out:match "^[^\n]*", out:match "2 rounds, (%d+ steps, trace %x+): nothing lost, nothing left"
  end

  it("lose nothing, and a seed repeats a run exactly", function()
    local title, first = run(seed)
    assert.equal(("32 DMA channels, 64 interrupt pins, SEED=%d"):format(seed), title)
    assert.is_string(first)
    assert.equal(first, (select(2, run(seed))))
    assert.not_equal(first, (select(2, run(seed + 1))))
  end)
end)
