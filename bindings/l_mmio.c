/* l_mmio.c - lunq.MMIO, the Lua face of host/core/mmio.h: PYNQ's MMIO (read, write and their
 * messages) and exact-width access. More methods are in l_block.c, l_batch.c and l_port.c.
 *   local m <close> = lunq.MMIO(0x40000000, 0x1000)   -- address, bytes = 4, device = active
 *   local b <close> = lunq.MMIO("bar0", nil, card)    -- a range of device.ranges, all of it
 *   m:read(0x10) --> integer         m:write(0x10, 0xdeadbeef)      m:write(0x10, "8 bytes!")
 *   m:read(0x10, 8, "big")
 *   m:read8(3)  m:read16(2)  m:read32(4)  m:read64(8)              -- one access of exactly that width
 *   m:write8(3, v)  m:write16(2, v)  m:write32(4, v)  m:write64(8, v)     -- one access of exactly that width
 *   m:update(0, mask, value)         m:poll(4, mask, value, 0.5) --> last word
 *   m.base_addr  m.length  m.device  m.closed        m:close()      -- may be repeated */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "l_mmio.h"
#include "l_wait.h"

const char l_mmio_tag;
static const char fields_meta; /* registry: { __index = methods }, metatable of all field tables */
struct lunq_mmio l_no_window = {.closed = true, .refs = 1u << 30};

/* Userdata seen lately that are windows and not collected: a hit spares the call of lua_rawlen.
 * mmio_gc takes them out, before their memory can become something else. */
static const struct l_mmio *known[16];

static const struct l_mmio **known_slot(const struct l_mmio *u)
{
    return &known[(uintptr_t)u / 64 % 16];
}

static L_SLOW struct l_mmio *self_slow(lua_State *L)
{
    struct l_mmio *u = l_testmmio(L, 1);
    if (u && u->m != &l_no_window)
        *known_slot(u) = u;
    else
        l_checkmmio(L, 1); /* raises */
    return u;
}

static inline struct l_mmio *self(lua_State *L)
{
    struct l_mmio *u = lua_touserdata(L, 1);
    return __builtin_expect(u && *known_slot(u) == u, 1) ? u : self_slow(L);
}

struct lunq_mmio *l_checkmmio(lua_State *L, int idx)
{
    struct l_mmio *u = l_testmmio(L, idx);
    if (!u)
        l_wrong_type(L, idx, "lunq.MMIO");
    if (u->m == &l_no_window)
        l_fail(L, LUNQ_RUNTIME, "This MMIO was already collected.");
    return u->m;
}

/* ---- PYNQ's read and write ----------------------------------------------------------------- */

static int closed(lua_State *L, const struct lunq_mmio *m)
{
    struct lunq_error e;
    return lunq_mmio_check(m, 0, 1, 0, false, &e) < 0 ? l_raise(L, &e) : 0;
}

uint64_t l_checkoffset(lua_State *L, int idx)
{
    int ok;
    int64_t off = lua_tointegerx(L, idx, &ok);
    if (!ok)
        off = l_checkint(L, idx, "offset"); /* says what is wrong with it */
    if (off < 0)
        return (uint64_t)l_fail(L, LUNQ_VALUE, "Offset cannot be negative.");
    return (uint64_t)off;
}

/* The byte offset at idx, as read and write check it; `what` is "read" or "write". */
static uint64_t check_offset(lua_State *L, int idx, const char *what)
{
    uint64_t off = lua_isnoneornil(L, idx) ? 0 : l_checkoffset(L, idx);
    if (off % 4)
        return (uint64_t)l_fail(L, LUNQ_MEMORY, "Unaligned %s: offset must be multiple of 4.",
                                what);
    return off;
}

static bool big_endian(lua_State *L, int idx)
{
    const char *order = lua_isnoneornil(L, idx) ? "little" : lua_tostring(L, idx);
    if (!order || (strcmp(order, "little") && strcmp(order, "big")))
        l_fail(L, LUNQ_VALUE, "MMIO only supports big and little endian.");
    return order && *order == 'b';
}

/* One that needs no other check than that of the window. */
static bool is_word_offset(uint64_t off)
{
    return off <= INT64_MAX && off % 4 == 0;
}

/* m:read(offset = 0, length = 4, word_order = "little"): one 32-bit access whatever the length,
 * two for length 8. The order of the checks is PYNQ's, but the range is checked whole, before the
 * first access. */
