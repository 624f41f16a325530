/* l_linux.c - what the device `linux` knows of its board, the Lua face of host/device/linux/linux.h.
 *   local coherent, why = core.linux_coherent(device)
 *   for _, check in ipairs(core.linux_checks(device)) do print(check.name, check.found, check.what) end
 *   core.linux_helper(device)
 *   local said = core.dfx_mgr(socket, "load", "kr260-fan")
 *   for _, way in ipairs(core.linux_memory(device)) do print(way.kind, way.usable, way.chosen, way.why) end */
#include <string.h>

#include "../host/device/linux/dfx_mgr.h"
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

static enum lunq_dfx_mgr_request check_request(lua_State *L, int idx)
{
    const char *name = l_checkstr(L, idx, "request", NULL);
    if (!strcmp(name, "list"))
        return LUNQ_DFX_MGR_LIST;
    if (!strcmp(name, "load"))
        return LUNQ_DFX_MGR_LOAD;
    if (!strcmp(name, "unload"))
        return LUNQ_DFX_MGR_UNLOAD;
    l_fail(L, LUNQ_VALUE, "dfx-mgr is asked to list, load or unload, not to %s.", name);
}

/* core.dfx_mgr(socket, request, text): string: what dfx-mgr's daemon answers to "list", to "load" and a package, to
 * "unload" and a slot. Raises `permission`, `device`, `timeout`. */
static int dfx_mgr(lua_State *L)
{
    const char *socket = l_checkstr(L, 1, "socket", NULL), *text = l_checkstr(L, 3, "text", NULL);
    enum lunq_dfx_mgr_request request = check_request(L, 2);
    char *answer = lua_newuserdatauv(L, LUNQ_DFX_MGR_ANSWER, 0);
    struct lunq_error e;
    if (lunq_dfx_mgr_ask(socket, request, text, answer, &e) < 0)
        return l_raise(L, &e);
    lua_pushstring(L, answer);
    return 1;
}

void l_open_linux(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"linux_memory", linux_memory}, {"linux_coherent", linux_coherent},
        {"linux_checks", linux_checks}, {"linux_helper", linux_helper},
        {"dfx_mgr", dfx_mgr},           {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
