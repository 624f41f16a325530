/* main.c - the lunq program: arguments, a Lua state with LUNQ's modules, exit codes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "../bindings/lunq_lua.h"
#include "embed.h"

static int load_embedded(lua_State *L)
{
    const struct lunq_embedded *e = lua_touserdata(L, lua_upvalueindex(1));
    char chunk[256];
    snprintf(chunk, sizeof chunk, "@lunq:%s", e->name);
    if (luaL_loadbufferx(L, e->text, e->size, chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, e->name);
    lua_call(L, 1, 1);
    return 1;
}

static void preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const struct lunq_embedded *e = lunq_embedded; e->name; e++) {
        lua_pushlightuserdata(L, (void *)e);
        lua_pushcclosure(L, load_embedded, 1);
        lua_setfield(L, -2, e->name);
    }
    lua_pushcfunction(L, luaopen_lunq_core);
    lua_setfield(L, -2, "lunq.core");
    lua_pop(L, 1);
}

static int traceback(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        luaL_traceback(L, L, lua_tostring(L, 1), 1);
    return 1;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int status;
    l_context_new(L);
    luaL_openlibs(L);
    preload(L);
    lua_pushcfunction(L, traceback);
    if (argc > 2 && !strcmp(argv[1], "-e")) {
        status = luaL_loadbufferx(L, argv[2], strlen(argv[2]), "=-e", "t");
    } else if (argc > 1 && !strcmp(argv[1], "test")) {
        lua_createtable(L, argc, 0);
        for (int i = 0; i < argc; i++) {
            lua_pushstring(L, argv[i]);
            lua_rawseti(L, -2, i ? i - 1 : -1);
        }
        lua_setglobal(L, "arg");
        status = luaL_loadstring(L, "require 'busted.runner'({ standalone = false })");
    } else {
        status = luaL_loadfilex(L, argc > 1 ? argv[1] : NULL, "t");
    }
    if (status == LUA_OK)
        status = lua_pcall(L, 0, 0, 1);
    if (status != LUA_OK)
        fprintf(stderr, "lunq: %s\n", luaL_tolstring(L, -1, NULL));
    l_context_close(L);
    lua_close(L);
    return status != LUA_OK;
}
