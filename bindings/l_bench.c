/* l_bench.c - what bench/mmio.lua measures against: calls that do nothing, and loops in C, in this
 * very program; and a descriptor for bench/task.lua. core._bench is no part of the API.
 *   local b = core._bench
 *   b.nop:nop()        b.empty()      -- a method call and a function call that do nothing: the floor
 *   b.read(m, off, n)  b.block(m, off, n)  b.poll_loop(m, off, n)  b.poll(n)
 *                                     -- seconds of CPU time for n words in a C loop
 *   local fd = b.eventfd()    fd:write()    fd:wait()
 *                                     -- an eventfd on the event loop; waits as an interrupt does
 *   b.cpu()                           -- CPU time of this thread, seconds */
#include <math.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "l_event.h"
#include "l_mmio.h"

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int bench_cpu(lua_State *L)
{
    lua_pushnumber(L, cpu_seconds());
    return 1;
}

static int bench_nop(lua_State *L)
{
    (void)L;
    return 0;
}

static volatile uint32_t *words(lua_State *L, uint64_t n)
{
    struct lunq_mmio *m = l_checkmmio(L, 1);
    uint64_t off = l_checksize(L, 2, "offset");
    struct lunq_error e;
    if (lunq_mmio_check(m, off, 4, n, false, &e) < 0)
        l_raise(L, &e);
    if (!lunq_mmio_direct32(m, off))
        l_fail(L, LUNQ_VALUE, "this window is not mapped");
    return (volatile uint32_t *)(m->ptr + off);
}

/* n times what a register read can't do without: bounds check and volatile load. */
static int bench_read(lua_State *L)
{
    struct lunq_mmio *m = l_checkmmio(L, 1);
    uint64_t off = l_checksize(L, 2, "offset"), n = l_checksize(L, 3, "count");
    uint32_t last = 0;
    double t = cpu_seconds();
    for (uint64_t i = 0; i < n; i++) {
        if (lunq_mmio_direct32(m, off))
            last = *(volatile uint32_t *)(m->ptr + off);
        __asm__ volatile("" : : "r"(last) : "memory"); /* each time anew */
    }
    lua_pushnumber(L, cpu_seconds() - t);
    return 1;
}

/* n words into plain memory. */
static int bench_block(lua_State *L)
{
    uint64_t n = l_checksize(L, 3, "count");
    volatile uint32_t *in = words(L, n);
    uint32_t *out = lua_newuserdatauv(L, (size_t)n * 4, 0);
    double t = cpu_seconds();
    for (uint64_t i = 0; i < n; i++)
        out[i] = in[i];
    __asm__ volatile("" : : "r"(out) : "memory");
    lua_pushnumber(L, cpu_seconds() - t);
    return 1;
}

/* n reads of one word that never matches. */
static int bench_poll_loop(lua_State *L)
{
    uint64_t n = l_checksize(L, 3, "count");
    volatile uint32_t *p = words(L, 1);
    double t = cpu_seconds();
    for (uint64_t i = 0; i < n; i++)
        if (*p & 0x80000000)
            break;
    lua_pushnumber(L, cpu_seconds() - t);
    return 1;
}

/* ---- lunq_mmio_poll where time passes by itself, as on a board ------------------------------- */

/* A device of one mapped word, which gets its value after so many looks at the clock. */
struct clockwork {
    struct lunq_device base;
    uint32_t word;
    unsigned looks, until;
};

static volatile uint8_t *clockwork_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                                       struct lunq_error *err)
{
    (void)addr, (void)size, (void)err;
    return (volatile uint8_t *)&((struct clockwork *)d)->word;
}

/* Costs what looking at the clock costs; 10 ns pass each time. */
static uint64_t clockwork_now(struct lunq_device *d)
{
    struct clockwork *c = (struct clockwork *)d;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    if (++c->looks >= c->until)
        c->word = 1;
    return c->looks * UINT64_C(10) + (uint64_t)t.tv_sec / UINT32_MAX;
}

