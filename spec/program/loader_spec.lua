describe("loading Lua", function()
  local process = dofile "spec/program/process.lua"
  local core = require "lunq.core"
  local bytecode <const> = string.dump(function() return 1 end)
  local REFUSED <const> = "is compiled Lua (bytecode). LUNQ loads Lua as source text only."
  after_each(process.clean)

  local function fails(kind, text, f, ...)
    local ok, e = pcall(f, ...)
    assert.is_false(ok)
    assert.equal(kind, e.kind, tostring(e))
    assert.truthy(tostring(e):find(text, 1, true), tostring(e))
  end

  it("refuses bytecode in every loader of Lua", function()
    local f, message = load(bytecode)
    assert.same({ nil, "The text " .. REFUSED }, { f, message })
    f, message = load(bytecode, "x", "b")
    assert.same({ nil, "The text " .. REFUSED }, { f, message })
    f, message = load(function() return bytecode end)
    assert.is_nil(f)
    assert.matches("binary chunk", message)
    local path = process.file(bytecode, ".lua")
    f, message = loadfile(path, "bt")
    assert.same({ nil, path .. " " .. REFUSED }, { f, message })
    assert.has_error(function() dofile(path) end, path .. " " .. REFUSED)
  end)

  it("refuses bytecode in a module", function()
    local path = process.file(bytecode, ".lua")
    local old = package.path
    finally(function() package.path = old end)
    package.path = path:gsub("[^/]+%.lua$", "?.lua")
    local ok, message = pcall(require, (path:match "([^/]+)%.lua$"))
    assert.is_false(ok)
    assert.truthy(message:find(REFUSED, 1, true), message)
  end)

  it("refuses bytecode as a script and on standard input", function()
    local path = process.file(bytecode)
    local code, _, err = process.lunq(path)
    assert.same({ 1, "lunq: " .. path .. " " .. REFUSED .. "\n" }, { code, err })
    code, _, err = process.sh("LUNQ - <" .. path)
    assert.same({ 1, "lunq: Standard input " .. REFUSED .. "\n" }, { code, err })
  end)

  it("refuses bytecode behind a #! line or a byte order mark", function()
    for _, before in ipairs { "#!/usr/bin/lunq\n", "\xEF\xBB\xBF" } do
      fails("value", REFUSED, core.load_file, process.file(before .. bytecode))
    end
  end)

  it("offers core.load_file and core.load_text with an environment", function()
    local env = { x = 5 }
    assert.equal(5, core.load_text("return x", "=t", env)())
    assert.equal(5, core.load_file(process.file "return x", env)())
    assert.equal(print, core.load_text "return print" ())
  end)

  it("raises error objects from them", function()
    fails("value", "The text " .. REFUSED, core.load_text, bytecode)
    fails("value", "some.lua " .. REFUSED, core.load_text, bytecode, "@some.lua")
    fails("value", "t:1: unexpected symbol near <eof>", core.load_text, "x =", "=t")
    fails("io", "cannot open /nowhere/x.lua", core.load_file, "/nowhere/x.lua")
    fails("type", "path should be a string, not nothing", core.load_file)
  end)

  it("still takes chunks in pieces, names and environments in load", function()
    local parts, i = { "return ", "a", " + 1" }, 0
    local f = load(function() i = i + 1; return parts[i] end, "=pieces", "t", { a = 1 })
    assert.equal(2, f())
    local _, message = load("x =", "=name")
    assert.equal("name:1: unexpected symbol near <eof>", message)
    assert.equal(_G, load "return _G" ())
  end)
end)

describe("package.path", function()
  local process = dofile "spec/program/process.lua"

  it("has absolute entries only, whatever LUA_PATH says", function()
    local _, out = process.sh [[cd /tmp && LUA_PATH='./?.lua;/abs/?.lua;rel/?.lua;;' LUA_CPATH='./?.so;;' \
      LUNQ -e 'print(package.path) print(package.cpath)']]
    for line in out:gmatch "[^\n]+" do
      for entry in line:gmatch "[^;]+" do assert.equal("/", entry:sub(1, 1), entry) end
    end
    assert.truthy(out:find("/abs/?.lua;", 1, true))
  end)

  -- In the trials for lua-c.md a stray ./lfs.so shadowed the real one.
  it("does not take a module from the folder one stands in", function()
    local _, out = process.sh [[d=$(mktemp -d) && cd "$d" && echo 'print "stray"' >lfs.lua && \
      LUNQ -e 'require "lfs"'; rm -r "$d"]]
    assert.equal("", out)
  end)

  it("finds modules beside the script, wherever one stands", function()
    local code, out, err = process.sh [[d=$(mktemp -d) && echo 'return "beside"' >"$d/mod.lua" && \
      echo 'print((require "mod"))' >"$d/s.lua" && cd / && LUNQ "$d/s.lua" && \
      cd "$d" && LUNQ s.lua; r=$?; rm -r "$d"; exit $r]]
    assert.same({ 0, "beside\nbeside\n", "" }, { code, out, err })
  end)
end)
