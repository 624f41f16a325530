/* l_overlay.c - device-tree overlays of a running Linux, the Lua face of host/device/linux/overlay.h.
 *   core.overlay_apply("", "base", core.fdt_read("base.dtbo"))
 *   core.overlay_applied("", "base")   core.overlay_remove("", "base")
 *   core.overlay_check("", "base", tree)   core.overlay_firmware(tree)
 * The first argument is put before /proc, /sys, /dev and /lib: "" on a board. */
#include "../host/device/linux/overlay.h"
#include "l_design.h"

/* core.overlay_apply(root, name, tree): tries the overlay in memory, then gives it to the kernel and
 * reads back. Raises `value` with the reason when it doesn't fit, `io` when its bitstream is missing,
 * `unsupported` when this kernel takes none, `permission`, `runtime` "Device tree ... cannot be
 * applied". */
static int overlay_apply(lua_State *L)
{
    const char *root = l_checkstr(L, 1, "root", NULL), *name = l_checkstr(L, 2, "name", NULL);
    const struct lunq_dt *t = l_check_dt(L, 3);
    struct lunq_error e;
    if (lunq_overlay_apply(root, name, t, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* core.overlay_check(root, name, tree): whether the kernel would take it, tried in memory. Raises as
 * overlay_apply does. */
static int overlay_check(lua_State *L)
{
    const char *root = l_checkstr(L, 1, "root", NULL), *name = l_checkstr(L, 2, "name", NULL);
    const struct lunq_dt *t = l_check_dt(L, 3);
    struct lunq_error e;
    if (lunq_overlay_check(root, name, t, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* core.overlay_firmware(tree): the bitstream it makes an FPGA region load, a name below /lib/firmware;
 * nil: it loads none. */
static int overlay_firmware(lua_State *L)
{
    const struct lunq_dt_node *region = lunq_overlay_region(l_check_dt(L, 1));
    lua_pushstring(L, region ? lunq_dt_text(region, "firmware-name") : NULL);
    return 1;
}

/* core.overlay_remove(root, name): takes it out; fine when it is not there. Raises `permission`,
 * `runtime`. */
static int overlay_remove(lua_State *L)
{
    const char *root = l_checkstr(L, 1, "root", NULL), *name = l_checkstr(L, 2, "name", NULL);
    struct lunq_error e;
    if (lunq_overlay_remove(root, name, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* core.overlay_applied(root, name): true when the kernel has it and says it is applied. */
static int overlay_applied(lua_State *L)
{
    const char *root = l_checkstr(L, 1, "root", NULL), *name = l_checkstr(L, 2, "name", NULL);
    lua_pushboolean(L, lunq_overlay_is_applied(root, name));
    return 1;
}

static const luaL_Reg functions[] = {
    {"overlay_apply", overlay_apply},       {"overlay_check", overlay_check},
    {"overlay_firmware", overlay_firmware}, {"overlay_remove", overlay_remove},
    {"overlay_applied", overlay_applied},   {NULL, NULL}};

void l_open_overlay(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
