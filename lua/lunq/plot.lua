--- lunq.plot(buf, ...): a picture of numbers, in the terminal and as SVG.
--
--   lunq.plot(buf)                                      at the prompt: drawn as text
--   lunq.plot(src, dst, { names = { "in", "out" } })    several, over one another
--   lunq.plot(buf, { file = "out.svg", title = "FIR" }) also written as SVG
-- Takes buffers of one dimension and lists of numbers. Long ones are drawn by the smallest and largest
-- value of each column, so that no peak is lost.
local errors = require "lunq.errors"

local Plot = require "lunq.class":extend { __name = "lunq.Plot" }

local COLOURS <const> = { "#2b6cb0", "#c05621", "#2f855a", "#6b46c1", "#b83280", "#4a5568" }
local MARKS <const> = { "*", "o", "+", "x", "#", "%" }

-- ---- numbers ------------------------------------------------------------------------------------

local function is_finite(v) return v == v and v ~= math.huge and v ~= -math.huge end

--- The smallest and largest of elements i to j; nil when none is a number that can be drawn.
local function extent_of(data, i, j)
  local low, high
  for k = i, j do
    local v = data[k]
    if is_finite(v) then
      if not low or v < low then low = v end
      if not high or v > high then high = v end
    end
  end
  return low, high
end

--- The same of a buffer, in C unless it has values that can't be drawn.
local function extent(data, i, j)
  if type(data) == "userdata" and j - i > 8 then
    local part <const> = data:slice(i, j)
    local low, high = part:min(), part:max()
    if is_finite(low) and is_finite(high) then return low, high end
  end
  return extent_of(data, i, j)
end

--- A curve: for each of `columns` columns its smallest and largest value, false where there is none.
local function columns_of(data, columns)
  local n, list = #data, {}
  for c = 1, math.min(columns, n) do
    local i, j = (c - 1) * n // columns + 1, c * n // columns
    if n <= columns then i, j = c, c end
    local low, high = extent(data, i, j)
    list[c] = low and { low, high } or false
  end
  return list
end

local function check(data, k)
  local is_buffer = type(data) == "userdata" and getmetatable(data) == "lunq.Buffer"
  if not is_buffer and type(data) ~= "table" then
    errors.raise("type", "argument %d of plot should be a buffer or a list of numbers, not %s", k, type(data))
  end
  if is_buffer and data.ndim ~= 1 then
    errors.raise("value", "argument %d of plot has %d dimensions: draw a row of it, or its :reshape(-1)", k, data.ndim)
  end
  for i = 1, is_buffer and 0 or #data do
    if type(data[i]) ~= "number" then
      errors.raise("type", "argument %d of plot: element %d is no number but %s", k, i, type(data[i]))
    end
  end
  if #data == 0 then errors.raise("value", "argument %d of plot has no elements", k) end
end

--- A step of 1, 2 or 5 times a power of ten: about `count` of them in the span.
local function step_for(span, count)
  local raw = span / count
  local power = 10.0 ^ math.floor(math.log(raw, 10))
  for _, m in ipairs { 1, 2, 5, 10 } do
    if raw <= m * power then return m * power end
  end
  return 10 * power
end

local function number_text(v)
  if v == math.floor(v) and math.abs(v) < 1e7 then return ("%d"):format(v) end
  return ("%.4g"):format(v)
end

-- ---- the plot -----------------------------------------------------------------------------------

