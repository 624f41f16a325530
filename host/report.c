/* report.c - what a person sees of an uncaught error, and the exit code it means. */
#include <stdio.h>
#include <string.h>

#include "program.h"

#define LEVELS 12 /* lines of a short traceback */

static const char trace_key[] = "lunq.trace"; /* registry: where the last object was raised */

/* The level a person's own code starts at: above it are only functions of the modules inside the
 * program, which raised the error on its behalf. 1 when there is no such code. */
static int own_level(lua_State *L)
{
    lua_Debug ar;
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0 && strncmp(ar.source, "@lunq:", 6) != 0)
            return level;
    }
    return 1;
}

/* Pushes the short traceback: "\n  at script.lua:3 in function 'name'" for each Lua function,
 * nearest first. C functions say nothing a message does not. */
static void short_trace(lua_State *L)
{
    lua_Debug ar;
    luaL_Buffer b;
    int shown = 0;
    luaL_buffinit(L, &b);
    for (int level = own_level(L); lua_getstack(L, level, &ar) && shown < LEVELS; level++) {
        lua_getinfo(L, "Sln", &ar);
        if (ar.currentline <= 0)
            continue;
        lua_pushfstring(L, "\n  at %s:%d", ar.short_src, ar.currentline);
        luaL_addvalue(&b);
        if (ar.name) {
            lua_pushfstring(L, " in %s '%s'", *ar.namewhat ? ar.namewhat : "function", ar.name);
            luaL_addvalue(&b);
        }
        shown++;
    }
    luaL_pushresult(&b);
}

int lunq_report_handler(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_pushstring(L, l_dot_advice(L, L, 1));
        lua_concat(L, 2);
        luaL_traceback(L, L, lua_tostring(L, 1), 1);
        return 1;
    }
    lua_createtable(L, 2, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, 1);
    short_trace(L);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, LUA_REGISTRYINDEX, trace_key);
    lua_settop(L, 1);
    return 1;
}

/* tostring of any error value; it may have a __tostring of its own that fails. */
static int to_text(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TTABLE && !luaL_getmetafield(L, 1, "__tostring"))
        lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    else
        luaL_tolstring(L, 1, NULL);
    return 1;
}

void lunq_report_text(lua_State *L)
{
    int e = lua_absindex(L, -1);
    bool object = lua_type(L, e) != LUA_TSTRING;
    lua_pushcfunction(L, to_text);
    lua_pushvalue(L, e);
    lua_pcall(L, 1, 1, 0);
    if (lua_type(L, -1) != LUA_TSTRING) {
        lua_pop(L, 1);
        lua_pushliteral(L, "(error without message)");
    }
    if (object && lua_getfield(L, LUA_REGISTRYINDEX, trace_key) == LUA_TTABLE) {
        lua_rawgeti(L, -1, 1); /* text trace object */
        if (lua_rawequal(L, -1, e)) {
            lua_rawgeti(L, -2, 2);
            lua_replace(L, -3); /* text lines object */
            lua_pop(L, 1);
            lua_concat(L, 2);
        } else {
            lua_pop(L, 2);
        }
    } else if (object) {
        lua_pop(L, 1);
    }
}

/* The exit code an error object asks for: by its kind; `fault` marks a device that failed while it
 * worked, whatever the kind. */
static int exit_code(lua_State *L, int idx)
{
    const char *kind;
    int code = EXIT_SCRIPT;
    if (lua_type(L, idx) != LUA_TTABLE)
        return code;
    if (lunq_interrupt_is(L, idx))
        return 128 + lunq_interrupt_taken();
    lua_pushliteral(L, "fault");
    lua_rawget(L, idx);
    lua_pushliteral(L, "kind");
    lua_rawget(L, idx); /* fault kind */
    kind = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (!strcmp(kind, "timeout"))
        code = EXIT_TIMEOUT;
    else if (lua_toboolean(L, -2))
        code = EXIT_DEVICE;
    else if (!strcmp(kind, "device"))
        code = EXIT_NO_DEVICE;
    lua_pop(L, 2);
    return code;
}

void lunq_report_advice(lua_State *L)
{
    int top = lua_gettop(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lunq.advice");
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_getfield(L, -1, "added") == LUA_TFUNCTION) {
        lua_pushvalue(L, top);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING)
            lua_replace(L, top);
    }
    lua_settop(L, top);
}

int lunq_report(lua_State *L)
{
    int code = exit_code(L, lua_absindex(L, -1));
    bool of_lua = lua_type(L, -1) == LUA_TSTRING;
    lunq_report_text(L);
    if (of_lua)
        lunq_report_advice(L);
    fflush(stdout); /* what the script printed comes first */
    fprintf(stderr, "lunq: %s\n", lua_tostring(L, -1));
    lua_pop(L, 2);
    return code;
}
