--- What an AXI CDMA moves in one go: where from, where to, how much. See drivers/axi_cdma.lua.
local errors = require "lunq.errors"

local piece = {}

--- An option that counts bytes; 0 when it is left out.
function piece.check_number(cdma, value, what)
  if value == nil then return 0 end
  local n = math.tointeger(value)
  if not n or n < 0 then
    errors.raise("value", "%s: %s should be a number of bytes, not %s", cdma.fullpath, what, tostring(value))
  end
  return n
end

--- One end: address, bytes that are there, and what to sync. Memory of the design needs no hold.
local function place(cdma, engine, where, start, nbytes, what)
  if type(where) == "userdata" then
    local hold = engine:hold(where, start, nbytes)
    return hold:address(), hold:nbytes(), hold
  end
  local base = type(where) == "table" and (rawget(where, "base_address") or rawget(where, "phys_addr"))
  local size = base and (rawget(where, "size") or rawget(where, "addr_range"))
  if not size then
    errors.raise("type", "%s: the %s should be a buffer or a memory of the overlay, not %s", cdma.fullpath, what,
                 type(where))
  end
  if start >= size or nbytes > size - start then
    errors.raise("value", "Transfer of %d bytes from byte %d is outside the %d bytes of %s.", nbytes, start, size,
                 tostring(where.fullpath))
  end
  return base + start, nbytes > 0 and nbytes or size - start
end

local KNOWN <const> = { dst_start = true, src_start = true, nbytes = true, keyhole_read = true,
                        keyhole_write = true }

--- Raises `type`, `value` for options a copy doesn't know.
function piece.check_options(cdma, o)
  if type(o) ~= "table" then
    errors.raise("type", "%s: options should be a table, not %s", cdma.fullpath, type(o))
  end
  for name in pairs(o) do
    if type(name) == "string" and not KNOWN[name] then
      errors.raise("value", "%s: a copy knows dst_start, src_start, nbytes, keyhole_read and keyhole_write, not "
                   .. '"%s"', cdma.fullpath, name)
    end
  end
end

local function check_address(cdma, address, n, what)
  if cdma.addr_width < 63 and address + n > 1 << cdma.addr_width then
    errors.raise("value", "%s: the %s at %#x is out of reach of its %d address bits.", cdma.fullpath, what, address,
                 cdma.addr_width)
  end
  if not cdma.has_dre and address % cdma.width ~= 0 then
    errors.raise("runtime", "%s: the %s at %#x is not a multiple of %d bytes; without C_INCLUDE_DRE the engine "
                 .. "can't start there.", cdma.fullpath, what, address, cdma.width)
  end
end

--- Checks one piece and holds its memory with the engine.
---@param dst userdata|table buffer, or memory of the overlay
---@param src userdata|table
---@param o table dst_start, src_start, nbytes, keyhole_write
---@return table piece src, dst (addresses), n (bytes), src_hold, dst_hold (nil: memory of the design)
--- Raises `type`, `value`, `runtime`; what is held by then stays with the engine.
function piece.of(cdma, engine, dst, src, o)
  local nbytes = piece.check_number(cdma, o.nbytes, "nbytes")
  local src_start = piece.check_number(cdma, o.src_start, "src_start")
  local dst_start = piece.check_number(cdma, o.dst_start, "dst_start")
  local from, n_src, src_hold = place(cdma, engine, src, src_start, nbytes, "source")
  local to, n_dst, dst_hold = place(cdma, engine, dst, dst_start, nbytes, "destination")
  local one = { src = from, dst = to, src_hold = src_hold, dst_hold = dst_hold }
  one.n = nbytes > 0 and nbytes or math.min(n_src, n_dst)
  if nbytes == 0 and n_dst < n_src and not o.keyhole_write then
    errors.raise("value", "%s: the source has %d bytes, the destination %d: say how many with nbytes.",
                 cdma.fullpath, n_src, n_dst)
  end
  if one.n > cdma.buffer_max_size then
    errors.raise("value", "Transfer size is %d bytes, which exceeds the maximum CDMA transfer of %d.", one.n,
                 cdma.buffer_max_size)
  end
  check_address(cdma, one.src, one.n, "source")
  check_address(cdma, one.dst, one.n, "destination")
  return one
end

--- Makes memory and caches agree before the device moves.
---@param pieces table list
function piece.sync_out(pieces)
  for _, p in ipairs(pieces) do
    if p.src_hold then p.src_hold:sync_to_device() end
    -- so that no dirty line of the destination is written back over what arrives
    if p.dst_hold then p.dst_hold:sync_to_device() end
  end
end

return piece
