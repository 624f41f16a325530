describe("lunq new", function()
  local process = dofile "spec/program/process.lua"
  local fixture = dofile "spec/overlay/fixture.lua"
  local lfs = require "lfs"
  local helper = require "spec.helper"
  local dir

  before_each(function() dir = fixture.folder() end)
  after_each(fixture.clean)

  local function contents(path)
    local f <close> = assert(io.open(path, "rb"))
    return f:read "a"
  end

  local function copy(from, to) return fixture.write(to, contents(from)) end

  --- Runs `lunq new ...` in the folder.
  local function new(...)
    local words = {}
    for i, word in ipairs { ... } do words[i] = process.quote(word) end
    return process.sh(("cd %s && LUNQ new %s"):format(process.quote(dir), table.concat(words, " ")))
  end

  --- Runs what was written as its user would.
  local function passes(path, n)
    local code, out, err = process.sh(("cd %s && LUNQ test %s"):format(process.quote(dir), path))
    assert.equal(0, code, out .. err)
    assert.matches(("%d successes / 0 failures / 0 errors / 0 pending"):format(n), out)
    assert.equal("", err)
  end

  --- No warning of luacheck, where it is installed.
  local function is_clean()
    if not os.execute "command -v luacheck >/dev/null" then return end
    local code, out = process.sh(("cd %s && luacheck -q --no-config --no-self --std lua54+busted .")
      :format(process.quote(dir)))
    assert.equal(0, code, out)
  end

  local function files()
    local list = {}
    for name in lfs.dir(dir) do
      if name ~= "." and name ~= ".." then list[#list + 1] = name end
    end
    table.sort(list)
    return list
  end

  describe("driver", function()
    it("writes a driver and its spec, which passes", function()
      local code, out, err = new("driver", "acme.com:user:scaler:1.0")
      assert.same({ 0, "wrote scaler_driver.lua\nwrote scaler_driver_spec.lua\n"
                       .. "Try it: lunq test scaler_driver_spec.lua\n", "" }, { code, out, err })
      assert.same({ "scaler_driver.lua", "scaler_driver_spec.lua" }, files())
      assert.matches('local Scaler = lunq.DefaultIP:extend { __name = "Scaler", '
                     .. 'bindto = { "acme.com:user:scaler:1.0" } }', contents(dir .. "/scaler_driver.lua"), 1, true)
      passes("scaler_driver_spec.lua", 2)
      passes(".", 2)
      is_clean()
    end)

    it("takes a type without a version", function()
      assert.equal(0, (new("driver", "acme.com:user:scaler")))
      passes("scaler_driver_spec.lua", 2)
    end)

    it("makes methods of the registers of a design, beside it", function()
      local text = contents "overlays/stream_filter/stream_filter.hwh"
      fixture.write(dir .. "/designs/stream_filter.hwh", (text:gsub(":hls:fir:", ":user:fir:"))) -- no HLS core
      local code, out = new("driver", "acme.com:user:fir:1.0", "designs/stream_filter.hwh")
      assert.equal(0, code, out)
      assert.matches("wrote designs/fir_driver_spec.lua\n", out, 1, true)
      text = contents(dir .. "/designs/fir_driver.lua")
      for _, line in ipairs { "  shift = 0x50,", "--- taps_7: Data signal of taps_7",
                              "function Fir:get_taps_7() return self:read(OFFSET.taps_7) end",
                              "function Fir:set_taps_7(value) self:write(OFFSET.taps_7, value) end" } do
        assert.matches(line .. "\n", text, 1, true)
      end
      passes("designs/fir_driver_spec.lua", 3)
      is_clean()
    end)

    it("knows fields, and what can't be read or written", function()
      local text = contents "overlays/adder/adder.hwh"
      text = text:gsub(":hls:adder:", ":user:adder:"):gsub("AP_(%u)", "%1") -- looks like no HLS core
      fixture.write(dir .. "/adder.hwh", text)
      assert.equal(0, (new("driver", "acme.com:user:adder", "adder.hwh")))
      text = contents(dir .. "/adder_driver.lua")
      assert.matches("-- Fields: START[0] DONE[1] IDLE[2] READY[3] AUTO_RESTART[7]\n", text, 1, true)
      assert.is_nil(text:find("RESERVED", 1, true))
      assert.matches("function Adder:get_c()", text, 1, true)
      assert.is_nil(text:find("Adder:set_c(", 1, true)) -- read-only
      passes("adder_driver_spec.lua", 3)
    end)

    it("makes a method of the C function of an HLS core", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      assert.equal(0, (new("driver", "acme.com:hls:adder", "adder.hwh")))
      local text = contents(dir .. "/adder_driver.lua")
      for _, line in ipairs { '  signature = "void adder(unsigned int a, unsigned int b, unsigned int &c)"',
                              "---@param b integer unsigned int", "---@return integer c",
                              "function Adder:run(a, b, timeout)", "  return self:start(a, b):wait(timeout)" } do
        assert.matches(line .. "\n", text, 1, true)
      end
      assert.matches('assert.equal(1, select("#", ip:run(1, 1)))', contents(dir .. "/adder_driver_spec.lua"), 1, true)
      copy("overlays/adder/models/adder.lua", dir .. "/models/adder.lua")
      passes("adder_driver_spec.lua", 2)
      is_clean()
    end)

    it("takes the arguments of a large HLS core by name, and calls one without control register", function()
      copy("overlays/stream_filter/stream_filter.hwh", dir .. "/stream_filter.hwh")
      assert.equal(0, (new("driver", "acme.com:hls:fir:1.0", "stream_filter.hwh")))
      local text = contents(dir .. "/fir_driver.lua")
      assert.matches("--- Sets the arguments, and gives the outputs as they are: the core always runs.\n"
                     .. "---@param arguments table by name: taps_0, taps_1,", text, 1, true)
      assert.matches("function Fir:run(arguments, timeout)\n", text, 1, true)
      copy("overlays/stream_filter/models/fir.lua", dir .. "/models/fir.lua")
      passes("fir_driver_spec.lua", 2)
      is_clean()
    end)

    it("leaves the test out that would never end", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      fixture.write(dir .. "/models/adder.lua", [[require "lunq".Model:extend { models = { "acme.com:hls:adder:1.0" },
        compute = function() return false end }]])
      assert.equal(0, (new("driver", "acme.com:hls:adder", "adder.hwh")))
      local code, out = process.sh(("cd %s && LUNQ test ."):format(process.quote(dir)))
      assert.same({ 0, "1 success / 0 failures" }, { code, out:match "1 success / 0 failures" })
    end)

    it("says when there is a driver for the type already, and takes the registers LUNQ knows", function()
      copy("overlays/stream_filter/stream_filter.hwh", dir .. "/stream_filter.hwh") -- no registers of the DMAs in it
      local _, out = new("driver", "xilinx.com:ip:axi_dma:7.1", "stream_filter.hwh")
      assert.matches("It takes the place of the driver there is for this type.\n", out, 1, true)
      assert.matches("--- MM2S_DMASR\n-- Fields: Halted[0] Idle[1]", contents(dir .. "/axi_dma_driver.lua"), 1, true)
      passes("axi_dma_driver_spec.lua", 3)
    end)

    -- The example's demo then met a driver without `add`.
    it("says when the file of the overlay speaks of the type", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      copy("overlays/adder/adder.lua", dir .. "/adder.lua")
      local code, out = new("driver", "acme.com:hls:adder:1.0", "adder.hwh")
      assert.equal(0, code)
      assert.matches("adder.lua speaks of this type, too. When it has a driver for it, only one of the two is used: "
                     .. "take a bindto out.\n", out, 1, true)
    end)

    it("gives no name of a design the chance to be code", function()
      local evil = "&#xA;error(1)--&quot;]]x"
      fixture.write(dir .. "/evil.hwh", fixture.hwh { modules = {
        { path = "left/" .. "unit", vlnv = "acme.com:user:unit:1.0", base = 0x40000000, registers = {
          { evil, 0x10, fields = { { evil, 0, 4 }, { "end", 4, 4 } } }, { "end", 0x14 }, { "7", 0x18 }, { "a b", 0x1c },
          { "a_b", 0x20 } } } } })
      local code, out, err = new("driver", "acme.com:user:unit:1.0", "evil.hwh")
      assert.same({ 0, "" }, { code, err }, out)
      local text = contents(dir .. "/unit_driver.lua")
      for _, id in ipairs { "_error_1______x", "end_", "_7", "a_b", "a_b_2" } do
        assert.matches(("function Unit:get_%s() return self:read(OFFSET"):format(id), text, 1, true)
      end
      assert.is_nil(text:find "\nerror")
      passes("unit_driver_spec.lua", 3)
    end)

    it("overwrites nothing, and writes nothing then", function()
      fixture.write(dir .. "/scaler_driver_spec.lua", "-- mine")
      local code, out, err = new("driver", "acme.com:user:scaler:1.0")
      assert.same({ 1, "", "lunq: scaler_driver_spec.lua exists already, nothing was written. Move it away or "
                           .. "rename it first.\n" }, { code, out, err })
      assert.same({ "scaler_driver_spec.lua" }, files())
      assert.equal("-- mine", contents(dir .. "/scaler_driver_spec.lua"))
    end)

    it("names the types there are when the design has no such IP", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      local code, out, err = new("driver", "acme.com:hls:addr:1.0", "adder.hwh")
      assert.same({ 1, "", 'lunq: adder.hwh has no IP of type acme.com:hls:addr:1.0; did you mean '
                           .. '"acme.com:hls:adder:1.0"?\nIts types: acme.com:hls:adder:1.0\n' }, { code, out, err })
      code, out, err = new("driver", "acme.com:hls:adder:1.0", "none.hwh")
      assert.equal("", out)
      assert.same({ 1, "lunq: none.hwh: No such file or directory\n" }, { code, err })
      assert.same({ "adder.hwh" }, files())
    end)

    it("refuses what is no type", function()
      for _, word in ipairs { "scaler", "a:b", "a:b:c:d:e", "a:b:c\n:d", 'a:b:"c:d' } do
        local code, out, err = new("driver", word)
        assert.same({ 2, "" }, { code, out })
        assert.matches("is no type of an IP. It looks like vendor:library:name:version", err, 1, true)
      end
      assert.same({}, files())
    end)
  end)

  describe("overlay", function()
    it("writes a class, a demo and a spec beside the design", function()
      copy("overlays/stream_filter/stream_filter.hwh", dir .. "/my-filter.hwh")
      local code, out, err = new("overlay", "my-filter.hwh")
      assert.same({ 0, "" }, { code, err })
      assert.equal("wrote my-filter.lua\nwrote demo.lua\nwrote my-filter_spec.lua\n"
                   .. "Try it: lunq demo.lua; lunq test my-filter_spec.lua\n", out)
      assert.matches("--   0x43c00000 filter/fir  acme.com:hls:fir:1.0\n", contents(dir .. "/my-filter.lua"), 1, true)
      passes("my-filter_spec.lua", 2)
      code, out = process.sh(("cd / && LUNQ %s/demo.lua"):format(dir))
      assert.equal(0, code)
      assert.matches("Overlay my-filter.hwh", out, 1, true)
      assert.matches("\n0x40410000 filter/axi_dma_from_pl_to_ps\n0x43c00000 filter/fir\n$", out)
      is_clean()
    end)

    it("copies the design when it gets a folder, and makes that", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      fixture.write(dir .. "/adder.bit", fixture.bit("7z020clg400", "bits"))
      assert.equal(0, (new("overlay", "adder.hwh", "mine")))
      for _, name in ipairs { "adder.bit", "adder.hwh", "adder.lua", "adder_spec.lua", "demo.lua" } do
        assert.equal("file", lfs.attributes(dir .. "/mine/" .. name, "mode"), name)
      end
      assert.equal(contents(dir .. "/adder.bit"), contents(dir .. "/mine/adder.bit"))
      passes("mine/adder_spec.lua", 2)
    end)

    it("overwrites nothing, and writes nothing then", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      fixture.write(dir .. "/demo.lua", "-- mine")
      local code, _, err = new("overlay", "adder.hwh")
      assert.equal(1, code)
      assert.matches("demo.lua exists already, nothing was written", err, 1, true)
      assert.same({ "adder.hwh", "demo.lua" }, files())
      assert.equal("-- mine", contents(dir .. "/demo.lua"))
    end)

    it("refuses files that are no whole design", function()
      fixture.write(dir .. "/part.hwh", fixture.hwh { partial = true, modules = {
        { path = "unit", vlnv = "acme.com:user:unit:1.0", base = 0x40000000 } } })
      local code, _, err = new("overlay", "part.hwh")
      assert.equal(1, code)
      assert.matches("part.hwh is a part of a design, without a processor", err, 1, true)
      code, _, err = new("overlay", "adder.bit")
      assert.same({ 2, "lunq: adder.bit is no .hwh file: the metadata Vivado writes beside a bitstream.\n" },
                  { code, err })
      fixture.write(dir .. "/text.hwh", "hello")
      code, _, err = new("overlay", "text.hwh")
      assert.equal(1, code)
      assert.matches("text.hwh:1", err, 1, true)
    end)

    it("says where it can't write", function()
      copy("overlays/adder/adder.hwh", dir .. "/adder.hwh")
      local code, _, err = new("overlay", "adder.hwh", "no/such/folder")
      assert.same({ 1, "lunq: Can't make the folder no/such/folder: No such file or directory\n" }, { code, err })
    end)
  end)

  it("works with real designs", function()
    if not helper.corpus then pending(helper.no_corpus) return end
    local n = 0
    for _, design in ipairs { "pynqz1-adder-axilite-2020.1", "pynqz2-cnn-2024.1", "kv260-correlator-intc-2022.1" } do
      local file = ("%s/files/hwh/%s.hwh"):format(helper.corpus, design)
      local dictionaries = require "lunq.core".design_read(file):dictionaries()
      local types = {}
      copy(file, dir .. "/" .. design .. "/design.hwh")
      for _, ip in pairs(dictionaries.ip_dict) do
        if ip.phys_addr and not types[ip.type] then
          types[ip.type], n = true, n + 1
          local code, out, err = new("driver", ip.type, design .. "/design.hwh")
          assert.equal(0, code, out .. err)
        end
      end
    end
    local code, out, err = process.sh(("cd %s && LUNQ test ."):format(process.quote(dir)))
    assert.equal(0, code, out .. err)
    assert.is_true(tonumber(out:match "(%d+) successes / 0 failures / 0 errors") >= n)
    is_clean()
  end)

  it("works with every design of the corpus, and with every HLS core in it", function()
    if not helper.corpus then pending(helper.no_corpus) return end
    local recognise = require "lunq.registers.hls".recognise
    local cores = 0
    for file in lfs.dir(helper.corpus .. "/files/hwh") do
      local design = file:match "^(.*)%.hwh$"
      local path = ("%s/files/hwh/%s"):format(helper.corpus, file)
      local dictionaries = design and require "lunq.core".design_read(path):dictionaries()
      if dictionaries and dictionaries.partial then
        local code, _, err = new("overlay", path)
        assert.equal(1, code)
        assert.matches("is a part of a design", err, 1, true)
      elseif dictionaries then
        copy(path, ("%s/%s/%s"):format(dir, design, file))
        local code, out, err = new("overlay", design .. "/" .. file)
        assert.equal(0, code, out .. err)
        for _, ip in pairs(dictionaries.ip_dict) do
          local name = ip.type and dir .. "/" .. design .. "/" .. ip.type:match "([^:]*):[^:]*$" .. "_driver.lua"
          if ip.phys_addr and recognise(ip.registers, ip.type) and not lfs.attributes(name) then
            code, out, err = new("driver", ip.type, design .. "/" .. file)
            assert.equal(0, code, out .. err)
            assert.matches("  signature = ", contents(name), 1, true)
            cores = cores + 1
          end
        end
      end
    end
    assert.is_true(cores >= 14, tostring(cores))
    local code, out, err = process.sh(("cd %s && LUNQ test ."):format(process.quote(dir)))
    assert.equal(0, code, out .. err)
    is_clean()
  end)

  it("explains itself", function()
    for _, word in ipairs { "--help", "-h" } do
      local code, out, err = process.lunq("new", word)
      assert.same({ 0, "" }, { code, err })
      assert.matches("^usage: lunq new driver VLNV %[FILE.hwh%]\n", out)
    end
    local _, out = process.lunq "--help"
    assert.matches("lunq new driver|overlay ...", out, 1, true)
    for problem, words in pairs {
      ["driver or overlay?"] = {}, ['there is no new "thing", only driver and overlay'] = { "thing" },
      ["driver needs the type of an IP"] = { "driver" }, ["overlay needs a design (.hwh)"] = { "overlay" },
      ["there is no option --force"] = { "driver", "--force" },
      ["driver takes the type of an IP and a design, nothing more"] = { "driver", "a", "b", "c" },
    } do
      local code, nothing, err = process.lunq("new", table.unpack(words))
      assert.same({ 2, "" }, { code, nothing })
      assert.equal(1, (err:find("lunq new: " .. problem .. "\nusage: ", 1, true)))
    end
  end)
end)
