-- The command lunq rtl: build, show, clean.
local cache = require "lunq.rtl.cache"
local process = dofile "spec/program/process.lua"
local fixture = dofile "spec/rtl/fixture.lua"

describe("lunq rtl", function()
  local sh, lunq_run = process.sh, process.lunq
  local it_built = fixture.with_verilator(it, pending)
  local folder
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    cache.make_folder(folder)
    cache.make_folder(fixture.cache)
  end)
  teardown(function() cache.remove(folder) end)
  after_each(process.clean)

  it_built("builds, shows and cleans, and says where models are", function()
    local code, out, err = sh(([[
      export XDG_CACHE_HOME=%s/cache
      mkdir -p $XDG_CACHE_HOME/lunq; ln -s %s $XDG_CACHE_HOME/lunq/rtl
      LUNQ rtl build spec/rtl/regs.v -o %s/regs.rtl; LUNQ rtl show %s/regs.rtl | head -1
      rm $XDG_CACHE_HOME/lunq/rtl; mkdir -p $XDG_CACHE_HOME/lunq/rtl/models
      touch $XDG_CACHE_HOME/lunq/rtl/models/x.rtl
      LUNQ rtl clean; LUNQ rtl clean; ls $XDG_CACHE_HOME/lunq/rtl]])
      :format(folder, fixture.cache, folder, folder))
    assert.same({ 0, "" }, { code, err })
    assert.matches(("^wrote %s/regs%%.rtl: regs with 20 pins[^\n]*\n  s_axi       AXI4%%-Lite slave, 32 bits, "
                    .. "addresses of 8 bits, at 0\n  clocks      aclk\n  resets      aresetn\n  interrupts  irq\nregs, "
                    .. "by Verilator 5[^\n]*\n"
                    .. "removed 1 model from %s/cache/lunq/rtl\nremoved 0 models from"):format(folder, folder), out)
  end)

  -- A compiler that takes its time, so that there is something to see.
  it_built("says on a terminal how far it is", function()
    cache.write(folder .. "/slow", "#!/bin/sh\nsleep 0.6\nexec g++ \"$@\"\n")
    assert(os.execute("chmod +x " .. folder .. "/slow; mkdir -p " .. folder .. "/shown/lunq; ln -s " .. fixture.cache
                      .. " " .. folder .. "/shown/lunq/rtl"))
    cache.write(folder .. "/shown.v", ("module shown(input a); endmodule // %s\n"):format(folder))
    local t = process.terminal(("CXX=%s/slow XDG_CACHE_HOME=%s/shown"):format(folder, folder),
                               ("rtl build %s/shown.v -o %s/shown.rtl"):format(folder, folder))
    t:expect "building shown: 1 of 2 files, small1.cpp, "
    t:expect "shown.rtl: shown with 1 pins"
    t:expect "no bus  nothing here has the names of AXI4 or AXI4-Stream. A struct as a port is one flat pin: wrap"
    assert.equal(0, (t:finish()))
  end)

  it_built("says what it takes the pins for, and why some are nothing", function()
    local v = fixture.source("half.v", "module half(input clk, input [3:0] s_axi_awaddr, input s_axi_awvalid, "
                             .. "output s_axi_awready, input [3:0] mode); assign s_axi_awready = |mode; endmodule")
    local code, out = sh(("XDG_CACHE_HOME=%s LUNQ rtl build %s"):format(fixture.home, v))
    assert.equal(0, code)
    assert.matches("\n  clocks     clk\n"
                   .. "  in no bus  s_axi_awaddr, s_axi_awvalid, s_axi_awready %(s_axi: no wdata%)\n", out)
    assert.matches("\n  wires      mode\n$", out)
  end)

  it_built("works in folders of any name, and so do models of any name", function()
    local odd = folder .. "/a b'c $x"
    cache.make_folder(odd)
    for _, name in ipairs { "regs.v", "axil_port.v" } do
      cache.write(odd .. "/" .. name, cache.read("spec/rtl/" .. name))
    end
    local code, out, err = sh(([[
      cd %s; mkdir -p kept/lunq; ln -s %s kept/lunq/rtl
      XDG_CACHE_HOME="$PWD/kept" LUNQ rtl build regs.v -o 'my ip.rtl'
      XDG_CACHE_HOME="$PWD/kept" LUNQ rtl build regs.v | head -1
      LUNQ --device 'rtl:my ip.rtl' -e 'print(("%%x"):format(lunq.MMIO(0, 64):read(0)))']])
      :format(process.quote(odd), fixture.cache))
    assert.same({ 0, "" }, { code, err })
    assert.matches("^wrote my ip.rtl: regs with 20 pins\n", out)
    assert.matches("regs with 20 pins %(from the cache%)\n4c554e51\n$", out)
  end)

  it_built("ends with 1 when the sources are wrong", function()
    local v = process.file("module bad(input a) endmodule", ".v")
    local code, out, err = sh(("XDG_CACHE_HOME=%s LUNQ rtl build --top=bad %s"):format(folder, v))
    assert.same({ 1, "" }, { code, out })
    assert.matches("^lunq: Verilator refuses bad:\n%%Error: " .. v:gsub("%p", "%%%0") .. ":1:", err)
  end)

  it("ends with 2 when the arguments make no sense", function()
    for line, problem in pairs {
      [""] = "lunq rtl: build, show or clean?",
      ["make"] = 'lunq rtl: there is no "make", only build, show and clean',
      ["build"] = "lunq rtl build: which files of Verilog or VHDL?",
      ["build x.v -o"] = "lunq rtl build: -o needs a value",
      ["build x.v -G W"] = "lunq rtl build: -G takes NAME=VALUE, not W",
      ["build x.v --fast"] = "lunq rtl build: there is no option --fast",
      ["show"] = "lunq rtl show: which model? One at a time",
      ["clean all"] = "lunq rtl clean takes no arguments",
    } do
      local code, out, err = sh("LUNQ rtl " .. line)
      assert.same({ 2, "" }, { code, out })
      assert.equal(problem .. "\nlunq rtl --help says what it takes.\n", err)
    end
    local code, out = lunq_run("rtl", "--help")
    assert.equal(0, code)
    assert.matches("^usage: lunq rtl build FILE", out)
  end)

  -- Ubuntu 22.04 has 4.038, whose generated code is another.
  it("says what to install when Verilator is missing or too old", function()
    local bin = folder .. "/bin"
    cache.make_folder(bin)
    local code, _, err = sh(("PATH=%s LUNQ rtl build spec/rtl/regs.v"):format(bin))
    assert.equal(1, code)
    assert.matches("^lunq: Building RTL needs Verilator 5.006 or later, which is not installed %(on Debian: "
                   .. "apt%-get install verilator g%+%+ make%). Icarus Verilog is enough where speed doesn't matter: "
                   .. "%-%-simulator icarus,", err)
    cache.write(bin .. "/verilator", "#!/bin/sh\necho Verilator 4.038 2020-07-11 rev v4.036\n")
    code, _, err = sh(("chmod +x %s/verilator; PATH=%s:$PATH LUNQ rtl build spec/rtl/regs.v"):format(bin, bin))
    assert.equal(1, code)
    assert.matches("^lunq: Verilator 4%.038 is too old, 5%.006 or later is needed", err)
  end)
end)
