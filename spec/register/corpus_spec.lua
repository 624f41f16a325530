--- Register maps of every IP of the real designs: they can be made, printed and used, and printing
--- reads nothing that a read changes and nothing that this configuration does not have.
local helper = require "spec.helper"
local lunq = require "lunq"
local register_map = require "lunq.register_map"
local side_effects = require "lunq.side_effects"
local core = lunq.core

local function hwh_files()
  local lfs = require "lfs"
  local list = {}
  local dir = helper.corpus and helper.corpus .. "/files/hwh"
  if not dir then return list end
  for name in lfs.dir(dir) do
    if name:find "%.hwh$" then list[#list + 1] = dir .. "/" .. name end
  end
  table.sort(list)
  return list
end

--- Offsets that must not be read of an IP, by name, from registers.md section 4.
local DESTRUCTIVE <const> = {
  ["xilinx.com:ip:axi_quad_spi"] = { 0x64, 0x6c }, ["xilinx.com:ip:axi_iic"] = { 0x10c },
  ["xilinx.com:ip:axi_uartlite"] = { 0x0, 0x8 }, ["xilinx.com:ip:axi_fifo_mm_s"] = { 0x20, 0x24 },
}

local function is_destructive(ip, name, register)
  local offset = register.address_offset
  for _, o in ipairs(DESTRUCTIVE[ip.type:match "^(.*):"] or {}) do
    if o == offset then return true end
  end
  if ip.registers.CTRL and ip.registers.CTRL.fields.AP_START then
    return name == "CTRL" or name == "IP_ISR" or name:find "_ctrl$" ~= nil
  end
  return false
end

describe("register maps of", function()
  local files = hwh_files()
  if #files == 0 then it("real designs", function() pending(helper.no_corpus) end) end

  for _, file in ipairs(files) do
    it(file:match "[^/]*$", function()
      local d <close> = core.device_open "sim"
      local design = core.design_read(file)
      d:program(design)
      for path, ip in pairs(design:dictionaries().ip_dict) do
        if ip.registers and next(ip.registers) and ip.phys_addr then
          local m <close> = core.mmio(ip.phys_addr, ip.addr_range, d, true)
          local map
          local warned = lunq.warnings.capture(function() map = register_map.new(m, ip.registers, ip.type) end)
          d:trace(true)
          local text = tostring(map)
          local trace = d:trace(false)
          local unknown = not side_effects[ip.type] and not text:find "Register%("
          for name, register in pairs(ip.registers) do
            local id = name:gsub("[^%w_]", "_"):gsub("^%d", "r%0")
            local read = trace:find(("read %s+0x%x "):format(path, register.address_offset), 1, true)
            if name:find "^Memory_" then -- an array of an HLS core
              assert.equal(register.size // 4, #map[id])
              assert.equal(register.size <= 32, read ~= nil, path .. " " .. name)
            elseif register.size > 64 then
              assert.is_truthy(#warned > 0)
            else
              assert.equal(register.enabled ~= false,
                           text:find("  " .. id .. " = ", 1, true) ~= nil, path .. " " .. name)
              if is_destructive(ip, name, register) or register.enabled == false or unknown then
                assert.is_nil(read, path .. " " .. name .. " was read")
              end
              assert.equal(register.enabled == false and "absent" or nil,
                           register.enabled == false and map[id]:info().access or nil)
            end
          end
          assert.is_nil(trace:find "write ", path)
          assert.equal(text:find "Register%([%w_]+=%d" ~= nil or text:find "%[%d" ~= nil,
                       trace:find(("read %s+0x"):format(path), 1, true) ~= nil, path)
        end
      end
    end)
  end

  it("the DMA of pynqz2-dma-loopback by name", function()
    if #files == 0 then pending(helper.no_corpus) end
    local d <close> = core.device_open "sim"
    local design = core.design_read(helper.corpus .. "/files/hwh/pynqz2-dma-loopback-2020.1.hwh")
    d:program(design)
    for path, ip in pairs(design:dictionaries().ip_dict) do
      if ip.type:find "axi_dma" then
        local m <close> = core.mmio(ip.phys_addr, ip.addr_range, d, true)
        local rm = register_map.new(m, ip.registers, ip.type)
        assert.equal(1, rm.MM2S_DMASR.Halted, path)
        rm.MM2S_DMACR.RS = 1
        assert.equal(0, rm.MM2S_DMASR.Halted)
        assert.equal(1, rm.MM2S_DMACR.RS)
        assert.has_error(function() rm.MM2S_DMASR.Halted = 1 end,
                         "field Halted of register MM2S_DMASR is read-only")
      end
    end
  end)
end)
