/* l_irq.c - interrupt pins, the Lua face of host/core/irq.h. lua/lunq/interrupt.lua makes the class
 * of it that scripts use.
 *   local pin = core.interrupt(device, "btns/ip2intc_irpt")           -- as the loaded design names it
 *   local pin = core.interrupt(device, name, controller, index, raw)  -- where it arrives; "": the PS
 *   local hold <close> = pin:hold()         -- enabled from now on, until it fires or hold is closed
 *   hold:wait([timeout]) --> count, when    -- how often it fired (usually 1), device time in ns
 *   hold.fired                              --> boolean, after looking; takes nothing
 *   pin:explain() --> the way to the processor with its live state
 *   core.interrupt_seen(device, controller, index, raw)   -- as above; touches nothing
 *     --> how often it fired, how many wait; nil: nobody has opened a pin there
 *   pin:check()   -- raises when another design has been loaded
 *   pin:close()   -- may be repeated; holds keep what they need */
#include <stdlib.h>
#include <string.h>

#include "../host/core/irq.h"
#include "l_wait.h"
#include "lunq_lua.h"

typedef struct l_irq {
    struct lunq_irq *irq; /* NULL: closed */
    unsigned holds;       /* waits under way: they need irq */
    bool closed;          /* asked for; happens with the last hold */
} l_irq;

/* One wait. User value 1: the pin. */
typedef struct l_hold {
    struct lunq_irq_waiter w; /* first */
    l_irq *pin;               /* NULL: closed */
    struct lunq_event event;  /* it is over: for whoever waits */
    struct lunq_error *err;   /* with result < 0; NULL: no memory for it */
    int result;               /* 0: not over */
} l_hold;

static l_irq *check_pin(lua_State *L, int idx)
{
    l_irq *u = l_check(L, idx, L_IRQ);
    if (!u->irq || u->closed)
        l_fail(L, LUNQ_RUNTIME, "Interrupt is closed: take it from the loaded overlay again.");
    return u;
}

/* ---- pins ---------------------------------------------------------------------------------- */

static int irq_new(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    const char *name = l_checkstr(L, 2, "pin", NULL);
    const char *controller = lua_isnoneornil(L, 3) ? NULL : l_checkstr(L, 3, "controller", NULL);
    uint64_t index = controller ? l_checksize(L, 4, "index") : 0;
    int64_t raw = l_optint(L, 5, "raw_irq", -1);
    struct lunq_error e;
    l_irq *u;
    int r;
    l_not_in_model(L, "An interrupt");
    if (index > 1024 || raw < -1 || raw > 65535)
        return l_fail(L, LUNQ_VALUE, "Pin %s: there is no interrupt input of that number.", name);
    u = l_new(L, L_IRQ, sizeof *u, 0);
    r = controller ? lunq_irq_open_at(&u->irq, d, name, controller, (unsigned)index, (int)raw, &e)
                   : lunq_irq_open(&u->irq, d, name, &e);
    return r < 0 ? l_raise(L, &e) : 1;
}

/* core.interrupt_seen(device, controller, index, raw): what has come in at an input, for live views. */
static int irq_seen(lua_State *L)
{
    struct lunq_device *d = l_device(L, 1);
    const char *controller = l_checkstr(L, 2, "controller", NULL);
    uint64_t index = l_checksize(L, 3, "index"), events;
    int64_t raw = l_optint(L, 4, "raw_irq", -1);
    size_t waiting;
    if (!lunq_irq_seen(d, controller, index < 32 ? (unsigned)index : 32,
                       raw >= 0 && raw <= 65535 ? (int)raw : -1, &events, &waiting))
        return 0;
    lua_pushinteger(L, (lua_Integer)events);
    lua_pushinteger(L, (lua_Integer)waiting);
    return 2;
}

static void pin_release(l_irq *u)
{
    struct lunq_irq *irq = u->irq;
    if (u->holds)
        return;
    u->irq = NULL;
    lunq_irq_close(irq);
}

static int irq_close(lua_State *L) /* :close(), __close and __gc */
{
    l_irq *u = l_check(L, 1, L_IRQ);
    u->closed = true;
    pin_release(u);
    return 0;
}

