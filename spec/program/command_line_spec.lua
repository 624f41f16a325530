describe("the command line", function()
  local process = dofile "spec/program/process.lua"
  local lunq, sh = process.lunq, process.sh
  after_each(process.clean)

  it("runs a script with its arguments", function()
    local s = process.file "print(arg[0], #arg, arg[1], arg[2], ...)"
    local code, out, err = lunq(s, "a b", "--device")
    assert.same({ 0, s .. "\t2\ta b\t--device\ta b\t--device\n", "" }, { code, out, err })
  end)

  it("puts the program into arg[-1], so that a script can start it again", function()
    local s = process.file [[io.write(arg[-1])]]
    local _, out = lunq(s)
    assert.equal("/", out:sub(1, 1))
    assert.truthy(io.open(out)):close()
  end)

  it("skips a first line with #!", function()
    local code, out = lunq(process.file "#!/usr/bin/env lunq\nprint 'ran'\n")
    assert.same({ 0, "ran\n" }, { code, out })
  end)

  it("runs code given with -e, all that follows is its arguments", function()
    local code, out, err = lunq("-e", "print(arg[0], ...)", "-e", "x")
    assert.same({ 0, "-e\t-e\tx\n", "" }, { code, out, err })
  end)

  it("has lunq ready in -e code, but not in a script", function()
    local _, out = lunq("-e", "print(type(lunq), lunq == require 'lunq')")
    assert.equal("table\ttrue\n", out)
    _, out = lunq(process.file "print(lunq)")
    assert.equal("nil\n", out)
  end)

  it("runs standard input for '-', and without arguments when it is no terminal", function()
    local code, out = sh [[echo 'print("in", ...)' | LUNQ - a]]
    assert.same({ 0, "in\ta\n" }, { code, out })
    code, out = sh [[echo 'print "piped"' | LUNQ]]
    assert.same({ 0, "piped\n" }, { code, out })
  end)

  it("takes the device from --device for itself and for what it starts", function()
    local script = process.file [[print(os.getenv "LUNQ_DEVICE")]]
    for _, form in ipairs { "--device sim:zynqmp", "--device=sim:zynqmp" } do
      local _, out = sh("LUNQ " .. form .. " " .. script)
      assert.equal("sim:zynqmp\n", out)
    end
  end)

  -- C70: PYNQ finds no device unless the environment says which board and which XRT it has.
  it("has a simulated device when nobody says which", function()
    local code, out, err = sh [[unset LUNQ_DEVICE; LUNQ -e 'print(lunq.Device.active_device)']]
    assert.same({ 0, "Device sim\n", "" }, { code, out, err })
  end)

  it("says its version and Lua's", function()
    local code, out, err = lunq "--version"
    assert.same({ 0, "" }, { code, err })
    assert.matches("^lunq %d+%.%d+%.%d+ %(Lua 5%.4%.%d+%)\n$", out)
  end)

  it("explains itself for --help, -h and help", function()
    for _, word in ipairs { "--help", "-h", "help" } do
      local code, out, err = lunq(word)
      assert.same({ 0, "" }, { code, err })
      for _, what in ipairs { "usage: lunq", "lunq info FILE", "lunq test", "--device D", "exit codes" } do
        assert.truthy(out:find(what, 1, true), what)
      end
    end
  end)

  it("refuses an unknown option, on stderr, in two lines", function()
    local code, out, err = lunq "--bogus"
    assert.same({ 2, "", "lunq: unknown option --bogus\nlunq --help shows what there is.\n" }, { code, out, err })
  end)

  it("says of a script that is not there where the commands are, when it looks like one", function()
    local code, _, err = lunq "doctr"
    assert.same({ 2, "lunq: cannot open doctr: No such file or directory\n"
                     .. "If doctr should be a command: lunq --help shows those there are.\n" }, { code, err })
    code, _, err = lunq "doctr.lua"
    assert.same({ 2, "lunq: cannot open doctr.lua: No such file or directory\n" }, { code, err })
  end)

  it("refuses an option without its value", function()
    for _, form in ipairs { "--device", "--device=", "--lua-dir", "-e" } do
      local code, _, err = lunq(form)
      assert.equal(2, code, form)
      assert.matches("needs a", err)
    end
  end)

  it("says when there is no such script, and leaves with 2", function()
    local code, _, err = lunq "/nonexistent/x.lua"
    assert.same({ 2, "lunq: cannot open /nonexistent/x.lua: No such file or directory\n" }, { code, err })
  end)

  it("points somebody who runs a design at lunq info", function()
    local code, _, err = lunq(process.file("<EDKSYSTEM/>", ".hwh"))
    assert.equal(1, code)
    assert.matches("To see what is in a design: lunq info /", err)
  end)

  it("uses the files of a checkout instead of those inside", function()
    local dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir -p " .. dir .. "/lua/lunq " .. dir .. "/drivers"))
    finally(function() os.execute("rm -r " .. dir) end)
    local function put(name, text)
      local f <close> = assert(io.open(dir .. name, "w"))
      f:write(text)
    end
    put("/lua/lunq/nearest.lua", "return 'mine'")
    put("/lua/lunq/brand_new.lua", "return 'new'")
    put("/drivers/mydriver.lua", "return 'driver'")
    local code_text = [[print((require "lunq.nearest"), (require "lunq.brand_new"), (require "drivers.mydriver"))]]
    local _, out = lunq("--lua-dir", dir, "-e", code_text)
    assert.equal("mine\tnew\tdriver\n", out)
    _, out = sh(("LUNQ_LUA_DIR=%s LUNQ -e 'print((require \"lunq.nearest\"))'"):format(dir))
    assert.equal("mine\n", out)
    _, out = lunq("-e", [[print(type(require "lunq.nearest"))]])
    assert.not_equal("string\n", out)
  end)
end)

describe("lunq test", function()
  local process = dofile "spec/program/process.lua"
  after_each(process.clean)

  local function run(text, options)
    local spec = process.file(text, "_spec.lua")
    -- From another folder: this checkout's .busted must not apply.
    return process.sh(("cd /tmp && LUNQ test %s %s"):format(options or "-o plainTerminal", spec))
  end

  it("leaves with 0 when all specs pass, and 1 when one fails", function()
    local code, out = run "it('is right', function() assert.equal(1, 1) end)"
    assert.equal(0, code, out)
    assert.matches("1 success / 0 failures / 0 errors / 0 pending", out)
    code, out = run "it('is wrong', function() assert.equal(1, 2) end)"
    assert.equal(1, code)
    assert.matches("0 successes / 1 failure", out)
  end)

  it("passes busted's options on", function()
    local code, out = run("it('a', function() end) it('b', function() error 'x' end)",
      "-o TAP --filter=a")
    assert.equal(0, code, out)
    assert.matches("^ok 1 %- a\n", out)
  end)

  it("runs specs in a coroutine, so that they may wait by yielding", function()
    local code, out = run [[it('may yield', function()
      for i = 1, 3 do coroutine.yield(i) end
      assert.equal(1, 2, "after the yield")
    end)]]
    assert.equal(1, code)
    assert.matches("0 successes / 1 failure", out)
    assert.matches("after the yield", out)
  end)

  it("has lunq for the specs", function()
    local _, out = run "it('x', function() assert.is_table(require 'lunq') end)"
    assert.matches("1 success / 0 failures", out)
  end)
end)
