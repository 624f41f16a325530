-- PYNQ's test_overlay (pynq-behaviour.md D), its defects C38 to C41, and where drivers are found.
describe("drivers", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local process = dofile "spec/program/process.lua"
  local raised = fixture.raised
  local DefaultIP, DefaultHierarchy = lunq.DefaultIP, lunq.DefaultHierarchy
  local made, dir

  local FIR <const> = "acme.com:user:fir:1.0"

  local function design()
    return fixture.hwh { modules = {
      { path = "fir_0", vlnv = FIR, base = 0x40000000 },
      { path = "old_fir", vlnv = "acme.com:user:fir:0.9", base = 0x40010000 },
      { path = "other", vlnv = "acme.com:user:other:1.0", base = 0x40020000 },
      { path = "pair/left", vlnv = FIR, base = 0x40030000 },
      { path = "pair/right", vlnv = FIR, base = 0x40040000 },
      { path = "pair/deep/fir", vlnv = FIR, base = 0x40050000 },
    } }
  end

  --- Makes a driver class that after_each takes out again.
  local function driver(base, fields)
    local class = base:extend(fields)
    made[#made + 1] = class
    return class
  end

  local function open(options)
    return lunq.warnings.capture(function() return lunq.Overlay(dir .. "/top.hwh", options) end)
  end

  local function class_of(object) return getmetatable(object) end

  before_each(function()
    made, dir = {}, fixture.folder()
    fixture.write(dir .. "/top.hwh", design())
  end)
  after_each(function()
    for _, class in ipairs(made) do class:unregister() end
    lunq.driver_path = {}
    fixture.clean()
  end)

  it("bind by VLNV", function()
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    local _, ol = open()
    assert.equal(Fir, class_of(ol.fir_0))
    assert.equal(Fir, class_of(ol.pair.left))
    assert.equal(DefaultIP, class_of(ol.other))
    assert.equal(Fir, ol.ip_dict.fir_0.driver)
    assert.is_nil(ol.ip_dict.other.driver)
  end)

  it("bind when the overlay is made: a later class needs a new one", function()
    local _, ol = open()
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    assert.equal(DefaultIP, class_of(ol.fir_0))
    _, ol = open()
    assert.equal(Fir, class_of(ol.fir_0))
  end)

  it("are replaced by newer ones, and come back when those unregister (C40)", function()
    local A = driver(DefaultIP, { bindto = { FIR } })
    local B = driver(DefaultIP, { bindto = { FIR } })
    local _, ol = open()
    assert.equal(B, class_of(ol.fir_0))
    assert.is_true(B:unregister())
    _, ol = open()
    assert.equal(A, class_of(ol.fir_0))
    A:unregister()
    _, ol = open()
    assert.equal(DefaultIP, class_of(ol.fir_0))
    assert.is_false(A:unregister())
  end)

  it("of another version are named in a warning and not used", function()
    driver(DefaultIP, { bindto = { FIR, "acme.com:user:fir:1.1" } })
    local list, ol = open()
    assert.equal(DefaultIP, class_of(ol.old_fir))
    assert.same({ { category = "user", text = "IP old_fir is of type acme.com:user:fir:0.9 and driver found "
                    .. "for [acme.com:user:fir:1.0, acme.com:user:fir:1.1]. Use ignore_version=True to use "
                    .. "this driver." } }, list)
  end)

  it("of another version are used when ignore_version says so", function()
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    local list, ol = open { ignore_version = true }
    assert.equal(Fir, class_of(ol.old_fir))
    assert.same({}, list)
  end)

  it("bind to every version when bindto names none", function()
    local Any = driver(DefaultIP, { bindto = { "acme.com:user:fir" } })
    local list, ol = open()
    assert.equal(Any, class_of(ol.fir_0))
    assert.equal(Any, class_of(ol.old_fir))
    assert.same({}, list)
    local Exact = driver(DefaultIP, { bindto = { FIR } })
    list, ol = open()
    assert.same({}, list)
    assert.equal(Exact, class_of(ol.fir_0))
    assert.equal(Any, class_of(ol.old_fir))
  end)

  it("that raise `unsupported` give way to DefaultIP with a one-line warning (C41)", function()
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    function Fir.init() lunq.errors.raise("unsupported", "Only 16 taps") end
    local _, ol = open()
    local original, printed = print, 0
    finally(function() _G.print = original end)
    _G.print = function() printed = printed + 1 end -- PYNQ prints the whole description
    local list, ip = lunq.warnings.capture(function() return ol.fir_0 end)
    assert.equal(0, printed)
    assert.equal(DefaultIP, class_of(ip))
    assert.same({ { category = "user", text = "Configuration if IP fir_0 not supported: Only 16 taps" } },
                list)
  end)

  it("that support the configuration stay", function()
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    function Fir:init(description)
      if description.fullpath == "other" then lunq.errors.raise("unsupported", "no") end
      DefaultIP.init(self, description)
    end
    local _, ol = open()
    assert.equal(Fir, class_of(ol.fir_0))
  end)

  it("that fail otherwise fail to the caller, naming IP and driver, each time", function()
    local Fir = driver(DefaultIP, { bindto = { FIR }, __name = "Fir" })
    function Fir.init() error("out of taps", 0) end
    local _, ol = open()
    for _ = 1, 2 do
      assert.same({ "runtime", "IP fir_0 (driver Fir): out of taps" },
                  raised(function() return ol.fir_0 end))
    end
    function Fir.init() lunq.errors.raise("io", "no answer") end
    assert.same({ "io", "IP fir_0 (driver Fir): no answer" }, raised(function() return ol.fir_0 end))
    assert.equal(DefaultIP, class_of(ol.other)) -- the rest of the tree works
  end)

  it("say what is missing when init does not pass on what it got", function()
    local Fir = driver(DefaultIP, { bindto = { FIR }, __name = "Fir" })
    function Fir.init(_, description) DefaultIP.init(description) end
    local _, ol = open()
    assert.same({ "type", "IP fir_0 (driver Fir): lunq.DefaultIP.init needs the object, too: "
                  .. "lunq.DefaultIP.init(self, description)" }, raised(function() return ol.fir_0 end))
    function Fir.init() end
    assert.same({ "attribute", 'driver Fir has no "phys_addr" yet: its init has to call '
                  .. "lunq.DefaultIP.init(self, description)" }, raised(function() return ol.fir_0.phys_addr end))
  end)

  it("exist once per IP, whatever path leads to it (C38)", function()
    local count = 0
    local Fir = driver(DefaultIP, { bindto = { FIR } })
    function Fir:init(description)
      DefaultIP.init(self, description)
      count = count + 1
    end
    local _, ol = open()
    assert.equal(ol.pair.left, ol["pair/left"])
    assert.equal(ol.pair.left, ol:ip "pair/left")
    assert.equal(ol.pair.left, ol.pair:ip "left")
    assert.equal(ol.pair.deep.fir, ol.pair["deep/fir"])
    assert.equal(2, count)
  end)

  it("that need each other while they are made get an error instead of a stack overflow", function()
    local Fir = driver(DefaultIP, { bindto = { FIR }, __name = "Fir" })
    function Fir:init(description)
      DefaultIP.init(self, description)
      self.peer = description.overlay:ip(description.fullpath == "fir_0" and "pair/left" or "fir_0")
    end
    local _, ol = open()
    local e = raised(function() return ol.fir_0 end)
    assert.equal("runtime", e[1])
    assert.matches("fir_0 is used while its driver's init is still running", e[2], 1, true)
  end)

  it("may bind to memories", function()
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {
      { path = "ram", vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", base = 0x40000000, memtype = "MEMORY" } } })
    local Ram = driver(DefaultIP, { bindto = { "xilinx.com:ip:axi_bram_ctrl:4.1" } })
    local _, ol = open()
    assert.equal(Ram, class_of(ol.ram))
    assert.equal(Ram, class_of(ol:memory "ram"))
  end)

  it("with a bindto of the wrong shape are named in a warning", function()
    driver(DefaultIP, { bindto = FIR, __name = "Fir" })
    local list, ol = open()
    assert.equal(DefaultIP, class_of(ol.fir_0))
    assert.equal(1, #list)
    assert.matches("^bindto of driver Fir should be a list of strings", list[1].text)
  end)

  describe("of hierarchies", function()
    it("bind when checkhierarchy says so, seeing the drivers inside", function()
      local Fir = driver(DefaultIP, { bindto = { FIR } })
      local seen = {}
      local Pair = driver(DefaultHierarchy, {})
      function Pair.checkhierarchy(d)
        seen[#seen + 1] = d.fullpath
        return d.ip.left ~= nil and d.ip.left.driver == Fir
      end
      local _, ol = open()
      assert.equal(Pair, class_of(ol.pair))
      assert.equal(DefaultHierarchy, class_of(ol.pair.deep))
      assert.same({ "pair/deep", "pair" }, seen) -- bottom-up, each once
    end)

    it("get a description with everything about the hierarchy", function()
      local Pair = driver(DefaultHierarchy, {})
      function Pair.checkhierarchy(d) return d.fullpath == "pair" end
      local _, ol = open()
      local d = ol.pair.description
      assert.equal(ol.ip_dict["pair/left"], d.ip.left)
      assert.equal(ol.hierarchy_dict["pair/deep"], d.hierarchies.deep)
      assert.equal(ol, d.overlay)
      assert.equal(ol.device, d.device)
      assert.equal(Pair, d.driver)
      assert.same({}, d.memories)
      assert.same({}, d.interrupts)
      assert.same({}, d.gpio)
    end)

    it("are asked newest first, and the older one takes over again", function()
      local function yes(d) return d.fullpath == "pair" end
      local A = driver(DefaultHierarchy, { checkhierarchy = yes })
      local B = driver(DefaultHierarchy, { checkhierarchy = yes })
      local _, ol = open()
      assert.equal(B, class_of(ol.pair))
      B:unregister()
      _, ol = open()
      assert.equal(A, class_of(ol.pair))
      A:unregister()
      _, ol = open()
      assert.equal(DefaultHierarchy, class_of(ol.pair))
    end)

    it("with a failing checkhierarchy don't take the overlay down (C39)", function()
      local Bad = driver(DefaultHierarchy, { __name = "Bad" })
      function Bad.checkhierarchy(d) return d.ip.left.nothing.there end
      local list, ol = open()
      assert.equal(DefaultHierarchy, class_of(ol.pair))
      assert.equal(2, #list)
      assert.matches("^checkhierarchy of driver Bad failed for hierarchy pair/deep: ", list[1].text)
      assert.matches("^checkhierarchy of driver Bad failed for hierarchy pair: ", list[2].text)
    end)
  end)

  describe("in files", function()
    local FILE <const> = [[
      local lunq = require "lunq"
      return lunq.DefaultIP:extend { bindto = { "acme.com:user:fir:1.0" }, __name = "%s", where = ... }
    ]]

    local function name_of_driver()
      local list, ol <close> = open()
      return ol.fir_0.__name, list
    end

    it("are found beside the overlay: drivers/ and *_driver.lua", function()
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "InFolder")
      assert.equal("InFolder", (name_of_driver()))
      os.remove(dir .. "/drivers/fir.lua")
      fixture.write(dir .. "/fir_driver.lua", FILE:format "Beside")
      assert.equal("Beside", (name_of_driver()))
    end)

    it("are no other Lua files beside the overlay", function()
      fixture.write(dir .. "/demo.lua", "error 'the demo ran'")
      assert.same({}, select(2, name_of_driver()))
    end)

    it("beside one overlay don't bind in another folder", function()
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "Mine")
      assert.equal("Mine", (name_of_driver()))
      dir = fixture.folder()
      fixture.write(dir .. "/top.hwh", design())
      assert.equal("lunq.DefaultIP", (name_of_driver()))
    end)

    it("are found in directories named by the user, the first one first", function()
      local one, two = fixture.folder(), fixture.folder()
      fixture.write(one .. "/a.lua", FILE:format "One")
      fixture.write(two .. "/a.lua", FILE:format "Two")
      lunq.driver_path = { one, two }
      assert.equal("One", (name_of_driver()))
      lunq.driver_path = { two, one }
      assert.equal("Two", (name_of_driver()))
      lunq.driver_path = {}
      assert.equal("lunq.DefaultIP", (name_of_driver()))
    end)

    it("give way in this order: program, beside the overlay, user's directories", function()
      local user = fixture.folder()
      fixture.write(user .. "/a.lua", FILE:format "User")
      lunq.driver_path = { user }
      assert.equal("User", (name_of_driver()))
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "Beside")
      assert.equal("Beside", (name_of_driver()))
      driver(DefaultIP, { bindto = { FIR }, __name = "Program" })
      assert.equal("Program", (name_of_driver()))
    end)

    it("give way to every other driver when they are the ones inside LUNQ", function()
      local embedded
      package.preload["drivers.spec_fir"] = function()
        embedded = DefaultIP:extend { bindto = { FIR }, __name = "Embedded" }
        return embedded
      end
      finally(function()
        package.preload["drivers.spec_fir"], package.loaded["drivers.spec_fir"] = nil, nil
        embedded:unregister()
      end)
      assert.equal("Embedded", (name_of_driver()))
      local user = fixture.folder()
      fixture.write(user .. "/a.lua", FILE:format "User")
      lunq.driver_path = { user }
      assert.equal("User", (name_of_driver()))
    end)

    it("are found in the directories of LUNQ_DRIVERS, and overlays in those of LUNQ_OVERLAYS", function()
      local user = fixture.folder()
      fixture.write(user .. "/a.lua", FILE:format "FromEnvironment")
      local script = fixture.write(dir .. "/script.lua", [[
        local ol = require("lunq").Overlay "top.bit"
        print(ol.bitfile_name, ol.fir_0.__name)
      ]])
      local line = ("LUNQ_DRIVERS=/nowhere:%s LUNQ_OVERLAYS=/nowhere:%s LUNQ %s"):format(user, dir, script)
      local code, out = process.sh(line)
      assert.same({ 0, dir .. "/top.hwh\tFromEnvironment\n" }, { code, out })
    end)

    it("are found among the drivers of a checkout, the new ones too", function()
      fixture.write(dir .. "/checkout/drivers/fir.lua", FILE:format "FromCheckout")
      local script = fixture.write(dir .. "/script.lua", [[
        print(require("lunq").Overlay(...).fir_0.__name)
      ]])
      local _, out = process.sh(("LUNQ --lua-dir %s/checkout %s %s/top.hwh"):format(dir, script, dir))
      assert.equal("FromCheckout\n", out)
    end)

    it("are read again when they change, and the old class is gone", function()
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "First")
      assert.equal("First", (name_of_driver()))
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "Second")
      assert.equal("Second", (name_of_driver()))
    end)

    it("are named in a warning when they fail, and the others work", function()
      fixture.write(dir .. "/drivers/a_bad.lua", "class Fir(DefaultIP):")
      fixture.write(dir .. "/drivers/b_worse.lua", "error 'no luck'")
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "Good")
      for _ = 1, 2 do -- also the second time: it is still broken
        local name, list = name_of_driver()
        assert.equal("Good", name)
        assert.equal(3, #list) -- the third is about old_fir's version
        assert.matches("^Driver file .*/drivers/a_bad%.lua was skipped: .*a_bad%.lua:1: ", list[1].text)
        assert.matches("syntax error near 'Fir'\n  In Lua: D = lunq.DefaultIP:extend {", list[1].text, 1, true)
        assert.matches("^Driver file .*/drivers/b_worse%.lua was skipped: .*no luck", list[2].text)
      end
    end)

    it("leave no class behind when they fail half way", function()
      fixture.write(dir .. "/drivers/fir.lua", FILE:format "Half" .. " , error 'late'")
      local name, list = name_of_driver()
      assert.equal("lunq.DefaultIP", name)
      assert.equal(1, #list)
    end)

    it("are missed with a warning when their directory is not there", function()
      lunq.driver_path = { dir .. "/nowhere" }
      local _, list = name_of_driver()
      assert.same({ { category = "user", text = ("There is no driver directory %s/nowhere (lunq.driver_path, "
                     .. "LUNQ_DRIVERS)."):format(dir) } }, list)
    end)
  end)
end)
