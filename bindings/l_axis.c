/* l_axis.c - ends of AXI4-Streams, the Lua face of host/core/axis.h. lua/lunq/bench/stream.lua makes the
 * sources, sinks and monitors of it that benches use.
 *   local x <close> = core.axis(device, "source", "filter/fir/x", { pauses = 0.2, seed = 7 })
 *       -- of a sink or a monitor also length, in elements of `element` bytes (nil: a beat)
 *   x:put(bytes [, last = true [, { id = 1, dest = 2, user = 3 }]])   -- a source queues a packet; user may be a list
 *                                         of one for each beat
 *   x:get() --> bytes, { id =, dest =, user = }, or nil     -- the first whole packet of a sink or a monitor, and what
 *                                         its first beat had beside it; user is a list when it changes
 *   x:wait([timeout])                  -- until all was taken, or a packet is there
 *   x:pause(true)  x:clear()  x:close()            -- close may be repeated
 *   x:info() --> { role=, port=, from=, to=, width=, keep=, last=, bytes=, packets=, waiting=, count= } */
#include <string.h>

#include "l_side.h"
#include "l_wait.h"

typedef struct l_axis {
    struct lunq_axis *x; /* NULL: closed */
    unsigned waits;      /* under way: they need x */
    bool closed;         /* asked for; happens with the last wait */
} l_axis;

static const char *const roles[] = {
    [LUNQ_AXIS_SOURCE] = "source", [LUNQ_AXIS_SINK] = "sink", [LUNQ_AXIS_MONITOR] = "monitor"};

static l_axis *check_axis(lua_State *L)
{
    l_axis *u = l_check(L, 1, L_AXIS);
    if (!u->x || u->closed)
        l_fail(L, LUNQ_RUNTIME, "The end of the stream was closed.");
    return u;
}

static enum lunq_axis_role check_role(lua_State *L, int idx)
{
    const char *s = l_checkstr(L, idx, "role", NULL);
    for (int r = LUNQ_AXIS_SOURCE; r <= LUNQ_AXIS_MONITOR; r++)
        if (!strcmp(s, roles[r]))
            return (enum lunq_axis_role)r;
    return (enum lunq_axis_role)l_fail(L, LUNQ_VALUE,
                                       "The role of a stream's end is source, sink or monitor.");
}

