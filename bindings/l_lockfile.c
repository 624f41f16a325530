/* l_lockfile.c - locks between programs, the Lua face of host/device/lockfile.h.
 *   local l <close> = core.program_lock(device, "linux", "Device linux", true)   -- exclusive, else shared
 *   l:close()                                -- may be repeated; the end of the program does the same
 *   core.run_folder(device)                  --> "/run/lunq/programs"; nil: this device has none
 * nil where a device has no locks: others than boards, and "linux?lock=0". */
#include "../host/device/lockfile.h"

#include <stdio.h>
#include <string.h>

#include "lunq_lua.h"

typedef struct l_lockfile {
    struct lunq_lockfile *l; /* NULL: closed */
} l_lockfile;

static const char *folder_of(struct lunq_device *d)
{
    return d->ops->run_folder ? d->ops->run_folder(d) : NULL;
}

/* core.run_folder(device): where programs leave what others have to know; nil: nowhere. */
static int run_folder(lua_State *L)
{
    lua_pushstring(L, folder_of(l_device(L, 1)));
    return 1;
}

/* core.program_lock(device, name, what, exclusive): raises `device` "WHAT is held by pid ..." when a program
 * has it that does not share it, `permission`, `io`. */
static int lock_new(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    const char *name = l_checkstr(L, 2, "name", NULL), *what = l_checkstr(L, 3, "what", NULL);
    const char *folder = d->unlocked ? NULL : folder_of(d);
    struct lunq_error e;
    l_lockfile *u;
    size_t used;
    if (!folder)
        return 0;
    u = l_new(L, L_LOCKFILE, sizeof *u, 0);
    if (lunq_lockfile_take(&u->l, folder, name, what, lua_toboolean(L, 4), &e) == 0)
        return 1;
    used = strlen(e.message);
    if (e.kind == LUNQ_DEVICE)
        snprintf(
            e.message + used, sizeof e.message - used,
            " End that program, or open the device as \"%s?lock=0\" when you know that they don't "
            "get in each other's way.",
            d->ops->kind);
    return l_raise(L, &e);
}

static int lock_close(lua_State *L) /* :close(), __close and __gc */
{
    l_lockfile *u = l_check(L, 1, L_LOCKFILE);
    struct lunq_lockfile *l = u->l;
    u->l = NULL;
    lunq_lockfile_release(l);
    return 0;
}

static const luaL_Reg methods[] = {{"close", lock_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", lock_close}, {"__close", lock_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"program_lock", lock_new}, {"run_folder", run_folder}, {NULL, NULL}};

void l_open_lockfile(lua_State *L)
{
    l_type(L, L_LOCKFILE, "lunq.ProgramLock", methods, meta);
    luaL_setfuncs(L, functions, 0);
}