--- Takes the data and draws the file, when one is asked for.
---@param ... userdata|table buffers or lists, then perhaps options: file, title, names, width and height
---  (of the text, in characters)
function Plot:init(...)
  local list, n = { ... }, select("#", ...)
  local o = {}
  if n > 0 and type(list[n]) == "table" and #list[n] == 0 and next(list[n]) ~= nil then o, n = list[n], n - 1 end
  if n == 0 then errors.raise("type", "plot needs a buffer or a list of numbers") end
  self.curves, self.longest = {}, 0
  self.title, self.names = o.title, o.names or {}
  self.width, self.height = o.width or 64, o.height or 16
  for k = 1, n do
    check(list[k], k)
    self.longest = math.max(self.longest, #list[k])
  end
  for k = 1, n do
    -- Shorter ones end earlier: all have the same scale from left to right.
    local share = #list[k] / self.longest
    self.curves[k] = { text = columns_of(list[k], math.max(1, math.floor(self.width * share + 0.5))),
                       fine = columns_of(list[k], math.max(1, math.floor(800 * share + 0.5))), n = #list[k] }
  end
  self:find_range()
  if o.file then self:save(o.file) end
end

function Plot:find_range()
  local low, high = math.huge, -math.huge
  for _, curve in ipairs(self.curves) do
    for _, c in ipairs(curve.fine) do
      if c then low, high = math.min(low, c[1]), math.max(high, c[2]) end
    end
  end
  if low > high then low, high = 0, 1 end
  if low == high then low, high = low - 1, high + 1 end
  self.low, self.high = low, high
end

-- ---- text ---------------------------------------------------------------------------------------

--- The row of a value, 1 at the top.
local function row_of(self, v)
  return math.floor((self.high - v) / (self.high - self.low) * (self.height - 1) + 1.5)
end

local function text_rows(self)
  local rows = {}
  for r = 1, self.height do
    rows[r] = {}
    for c = 1, self.width do rows[r][c] = " " end
  end
  for k, curve in ipairs(self.curves) do
    local stretch = math.max(1, self.width * curve.n / self.longest / #curve.text)
    for c, value in ipairs(curve.text) do
      local x = math.min(self.width, math.floor((c - 1) * stretch) + 1)
      for r = value and row_of(self, value[2]) or 1, value and row_of(self, value[1]) or 0 do
        rows[r][x] = MARKS[(k - 1) % #MARKS + 1]
      end
    end
  end
  return rows
end

local function legend(self)
  local parts = {}
  for k in ipairs(self.curves) do
    if self.names[k] then parts[#parts + 1] = ("%s %s"):format(MARKS[(k - 1) % #MARKS + 1], self.names[k]) end
  end
  return table.concat(parts, "   ")
end

function Plot:__tostring()
  local lines, margin = {}, math.max(#number_text(self.low), #number_text(self.high))
  if self.title then lines[1] = (" "):rep(margin + 2) .. self.title end
  for r, row in ipairs(text_rows(self)) do
    local label = r == 1 and number_text(self.high) or r == self.height and number_text(self.low) or ""
    lines[#lines + 1] = ("%" .. margin .. "s |%s"):format(label, (table.concat(row):gsub("%s+$", "")))
  end
  lines[#lines + 1] = (" "):rep(margin) .. " +" .. ("-"):rep(self.width)
  local last = tostring(self.longest)
  lines[#lines + 1] = (" "):rep(margin + 2) .. "1" .. (" "):rep(self.width - 1 - #last) .. last
  local names = legend(self)
  if names ~= "" then lines[#lines + 1] = (" "):rep(margin + 2) .. names end
  return table.concat(lines, "\n")
end

-- ---- SVG ----------------------------------------------------------------------------------------

local LEFT <const>, TOP <const>, WIDE <const>, HIGH <const> = 70, 40, 800, 320

local function escape(text) return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

local function axes(self, out, y_of)
  local step = step_for(self.high - self.low, 6)
  local v = math.ceil(self.low / step) * step
  while v <= self.high + step * 1e-9 do
    local y = y_of(v)
    out[#out + 1] = ('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#e2e8f0"/>'):format(LEFT, LEFT + WIDE, y, y)
    out[#out + 1] = ('<text x="%d" y="%.1f" text-anchor="end">%s</text>'):format(
      LEFT - 8, y + 4, number_text(math.abs(v) < step * 1e-6 and 0 or v))
    v = v + step
  end
  local across = math.max(1, step_for(math.max(1, self.longest - 1), 8))
  for i = 0, self.longest - 1, math.floor(across) do
    local x = LEFT + WIDE * (self.longest == 1 and 0 or i / (self.longest - 1))
    out[#out + 1] = ('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#a0aec0"/>'):format(
      x, x, TOP + HIGH, TOP + HIGH + 4)
    out[#out + 1] = ('<text x="%.1f" y="%d" text-anchor="middle">%d</text>'):format(x, TOP + HIGH + 18, i + 1)
  end
  out[#out + 1] = ('<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#a0aec0"/>'):format(
    LEFT, TOP, WIDE, HIGH)
end

--- The line of a curve: down and up again in a column that has several values.
local function polylines(self, curve, k, y_of)
  local runs, points = {}, {}
  local reach = self.longest == 1 and 0 or (curve.n - 1) / (self.longest - 1) * WIDE
  local function close()
    if #points > 0 then
      runs[#runs + 1] = ('<polyline fill="none" stroke="%s" stroke-width="1.5" points="%s"/>'):format(
        COLOURS[(k - 1) % #COLOURS + 1], table.concat(points, " "))
    end
    points = {}
  end
  for c, value in ipairs(curve.fine) do
    if value then
      local x = LEFT + (#curve.fine == 1 and 0 or (c - 1) / (#curve.fine - 1) * reach)
      points[#points + 1] = ("%.1f,%.1f"):format(x, y_of(value[2]))
      if value[1] ~= value[2] then points[#points + 1] = ("%.1f,%.1f"):format(x, y_of(value[1])) end
    else
      close() -- a gap where there is no number
    end
  end
  close()
  return table.concat(runs, "\n")
end

--- The plot as SVG.
---@return string
function Plot:svg()
  local function y_of(v) return TOP + HIGH * (self.high - v) / (self.high - self.low) end
  local out = {
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
     .. 'font-family="sans-serif" font-size="12" fill="#2d3748">'):format(LEFT + WIDE + 30, TOP + HIGH + 50,
                                                                        LEFT + WIDE + 30, TOP + HIGH + 50),
    '<rect width="100%" height="100%" fill="white"/>',
  }
  if self.title then
    out[#out + 1] = ('<text x="%d" y="24" text-anchor="middle" font-size="15">%s</text>'):format(
      LEFT + WIDE // 2, escape(self.title))
  end
  axes(self, out, y_of)
  for k, curve in ipairs(self.curves) do out[#out + 1] = polylines(self, curve, k, y_of) end
  local x = LEFT
  for k in ipairs(self.curves) do
    local name = self.names[k]
    if name then
      out[#out + 1] = ('<text x="%d" y="%d" fill="%s">%s</text>'):format(x, TOP + HIGH + 40,
                                                                       COLOURS[(k - 1) % #COLOURS + 1], escape(name))
      x = x + 10 * #name + 30
    end
  end
  out[#out + 1] = "</svg>"
  return table.concat(out, "\n") .. "\n"
end

--- Writes the plot as SVG.
---@param path string
---@return table self
--- Raises `io`.
function Plot:save(path)
  local f, why = io.open(path, "w")
  local ok = f and f:write(self:svg())
  if f then f:close() end
  if not ok then errors.raise("io", "The plot can't be written: %s", why or path) end
  return self
end

return Plot
