-- `lunq serve`: docs/lab.md. What is served, and how, is in spec/sim/serve_spec.lua.
describe("lunq serve", function()
  local process = dofile "spec/program/process.lua"
  local served = dofile "spec/sim/served.lua"
  local lunq = process.lunq
  local DESIGN <const> = "overlays/gpio_interrupts/gpio_interrupts.hwh"
  after_each(function()
    process.clean()
    served.clean()
  end)

  it("says how it is used", function()
    local code, out, err = lunq("serve", "--help")
    assert.same({ 0, "" }, { code, err })
    assert.matches("^usage: lunq %[%-%-device D%] serve DESIGN %-%-socket PATH", out)
    for message, arguments in pairs {
      ["lunq serve: which design?"] = { "--socket", "x" },
      ["lunq serve: --socket PATH says where the client connects"] = { DESIGN },
      ["lunq serve: --gic needs a value"] = { DESIGN, "--gic" },
      ["lunq serve: --qtest and --gic need each other"] = { DESIGN, "--socket", "x", "--qtest", "y" },
      ["lunq serve: there is no option --slowly"] = { "--slowly" },
      ["lunq serve: one design at a time"] = { DESIGN, DESIGN },
    } do
      code, out, err = lunq("serve", table.unpack(arguments))
      assert.same({ 2, "", message }, { code, out, err:match "[^\n]*" })
    end
  end)

  it("says what is wrong with the design, the socket, the bench", function()
    local bench = process.file "here is an error"
    for message, arguments in pairs {
      ["Bitstream file no.hwh does not exist."] = { "no.hwh", "--socket", "/dev/null/x" },
      ["/dev/null/x can't be listened at: Not a directory."] = { DESIGN, "--socket", "/dev/null/x" },
      ["The bench can't be loaded: " .. bench .. ":1: syntax error"] =
        { DESIGN, "--bench", bench, "--socket", served.folder() .. "/pl" },
    } do
      local code, _, err = lunq("serve", table.unpack(arguments))
      assert.equal(1, code)
      assert.truthy(err:find(message, 1, true), err)
    end
  end)

  it("serves a design with a bench around it until its client has gone, and counts", function()
    local folder = served.folder()
    local bench = process.file [[
      local ol = ...
      assert(getmetatable(ol).__index, "no overlay")
      ol.device:wire("btns_4bits_tri_i", 5)
    ]]
    local out = folder .. "/out"
    os.execute(("%s serve %s --socket %s/pl --bench %s --once >%s 2>&1 &")
      :format(process.bin, DESIGN, folder, bench, out))
    local function said()
      local f <close> = io.open(out) -- the shell makes it in its own time
      return f and f:read "a" or ""
    end
    local function until_said(text)
      for _ = 1, 1000 do
        if said():find(text) then return end
        os.execute "sleep 0.01"
      end
      error(("%s did not come: %s"):format(text, said()))
    end
    until_said "^serving overlays/gpio_interrupts/gpio_interrupts.hwh on sim at /"
    do
      local c <close> = assert(served.client(folder .. "/pl"))
      for _ = 1, 100 do
        if c:read(0x41210000) == 5 then break end
      end
      assert.equal(5, (c:read(0x41210000)))
      c:write(0x41200000, 3)
    end
    until_said "\n%d+ reads, 1 writes, 0 of them failed, 0 interrupts\n$"
    assert.is_nil(io.open(folder .. "/pl"))
  end)
end)