static L_SLOW int read_any(lua_State *L, struct lunq_mmio *m)
{
    struct lunq_error e;
    int is_int = 1;
    int64_t length = lua_isnoneornil(L, 3) ? 4 : lua_tointegerx(L, 3, &is_int);
    uint32_t w[2] = {0, 0};
    uint64_t off;
    bool big;
    closed(L, m);
    if (!is_int || (length != 1 && length != 2 && length != 4 && length != 8))
        return l_fail(L, LUNQ_VALUE, "MMIO currently only supports 1, 2, 4 and 8-byte reads.");
    if (!lua_isnoneornil(L, 2))
        l_checkoffset(L, 2);
    big = length == 8 && big_endian(L, 4);
    off = check_offset(L, 2, "read");
    if (lunq_mmio_read_block(m, off, 4, w, length == 8 ? 2 : 1, false, &e) < 0)
        return l_raise(L, &e);
    if (length == 8)
        lua_pushinteger(
            L, (lua_Integer)(big ? (uint64_t)w[0] << 32 | w[1] : (uint64_t)w[1] << 32 | w[0]));
    else
        lua_pushinteger(L, length == 4 ? w[0] : w[0] & ((1u << (8 * length)) - 1));
    return 1;
}

int l_bus_error(lua_State *L, struct lunq_mmio *m)
{
    struct lunq_error e;
    lunq_mmio_bus_error(m, &e);
    return l_raise(L, &e);
}

