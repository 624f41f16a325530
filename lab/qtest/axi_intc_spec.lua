-- AXI INTC: registers.md section 10; the core's source, intc_core.vhd of axi_intc v4.1, is the judge where
-- that is silent. QEMU: hw/intc/xilinx_intc.c.
describe("AXI INTC on sim and in QEMU", function()
  local lunq = require "lunq"
  local compare = dofile "lab/qtest/compare.lua"
  local ISR <const>, IPR <const>, IER <const>, IAR <const>, SIE <const>, CIE <const>, IVR <const>, MER <const> =
    0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c
  local LEVEL <const>, EDGE <const> = "level/irq", "edge/irq" -- inputs 8 and 1
  local MACHINE <const> = "petalogix-s3adsp1800"

  --- Opens the controller and gives functions for its registers.
  local function registers(t)
    local m = t.ol.intc.mmio
    return function(off, v) return m:write(off, v) end, function(off) return m:read(off) end
  end

  it("has the same registers after reset", function()
    compare.run(MACHINE, function(t)
      local _, get = registers(t)
      for off = ISR, MER, 4 do
        if off ~= IAR then t.step(("register 0x%02x"):format(off), get(off)) end
      end
    end, { ["register 0x18"] = { sim = 0xffffffff, qemu = 0,
      why = "registers.md 10: IVR is all ones when nothing is pending. QEMU's is, too, after the first access." } })
  end)

  it("takes software interrupts as long as HIE is 0", function()
    compare.run(MACHINE, function(t)
      local set, get = registers(t)
      set(ISR, 0x30)
      t.step("ISR written", get(ISR))
      t.step("IPR without IER", get(IPR))
      set(IER, 0x120)
      t.step("IPR with IER", get(IPR))
      t.step("IVR", get(IVR))
      set(MER, 1)
      set(IPR, 0)
      set(IVR, 0)
      t.step("IPR is read-only", get(IPR))
      t.step("IVR is read-only", get(IVR))
      set(IAR, 0x20)
      t.step("ISR after IAR", get(ISR))
      t.step("IVR after IAR", get(IVR))
      set(ISR, 0x02)
      t.step("ISR written again", get(ISR))
      set(IAR, 0x02)
      set(MER, 3)
      set(ISR, 0xff)
      t.step("ISR with HIE", get(ISR))
    end)
  end)

  it("sets and clears enables one by one", function()
    compare.run(MACHINE, function(t)
      local set, get = registers(t)
      set(IER, 0xf0)
      set(SIE, 0x3)
      t.step("SIE", get(IER))
      set(CIE, 0x50)
      t.step("CIE", get(IER))
      t.step("read of SIE", get(SIE))
      t.step("read of CIE", get(CIE))
      t.step("IPR", get(IPR))
    end)
  end)

  it("samples its inputs from HIE on", function()
    compare.run(MACHINE, function(t)
      local set, get = registers(t)
      t.device:wire(LEVEL, 1)
      t.device:wire(EDGE, 1)
      set(IER, 0xffffffff)
      set(MER, 1)
      t.step("nothing without HIE", get(ISR))
      set(MER, 3)
      t.step("with HIE", get(ISR))
      set(IAR, 2)
      t.step("IVR of the level", get(IVR))
      t.device:wire(EDGE, 0)
      t.device:wire(EDGE, 1)
      t.step("the next edge", get(ISR))
      t.step("IVR of the lower one", get(IVR))
    end, { ["with HIE"] = { sim = 0x102, qemu = 0x100,
      why = "intc_core.vhd latches edges from reset on; QEMU (and registers.md) only while HIE is 1" } })
  end)

  it("keeps a level as long as it lasts, an edge until it is acknowledged", function()
    compare.run(MACHINE, function(t)
      local set, get = registers(t)
      set(IER, 0xffffffff)
      set(MER, 3)
      t.device:wire(LEVEL, 1)
      set(IAR, 0x100)
      t.step("acknowledged while up", get(ISR))
      t.device:wire(LEVEL, 0)
      t.step("down", get(ISR))
      set(IAR, 0x100)
      t.step("acknowledged", get(ISR))
      t.device:wire(EDGE, 1)
      set(IAR, 2)
      t.step("an edge acknowledged while up", get(ISR))
      t.device:wire(EDGE, 0)
      t.device:wire(EDGE, 1)
      t.device:wire(EDGE, 0)
      t.step("a pulse", get(ISR))
      set(IER, 0)
      t.step("disabled, not forgotten", get(ISR))
      t.step("not pending", get(IPR))
      t.device:wire(LEVEL, 1)
      t.step("comes in while disabled", get(ISR))
    end)
  end)

  it("differs in rules of PG099 and the core", function()
    compare.run(MACHINE, function(t)
      local set, get = registers(t)
      set(ISR, 0x40)
      set(MER, 3)
      t.step("a test of ISR once HIE is set", get(ISR))
      set(IAR, 0x40)
      set(MER, 0)
      t.step("HIE cleared by a write", get(MER))
      set(MER, 3)
      t.device:wire(EDGE, 1)
      set(IAR, 2)
      t.device:wire(EDGE, 1)
      t.step("no edge: it was up before", get(ISR))
    end, {
      ["a test of ISR once HIE is set"] = { sim = 0, qemu = 0x40,
        why = "intc_core.vhd: from then on ISR is what the inputs were; QEMU keeps what was written" },
      ["HIE cleared by a write"] = { sim = 2, qemu = 0,
        why = "PG099 'Master Enable Register': HIE is write once, only a reset clears it. QEMU stores it." },
      ["no edge: it was up before"] = { sim = 0, qemu = 2,
        why = "an edge input latches transitions; QEMU latches every report of the level 1." },
    })
  end)

  describe("behind lunq.Interrupt", function()
    --- Opens a pin; the rest of the work is the host's.
    local function irq(t, pin) return lunq.Interrupt(pin, t.device) end
    local function kind(f, ...)
      local ok, e = pcall(f, ...)
      return ok and "came" or e.kind
    end

    for _, pin in ipairs { LEVEL, EDGE } do
      it(pin .. " comes once each time", function()
        compare.run(MACHINE, function(t)
          local i <close> = irq(t, pin)
          for n = 1, 3 do
            local hold <close> = i:hold()
            t.step("not before " .. n, hold.fired)
            t.device:wire(pin, 1)
            t.step("count " .. n, (hold:wait(1)))
            t.device:wire(pin, 0)
          end
          t.step("no second, false one", kind(i.wait, i, 0.02))
          t.step("enables at rest", t.ol.intc:read(IER))
          t.step("nothing left", t.ol.intc:read(ISR))
        end)
      end)
    end

    it("a level that is still up comes again, an edge does not", function()
      compare.run(MACHINE, function(t)
        for _, pin in ipairs { LEVEL, EDGE } do
          local i <close> = irq(t, pin)
          t.device:wire(pin, 1)
          t.step("first " .. pin, kind(i.wait, i, 1))
          t.step("second " .. pin, kind(i.wait, i, 0.02))
          t.device:wire(pin, 0)
        end
      end)
    end)

    it("an edge that came while nobody waited is kept", function()
      compare.run(MACHINE, function(t)
        local i <close> = irq(t, EDGE)
        t.device:wire(EDGE, 1)
        t.device:wire(EDGE, 0)
        t.step("kept", (i:wait(0.5)))
        t.step("once", kind(i.wait, i, 0.02))
      end)
    end)

    it("two that come together wake two tasks, each its own", function()
      compare.run(MACHINE, function(t)
        local a <close> = irq(t, LEVEL)
        local b <close> = irq(t, EDGE)
        local one = lunq.spawn(function() return (a:wait(1)) end)
        local two = lunq.spawn(function() return (b:wait(1)) end)
        lunq.sleep(0.01)
        t.device:wire(EDGE, 1)
        t.device:wire(LEVEL, 1)
        t.step("level", one:wait())
        t.step("edge", two:wait())
        t.step("enables at rest", t.ol.intc:read(IER))
        t.device:wire(EDGE, 0)
        t.device:wire(LEVEL, 0)
      end)
    end)

    it("a wait that was given up leaves nothing enabled", function()
      compare.run(MACHINE, function(t)
        local i <close> = irq(t, LEVEL)
        t.step("time", kind(i.wait, i, 0.01))
        t.step("IER", t.ol.intc:read(IER))
        t.device:wire(LEVEL, 1)
        t.step("line", i:explain():match "processor: (%a+, [%a ]+)")
        t.step("later", kind(i.wait, i, 1))
        t.device:wire(LEVEL, 0)
      end)
    end)
  end)
end)
