--- lunq.dtbo: a device-tree overlay for a design, so that Linux has a UIO device for each of its IP.
--
--   local tree = lunq.dtbo.build("base.hwh", { firmware = "base.bit.bin", udmabuf = { udmabuf0 = 1 << 20 } })
--   io.open("base.dtbo", "wb"):write(tree:blob())
--
-- Each IP and memory becomes a node "generic-uio" that is called as the IP is, with its ranges and, when it is
-- wired to the processor, its interrupt; a second one gets a node of its own. IP behind an AXI interrupt
-- controller have none: the controller's node has it, and LUNQ asks the controller. What Linux has no words for
-- (type, path, pins, parameters) stands in properties "lunq,...", so that lunq.Overlay("base.dtbo") shows the same IP.
--
-- The kernel has to be told once: boot argument uio_pdrv_genirq.of_id=generic-uio.
local core = require "lunq.core"
local errors = require "lunq.errors"
local dt = require "lunq.dtbo.node"

local dtbo = {}

local OPTIONS <const> = { firmware = "string", partial = "boolean", udmabuf = "table", reserved = "table",
                          base = "any", only = "table", name = "string" }

--- What differs between the families: labels of Linux's trees, cells, clock numbers, interrupts
--- (registers.md section 19; bindings of zynqmp-clk and ps7-clkc).
local FAMILIES <const> = {
  zynq = { gic = "intc", clocks = "clkc", first_clock = 15, cells = 1, lines = { [61] = 0, [84] = 8 } },
  zynquplus = { gic = "gic", clocks = "zynqmp_clk", first_clock = 71, cells = 2, lines = { [121] = 0, [136] = 8 } },
}

local LEVEL_HIGH <const> = 4

-- ---- what is built ------------------------------------------------------------------------------

