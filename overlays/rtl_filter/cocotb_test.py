"""The first test of rtl_filter_spec.lua as cocotb and cocotbext-axi have it, for comparison."""
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiStreamBus, AxiStreamSink, AxiStreamSource

INT_ENABLE, INT_STATUS, SHIFT, TAP_0 = 0x04, 0x08, 0x0C, 0x20


def words(values):
    return b"".join(v.to_bytes(4, "little", signed=True) for v in values)


@cocotb.test()
async def filters(dut):
    cocotb.start_soon(Clock(dut.aclk, 10, units="ns").start())
    registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), dut.aclk, dut.aresetn, reset_active_level=False)
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, dut.aresetn, reset_active_level=False)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, dut.aresetn, reset_active_level=False)

    dut.aresetn.value = 0
    for _ in range(16):
        await RisingEdge(dut.aclk)
    dut.aresetn.value = 1

    for k, tap in enumerate([1, 2, 3, 0, 0, 0, 0, 0]):
        await registers.write_dword(TAP_0 + 4 * k, tap)
    await registers.write_dword(SHIFT, 0)
    await registers.write_dword(INT_ENABLE, 1)

    await source.send(words([1, 0, 0, 0]))
    if not dut.irq.value:
        await with_timeout(RisingEdge(dut.irq), 1, "ms")
    await registers.write_dword(INT_STATUS, 1)
    frame = await sink.recv()
    assert bytes(frame.tdata) == words([1, 2, 3, 0])
