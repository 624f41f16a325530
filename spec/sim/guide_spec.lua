-- The examples of the guides do what they say: `print(...) --> text` prints that text.
for guide, examples in pairs { ["docs/simulator.md"] = 4, ["docs/tasks.md"] = 3 } do
describe(guide, function()
  local file <close> = assert(io.open(guide))
  local n = 0
  for code in file:read "a":gmatch "\n```lua\n(.-)\n```" do
    n = n + 1
    it("example " .. n .. " runs and prints what it says", function()
      local printed, expected = {}, {}
      local env = setmetatable({ lunq = require "lunq", print = function(...)
        local t = table.pack(...)
        for i = 1, t.n do t[i] = tostring(t[i]) end
        printed[#printed + 1] = table.concat(t, " "):gsub("%s+$", "")
      end }, { __index = _G })
      for line in code:gmatch "[^\n]+" do
        local text = line:match "%f[%w]print%f[%W].*%-%->%s*(.-)%s*$"
        if text or line:match "^print" then expected[#expected + 1] = text or false end
      end
      assert(load(code, "=" .. guide, "t", env))()
      assert.equal(#expected, #printed)
      for i, text in ipairs(expected) do
        if text then assert.equal(text, printed[i]) end
      end
    end)
  end

  it("has examples", function() assert.is_true(n >= examples) end)
end)
end
