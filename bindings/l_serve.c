/* l_serve.c - a simulated device served to another program, the Lua face of host/device/sim/serve.h.
 *   local s <close> = core.serve(device, { socket = "/tmp/pl", qtest = "/tmp/qtest", gic = "gic" })
 *   s:wait([timeout])     -- until a client has gone
 *   s:info() --> { clients=, reads=, writes=, failed=, interrupts=, client=, qemu= }
 *   s:close()             -- cuts the client off; may be repeated */
#include "../host/device/sim/serve.h"
#include "l_wait.h"

typedef struct l_serve {
    struct lunq_serve *v; /* NULL: closed */
    unsigned waits;       /* under way: they need v */
    bool closed;          /* asked for; happens with the last wait */
} l_serve;

static int closed(lua_State *L)
{
    return l_fail(L, LUNQ_RUNTIME, "The device is no longer served: it was closed.");
}

static l_serve *check_serve(lua_State *L)
{
    l_serve *u = l_check(L, 1, L_SERVE);
    if (u->closed)
        closed(L);
    return u;
}

/* The string of this name in the table at 2, kept on the stack, or NULL. */
static const char *text(lua_State *L, const char *name)
{
    return lua_getfield(L, 2, name) == LUA_TNIL ? NULL : l_checkstr(L, -1, name, NULL);
}

/* core.serve(device, options): serves a simulated device at the socket of that path to one client at a time, as
 * host/device/sim/serve.h says, while something waits. With qtest and gic its interrupts go to the QEMU that
 * connects there. */
static int serve_new(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    struct lunq_serve_options o;
    struct lunq_error e;
    l_serve *u;
    l_not_in_model(L, "Serving a device");
    if (!lua_istable(L, 2))
        l_wrong_type(L, 2, "a table of options");
    lua_settop(L, 2);
    o.socket = text(L, "socket");
    o.qtest = text(L, "qtest");
    o.gic = text(L, "gic");
    if (!o.socket)
        l_fail(L, LUNQ_VALUE, "core.serve needs the path of a socket: { socket = PATH }.");
    u = l_new(L, L_SERVE, sizeof *u, 0);
    *u = (l_serve){0};
    if (lunq_serve_open(&u->v, d, &o, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

static void release(l_serve *u)
{
    struct lunq_serve *v = u->v;
    if (u->waits || !u->closed)
        return;
    u->v = NULL;
    lunq_serve_close(v);
}

static void wait_hold(void *data, bool on)
{
    l_serve *u = *(l_serve **)data;
    u->waits += on ? 1 : -1u;
    release(u);
}

static int wait_over(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)count, (void)when;
    return (*(l_serve **)data)->closed ? closed(L) : 0;
}

static int wait_expired(lua_State *L, void *data, double seconds)
{
    const l_serve *u = *(l_serve **)data;
    struct lunq_serve_info info;
    if (u->closed) /* by another task, in the same moment */
        return closed(L);
    lunq_serve_info(u->v, &info);
    return l_fail(L, LUNQ_TIMEOUT, "%s within %g s.",
                  info.client ? "The client has not gone" : "No client came and went", seconds);
}

static const struct l_op wait_op = {.what = "a client",
                                    .size = sizeof(l_serve *),
                                    .push = wait_over,
                                    .hold = wait_hold,
                                    .expired = wait_expired};

/* s:wait([timeout]): serves until a client has gone; at once when one has since the last wait. Raises `timeout`,
 * and `runtime` when another task closes it meanwhile. */
static int serve_wait(lua_State *L)
{
    l_serve *u = check_serve(L);
    struct lunq_event *gone = lunq_serve_gone(u->v);
    double seconds = l_opttimeout(L, 2);
    uint64_t when;
    if (lunq_event_take(gone, &when) > 0)
        return 0;
    return l_wait(L, &wait_op, &u, lunq_serve_device(u->v), seconds, gone);
}

/* s:info(): what has happened so far: clients, reads, writes, failed accesses, interrupts (how often a line of the
 * processor became high), and whether a client and a QEMU are connected now. */
static int serve_info(lua_State *L)
{
    struct lunq_serve_info info;
    lunq_serve_info(check_serve(L)->v, &info);
    lua_createtable(L, 0, 7);
    l_set_integer(L, "clients", info.clients);
    l_set_integer(L, "reads", info.reads);
    l_set_integer(L, "writes", info.writes);
    l_set_integer(L, "failed", info.failed);
    l_set_integer(L, "interrupts", info.interrupts);
    l_set_boolean(L, "client", info.client);
    l_set_boolean(L, "qemu", info.qemu);
    return 1;
}

/* s:close(): cuts the client off and removes the sockets. May be repeated. */
static int serve_close(lua_State *L) /* :close(), __close and __gc */
{
    l_serve *u = l_check(L, 1, L_SERVE);
    if (!u->v || u->closed)
        return 0;
    l_not_in_model(L, "The end of serving");
    u->closed = true;
    u->waits++; /* those under way end here, each with a release */
    lunq_serve_stop(u->v);
    u->waits--;
    release(u);
    return 0;
}

static int serve_tostring(lua_State *L)
{
    l_serve *u = l_check(L, 1, L_SERVE);
    if (!u->v || u->closed)
        lua_pushliteral(L, "Served (closed)");
    else
        lua_pushfstring(L, "Served %s", lunq_serve_device(u->v)->name);
    return 1;
}

static const luaL_Reg methods[] = {
    {"wait", serve_wait}, {"info", serve_info}, {"close", serve_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", serve_close}, {"__close", serve_close}, {"__tostring", serve_tostring}, {NULL, NULL}};

void l_open_serve(lua_State *L)
{
    l_type(L, L_SERVE, "lunq.Served", methods, meta);
    lua_pushcfunction(L, serve_new);
    lua_setfield(L, -2, "serve");
}
