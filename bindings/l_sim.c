/* l_sim.c - what a script may ask of a simulated device, beyond what every device has.
 *   d:models()                       --> { ["axi_dma_0"] = "axi_dma (C)", ["fir_0"] = "register file" }
 *   d:model("fir_0")                 --> the object of a model in Lua
 *   d:wire("axi_dma_0/s2mm_introut") --> level;  d:wire("btns", 3) drives an external input, or
 *     any pin; the latter also on a qtest device, for pins wired to an interrupt controller
 *   d:streams()  --> { { from = "fifo/M_AXIS", to = "dma/S_AXIS_S2MM", bytes=, packets=, waiting= } }
 *   d:peek(addr, n) --> string;      d:poke(addr, string)        -- the device's memory
 *   d:inject{ ip = "axi_dma_0", fault = "lose_tlast", count = 1 } --> number
 *   d:faults();  d:clear_faults() ends all of them, d:clear_faults(number) that one
 *   d:step() --> true while something was planned;  d:step(n) runs n cycles of the clock of RTL
 *   d:stats(true) counts every access from now on;  d:stats() --> { [ip] = { reads=, writes= } }
 *   d:trace("w.fst", "fir_0"): waves of what is inside that RTL (else the first), to a file until d:trace(false)
 *   d:trace(true) records;  d:trace(false) stops;  d:trace() --> text so far
 * On another device each raises `unsupported`. */
#include <inttypes.h>
#include <string.h>

#include "../host/core/flight.h"
#include "../host/device/record/record.h"
#include "../host/device/rtl/rtl.h"
#include "../host/device/sim/sim.h"
#include "l_device.h"
#include "l_model.h"

static struct lunq_sim *check_sim(lua_State *L, int idx)
{
    struct lunq_device *d = l_checkdevice(L, idx);
    struct lunq_sim *s = lunq_sim_of(d);
    if (!s && lunq_is_tape(d))
        l_fail(L, LUNQ_UNSUPPORTED,
               "Device %s is recorded or replayed: of what only simulated devices have, wires can "
               "be, the rest not.",
               d->name);
    if (!s)
        l_fail(L, LUNQ_UNSUPPORTED, "Device %s is not a simulated one.", d->name);
    return s;
}

/* "path/INTERFACE", or nil for an end outside the design */
static void set_end(lua_State *L, const char *key, const char *path, const char *interface)
{
    if (!path)
        return;
    lua_pushfstring(L, "%s/%s", path, interface ? interface : "?");
    lua_setfield(L, -2, key);
}

/* :streams() --> list of { from=, to=, bytes=, packets=, waiting= } */
static int sim_streams(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    size_t n = lunq_sim_streams(s);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        struct lunq_sim_stream st;
        lunq_sim_stream(s, i, &st);
        lua_createtable(L, 0, 5);
        set_end(L, "from", st.from, st.from_if);
        set_end(L, "to", st.to, st.to_if);
        l_set_integer(L, "bytes", st.bytes);
        l_set_integer(L, "packets", st.packets);
        lua_pushboolean(L, st.waiting);
        lua_setfield(L, -2, "waiting");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int sim_models(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    size_t n = lunq_sim_ips(s);
    lua_createtable(L, 0, (int)n);
    for (size_t i = 0; i < n; i++) {
        struct lunq_sim_ip ip;
        lunq_sim_ip(s, i, &ip);
        if (ip.origin && !strcmp(ip.origin, "Lua"))
            l_model_push_name(L, lunq_sim_inst(s, ip.path));
        else if (ip.origin)
            lua_pushfstring(L, "%s (%s)", ip.model, ip.origin);
        else
            lua_pushstring(L, ip.model);
        lua_setfield(L, -2, ip.path);
    }
    return 1;
}

/* :model(path) --> the Lua object of a model written in Lua, or nil */
static int sim_model(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    l_model_push(L, lunq_sim_inst(s, l_checkstr(L, 2, "path", NULL)));
    return 1;
}

static int sim_stats(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    size_t n = lunq_sim_ips(s);
    if (!lua_isnoneornil(L, 2))
        lunq_sim_count(s, lua_toboolean(L, 2));
    lua_createtable(L, 0, (int)n);
    for (size_t i = 0; i < n; i++) {
        struct lunq_sim_ip ip;
        lunq_sim_ip(s, i, &ip);
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, (lua_Integer)ip.reads);
        lua_setfield(L, -2, "reads");
        lua_pushinteger(L, (lua_Integer)ip.writes);
        lua_setfield(L, -2, "writes");
        lua_setfield(L, -2, ip.path);
    }
    return 1;
}

/* :wire(pin) --> level; :wire(port, level) drives an input of the design */
static int sim_wire(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    const char *pin = l_checkstr(L, 2, "pin", NULL);
    struct lunq_error e;
    uint64_t level;
    if (!lua_isnoneornil(L, 3) && d->ops->drive) {
        level = (uint64_t)l_checkint(L, 3, "level");
        if (lunq_flight_on)
            lunq_flight_note(d, LUNQ_FLIGHT_DRIVE, pin, 0, level);
        if (d->ops->drive(d, pin, level, &e) < 0)
            return l_raise(L, &e);
        return 0;
    }
    if (!d->ops->wire)
        return l_fail(L, LUNQ_UNSUPPORTED, "Device %s is not a simulated one.", d->name);
    if (d->ops->wire(d, pin, &level, &e) < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, (lua_Integer)level);
    return 1;
}

static int sim_peek(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    uint64_t addr = l_checksize(L, 2, "address");
    size_t n = l_checkcount(L, 3, "size");
    struct lunq_error e;
    luaL_Buffer b;
    char *p;
    if (lunq_sim_peek(s, addr, NULL, n, &e) < 0)
        return l_raise(L, &e);
    p = luaL_buffinitsize(L, &b, n);
    lunq_sim_peek(s, addr, p, n, NULL);
    luaL_pushresultsize(&b, n);
    return 1;
}

