/* l_linux.c - what the device `linux` knows of its board, the Lua face of host/device/linux/linux.h.
 *   local coherent, why = core.linux_coherent(device)
 *   for _, check in ipairs(core.linux_checks(device)) do print(check.name, check.found, check.what) end
 *   core.linux_helper(device)
 *   for _, way in ipairs(core.linux_memory(device)) do print(way.kind, way.usable, way.chosen, way.why) end */
#include "../host/device/linux/linux.h"
#include "l_device.h"

enum { MOST_KINDS = 16, MOST_CHECKS = 8 };

static struct lunq_device *check_board(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    if (!lunq_linux_is(d))
        l_fail(L, LUNQ_TYPE, "Device %s is no board with Linux.", d->name);
    return d;
}

/* core.linux_checks(device) --> list: what is looked at before the first access to the programmable logic,
 * as it is now: { name = "level shifters", found = "ready", "not ready" or "not known", what = "what was
 * found", advice = "what to do" }. "not ready": the access is refused, unless the device is "linux?force=1".
 * Raises `type` for another device. */
static int linux_checks(lua_State *L)
{
    static const char *const found[] = {"ready", "not ready", "not known"};
    struct lunq_linux_check list[MOST_CHECKS];
    size_t n = lunq_linux_checks(check_board(L), list, MOST_CHECKS);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 4);
        l_set_text(L, "name", list[i].name);
        l_set_text(L, "found", found[list[i].found]);
        l_set_text(L, "what", list[i].what);
        l_set_text(L, "advice", list[i].advice);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* core.linux_helper(device) --> boolean: whether lunq-helper is asked for what needs root: this user is another,
 * and may talk to it. Raises `type` for another device. */
static int linux_helper(lua_State *L)
{
    lua_pushboolean(L, lunq_linux_has_helper(check_board(L)));
    return 1;
}

/* core.linux_memory(device) --> list: every mechanism for contiguous memory in the order they are tried:
 * { kind = "udmabuf", usable =, chosen =, why = "why not, and what to do" or nil }. Takes no memory. Raises
 * `type` for another device. */
static int linux_memory(lua_State *L)
{
    struct lunq_device *d = check_board(L);
    struct lunq_linux_memory *list;
    size_t n;
    list = lua_newuserdatauv(L, MOST_KINDS * sizeof *list, 0);
    n = lunq_linux_memory(d, list, MOST_KINDS);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_createtable(L, 0, 4);
        l_set_text(L, "kind", list[i].kind);
        l_set_boolean(L, "usable", list[i].usable);
        l_set_boolean(L, "chosen", list[i].chosen);
        if (!list[i].usable)
            l_set_text(L, "why", list[i].why);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* core.linux_coherent(device) --> boolean, why: whether the masters of the loaded design see the processor's caches,
 * so that syncs of cached buffers do nothing; by the ports they reach memory through, or linux?coherent=. */
static int linux_coherent(lua_State *L)
{
    char why[256];
    lua_pushboolean(L, lunq_linux_coherent(check_board(L), why, sizeof why));
    lua_pushstring(L, why);
    return 2;
}

void l_open_linux(lua_State *L)
{
    static const luaL_Reg functions[] = {{"linux_memory", linux_memory},
                                         {"linux_coherent", linux_coherent},
                                         {"linux_checks", linux_checks},
                                         {"linux_helper", linux_helper},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
