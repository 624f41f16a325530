/* l_register.c - lunq.Register: one register with named fields, over host/core/register.h.
 *   local r = lunq.Register(0x40000000)        -- address, width = 32, device = active
 *   r[4]          r[4] = 1                      -- one bit
 *   r:bits(31, 13)   r:bits(31, 13, v)          -- both ends count; mirrored when the first is lower
 *   r["31:13"]    r["31:13"] = v                -- the same as PYNQ writes it
 *   r.AP_START    r.AP_START = 1                -- a field; the write keeps the other fields
 *   r:get()       r:set(v)                      -- whole
 *   r:set { AP_START = 1, AUTO_RESTART = 0 }    -- several fields, one read and one write
 *   r:fields() --> { AP_START = 0, ... }        r:info() --> { name =, address =, ... }
 * Fields win over methods of the same name; core.register.get(r), .set(r, v) ... always work.
 * Registers of a map are made by core.register_at; see lua/lunq/register_map.lua. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/core/register.h"
#include "l_mmio.h"

/* A field as an integer in the layout: bit offset, width - 1, access. */
enum { SHIFT_BITS = 6, WIDTH_BITS = 6, RO = 1 << 12, WO = 1 << 13 };

/* Names of up to 40 characters are one object each in a Lua state: a field is found by the address
 * of its name, without a look into a Lua table. */
struct slot {
    const void *name; /* lua_topointer of a string that the layout keeps alive; NULL: free */
    lua_Integer field;
};

/* User value 1 is the layout: field name -> integer above, 1.. -> names in order, and the texts
 * below. User value 2 is the MMIO, which so lives as long as the register. */
enum { LAYOUT = 1, WINDOW = 2 };
enum { NAME = 0, UNREAD = -1 };

struct l_register {
    struct l_mmio *window;
    struct lunq_register_view view;
    bool absent; /* not in this configuration of the IP: never accessed */
    bool unread; /* text UNREAD says why printing does not read it */
    bool debug;
    bool plain; /* 32 bits, readable and writable: the inlined accesses do */
    unsigned n_fields;
    unsigned mask;       /* number of slots - 1; slots are a power of two, at most half used */
    struct slot slots[]; /* hashed by address */
};

static unsigned field_shift(lua_Integer f)
{
    return (unsigned)f & ((1u << SHIFT_BITS) - 1);
}

static unsigned field_width(lua_Integer f)
{
    return ((unsigned)f >> SHIFT_BITS & ((1u << WIDTH_BITS) - 1)) + 1;
}

static inline struct slot *slot_of(struct l_register *u, const void *name)
{
    unsigned i = (unsigned)((uintptr_t)name / 16) & u->mask;
    while (u->slots[i].name != name && u->slots[i].name)
        i = (i + 1) & u->mask;
    return &u->slots[i];
}

/* ---- access and its errors ------------------------------------------------------------------ */

/* The name for messages: "register CTRL", or "register at 0x40000000". */
static const char *push_name(lua_State *L, const struct l_register *u)
{
    char at[32];
    lua_getiuservalue(L, 1, LAYOUT);
    if (lua_rawgeti(L, -1, NAME) == LUA_TSTRING)
        return lua_pushfstring(L, "register %s", lua_tostring(L, -1));
    snprintf(at, sizeof at, "0x%" PRIx64, u->window->m->addr + u->view.off);
    return lua_pushfstring(L, "register at %s", at);
}

static int fail(lua_State *L, const struct l_register *u, const struct lunq_error *e)
{
    if (u->absent)
        return l_fail(L, LUNQ_ATTRIBUTE, "%s does not exist in this configuration of the IP",
                      push_name(L, u));
    if (e->kind == LUNQ_ATTRIBUTE)
        return l_fail(L, LUNQ_ATTRIBUTE, "%s is %s", push_name(L, u),
                      u->view.readable ? "read-only" : "write-only");
    return l_raise(L, e);
}

static L_SLOW uint64_t get_any(lua_State *L, struct l_register *u)
{
    struct lunq_error e;
    uint64_t v = 0;
    if (lunq_register_read(u->window->m, &u->view, &v, &e) < 0)
        fail(L, u, &e);
    return v;
}

