/* l_wait.c - waiting: in a task by yielding, elsewhere by running the loop. See l_wait.h.
 * The loop runs Lua only between its steps, never out of a libuv callback. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "l_task.h"

static const char sched_key;  /* registry: the userdata of struct l_sched */
static const char yield_mark; /* its address is what a coroutine that waits yields */

enum { EXPIRED = -100 }; /* result of a wait that op->expired explains; no error kind */

struct l_sched *l_sched(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    if (!ctx->sched) {
        struct l_sched *s = lua_newuserdatauv(L, sizeof *s, 0);
        memset(s, 0, sizeof *s);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &sched_key);
        ctx->sched = s;
    }
    return ctx->sched;
}

struct lunq_device *l_time_device(lua_State *L, double seconds)
{
    return isinf(seconds) ? NULL : l_device(L, lua_gettop(L) + 1);
}

/* ---- the queue ------------------------------------------------------------------------------- */

void l_ready(struct l_sched *s, struct l_wait *w)
{
    if (w->ready)
        return;
    lunq_loop_news();
    w->ready = true;
    w->ready_order = s->made_ready++;
    w->ready_next = NULL;
    w->ready_prev = s->ready_last;
    *(s->ready_last ? &s->ready_last->ready_next : &s->ready) = w;
    s->ready_last = w;
}

void l_unready(struct l_sched *s, struct l_wait *w)
{
    if (!w->ready)
        return;
    w->ready = false;
    *(w->ready_prev ? &w->ready_prev->ready_next : &s->ready) = w->ready_next;
    *(w->ready_next ? &w->ready_next->ready_prev : &s->ready_last) = w->ready_prev;
}

/* ---- one wait -------------------------------------------------------------------------------- */

static int op_look(struct lunq_waiter *waiter, bool late, struct lunq_error *err)
{
    struct l_wait *w = (struct l_wait *)waiter;
    return w->op->look(w->data.bytes, late, err);
}

static void hold(struct l_wait *w, bool on)
{
    if (w->op && w->op->hold && w->held != on)
        w->op->hold(w->data.bytes, on);
    w->held = on;
}

static void op_done(struct lunq_waiter *waiter, int result, const struct lunq_error *err)
{
    struct l_wait *w = (struct l_wait *)waiter;
    hold(w, false);
    w->result = result;
    if (result == LUNQ_TIMEOUT && !w->op->look && !w->stuck)
        w->result = w->op->expired ? EXPIRED : 1;
    else if (result < 0 && err && (w->err = malloc(sizeof *err)))
        *w->err = *err;
    l_ready(l_context(w->L)->sched, w);
}

void l_wait_stop(struct l_sched *s, struct l_wait *w)
{
    lunq_loop_remove(&w->w);
    hold(w, false);
    l_unready(s, w);
    free(w->err);
    w->err = NULL;
    w->result = 0;
}

/* Pushes what the wait came to, or raises it. */
static int finish(lua_State *L, struct l_wait *w)
{
    struct lunq_error e;
    int result = w->result;
    w->result = 0;
    if (result > 0)
        return w->op->push ? w->op->push(L, w->data.bytes, w->w.count, w->w.when) : 0;
    if (result == EXPIRED)
        return w->op->expired(L, w->data.bytes, w->seconds);
    if (!w->err)
        return l_fail(L, LUNQ_MEMORY, "Out of memory.");
    e = *w->err;
    free(w->err);
    w->err = NULL;
    return l_raise(L, &e);
}

static void begin(lua_State *L, struct l_wait *w, const struct l_op *op, const void *data,
                  struct lunq_device *d, double seconds, struct lunq_event *event)
{
    struct lunq_error e;
    w->op = op;
    w->L = L;
    w->seconds = seconds;
    w->stuck = false;
    w->w.look = op->look ? op_look : NULL;
    w->w.done = op_done;
    if (op->size)
        memcpy(w->data.bytes, data, op->size);
    if (lunq_loop_add(&w->w, d, seconds, event, &e) < 0)
        l_raise(L, &e);
    hold(w, true);
}

