/* l_xclbin.c - the xclbin behind a design: its sections, and writing one.
 *   local bytes = core.design_from_table { kernels = ... }:xclbin { groups = true }
 * lua/lunq/xclbin.lua puts it into files. */
#include <stdlib.h>
#include <string.h>

#include "../host/design/xclbin_write.h"
#include "l_design.h"

enum { DESIGN = 1, OPTIONS };

/* One section of the list; the texts stay in the options table, which is on the stack. */
static void read_extra(lua_State *L, lua_Integer i, struct lunq_xclbin_extra *x)
{
    int ok;
    lua_Integer kind;
    if (lua_rawgeti(L, -1, i) != LUA_TTABLE)
        l_fail(L, LUNQ_TYPE, "sections[%d] should be a table { kind =, data = }, not a %s", (int)i,
               luaL_typename(L, -1));
    lua_getfield(L, -1, "kind");
    kind = lua_tointegerx(L, -1, &ok);
    if (!ok || kind < 0 || kind > UINT32_MAX)
        l_fail(L, LUNQ_VALUE,
               "sections[%d].kind should be the number of a kind (20: PARTITION_METADATA)", (int)i);
    x->kind = (uint32_t)kind;
    if (lua_getfield(L, -2, "data") != LUA_TSTRING)
        l_fail(L, LUNQ_TYPE, "sections[%d].data should be a string of bytes, not a %s", (int)i,
               luaL_typename(L, -1));
    x->data = lua_tolstring(L, -1, &x->size);
    lua_getfield(L, -3, "name");
    if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
        l_fail(L, LUNQ_TYPE, "sections[%d].name should be a string, not a %s", (int)i,
               luaL_typename(L, -1));
    x->name = lua_isnil(L, -1) ? "" : lua_tostring(L, -1);
    lua_pop(L, 4);
}

/* Reads the options at OPTIONS; leaves the array of sections on the stack. */
static void read_options(lua_State *L, struct lunq_xclbin_options *o)
{
    struct lunq_xclbin_extra *extras;
    luaL_checkstack(L, 10, "options");
    if (!lua_istable(L, OPTIONS))
        l_fail(L, LUNQ_TYPE, "the options of an xclbin should be a table, not a %s",
               luaL_typename(L, OPTIONS));
    lua_getfield(L, OPTIONS, "groups");
    o->groups = lua_toboolean(L, -1);
    lua_getfield(L, OPTIONS, "time");
    o->time = (uint64_t)l_optint(L, lua_gettop(L), "time", 0);
    if (lua_getfield(L, OPTIONS, "sections") == LUA_TNIL)
        return;
    if (!lua_istable(L, -1))
        l_fail(L, LUNQ_TYPE, "sections should be a list, not a %s", luaL_typename(L, -1));
    o->n_extras = lua_rawlen(L, -1);
    extras = lua_newuserdatauv(L, o->n_extras * sizeof *extras + 1, 0);
    lua_insert(L, -2);
    for (size_t i = 0; i < o->n_extras; i++)
        read_extra(L, (lua_Integer)i + 1, &extras[i]);
    o->extras = extras;
}

struct bytes {
    uint8_t *data;
    size_t size;
};

static int push_bytes(lua_State *L)
{
    const struct bytes *b = lua_touserdata(L, 1);
    lua_pushlstring(L, (const char *)b->data, b->size);
    return 1;
}

/* design:xclbin(options): the design of a card as the bytes of an xclbin. options.groups: the ASK_GROUP
 * sections too; options.time: seconds since 1970; options.sections: a list of { kind = number, data =
 * bytes, name = "" } that stand in it beside the others. The same design gives the same bytes. Raises
 * `value` for what is no card or does not fit. */
int l_design_xclbin(lua_State *L)
{
    struct l_design *u = l_check(L, DESIGN, L_DESIGN);
    struct lunq_xclbin_options o = {0};
    struct lunq_error e;
    struct bytes b;
    int rc;
    if (!u->d)
        return l_fail(L, LUNQ_RUNTIME, "the design was not read");
    lua_settop(L, OPTIONS);
    if (!lua_isnil(L, OPTIONS))
        read_options(L, &o);
    lua_pushcfunction(L, push_bytes); /* before there is something to lose */
    lua_pushlightuserdata(L, &b);
    if (lunq_xclbin_write(u->d, &o, &b.data, &b.size, &e) < 0)
        return l_raise(L, &e);
    rc = lua_pcall(L, 1, 1, 0);
    free(b.data);
    return rc == LUA_OK ? 1 : lua_error(L);
}

/* design:section(name): the bytes of the first section of that name ("PARTITION_METADATA"), nil when the
 * design comes from no xclbin or has no such section. */
int l_design_section(lua_State *L)
{
    struct l_design *u = l_check(L, DESIGN, L_DESIGN);
    const char *name = l_checkstr(L, 2, "name", NULL);
    const struct lunq_card *c;
    if (!u->d)
        return l_fail(L, LUNQ_RUNTIME, "the design was not read");
    c = &u->d->card;
    for (size_t i = 0; i < c->n_sections; i++)
        if (c->sections[i].data && !strcmp(c->sections[i].name, name)) {
            lua_pushlstring(L, (const char *)c->sections[i].data, (size_t)c->sections[i].size);
            return 1;
        }
    return 0;
}
