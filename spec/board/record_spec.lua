--- A run on a board, recorded, is played back where there is none.
local process = dofile "spec/program/process.lua"
local tree = dofile "spec/board/tree.lua"

describe("a recorded board", function()
  local trace

  before_each(function()
    tree.make()
    tree.board()
    tree.udmabuf("udmabuf0", 0x70000000, 0x10000)
    trace = process.file("", ".trace")
  end)
  after_each(function()
    tree.remove()
    process.clean()
  end)

  --- Records a script, then plays it back without the board: both print the same.
  local function run(text)
    local script = process.file("local lunq = require 'lunq'\n" .. text, ".lua")
    local code, out, err = process.lunq("record", "-o", trace, "--device", "linux?root=" .. tree.root, script)
    assert.same({ 0, "" }, { code, err })
    tree.remove()
    assert.same({ 0, out, "" }, { process.lunq("--device", "replay:" .. trace, script) })
    return out
  end

  it("has its registers, which can only be mapped", function()
    assert.equal("4660 2 0\n", run [[
      local m <close> = lunq.MMIO(0xa0010000, 0x1000)
      m:write(0x10, 0x1234)
      local last <close> = lunq.MMIO(0xa0011ff0, 0x10) -- another window of the same device
      last:write(0xc, 2)
      print(m:read(0x10) .. " " .. last:read(0xc) .. " " .. m:read(0x14))
    ]])
  end)

  it("has its buffers, whose bytes cross at a sync", function()
    assert.equal("70000000 3 3\n", run [[
      local b <close> = lunq.allocate(1024, "u4", { cacheable = true })
      b:fill(3)
      b:sync_to_device()
      b:sync_from_device()
      print(("%x %d %d"):format(b.physical_address, b[1], b[1024]))
    ]])
  end)

  it("has its bus errors, with their address", function()
    tree.board(0x1000) -- nothing behind the first page
    assert.matches("^io\tBus error %(SIGBUS%) at 0xa0011804, mapped by uio4: nothing answers there", run [[
      local m <close> = lunq.MMIO(0xa0010000, 0x2000)
      local ok, e = pcall(m.read, m, 0x1804)
      print(e.kind, e)
      m:write(0, 1)
    ]])
  end)

  it("has what it refuses", function()
    assert.matches("^device\t0x1000 bytes at 0xb0000000 can't be reached: no UIO device has them", run [[
      local m <close> = lunq.MMIO(0xb0000000, 0x1000)
      local ok, e = pcall(m.read, m, 0)
      print(e.kind, e)
    ]])
  end)

  it("leaves no descriptor open", function()
    local script = process.file([[
      local core = require "lunq.core"
      local function count() collectgarbage() return #core.list_dir "/proc/self/fd" end
      local before = count()
      do
        local d <close> = core.device_open(arg[1])
        local m <close> = require "lunq".MMIO(0xa0010000, 0x1000, d)
        m:write(0, 1)
        local b <close> = require "lunq".allocate(4, "u4", { target = d })
      end
      print(count() - before)
    ]], ".lua")
    local code, out, err = process.lunq(script, ("record:%s:linux?root=%s"):format(trace, tree.root))
    assert.same({ 0, "0\n", "" }, { code, out, err })
  end)
end)
