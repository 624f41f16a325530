/* l_coverage.c - which registers were touched, the Lua face of host/core/coverage.h.
 *   core.coverage.start(true)            -- counts from now on; false: no longer
 *   core.coverage.take() --> { { serial =, loads =, address =, reads =, writes =, ones =, zeros =, more =,
 *     values = { { value =, read =, written = }, ... } }, ... }, lost   -- and begins anew */
#include "../host/core/coverage.h"
#include "../host/core/flight.h"

#include "lunq_lua.h"

static int coverage_start(lua_State *L)
{
    struct lunq_error e;
    if (!lua_toboolean(L, 1))
        lunq_coverage_stop();
    else if (lunq_coverage_start(&e) < 0)
        return l_raise(L, &e);
    return 0;
}

static void push_values(lua_State *L, const struct lunq_coverage_word *w)
{
    lua_createtable(L, (int)w->n_values, 0);
    for (size_t i = 0; i < w->n_values; i++) {
        lua_createtable(L, 0, 3);
        l_set_integer(L, "value", w->values[i].value);
        l_set_boolean(L, "read", w->values[i].read);
        l_set_boolean(L, "written", w->values[i].written);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_word(lua_State *L, const struct lunq_coverage_word *w)
{
    lua_createtable(L, 0, 9);
    l_set_integer(L, "serial", w->serial);
    l_set_integer(L, "loads", w->loads);
    l_set_integer(L, "address", w->address);
    l_set_integer(L, "reads", w->reads);
    l_set_integer(L, "writes", w->writes);
    l_set_integer(L, "ones", w->ones);
    l_set_integer(L, "zeros", w->zeros);
    l_set_boolean(L, "more", w->more);
    push_values(L, w);
    lua_setfield(L, -2, "values");
}

static int coverage_take(lua_State *L)
{
    bool noting = lunq_flight_on;
    lunq_flight_on = false; /* a finalizer may touch a register while the list is walked */
    lua_createtable(L, (int)lunq_coverage_count(), 0);
    for (size_t i = 0; i < lunq_coverage_count(); i++) {
        push_word(L, lunq_coverage_at(i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lunq_coverage_clear();
    lunq_flight_on = noting;
    lua_pushinteger(L, (lua_Integer)lunq_coverage_lost());
    return 2;
}

static const luaL_Reg functions[] = {
    {"start", coverage_start}, {"take", coverage_take}, {NULL, NULL}};

void l_open_coverage(lua_State *L)
{
    luaL_newlib(L, functions);
    lua_setfield(L, -2, "coverage");
}
