-- docs/c-example/loopback.c: LUNQ without Lua, built and run.
describe("the C example", function()
  local build = (os.getenv "LUNQ_BIN" or "build/lunq"):match "^(.*)/"
  local sanitize = build:find "asan" and "SANITIZE=1" or ""

  setup(function()
    local p = assert(io.popen(("make -s example %s 2>&1"):format(sanitize)))
    local text = p:read "a"
    assert(p:close(), text)
  end)

  local function run(arguments)
    local p = assert(io.popen(("%s/example/loopback %s 2>&1"):format(build, arguments)))
    local text = p:read "a"
    local _, _, code = p:close()
    return code, text
  end

  it("loads the loopback design and moves data in both modes", function()
    for _, ip in ipairs { "axi_dma", "axi_dma_sg" } do
      local code, text = run("overlays/dma_loopback/dma_loopback.hwh " .. ip)
      assert.equal(0, code, text)
      assert.matches("^1024 words sent and received on sim", text)
    end
  end)

  it("moves data on memory that is not coherent", function()
    local code, text = run "overlays/dma_loopback/dma_loopback.hwh axi_dma 'sim?coherent=0'"
    assert.equal(0, code, text)
  end)

  it("says what is wrong with its arguments", function()
    local code, text = run "overlays/dma_loopback/dma_loopback.hwh nothing"
    assert.same({ 1, "attribute error: The design has no IP nothing.\n" }, { code, text })
    code, text = run "no_such_file.hwh"
    assert.equal(1, code)
    assert.matches("no_such_file.hwh", text)
    assert.equal(2, (run ""))
  end)
end)
