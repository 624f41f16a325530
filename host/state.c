/* state.c - the Lua state of the program: which modules it has and where it looks for more. */
#include <limits.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bindings/l_task.h"
#include "device/record/record.h"
#include "embed.h"
#include "program.h"

/* ---- embedded modules ----------------------------------------------------------------------- */

/* The file of a checkout that an embedded module was made from, or NULL when it isn't there. */
static const char *checkout_file(lua_State *L, const char *module)
{
    static const char *const patterns[] = {"%s/lua/%s.lua", "%s/lua/%s/init.lua", "%s/%s.lua"};
    const char *dir = getenv("LUNQ_LUA_DIR");
    const char *path = luaL_gsub(L, module, ".", "/"); /* module path */
    if (!dir || !*dir)
        return NULL;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        char file[PATH_MAX];
        FILE *f;
        int n = snprintf(file, sizeof file, patterns[i], dir, path);
        if (n > 0 && (size_t)n < sizeof file && (f = fopen(file, "r"))) {
            fclose(f);
            return lua_pushstring(L, file);
        }
    }
    return NULL;
}

/* package.preload[name]: the text inside the program, or the checkout's when there is one. */
static int load_embedded(lua_State *L)
{
    const struct lunq_embedded *e = lua_touserdata(L, lua_upvalueindex(1));
    const char *file = checkout_file(L, e->name);
    char chunk[256];
    int status;
    snprintf(chunk, sizeof chunk, "@lunq:%s", e->name);
    if (file) {
        status = l_load_file(L, file);
    } else {
        lunq_embedded_push(L, e);
        status = l_load_text(L, lua_tostring(L, -1), e->size, chunk);
    }
    if (status != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, e->name);
    lua_pushstring(L, file ? file : chunk + 1);
    lua_call(L, 2, 1);
    return 1;
}

static void preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const struct lunq_embedded *e = lunq_embedded; e->name; e++) {
        if (strchr(e->name, '/'))
            continue; /* a file, no module */
        lua_pushlightuserdata(L, (void *)e);
        lua_pushcclosure(L, load_embedded, 1);
        lua_setfield(L, -2, e->name);
    }
    lua_pushcfunction(L, luaopen_lunq_core);
    lua_setfield(L, -2, "lunq.core");
    lua_pushcfunction(L, luaopen_lunq_host);
    lua_setfield(L, -2, "lunq.host");
    lua_pop(L, 1);
}

/* ---- search paths --------------------------------------------------------------------------- */

/* Keeps the absolute entries of package[field]: a module must never come from whatever folder
 * somebody happens to stand in, "./lfs.so" would run. Adds `more`, where Debian's modules are,
 * unless it is there (a Lua from LUA_DIR does not know it) or the variable `env` says otherwise. */
static void clean_path(lua_State *L, const char *field, const char *env, const char *more)
{
    const char *p;
    luaL_Buffer b;
    bool has_more = getenv(env) != NULL;
    lua_getfield(L, -1, field); /* package path */
    p = lua_tostring(L, -1);
    luaL_buffinit(L, &b);
    while (p && *p) {
        size_t n = strcspn(p, ";");
        if (*p == '/') {
            luaL_addlstring(&b, p, n);
            luaL_addchar(&b, ';');
            has_more = has_more || !strncmp(p, more, n);
        }
        p += n + (p[n] == ';');
    }
    if (!has_more)
        luaL_addstring(&b, more);
    else if (luaL_bufflen(&b) > 0)
        luaL_buffsub(&b, 1); /* the last ';' */
    luaL_pushresult(&b);     /* package path new */
    lua_setfield(L, -3, field);
    lua_pop(L, 1);
}

void lunq_state_add_path(lua_State *L, const char *dir)
{
    char *full = realpath(dir, NULL);
    if (!full)
        return; /* gone or unreadable: nothing could be found there */
    lua_getglobal(L, "package");
    lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;", full, full);
    free(full);
    lua_getfield(L, -2, "path");
    lua_concat(L, 2);
    lua_setfield(L, -2, "path");
    lua_pop(L, 1);
}

