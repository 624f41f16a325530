/* periphery.c - registers as lua-periphery 2.4.3 reaches them, for bench/board.lua: a userdata whose methods
 * are found by a function, an argument check by name, a bounds check, and memcpy from the mapping.
 *   local m = require "periphery".open("/dev/uio4", 0, 0x1000)
 *   m:read32(off)  m:write32(off, value) */
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct window {
    volatile uint8_t *ptr;
    size_t size;
};

static const char type[] = "bench.MMIO";

static int mmio_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    off_t offset = (off_t)luaL_checkinteger(L, 2);
    size_t size = (size_t)luaL_checkinteger(L, 3);
    struct window *w = lua_newuserdatauv(L, sizeof *w, 0);
    int fd = open(path, O_RDWR | O_SYNC);
    void *p =
        fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED)
        return luaL_error(L, "%s can't be mapped", path);
    *w = (struct window){p, size};
    luaL_setmetatable(L, type);
    return 1;
}

static volatile uint8_t *place(lua_State *L)
{
    struct window *w = luaL_checkudata(L, 1, type);
    lua_Number off;
    if (lua_type(L, 2) != LUA_TNUMBER)
        luaL_error(L, "invalid type of argument 1");
    off = lua_tonumber(L, 2);
    if (off < 0 || (size_t)off + 4 > w->size)
        luaL_error(L, "offset out of bounds");
    return w->ptr + (size_t)off;
}

static int mmio_read32(lua_State *L)
{
    uint32_t value;
    memcpy(&value, (const void *)place(L), sizeof value);
    lua_pushinteger(L, value);
    return 1;
}

static int mmio_write32(lua_State *L)
{
    volatile uint8_t *p = place(L);
    uint32_t value;
    if (lua_type(L, 3) != LUA_TNUMBER)
        return luaL_error(L, "invalid type of argument 2");
    value = (uint32_t)lua_tointeger(L, 3);
    memcpy((void *)p, &value, sizeof value);
    return 0;
}

/* Methods first, then what it would have as properties. */
static int mmio_index(lua_State *L)
{
    const char *field;
    if (!lua_isstring(L, 2))
        return luaL_error(L, "unknown method or property");
    field = lua_tostring(L, 2);
    lua_getmetatable(L, 1);
    lua_getfield(L, -1, field);
    return lua_isnil(L, -1) ? luaL_error(L, "unknown method or property") : 1;
}

int luaopen_periphery(lua_State *L);
int luaopen_periphery(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read32", mmio_read32}, {"write32", mmio_write32}, {"__index", mmio_index}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"open", mmio_open}, {NULL, NULL}};
    luaL_newmetatable(L, type);
    luaL_setfuncs(L, methods, 0);
    luaL_newlib(L, functions);
    return 1;
}