static int sim_poke(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    uint64_t addr = l_checksize(L, 2, "address");
    size_t n;
    const char *data = l_checkstr(L, 3, "bytes", &n);
    struct lunq_error e;
    if (lunq_sim_poke(s, addr, data, n, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* :step(): runs the next event, and is false when there was none. :step(n): n cycles of the clock of the
 * first RTL in the design; raises `device` when the RTL ends, `unsupported` without RTL. */
static int sim_step(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    bool cycles = !lua_isnoneornil(L, 2);
    struct lunq_error e;
    int r = cycles ? lunq_rtl_step(s, l_checksize(L, 2, "cycles"), &e) : lunq_sim_step(s, &e);
    if (r < 0)
        return l_raise(L, &e);
    lua_pushboolean(L, r || cycles);
    return 1;
}

/* :trace(on): records what the device does, or no longer; gives the text so far. :trace(path[, ip]): waves of all
 * there is inside the RTL (the first, or at that path) go to a file, VCD or FST as its model was built, until
 * :trace(false). Raises `unsupported` for a model without traces, `value` for a file called .fst of one that writes VCD
 * and the other way round, `runtime` when they go to a file already. */
static int sim_trace(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    size_t n;
    const char *text;
    if (lua_type(L, 2) == LUA_TSTRING)
        return l_rtl_trace(L);
    if (!lua_isnoneornil(L, 2) && !lua_toboolean(L, 2))
        l_rtl_trace_end(s);
    if (!lua_isnoneornil(L, 2))
        lunq_sim_record(s, lua_toboolean(L, 2));
    text = lunq_sim_recorded(s, &n);
    lua_pushlstring(L, text, n);
    return 1;
}

/* ---- faults -------------------------------------------------------------------------------- */

/* The fields inject understands, in the order of get_fields. */
static const char *const fields[] = {"fault", "ip", "where", "offset", "after",
                                     "count", "ns", "bytes", NULL};

static void check_fields(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        size_t i = 0;
        while (fields[i] && strcmp(fields[i], key))
            i++;
        if (!fields[i])
            l_fail(L, LUNQ_VALUE,
                   "inject has no field \"%s\"; it has fault, ip, where, offset, "
                   "after, count, ns and bytes.",
                   key);
        lua_pop(L, 1);
    }
}

static uint64_t number_field(lua_State *L, const char *name, uint64_t otherwise)
{
    uint64_t v = otherwise;
    if (lua_getfield(L, 2, name) != LUA_TNIL)
        v = l_checksize(L, -1, name);
    lua_pop(L, 1);
    return v;
}

/* A text field; it stays on the stack. */
static const char *text_field(lua_State *L, const char *name)
{
    return lua_getfield(L, 2, name) == LUA_TNIL ? NULL : l_checkstr(L, -1, name, NULL);
}

/* d:inject{ ip =, fault =, count =, ... }: from now on the IP, or the bus to it, fails like this;
 * gives a number for d:clear_faults. docs/simulator.md lists the faults. */
static int sim_inject(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    struct lunq_sim_fault f = {0};
    struct lunq_error e;
    int id;
    if (!lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE,
                      "inject takes a table: d:inject{ ip = \"axi_dma_0\", "
                      "fault = \"lose_tlast\" }");
    lua_settop(L, 2);
    check_fields(L);
    f.kind = text_field(L, "fault");
    if (!f.kind)
        f.kind = "";
    f.ip = text_field(L, "ip");
    f.where = text_field(L, "where");
    f.offset = number_field(L, "offset", UINT64_MAX);
    f.after = number_field(L, "after", 0);
    f.count = number_field(L, "count", UINT64_MAX);
    f.ns = number_field(L, "ns", 1000);
    f.bytes = number_field(L, "bytes", 4);
    id = lunq_sim_inject(s, &f, &e);
    if (id < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, id);
    return 1;
}

static int sim_clear_faults(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    uint64_t id = lua_isnoneornil(L, 2) ? 0 : l_checksize(L, 2, "fault");
    if (lua_isnoneornil(L, 2))
        lunq_sim_clear_faults(s);
    else if (id > UINT32_MAX || !lunq_sim_clear_fault(s, (unsigned)id))
        return l_fail(L, LUNQ_VALUE, "There is no fault number %llu: inject gives the number.",
                      (unsigned long long)id);
    return 0;
}

/* :faults() --> list of { id=, fault=, ip=, where=, fired=, left= }; left is nil for "always" */
static int sim_faults(lua_State *L)
{
    struct lunq_sim *s = check_sim(L, 1);
    size_t n = lunq_sim_faults(s);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        const struct lunq_sim_fault *f = lunq_sim_fault(s, i);
        lua_createtable(L, 0, 6);
        l_set_integer(L, "id", f->id);
        l_set_text(L, "fault", f->kind);
        l_set_text(L, "ip", f->ip);
        l_set_text(L, "where", f->where);
        l_set_integer(L, "fired", f->fired);
        if (f->count != UINT64_MAX)
            l_set_integer(L, "left", f->count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

const luaL_Reg l_sim_methods[] = {
    {"models", sim_models},
    {"streams", sim_streams},
    {"model", sim_model},
    {"stats", sim_stats},
    {"wire", sim_wire},
    {"peek", sim_peek},
    {"poke", sim_poke},
    {"step", sim_step},
    {"trace", sim_trace},
    {"inject", sim_inject},
    {"clear_faults", sim_clear_faults},
    {"faults", sim_faults},
    {NULL, NULL},
};
