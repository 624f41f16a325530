--- The control port of HLS cores (registers.md section 15), which differs in its arguments from core
--- to core: rules instead of a table. Reading CTRL clears AP_DONE, reading IP_ISR clears the interrupt
--- in some releases, reading a control word clears the valid bit of that output; arguments read back
--- although the metadata calls them write-only.
local hls = {}

--- Names an IP with such registers has besides its driver's, see lunq.hls.
hls.names = { call = true, start = true, auto_restart = true, array = true, args = true, signature = true }

--- Is this the register map of an HLS core? `registers` as in ip_dict.
function hls.recognise(registers, vlnv)
  local ctrl = registers.CTRL
  if ctrl and ctrl.address_offset == 0 and ctrl.fields and ctrl.fields.AP_START then return true end
  return type(vlnv) == "string" and vlnv:find "^[^:]*:hls:" ~= nil
end

local function control(register)
  local chain = register.fields and register.fields.AP_CONTINUE
  return { access = "read-write", act = 1 << 0 | 1 << 4, -- AP_START, AP_CONTINUE
           unread = chain and "a read may clear AP_READY" or "a read clears AP_DONE" }
end

--- What is to be changed of a register: access, act, unread, field_access (all nil for "as it says").
function hls.override(name, register)
  local offset = register.address_offset
  if offset == 0x00 and name == "CTRL" then return control(register) end
  if offset == 0x0c and name == "IP_ISR" then
    return { access = "read-write", act = 3, field_access = "read-write",
             unread = "a read clears the interrupt in some releases of HLS" }
  end
  for field in pairs(register.fields or {}) do
    if field:find "_ap_vld$" then return { unread = "a read clears " .. field } end
  end
  if register.access == "write-only" then
    return { access = "read-write", field_access = "read-write" }
  end
  return {}
end

return hls