static inline uint64_t get(lua_State *L, struct l_register *u)
{
    const struct lunq_mmio *m = u->window->m;
    if (u->plain && lunq_mmio_direct32(m, u->view.off))
        return *(volatile uint32_t *)(m->ptr + u->view.off);
    return get_any(L, u);
}

static L_SLOW void update_any(lua_State *L, struct l_register *u, uint64_t mask, uint64_t value)
{
    struct lunq_error e;
    if (lunq_register_update(u->window->m, &u->view, mask, value, &e) < 0)
        fail(L, u, &e);
}

static inline void update(lua_State *L, struct l_register *u, uint64_t mask, uint64_t value)
{
    const struct lunq_mmio *m = u->window->m;
    uint32_t keep = (uint32_t)(~mask & ~u->view.act);
    if (u->plain && keep != 0 && lunq_mmio_direct32(m, u->view.off)) {
        volatile uint32_t *p = (volatile uint32_t *)(m->ptr + u->view.off);
        *p = (*p & keep) | (uint32_t)value;
        return;
    }
    update_any(L, u, mask, value);
}

/* ---- values --------------------------------------------------------------------------------- */

/* The value at idx for `width` bits; named fields say their name. Negative numbers are refused,
 * except for 64 bits, which are a Lua integer as they are. */
static uint64_t check_value(lua_State *L, int idx, unsigned width, const char *field)
{
    int64_t v = lua_isboolean(L, idx) ? lua_toboolean(L, idx) : l_checkint(L, idx, "value");
    if (width == 64 || (v >= 0 && (uint64_t)v <= lunq_ones(width)))
        return (uint64_t)v;
    if (!field)
        return (uint64_t)l_fail(L, LUNQ_VALUE, "Slicing range cannot represent value %" PRId64, v);
    return (uint64_t)l_fail(L, LUNQ_VALUE,
                            "Slicing range cannot represent value %" PRId64
                            ": field %s has %u bit%s", v, field, width, width == 1 ? "" : "s");
}

