/* l_run.c - lunq.Run: what kernel:start(...) gives.
 *   local h = ol.vadd_1:start(a, b, c, 1024)
 *   h:wait([timeout])      -- seconds; raises how the run failed, or `timeout`: then it goes on
 *   h:done()               --> boolean, looks and does not wait      (also h:poll())
 *   h.state                --> "waiting" for the runs before it, "running", "done"; or how it ended:
 *     "error", "aborted", "timeout", "no response", "cancelled"
 *   h.unit                 --> "vadd_1", the compute unit that has it; nil: not known yet
 *   h:cancel()             -- a run that waits for others; what runs only where the card can abort
 * Buffers are held until it has ended, whether or not anybody keeps the handle. */
#include "l_run.h"

#include <string.h>

#include "l_wait.h"

/* ---- life ------------------------------------------------------------------------------------ */

l_run *l_newrun(lua_State *L)
{
    l_run *h = l_new(L, L_RUN, sizeof *h, 0);
    h->cu = LUNQ_NONE;
    return h;
}

void l_run_begin(lua_State *L, l_run *h, struct lunq_kernel *k)
{
    struct lunq_error e;
    h->k = lunq_kernel_ref(k);
    if (lunq_run_new(&h->r, k, &e) < 0)
        l_raise(L, &e);
}

static int run_gc(lua_State *L)
{
    l_run *h = l_check(L, 1, L_RUN);
    struct lunq_run *r = h->r;
    struct lunq_kernel *k = h->k;
    h->r = NULL;
    h->k = NULL;
    lunq_run_unref(r);
    lunq_kernel_unref(k);
    return 0;
}

/* Notes how a run has ended. One that completed has nothing more to tell: the kernel gets it back. */
static bool has_ended(l_run *h)
{
    struct lunq_run *r = h->r;
    if (!r)
        return true;
    if (!lunq_run_look(r))
        return false;
    h->state = r->state;
    h->cu = r->cu;
    if (r->state == LUNQ_RUN_COMPLETED) {
        h->r = NULL;
        lunq_run_unref(r);
    }
    return true;
}

bool l_run_completed(lua_State *L, l_run *h)
{
    struct lunq_error e;
    if (!has_ended(h))
        return false;
    if (h->r && lunq_run_failure(h->r, &e) < 0)
        l_raise(L, &e);
    return true;
}

struct lunq_run *l_checkrun(lua_State *L, int idx)
{
    l_run *h = l_test(L, idx, L_RUN);
    if (!h)
        l_fail(L, LUNQ_TYPE, "waitfor takes runs, as start gives them, not %s",
               luaL_typename(L, idx));
    return h->r;
}

/* ---- what it is called ------------------------------------------------------------------------ */

static const struct lunq_cu *unit(const l_run *h)
{
    size_t cu = h->r ? h->r->cu : h->cu;
    if (h->k->n_cus == 1)
        return h->k->cus[0];
    return cu < h->k->n_cus ? h->k->cus[cu] : NULL;
}

static const char *name(const l_run *h)
{
    const struct lunq_cu *cu = unit(h);
    return cu ? cu->name : h->k->cus[0]->kernel;
}

/* The word HLS cores have for it, too. */
static const char *state_name(enum lunq_run_state state)
{
    return state == LUNQ_RUN_COMPLETED ? "done" : lunq_run_state_name(state);
}

static const char *state_of(l_run *h)
{
    if (has_ended(h))
        return state_name(h->state);
    return state_name(h->r->state);
}

/* ---- waiting ---------------------------------------------------------------------------------- */

struct run_wait {
    l_run *h;           /* on the stack of whoever waits */
    struct lunq_run *r; /* with a reference while the wait lasts: another one may let go of h->r */
    double seconds;
};

static int explain_late(const l_run *h, const struct lunq_run *r, double seconds,
                        struct lunq_error *err)
{
    if (r->state == LUNQ_RUN_WAITING)
        return lunq_fail(err, LUNQ_TIMEOUT,
                         "%s is not done after %g s: it was not started, for runs before it "
                         "(waitfor) are not done.",
                         name(h), seconds);
    return lunq_fail(
        err, LUNQ_TIMEOUT,
        "%s is not done after %g s: %s has it, in the queue of a compute unit or on it. "
        "It goes on. A kernel waits as long as one of its streams has no data or no "
        "room, or a loop of it does not end; a long one needs a longer limit.",
        name(h), seconds, h->k->dev->name);
}

