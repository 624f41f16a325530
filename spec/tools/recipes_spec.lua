--- The recipes for Buildroot and Yocto against what they name: the Makefile, one another, the modules in the program.
--- `make recipe-check` runs their commands.
local MK <const> = "tools/buildroot/package/lunq/lunq.mk"
local BB <const> = "tools/yocto/meta-lunq/recipes-lunq/lunq/lunq_git.bb"

--- A file, its continued lines joined.
local function read(path)
  local f <close> = assert(io.open(path))
  return (f:read "a":gsub("\\\n%s*", " "))
end

local makefile, mk, bb = read "Makefile", read(MK), read(BB)
local version = makefile:match "\nVERSION = (%S+)"

--- What a recipe passes to make: the names before "=" in a variable of its.
local function passed(text, variable, pattern)
  local names = {}
  for name in assert(text:match("\n" .. variable .. " = ([^\n]*)"), variable):gmatch(pattern) do
    names[#names + 1] = name
  end
  assert.is_true(#names > 8)
  return names
end

describe("the recipes", function()
  it("have the version of the program", function()
    assert.equal(version, require "lunq".version)
    assert.equal(version, mk:match "\nLUNQ_VERSION = (%S+)")
    assert.equal(version .. "+git", bb:match '\nPV = "(.-)"')
  end)

  it("bring the Lua modules that the program has, the same in both", function()
    for name, module in pairs { dkjson = "dkjson", luaunit = "luaunit" } do
      local folder = "tools/buildroot/package/lunq-" .. name .. "/lunq-" .. name
      local package = read(folder .. ".mk")
      local number = package:match("_VERSION = (%S+)")
      local file = package:match("_SOURCE = (%S+)"):gsub("%$%b()", number)
      local sum = read(folder .. ".hash"):match("sha256%s+(%x+)%s+" .. file:gsub("%p", "%%%0"))
      assert.truthy(bb:find("/" .. file .. ";name=" .. name, 1, true), file)
      assert.equal(sum, bb:match("SRC_URI%[" .. name .. '%.sha256sum%] = "(%x+)"'))
      local m = require(module)
      assert.equal(number, (m.VERSION or m.version):match "[%d.]+$", name)
    end
  end)

  it("pass make variables that the Makefile uses", function()
    local names = passed(mk, "LUNQ_MAKE_OPTS", "%f[%w_]([A-Z_]+)=")
    for _, name in ipairs(passed(bb, "EXTRA_OEMAKE", "'([A-Z_]+)=")) do names[#names + 1] = name end
    for _, name in ipairs(names) do
      assert.truthy(makefile:find("$(" .. name .. ")", 1, true), name .. " is not used in the Makefile")
    end
  end)

  it("ask make for what it makes", function()
    for text, pattern in pairs { [mk] = "%(LUNQ_MAKE_OPTS%)([^\n]*)", [bb] = "oe_runmake([^\n]*)" } do
      local goals = 0
      for line in text:gmatch(pattern) do
        for goal in line:gsub("%-C %S+", ""):gsub("%S+=%S+", ""):gmatch "%S+" do
          goals = goals + 1
          assert.truthy(makefile:find("\n" .. goal .. ":", 1, true), goal)
        end
      end
      assert.is_true(goals >= 4)
    end
  end)

  it("use variables that they set, or that OpenEmbedded's bitbake.conf and classes do", function()
    local known = {}
    for name in ([[WORKDIR S B D PN CC AR CFLAGS LDFLAGS BUILD_CC BUILD_CFLAGS BUILD_LDFLAGS AUTOREV LAYERDIR prefix
      libdir libexecdir datadir nonarch_base_libdir nonarch_libdir systemd_system_unitdir]]):gmatch "%S+" do
      known[name] = true
    end
    local layer = read "tools/yocto/meta-lunq/conf/layer.conf"
    for name in (layer .. bb):gmatch "\n([%w_]+)%s*[?+.]*=" do known[name] = true end
    for name in (layer .. bb):gmatch "%${([%w_]+)}" do assert.is_true(known[name], name .. " is set nowhere") end
  end)

  it("select in Buildroot's menu what they depend on", function()
    local menu = read "tools/buildroot/package/lunq/Config.in"
    for name in mk:match "\nLUNQ_DEPENDENCIES = ([^\n]*)":gmatch "%S+" do
      if not name:find "^host%-" and name ~= "lua" then
        assert.truthy(menu:find("select BR2_PACKAGE_" .. name:upper() .. "\n", 1, true), name)
      end
    end
  end)
end)