static void debug(lua_State *L, const struct l_register *u, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As PYNQ's debug flag: each access by bit number is printed. */
static void debug(lua_State *L, const struct l_register *u, const char *format, ...)
{
    char text[160];
    va_list ap;
    if (!u->debug)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    lua_getglobal(L, "print");
    lua_pushfstring(L, "Register Debug: %s", text);
    lua_call(L, 1, 0);
}

/* ---- bits ----------------------------------------------------------------------------------- */

struct slice {
    unsigned low, width;
    bool reversed;
};

static unsigned check_end(lua_State *L, int64_t end, unsigned width)
{
    if (end < 0 || end >= width)
        l_fail(L, LUNQ_VALUE, "Slicing endpoint %" PRId64 " not in range 0 - %u", end, width - 1);
    return (unsigned)end;
}

static struct slice make_slice(lua_State *L, unsigned width, int64_t first, int64_t last)
{
    unsigned a = check_end(L, first, width), b = check_end(L, last, width);
    return a < b ? (struct slice){a, b - a + 1, true} : (struct slice){b, a - b + 1, false};
}

static uint64_t slice_of(const struct slice *s, uint64_t v)
{
    v = v >> s->low & lunq_ones(s->width);
    return s->reversed ? lunq_mirror(v, s->width) : v;
}

static void push_slice(lua_State *L, struct l_register *u, const struct slice *s)
{
    debug(L, u, "Reading bits %u:%u at address 0x%" PRIx64, s->low + s->width - 1, s->low,
          u->window->m->addr + u->view.off);
    lua_pushinteger(L, (lua_Integer)slice_of(s, get(L, u)));
}

static void set_slice(lua_State *L, struct l_register *u, const struct slice *s, int value)
{
    uint64_t v = check_value(L, value, s->width, NULL);
    debug(L, u, "Setting bits %u:%u at address 0x%" PRIx64 " to %" PRIu64, s->low + s->width - 1,
          s->low, u->window->m->addr + u->view.off, v);
    if (s->reversed)
        v = lunq_mirror(v, s->width);
    update(L, u, lunq_ones(s->width) << s->low, v << s->low);
}

/* One end of "first:last:step": *p moves behind it. False when nothing is written there. */
static bool slice_number(lua_State *L, const char **p, int64_t *n)
{
    char *end;
    if (**p == ':' || **p == '\0')
        return false;
    *n = strtoll(*p, &end, 0);
    if (end == *p || (*end != ':' && *end != '\0'))
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    *p = end;
    return true;
}

/* PYNQ's slice as text: "7:4", "15:", ":16", ":", "::1". Ends left out are the register's own,
 * high to low, or low to high with step 1. */
static struct slice parse_slice(lua_State *L, unsigned width, const char *p)
{
    int64_t first = 0, last = 0, step = -1;
    bool has_first = slice_number(L, &p, &first), has_last, has_step;
    if (*p++ != ':')
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    has_last = slice_number(L, &p, &last);
    has_step = *p == ':' && (p++, slice_number(L, &p, &step));
    if (*p != '\0' || (has_step && step != 1 && step != -1))
        l_fail(L, LUNQ_VALUE, "Slicing step is not valid.");
    if (!has_first)
        first = step == 1 ? 0 : width - 1;
    if (!has_last)
        last = step == 1 ? width - 1 : 0;
    return make_slice(L, width, first, last);
}

/* r:bits(first = MSB, last = 0[, value]) */
static int register_bits(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    unsigned width = u->view.width;
    struct slice s;
    for (int i = 2; i <= 3; i++)
        if (!lua_isnoneornil(L, i) && !lua_isinteger(L, i))
            return l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    s = make_slice(L, width, lua_isnoneornil(L, 2) ? width - 1 : lua_tointeger(L, 2),
                   lua_isnoneornil(L, 3) ? 0 : lua_tointeger(L, 3));
    if (lua_gettop(L) < 4) {
        push_slice(L, u, &s);
        return 1;
    }
    set_slice(L, u, &s, 4);
    return 0;
}

/* r[key] where key is no field: a bit number or a slice in text. */
static int push_indexed(lua_State *L, struct l_register *u)
{
    struct slice s;
    if (lua_isinteger(L, 2)) {
        unsigned bit = check_end(L, lua_tointeger(L, 2), u->view.width);
        debug(L, u, "Reading index %u at address 0x%" PRIx64, bit,
              u->window->m->addr + u->view.off);
        lua_pushinteger(L, (lua_Integer)(get(L, u) >> bit & 1));
        return 1;
    }
    s = parse_slice(L, u->view.width, lua_tostring(L, 2));
    push_slice(L, u, &s);
    return 1;
}

static int set_indexed(lua_State *L, struct l_register *u)
{
    struct slice s;
    if (lua_isinteger(L, 2)) {
        unsigned bit = check_end(L, lua_tointeger(L, 2), u->view.width);
        int64_t v = lua_isboolean(L, 3) ? lua_toboolean(L, 3) : l_checkint(L, 3, "value");
        if (v != 0 && v != 1)
            return l_fail(L, LUNQ_VALUE, "Value to be set should be either 0 or 1.");
        debug(L, u, "Setting bit %u at address 0x%" PRIx64 " to %" PRId64, bit,
              u->window->m->addr + u->view.off, v);
        update(L, u, UINT64_C(1) << bit, (uint64_t)v << bit);
        return 0;
    }
    s = parse_slice(L, u->view.width, lua_tostring(L, 2));
    set_slice(L, u, &s, 3);
    return 0;
}

/* A bit number or a slice, and no name? Raises for what can't be an index at all. */
static bool is_indexed(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        return strchr(lua_tostring(L, 2), ':') != NULL;
    if (!lua_isinteger(L, 2))
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    return true;
}

/* ---- fields --------------------------------------------------------------------------------- */

static int no_such_field(lua_State *L, struct l_register *u)
{
    const char *name = push_name(L, u);
    lua_getiuservalue(L, 1, LAYOUT);
    return l_no_such_name(L, name, 2, -1);
}

/* Fields whose names are too long to be one object are found in the layout. */
static bool find_long_name(lua_State *L, lua_Integer *f)
{
    bool found;
    if (lua_type(L, 2) != LUA_TSTRING || lua_rawlen(L, 2) <= 40)
        return false;
    lua_getiuservalue(L, 1, LAYOUT);
    lua_pushvalue(L, 2);
    found = lua_rawget(L, -2) == LUA_TNUMBER;
    *f = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return found;
}

/* Metamethods get the register itself: __metatable hides them from scripts, so no self check. */
static int register_index(lua_State *L)
{
    struct l_register *u = lua_touserdata(L, 1);
    const struct slot *s = slot_of(u, lua_topointer(L, 2));
    lua_Integer f = s->field;
    if (s->name || find_long_name(L, &f)) {
        lua_pushinteger(L, (lua_Integer)(get(L, u) >> field_shift(f) & lunq_ones(field_width(f))));
        return 1;
    }
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    return is_indexed(L) ? push_indexed(L, u) : no_such_field(L, u);
}

/* The field named by the string at `key`, with what a write needs checked. */
static uint64_t writable_field(lua_State *L, struct l_register *u, int key, int value, uint64_t *mask)
{
    lua_Integer f;
    uint64_t v;
    lua_getiuservalue(L, 1, LAYOUT);
    lua_pushvalue(L, key);
    if (lua_type(L, key) != LUA_TSTRING || lua_rawget(L, -2) != LUA_TNUMBER) {
        const char *name = push_name(L, u);
        lua_getiuservalue(L, 1, LAYOUT);
        l_no_such_name(L, name, key, -1);
    }
    f = lua_tointeger(L, -1);
    lua_pop(L, 2);
    if (f & RO)
        l_fail(L, LUNQ_ATTRIBUTE, "field %s of %s is read-only", lua_tostring(L, key),
               push_name(L, u));
    v = check_value(L, value, field_width(f), lua_tostring(L, key));
    *mask = lunq_ones(field_width(f)) << field_shift(f);
    return v << field_shift(f);
}

static int register_newindex(lua_State *L)
{
    struct l_register *u = lua_touserdata(L, 1);
    const struct slot *s = slot_of(u, lua_topointer(L, 2));
    uint64_t mask, v;
    lua_Integer f = s->field;
    if (s->name || find_long_name(L, &f)) {
        lua_Integer x = lua_tointeger(L, 3);
        unsigned w = field_width(f);
        if (!(f & RO) && w < 64 && lua_isinteger(L, 3) && x >= 0 && (uint64_t)x <= lunq_ones(w)) {
            update(L, u, lunq_ones(w) << field_shift(f), (uint64_t)x << field_shift(f));
            return 0;
        }
    } else if (is_indexed(L)) {
        return set_indexed(L, u);
    }
    v = writable_field(L, u, 2, 3, &mask);
    update(L, u, mask, v);
    return 0;
}

/* ---- methods -------------------------------------------------------------------------------- */

static int register_get(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)get(L, l_check(L, 1, L_REGISTER)));
    return 1;
}