/* ---- in a task ------------------------------------------------------------------------------- */

bool l_is_waiting(lua_State *co, int nres)
{
    return nres == 1 && lua_touserdata(co, -1) == &yield_mark && lua_islightuserdata(co, -1);
}

int l_yield(lua_State *L, lua_KContext ctx, lua_KFunction k)
{
    lua_pushlightuserdata(L, (void *)&yield_mark);
    return lua_yieldk(L, 1, ctx, k);
}

int l_pass_wait(lua_State *L, lua_KContext ctx, lua_KFunction k)
{
    if (lua_isyieldable(L) && !l_sched(L)->refused)
        return l_yield(L, ctx, k);
    l_sched(L)->refused = true; /* the coroutine is resumed and raises */
    return k(L, LUA_OK, ctx);
}

static int cannot_wait(lua_State *L, const char *what)
{
    return l_fail(L, LUNQ_RUNTIME,
                  "Waiting for %s is not possible here: Lua can't suspend a task "
                  "inside table.sort, string.gsub, __tostring, __gc or require. Wait before or "
                  "after.",
                  what);
}

static int resumed(lua_State *L, int status, lua_KContext ctx)
{
    struct l_sched *s = l_sched(L);
    struct l_wait *w = (struct l_wait *)ctx;
    (void)status;
    if (s->refused) {
        s->refused = false;
        l_wait_stop(s, w);
        return cannot_wait(L, w->op->what);
    }
    if (!s->current || w->L != L || w->result == 0)
        return l_fail(L, LUNQ_RUNTIME,
                      "This coroutine waits for %s and was resumed by somebody "
                      "else.",
                      w->op->what);
    return finish(L, w);
}

/* For places where Lua can't suspend: finalizers, and variables of a task that is being closed.
 * They may have to wait until hardware is idle; nothing else runs meanwhile. */
static int wait_alone(lua_State *L, const struct l_op *op, const void *data, struct lunq_device *d,
                      double seconds)
{
    int (*look)(void *, bool, struct lunq_error *) = op->look ? op->look : op->alone;
    struct l_wait alone = {.L = L}, *w = &alone;
    struct lunq_wait step;
    struct lunq_error e;
    bool step_over = false;
    int r = 0;
    if (!look && op->expired) /* only other tasks could end it */
        return cannot_wait(L, op->what);
    w->op = op;
    if (op->size)
        memcpy(w->data.bytes, data, op->size);
    lunq_wait_begin(&step, d, seconds);
    hold(w, true);
    while (r == 0) {
        bool late = step_over;
        if (late)
            lunq_fail(&e, LUNQ_TIMEOUT, "time is over");
        r = look ? look(w->data.bytes, late, &e) : late;
        if (r == 0 && late)
            r = LUNQ_TIMEOUT;
        if (r == 0)
            r = lunq_wait_step(&step, &e);
        step_over = r == LUNQ_TIMEOUT && !late;
        if (step_over)
            r = 0;
    }
    hold(w, false);
    if (r == LUNQ_TIMEOUT && op->expired)
        return op->expired(L, w->data.bytes, seconds);
    if (r < 0)
        return l_raise(L, &e);
    return op->push ? op->push(L, w->data.bytes, 0, 0) : 0;
}

/* ---- on the main thread ---------------------------------------------------------------------- */

/* Nothing can end any wait any more: the innermost one gets the error. What its last look runs may
 * do anything, so its task is held meanwhile. */
static void stuck(lua_State *L, struct l_sched *s)
{
    struct l_wait *w = l_task_stuck(L, s);
    struct lunq_device *d;
    struct lunq_error e;
    int r = 0;
    if (!w)
        w = &s->main;
    w->stuck = true;
    d = lunq_loop_device(&w->w);
    lunq_fail(&e, LUNQ_TIMEOUT,
              "Nothing is under way%s%s that could end this wait for %s: without a time limit it "
              "would last forever.",
              d ? " on " : "", d ? d->name : "", w->op->what);
    if (w->op->look)
        r = w->op->look(w->data.bytes, true, &e);
    lunq_loop_end(&w->w, r ? r : LUNQ_TIMEOUT, &e);
    lua_settop(L, 1);
}

