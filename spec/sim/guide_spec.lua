-- The examples of docs/simulator.md do what they say: `print(...) --> text` prints that text.
describe("docs/simulator.md", function()
  local file <close> = assert(io.open "docs/simulator.md")
  local n = 0
  for code in file:read "a":gmatch "\n```lua\n(.-)\n```" do
    n = n + 1
    it("example " .. n .. " runs and prints what it says", function()
      local printed, expected = {}, {}
      local env = setmetatable({ print = function(...)
        local t = table.pack(...)
        for i = 1, t.n do t[i] = tostring(t[i]) end
        printed[#printed + 1] = table.concat(t, " "):gsub("%s+$", "")
      end }, { __index = _G })
      for line in code:gmatch "[^\n]+" do
        if line:match "^print" then expected[#expected + 1] = line:match "%-%->%s*(.-)%s*$" or false end
      end
      assert(load(code, "=docs/simulator.md", "t", env))()
      assert.equal(#expected, #printed)
      for i, text in ipairs(expected) do
        if text then assert.equal(text, printed[i]) end
      end
    end)
  end

  it("has examples", function() assert.is_true(n >= 4) end)
end)
