/* l_bitstream.c - lunq.Bitstream, the Lua face of host/design/bitstream.h.
 *   local b = core.bitstream_read("base.bit")
 *   local b = core.bitstream_read("secret.bin", true)    -- whatever it is: raw data when it is no .bit
 *   b.design, b.version, b.part, b.date, b.time, b.size, b.file
 *   b:to_bin()     --> string, in the byte order of Linux's FPGA manager */
#include <string.h>

#include "../host/design/bitstream.h"
#include "l_design.h"

struct l_bitstream {
    struct lunq_bitstream *b;
};

static int bitstream_read(lua_State *L)
{
    const char *path = l_checkstr(L, 1, "path", NULL);
    bool any = lua_toboolean(L, 2);
    struct l_bitstream *u = l_new(L, L_BITSTREAM, sizeof *u, 0);
    struct lunq_error e;
    int r = any ? lunq_bitstream_read_any(&u->b, path, &e) : lunq_bitstream_read(&u->b, path, &e);
    if (r < 0)
        return l_raise(L, &e);
    return 1;
}

static int bitstream_gc(lua_State *L)
{
    struct l_bitstream *u = l_check(L, 1, L_BITSTREAM);
    struct lunq_bitstream *b = u->b;
    u->b = NULL;
    lunq_bitstream_free(b);
    return 0;
}

static int bitstream_to_bin(lua_State *L)
{
    struct l_bitstream *u = l_check(L, 1, L_BITSTREAM);
    struct lunq_error e;
    luaL_Buffer buffer;
    if (!u->b)
        return l_fail(L, LUNQ_RUNTIME, "the bitstream was not read");
    if (lunq_bitstream_to_bin(u->b, (uint8_t *)luaL_buffinitsize(L, &buffer, u->b->size), &e) < 0)
        return l_raise(L, &e);
    luaL_pushresultsize(&buffer, u->b->size);
    return 1;
}

static int bitstream_tostring(lua_State *L)
{
    struct l_bitstream *u = l_check(L, 1, L_BITSTREAM);
    if (!u->b)
        lua_pushliteral(L, "Bitstream (none)");
    else if (u->b->header)
        lua_pushfstring(L, "Bitstream %s for %s", u->b->design, u->b->part);
    else
        lua_pushfstring(L, "Bitstream %s", u->b->file);
    return 1;
}

static int bitstream_index(lua_State *L)
{
    struct l_bitstream *u = l_check(L, 1, L_BITSTREAM);
    const char *key = lua_tostring(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING || !u->b)
        return 0;
    if (!strcmp(key, "size"))
        lua_pushinteger(L, (lua_Integer)u->b->size);
    else if (!strcmp(key, "file"))
        lua_pushstring(L, u->b->file);
    else if (!strcmp(key, "format"))
        lua_pushstring(L, u->b->header ? "bit" : "bin");
    else if (u->b->header && !strcmp(key, "design"))
        lua_pushstring(L, u->b->design);
    else if (u->b->header && !strcmp(key, "version"))
        lua_pushstring(L, u->b->version);
    else if (u->b->header && !strcmp(key, "part"))
        lua_pushstring(L, u->b->part);
    else if (u->b->header && !strcmp(key, "date"))
        lua_pushstring(L, u->b->date);
    else if (u->b->header && !strcmp(key, "time"))
        lua_pushstring(L, u->b->time);
    else {
        luaL_getmetafield(L, 1, "methods");
        lua_pushvalue(L, 2);
        lua_rawget(L, -2);
    }
    return 1;
}

static const luaL_Reg methods[] = {{"to_bin", bitstream_to_bin}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", bitstream_gc},
                                {"__tostring", bitstream_tostring},
                                {"__index", bitstream_index},
                                {NULL, NULL}};
static const luaL_Reg functions[] = {{"bitstream_read", bitstream_read}, {NULL, NULL}};

static const char *const fields[] = {"date", "design", "file",    "format", "part",
                                     "size", "time",   "version", NULL};

void l_open_bitstream(lua_State *L)
{
    l_type(L, L_BITSTREAM, "lunq.Bitstream", methods, meta);
    l_fields(L, "lunq.Bitstream", NULL, fields);
    luaL_setfuncs(L, functions, 0);
}
