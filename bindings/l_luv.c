/* l_luv.c - require "luv": Debian's lua-luv on LUNQ's own event loop. luv makes a loop of its own
 * unless it is given one before it opens (luv_set_loop, in the library itself), so it is loaded
 * here, and not by Lua's searcher. What it starts is served whenever a script or a task waits. */
#include <dlfcn.h>

#include "l_wait.h"

static const char module_key; /* registry: the module, once it was loaded */

typedef void luv_set_loop_fn(lua_State *L, struct uv_loop_s *loop);

static int not_found(lua_State *L, const char *why)
{
    return luaL_error(L, "module 'luv' can't be loaded: %s (on Debian: apt-get install lua-luv)",
                      why);
}

/* The library stays loaded until the process ends: its handles may outlive the state. */
static void *open_library(lua_State *L)
{
    void *lib;
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchpath");
    lua_pushliteral(L, "luv");
    lua_getfield(L, -3, "cpath");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        not_found(L, "there is no luv.so where package.cpath looks");
    lib = dlopen(lua_tostring(L, -2), RTLD_NOW);
    if (!lib)
        not_found(L, dlerror());
    return lib;
}

static int load_luv(lua_State *L)
{
    void *lib = open_library(L);
    luv_set_loop_fn *set_loop = (luv_set_loop_fn *)(intptr_t)dlsym(lib, "luv_set_loop");
    lua_CFunction open = (lua_CFunction)(intptr_t)dlsym(lib, "luaopen_luv");
    struct uv_loop_s *loop = lunq_loop_uv();
    if (!set_loop || !open)
        return not_found(L, "this luv can't use another program's loop");
    if (!loop)
        return not_found(L, "there is no event loop: out of memory or descriptors");
    set_loop(L, loop);
    lua_settop(L, 1);
    lua_pushcfunction(L, open);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &module_key);
    return 1;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* close_handle(handle): for uv.walk. */
static int close_handle(lua_State *L)
{
    lua_settop(L, 1);
    lua_getfield(L, 1, "is_closing");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_toboolean(L, -1))
        return 0;
    lua_getfield(L, 1, "close");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

static int close_all(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key);
    lua_getfield(L, -1, "walk");
    lua_pushcfunction(L, close_handle);
    lua_call(L, 1, 0);
    return 0;
}

/* luv's callbacks need the state, so its handles go before the state does. What they call may open
 * new ones, but not forever. */
void l_luv_close(lua_State *L)
{
    bool loaded = lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key) != LUA_TNIL;
    lua_pop(L, 1);
    for (int i = 0; loaded && i < 10 && lunq_loop_busy(); i++) {
        lua_pushcfunction(L, close_all);
        if (lua_pcall(L, 0, 0, 0) != LUA_OK)
            lua_pop(L, 1);
        lunq_loop_finish();
    }
}

void l_open_luv(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, load_luv);
    lua_setfield(L, -2, "luv");
    lua_pop(L, 1);
}