/* A word that is not mapped: the access goes to the device. */
static L_APART int read_word(lua_State *L, struct lunq_mmio *m, uint64_t off)
{
    struct lunq_error e;
    uint64_t v = 0;
    if (lunq_mmio_read(m, off, 4, &v, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, (lua_Integer)v);
    return 1;
}

/* m:read(offset = 0, length = 4, word_order = "little"): the register at a byte offset; 8 bytes are two
 * accesses, as in PYNQ. Raises `index` outside, `memory` for an offset that is no multiple of 4. */
static int mmio_read(lua_State *L)
{
    struct lunq_mmio *m = self(L)->m;
    if (lua_gettop(L) == 2) {
        int ok;
        uint64_t off = (uint64_t)lua_tointegerx(L, 2, &ok);
        if (ok && lunq_mmio_direct32(m, off)) {
            lua_pushinteger(L, *(volatile uint32_t *)(m->ptr + off));
            return __builtin_expect(lunq_bus_error, 0) ? l_bus_error(L, m) : 1;
        }
        if (ok && is_word_offset(off))
            return read_word(L, m, off);
    }
    return read_any(L, m);
}

/* The value at idx as a 32-bit word: -2^31 .. 2^32-1, integral floats allowed. */
static uint32_t check_data(lua_State *L, int idx)
{
    int ok;
    lua_Integer v = lua_tointegerx(L, idx, &ok);
    if (!ok || lua_type(L, idx) != LUA_TNUMBER)
        return (uint32_t)l_fail(L, LUNQ_VALUE, "Data type must be int or bytes.");
    if (v < INT32_MIN || v > UINT32_MAX)
        return (uint32_t)l_fail(L, LUNQ_VALUE,
                                "Data %" PRId64 " does not fit in 32 bits: it must be from -2^31 "
                                "to 2^32-1.",
                                (int64_t)v);
    return (uint32_t)v;
}

/* m:write(offset, data): data an integer, or a string as bytes, word by word. */
static L_SLOW int write_any(lua_State *L, struct lunq_mmio *m)
{
    struct lunq_error e;
    uint64_t off;
    int r;
    closed(L, m);
    if (lua_isnoneornil(L, 2))
        return l_fail(L, LUNQ_TYPE, "write needs an offset and data");
    off = check_offset(L, 2, "write");
    if (lua_type(L, 3) == LUA_TSTRING) {
        size_t len;
        const char *s = lua_tolstring(L, 3, &len);
        if (len % 4)
            return l_fail(L, LUNQ_MEMORY, "Unaligned write: data length must be multiple of 4.");
        r = lunq_mmio_write_block(m, off, 4, s, len / 4, false, &e);
    } else {
        r = lunq_mmio_write(m, off, 4, check_data(L, 3), &e);
    }
    return r < 0 ? l_raise(L, &e) : 0;
}

static L_APART int write_word(lua_State *L, struct lunq_mmio *m, uint64_t off, uint32_t v)
{
    struct lunq_error e;
    return lunq_mmio_write(m, off, 4, v, &e) < 0 ? l_raise(L, &e) : 0;
}

/* m:write(offset, value): writes an integer to the register at a byte offset, or a string of whole words
 * from it on. Raises as read does, before anything is written. */
static int mmio_write(lua_State *L)
{
    struct lunq_mmio *m = self(L)->m;
    if (lua_isinteger(L, 3)) { /* a string may look like a number, but means bytes */
        int ok;
        uint64_t off = (uint64_t)lua_tointegerx(L, 2, &ok);
        lua_Integer v = lua_tointeger(L, 3);
        ok = ok && v >= INT32_MIN && v <= UINT32_MAX;
        if (ok && lunq_mmio_direct32(m, off)) {
            *(volatile uint32_t *)(m->ptr + off) = (uint32_t)v;
            return __builtin_expect(lunq_bus_error, 0) ? l_bus_error(L, m) : 0;
        }
        if (ok && is_word_offset(off))
            return write_word(L, m, off, (uint32_t)v);
    }
    return write_any(L, m);
}

/* ---- exact width, update, poll -------------------------------------------------------------- */

static L_SLOW int read_width(lua_State *L, unsigned width)
{
    struct lunq_mmio *m = self(L)->m;
    struct lunq_error e;
    uint64_t v = 0, off = l_checkoffset(L, 2);
    if (lunq_mmio_read(m, off, width, &v, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, (lua_Integer)v);
    return 1;
}

static int write_width(lua_State *L, unsigned width)
{
    struct lunq_mmio *m = self(L)->m;
    struct lunq_error e;
    uint64_t off = l_checkoffset(L, 2), v = l_checkword(L, 3, width, "value");
    return lunq_mmio_write(m, off, width, v, &e) < 0 ? l_raise(L, &e) : 0;
}

static int mmio_read8(lua_State *L)
{
    return read_width(L, 1);
}

static int mmio_read16(lua_State *L)
{
    return read_width(L, 2);
}

static int mmio_read32(lua_State *L)
{
    struct lunq_mmio *m = self(L)->m;
    int ok;
    uint64_t off = (uint64_t)lua_tointegerx(L, 2, &ok);
    if (!ok || !lunq_mmio_direct32(m, off))
        return read_width(L, 4);
    lua_pushinteger(L, *(volatile uint32_t *)(m->ptr + off));
    return __builtin_expect(lunq_bus_error, 0) ? l_bus_error(L, m) : 1;
}

static int mmio_read64(lua_State *L)
{
    return read_width(L, 8);
}

static int mmio_write8(lua_State *L)
{
    return write_width(L, 1);
}

static int mmio_write16(lua_State *L)
{
    return write_width(L, 2);
}

static int mmio_write32(lua_State *L)
{
    return write_width(L, 4);
}

static int mmio_write64(lua_State *L)
{
    return write_width(L, 8);
}

/* m:update(offset, mask, value): reads, replaces the bits under mask, writes; the new word. */
static int mmio_update(lua_State *L)
{
    struct lunq_mmio *m = self(L)->m;
    struct lunq_error e;
    uint64_t off = l_checkoffset(L, 2);
    uint32_t mask = (uint32_t)l_checkword(L, 3, 4, "mask"), v = 0;
    uint32_t set = (uint32_t)l_checkword(L, 4, 4, "value");
    if (lunq_mmio_read32(m, off, &v, &e) < 0)
        return l_raise(L, &e);
    v = (v & ~mask) | (set & mask);
    if (lunq_mmio_write32(m, off, v, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, v);
    return 1;
}

struct poll {
    struct lunq_mmio *m; /* of the object at 1 */
    uint64_t off;
    double seconds;
    uint32_t mask, want, last;
};

static int poll_look(void *data, bool late, struct lunq_error *err)
{
    struct poll *p = data;
    return lunq_mmio_poll_look(p->m, p->off, p->mask, p->want, late ? &p->seconds : NULL, &p->last,
                               err);
}

static int poll_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)count;
    (void)when;
    lua_pushinteger(L, ((struct poll *)data)->last);
    return 1;
}

static const struct l_op poll_op = {.what = "a register to change",
                                    .size = sizeof(struct poll),
                                    .look = poll_look,
                                    .push = poll_push};

/* m:poll(offset, mask, value, timeout): the first word with (word & mask) == value. */
static int mmio_poll(lua_State *L)
{
    struct lunq_error e;
    struct poll p = {.m = self(L)->m, .off = l_checkoffset(L, 2)};
    p.mask = (uint32_t)l_checkword(L, 3, 4, "mask");
    p.want = (uint32_t)l_checkword(L, 4, 4, "value");
    p.seconds = l_opttimeout(L, 5);
    if (p.want & ~p.mask)
        return l_fail(L, LUNQ_VALUE,
                      "value 0x%" PRIx32 " has bits outside mask 0x%" PRIx32 ": it can't be met.",
                      p.want, p.mask);
    if (l_wait_shared(L))
        return l_wait(L, &poll_op, &p, p.m->closed ? NULL : p.m->dev, p.seconds, NULL);
    if (lunq_mmio_poll(p.m, p.off, p.mask, p.want, p.seconds, &p.last, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, p.last);
    return 1;
}

/* ---- life ---------------------------------------------------------------------------------- */

static int mmio_tostring(lua_State *L)
{
    const struct lunq_mmio *m = self(L)->m;
    char text[96];
    if (m->closed) {
        lua_pushliteral(L, "MMIO (closed)");
        return 1;
    }
    snprintf(text, sizeof text, "MMIO 0x%" PRIx64 "+0x%" PRIx64 " (", m->addr, m->asked);
    lua_pushfstring(L, "%s%s)", text, m->stale ? "stale" : m->dev->name);
    return 1;
}

/* m:close(): the fields go on saying what the window was. May be repeated. */
static int mmio_close(lua_State *L)
{
    struct l_mmio *u = self(L);
    lunq_mmio_close(u->m);
    lua_getiuservalue(L, 1, 1);
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "closed");
    return 0;
}

/* Closures and registers made from it may live on, so collection only drops the reference. What
 * runs after this (another object's finalizer) meets a closed window, not freed memory. */
static int mmio_gc(lua_State *L)
{
    struct l_mmio *u = l_testmmio(L, 1);
    if (u && u->m != &l_no_window) {
        struct lunq_mmio *m = u->m;
        u->m = &l_no_window;
        if (*known_slot(u) == u)
            *known_slot(u) = NULL;
        lunq_mmio_unref(m);
    }
    return 0;
}

static int no_such_method(lua_State *L) /* __index of the method table */
{
    if (lua_type(L, 2) == LUA_TSTRING && !strcmp(lua_tostring(L, 2), "array")) /* PYNQ's */
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "lunq.MMIO has no \"array\": m:read_block(offset, count) gives words, "
                      "m:write_block(offset, words) writes them");
    return l_no_such_name(L, "lunq.MMIO", 2, 1);
}

