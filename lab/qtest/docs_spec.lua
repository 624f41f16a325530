-- The example of docs/qtest.md runs, on QEMU and, with another device, on a simulated one.
describe("docs/qtest.md", function()
  local file <close> = assert(io.open "docs/qtest.md")
  local code = file:read "a":match "\n```\n(local lunq.-)\n```"

  for _, device in ipairs { "qtest", "sim" } do
    it("has an example that runs on " .. device, function()
      local text, n = code:gsub('device = "qtest"', ("device = %q"):format(device))
      assert.equal(1, n)
      local count = assert(load(text:gsub("\n([^\n]*:wait%(%))$", "\nreturn %1"), "=docs/qtest.md", "t"))()
      assert.equal(1, count)
    end)
  end
end)
