/* l_flight.c - the flight recorder of `lunq test`, the Lua face of host/core/flight.h.
 *   core.flight.start(n)               -- from now on keeps the last n records; 0: none
 *   core.flight.clear()                -- forgets what there is
 *   core.flight.pause(true)            -- what is done until pause(false) is not noted
 *   core.flight.last() --> { { what = "read", address =, width =, words =, value =, times =, first =,
 *     last =, failed =, device = "sim", serial =, loads =, name = }, ... }, total    -- the oldest first */
#include "../host/core/flight.h"

#include "lunq_lua.h"

static const char *const names[] = {
    [LUNQ_FLIGHT_READ] = "read",   [LUNQ_FLIGHT_WRITE] = "write",
    [LUNQ_FLIGHT_LOAD] = "load",   [LUNQ_FLIGHT_TRANSFER] = "transfer",
    [LUNQ_FLIGHT_LEVEL] = "level", [LUNQ_FLIGHT_SET] = "set",
    [LUNQ_FLIGHT_DRIVE] = "drive", [LUNQ_FLIGHT_RUN] = "run",
    [LUNQ_FLIGHT_ENDED] = "ended", [LUNQ_FLIGHT_MOVED] = "moved",
    [LUNQ_FLIGHT_SYNC] = "sync",   [LUNQ_FLIGHT_SENT] = "sent",
    [LUNQ_FLIGHT_CAME] = "came",   [LUNQ_FLIGHT_INTERRUPT] = "interrupt",
};

static int flight_start(lua_State *L)
{
    uint64_t n = l_checksize(L, 1, "The number of accesses to keep");
    struct lunq_error e;
    if (n == 0)
        lunq_flight_stop();
    else if (lunq_flight_start(n > SIZE_MAX ? SIZE_MAX : (size_t)n, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static int flight_clear(lua_State *L)
{
    (void)L;
    lunq_flight_clear();
    return 0;
}

static int flight_pause(lua_State *L)
{
    lunq_flight_pause(lua_toboolean(L, 1));
    return 0;
}

static void push_record(lua_State *L, const struct lunq_flight_record *r)
{
    lua_createtable(L, 0, 13);
    lua_pushstring(L, names[r->what]);
    lua_setfield(L, -2, "what");
    lua_pushstring(L, r->device);
    lua_setfield(L, -2, "device");
    lua_pushstring(L, r->name);
    lua_setfield(L, -2, "name");
    lua_pushboolean(L, r->failed);
    lua_setfield(L, -2, "failed");
    l_set_integer(L, "address", r->address);
    l_set_integer(L, "width", r->width);
    l_set_integer(L, "words", r->words);
    l_set_integer(L, "value", r->value);
    l_set_integer(L, "times", r->times);
    l_set_integer(L, "first", r->first);
    l_set_integer(L, "last", r->last);
    l_set_integer(L, "serial", r->serial);
    l_set_integer(L, "loads", r->loads);
}

static int flight_last(lua_State *L)
{
    size_t n = lunq_flight_count();
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n && i < lunq_flight_count(); i++) { /* a finalizer may clear it */
        push_record(L, lunq_flight_at(i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)lunq_flight_total());
    return 2;
}

static const luaL_Reg functions[] = {{"start", flight_start},
                                     {"clear", flight_clear},
                                     {"pause", flight_pause},
                                     {"last", flight_last},
                                     {NULL, NULL}};

void l_open_flight(lua_State *L)
{
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "flight");
}
