"""Peer of bench/task.lua: the same with asyncio. Prints name<TAB>nanoseconds."""
import asyncio
import os
import time


async def events(n):
    """Main sets an event, a task waits for it, and the other way round: two events a turn."""
    ping, pong = asyncio.Event(), asyncio.Event()

    async def task():
        while True:
            await ping.wait()
            ping.clear()
            pong.set()

    t = asyncio.create_task(task())
    await asyncio.sleep(0)
    start = time.process_time_ns()
    for _ in range(n):
        ping.set()
        await pong.wait()
        pong.clear()
    spent = time.process_time_ns() - start
    t.cancel()
    return spent / n / 2


async def descriptor(n):
    """A task writes an eventfd and waits until the loop has seen it and read it."""
    fd, loop, event = os.eventfd(0, os.EFD_NONBLOCK), asyncio.get_running_loop(), asyncio.Event()

    def ready():
        os.eventfd_read(fd)
        event.set()

    loop.add_reader(fd, ready)
    start = time.process_time_ns()
    for _ in range(n):
        event.clear()
        os.eventfd_write(fd, 1)
        await event.wait()
    spent = time.process_time_ns() - start
    loop.remove_reader(fd)
    os.close(fd)
    return spent / n


async def spawns(n):
    async def nothing():
        pass

    start = time.process_time_ns()
    for _ in range(n):
        await asyncio.create_task(nothing())
    return (time.process_time_ns() - start) / n


for name, work in (("event", events), ("descriptor", descriptor), ("spawn", spawns)):
    print(f"{name}\t{min(asyncio.run(work(20000)) for _ in range(5)):.0f}")
