/* l_callback.c - calling what a script left with us; see l_callback.h.
 *   core.callback(what, f, ...)   -- calls f, which may wait; an error is shown, never raised */
#include "l_callback.h"

#include "l_wait.h"

/* show(error, coroutine, who, what) */
static int show(lua_State *L)
{
    lua_State *co = lua_tothread(L, 2);
    const char *text = luaL_tolstring(L, 1, NULL);
    luaL_traceback(L, co, NULL, co == L ? 2 : 0);
    lunq_warn("task", "%s %s: %s\n%s", (const char *)lua_touserdata(L, 3),
              (const char *)lua_touserdata(L, 4), text, lua_tostring(L, -1));
    return 0;
}

void l_show_error(lua_State *L, lua_State *co, const char *who, const char *what)
{
    if (!lua_checkstack(L, 8) || !lua_checkstack(co, 1))
        return;
    lua_pushcfunction(L, show);
    lua_pushvalue(L, -2);
    lua_pushthread(co);
    if (co != L)
        lua_xmove(co, L, 1);
    lua_pushlightuserdata(L, (void *)who);
    lua_pushlightuserdata(L, (void *)what);
    if (lua_pcall(L, 4, 0, 0) != LUA_OK) { /* its __tostring fails, or no memory */
        lunq_warn("task", "%s %s, and the error can't be shown.", who, what);
        lua_pop(L, 1);
    }
}

/* Message handler of a callback: the upvalue is what it is a callback of. */
static int failed(lua_State *L)
{
    lua_settop(L, 1);
    if (!l_context(L)->interrupted) {
        const char *who =
            lua_pushfstring(L, "A callback of %s", lua_tostring(L, lua_upvalueindex(1)));
        lua_insert(L, 1);
        l_show_error(L, L, who, "failed");
    }
    return 1;
}

int l_callback(lua_State *L, int narg, int nres, const char *what)
{
    struct l_context *ctx = l_context(L);
    int at = lua_gettop(L) - narg, status;
    lua_pushstring(L, what);
    lua_pushcclosure(L, failed, 1);
    lua_insert(L, at);
    ctx->interrupted = false;
    status = lua_pcall(L, narg, nres, at);
    lua_remove(L, at);
    if (status == LUA_OK)
        return status;
    lua_settop(L, at - 1);
    if (ctx->interrupted)
        lunq_interrupted = 1;
    else if (status == LUA_ERRMEM) /* Lua calls no handler then */
        lunq_warn("task", "A callback of %s failed: not enough memory", what);
    return status;
}

static int called(lua_State *L, int status, lua_KContext ctx)
{
    if (status != LUA_OK && status != LUA_YIELD && l_context(L)->interrupted)
        return lua_error(L);
    return 0;
}

static int callback(lua_State *L)
{
    l_checkstr(L, 1, "what", NULL);
    luaL_checkany(L, 2);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, failed, 1);
    lua_replace(L, 1);
    return called(L, lua_pcallk(L, lua_gettop(L) - 2, 0, 1, 0, called), 0);
}

void l_open_callback(lua_State *L)
{
    lua_pushcfunction(L, callback);
    lua_setfield(L, -2, "callback");
}
