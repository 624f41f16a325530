/* l_fdt.c - device trees, the Lua face of host/design/fdt_check.h.
 *   core.fdt_check("x.dtbo", bytes)     -- nothing, or an error that names the offset */
#include <stdlib.h>

#include "../host/design/fdt_check.h"
#include "l_design.h"

/* core.fdt_check(name, bytes): checks a blob as if it were to be used. Raises `value` with what is
 * wrong and where. */
static int fdt_check(lua_State *L)
{
    const char *name = l_checkstr(L, 1, "name", NULL);
    size_t size;
    const char *data = l_checkstr(L, 2, "bytes", &size);
    struct lunq_error e;
    void *blob;
    if (lunq_fdt_copy(&blob, name, data, size, &e) < 0)
        return l_raise(L, &e);
    free(blob);
    return 0;
}

static const luaL_Reg functions[] = {{"fdt_check", fdt_check}, {NULL, NULL}};

void l_open_fdt(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