/* r:set(value) writes it whole; r:set{ NAME = value } these fields with one read and one write.
 * Everything is checked before the first access. */
static int register_set(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    uint64_t mask = 0, value = 0;
    if (!lua_istable(L, 2)) {
        value = check_value(L, 2, u->view.width, NULL);
        update(L, u, lunq_ones(u->view.width), value);
        return 0;
    }
    lua_settop(L, 2);
    lua_pushnil(L);
    while (lua_next(L, 2)) { /* 3 = name, 4 = value */
        uint64_t field;
        value |= writable_field(L, u, 3, 4, &field);
        mask |= field;
        lua_settop(L, 3);
    }
    if (mask != 0)
        update(L, u, mask, value);
    return 0;
}

/* Pushes the name of field i (from 1) and returns its layout integer. The layout is on top. */
static lua_Integer push_field(lua_State *L, unsigned i)
{
    lua_Integer f;
    lua_rawgeti(L, -1, i); /* layout, name */
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    f = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return f;
}

/* r:fields(): all fields that can be read, by one read. */
static int register_fields(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    uint64_t v = get(L, u);
    lua_createtable(L, 0, (int)u->n_fields);
    lua_getiuservalue(L, 1, LAYOUT);
    for (unsigned i = 1; i <= u->n_fields; i++) { /* result, layout */
        lua_Integer f = push_field(L, i);
        if (!(f & WO)) {
            lua_pushinteger(L, (lua_Integer)(v >> field_shift(f) & lunq_ones(field_width(f))));
            lua_rawset(L, -4);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    return 1;
}

static void push_field_info(lua_State *L, lua_Integer f)
{
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, field_shift(f));
    lua_setfield(L, -2, "bit_offset");
    lua_pushinteger(L, field_width(f));
    lua_setfield(L, -2, "bit_width");
    lua_pushstring(L, f & RO ? "read-only" : f & WO ? "write-only" : "read-write");
    lua_setfield(L, -2, "access");
}

/* r:info(): what is known without touching the hardware. `fields` is a list of names in order,
 * and by name their bits. */
static int register_info(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    lua_createtable(L, 0, 8);
    lua_getiuservalue(L, 1, LAYOUT); /* info, layout */
    lua_rawgeti(L, -1, NAME);
    lua_setfield(L, -3, "name");
    lua_rawgeti(L, -1, UNREAD);
    lua_setfield(L, -3, "unread");
    lua_createtable(L, (int)u->n_fields, (int)u->n_fields);
    lua_insert(L, -2); /* info, fields, layout */
    for (unsigned i = 1; i <= u->n_fields; i++) {
        lua_Integer f = push_field(L, i);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -4, i);
        push_field_info(L, f);
        lua_rawset(L, -4);
    }
    lua_pop(L, 1);
    lua_setfield(L, -2, "fields");
    lua_pushinteger(L, (lua_Integer)(u->window->m->addr + u->view.off));
    lua_setfield(L, -2, "address");
    lua_pushinteger(L, (lua_Integer)u->view.off);
    lua_setfield(L, -2, "offset");
    lua_pushinteger(L, u->view.width);
    lua_setfield(L, -2, "width");
    lua_pushstring(L, u->absent           ? "absent"
                      : !u->view.writable ? "read-only"
                      : !u->view.readable ? "write-only"
                                          : "read-write");
    lua_setfield(L, -2, "access");
    return 1;
}

