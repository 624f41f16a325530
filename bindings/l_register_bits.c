/* l_register_bits.c - bits of a register by number, and PYNQ's slices as text. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l_register.h"

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
    lua_pushinteger(L, (lua_Integer)slice_of(s, l_register_get(L, u)));
}

static void set_slice(lua_State *L, struct l_register *u, const struct slice *s, int value)
{
    uint64_t v = l_check_value(L, value, s->width, NULL);
    debug(L, u, "Setting bits %u:%u at address 0x%" PRIx64 " to %" PRIu64, s->low + s->width - 1,
          s->low, u->window->m->addr + u->view.off, v);
    if (s->reversed)
        v = lunq_mirror(v, s->width);
    l_register_update(L, u, lunq_ones(s->width) << s->low, v << s->low);
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

/* r:bits(first = MSB, last = 0[, value]): bits first to last as a number, or writes them. */
int l_register_bits(lua_State *L)
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

int l_push_indexed(lua_State *L, struct l_register *u)
{
    struct slice s;
    if (lua_isinteger(L, 2)) {
        unsigned bit = check_end(L, lua_tointeger(L, 2), u->view.width);
        debug(L, u, "Reading index %u at address 0x%" PRIx64, bit,
              u->window->m->addr + u->view.off);
        lua_pushinteger(L, (lua_Integer)(l_register_get(L, u) >> bit & 1));
        return 1;
    }
    s = parse_slice(L, u->view.width, lua_tostring(L, 2));
    push_slice(L, u, &s);
    return 1;
}

int l_set_indexed(lua_State *L, struct l_register *u)
{
    struct slice s;
    if (lua_isinteger(L, 2)) {
        unsigned bit = check_end(L, lua_tointeger(L, 2), u->view.width);
        int64_t v = lua_isboolean(L, 3) ? lua_toboolean(L, 3) : l_checkint(L, 3, "value");
        if (v != 0 && v != 1)
            return l_fail(L, LUNQ_VALUE, "Value to be set should be either 0 or 1.");
        debug(L, u, "Setting bit %u at address 0x%" PRIx64 " to %" PRId64, bit,
              u->window->m->addr + u->view.off, v);
        l_register_update(L, u, UINT64_C(1) << bit, (uint64_t)v << bit);
        return 0;
    }
    s = parse_slice(L, u->view.width, lua_tostring(L, 2));
    set_slice(L, u, &s, 3);
    return 0;
}

bool l_is_indexed(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        return strchr(lua_tostring(L, 2), ':') != NULL;
    if (!lua_isinteger(L, 2))
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    return true;
}

/* core.register.count(index, width = 32): how many bits an index or slice covers. */
int l_register_count(lua_State *L)
{
    int64_t width = l_optint(L, 2, "width", 32);
    if (width != 32 && width != 64)
        return l_fail(L, LUNQ_VALUE, "Supported register width is 32 or 64.");
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_insert(L, 1); /* the index is at 2, where l_is_indexed looks */
    if (lua_isinteger(L, 2)) {
        check_end(L, lua_tointeger(L, 2), (unsigned)width);
        lua_pushinteger(L, 1);
    } else if (l_is_indexed(L)) {
        lua_pushinteger(L, parse_slice(L, (unsigned)width, lua_tostring(L, 2)).width);
    } else {
        l_fail(L, LUNQ_VALUE, "Index must be int or slice.");
    }
    return 1;
}
