describe("ol:diagram", function()
  local lunq = require "lunq"
  local diagram = require "lunq.diagram"
  local helper = require "spec.helper"

  local function contents(path)
    local f <close> = assert(io.open(path, "rb"))
    return f:read "a"
  end

  local function has(text, ...)
    for _, part in ipairs { ... } do assert.truthy(text:find(part, 1, true), ("%q in\n%s"):format(part, text)) end
  end

  local function panel() return lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh" end
  local function filter() return lunq.Overlay "overlays/stream_filter/stream_filter.hwh" end

  it("has a box for each IP, frames for hierarchies, and buses, streams and interrupts between", function()
    has(diagram.dot(panel().design), '"panel/btns" [label="btns\\naxi_gpio 2.0\\n0x41210000 + 0x10000"',
        'subgraph "cluster_panel"', '"processing_system7_0" -> "panel/btns" [color="#2b6cb0"',
        '"panel/btns" -> "panel/intc" [color="#c53030", style=dashed', "PL clock 0: divisors 5, 2")
    has(diagram.dot(filter().design), '-> "filter/fir" [color="#2f855a", penwidth=2.5]',
        '"filter/axi_dma_from_ps_to_pl" -> "processing_system7_0" [color="#2b6cb0"]')
  end)

  it("shows one hierarchy and what it is connected to", function()
    local dot = diagram.dot(panel().design, { only = "panel", title = "the panel" })
    has(dot, 'label="the panel"', '"panel/switches"', '"intc" [label')
    assert.is_nil(dot:find('"leds"', 1, true))
    assert.has_error(function() diagram.dot(panel().design, { only = "panle" }) end,
                     'There is no hierarchy or IP "panle" in this design; did you mean "panel"?')
  end)

  it("survives names with quotes", function()
    local ol = lunq.Overlay { ip = { ['odd"\\name'] = { vlnv = 'a:b:c"d:1.0', address = 0x43C00000 } } }
    local name = os.tmpname() .. ".svg"
    finally(function() os.remove(name) end)
    assert.equal(name, ol:diagram(name))
  end)

  it("is drawn by Graphviz, each design of the corpus", function()
    local name = os.tmpname() .. ".svg"
    finally(function() os.remove(name) end)
    panel():diagram(name)
    has(contents(name), "<svg", "axi_gpio 2.0", "</svg>")
    if not helper.corpus then return end
    for _, design in ipairs { "pynqz2-dma-loopback-2020.1", "kv260-dpu-2023.1", "zcu216-radio-2020.2" } do
      local ol = lunq.Overlay(("%s/files/hwh/%s.hwh"):format(helper.corpus, design), { download = false })
      ol:diagram(name)
      has(contents(name), "<svg", "</svg>")
    end
  end)

  it("says what is wrong with a file", function()
    local ol = panel()
    assert.has_error(function() ol:diagram "x.bmp" end,
                     'What "x.bmp" is can\'t be told: its name should end in .svg, .png, .pdf or .dot')
    assert.has_error(function() ol:diagram(3) end, 'diagram needs the name of a file, such as "design.svg"')
    local ok, e = pcall(ol.diagram, ol, "/dev/null/x.dot")
    assert.same({ false, "io" }, { ok, e.kind })
    ok, e = pcall(ol.diagram, ol, "/dev/null/x.svg")
    assert.same({ false, "io" }, { ok, e.kind })
    assert.matches("Graphviz could not draw /dev/null/x.svg", e.message)
  end)
end)