/* ---- text ----------------------------------------------------------------------------------- */

static void add_unsigned(luaL_Buffer *b, uint64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, v);
    luaL_addstring(b, text);
}

/* Why printing does not read it, or NULL. The layout is at 2. */
static const char *why_unread(lua_State *L, const struct l_register *u)
{
    if (u->absent)
        return "not in this configuration";
    if (!u->unread)
        return NULL;
    lua_rawgeti(L, 2, UNREAD);
    return lua_pushfstring(L, "not read: %s", lua_tostring(L, -1));
}

/* Adds "NAME=value" of field i; v is NULL when the register can't be read. The layout is at 2. */
static void add_field_text(lua_State *L, luaL_Buffer *b, unsigned i, const uint64_t *v)
{
    lua_Integer f;
    lua_pushvalue(L, 2);
    f = push_field(L, i);
    lua_remove(L, -2);
    luaL_addvalue(b);
    luaL_addchar(b, '=');
    if (!v || (f & WO))
        luaL_addstring(b, "write-only");
    else
        add_unsigned(b, *v >> field_shift(f) & lunq_ones(field_width(f)));
}

/* PYNQ's repr. Never reads what a read changes, and never raises for what the bus says. */
static int register_tostring(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    struct lunq_error e;
    uint64_t word = 0, *v = u->view.readable ? &word : NULL;
    const char *why;
    luaL_Buffer b;
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, LAYOUT);
    why = why_unread(L, u);
    if (!why && v && lunq_register_read(u->window->m, &u->view, v, &e) < 0)
        why = lua_pushfstring(L, "not read: %s", e.message);
    if (why) {
        lua_pushfstring(L, "Register(<%s>)", why);
        return 1;
    }
    luaL_buffinit(L, &b);
    luaL_addstring(&b, u->n_fields ? "Register(" : "Register(value=");
    for (unsigned i = 1; i <= u->n_fields; i++) {
        if (i > 1)
            luaL_addstring(&b, ", ");
        add_field_text(L, &b, i, v);
    }
    if (!u->n_fields && v)
        add_unsigned(&b, word);
    else if (!u->n_fields)
        luaL_addstring(&b, "write-only");
    luaL_addchar(&b, ')');
    luaL_pushresult(&b);
    return 1;
}

/* pairs(r): names and values of the fields in order, from one read at the start. */
static int next_field(lua_State *L) /* upvalues: layout, word, index; the state is the register */
{
    unsigned i = (unsigned)lua_tointeger(L, lua_upvalueindex(3));
    uint64_t v = (uint64_t)lua_tointeger(L, lua_upvalueindex(2));
    lua_pushvalue(L, lua_upvalueindex(1));
    for (;;) {
        lua_Integer f;
        if (lua_rawgeti(L, -1, ++i) == LUA_TNIL)
            return 1;
        lua_pop(L, 1);
        f = push_field(L, i);
        if (!(f & WO)) {
            lua_pushinteger(L, i);
            lua_replace(L, lua_upvalueindex(3));
            lua_pushinteger(L, (lua_Integer)(v >> field_shift(f) & lunq_ones(field_width(f))));
            return 2;
        }
        lua_pop(L, 1);
    }
}