static int irq_check(lua_State *L)
{
    struct lunq_error e;
    if (lunq_irq_check(check_pin(L, 1)->irq, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

static int irq_explain(lua_State *L)
{
    char text[2048];
    lua_pushstring(L, lunq_irq_explain(check_pin(L, 1)->irq, text, sizeof text));
    return 1;
}

static int irq_tostring(lua_State *L)
{
    const l_irq *u = l_check(L, 1, L_IRQ);
    if (!u->irq || u->closed)
        lua_pushliteral(L, "Interrupt pin (closed)");
    else
        lua_pushfstring(L, "Interrupt pin %s (%s)", lunq_irq_name(u->irq),
                        lunq_irq_device(u->irq)->name);
    return 1;
}

/* ---- waits --------------------------------------------------------------------------------- */

static void hold_wake(struct lunq_irq_waiter *w, int result, const struct lunq_error *err)
{
    l_hold *h = (l_hold *)w;
    h->result = result;
    if (result < 0 && err && (h->err = malloc(sizeof *err)))
        *h->err = *err;
    lunq_event_set(&h->event, w->when);
}

static int irq_hold(lua_State *L)
{
    l_irq *u = check_pin(L, 1);
    l_hold *h = l_new(L, L_IRQ_HOLD, sizeof *h, 1);
    struct lunq_error e;
    l_not_in_model(L, "An interrupt");
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    h->w.wake = hold_wake;
    h->pin = u;
    u->holds++;
    if (lunq_irq_begin(u->irq, &h->w, &e) < 0)
        return l_raise(L, &e);
    return 1;
}

static int hold_close(lua_State *L) /* :close(), __close and __gc */
{
    l_hold *h = l_check(L, 1, L_IRQ_HOLD);
    l_irq *u = h->pin;
    if (!u)
        return 0;
    h->pin = NULL;
    lunq_irq_end(&h->w);
    if (h->event.first) { /* somebody waits for what can't come any more */
        h->result = LUNQ_RUNTIME;
        lunq_event_set(&h->event, 0);
    }
    free(h->err);
    h->err = NULL;
    u->holds--;
    if (u->closed)
        pin_release(u);
    return 0;
}

static l_hold *check_hold(lua_State *L, int idx)
{
    l_hold *h = l_check(L, idx, L_IRQ_HOLD);
    if (!h->pin)
        l_fail(L, LUNQ_RUNTIME, "This wait for an interrupt is over.");
    return h;
}

static int push_result(lua_State *L, const l_hold *h)
{
    if (!h->pin)
        return l_fail(L, LUNQ_RUNTIME, "This wait for an interrupt is over.");
    if (h->result < 0)
        return h->err ? l_raise(L, h->err) : l_fail(L, LUNQ_MEMORY, "Out of memory.");
    lua_pushinteger(L, (lua_Integer)h->w.count);
    lua_pushinteger(L, (lua_Integer)h->w.when);
    return 2;
}

static int wait_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)count, (void)when; /* the hold knows better */
    return push_result(L, *(l_hold **)data);
}

static int wait_expired(lua_State *L, void *data, double seconds)
{
    l_hold *h = *(l_hold **)data;
    struct lunq_error e;
    if (!h->pin || h->result)
        return push_result(L, h);
    if (lunq_irq_service(lunq_irq_device(h->pin->irq), &e) < 0) /* a descriptor has its last look */
        return l_raise(L, &e);
    if (h->result)
        return push_result(L, h);
    lunq_irq_timeout(h->pin->irq, seconds, &e);
    return l_raise(L, &e);
}

static int wait_alone(void *data, bool late, struct lunq_error *err)
{
    l_hold *h = *(l_hold **)data;
    int r = h->pin && !h->result ? lunq_irq_service(lunq_irq_device(h->pin->irq), err) : 0;
    (void)late;
    return r < 0 ? r : !h->pin || h->result;
}

static const struct l_op wait_op = {.what = "an interrupt",
                                    .size = sizeof(l_hold *),
                                    .alone = wait_alone,
                                    .push = wait_push,
                                    .expired = wait_expired};

static int hold_wait(lua_State *L)
{
    l_hold *h = check_hold(L, 1);
    double seconds = l_opttimeout(L, 2);
    struct lunq_device *d = lunq_irq_device(h->pin->irq);
    struct lunq_error e;
    l_not_in_model(L, "An interrupt");
    /* Where a controller fails after this pin has fired, the event comes first: it was taken. */
    if (!h->result && lunq_irq_service(d, &e) < 0 && !h->result)
        return l_raise(L, &e);
    return h->result ? push_result(L, h) : l_wait(L, &wait_op, &h, d, seconds, &h->event);
}

static int hold_index(lua_State *L)
{
    l_hold *h = l_check(L, 1, L_IRQ_HOLD);
    struct lunq_error e;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "fired"))
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a wait for an interrupt has no \"%s\": wait, close, fired",
                      luaL_tolstring(L, 2, NULL));
    if (h->pin && !h->result && lunq_irq_service(lunq_irq_device(h->pin->irq), &e) < 0 &&
        !h->result)
        return l_raise(L, &e);
    if (h->result < 0)
        return push_result(L, h);
    lua_pushboolean(L, h->result > 0);
    return 1;
}

static const luaL_Reg methods[] = {{"hold", irq_hold},
                                   {"explain", irq_explain},
                                   {"check", irq_check},
                                   {"close", irq_close},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {
    {"__gc", irq_close}, {"__close", irq_close}, {"__tostring", irq_tostring}, {NULL, NULL}};
static const luaL_Reg hold_methods[] = {{"wait", hold_wait}, {"close", hold_close}, {NULL, NULL}};
static const luaL_Reg hold_meta[] = {{"__gc", hold_close}, {"__close", hold_close}, {NULL, NULL}};

static const char *const hold_fields[] = {"fired", NULL};

void l_open_irq(lua_State *L)
{
    l_type(L, L_IRQ, "lunq.InterruptPin", methods, meta);
    l_type(L, L_IRQ_HOLD, "lunq.InterruptWait", hold_methods, hold_meta);
    l_fields(L, "lunq.InterruptWait", hold_index, hold_fields);
    lua_pushcfunction(L, irq_new);
    lua_setfield(L, -2, "interrupt");
    lua_pushcfunction(L, irq_seen);
    lua_setfield(L, -2, "interrupt_seen");
}
