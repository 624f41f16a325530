/* l_port.c - one register as a function: m:reader and m:writer of lunq.MMIO.
 *   local rd = m:reader(0x04)                        -- a function that reads; offset, width in bytes = 4
 *   local wr = m:writer(0x08)                        -- a function that writes; offset, width in bytes = 4
 *   wr(rd() + 1)
 * Checked when they are made. They work as long as the window is open, whether or not the MMIO
 * object is still around. */
#include "l_mmio.h"

struct port {
    struct lunq_mmio *m; /* with a reference; l_no_window when free or collected */
    uint64_t off;
    unsigned width;
};

/* Upvalue of the closure, which only has __gc: it ends the port. */
struct guard {
    struct port *port; /* one of quick, or own */
    struct port own;
};

static const char guard_meta; /* registry: its metatable */

/* Other widths, and what is not mapped. Apart, so that the fast path has no error on its stack. */
static L_SLOW int read_any(lua_State *L, const struct port *p)
{
    struct lunq_error e;
    uint64_t v = 0;
    if (lunq_mmio_read(p->m, p->off, p->width, &v, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, (lua_Integer)v);
    return 1;
}

static inline int read_word(lua_State *L, const struct port *p)
{
    if (p->width != 4 || !lunq_mmio_direct32(p->m, p->off))
        return read_any(L, p);
    lua_pushinteger(L, *(volatile uint32_t *)(p->m->ptr + p->off));
    return __builtin_expect(lunq_bus_error, 0) ? l_bus_error(L, p->m) : 1;
}

static int read_port(lua_State *L)
{
    const struct guard *g = lua_touserdata(L, lua_upvalueindex(1));
    return read_word(L, g->port);
}

static L_SLOW int write_any(lua_State *L, const struct port *p)
{
    struct lunq_error e;
    uint64_t v = l_checkword(L, 1, p->width, "value");
    return lunq_mmio_write(p->m, p->off, p->width, v, &e) < 0 ? l_raise(L, &e) : 0;
}

static int write_port(lua_State *L)
{
    const struct port *p = ((const struct guard *)lua_touserdata(L, lua_upvalueindex(1)))->port;
    lua_Integer v = lua_isinteger(L, 1) ? lua_tointeger(L, 1) : INT64_MAX;
    if (v < INT32_MIN || v > UINT32_MAX || p->width != 4 || !lunq_mmio_direct32(p->m, p->off))
        return write_any(L, p);
    *(volatile uint32_t *)(p->m->ptr + p->off) = (uint32_t)v;
    return __builtin_expect(lunq_bus_error, 0) ? l_bus_error(L, p->m) : 0;
}

/* ---- quick readers --------------------------------------------------------------------------
 * Fetching the upvalue is a third of what a reader costs. So there are 64 functions that each know
 * their port; readers take them in turn while one is free, and read_port when none is. */

static struct port quick[64];

#define QUICK(k)                                                                                   \
    static int quick_##k(lua_State *L)                                                             \
    {                                                                                              \
        return read_word(L, &quick[k]);                                                            \
    }
#define NAME(k) quick_##k,
#define EIGHT(f, k) f(k##0) f(k##1) f(k##2) f(k##3) f(k##4) f(k##5) f(k##6) f(k##7)
/* clang-format off */
#define ALL(f) /* octal: 000 to 077 */                                                             \
    EIGHT(f, 00) EIGHT(f, 01) EIGHT(f, 02) EIGHT(f, 03)                                            \
    EIGHT(f, 04) EIGHT(f, 05) EIGHT(f, 06) EIGHT(f, 07)
/* clang-format on */

ALL(QUICK)

static const lua_CFunction quick_functions[] = {ALL(NAME)};

/* A free one, or NULL. In turn, so that one just given back is used last. */
static struct port *take_quick(void)
{
    static unsigned turn;
    for (unsigned i = 0; i < 64; i++) {
        struct port *p = &quick[turn++ % 64];
        if (!p->m || p->m == &l_no_window)
            return p;
    }
    return NULL;
}

/* ---- making and ending ---------------------------------------------------------------------- */

static int guard_gc(lua_State *L)
{
    struct port *p = ((struct guard *)lua_touserdata(L, 1))->port;
    struct lunq_mmio *m = p->m;
    p->m = &l_no_window; /* a finalizer that runs later may still call the closure */
    lunq_mmio_unref(m);
    return 0;
}

/* Pushes a guard without a window yet. */
static struct guard *new_guard(lua_State *L, uint64_t off, unsigned width)
{
    struct guard *g = lua_newuserdatauv(L, sizeof *g, 0);
    g->own = (struct port){&l_no_window, off, width};
    g->port = &g->own;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &guard_meta) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        lua_pushcfunction(L, guard_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &guard_meta);
    }
    lua_setmetatable(L, -2);
    return g;
}

/* Self, offset and width, checked; pushes the guard. */
static struct guard *port_args(lua_State *L, struct lunq_mmio **m)
{
    uint64_t off;
    int64_t width;
    struct lunq_error e;
    *m = l_checkmmio(L, 1);
    off = l_checkoffset(L, 2);
    width = l_optint(L, 3, "width", 4);
    if (lunq_mmio_check(*m, off, width < 1 || width > 8 ? 0 : (unsigned)width, 1, false, &e) < 0)
        l_raise(L, &e);
    return new_guard(L, off, (unsigned)width);
}

static int mmio_reader(lua_State *L)
{
    struct lunq_mmio *m;
    struct guard *g = port_args(L, &m);
    struct port *p = g->own.width == 4 ? take_quick() : NULL;
    if (p) {
        *p = g->own;
        g->port = p;
    }
    g->port->m = lunq_mmio_ref(m);
    lua_pushcclosure(L, p ? quick_functions[p - quick] : read_port, 1);
    return 1;
}

static int mmio_writer(lua_State *L)
{
    struct lunq_mmio *m;
    struct guard *g = port_args(L, &m);
    g->port->m = lunq_mmio_ref(m);
    lua_pushcclosure(L, write_port, 1);
    return 1;
}

const luaL_Reg l_port_methods[] = {{"reader", mmio_reader}, {"writer", mmio_writer}, {NULL, NULL}};
