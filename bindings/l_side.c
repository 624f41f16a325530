/* l_side.c - see l_side.h. */
#include "l_side.h"

/* The number on top of the stack, which is taken from it; nil: 0. */
static uint64_t take_number(lua_State *L, const char *name)
{
    uint64_t v = lua_isnil(L, -1) ? 0 : (uint64_t)l_checkint(L, -1, name);
    lua_pop(L, 1);
    return v;
}

/* The list on top of the stack, in memory of the state that takes its place. */
static struct lunq_axis_users take_list(lua_State *L)
{
    struct lunq_axis_users users = {.n = lua_rawlen(L, -1)};
    int at = lua_gettop(L);
    users.list = lua_newuserdatauv(L, (users.n + 1) * sizeof *users.list, 0);
    for (size_t i = 0; i < users.n; i++) {
        lua_rawgeti(L, at, (lua_Integer)i + 1);
        users.list[i] = (uint64_t)l_checkint(L, -1, "user");
        lua_pop(L, 1);
    }
    lua_remove(L, at);
    return users;
}

struct lunq_axis_side l_check_side(lua_State *L, int idx, struct lunq_axis_users *users)
{
    struct lunq_axis_side side = {0};
    if (users)
        *users = (struct lunq_axis_users){0};
    if (lua_isnoneornil(L, idx))
        return side;
    if (!lua_istable(L, idx))
        l_fail(L, LUNQ_TYPE, "side should be a table, as in { dest = 1 }, not %s",
               luaL_typename(L, idx));
    lua_getfield(L, idx, "id");
    side.id = take_number(L, "id");
    lua_getfield(L, idx, "dest");
    side.dest = take_number(L, "dest");
    if (lua_getfield(L, idx, "user") == LUA_TTABLE && users)
        *users = take_list(L);
    else
        side.user = take_number(L, "user");
    return side;
}

void l_push_side(lua_State *L, const struct lunq_axis_side *side)
{
    lua_createtable(L, 0, 3);
    l_set_integer(L, "id", side->id);
    l_set_integer(L, "dest", side->dest);
    l_set_integer(L, "user", side->user);
}
