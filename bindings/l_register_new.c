/* l_register_new.c - making registers: core.register and core.register_at. */
#include <inttypes.h>
#include <string.h>

#include "l_register.h"

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

/* "read-only" -> L_RO, "write-only" -> L_WO, all else 0. */
static int access_of(lua_State *L, int spec)
{
    const char *s = lua_getfield(L, spec, "access") == LUA_TSTRING ? lua_tostring(L, -1) : "";
    int access = !strcmp(s, "read-only") ? L_RO : !strcmp(s, "write-only") ? L_WO : 0;
    lua_pop(L, 1);
    return access;
}

/* Enters the name and field on top of the stack; the last of equal names counts, as in the layout. */
static void add_slot(lua_State *L, struct l_register *u)
{
    struct l_slot *s = l_slot_of(u, lua_topointer(L, -2));
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
    lua_pushinteger(L, shift | (width - 1) << L_SHIFT_BITS | access_of(L, spec));
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
    lua_rawseti(L, layout, L_NAME);
    u->unread = lua_getfield(L, spec, "unread") == LUA_TSTRING;
    lua_rawseti(L, layout, L_UNREAD);
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
int l_register_at(lua_State *L)
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
    u->view =
        (struct lunq_register_view){(uint64_t)off, (unsigned)width, !u->absent && access != L_WO,
                                    !u->absent && access != L_RO, (uint64_t)number(L, 2, "act", 0)};
    u->plain = width == 32 && u->view.readable && u->view.writable;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, L_WINDOW);
    make_layout(L, 2, u, n);
    lua_setiuservalue(L, 3, L_LAYOUT);
    return 1;
}

/* core.register(address, width = 32, device = active): takes a table of these names, with `access`
 * and `debug` too: a register of its own at an address, with an MMIO of its own. */
int l_register_new(lua_State *L)
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
    lua_pushcfunction(L, l_register_at);
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
