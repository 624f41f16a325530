/* l_register.c - lunq.Register: one register with named fields, over host/core/register.h.
 *   local r = lunq.Register(0x40000000)        -- address, width = 32, device = active
 *   r[4]          r[4] = 1                      -- one bit
 *   r:bits(31, 13)   r:bits(31, 13, v)          -- both ends count; mirrored when the first is lower
 *   r["31:13"]    r["31:13"] = v                -- the same as PYNQ writes it
 *   r.AP_START    r.AP_START = 1                -- a field; the write keeps the other fields
 *   r:get()       r:set(v)                      -- the whole register
 *   r:set { AP_START = 1, AUTO_RESTART = 0 }    -- several fields, one read and one write
 *   r:fields() --> { AP_START = 0, ... }        r:info() --> { name =, address =, ... }
 * Fields win over methods of the same name; core.register.get(r), .set(r, v) ... always work.
 * Registers of a map are made by core.register_at; see lua/lunq/register_map.lua. */
#include <inttypes.h>
#include <stdio.h>

#include "l_register.h"

/* ---- access and its errors ------------------------------------------------------------------ */

const char *l_push_register(lua_State *L, const struct l_register *u)
{
    char at[32];
    lua_getiuservalue(L, 1, L_LAYOUT);
    if (lua_rawgeti(L, -1, L_NAME) == LUA_TSTRING)
        return lua_pushfstring(L, "register %s", lua_tostring(L, -1));
    snprintf(at, sizeof at, "0x%" PRIx64, u->window->m->addr + u->view.off);
    return lua_pushfstring(L, "register at %s", at);
}

static int fail(lua_State *L, const struct l_register *u, const struct lunq_error *e)
{
    if (u->absent)
        return l_fail(L, LUNQ_ATTRIBUTE, "%s does not exist in this configuration of the IP",
                      l_push_register(L, u));
    if (e->kind == LUNQ_ATTRIBUTE)
        return l_fail(L, LUNQ_ATTRIBUTE, "%s is %s", l_push_register(L, u),
                      u->view.readable ? "read-only" : "write-only");
    return l_raise(L, e);
}

L_SLOW uint64_t l_register_get_any(lua_State *L, struct l_register *u)
{
    struct lunq_error e;
    uint64_t v = 0;
    if (lunq_register_read(u->window->m, &u->view, &v, &e) < 0)
        fail(L, u, &e);
    return v;
}

L_SLOW void l_register_update_any(lua_State *L, struct l_register *u, uint64_t mask, uint64_t value)
{
    struct lunq_error e;
    if (lunq_register_update(u->window->m, &u->view, mask, value, &e) < 0)
        fail(L, u, &e);
}

/* ---- values --------------------------------------------------------------------------------- */

uint64_t l_check_value(lua_State *L, int idx, unsigned width, const char *field)
{
    int64_t v = lua_isboolean(L, idx) ? lua_toboolean(L, idx) : l_checkint(L, idx, "value");
    if (width == 64 || (v >= 0 && (uint64_t)v <= lunq_ones(width)))
        return (uint64_t)v;
    if (!field)
        return (uint64_t)l_fail(L, LUNQ_VALUE, "Slicing range cannot represent value %" PRId64, v);
    return (uint64_t)l_fail(
        L, LUNQ_VALUE, "Slicing range cannot represent value %" PRId64 ": field %s has %u bit%s", v,
        field, width, width == 1 ? "" : "s");
}

/* ---- fields --------------------------------------------------------------------------------- */

static int no_such_field(lua_State *L, struct l_register *u)
{
    const char *name = l_push_register(L, u);
    lua_getiuservalue(L, 1, L_LAYOUT);
    return l_no_such_name(L, name, 2, -1);
}