static int wait_look(void *data, bool late, struct lunq_error *err)
{
    struct run_wait *w = data;
    int r;
    if (!lunq_run_look(w->r))
        return late ? explain_late(w->h, w->r, w->seconds, err) : 0;
    r = lunq_run_failure(w->r, err);
    return r < 0 ? r : 1;
}

static int wait_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    struct run_wait *w = data;
    (void)L, (void)count, (void)when;
    has_ended(w->h);
    return 0;
}

static void wait_hold(void *data, bool on)
{
    struct run_wait *w = data;
    if (on)
        lunq_run_ref(w->r);
    else
        lunq_run_unref(w->r);
}

static const struct l_op wait_op = {.what = "a kernel",
                                    .size = sizeof(struct run_wait),
                                    .look = wait_look,
                                    .push = wait_push,
                                    .hold = wait_hold};

int l_run_wait(lua_State *L, l_run *h, double seconds)
{
    struct run_wait w = {h, h->r, seconds};
    struct lunq_error e;
    int r;
    if (l_wait_shared(L) || l_context(L)->in_model)
        return l_wait(L, &wait_op, &w, h->k->dev, seconds, &h->r->ended);
    r = lunq_run_wait(h->r, seconds, &e);
    if (r == LUNQ_TIMEOUT)
        explain_late(h, h->r, seconds, &e);
    if (r < 0)
        return l_raise(L, &e);
    has_ended(h);
    return 0;
}

/* h:wait([timeout]): until the run has ended. Raises how it failed; `timeout` after so many seconds
 * (lunq.time_limit when none are said, math.huge: no limit), and the run goes on. */
static int run_wait(lua_State *L)
{
    l_run *h = l_check(L, 1, L_RUN);
    double seconds = l_opttimeout(L, 2);
    return l_run_completed(L, h) ? 0 : l_run_wait(L, h, seconds);
}

/* h:done(): true when the run has ended, well or not; looks, and does not wait. */
static int run_done(lua_State *L)
{
    lua_pushboolean(L, has_ended(l_check(L, 1, L_RUN)));
    return 1;
}

/* h:cancel(): a run that waits for others is not started any more; the card is asked to abort one that
 * runs. Nothing when it has ended. Raises `unsupported` when the card can't abort. */
static int run_cancel(lua_State *L)
{
    l_run *h = l_check(L, 1, L_RUN);
    struct lunq_error e;
    if (!has_ended(h) && lunq_run_cancel(h->r, &e) < 0)
        return l_raise(L, &e);
    return 0;
}

/* ---- fields ----------------------------------------------------------------------------------- */

static int run_index(lua_State *L)
{
    l_run *h = l_check(L, 1, L_RUN);
    const struct lunq_cu *cu;
    const char *key;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "state"))
        lua_pushstring(L, state_of(h));
    else if (!strcmp(key, "unit"))
        lua_pushstring(L, (cu = (has_ended(h), unit(h))) ? cu->name : NULL);
    else
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a run has no \"%s\": wait, done, poll, cancel, state, unit",
                      luaL_tolstring(L, 2, NULL));
    return 1;
}

static int run_tostring(lua_State *L)
{
    l_run *h = l_check(L, 1, L_RUN);
    const char *state = state_of(h); /* before the name: it may be known then */
    lua_pushfstring(L, "Run of %s (%s)", name(h), state);
    return 1;
}

static const luaL_Reg methods[] = {{"wait", run_wait},
                                   {"done", run_done},
                                   {"poll", run_done},
                                   {"cancel", run_cancel},
                                   {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", run_gc}, {"__tostring", run_tostring}, {NULL, NULL}};

static const char *const fields[] = {"state", "unit", NULL};

void l_open_run(lua_State *L)
{
    l_type(L, L_RUN, "lunq.Run", methods, meta);
    l_fields(L, "lunq.Run", run_index, fields);
}
