--- Spec support: an xclbin, and what it becomes by one mutation. All of xrt.md 6.4, where XRT aborts or
-- crashes on 8 of 22 and PYNQ on 2, and more of 6.3. Also the seeds of fuzz/fuzz_xclbin.c.
local lunq = require "lunq"
local xclbin = dofile "spec/design/support/xclbin.lua"

local damaged = {}

local XML <const>, MEMORY <const>, CONNECTIVITY <const>, IP <const>, CLOCK <const> = 2, 6, 7, 8, 11

--- The sound file they are made from.
function damaged.good() return lunq.xclbin.bytes(xclbin.two()) end

local function replace(bytes, from, to)
  assert(#from == #to)
  local at = assert(bytes:find(from, 1, true), from)
  return bytes:sub(1, at - 1) .. to .. bytes:sub(at + #from)
end

--- A list of { name, bytes, what the error should say }.
function damaged.list()
  local good, list = damaged.good(), {}
  local set, get = xclbin.set, xclbin.get
  local function add(name, bytes, text) list[#list + 1] = { name, bytes, text } end
  local s = {}
  for _, kind in ipairs { XML, MEMORY, CONNECTIVITY, IP, CLOCK } do s[kind] = xclbin.section(good, kind) end
  local function header(kind, at, value) return set(good, s[kind].at + at, value, 8) end
  local function inside(kind, at, value, width) return set(good, s[kind].offset + at, value, width) end
  local last = 0
  for _, section in pairs(s) do last = math.max(last, section.offset + section.size) end

  add("bad magic", set(good, 7, "3"), "header, offset 0x0: it should start with")
  add("empty file", "", "header, offset 0x0: the file has 0 bytes")
  add("cut at 5", good:sub(1, 5), "header, offset 0x0: the file has 5 bytes, fewer than the 456 of a header")
  add("cut at 100", good:sub(1, 100), "fewer than the 456 of a header: it was cut off; copy it again")
  add("cut at 600", good:sub(1, 600), "offset 0x1c0: 5 sections, more than the file has room for")
  add("cut at 1200", good:sub(1, 1200), "section EMBEDDED_METADATA, offset 0x1e0: %d+ bytes at 0x2e0 are outside " ..
      "the 1200 bytes of the file")
  add("cut before its end", good:sub(1, -2), "was cut off")
  add("length 2^40", set(good, 304, 1 << 40, 8), "header, offset 0x130: the length is 1099511627776 bytes but")
  add("length 500", set(good, 304, 500, 8), "offset 0x130: the length is 500 bytes but the last section ends at")
  add("bytes behind the end", good .. ("x"):rep(24), "what follows is no signature")
  add("0x10000000 sections", set(good, 448, 0x10000000), "offset 0x1c0: 268435456 sections, more than 65536")
  add("0xffffffff sections", set(good, 448, 0xffffffff), "offset 0x1c0: 4294967295 sections, more than 65536")
  add("more sections than fit", set(good, 448, 60000), "60000 sections, more than the file has room for")
  add("memory offset beyond", header(MEMORY, 24, 1 << 30), "section MEM_TOPOLOGY, offset 0x%x+: .* outside")
  add("memory offset wrapping", header(MEMORY, 24, -64), "section MEM_TOPOLOGY, offset 0x%x+: .* outside")
  add("memory offset in the headers", header(MEMORY, 24, 64), "section MEM_TOPOLOGY, .* inside the headers")
  add("memory size 2^40", header(MEMORY, 32, 1 << 40), "section MEM_TOPOLOGY, offset 0x%x+: .* outside")
  add("memory size too small", header(MEMORY, 32, 4), "section MEM_TOPOLOGY, .*4 bytes are too few for a table")
  add("memory count huge", inside(MEMORY, 0, 0x7fffffff), "section MEM_TOPOLOGY, offset 0x%x+: 2147483647 rows need")
  add("memory count -1", inside(MEMORY, 0, -1, 4), "section MEM_TOPOLOGY, offset 0x%x+: %-1 rows can't be")
  add("memory count 100", inside(MEMORY, 0, 100), "section MEM_TOPOLOGY, offset 0x%x+: 100 rows need 4008 bytes")
  add("memory beyond 2^64", inside(MEMORY, 16, -1, 8), "memory bank0: .* end beyond the address space")
  add("memory of 2^64 KiB", inside(MEMORY, 16, 1 << 60, 8), "memory bank0: .* end beyond the address space")
  add("connections: huge count", inside(CONNECTIVITY, 0, 0x15555555), "section CONNECTIVITY, .* rows need")
  add("connections: memory 1000", inside(CONNECTIVITY, 12, 1000),
      "section CONNECTIVITY, offset 0x%x+: row 0 names memory 1000 of 4")
  add("connections: IP 1000", inside(CONNECTIVITY, 8, 1000), "section CONNECTIVITY, .*row 0 names IP 1000 of 3")
  add("connections: argument -1", inside(CONNECTIVITY, 4, -1, 4), "section CONNECTIVITY, .*names argument %-1")
  add("connections: unused memory", inside(CONNECTIVITY, 12, 2),
      "connects argument 0 of vadd:vadd_1 to memory HBM%[0%], which is marked as not used")
  add("IP count huge", inside(IP, 0, 0x7ffffff0), "section IP_LAYOUT, offset 0x%x+: 2147483632 rows need")
  add("IP with the address of another", inside(IP, 96, 0x1800000, 8),
      "section IP_LAYOUT, .*vadd:vadd_1 and vadd:vadd_2 have the same address 0x1800000")
  add("IP beyond 2^64", inside(IP, 16, -16, 8), "unit vadd_1: .* end beyond the address space")
  add("clock count huge", inside(CLOCK, 0, 0x7fff, 2), "section CLOCK_FREQ_TOPOLOGY, offset 0x%x+: 32767 rows need")
  add("overlapping sections", header(CONNECTIVITY, 24, s[IP].offset + 8),
      "section CONNECTIVITY, offset 0x%x+: it starts at 0x%x+, before section IP_LAYOUT ends at")
  add("two of a kind", set(good, s[CLOCK].at, MEMORY), "a second section of this kind")
  add("broken XML", replace(good, "</platform>", "</plotform>"), "section EMBEDDED_METADATA, offset 0x%x+: " ..
      "line %d+: not well%-formed XML: mismatched tag")
  add("XML cut", header(XML, 32, s[XML].size - 30), "not well%-formed XML: unclosed token")
  add("a DOCTYPE", replace(good, '<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE project [<!ENTITY a 'b'>]>  "),
      "section EMBEDDED_METADATA, offset 0x%x+: line 1: a DOCTYPE is not accepted in an xclbin")
  add("argument outside its port", replace(good, 'range="0x10000" dataWidth', 'range="0x00014" dataWidth'),
      "kernel vadd: argument a, 8 bytes at 0x10, lies outside the 0x14 bytes of port S_AXI_CONTROL")
  add("argument ids with a gap", replace(good, 'id="3"', 'id="4"'),
      "kernel vadd: the ids of its arguments are not 0, 1, 2")
  add("argument id no number", replace(good, 'id="3"', 'id="x"'), 'id="x" is not a number up to 0xFF')
  add("two units of a name", replace(good, '"vadd_2"', '"vadd_1"'), "two compute units are called vadd_1")
  add("a name with a slash", replace(good, '"vadd_2"', '"va/d_2"'), '"va/d_2" can\'t be the name of a <instance>')
  add("a name with a control character", replace(good, '"vadd_2"', '"&#10;2"'), "can't be the name of a <instance>")
  assert(get(good, 304, 8) == #good and last <= #good)
  return list
end

return damaged
