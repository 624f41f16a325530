/* l_util.c - small things many binding files need: the default time limit of waits, the error for a name
 * that does not exist, and what to say of a method called with a dot. */
#include <math.h>
#include <string.h>

#include "lunq_lua.h"

double l_opttimeout(lua_State *L, int idx)
{
    double s;
    if (lua_isnoneornil(L, idx)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &l_core_key);
        lua_getfield(L, -1, "time_limit"); /* a number: lua/lunq/init.lua checks what is assigned */
        s = lua_tonumber(L, -1);
        lua_pop(L, 2);
    } else {
        s = l_optnum(L, idx, "timeout", 0);
    }
    if (isnan(s) || s < 0)
        l_fail(L, LUNQ_VALUE, "timeout should be a number of seconds, at least 0, not %g", s);
    return s;
}

/* Pushes a list of the string keys of the table at idx, and of its string values. */
static void push_names(lua_State *L, int idx)
{
    lua_Integer n = 0;
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, idx)) { /* names, key, value */
        int at = lua_type(L, -2) == LUA_TSTRING ? -2 : -1;
        if (lua_type(L, at) == LUA_TSTRING) {
            lua_pushvalue(L, at);
            lua_rawseti(L, -4, ++n);
        }
        lua_pop(L, 1);
    }
}

int l_no_such_name(lua_State *L, const char *object, int key, int names)
{
    const char *name;
    key = lua_absindex(L, key);
    names = lua_absindex(L, names);
    name = luaL_tolstring(L, key, NULL);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lunq.nearest");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "hint");
    lua_pushvalue(L, key);
    push_names(L, names);
    lua_call(L, 2, 1);
    return l_fail(L, LUNQ_ATTRIBUTE, "%s has no \"%s\"%s", object, name, lua_tostring(L, -1));
}

/* Whether what is local `self` of a function has no methods of its own. */
static bool is_no_object(lua_State *co, const lua_Debug *ar)
{
    if (lua_type(co, -1) == LUA_TTABLE)
        return !strncmp(ar->source, "@lunq:", 6) && !luaL_getmetafield(co, -1, "__name");
    return lua_type(co, -1) != LUA_TUSERDATA;
}

const char *l_dot_advice(lua_State *L, lua_State *co, int level)
{
    int top = lua_gettop(co);
    lua_Debug ar;
    bool found = false, is = false;
    luaL_checkstack(L, 4, NULL);
    if (!lua_checkstack(co, 4))
        return "";
    for (; !found && lua_getstack(co, level, &ar); level++) {
        const char *local = lua_getlocal(co, &ar, 1);
        lua_getinfo(co, "Sn", &ar);
        found = local && !strcmp(local, "self") && *ar.what != 'C';
        is = found && !strcmp(ar.namewhat, "field") && is_no_object(co, &ar);
        lua_settop(co, top);
    }
    return is ? " (a method needs ':', as in obj:name())" : "";
}
