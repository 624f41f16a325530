/* repl.c - require "lunq.host": what lua/lunq/repl.lua needs from the program.
 *   host.editor{...}                  the line editor: editor.c
 *   host.call(handler, f, ...)        as xpcall; outside of it, and of reading a line,
 *                                     Ctrl-C means nothing
 *   local a <close> = host.alarm(s)   a time limit for the calling task: alarm.c
 *   host.screen()                     --> columns, rows of the terminal output goes to; nil: none
 *   host.view()                       a part of the terminal that is drawn anew in place: view.c
 *   host.is_terminal(fd)              whether descriptor 0, 1 or 2 is a terminal
 *   host.dot_advice()                 in a handler of xpcall: what to add to a message that comes from a
 *                                     method called with a dot, else ""
 *   host.files(dir)                   the names in a folder, folders with "/" at the end; may be empty
 *   host.module_text(name)            the source of a module inside the program, or nil
 *   host.modules()                    the names of all of them
 *   host.version, host.release */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "embed.h"
#include "program.h"

/* host.call(handler, f, ...) --> true, results... | false, what the handler makes of the error. Only in
 * here does Ctrl-C interrupt; SIGTERM ends the program. */
static int host_call(lua_State *L)
{
    int status, sig;
    luaL_checkany(L, 2);
    lunq_interrupt_shield(false);
    lunq_progress_of_waits(true);
    status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
    lunq_progress_of_waits(false);
    lunq_interrupt_shield(true);
    sig = lunq_interrupt_taken();
    if (sig == SIGTERM) {
        lunq_state_close(L);
        lunq_interrupt_die(sig);
    }
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    return lua_gettop(L);
}

static int host_module_text(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    for (const struct lunq_embedded *e = lunq_embedded; e->name; e++)
        if (!strcmp(e->name, name)) {
            lunq_embedded_push(L, e);
            return 1;
        }
    return 0;
}

static int host_modules(lua_State *L)
{
    lua_Integer n = 0;
    lua_newtable(L);
    for (const struct lunq_embedded *e = lunq_embedded; e->name; e++) {
        lua_pushstring(L, e->name);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int host_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

static int host_dot_advice(lua_State *L)
{
    lua_pushstring(L, l_dot_advice(L, L, 1));
    return 1;
}

static int host_screen(lua_State *L)
{
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
        return 0;
    lua_pushinteger(L, w.ws_col ? w.ws_col : 80);
    lua_pushinteger(L, w.ws_row ? w.ws_row : 24);
    return 2;
}

static int close_dir(lua_State *L)
{
    DIR **dir = lua_touserdata(L, 1);
    if (*dir)
        closedir(*dir);
    *dir = NULL;
    return 0;
}

static int host_files(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    DIR **dir = lua_newuserdatauv(L, sizeof *dir, 0);
    struct dirent *e;
    *dir = NULL;
    if (luaL_newmetatable(L, "lunq.Folder")) {
        lua_pushcfunction(L, close_dir);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    lua_newtable(L);
    *dir = opendir(path);
    while (*dir && (e = readdir(*dir))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        lua_pushfstring(L, e->d_type == DT_DIR ? "%s/" : "%s", e->d_name);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    if (*dir)
        closedir(*dir);
    *dir = NULL;
    return 1;
}

int luaopen_lunq_host(lua_State *L)
{
    static const luaL_Reg functions[] = {{"editor", lunq_editor_new},
                                         {"call", host_call},
                                         {"alarm", lunq_alarm},
                                         {"view", lunq_host_view},
                                         {"is_terminal", host_is_terminal},
                                         {"screen", host_screen},
                                         {"dot_advice", host_dot_advice},
                                         {"files", host_files},
                                         {"module_text", host_module_text},
                                         {"modules", host_modules},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushliteral(L, LUNQ_VERSION);
    lua_setfield(L, -2, "version");
    lua_pushliteral(L, LUA_RELEASE);
    lua_setfield(L, -2, "release");
    return 1;
}
