--- docs/conformance.md keeps its promise: every file of PYNQ's tests has a row, and the specs it names exist.
local pins = dofile "spec/pins.lua"

local FILES <const> = { -- pynq-behaviour.md D, with the number of cases
  test_mmio = 34, test_buffer = 13, test_registers = 122, test_clocks = 58, test_axigpio = 8, test_gpio = 15,
  test_interrupt = 14, test_uio = 9, test_overlay = 11, test_bitstream = 21, test_devicetree = 6, test_remote = 1,
  test_xlnk = 2, test_xrt = 8,
}
local HEADER <const> = "PYNQ's file (cases)"

--- The rows as { file, what, specs }: cells that are empty in the table take the file from above.
local function read_rows()
  local rows, file = {}, nil
  for _, row in ipairs(pins.rows("docs/conformance.md", "")) do
    if row[1]:match "^test_" then file = table.remove(row, 1) end
    if row[1] ~= HEADER and not row[1]:match "^%-" then rows[#rows + 1] = { file, row[1], row[2] } end
  end
  return rows
end

describe("docs/conformance.md", function()
  it("has every file of PYNQ's tests once, with its number of cases", function()
    local seen, before = {}, nil
    for _, row in ipairs(read_rows()) do
      local name, cases = row[1]:match "^(test_%w+) %((%d+)%)$"
      assert.is_truthy(name, row[1])
      assert.is_true(name == before or not seen[name], name .. " comes twice")
      seen[name], before = tonumber(cases), name
    end
    assert.same(FILES, seen)
  end)

  it("names tests that exist, as many as it says, or the issue that brings them", function()
    local wrong, named = {}, 0
    for _, row in ipairs(read_rows()) do
      local label = row[1] .. ", " .. row[2]
      assert.is_truthy(row[3], label .. ": no spec")
      if not row[3]:match "^later: " then
        local list, n = pins.check(label, row[3])
        table.move(list, 1, #list, #wrong + 1, wrong)
        named = named + n
      end
    end
    assert.same({}, wrong)
    assert.is_true(named > 200)
  end)
end)
