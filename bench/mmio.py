"""Register access in Python as PYNQ does it, over a NumPy view of memory. Prints name<TAB>ns.

Not PYNQ's code: the same checks in the same order, the same steps (one 32-bit element of a view,
converted to int and masked; fields as slices of a register)."""
import time

import numpy as np

N = 100000


class MMIO:
    def __init__(self, base, length=4):
        if base < 0 or length < 0:
            raise ValueError("Base address or length cannot be negative.")
        self.base, self.length = base, length
        self.memory = np.zeros(length, "u1")
        self.array = self.memory[: length // 4 * 4].view("u4")

    def read(self, offset=0, length=4, word_order="little"):
        if length not in (1, 2, 4, 8):
            raise ValueError("MMIO currently only supports 1, 2, 4 and 8-byte reads.")
        if offset < 0:
            raise ValueError("Offset cannot be negative.")
        if length == 8 and word_order not in ("big", "little"):
            raise ValueError("MMIO only supports big and little endian.")
        if offset % 4:
            raise MemoryError("Unaligned read: offset must be multiple of 4.")
        index = offset >> 2
        low = int(self.array[index])
        if length == 8:
            high = int(self.array[index + 1])
            return low << 32 | high if word_order == "big" else high << 32 | low
        return low & ((2 ** (8 * length)) - 1)

    def write(self, offset, data):
        if offset < 0:
            raise ValueError("Offset cannot be negative.")
        if offset % 4:
            raise MemoryError("Unaligned write: offset must be multiple of 4.")
        index = offset >> 2
        if type(data) is int:
            self.array[index] = np.uint32(data)
        elif type(data) is bytes:
            if len(data) % 4:
                raise MemoryError("Unaligned write: data length must be multiple of 4.")
            words = np.frombuffer(data, np.uint32, len(data) // 4)
            for i in range(len(words)):
                self.array[index + i] = words[i]
        else:
            raise ValueError("Data type must be int or bytes.")


class Register:
    def __init__(self, buffer, width=32):
        self.buffer, self.width = buffer, width

    def _ends(self, index):
        if index.step not in (None, -1, 1):
            raise ValueError("Slicing step is not valid.")
        start = self.width - 1 if index.start is None else index.start
        stop = 0 if index.stop is None else index.stop
        for end in (start, stop):
            if end not in range(self.width):
                raise ValueError("Slicing endpoint {} not in range".format(end))
        return max(start, stop), min(start, stop)

    def __getitem__(self, index):
        value = int(self.buffer[0])
        if isinstance(index, int):
            return (value >> index) & 1
        if isinstance(index, slice):
            high, low = self._ends(index)
            return (value >> low) & ((1 << (high - low + 1)) - 1)
        raise ValueError("Index must be int or slice.")

    def __setitem__(self, index, new):
        if not isinstance(index, slice):
            raise ValueError("Index must be int or slice.")
        high, low = self._ends(index)
        mask = (1 << (high - low + 1)) - 1
        if new > mask:
            raise ValueError("Slicing range cannot represent value {}".format(new))
        if high - low + 1 == self.width:
            self.buffer[0] = new
        else:
            self.buffer[0] = (int(self.buffer[0]) & ~(mask << low)) | (new << low)


def field(high, low):
    return property(lambda self: self[high:low], lambda self, v: self.__setitem__(slice(high, low), v))


class Control(Register):
    AP_START, AP_DONE, MODE = field(0, 0), field(1, 1), field(7, 4)


class Map:
    def __init__(self, array):
        self.control = Control(array[8:9])

    CTRL = property(lambda self: self.control, lambda self, v: self.control.__setitem__(slice(None, None), v))


def report(name, loop, per=N):
    best = 1e9
    for _ in range(7):
        start = time.process_time()
        loop()
        best = min(best, time.process_time() - start)
    print("%s\t%.1f" % (name, best / per * 1e9), flush=True)


m = MMIO(0x40000000, 0x10000)
rm = Map(m.array)


def read():
    for _ in range(N):
        m.read(0x10)


def read8():
    for _ in range(N):
        m.read(0x10, 8)


def write():
    for i in range(N):
        m.write(0x10, i)


def write64():
    data = bytes(range(64))
    for _ in range(N // 10):
        m.write(0x100, data)


def block():
    for _ in range(N // 10):
        m.array[64:80].tolist()


def get():
    for _ in range(N):
        rm.CTRL.AP_DONE


def put():
    for _ in range(N):
        rm.CTRL.MODE = 5


def whole():
    for _ in range(N):
        rm.CTRL = 3


def construct():
    for _ in range(1000):
        MMIO(0x40000000, 0x1000)


report("m:read(off)", read)
report("m:write(off, v)", write)
report("m:read(off, 8)", read8)
report("m:write(off, 64 bytes)", write64, N // 10)
report("m:read_block(off, 16) to a list", block, N // 10)
report("rm.CTRL.AP_DONE", get)
report("rm.CTRL.MODE = 5", put)
report("rm.CTRL = 3", whole)
report("MMIO()", construct, 1000)