/* ---- loaders: Lua's own, but text only ------------------------------------------------------ */

/* package.searchers[2]; upvalue: the package table. */
static int search_lua(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1), *file;
    lua_getfield(L, lua_upvalueindex(1), "searchpath");
    lua_pushvalue(L, 1);
    lua_getfield(L, lua_upvalueindex(1), "path");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        return 1; /* where it looked */
    lua_pop(L, 1);
    file = lua_tostring(L, -1);
    if (l_load_file(L, file) != LUA_OK)
        return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, file,
                          lua_tostring(L, -1));
    lua_insert(L, -2); /* function file */
    return 2;
}

/* load(chunk [, name [, mode [, env]]]): mode is "t" whatever was asked; upvalue: Lua's load. */
static int text_load(lua_State *L)
{
    int top = lua_gettop(L);
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";
    if (*text == *LUA_SIGNATURE) {
        lua_pushnil(L);
        lua_pushliteral(L, "The text is compiled Lua (bytecode). "
                           "LUNQ loads Lua as source text only.");
        return 2;
    }
    if (top < 3)
        lua_settop(L, 3); /* but an absent env stays absent: nil would be used */
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int text_loadfile(lua_State *L)
{
    const char *path = luaL_optstring(L, 1, NULL);
    bool has_env = !lua_isnone(L, 3);
    if (l_load_file(L, path) != LUA_OK) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 3);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

static int dofile_results(lua_State *L, int status, lua_KContext k)
{
    (void)status;
    (void)k;
    return lua_gettop(L) - 1;
}

static int text_dofile(lua_State *L)
{
    const char *path = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (l_load_file(L, path) != LUA_OK)
        return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, dofile_results); /* what it calls may yield */
    return dofile_results(L, 0, 0);
}

static void text_only(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, search_lua, 1);
    lua_rawseti(L, -2, 2);
    lua_pop(L, 2);
    lua_getglobal(L, "load");
    lua_pushcclosure(L, text_load, 1);
    lua_setglobal(L, "load");
    lua_register(L, "loadfile", text_loadfile);
    lua_register(L, "dofile", text_dofile);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* os.exit([code]): always closes the state, so that devices, buffers and files go back. */
static int os_exit(lua_State *L)
{
    int code = lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : (int)luaL_optinteger(L, 1, 0);
    lunq_state_close(L);
    exit(lunq_exit_code(code));
}

int lunq_exit_code(int code)
{
    const char *device = getenv("LUNQ_DEVICE"), *failure = lunq_replay_failure();
    if (code != EXIT_OK || !failure || !device || strncmp(device, "replay:", 7) != 0)
        return code;
    if (*failure) /* something has swallowed the error */
        fprintf(stderr, "lunq: %s\n", failure);
    return EXIT_SCRIPT;
}

void lunq_state_close(lua_State *L)
{
    lunq_interrupt_end();
    l_context_close(L);
    lua_close(L);
    lunq_loop_close();
}

void lunq_state_open(lua_State *L)
{
    l_context_new(L);
    luaL_openlibs(L);
    lua_newtable(L);
    l_open_error(L); /* error objects exist before anybody requires lunq */
    lua_pop(L, 1);
    lua_getglobal(L, "os");
    lua_pushcfunction(L, os_exit);
    lua_setfield(L, -2, "exit");
    lua_getglobal(L, "package"); /* os package */
    clean_path(L, "path", "LUA_PATH", "/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua");
    clean_path(L, "cpath", "LUA_CPATH", "/usr/lib/" LUNQ_MULTIARCH "/lua/5.4/?.so");
    lua_pop(L, 2);
    text_only(L);
    preload(L);
    l_open_luv(L);
    lua_warning(L, "@on", 0); /* an error in __gc or __close is not lost in silence */
}
