-- The example of docs/qtest.md runs on QEMU; spec/docs/docs_spec.lua runs it on a simulated device.
local blocks = dofile "spec/docs/blocks.lua"

describe("docs/qtest.md", function()
  for _, block in ipairs(blocks.of("docs/qtest.md", "lua")) do
    it("has an example that runs, line " .. block.line, function()
      local count = assert(load(block.text:gsub("\n([^\n]*:wait%(%))\n$", "\nreturn %1"), "=docs/qtest.md", "t"))()
      assert.equal(1, count)
    end)
  end
end)