static int register_pairs(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    lua_getiuservalue(L, 1, LAYOUT);
    lua_pushinteger(L, (lua_Integer)get(L, u));
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_field, 3);
    return 1;
}

/* ---- making them ---------------------------------------------------------------------------- */

static bool flag(lua_State *L, int spec, const char *name)
{
    bool on = (lua_getfield(L, spec, name), lua_toboolean(L, -1));
    lua_pop(L, 1);
    return on;
}

static int64_t number(lua_State *L, int spec, const char *name, int64_t otherwise)
{
    lua_getfield(L, spec, name);
    otherwise = l_optint(L, -1, name, otherwise);
    lua_pop(L, 1);
    return otherwise;
}

/* "read-only" -> RO, "write-only" -> WO, all else 0. */
static int access_of(lua_State *L, int spec)
{
    const char *s = lua_getfield(L, spec, "access") == LUA_TSTRING ? lua_tostring(L, -1) : "";
    int access = !strcmp(s, "read-only") ? RO : !strcmp(s, "write-only") ? WO : 0;
    lua_pop(L, 1);
    return access;
}

/* Enters the name and field on top of the stack; the last of equal names counts, as in the layout. */
static void add_slot(lua_State *L, struct l_register *u)
{
    struct slot *s = slot_of(u, lua_topointer(L, -2));
    s->name = lua_topointer(L, -2);
    s->field = lua_tointeger(L, -1);
}

enum { MAX_FIELDS = 64 }; /* one per bit */

/* How many fields the spec has, of those that count. */
static unsigned count_fields(lua_State *L, int spec)
{
    lua_Unsigned n = lua_getfield(L, spec, "fields") == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    lua_pop(L, 1);
    return n < MAX_FIELDS ? (unsigned)n : MAX_FIELDS;
}

/* Adds the field whose table { name =, bit_offset =, bit_width =, access = } is on top. */
static void add_field(lua_State *L, int layout, struct l_register *u)
{
    int spec = lua_gettop(L);
    int64_t shift = number(L, spec, "bit_offset", 0), width = number(L, spec, "bit_width", 1);
    const char *name = lua_getfield(L, spec, "name") == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (!name || strchr(name, ':'))
        l_fail(L, LUNQ_VALUE, "a field needs a name without ':'");
    if (shift < 0 || width < 1 || shift >= u->view.width || width > u->view.width - shift)
        l_fail(L, LUNQ_VALUE, "field %s: bits %" PRId64 " to %" PRId64 " are outside %u bits", name,
               shift, shift + width - 1, u->view.width);
    lua_pushvalue(L, -1);
    lua_pushinteger(L, shift | (width - 1) << SHIFT_BITS | access_of(L, spec));
    add_slot(L, u);
    lua_rawset(L, layout);
    lua_rawseti(L, layout, ++u->n_fields);
    lua_settop(L, spec - 1);
}

static void make_layout(lua_State *L, int spec, struct l_register *u, unsigned n)
{
    int layout;
    lua_newtable(L);
    layout = lua_gettop(L);
    lua_getfield(L, spec, "name");
    lua_rawseti(L, layout, NAME);
    u->unread = lua_getfield(L, spec, "unread") == LUA_TSTRING;
    lua_rawseti(L, layout, UNREAD);
    if (lua_getfield(L, spec, "fields") == LUA_TTABLE) {
        for (unsigned i = 1; i <= n; i++) {
            if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
                l_fail(L, LUNQ_TYPE, "field %u should be a table", i);
            add_field(L, layout, u);
        }
    }
    lua_settop(L, layout);
}

static void check_width(lua_State *L, int64_t width)
{
    if (width != 32 && width != 64)
        l_fail(L, LUNQ_VALUE, "Supported register width is 32 or 64.");
}

