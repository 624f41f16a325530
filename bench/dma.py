"""What PYNQ's DMA driver does for a 64-byte transfer and wait, over a mock register array.

PYNQ itself needs a board and its libraries, so this is its code path written out: MMIO.read and
write with their checks (pynq/mmio.py), _SDMAChannel.transfer and wait (pynq/lib/dma.py). The mock
engine is idle at once. Prints: name<TAB>ns per transfer and wait.
"""
import time

try:
    import numpy

    def registers(n):
        return numpy.zeros(n, dtype=numpy.uint32)
except ImportError:  # plain arrays are a little faster than NumPy's for single elements
    import array

    def registers(n):
        return array.array("I", [0] * n)


class MMIO:
    def __init__(self, length):
        self.array = registers(length // 4)

    def read(self, offset=0, length=4, word_order="little"):
        if length not in [1, 2, 4, 8]:
            raise ValueError("MMIO currently only supports 1, 2, 4 and 8-byte reads.")
        if offset < 0:
            raise ValueError("Offset cannot be negative.")
        if length == 8 and word_order not in ["big", "little"]:
            raise ValueError("MMIO only supports big and little endian.")
        idx = offset >> 2
        if offset % 4:
            raise MemoryError("Unaligned read: offset must be multiple of 4.")
        lsb = int(self.array[idx])
        if length == 8:
            return lsb + (int(self.array[idx + 1]) << 32)
        return lsb & ((2 ** (8 * length)) - 1)

    def write(self, offset, data):
        if offset < 0:
            raise ValueError("Offset cannot be negative.")
        idx = offset >> 2
        if offset % 4:
            raise MemoryError("Unaligned write: offset must be multiple of 4.")
        if not isinstance(data, int):
            raise ValueError("Data type must be int or bytes.")
        self.array[idx] = data


class Buffer:
    def __init__(self, nbytes):
        self.nbytes = nbytes
        self.physical_address = 0x16000000
        self.coherent = False

    def flush(self):
        if not self.coherent:
            pass

    invalidate = flush


class Channel:
    def __init__(self, mmio, max_size, width, tx_rx, dre, offset):
        self._mmio, self._offset, self._max_size, self._align = mmio, offset, max_size, width
        self._tx_rx, self._dre, self._first_transfer = tx_rx, dre, True
        self._active_buffer = None
        mmio.write(offset + 4, 2)  # the mock: running, idle

    @property
    def running(self):
        return self._mmio.read(self._offset + 4) & 0x01 == 0x00

    @property
    def idle(self):
        return self._mmio.read(self._offset + 4) & 0x02 == 0x02

    @property
    def error(self):
        return self._mmio.read(self._offset + 4) & 0x70 != 0x0

    def transfer(self, array, start=0, nbytes=0):
        if not self.running:
            raise RuntimeError("DMA channel not started")
        if not self.idle and not self._first_transfer:
            raise RuntimeError("DMA channel not idle")
        if nbytes == 0:
            nbytes = array.nbytes - start
        if nbytes > self._max_size:
            raise ValueError("Transfer size too big")
        if not self._dre and ((array.physical_address + start) % self._align) != 0:
            raise RuntimeError("DMA does not support unaligned transfers")
        if self._tx_rx == 0:
            array.flush()
        self.transferred = 0
        self._mmio.write(self._offset + 0x18, (array.physical_address + start) & 0xFFFFFFFF)
        self._mmio.write(self._offset + 0x1C, ((array.physical_address + start) >> 32) & 0xFFFFFFFF)
        self._mmio.write(self._offset + 0x28, nbytes)
        self._active_buffer = array
        self._first_transfer = False

    def wait(self):
        if not self.running:
            raise RuntimeError("DMA channel not started")
        while True:
            error = self._mmio.read(self._offset + 4)
            if self.error:
                if error & 0x10:
                    raise RuntimeError("DMA Internal Error (transfer length 0?)")
                raise RuntimeError("DMA Error")
            if self.idle:
                break
        if self._tx_rx == 1:
            self._active_buffer.invalidate()
        self.transferred = self._mmio.read(self._offset + 0x28)
        self._active_buffer = None


def measure(work, seconds=0.4):
    best, n = float("inf"), 2000
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(n):
            work()
        best = min(best, (time.perf_counter() - start) / n * 1e9)
    return best


def main():
    mmio = MMIO(0x1000)
    send = Channel(mmio, 16383, 4, 0, 0, 0)
    recv = Channel(mmio, 16383, 4, 1, 0, 0x30)
    src, dst = Buffer(64), Buffer(64)

    def one():
        send.transfer(src)
        send.wait()

    def pair():
        recv.transfer(dst)
        send.transfer(src)
        send.wait()
        recv.wait()

    print("one\t%.0f" % measure(one))
    print("pair\t%.0f" % measure(pair))


if __name__ == "__main__":
    main()
