--- Damaged overlays by the thousand: none may crash the program, whatever it makes of them.
--   make fdt-mutants [MUTANTS=100000] [SEED=]      under the sanitizers; it prints the seed
-- Each overlay of the corpus and of the specs is compiled, gets 1 to 4 bytes changed (or a word, or a piece
-- moved), is read, shown, made a design and applied to a board that has all labels it names. linux-boards.md B3 has
-- what libfdt alone makes of such files.
local core = require "lunq.core"
local dtc = dofile "spec/design/support/dtc.lua"
local errors = require "lunq.errors"
local lfs = require "lfs"

local mutants = {}

--- The source of a board on which the overlay fits: a node for each label it names.
local function board_for(overlay)
  local labels = {}
  for _, node in ipairs(overlay:table().root.children) do
    for _, p in ipairs(node.name == "__fixups__" and node.properties or {}) do
      labels[#labels + 1] = ("%s: n%d { #address-cells = <2>; #size-cells = <2>; #clock-cells = <1>; };")
                            :format(p.name, #labels)
    end
  end
  return "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; " .. table.concat(labels, "\n") .. " };"
end

--- Adds { name, blob, board } for an overlay's source or blob.
local function add(list, name, blob)
  local overlay = core.fdt_parse(name, blob)
  if not overlay:table().overlay then return end
  local board = core.fdt_parse("board", dtc.blob(board_for(overlay)))
  board:apply(overlay) -- the sound one fits
  list[#list + 1] = { name = name, blob = blob, board = board }
end

local function add_folder(list, folder)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:find "%.dtbo$" then
      add(list, path, dtc.slurp(path))
    elseif name:find "%.dtsi?o?$" then
      local source = dtc.slurp(path)
      add(list, path, dtc.blob(source:find "/dts%-v1/" and source or "/dts-v1/; /plugin/;\n" .. source))
    end
  end
end

--- All overlays there are: of the specs, and of the corpus when it is there.
function mutants.overlays(corpus)
  local list = {}
  add_folder(list, "spec/design/fixtures")
  if corpus then
    add_folder(list, corpus .. "/files/dtbo")
    add_folder(list, corpus .. "/files/dts")
  end
  dtc.clean()
  return list
end

local function put(blob, at, bytes) return blob:sub(1, at - 1) .. bytes .. blob:sub(at + #bytes) end

--- Words that make sums wrap, and small ones.
local WORDS <const> = { 0, 1, 2, 3, 4, 9, 0x7fffffff, 0x80000000, 0xfffffffc, 0xfffffff8, 0xfffffff4, 0xffffffff }

local function bytes_changed(blob)
  for _ = 1, math.random(4) do blob = put(blob, math.random(#blob), string.char(math.random(0, 255))) end
  return blob
end

local function word_changed(blob)
  return put(blob, math.random(0, #blob // 4 - 1) * 4 + 1, (">I4"):pack(WORDS[math.random(#WORDS)]))
end

local function piece_moved(blob)
  local n = math.random(1, 16) * 4
  local from, to = math.random(0, (#blob - n) // 4) * 4 + 1, math.random(0, (#blob - n) // 4) * 4 + 1
  return put(blob, to, blob:sub(from, from + n - 1))
end

--- Digits in the text of a fix-up.
local function digit_changed(blob)
  local at = blob:find(":%d+%z", math.random(#blob))
  return at and put(blob, at + 1, tostring(math.random(0, 9))) or word_changed(blob)
end

local WAYS <const> = { bytes_changed, bytes_changed, word_changed, piece_moved, digit_changed }

--- The call's result, or nil when it was refused as a file is: with a `value` error that names it.
local function try(f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  if not errors.is(result, "value") or not result.message:find("mutant", 1, true) then error(result, 0) end
  return nil
end

--- Makes and tries n mutants of these overlays. Raises what is no clean refusal.
---@return table counts { read =, applied = }, of n
function mutants.run(overlays, n)
  local counts = { read = 0, applied = 0 }
  for i = 1, n do
    local o = overlays[(i - 1) % #overlays + 1]
    local bytes = WAYS[math.random(#WAYS)](o.blob)
    local tree = try(core.fdt_parse, "mutant", bytes)
    if tree then
      counts.read = counts.read + 1
      local design = try(core.design_parse, "mutant", bytes)
      if design and i % 16 == 0 then design:dictionaries() end
      if i % 16 == 0 then require "lunq.fdt_text".text(tree:table()) end
      if try(o.board.apply, o.board, tree) then counts.applied = counts.applied + 1 end
    end
  end
  return counts
end

local function main(n, seed)
  seed = math.tointeger(tonumber(seed)) or os.time()
  math.randomseed(seed)
  local overlays = mutants.overlays(os.getenv "LUNQ_CORPUS" or "../shared/corpus")
  local counts = mutants.run(overlays, n)
  print(("%d mutants of %d overlays, seed %d: %d read, %d applied, none crashed")
        :format(n, #overlays, seed, counts.read, counts.applied))
end

if arg and arg[0]:find "fdt_mutants%.lua$" then main(math.tointeger(tonumber(arg[1])) or 100000, arg[2]) end

return mutants