/* Fields whose names are too long to be one object are found in the layout. */
static bool find_long_name(lua_State *L, lua_Integer *f)
{
    bool found;
    if (lua_type(L, 2) != LUA_TSTRING || lua_rawlen(L, 2) <= 40)
        return false;
    lua_getiuservalue(L, 1, L_LAYOUT);
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
    const struct l_slot *s = l_slot_of(u, lua_topointer(L, 2));
    lua_Integer f = s->field;
    if (s->name || find_long_name(L, &f)) {
        lua_pushinteger(L, (lua_Integer)(l_register_get(L, u) >> l_field_shift(f) &
                                         lunq_ones(l_field_width(f))));
        return 1;
    }
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    return l_is_indexed(L) ? l_push_indexed(L, u) : no_such_field(L, u);
}

/* The field named by the string at `key`, with what a write needs checked. */
static uint64_t writable_field(lua_State *L, struct l_register *u, int key, int value,
                               uint64_t *mask)
{
    lua_Integer f;
    uint64_t v;
    lua_getiuservalue(L, 1, L_LAYOUT);
    lua_pushvalue(L, key);
    if (lua_type(L, key) != LUA_TSTRING || lua_rawget(L, -2) != LUA_TNUMBER) {
        const char *name = l_push_register(L, u);
        lua_getiuservalue(L, 1, L_LAYOUT);
        l_no_such_name(L, name, key, -1);
    }
    f = lua_tointeger(L, -1);
    lua_pop(L, 2);
    if (f & L_RO)
        l_fail(L, LUNQ_ATTRIBUTE, "field %s of %s is read-only", lua_tostring(L, key),
               l_push_register(L, u));
    v = l_check_value(L, value, l_field_width(f), lua_tostring(L, key));
    *mask = lunq_ones(l_field_width(f)) << l_field_shift(f);
    return v << l_field_shift(f);
}

static int register_newindex(lua_State *L)
{
    struct l_register *u = lua_touserdata(L, 1);
    const struct l_slot *s = l_slot_of(u, lua_topointer(L, 2));
    uint64_t mask, v;
    lua_Integer f = s->field;
    if (s->name || find_long_name(L, &f)) {
        lua_Integer x = lua_tointeger(L, 3);
        unsigned w = l_field_width(f);
        if (!(f & L_RO) && w < 64 && lua_isinteger(L, 3) && x >= 0 && (uint64_t)x <= lunq_ones(w)) {
            l_register_update(L, u, lunq_ones(w) << l_field_shift(f),
                              (uint64_t)x << l_field_shift(f));
            return 0;
        }
    } else if (l_is_indexed(L)) {
        return l_set_indexed(L, u);
    }
    v = writable_field(L, u, 2, 3, &mask);
    l_register_update(L, u, mask, v);
    return 0;
}

/* ---- methods -------------------------------------------------------------------------------- */

static int register_get(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)l_register_get(L, l_check(L, 1, L_REGISTER)));
    return 1;
}

/* r:set(value) writes it whole; r:set{ NAME = value } these fields with one read and one write.
 * Everything is checked before the first access. */
static int register_set(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    uint64_t mask = 0, value = 0;
    if (!lua_istable(L, 2)) {
        value = l_check_value(L, 2, u->view.width, NULL);
        l_register_update(L, u, lunq_ones(u->view.width), value);
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
        l_register_update(L, u, mask, value);
    return 0;
}

static const luaL_Reg methods[] = {
    {"get", register_get}, {"set", register_set}, {"bits", l_register_bits}, {NULL, NULL}};

static const luaL_Reg meta[] = {{"__newindex", register_newindex}, {NULL, NULL}};

void l_open_register(lua_State *L)
{
    l_type(L, L_REGISTER, "lunq.Register", methods, meta);
    luaL_getmetatable(L, "lunq.Register");
    luaL_setfuncs(L, l_register_show_meta, 0);
    lua_getfield(L, -1, "methods");
    luaL_setfuncs(L, l_register_show_methods, 0);
    lua_pushcclosure(L, register_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_newtable(L); /* core.register: called, it makes one; its fields work on any */
    luaL_setfuncs(L, methods, 0);
    luaL_setfuncs(L, l_register_show_methods, 0);
    lua_pushcfunction(L, l_register_count);
    lua_setfield(L, -2, "count");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, l_register_new);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "register");
    lua_pushcfunction(L, l_register_at);
    lua_setfield(L, -2, "register_at");
}