static int axis_new(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    enum lunq_axis_role role = check_role(L, 2);
    const char *port = l_checkstr(L, 3, "port", NULL);
    struct lunq_axis_options o = {0};
    struct lunq_error e;
    l_axis *u;
    l_not_in_model(L, "The end of a stream");
    lua_settop(L, 4);
    if (lua_istable(L, 4)) {
        lua_getfield(L, 4, "pauses");
        o.pauses = l_optnum(L, 5, "pauses", 0);
        lua_getfield(L, 4, "seed");
        o.seed = (uint64_t)l_optint(L, 6, "seed", 0);
        lua_getfield(L, 4, "length");
        o.length = lua_isnil(L, 7) ? 0 : l_checkcount(L, 7, "length");
        lua_getfield(L, 4, "element");
        o.element = lua_isnil(L, 8) ? 0 : l_checkcount(L, 8, "element");
    }
    u = l_new(L, L_AXIS, sizeof *u, 0);
    memset(u, 0, sizeof *u);
    if (lunq_axis_open(&u->x, d, role, port, &o, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

/* ---- packets ------------------------------------------------------------------------------- */

static int axis_put(lua_State *L)
{
    l_axis *u = check_axis(L);
    size_t n;
    const char *data = l_checkstr(L, 2, "data", &n);
    bool last = lua_isnoneornil(L, 3) || lua_toboolean(L, 3);
    struct lunq_axis_users users;
    struct lunq_axis_side side;
    struct lunq_error e;
    l_not_in_model(L, "A source");
    lua_settop(L, 4);
    side = l_check_side(L, 4, &users);
    if (lunq_axis_put(u->x, data, n, last, &side, users.list ? &users : NULL, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static void push_packet_side(lua_State *L, const struct lunq_axis_packet *p)
{
    l_push_side(L, &p->side);
    if (!p->users.n)
        return;
    lua_createtable(L, (int)p->users.n, 0);
    for (size_t i = 0; i < p->users.n; i++) {
        lua_pushinteger(L, (lua_Integer)p->users.list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "user");
}

static int axis_get(lua_State *L)
{
    l_axis *u = check_axis(L);
    const struct lunq_axis_packet *packet;
    const uint8_t *data;
    size_t n;
    if (u->x->role == LUNQ_AXIS_SOURCE || lunq_axis_count(u->x) == 0)
        return 0;
    data = lunq_axis_packet(u->x, &n, &packet);
    lua_pushlstring(L, (const char *)data, n); /* copied before anything is collected */
    push_packet_side(L, packet);
    lunq_axis_drop(u->x);
    return 2;
}

static int axis_pause(lua_State *L)
{
    lunq_axis_pause(check_axis(L)->x, lua_toboolean(L, 2));
    return 0;
}

static int axis_clear(lua_State *L)
{
    lunq_axis_clear(check_axis(L)->x);
    return 0;
}

static int axis_info(lua_State *L)
{
    const struct lunq_axis *x = check_axis(L)->x;
    lua_createtable(L, 0, 11);
    l_set_text(L, "role", roles[x->role]);
    l_set_text(L, "port", x->port);
    l_set_text(L, "from", x->master);
    l_set_text(L, "to", x->slave);
    l_set_integer(L, "width", x->width);
    l_set_boolean(L, "keep", x->keep);
    l_set_boolean(L, "last", x->last);
    l_set_integer(L, "bytes", x->bytes);
    l_set_integer(L, "packets", x->packets);
    l_set_integer(L, "waiting", lunq_axis_waiting(x));
    l_set_integer(L, "count", lunq_axis_count(x));
    return 1;
}

/* ---- waiting ------------------------------------------------------------------------------- */

struct axis_wait {
    l_axis *u;
    double seconds;
};

static int wait_look(void *data, bool late, struct lunq_error *err)
{
    const struct axis_wait *w = data;
    return lunq_axis_look(w->u->x, late ? &w->seconds : NULL, err);
}

static void release(l_axis *u)
{
    struct lunq_axis *x = u->x;
    if (u->waits || !u->closed)
        return;
    u->x = NULL;
    lunq_axis_close(x);
}

static void wait_hold(void *data, bool on)
{
    const struct axis_wait *w = data;
    if (on)
        w->u->waits++;
    else
        w->u->waits--;
    release(w->u);
}

static const struct l_op wait_op = {
    .what = "a stream", .size = sizeof(struct axis_wait), .look = wait_look, .hold = wait_hold};

static int axis_wait(lua_State *L)
{
    l_axis *u = check_axis(L);
    struct axis_wait w = {u, l_opttimeout(L, 2)};
    return l_wait(L, &wait_op, &w, u->x->dev, w.seconds, &u->x->news);
}

/* ---- the end ------------------------------------------------------------------------------- */

static int axis_close(lua_State *L) /* :close(), __close and __gc */
{
    l_axis *u = l_check(L, 1, L_AXIS);
    if (!u->x || u->closed)
        return 0;
    u->closed = true;
    lunq_axis_detach(u->x);
    release(u);
    return 0;
}

static int axis_tostring(lua_State *L)
{
    l_axis *u = l_check(L, 1, L_AXIS);
    if (!u->x || u->closed)
        lua_pushliteral(L, "StreamEnd (closed)");
    else
        lua_pushfstring(L, "StreamEnd %s %s", roles[u->x->role], u->x->port);
    return 1;
}

static const luaL_Reg methods[] = {
    {"put", axis_put},     {"get", axis_get},   {"wait", axis_wait},   {"pause", axis_pause},
    {"clear", axis_clear}, {"info", axis_info}, {"close", axis_close}, {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", axis_close}, {"__close", axis_close}, {"__tostring", axis_tostring}, {NULL, NULL}};

void l_open_axis(lua_State *L)
{
    l_type(L, L_AXIS, "lunq.StreamEnd", methods, meta);
    lua_pushcfunction(L, axis_new);
    lua_setfield(L, -2, "axis");
}