static void clockwork_destroy(struct lunq_device *d)
{
    free(d);
}

/* b.poll() --> seconds of CPU time, reads */
static int bench_poll(lua_State *L)
{
    static const struct lunq_device_ops ops = {
        .kind = "bench", .destroy = clockwork_destroy, .map = clockwork_map, .now = clockwork_now};
    struct clockwork *c = calloc(1, sizeof *c);
    struct lunq_mmio *m = NULL;
    struct lunq_error e;
    uint32_t last;
    uint64_t reads = 1, burst = 1;
    double t;
    int r;
    if (!c)
        return l_fail(L, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&c->base, &ops, "bench");
    c->until = 180; /* then waits begin to sleep */
    r = lunq_mmio_open(&m, &c->base, 0, 4, false, &e);
    t = cpu_seconds();
    if (r == 0)
        r = lunq_mmio_poll(m, 0, 1, 1, 1e6, &last, &e);
    t = cpu_seconds() - t;
    lunq_mmio_unref(m);
    for (unsigned i = 2; i < c->until; i++, burst *= burst < LUNQ_POLL_BURST ? 2 : 1)
        reads += burst;
    lunq_device_unref(&c->base);
    if (r < 0)
        return l_raise(L, &e);
    lua_pushnumber(L, t);
    lua_pushinteger(L, (lua_Integer)reads);
    return 2;
}

/* ---- a descriptor ---------------------------------------------------------------------------- */

struct bench_fd {
    struct lunq_watch w; /* first */
    struct lunq_event event;
};

static void fd_ready(struct lunq_watch *w)
{
    struct bench_fd *u = (struct bench_fd *)w;
    uint64_t count;
    if (read(w->fd, &count, sizeof count) == sizeof count)
        lunq_event_set(&u->event, 0);
}

static struct bench_fd *check_fd(lua_State *L)
{
    return luaL_checkudata(L, 1, "lunq.bench.eventfd");
}

static int fd_write(lua_State *L)
{
    uint64_t one = 1;
    lua_pushboolean(L, write(check_fd(L)->w.fd, &one, sizeof one) == sizeof one);
    return 1;
}

static int fd_wait(lua_State *L)
{
    return l_event_wait(L, &check_fd(L)->event, "The descriptor", INFINITY);
}

static int fd_close(lua_State *L)
{
    struct bench_fd *u = check_fd(L);
    lunq_loop_expect(&u->w, false);
    lunq_loop_unwatch(&u->w);
    if (u->w.fd >= 0)
        close(u->w.fd);
    u->w.fd = -1;
    return 0;
}

static int bench_eventfd(lua_State *L)
{
    static const luaL_Reg methods[] = {{"write", fd_write}, {"wait", fd_wait}, {NULL, NULL}};
    struct bench_fd *u = lua_newuserdatauv(L, sizeof *u, 0);
    struct lunq_error e;
    *u = (struct bench_fd){.w = {.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .ready = fd_ready}};
    if (luaL_newmetatable(L, "lunq.bench.eventfd")) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, fd_close);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, fd_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    if (u->w.fd < 0)
        return l_fail(L, LUNQ_RUNTIME, "There is no descriptor left.");
    if (lunq_loop_watch(&u->w, &e) < 0)
        return l_raise(L, &e);
    lunq_loop_expect(&u->w, true);
    return 1;
}

void l_open_bench(lua_State *L)
{
    static const luaL_Reg functions[] = {{"cpu", bench_cpu},
                                         {"empty", bench_nop},
                                         {"read", bench_read},
                                         {"block", bench_block},
                                         {"poll_loop", bench_poll_loop},
                                         {"poll", bench_poll},
                                         {"eventfd", bench_eventfd},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_newuserdatauv(L, 1, 0); /* with a method, found the way those of MMIO are */
    lua_createtable(L, 0, 1);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, bench_nop);
    lua_setfield(L, -2, "nop");
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "nop");
    lua_setfield(L, -2, "_bench");
}
