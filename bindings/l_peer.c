/* l_peer.c - peers of serial IP in Lua (lua/lunq/peer.lua): a chip, a flash, a terminal at the pins
 * of an IP of a simulated device.
 *   d:attach("axi_iic_0", peer [, line]) --> peer      line: which select, for SPI
 *   d:detach(peer)                                     -- may be repeated
 *   d:peers() --> { { path =, peer =, line = }, ... }
 *   core.peer_send(peer, bytes)                        -- a UART peer sends
 *   core.peer_now(peer) --> ns
 * A peer is any table with a field `bus` and the methods of its bus. While it is attached the
 * registry keeps it. An error in a method is raised by whoever accesses the device or waits for it. */
#include <stdlib.h>
#include <string.h>

#include "l_device.h"
#include "l_model.h"

static const char attached; /* its address is the registry key: peer object -> userdata */

struct l_peer {
    struct sim_peer peer; /* first: the device's part */
    struct l_context *ctx;
};

struct peer_call {
    struct l_peer *p;
    enum sim_peer_call what;
    uint32_t a, b;
    int64_t result;
};

static const char *const methods[] = {
    [SIM_PEER_START] = "start",       [SIM_PEER_WRITE] = "write",
    [SIM_PEER_READ] = "read",         [SIM_PEER_STOP] = "stop",
    [SIM_PEER_SELECT] = "select",     [SIM_PEER_DESELECT] = "deselect",
    [SIM_PEER_TRANSFER] = "transfer", [SIM_PEER_RECEIVE] = "receive",
    [SIM_PEER_SAMPLE] = "sample",
};

/* ---- the simulator asks -------------------------------------------------------------------- */

/* Pushes the Lua object of a peer. */
static void push_object(lua_State *L, const struct l_peer *p)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &attached);
    lua_rawgetp(L, -1, p); /* userdata address -> userdata, whose user value 1 it is */
    lua_getiuservalue(L, -1, 1);
    lua_insert(L, -3);
    lua_pop(L, 2);
}

/* What a method returned: a boolean, a number, or nothing. */
static int64_t result_at(lua_State *L, int idx, const char *method)
{
    if (lua_isnil(L, idx))
        return -1;
    if (lua_isboolean(L, idx))
        return lua_toboolean(L, idx);
    return (int64_t)(uint32_t)l_checkint(L, lua_absindex(L, idx), method);
}

static int invoke(lua_State *L)
{
    struct peer_call *c = lua_touserdata(L, 1);
    push_object(L, c->p);
    if (lua_getfield(L, -1, methods[c->what]) == LUA_TNIL)
        return 0; /* it has nothing to say to that */
    lua_insert(L, -2);
    lua_pushinteger(L, c->a);
    if (c->what == SIM_PEER_START)
        lua_pushboolean(L, (int)c->b);
    else
        lua_pushinteger(L, c->b);
    lua_call(L, 3, 1);
    c->result = result_at(L, -1, methods[c->what]);
    return 0;
}

/* Takes the error text off the stack and hands it to the device. */
static void report(lua_State *L, struct sim_inst *i, const char *method)
{
    struct lunq_error e;
    lunq_fail(&e, LUNQ_DEVICE, "Peer at %s failed in %s: %s", i->path, method,
              lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "(no text)");
    lunq_fault(&e); /* to the script that uses the device, the device is what failed */
    sim_report(i, &e);
    lua_pop(L, 1);
}

static int64_t peer_call(struct sim_peer *p, struct sim_inst *i, enum sim_peer_call what,
                         uint32_t a, uint32_t b)
{
    struct peer_call c = {.p = (struct l_peer *)p, .what = what, .a = a, .b = b, .result = -1};
    lua_State *L = c.p->ctx->calls;
    struct lunq_error e;
    if (!lua_checkstack(L, 16)) {
        lunq_fail(&e, LUNQ_MEMORY, "Peer at %s: no Lua stack for %s.", i->path, methods[what]);
        sim_report(i, &e);
        return -1;
    }
    if (!l_model_protected(L, invoke, &c))
        report(L, i, methods[what]);
    return c.result;
}

/* ---- attaching ----------------------------------------------------------------------------- */

/* Takes a peer out of the registry: the keys are its address and its object. Setting a field that
 * exists to nil allocates nothing, so this can't fail half-way. */
static void forget(struct sim_peer *sp)
{
    struct l_peer *p = (struct l_peer *)sp;
    lua_State *L = p->ctx->calls;
    if (!lua_checkstack(L, 6))
        return; /* it stays in memory, which is all */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &attached);
    push_object(L, p);
    lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pushnil(L);
    lua_rawsetp(L, -2, p);
    lua_pop(L, 1);
}

