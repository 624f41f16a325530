/* embed.c - the texts of the modules inside the program. Static builds have them packed, for boards
 * with little flash; the others as they are, for a start of a millisecond. */
#include "embed.h"

#include <lauxlib.h>
#include <lua.h>
#ifdef LUNQ_PACKED
#include <zlib.h>
#endif

void lunq_embedded_push(lua_State *L, const struct lunq_embedded *e)
{
#ifdef LUNQ_PACKED
    if (e->stored < e->size) {
        luaL_Buffer b;
        uLongf n = e->size;
        char *text = luaL_buffinitsize(L, &b, e->size);
        if (uncompress((Bytef *)text, &n, e->data, e->stored) != Z_OK || n != e->size)
            luaL_error(L, "module %s inside the program is damaged", e->name);
        luaL_pushresultsize(&b, n);
        return;
    }
#endif
    lua_pushlstring(L, (const char *)e->data, e->size);
}
