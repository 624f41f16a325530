/* embed.c - the texts of the modules inside the program. Static builds have them packed, for boards
 * with little flash; the others as they are, for a start of a millisecond. */
#include "embed.h"

#include <lauxlib.h>
#include <lua.h>
#ifdef LUNQ_PACKED
#include <stdbool.h>
#include <zlib.h>
#endif

#ifdef LUNQ_PACKED
enum { DICTIONARY = 32768 }; /* bytes, zlib's limit */

/* One packed text, or the dictionary itself (dictionary NULL). */
static bool unpack(const unsigned char *packed, size_t stored, void *out, size_t size,
                   const Bytef *dictionary)
{
    z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)stored};
    int r;
    if (inflateInit(&z) != Z_OK)
        return false;
    z.next_out = out;
    z.avail_out = (uInt)size;
    r = inflate(&z, Z_FINISH);
    if (r == Z_NEED_DICT && dictionary &&
        inflateSetDictionary(&z, dictionary, (uInt)lunq_embedded_dictionary_size) == Z_OK)
        r = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return r == Z_STREAM_END && z.total_out == size;
}

static bool unpack_text(const struct lunq_embedded *e, char *out)
{
    static Bytef dictionary[DICTIONARY];
    static bool there;
    if (!there)
        there = lunq_embedded_dictionary_size <= sizeof dictionary &&
                unpack(lunq_embedded_dictionary, lunq_embedded_dictionary_stored, dictionary,
                       lunq_embedded_dictionary_size, NULL);
    return there && unpack(e->data, e->stored, out, e->size, dictionary);
}
#endif

void lunq_embedded_push(lua_State *L, const struct lunq_embedded *e)
{
#ifdef LUNQ_PACKED
    if (e->stored < e->size) {
        luaL_Buffer b;
        char *text = luaL_buffinitsize(L, &b, e->size);
        if (!unpack_text(e, text))
            luaL_error(L, "module %s inside the program is damaged", e->name);
        luaL_pushresultsize(&b, e->size);
        return;
    }
#endif
    lua_pushlstring(L, (const char *)e->data, e->size);
}