static int no_such_field(lua_State *L) /* __newindex of the object */
{
    return l_fail(L, LUNQ_ATTRIBUTE, "lunq.MMIO has no field '%s' that can be set",
                  luaL_tolstring(L, 2, NULL));
}

static const luaL_Reg methods[] = {{"read", mmio_read},       {"write", mmio_write},
                                   {"read8", mmio_read8},     {"read16", mmio_read16},
                                   {"read32", mmio_read32},   {"read64", mmio_read64},
                                   {"write8", mmio_write8},   {"write16", mmio_write16},
                                   {"write32", mmio_write32}, {"write64", mmio_write64},
                                   {"update", mmio_update},   {"poll", mmio_poll},
                                   {"close", mmio_close},     {NULL, NULL}};

static const luaL_Reg meta[] = {{"__gc", mmio_gc},
                                {"__close", mmio_close},
                                {"__tostring", mmio_tostring},
                                {"__newindex", no_such_field},
                                {NULL, NULL}};

/* Pushes the table of an object's own fields; below it, what is common. The two most frequent
 * methods are copied into it: they are found at the first look. */
static void push_fields(lua_State *L, int addr, int length, int device)
{
    lua_createtable(L, 0, 8);
    lua_pushcfunction(L, mmio_read); /* the first to come is found at the first probe */
    lua_setfield(L, -2, "read");
    lua_pushcfunction(L, mmio_write);
    lua_setfield(L, -2, "write");
    lua_pushvalue(L, addr);
    lua_setfield(L, -2, "base_addr");
    lua_pushvalue(L, length);
    lua_setfield(L, -2, "length");
    lua_pushvalue(L, device);
    lua_setfield(L, -2, "device");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "closed");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &fields_meta);
    lua_setmetatable(L, -2);
}

/* Gives the userdata on top its own metatable; the other arguments are at these indices. */
static void set_metatable(lua_State *L, int addr, int length, int device)
{
    lua_createtable(L, 0, 8);
    push_fields(L, addr, length, device);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, -4, 1);
    lua_setfield(L, -2, "__index"); /* first, as above */
    luaL_setfuncs(L, meta, 0);
    lua_pushliteral(L, "lunq.MMIO");
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__name");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

