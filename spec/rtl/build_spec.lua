-- lunq rtl build: models of Verilog, where they are kept, and what is said when one can't be made.
local lunq = require "lunq"
local cache = require "lunq.rtl.cache"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

describe("lunq.rtl.build", function()
  local it = fixture.with_verilator(it, pending)
  local folder

  local function write(name, text) cache.write(folder .. "/" .. name, text) end
  local function build(o)
    o.cache = fixture.cache
    return lunq.rtl.build(o)
  end

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    cache.make_folder(folder)
  end)
  after_each(function() cache.remove(folder) end)

  it("finds modules beside the sources and in folders, and files that are included", function()
    cache.make_folder(folder .. "/lib")
    cache.make_folder(folder .. "/inc")
    write("top.v", '`include "width.vh"\nmodule top(input clk, output [`W-1:0] q, r);\n'
                   .. "beside b(.q(q)); far f(.q(r)); endmodule\n")
    write("beside.v", "module beside(output [`W-1:0] q); assign q = 1; endmodule\n")
    write("lib/far.sv", "module far(output [`W-1:0] q); assign q = 2; endmodule\n")
    write("inc/width.vh", "`define W 5\n")
    local o = { sources = folder .. "/top.v", libraries = folder .. "/lib", includes = folder .. "/inc" }
    local path, about = build(o)
    assert.same({ "top", false }, { about.top, about.cached })
    assert.same({ direction = "out", width = 5, name = "q" }, about.pins[2])
    assert.same({ folder .. "/beside.v", folder .. "/inc/width.vh", folder .. "/lib/far.sv", folder .. "/top.v" },
                about.files)
    local again, known = build(o)
    assert.same({ path, true }, { again, known.cached })
    write("inc/width.vh", "`define W 6\n")
    local other, changed = build(o)
    assert.same({ false, 6 }, { changed.cached, changed.pins[2].width })
    assert.not_equal(path, other)
    write("inc/width.vh", "`define W 5\n")
    assert.equal(path, (build(o)))
  end)

  -- In a folder that stays, so that later runs find the model.
  it("keeps models of other parameters, macros and tools apart", function()
    local options, store = require "lunq.rtl.options", require "lunq.rtl.models".store
    local keys, count = {}, 0
    local function key(o, versions)
      o.sources, o.top = "spec/rtl/pass.v", "pass"
      return store("x", { options = options.check(o), simulator = require "lunq.rtl.verilator", support = "s",
                          versions = versions or "1" }).key
    end
    for _, k in ipairs { key {}, key { parameters = { BYTES = 4 } }, key { parameters = { BYTES = 8 } },
                         key { defines = { BYTES = 8 } }, key({}, "2") } do
      assert.is_nil(keys[k])
      keys[k], count = true, count + 1
    end
    assert.equal(5, count)
    assert.equal(key { parameters = { BYTES = 8 } }, key { parameters = { BYTES = 8.0 } })
    for _, name in ipairs { "more.sv", "fadd.xci", "fadd_ip.tcl" } do
      local before = key { libraries = folder }
      write(name, "")
      assert.not_equal(before, key { libraries = folder }, name)
    end
  end)

  it("takes libraries of VHDL in one order, so that a model is found again", function()
    local check = require "lunq.rtl.options".check
    write("top.vhd", "entity top is port (a : in bit); end;")
    write("part.vhd", "")
    local o, seen = { sources = folder .. "/top.vhd", work = {} }, {}
    for name in ("fdbeca"):gmatch "." do o.work[name] = folder .. "/part.vhd" end
    for i, unit in ipairs(check(o).units) do seen[i] = unit.library end
    assert.same({ "a", "b", "c", "d", "e", "f", "work" }, seen)
    o.work = { folder .. "/part.vhd" }
    assert.equal("work: 1 is no name of a library", fails("value", check, o))
  end)

  it("takes parameters and macros, and ports of any name and form but reals", function()
    local path = fixture.source("odd.sv", [[
      module odd #(parameter W = 3) (output [W-1:0] q, output [`N-1:0] r, input interrupt, \a-b ,
                                     input [7:0] arr [0:1], input real level);
        assign q = 0, r = {interrupt, \a-b , arr[0][1:0]};
      endmodule]])
    local _, about = build { sources = path, parameters = { W = 9 }, defines = { N = 4 } }
    local names = {}
    for _, p in ipairs(about.pins) do names[p.name] = p.width end
    assert.same({ q = 9, r = 4, interrupt = 1, ["arr[0]"] = 8, ["arr[1]"] = 8, ["a-b"] = 1 }, names)
    assert.same({ { "port left out, it is a real: level" }, { "W=9" } }, { about.notes, about.parameters })
    assert.matches("Parameters from the command line were not found in the design: WW",
                   fails("value", build, { sources = path, defines = { N = 4 }, parameters = { WW = 9 } }))
  end)

  it("names what is wrong in the sources, with file and line", function()
    write("bad.v", "module bad(input clk, output q);\n  assign q = nothing;\nendmodule\n")
    local e = fails("value", build, { sources = folder .. "/bad.v" })
    assert.matches("^Verilator refuses bad:\n%%Error: " .. folder .. "/bad.v:2:14: Can't find definition", e)
  end)

  it("names missing modules and what provides them", function()
    write("miss.v", "module miss(input clk);\n  xpm_unheard_of a(clk);\n  blk_mem_gen_0 b(clk);\n  mine c(clk);\n"
                    .. "endmodule\n")
    local e = fails("value", build, { sources = folder .. "/miss.v" })
    assert.matches("miss.v:2:3: Cannot find file containing module: 'xpm_unheard_of'", e)
    assert.matches("xpm_unheard_of is one of AMD's macros %(XPM%) LUNQ has no stub of%. A Verilog module of that "
                   .. "name", e)
    assert.matches("blk_mem_gen_0 is an IP of Vivado, a memory: LUNQ knows what is in its wrapper", e)
    assert.matches("mine is in none of the sources: name its file, or its folder with %-y", e)
    assert.is_nil(e:find "Looked in")
    local many = {}
    for i = 1, 9 do many[i] = ("part%d p%d(clk);"):format(i, i) end
    write("many.v", "module many(input clk); " .. table.concat(many) .. " endmodule\n")
    e = fails("value", build, { sources = folder .. "/many.v" })
    assert.matches("\nThe same with part7, part8, part9$", e)
  end)

  it("reads packages before what uses them, wherever they stand", function()
    cache.make_folder(folder .. "/lib")
    write("top.sv", "module top import one::*; (input b_t x, output [two::N-1:0] q); assign q = x; endmodule\n")
    write("two.sv", "package two; localparam N = 3; endpackage\n")
    write("lib/one.sv", "// package no\npackage automatic one; typedef logic [base::W-1:0] b_t; endpackage\n")
    write("lib/base.sv", "package base; localparam W = 7; endpackage\n")
    local o = require "lunq.rtl.options".check { sources = { folder .. "/top.sv", folder .. "/two.sv" },
                                                libraries = folder .. "/lib" }
    local names = {}
    for i, path in ipairs(o.sources) do names[i] = path:sub(#folder + 2) end
    assert.same({ { "lib/base.sv", "lib/one.sv", "two.sv", "top.sv" }, "top" }, { names, o.top })
    local e = fails("value", build, { sources = folder .. "/top.sv" })
    assert.matches("\none is a package of none of the sources: name its file, or its folder with %-y", e)
  end)

  it("takes words of SystemVerilog as names in Verilog", function()
    local path = fixture.source("words.v", "module words(input bit, output do); assign do = bit; endmodule")
    local _, about = build { sources = path }
    assert.same({ "bit", "do" }, { about.pins[1].name, about.pins[2].name })
    assert.matches("^files .v were read as Verilog%-2005", about.notes[1])
  end)

  it("says what to do about include files, interfaces and names that Verilator has itself", function()
    write("n.v", "module n(input a, output eval); assign eval = a; endmodule\n")
    assert.equal("The port eval of n is called as a part of Verilator's own C++: put the module into one that calls it "
                 .. "otherwise", fails("unsupported", build, { sources = folder .. "/n.v" }))
    write("inc.v", '`include "no.vh"\nmodule inc(input a); endmodule\n')
    assert.matches("\nName the folder of no.vh with %-I$", fails("value", build, { sources = folder .. "/inc.v" }))
    write("bus.sv", "interface link; logic v; modport s(input v); endinterface\nmodule bus(link.s p); endmodule\n")
    assert.matches("\nAn interface as a port can't be reached from outside: wrap the module",
                   fails("value", build, { sources = folder .. "/bus.sv", top = "bus" }))
  end)

  it("writes a copy where it is asked to", function()
    local path, about = fixture.model("regs", { output = folder .. "/my.rtl" })
    assert.equal(folder .. "/my.rtl", path)
    assert.equal("regs", lunq.rtl.show(path).top)
    assert.equal(20, #about.pins)
    assert.matches("there is no folder", fails("io", fixture.model, "regs", { output = folder .. "/no/my.rtl" }))
  end)

  it("says which modules there are when none is named", function()
    write("x.v", "// module zero\nmodule one(input a); endmodule\n/* module x */ module two(input a); endmodule\n")
    assert.equal(("Which module of %s/x.v? Name it with --top: one, two"):format(folder),
                 fails("value", build, { sources = folder .. "/x.v" }))
  end)

  it("refuses what makes no sense", function()
    local v = "spec/rtl/regs.v"
    assert.equal("Which Verilog or VHDL files? None is named.", fails("value", build, {}))
    assert.equal("The source no.v does not exist.", fails("io", build, { sources = "no.v" }))
    assert.equal("spec/rtl is a folder; name the files, or search it for modules with -y",
                 fails("io", build, { sources = "spec/rtl" }))
    assert.equal("The folder no (-y) does not exist.", fails("io", build, { sources = v, libraries = "no" }))
    assert.equal("trace should be fst or vcd, not vdc", fails("value", build, { sources = v, trace = "vdc" }))
    assert.equal('lunq.rtl.build has no option "tops"; did you mean "top"?',
                 fails("value", build, { sources = v, tops = "regs" }))
    assert.equal("sources should be a list of paths, not a number", fails("type", build, { sources = 1 }))
    assert.equal("The name of the top module should be a plain one, not a b",
                 fails("value", build, { sources = v, top = "a b" }))
    assert.equal("parameters: a b is no name",
                 fails("value", build, { sources = v, parameters = { ["a b"] = 1 } }))
    write("x.vhd", "")
    assert.equal(folder .. "/x.vhd has no entity", fails("value", build, { sources = folder .. "/x.vhd" }))
    write("none.v", "module none; endmodule")
    assert.matches("The module none has no ports", fails("value", build, { sources = folder .. "/none.v" }))
  end)

  it("shows what is in a model, and refuses what is none", function()
    local text = tostring(lunq.rtl.show((fixture.model "regs")))
    assert.matches("^regs, by Verilator 5%.%d+\n  sources     %S*/spec/rtl/regs%.v\n  traces      none", text)
    assert.matches("\n20 pins\n.*  in     s_axi_wdata%[31:0%]\n", text)
    assert.matches("Makefile is no model: it was not made by lunq rtl build", fails("value", lunq.rtl.show, "Makefile"))
    assert.equal("The model no.rtl does not exist.", fails("io", lunq.rtl.show, "no.rtl"))
  end)
end)
