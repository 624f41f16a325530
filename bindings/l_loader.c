/* l_loader.c - the one way Lua source gets into the state: as text, never as bytecode.
 *   core.load_file(path [, env]) --> function     raises io, value
 *   core.load_text(text [, name [, env]]) --> function
 * Damaged bytecode can take over or crash an interpreter, so a file that is bytecode is refused
 * whoever asks for it: scripts, modules, custom overlay files, drivers. */
#include <string.h>

#include "lunq_lua.h"

/* What lauxlib says then, whole (checkmode in Lua's ldo.c). */
static const char refused[] = "attempt to load a binary chunk (mode is 't')";

/* Replaces Lua's words for "this is bytecode" by ours. */
static int explain(lua_State *L, int status, const char *name)
{
    if (status == LUA_ERRSYNTAX && !strcmp(lua_tostring(L, -1), refused)) {
        lua_pop(L, 1);
        lua_pushfstring(L, "%s is compiled Lua (bytecode). LUNQ loads Lua as source text only.",
                        name);
    }
    return status;
}

int l_load_file(lua_State *L, const char *path)
{
    return explain(L, luaL_loadfilex(L, path, "t"), path ? path : "Standard input");
}

int l_load_text(lua_State *L, const char *text, size_t size, const char *chunkname)
{
    const char *name = *chunkname == '=' || *chunkname == '@' ? chunkname + 1 : "The text";
    return explain(L, luaL_loadbufferx(L, text, size, chunkname, "t"), name);
}

/* Raises the message on top, or gives the function there its environment. */
static int finish(lua_State *L, int status, int env)
{
    if (status != LUA_OK)
        return l_fail(L, status == LUA_ERRFILE ? LUNQ_IO : LUNQ_VALUE, "%s", lua_tostring(L, -1));
    if (!lua_isnoneornil(L, env)) {
        lua_pushvalue(L, env);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

static int load_file(lua_State *L)
{
    const char *path = l_checkstr(L, 1, "path", NULL);
    lua_settop(L, 2); /* an absent env must not be the function loaded next */
    return finish(L, l_load_file(L, path), 2);
}

static int load_text(lua_State *L)
{
    size_t size;
    const char *text = l_checkstr(L, 1, "text", &size);
    const char *name = lua_isnoneornil(L, 2) ? text : l_checkstr(L, 2, "name", NULL);
    lua_settop(L, 3);
    return finish(L, l_load_text(L, text, size, name), 3);
}

void l_open_loader(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"load_file", load_file}, {"load_text", load_text}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