local function check_options(o)
  for name, value in pairs(o) do
    local wanted = OPTIONS[name]
    if not wanted then
      local names = {}
      for known in pairs(OPTIONS) do names[#names + 1] = known end
      errors.raise("value", 'lunq.dtbo has no option "%s"%s', tostring(name), require "lunq.nearest".hint(name, names))
    end
    if wanted ~= "any" and type(value) ~= wanted then
      errors.raise("type", "option %s of lunq.dtbo should be a %s, not %s", name, wanted, type(value))
    end
  end
  return o
end

--- A design out of whatever describes one.
local function design_of(what)
  if type(what) == "string" then return core.design_read(what) end
  if getmetatable(what) == "lunq.Design" then return what end
  if type(what) == "table" then return what.design or core.design_from_table(what) end
  errors.raise("type", "lunq.dtbo needs a design, an overlay, a table or a file, not %s", type(what))
end

local function sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Entries with addresses, IP and memories, by module: the ranges of one module make one node.
local function modules_of(dictionaries, only)
  local modules, order = {}, {}
  for _, dict in ipairs { dictionaries.ip_dict, dictionaries.mem_dict } do
    for _, key in ipairs(sorted(dict)) do
      local e = dict[key]
      local base, path = e.phys_addr or e.base_address, e.fullpath or key
      if base and (not only or only[key] or only[path]) then
        if not modules[path] then
          modules[path] = { path = path, type = e.type, ranges = {}, interrupts = e.interrupts or {},
                            parameters = e.parameters or {} }
          order[#order + 1] = modules[path]
        end
        table.insert(modules[path].ranges, { base = base, size = e.addr_range or e.size, name = e.mem_id })
      end
    end
  end
  table.sort(order, function(a, b) return a.ranges[1].base < b.ranges[1].base end)
  return order
end

local function only_these(list, dictionaries)
  if not list then return nil end
  local set = {}
  for _, name in ipairs(list) do
    if not (dictionaries.ip_dict[name] or dictionaries.mem_dict[name]) then
      errors.raise("attribute", "The design has no IP %s%s", tostring(name),
                   require "lunq.nearest".hint(name, sorted(dictionaries.ip_dict)))
    end
    set[name] = true
  end
  return set
end

-- ---- nodes --------------------------------------------------------------------------------------

--- The bit of the processor's interrupt inputs for a GIC number.
local function line_of(family, raw)
  for first, bit in pairs(family.lines) do
    if raw and raw >= first and raw < first + 8 then return raw - first + bit end
  end
  return nil
end

--- Pins of a module: { name, controller or nil, index, raw }; those a controller receives are none of its own.
local function pins_of(m, dictionaries)
  local controller = dictionaries.interrupt_controllers[m.path]
  if controller then
    return { { name = "irq", controller = controller.parent ~= "" and controller.parent or nil,
               index = controller.index, raw = controller.raw_irq } }
  end
  local pins = {}
  for _, name in ipairs(sorted(m.interrupts)) do
    local pin = m.interrupts[name]
    if pin.index then
      pins[#pins + 1] = { name = name, controller = pin.controller ~= "" and pin.controller or nil, index = pin.index,
                          raw = pin.raw_irq }
    end
  end
  return pins
end

local function add_line(node, pin, b)
  node:reference("interrupt-parent", b.family.gic)
  node:cells("interrupts", 0, pin.raw - 32, LEVEL_HIGH)
end

--- UIO takes one interrupt of a node: each further one gets a node of its own, without registers.
local function line_node(m, pin, b)
  local name = ("%s_%s"):format(m.path, pin.name):gsub("[^%w_]", "_")
  local node = dt.new(name)
  node:strings("compatible", "generic-uio")
  node:strings("linux,uio-name", name)
  add_line(node, pin, b)
  return node
end

--- Interrupts for Linux, and what LUNQ has to know of all pins. Returns nodes for further interrupts.
local function add_interrupts(node, m, b)
  local texts, more, first = {}, {}, true
  for _, pin in ipairs(pins_of(m, b.dictionaries)) do
    local bit = line_of(b.family, pin.raw)
    if pin.controller or bit then
      texts[#texts + 1] = ("%s %s %d"):format(pin.name, pin.controller or "-", pin.controller and pin.index or bit)
    end
    if bit and first then
      add_line(node, pin, b)
      first = false
    elseif bit then
      more[#more + 1] = line_node(m, pin, b)
    end
  end
  if #texts > 0 then node:strings("lunq,pins", table.unpack(texts)) end
  return more
end

local function add_address(list, value, n)
  if n == 2 then list[#list + 1] = value >> 32 end
  list[#list + 1] = value & 0xffffffff
end

local function add_ranges(node, m, b)
  local cells, names = {}, {}
  for i, r in ipairs(m.ranges) do
    if b.family.cells == 1 and r.base + r.size > 1 << 32 then
      errors.raise("value", "%s at 0x%x lies beyond the 32 bits of a Zynq-7000", m.path, r.base)
    end
    add_address(cells, r.base, b.family.cells)
    add_address(cells, r.size, b.family.cells)
    names[i] = r.name
  end
  node:cells("reg", table.unpack(cells))
  if #names == #m.ranges and #names > 1 then node:strings("reg-names", table.unpack(names)) end
end

local function add_clocks(node, m, b)
  for _, entry in ipairs(b.dictionaries.clock_users) do
    for _, user in ipairs(entry.users) do
      if user == m.path then
        node:reference("clocks", b.family.clocks, b.family.first_clock + entry.clock)
        return
      end
    end
  end
end

--- Parameters that decide how a driver works: C_GPIO_WIDTH=4. The rest of an HWH's is for Vivado.
local function add_parameters(node, m)
  local list = {}
  for _, name in ipairs(sorted(m.parameters)) do
    local text = name .. "=" .. m.parameters[name]
    if name:find "^[Cc]_" and #text < 4096 and not text:find "[^ -~]" then list[#list + 1] = text end
  end
  if #list > 0 then node:strings("lunq,params", table.unpack(list)) end
end

--- The node of a module, and those of its further interrupts.
local function ip_node(m, b)
  local name = m.path:gsub("[^%w_]", "_")
  local node = dt.new(("%s@%x"):format(name, m.ranges[1].base))
  node:strings("compatible", "generic-uio")
  add_ranges(node, m, b)
  node:strings("linux,uio-name", name)
  local more = add_interrupts(node, m, b)
  add_clocks(node, m, b)
  if m.type then node:strings("lunq,vlnv", m.type) end
  if name ~= m.path then node:strings("lunq,path", m.path) end
  add_parameters(node, m)
  return node, more
end

--- A clock of the processor that the kernel sets when the overlay comes (driver xlnx,fclk).
local function clock_node(index, mhz, b)
  local node, number = dt.new("clocking" .. index), b.family.first_clock + index
  node:strings("compatible", "xlnx,fclk")
  node:cells("#clock-cells", 0)
  node:reference("clocks", b.family.clocks, number)
  node:reference("assigned-clocks", b.family.clocks, number)
  node:cells("assigned-clock-rates", math.floor(mhz * 1e6 + 0.5))
  return node
end

local function number(value, what, most)
  if math.type(value) ~= "integer" or value < 1 or value > most then
    errors.raise("value", "%s should be a number of bytes from 1 to %d, not %s", what, most, tostring(value))
  end
  return value
end

local function check_name(name)
  if type(name) ~= "string" or not name:find "^[%w_-]+$" then
    errors.raise("value", "'%s' is no name for a node: letters, digits, '_' and '-'", tostring(name))
  end
  return name
end

--- u-dma-buf takes its size from one cell, so less than 4 GiB (linux-boards.md A4).
local function udmabuf_node(i, name, o, pools)
  if type(o) ~= "table" then o = { size = o } end
  local node = dt.new("udmabuf@" .. i)
  node:strings("compatible", "ikwzm,u-dma-buf")
  node:strings("device-name", check_name(name))
  node:cells("size", number(o.size, "The size of " .. name, 0xffffffff))
  if o.coherent then node:flag "dma-coherent" end
  if o.region then
    if not pools[o.region] then
      errors.raise("value", "%s uses region %s, which is not in reserved", name, tostring(o.region))
    end
    node:points("memory-region", pools[o.region])
  end
  return node
end

--- Linux reserves memory only while it boots: this is for overlays that the boot loader applies, and names
--- memory that is reserved already.
local function pool_node(name, o, b)
  local node, cells = dt.new(("%s@%x"):format(check_name(name), o.address)), {}
  node:strings("compatible", "shared-dma-pool")
  add_address(cells, o.address, b.family.cells)
  add_address(cells, number(o.size, "The size of " .. name, 1 << 40), b.family.cells)
  node:cells("reg", table.unpack(cells))
  node:flag(o.no_map and "no-map" or "reusable")
  return node
end

-- ---- fragments ----------------------------------------------------------------------------------

local function region_fragment(root, o, b)
  if not o.firmware then return end
  if #o.firmware >= 255 or o.firmware:find("..", 1, true) or o.firmware == "" then
    errors.raise("value", "firmware '%s' should be a name below /lib/firmware, shorter than 255 bytes and without '..'",
                 o.firmware)
  end
  local inside = root:fragment(b.base, "fpga_full", "fpga-region")
  inside:strings("firmware-name", o.firmware)
  if o.partial then inside:flag "partial-fpga-config" end
end

local function memory_fragment(root, o, b)
  local pools = {}
  if not o.reserved or not next(o.reserved) then return pools end
  local reserved = dt.new "reserved-memory"
  reserved:cells("#address-cells", b.family.cells)
  reserved:cells("#size-cells", b.family.cells)
  reserved:flag "ranges"
  for _, name in ipairs(sorted(o.reserved)) do
    local pool = o.reserved[name]
    if type(pool) ~= "table" or math.type(pool.address) ~= "integer" then
      errors.raise("type", "reserved memory %s should be { address =, size = }", tostring(name))
    end
    pools[name] = pool_node(name, pool, b)
    reserved:add(pools[name])
  end
  root:fragment_at("/"):add(reserved)
  return pools
end

local function bus_fragment(root, o, b, pools)
  local inside = root:fragment(b.base, "amba", "simple-bus")
  inside:cells("#address-cells", b.family.cells)
  inside:cells("#size-cells", b.family.cells)
  for i = 0, 3 do
    local c = b.dictionaries.clock_dict[i]
    if c and c.enable ~= 0 and c.mhz then inside:add(clock_node(i, c.mhz, b)) end
  end
  for _, m in ipairs(b.modules) do
    local node, more = ip_node(m, b)
    inside:add(node)
    for _, line in ipairs(more) do inside:add(line) end
  end
  for i, name in ipairs(sorted(o.udmabuf or {})) do inside:add(udmabuf_node(i - 1, name, o.udmabuf[name], pools)) end
end

--- Builds the overlay.
---@param what string|table|userdata a design's file (.hwh, .bit's metadata ...), an overlay, a lunq.Design, or a
---   table as lunq.Overlay takes
---@param o? table options:
---   firmware = "x.bit.bin"  bitstream below /lib/firmware that the kernel loads with the overlay
---   partial = true          it is a partial one
---   udmabuf = { udmabuf0 = bytes or { size =, coherent = true, region = "pool" } }
---   reserved = { pool = { address =, size =, no_map = true } }
---   base = tree or path     the board's tree: paths and phandles are taken from it, so that the overlay fits
---                           also where the tree has no labels; without it Linux's usual labels are named
---   only = { names }        these IP and no others
---@return userdata tree a lunq.DeviceTree; tree:blob() is the .dtbo
--- Raises `value` and `type` for what makes no sense, `unsupported` for a design without a Zynq or ZynqMP.
function dtbo.build(what, o)
  o = check_options(o or {})
  local design = design_of(what)
  local family = FAMILIES[design.arch:match "^zynquplus" or design.arch]
  if not family then
    errors.raise("unsupported", "%s: overlays are for designs with a Zynq-7000 or Zynq UltraScale+; this one is for "
                 .. "'%s'", design.file, design.arch)
  end
  if not design.ps then
    errors.raise("unsupported", "%s is a partial design: its processor, and so its interrupts, are in the full design",
                 design.file)
  end
  local base = o.base
  if type(base) == "string" then base = core.fdt_read(base) end
  local b = { family = family, dictionaries = design:dictionaries(), base = base and dt.base(base) }
  b.modules = modules_of(b.dictionaries, only_these(o.only, b.dictionaries))
  local root = dt.overlay()
  root:strings("lunq,arch", family == FAMILIES.zynq and "zynq" or "zynquplus")
  region_fragment(root, o, b)
  bus_fragment(root, o, b, memory_fragment(root, o, b))
  local tree = core.fdt_build(o.name or (design.name ~= "" and design.name or "design") .. ".dtbo", root:finish(b.base))
  if base then base:apply(tree) end
  return tree
end

return dtbo