/* Replaces the table at 1 by the positional arguments. */
static void unpack_options(lua_State *L)
{
    static const char *const names[] = {"base_addr", "length", "device", "bound", "debug", NULL};
    lua_settop(L, 1);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        int i = 0;
        while (names[i] && strcmp(names[i], key))
            i++;
        if (!names[i])
            l_fail(L, LUNQ_TYPE, "MMIO has no option '%s' (base_addr, length, device, bound)",
                   luaL_tolstring(L, -2, NULL));
        if (!strcmp(key, "debug"))
            lunq_warn("deprecated", "Keyword debug has been deprecated.");
        lua_pop(L, 1);
    }
    for (int i = 0; i < 4; i++)
        lua_getfield(L, 1, names[i]);
    lua_remove(L, 1);
}

/* Pushes the device at index 3 or, for nil, the active one. */
static void push_device(lua_State *L)
{
    if (!lua_isnil(L, 3)) {
        lua_pushvalue(L, 3);
        return;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &l_core_key);
    lua_getfield(L, -1, "active_device");
    lua_remove(L, -2);
    lua_call(L, 0, 1);
}

/* The name at index 1 stands for the range of the device that has it; its size is the length when none is
 * said. */
static void resolve_name(lua_State *L, struct lunq_device *d)
{
    const char *name = lua_tostring(L, 1);
    struct lunq_device_range range = {NULL, 0, 0};
    char list[256] = "";
    size_t at = 0;
    for (size_t i = 0; d->ops->range && d->ops->range(d, i, &range); i++) {
        if (!strcmp(range.name, name)) {
            lua_pushinteger(L, (lua_Integer)range.base);
            lua_replace(L, 1);
            if (lua_isnil(L, 2)) {
                lua_pushinteger(L, (lua_Integer)range.size);
                lua_replace(L, 2);
            }
            return;
        }
        if (at < sizeof list)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", range.name);
    }
    if (at)
        l_fail(L, LUNQ_VALUE, "Device %s has no registers named \"%s\": it has %s, and addresses.",
               d->name, name, list);
    l_fail(L, LUNQ_VALUE, "Device %s has no registers named \"%s\": give an address.", d->name,
           name);
}

/* core.mmio(base_addr, length = 4, device = active, bound = false): a window of registers; takes a table
 * of these names, too. Instead of an address the name of one of device.ranges may stand. bound: the window belongs to an IP of the loaded design and ends with it. */
static int mmio_new(lua_State *L)
{
    struct lunq_error e;
    struct lunq_device *d;
    struct l_mmio *u;
    int64_t addr, length;
    if (lua_istable(L, 1))
        unpack_options(L);
    lua_settop(L, 4);
    d = l_device(L, 3);
    if (lua_type(L, 1) == LUA_TSTRING && !lua_isnumber(L, 1))
        resolve_name(L, d);
    addr = l_checkint(L, 1, "base_addr");
    length = l_optint(L, 2, "length", 4);
    if (addr < 0 || length < 0)
        return l_fail(L, LUNQ_VALUE, "Base address or length cannot be negative.");
    lua_pushinteger(L, addr);
    lua_pushinteger(L, length);
    push_device(L); /* 5, 6, 7: as the fields show them */
    u = lua_newuserdatauv(L, sizeof *u, 1);
    *u = (struct l_mmio){&l_mmio_tag, &l_no_window, 0};
    set_metatable(L, 5, 6, 7); /* collectable before it holds anything */
    if (lunq_mmio_open(&u->m, d, (uint64_t)addr, (uint64_t)length, lua_toboolean(L, 4), &e) < 0) {
        u->m = &l_no_window;
        return l_raise(L, &e);
    }
    return 1;
}

/* Pushes a new table { __index = the value on top }, which it replaces. */
static void wrap_index(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
}

static void make_types(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    luaL_setfuncs(L, l_block_methods, 0);
    luaL_setfuncs(L, l_batch_methods, 0);
    luaL_setfuncs(L, l_port_methods, 0);
    lua_pushcfunction(L, no_such_method);
    wrap_index(L);
    lua_setmetatable(L, -2);
    wrap_index(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &fields_meta);
}

void l_open_mmio(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &fields_meta) == LUA_TNIL)
        make_types(L);
    lua_pop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &fields_meta);
    lua_getfield(L, -1, "__index");
    lua_setfield(L, -3, "mmio_methods"); /* for help and completion */
    lua_pop(L, 1);
    lua_pushcfunction(L, mmio_new);
    lua_setfield(L, -2, "mmio");
    l_open_batch(L);
    l_open_bench(L);
}
