--- lunq_model.h: what cpp/wrapper.cpp and cpp/vpi_model.cpp need to know of one model.
local wrapper = {}

local DIRECTIONS <const> = { ["in"] = "LUNQ_RTL_IN", out = "LUNQ_RTL_OUT", inout = "LUNQ_RTL_INOUT" }

--- A text as C++ has it, a line for each of its own. Three digits, so that a digit behind is not taken for one
--- of them.
---@param text string
---@return string
function wrapper.literal(text)
  local lines = {}
  for line in text:gmatch "[^\n]*\n?" do
    if line ~= "" then
      lines[#lines + 1] = '"' .. line:gsub('[^%w %%()*+,./:;<=>%[%]_{|}-]',
                                           function(c) return ("\\%03o"):format(c:byte()) end) .. '"'
    end
  end
  return #lines > 0 and table.concat(lines, "\n    ") or '""'
end

local literal = wrapper.literal

local function pin_table(pins)
  local lines = {}
  for i, p in ipairs(pins) do
    lines[i] = ("    {%s, %d, %s, %d},"):format(literal(p.name), p.width, DIRECTIONS[p.direction], p.bytes)
  end
  return table.concat(lines, "\n")
end

local function addresses(pins)
  local lines = {}
  for i, p in ipairs(pins) do lines[i] = ("    case %d: return &t->%s;"):format(i - 1, p.c_name) end
  return table.concat(lines, "\n")
end

local function flags(model)
  local list = { "0" }
  if model.trace then list[#list + 1] = "LUNQ_RTL_" .. model.trace:upper() end
  if model.coverage then list[#list + 1] = "LUNQ_RTL_COVERAGE" end
  if model.more then list[#list + 1] = "LUNQ_RTL_FOUR" end -- through VPI
  return table.concat(list, " | ")
end

--- The text of the header.
---@param model table { pins, top, tool, folder, built, metadata?, trace?, coverage?, more? (what a simulator adds) }
---@return string
function wrapper.header(model)
  local text = {}
  local function add(format, ...) text[#text + 1] = format:format(...) end
  add("/* made by lunq rtl build */")
  if model.trace and not model.more then
    add('#include "verilated_%s_c.h"', model.trace)
    add("#define LUNQ_MODEL_TRACER Verilated%sC", model.trace == "fst" and "Fst" or "Vcd")
  end
  if model.coverage then add('#include "verilated_cov.h"\n#define LUNQ_MODEL_COVERAGE') end
  add("#define LUNQ_MODEL_FLAGS (%s)", flags(model))
  add("#define LUNQ_MODEL_TOP %s", literal(model.top))
  add("#define LUNQ_MODEL_TOOL %s", literal(model.tool))
  add("#define LUNQ_MODEL_FOLDER %s", literal(model.folder))
  add("static const char lunq_model_built[] =\n    %s;", literal(model.built))
  if model.metadata then
    add("static const char lunq_model_metadata[] =\n    %s;", literal(model.metadata))
  else
    add("static const char *const lunq_model_metadata = nullptr;")
  end
  add("static const lunq_rtl_pin lunq_model_pins[] = {\n%s\n};", pin_table(model.pins))
  if model.more then add("%s", model.more) end
  if not model.pins[1].c_name then return table.concat(text, "\n") .. "\n" end
  add("static void *lunq_model_pin(Vlunq *t, uint32_t i)\n{\n    switch (i) {\n%s\n    }\n    return nullptr;\n}",
      addresses(model.pins))
  return table.concat(text, "\n") .. "\n"
end

return wrapper
