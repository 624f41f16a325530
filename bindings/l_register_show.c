/* l_register_show.c - what a register is and holds: fields, info, text, iteration. */
#include <inttypes.h>
#include <stdio.h>

#include "l_register.h"

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
    uint64_t v = l_register_get(L, u);
    lua_createtable(L, 0, (int)u->n_fields);
    lua_getiuservalue(L, 1, L_LAYOUT);
    for (unsigned i = 1; i <= u->n_fields; i++) { /* result, layout */
        lua_Integer f = push_field(L, i);
        if (!(f & L_WO)) {
            lua_pushinteger(L, (lua_Integer)(v >> l_field_shift(f) & lunq_ones(l_field_width(f))));
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
    lua_pushinteger(L, l_field_shift(f));
    lua_setfield(L, -2, "bit_offset");
    lua_pushinteger(L, l_field_width(f));
    lua_setfield(L, -2, "bit_width");
    lua_pushstring(L, f & L_RO ? "read-only" : f & L_WO ? "write-only" : "read-write");
    lua_setfield(L, -2, "access");
}

/* r:info(): what is known without touching the hardware. `fields` is a list of names in order,
 * and by name their bits. */
static int register_info(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    lua_createtable(L, 0, 8);
    lua_getiuservalue(L, 1, L_LAYOUT); /* info, layout */
    lua_rawgeti(L, -1, L_NAME);
    lua_setfield(L, -3, "name");
    lua_rawgeti(L, -1, L_UNREAD);
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
    lua_rawgeti(L, 2, L_UNREAD);
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
    if (!v || (f & L_WO))
        luaL_addstring(b, "write-only");
    else
        add_unsigned(b, *v >> l_field_shift(f) & lunq_ones(l_field_width(f)));
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
    lua_getiuservalue(L, 1, L_LAYOUT);
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
        if (!(f & L_WO)) {
            lua_pushinteger(L, i);
            lua_replace(L, lua_upvalueindex(3));
            lua_pushinteger(L, (lua_Integer)(v >> l_field_shift(f) & lunq_ones(l_field_width(f))));
            return 2;
        }
        lua_pop(L, 1);
    }
}

static int register_pairs(lua_State *L)
{
    struct l_register *u = l_check(L, 1, L_REGISTER);
    lua_getiuservalue(L, 1, L_LAYOUT);
    lua_pushinteger(L, (lua_Integer)l_register_get(L, u));
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_field, 3);
    return 1;
}

const luaL_Reg l_register_show_methods[] = {
    {"fields", register_fields}, {"info", register_info}, {NULL, NULL}};

const luaL_Reg l_register_show_meta[] = {
    {"__tostring", register_tostring}, {"__pairs", register_pairs}, {NULL, NULL}};