static enum sim_bus check_bus(lua_State *L, int idx)
{
    enum sim_bus bus;
    const char *name;
    if (!lua_istable(L, idx))
        l_fail(L, LUNQ_TYPE, "a peer should be an object such as lunq.peers.eeprom{}, not %s",
               luaL_typename(L, idx));
    name = lua_getfield(L, idx, "bus") == LUA_TSTRING ? lua_tostring(L, -1) : "";
    for (bus = SIM_I2C; bus <= SIM_ANALOG; bus++)
        if (!strcmp(name, sim_bus_name(bus)))
            return bus;
    l_fail(L, LUNQ_VALUE,
           "bus of a peer should be \"i2c\", \"spi\", \"uart\", \"mailbox\" "
           "or \"analog\"");
    return SIM_NO_BUS;
}

static struct lunq_sim *check_sim(lua_State *L)
{
    struct lunq_device *d = l_checkdevice(L, 1);
    struct lunq_sim *s = lunq_sim_of(d);
    if (!s)
        l_fail(L, LUNQ_UNSUPPORTED, "Device %s is not a simulated one.", d->name);
    return s;
}

/* Pushes the table of attached peers and what it has for the object at idx. */
static struct l_peer *find(lua_State *L, int idx)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &attached);
    lua_pushvalue(L, idx);
    lua_rawget(L, -2);
    return l_test(L, -1, L_PEER);
}

static int peer_attach(lua_State *L)
{
    struct lunq_sim *s = check_sim(L);
    const char *path = l_checkstr(L, 2, "path", NULL);
    int64_t line = l_optint(L, 4, "line", 0);
    struct lunq_error e;
    enum sim_bus bus;
    struct l_peer *p;
    lua_settop(L, 4);
    bus = check_bus(L, 3);
    l_not_in_model(L, "a device's peers");
    if (line < 0 || line > 31)
        return l_fail(L, LUNQ_VALUE, "line should be 0 to 31, not %d", (int)line);
    lua_settop(L, 4);
    if ((p = find(L, 3)) != NULL)
        return l_fail(L, LUNQ_RUNTIME, "The peer is attached to %s already: detach it first.",
                      p->peer.path);
    lua_settop(L, 5); /* ... the table */
    p = l_new(L, L_PEER, sizeof *p, 1);
    memset(p, 0, sizeof *p);
    p->ctx = l_context(L);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, -2);
    lua_rawset(L, 5);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, 5, p);
    p->peer = (struct sim_peer){
        .bus = bus, .line = (unsigned)line, .call = peer_call, .detached = forget};
    if (lunq_sim_attach(s, &p->peer, path, &e) < 0) {
        forget(&p->peer);
        return l_raise(L, &e);
    }
    lua_settop(L, 3);
    return 1;
}

static int peer_detach(lua_State *L)
{
    struct l_peer *p;
    l_checkdevice(L, 1);
    if (!lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE, "detach takes a peer that was attached, not %s",
                      luaL_typename(L, 2));
    l_not_in_model(L, "a device's peers");
    p = find(L, 2);
    if (p)
        lunq_sim_detach(&p->peer);
    return 0;
}

static int peer_list(lua_State *L)
{
    struct lunq_sim *s = check_sim(L);
    lua_Integer n = 0;
    lua_newtable(L);
    for (struct sim_peer *p = lunq_sim_peers(s); p; p = p->next) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, p->path);
        lua_setfield(L, -2, "path");
        lua_pushinteger(L, p->line);
        lua_setfield(L, -2, "line");
        push_object(L, (struct l_peer *)p);
        lua_setfield(L, -2, "peer");
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* core.peer_send(peer, bytes): a peer of a UART sends bytes to the IP. */
static int peer_send(lua_State *L)
{
    size_t n;
    const char *data = l_checkstr(L, 2, "bytes", &n);
    struct l_peer *p;
    struct lunq_error e;
    lua_settop(L, 2);
    p = find(L, 1);
    if (!p)
        return l_fail(L, LUNQ_RUNTIME, "The peer is not attached: device:attach(path, peer).");
    if (lunq_sim_feed(&p->peer, data, n, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* core.peer_now(peer) --> time of the device it is attached to, ns; 0 when it is not */
static int peer_now(lua_State *L)
{
    struct l_peer *p;
    luaL_checkany(L, 1);
    p = find(L, 1);
    lua_pushinteger(L, p ? (lua_Integer)lunq_device_now(lunq_sim_device(p->peer.sim)) : 0);
    return 1;
}

/* Only at the end of the state: while it is attached the registry keeps it. */
static int peer_gc(lua_State *L)
{
    struct l_peer *p = l_check(L, 1, L_PEER);
    p->peer.detached = NULL;
    lunq_sim_detach(&p->peer);
    return 0;
}

const luaL_Reg l_peer_methods[] = {
    {"attach", peer_attach}, {"detach", peer_detach}, {"peers", peer_list}, {NULL, NULL}};

static const luaL_Reg meta[] = {{"__gc", peer_gc}, {NULL, NULL}};

void l_open_peer(lua_State *L)
{
    l_type(L, L_PEER, "lunq.AttachedPeer", NULL, meta);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &attached) == LUA_TNIL) {
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &attached);
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, peer_send);
    lua_setfield(L, -2, "peer_send");
    lua_pushcfunction(L, peer_now);
    lua_setfield(L, -2, "peer_now");
}
