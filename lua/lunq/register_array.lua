--- An array among the registers of an HLS core (registers.md section 15: Memory_x), in its register map.
--
--   rm.Memory_lut[1] = 7            -- 32-bit words, the first is 1 as everywhere in Lua
--   rm.Memory_lut = { 1, 2, 3 }     -- the first words; the others stay
--   rm.Memory_lut:get()             --> all words
--   #rm.Memory_lut                  --> 256
--
-- Elements of other widths are packed in the words; ip:array and ip.signature know them.
local errors = require "lunq.errors"

local register_array = {}

local PRINTED <const> = 8 -- words; more would be read for a line nobody can read

local function check_index(self, i)
  if math.type(i) ~= "integer" or i < 1 or i > self.words then
    errors.raise("index", "%s[%s] is outside its %d words", self.name, tostring(i), self.words)
  end
  return self.offset + 4 * (i - 1)
end

local methods = {}

--- What a register's info says, as far as an array has it.
function methods.info(self)
  return { name = self.name, offset = self.offset, width = 32, access = "read-write", words = self.words,
           unread = self.words > PRINTED and "it is long" or nil }
end

--- Reads all words.
---@return integer[]
function methods.get(self) return self.mmio:read_block(self.offset, self.words) end

--- Writes the first words.
---@param list integer[]
--- Raises `type`, `value` before anything is written.
function methods.set(self, list)
  if type(list) ~= "table" then
    errors.raise("type", "%s is an array of %d words: it takes a list, not %s", self.name, self.words, type(list))
  end
  if #list > self.words then
    errors.raise("value", "%s has %d words, not %d", self.name, self.words, #list)
  end
  if #list > 0 then self.mmio:write_block(self.offset, list) end
end

local private = setmetatable({}, { __mode = "k" }) -- the array itself stays empty, so that every index is seen
local meta = { __name = "lunq.RegisterArray", __metatable = "lunq.RegisterArray" }

function meta.__tostring(array)
  local self = private[array]
  if self.words > PRINTED then return ("<%d words at 0x%x>"):format(self.words, self.offset) end
  local ok, words = pcall(methods.get, self)
  if not ok then return ("<not read: %s>"):format(tostring(words)) end
  return ("[%s]"):format(table.concat(words, ", "))
end

function meta.__len(array) return private[array].words end

function meta.__index(array, key)
  local self = private[array]
  if methods[key] then return function(_, ...) return methods[key](self, ...) end end
  if key == self.words + 1 then return nil end -- the end of ipairs
  return self.mmio:read(check_index(self, key))
end

function meta.__newindex(array, key, value)
  local self = private[array]
  self.mmio:write(check_index(self, key), value)
end

--- Makes the array of a register map.
---@param mmio userdata
---@param spec table name, offset, bytes
---@return table
function register_array.new(mmio, spec)
  local array = setmetatable({}, meta)
  private[array] = { mmio = mmio, name = spec.name, offset = spec.offset, words = (spec.bytes + 3) // 4 }
  return array
end

return register_array