/* core.register_at(mmio, spec): spec = { offset =, width = 32, name =, access =, act = mask of
 * bits an update writes 0, unread = why printing does not read it, absent = true, debug = true,
 * fields = { { name =, bit_offset =, bit_width =, access = }, ... } }. */
static int register_at(lua_State *L)
{
    struct l_register *u;
    struct l_mmio *window;
    int64_t off, width;
    unsigned n, slots = 2;
    int access;
    l_checkmmio(L, 1);
    if (!lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE, "spec should be a table, not %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    window = l_testmmio(L, 1);
    off = number(L, 2, "offset", 0);
    width = number(L, 2, "width", 32);
    check_width(L, width);
    if (off < 0)
        return l_fail(L, LUNQ_VALUE, "Offset cannot be negative.");
    n = count_fields(L, 2);
    while (slots < 2 * n)
        slots *= 2;
    u = l_new(L, L_REGISTER, sizeof *u + slots * sizeof *u->slots, 2);
    u->mask = slots - 1;
    access = access_of(L, 2);
    u->window = window;
    u->absent = flag(L, 2, "absent");
    u->debug = flag(L, 2, "debug");
    u->view = (struct lunq_register_view){(uint64_t)off, (unsigned)width,
                                          !u->absent && access != WO, !u->absent && access != RO,
                                          (uint64_t)number(L, 2, "act", 0)};
    u->plain = width == 32 && u->view.readable && u->view.writable;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, WINDOW);
    make_layout(L, 2, u, n);
    lua_setiuservalue(L, 3, LAYOUT);
    return 1;
}

/* core.register(address, width = 32, device = active), or a table of these names with `access`
 * and `debug` too: a register of its own at an address, with an MMIO of its own. */
static int register_new(lua_State *L)
{
    lua_remove(L, 1); /* the table that was called */
    if (!lua_istable(L, 1)) {
        lua_settop(L, 3);
        lua_createtable(L, 0, 4);
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"address", "width", "device"};
            lua_pushvalue(L, i + 1);
            lua_setfield(L, 4, names[i]);
        }
        lua_replace(L, 1);
    }
    lua_settop(L, 1);
    check_width(L, number(L, 1, "width", 32));
    lua_rawgetp(L, LUA_REGISTRYINDEX, &l_core_key);
    lua_getfield(L, 2, "mmio");
    lua_getfield(L, 1, "address");
    lua_pushinteger(L, number(L, 1, "width", 32) / 8);
    lua_getfield(L, 1, "device");
    lua_call(L, 3, 1); /* spec, core, mmio */
    lua_pushcfunction(L, register_at);
    lua_insert(L, 3);
    lua_createtable(L, 0, 3);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"width", "access", "debug"};
        lua_getfield(L, 1, names[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_call(L, 2, 1);
    return 1;
}

/* core.register.count(index, width = 32): how many bits an index or slice covers. */
static int register_count(lua_State *L)
{
    int64_t width = l_optint(L, 2, "width", 32);
    check_width(L, width);
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1); /* the index is at 2, where is_indexed looks */
    if (lua_isinteger(L, 2)) {
        check_end(L, lua_tointeger(L, 2), (unsigned)width);
        lua_pushinteger(L, 1);
    } else if (is_indexed(L)) {
        lua_pushinteger(L, parse_slice(L, (unsigned)width, lua_tostring(L, 2)).width);
    } else {
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    }
    return 1;
}

static const luaL_Reg methods[] = {{"get", register_get},       {"set", register_set},
                                   {"bits", register_bits},     {"fields", register_fields},
                                   {"info", register_info},     {NULL, NULL}};

static const luaL_Reg meta[] = {{"__tostring", register_tostring},
                                {"__newindex", register_newindex},
                                {"__pairs", register_pairs},
                                {NULL, NULL}};

void l_open_register(lua_State *L)
{
    l_type(L, L_REGISTER, "lunq.Register", methods, meta);
    luaL_getmetatable(L, "lunq.Register");
    lua_getfield(L, -1, "methods");
    lua_pushcclosure(L, register_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_newtable(L); /* core.register: called, it makes one; its fields work on any */
    luaL_setfuncs(L, methods, 0);
    lua_pushcfunction(L, register_count);
    lua_setfield(L, -2, "count");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, register_new);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "register");
    lua_pushcfunction(L, register_at);
    lua_setfield(L, -2, "register_at");
}
