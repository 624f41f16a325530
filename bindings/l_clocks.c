/* l_clocks.c - host/core/clocks.h for lua/lunq/clocks.lua. Clocks count from 0; device nil: the active one.
 *   core.clock_ps(device)                  --> "zynq7000", "zynqmp"; nil: no processing system
 *   core.clock_fits(device, design)        --> true: the design is made for the device's
 *   core.clock_reference(device)           --> 50.0, "metadata"
 *   core.clock_reference(device, 33.333)   -- MHz; nil or false: forgets it
 *   core.clock_cpu(device)                 --> 650.0
 *   core.clock_get(device, 0)              --> { on=, divisor0=, divisor1=, source=, source_mhz=, mhz=,
 *                                              asked_mhz= }; the kernel's have on and mhz only
 *   core.clock_set(device, 0, 5, 2, nil, "IO PLL")   -- divisor0, divisor1, MHz, source; nil: left out
 *   core.clock_forget(device)              -- what was asked for
 *   core.clock_enable(device, 0, false) */
#include "../host/core/clocks.h"

#include "l_design.h"

static int clock_ps(lua_State *L)
{
    static const char *const names[] = {
        [LUNQ_PS_ZYNQ7000] = "zynq7000", [LUNQ_PS_ZYNQMP] = "zynqmp"};
    struct lunq_error e;
    enum lunq_ps ps;
    if (lunq_clocks_ps(l_device(L, 1), &ps, &e) < 0)
        lua_pushnil(L);
    else
        lua_pushstring(L, names[ps]);
    return 1;
}

static int clock_fits(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    const struct l_design *design = l_check(L, 2, L_DESIGN);
    struct lunq_error e;
    enum lunq_ps ps;
    lua_pushboolean(L,
                    lunq_clocks_ps(d, &ps, &e) == 0 && lunq_clocks_designed_for(design->d) == ps);
    return 1;
}

static int clock_reference(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    struct lunq_error e;
    const char *from;
    double mhz;
    if (lua_gettop(L) > 1) {
        mhz = lua_toboolean(L, 2) ? l_optnum(L, 2, "ref_mhz", 0) : 0;
        if (lua_toboolean(L, 2) && !(mhz >= 1 && mhz <= 1000))
            l_fail(L, LUNQ_VALUE, "ref_mhz should be from 1 to 1000 MHz, not %g", mhz);
        d->ref_mhz = mhz;
        return 0;
    }
    if (lunq_clocks_reference(d, &mhz, &from, &e) < 0)
        return l_raise(L, &e);
    lua_pushnumber(L, mhz);
    lua_pushstring(L, from);
    return 2;
}

static int clock_cpu(lua_State *L)
{
    struct lunq_error e;
    double mhz;
    if (lunq_clocks_cpu(l_device(L, 1), &mhz, &e) < 0)
        return l_raise(L, &e);
    lua_pushnumber(L, mhz);
    return 1;
}

static int push_state(lua_State *L, const struct lunq_clock_state *c)
{
    lua_createtable(L, 0, 7);
    lua_pushboolean(L, c->on);
    lua_setfield(L, -2, "on");
    lua_pushnumber(L, c->mhz);
    lua_setfield(L, -2, "mhz");
    if (c->asked_mhz > 0) {
        lua_pushnumber(L, c->asked_mhz);
        lua_setfield(L, -2, "asked_mhz");
    }
    if (!c->source)
        return 1;
    lua_pushstring(L, c->source);
    lua_setfield(L, -2, "source");
    lua_pushnumber(L, c->source_mhz);
    lua_setfield(L, -2, "source_mhz");
    lua_pushinteger(L, c->div0);
    lua_setfield(L, -2, "divisor0");
    lua_pushinteger(L, c->div1);
    lua_setfield(L, -2, "divisor1");
    return 1;
}

static int clock_get(lua_State *L)
{
    struct lunq_clock_state c;
    struct lunq_error e;
    if (lunq_clocks_get(l_device(L, 1), l_checkint(L, 2, "clock"), &c, &e) < 0)
        return l_raise(L, &e);
    return push_state(L, &c);
}

static int clock_set(lua_State *L)
{
    struct lunq_clock_ask ask = {.mhz = l_optnum(L, 5, "MHz", 0)};
    struct lunq_clock_state c;
    struct lunq_error e;
    int64_t div[2];
    for (int i = 0; i < 2; i++)
        div[i] = l_optint(L, 3 + i, i ? "divisor1" : "divisor0", 0);
    ask.div0 = lua_isnoneornil(L, 3) ? NULL : &div[0];
    ask.div1 = lua_isnoneornil(L, 4) ? NULL : &div[1];
    if (!lua_isnoneornil(L, 6))
        ask.source = l_checkstr(L, 6, "source", NULL);
    if (lunq_clocks_set(l_device(L, 1), l_checkint(L, 2, "clock"), &ask, &c, &e) < 0)
        return l_raise(L, &e);
    return push_state(L, &c);
}

static int clock_forget(lua_State *L)
{
    lunq_clocks_forget(l_device(L, 1));
    return 0;
}

static int clock_enable(lua_State *L)
{
    struct lunq_error e;
    if (lunq_clocks_enable(l_device(L, 1), l_checkint(L, 2, "clock"), lua_toboolean(L, 3), &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static const luaL_Reg functions[] = {
    {"clock_ps", clock_ps},
    {"clock_reference", clock_reference},
    {"clock_fits", clock_fits},
    {"clock_forget", clock_forget},
    {"clock_cpu", clock_cpu},
    {"clock_get", clock_get},
    {"clock_set", clock_set},
    {"clock_enable", clock_enable},
    {NULL, NULL},
};

void l_open_clocks(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