/* Those that are ready now, not those that become ready meanwhile: the loop has its turn between.
 * True when the main thread's wait was among them; what is left runs at its next wait. */
static bool run_ready(lua_State *L, struct l_sched *s)
{
    uint64_t end = s->made_ready;
    struct l_wait *w;
    while ((w = s->ready) && w->ready_order < end) {
        l_unready(s, w);
        if (!w->task)
            return true;
        l_task_resume(L, w->task);
    }
    return false;
}

static int main_loop(lua_State *L)
{
    struct l_sched *s = lua_touserdata(L, 1);
    struct lunq_error e;
    while (!run_ready(L, s)) {
        const struct l_op *op = s->main.op;
        int r;
        if (op->turn)
            op->turn(s->main.data.bytes);
        else if (l_wait_turn)
            l_wait_turn(&s->main);
        r = lunq_loop_step(!s->ready, &e);
        if (r < 0)
            return l_raise(L, &e);
        if (r == 0 && !s->ready)
            stuck(L, s);
    }
    return 0;
}

void (*l_wait_turn)(struct l_wait *w);

static int run_main(lua_State *L, struct l_sched *s)
{
    int status;
    luaL_checkstack(L, 4, NULL);
    lua_pushcfunction(L, main_loop);
    lua_pushlightuserdata(L, s);
    s->running = true;
    status = lua_pcall(L, 1, 0, 0);
    s->running = false;
    if (l_wait_turn)
        l_wait_turn(NULL);
    return status;
}

static int wait_on_main(lua_State *L, struct l_sched *s, const struct l_op *op, const void *data,
                        struct lunq_device *d, double seconds, struct lunq_event *event)
{
    l_wait_stop(s, &s->main);
    begin(L, &s->main, op, data, d, seconds, event);
    if (run_main(L, s) != LUA_OK) {
        l_wait_stop(s, &s->main);
        return lua_error(L);
    }
    return finish(L, &s->main);
}

/* ---- the call -------------------------------------------------------------------------------- */

bool l_wait_shared(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    return s->current || s->ready || s->running || l_wait_turn || lunq_loop_busy();
}

bool l_wait_yields(lua_State *L)
{
    const struct l_sched *s = l_sched(L);
    return s->current && !s->draining && lua_isyieldable(L);
}

int l_wait(lua_State *L, const struct l_op *op, const void *data, struct lunq_device *d,
           double seconds, struct lunq_event *event)
{
    struct l_sched *s = l_sched(L);
    struct l_wait *w = (struct l_wait *)s->current; /* its first member */
    bool turning = lunq_loop_uv_turning();          /* also by uv.run "nowait" */
    if (L == l_context(L)->calls)
        return l_fail(L, LUNQ_RUNTIME,
                      "A model can't wait: time stands still while it runs. Use self:after(ns, "
                      "function) instead.");
    if (op->look) {
        struct lunq_error e;
        union {
            char bytes[L_OP_BYTES];
            void *p;
            uint64_t u;
        } first;
        int r;
        memcpy(first.bytes, data, op->size);
        r = op->look(first.bytes, false, &e);
        if (r < 0)
            return l_raise(L, &e);
        if (r > 0)
            return op->push ? op->push(L, first.bytes, 0, 0) : 0;
    }
    if (s->draining)
        return wait_alone(L, op, data, d, seconds);
    if ((op->look || op->alone) && (turning || (w ? !lua_isyieldable(L) : s->running)))
        return wait_alone(L, op, data, d, seconds);
    if (turning || (!w && s->running))
        return l_fail(L, LUNQ_RUNTIME,
                      "Waiting for %s is not possible in a callback of the event "
                      "loop: start a task with lunq.spawn.",
                      op->what);
    if (!w)
        return wait_on_main(L, s, op, data, d, seconds, event);
    if (!lua_isyieldable(L))
        return cannot_wait(L, op->what);
    begin(L, w, op, data, d, seconds, event);
    return l_yield(L, (lua_KContext)w, resumed);
}
