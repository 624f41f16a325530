/* l_wave.c - a recording of a simulated run, for lunq.wave.
 *   local w <close> = core.wave(device, path [, only])   -- see host/device/sim/sim.h
 *   w:close()                                            -- writes the file; may be repeated */
#include "../host/device/sim/sim.h"
#include "lunq_lua.h"

typedef struct l_wave {
    struct lunq_wave *wave; /* NULL: closed. User value 1: the path */
} l_wave;

/* core.wave(device, path [, only]): records a simulated device from now on until close. */
static int wave_new(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    const char *path = l_checkstr(L, 2, "path", NULL);
    const char *only = lua_isnoneornil(L, 3) ? NULL : l_checkstr(L, 3, "only", NULL);
    struct lunq_error e;
    l_wave *u;
    if (!lunq_sim_of(d))
        return l_fail(L, LUNQ_UNSUPPORTED,
                      "Device %s is not a simulated one: nobody sees its signals. On a board, put "
                      "an ILA into the design.",
                      d->name);
    u = l_new(L, L_WAVE, sizeof *u, 1);
    u->wave = NULL;
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1);
    if (lunq_sim_wave_open(&u->wave, lunq_sim_of(d), path, only, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

static int finish(l_wave *u, struct lunq_error *e)
{
    struct lunq_wave *w = u->wave;
    u->wave = NULL; /* first: nothing gets in twice */
    return w ? lunq_sim_wave_close(w, e) : 0;
}

/* w:close(): ends the recording and writes the file. May be repeated. Raises `io` when the file could not be written. */
static int wave_close(lua_State *L)
{
    struct lunq_error e;
    if (finish(l_check(L, 1, L_WAVE), &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static int wave_gc(lua_State *L)
{
    struct lunq_error e;
    if (finish(l_check(L, 1, L_WAVE), &e) < 0)
        lunq_warn("resource", "%s", e.message);
    return 0;
}

static int wave_tostring(lua_State *L)
{
    l_wave *u = l_check(L, 1, L_WAVE);
    lua_getiuservalue(L, 1, 1);
    lua_pushfstring(L, "Wave %s%s", lua_tostring(L, -1), u->wave ? "" : " (closed)");
    return 1;
}

static const luaL_Reg methods[] = {{"close", wave_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", wave_gc}, {"__close", wave_close}, {"__tostring", wave_tostring}, {NULL, NULL}};

void l_open_wave(lua_State *L)
{
    l_type(L, L_WAVE, "lunq.Wave", methods, meta);
    lua_pushcfunction(L, wave_new);
    lua_setfield(L, -2, "wave");
}
