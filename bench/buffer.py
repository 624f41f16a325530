"""The work of buffer.lua in NumPy. Prints name<TAB>ns; CPU time, the best of many repeats."""
import time

import numpy as np

N = 1 << 20


def report(name, work, per=1):
    best, stop = 1e9, time.process_time() + 0.3
    while time.process_time() < stop:
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    print("%s\t%.1f" % (name, best / per * 1e9), flush=True)


for t in "u4", "f4":
    a, b, d = np.full(N, 3, t), np.full(N, 4, t), np.zeros(N, t)
    d.fill(0)
    report("fill 1 Mi " + t, lambda: d.fill(7))
    report("copy 1 Mi " + t, lambda: np.copyto(d, a))
    report("sum 1 Mi " + t, lambda: a.sum())
    report("min 1 Mi " + t, lambda: a.min())
    report("add 1 Mi " + t, lambda: np.add(a, b, out=d))
    one = d.dtype.type(1)
    report("scale 1 Mi " + t, lambda: np.multiply(d, one, out=d))
    report("equal 1 Mi " + t, lambda: np.array_equal(a, a))
    report("new array a + b 1 Mi " + t, lambda: a + b)

a, d = np.full(N, 3, "u4"), np.zeros(N, "f4")
report("convert 1 Mi u4 to f4", lambda: np.copyto(d, a))
every2nd = np.ones(2 * N, "u4")[::2]
report("sum 1 Mi u4, every 2nd", lambda: every2nd.sum())

n = 100000
b = np.zeros(n, "u4")


def read():
    for i in range(n):
        x = b[i]
    return x


def write():
    for i in range(n):
        b[i] = i


def slices():
    for _ in range(1000):
        b[9:20]


def allocate():
    for _ in range(1000):
        np.zeros(1024, "u4")


report("read an element", read, n)
report("write an element", write, n)
report("slice", slices, 1000)
report("allocate and close 4 KiB", allocate, 1000)
values = b.tolist()
report("to a list, per element", b.tolist, n)


def from_list():
    b[:] = values


report("from a list, per element", from_list, n)
data = b.tobytes()
report("to bytes 100,000 u4", b.tobytes)


def from_bytes():
    b[:] = np.frombuffer(data, "u4")


report("from bytes 100,000 u4", from_bytes)
