"""Peer of bench/task.lua: the same with asyncio. Prints name<TAB>nanoseconds."""
import asyncio
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


async def spawns(n):
    async def nothing():
        pass

    start = time.process_time_ns()
    for _ in range(n):
        await asyncio.create_task(nothing())
    return (time.process_time_ns() - start) / n


for name, work in (("event", events), ("spawn", spawns)):
    print(f"{name}\t{min(asyncio.run(work(20000)) for _ in range(5)):.0f}")
