/* l_event.c - lunq.Event: something that happens now and then.
 *   local e = core.event("button")   -- the name is for messages
 *   e:set()                          -- wakes all who wait; kept when nobody does
 *   e:wait([timeout]) --> count, when   -- how often since the last wait; the last time, ns
 *   e.count                          -- what was kept; looking takes nothing */
#include <string.h>

#include "l_event.h"
#include "l_wait.h"

typedef struct l_event {
    struct lunq_event e;
} l_event;

enum { NAME = 1 }; /* user value */

struct event_wait {
    const char *what;
    struct lunq_event *event;
};

static int push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)data;
    lua_pushinteger(L, (lua_Integer)count);
    lua_pushinteger(L, (lua_Integer)when);
    return 2;
}

static int expired(lua_State *L, void *data, double seconds)
{
    const struct event_wait *w = data;
    return l_fail(L, LUNQ_TIMEOUT, "%s did not happen within %g s.", w->what, seconds);
}

static const struct l_op event_op = {
    .what = "an event", .size = sizeof(struct event_wait), .push = push, .expired = expired};

int l_event_wait(lua_State *L, struct lunq_event *e, const char *what, double seconds)
{
    struct event_wait data = {what, e};
    uint64_t when, count = lunq_event_take(e, &when);
    if (count)
        return push(L, NULL, count, when);
    return l_wait(L, &event_op, &data, l_time_device(L, seconds), seconds, e);
}

static const char *push_name(lua_State *L)
{
    if (lua_getiuservalue(L, 1, NAME) != LUA_TSTRING) {
        lua_pop(L, 1);
        return lua_pushliteral(L, "The event");
    }
    return lua_pushfstring(L, "Event %s", lua_tostring(L, -1));
}

static int event_new(lua_State *L)
{
    if (!lua_isnoneornil(L, 1))
        l_checkstr(L, 1, "name", NULL);
    lua_settop(L, 1);
    l_new(L, L_EVENT, sizeof(l_event), 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, NAME);
    return 1;
}

static int event_set(lua_State *L)
{
    l_event *u = l_check(L, 1, L_EVENT);
    lunq_event_set(&u->e, lunq_loop_now(l_context(L)->active));
    return 0;
}

static int event_wait(lua_State *L)
{
    l_event *u = l_check(L, 1, L_EVENT);
    double seconds = l_opttimeout(L, 2);
    return l_event_wait(L, &u->e, push_name(L), seconds); /* the name stays on the stack */
}

static int event_index(lua_State *L)
{
    l_event *u = l_check(L, 1, L_EVENT);
    const char *key;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "name"))
        lua_getiuservalue(L, 1, NAME);
    else if (!strcmp(key, "count"))
        lua_pushinteger(L, (lua_Integer)u->e.count);
    else
        return l_fail(L, LUNQ_ATTRIBUTE, "an event has no \"%s\": set, wait, name, count",
                      luaL_tolstring(L, 2, NULL));
    return 1;
}

static int event_tostring(lua_State *L)
{
    l_event *u = l_check(L, 1, L_EVENT);
    size_t waiting = 0;
    for (struct lunq_waiter *w = u->e.first; w; w = w->event_next)
        waiting++;
    lua_pushfstring(L, "%s: %I waiting", push_name(L), (lua_Integer)waiting);
    return 1;
}

static const luaL_Reg methods[] = {{"set", event_set}, {"wait", event_wait}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", event_tostring}, {NULL, NULL}};

static const char *const fields[] = {"count", "name", NULL};

void l_open_event(lua_State *L)
{
    l_type(L, L_EVENT, "lunq.Event", methods, meta);
    l_fields(L, "lunq.Event", event_index, fields);
    lua_pushcfunction(L, event_new);
    lua_setfield(L, -2, "event");
}
