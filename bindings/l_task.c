/* l_task.c - lunq.Task: a Lua coroutine the scheduler runs.
 *   local t = core.spawn(f, ...)     -- runs when whoever runs now waits
 *   t:wait([timeout]) --> results    -- or raises its error; `timeout` does not end the task
 *   t:cancel() --> true if it was alive; its to-be-closed variables are closed
 *   t.done  t.state  t.result  t.error  t.name  t.id  t.background
 *   core.sleep(seconds)  core.now() --> seconds  core.current() --> task or nil
 *   core.tasks() --> those alive     core.run() waits for all of them
 * A live task is held by the registry, so nobody needs to keep it. Its results or its error stay
 * on the stack of its coroutine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "l_callback.h"
#include "l_task.h"

static const char live_key; /* registry: task -> userdata, for live tasks */

enum { COROUTINE = 1, NAME = 2 }; /* user values */

static bool alive(const struct l_task *t)
{
    return t->state < TASK_DONE;
}

static const char *state_name(const struct l_task *t)
{
    static const char *const names[] = {"ready", "running", "waiting",
                                        "done",  "failed",  "cancelled"};
    return names[t->state];
}

/* Pushes "Task 3 (demo.lua:12)"; the task is at idx. */
static const char *push_name(lua_State *L, int idx)
{
    struct l_task *t = lua_touserdata(L, idx);
    if (lua_getiuservalue(L, idx, NAME) != LUA_TSTRING) {
        lua_pop(L, 1);
        return lua_pushfstring(L, "Task %I", (lua_Integer)t->id);
    }
    lua_pushfstring(L, "Task %I (%s)", (lua_Integer)t->id, lua_tostring(L, -1));
    lua_remove(L, -2);
    return lua_tostring(L, -1);
}

/* ---- start ----------------------------------------------------------------------------------- */

static void link_live(lua_State *L, struct l_sched *s, struct l_task *t)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
    t->prev = s->tasks_last;
    *(s->tasks_last ? &s->tasks_last->next : &s->tasks) = t;
    s->tasks_last = t;
    s->counted++;
}

/* "demo.lua:12", where the function on top was written; a built-in one has no place. */
static void push_place(lua_State *L)
{
    lua_Debug ar;
    if (!lua_isfunction(L, -1)) {
        lua_pushnil(L);
        return;
    }
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    if (ar.linedefined > 0)
        lua_pushfstring(L, "%s:%d", ar.short_src, ar.linedefined);
    else
        lua_pushnil(L);
}

struct l_task *l_task_spawn(lua_State *L, int narg)
{
    struct l_sched *s = l_sched(L);
    struct l_task *t = l_new(L, L_TASK, sizeof *t, 2); /* f args task */
    t->state = TASK_DONE; /* until it is complete: collecting it finds nothing to stop */
    t->wait.task = t;
    t->co = lua_newthread(L);
    lua_setiuservalue(L, -2, COROUTINE);
    lua_pushvalue(L, -narg - 2);
    push_place(L);
    lua_setiuservalue(L, -3, NAME);
    lua_pop(L, 1);
    lua_insert(L, -narg - 2); /* task f args */
    if (!lua_checkstack(t->co, narg + 1))
        l_fail(L, LUNQ_VALUE, "too many arguments for a task");
    lua_xmove(L, t->co, narg + 1);
    t->id = ++s->started;
    link_live(L, s, t);
    t->state = TASK_READY;
    l_ready(s, &t->wait);
    return t;
}

/* ---- end ------------------------------------------------------------------------------------- */

static void discount(struct l_sched *s, struct l_task *t)
{
    if (!t->background && --s->counted == 0)
        lunq_event_set(&s->idle, 0);
}

static void set_background(struct l_sched *s, struct l_task *t, bool on)
{
    if (alive(t) && on && !t->background)
        discount(s, t);
    else if (alive(t) && !on && t->background)
        s->counted++;
    t->background = on;
}

/* The task has ended: wakes who waits for it. Allocates nothing. */
static void unlink_live(lua_State *L, struct l_sched *s, struct l_task *t, enum l_task_state state)
{
    t->state = state;
    *(t->prev ? &t->prev->next : &s->tasks) = t->next;
    *(t->next ? &t->next->prev : &s->tasks_last) = t->prev;
    discount(s, t);
    lunq_event_set(&t->ended, 0);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    lua_pushnil(L);
    lua_rawsetp(L, -2, t); /* t may be collected from here on */
    lua_pop(L, 1);
}

/* report(task, what): tells about the error on top of the stack of the task's coroutine. */
static int report(lua_State *L)
{
    const struct l_task *t = lua_touserdata(L, 1);
    const char *who;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    lua_rawgetp(L, -1, t);
    who = push_name(L, lua_gettop(L));
    lua_pushvalue(t->co, -1);
    lua_xmove(t->co, L, 1);
    l_show_error(L, t->co, who, lua_touserdata(L, 2));
    return 0;
}

static void report_error(lua_State *L, struct l_task *t, const char *what)
{
    if (!lua_checkstack(L, 4) || !lua_checkstack(t->co, 2))
        return;
    lua_pushcfunction(L, report);
    lua_pushlightuserdata(L, t);
    lua_pushlightuserdata(L, (void *)what);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lunq_warn("task", "A task %s, and the error can't be shown.", what);
        lua_pop(L, 1);
    }
}

static int close_coroutine(lua_State *L, struct l_sched *s, lua_State *co)
{
    struct l_context *ctx = l_context(L);
    lua_State *was = ctx->running;
    bool outer = s->draining;
    int status;
    ctx->running = co;
    s->draining = true;
#if LUA_VERSION_RELEASE_NUM >= 50406
    status = lua_closethread(co, L);
#else
    status = lua_resetthread(co);
#endif
    s->draining = outer;
    ctx->running = was;
    return status;
}

/* Closes cancelled tasks. One that cancels others while it is being closed leaves them to this
 * loop: a chain of any length needs no stack. */
static void drain(lua_State *L, struct l_sched *s)
{
    struct l_task *t;
    if (s->draining)
        return;
    while ((t = s->closing)) {
        s->closing = t->close_next;
        if (!s->closing)
            s->closing_last = NULL;
        if (close_coroutine(L, s, t->co) != LUA_OK)
            report_error(L, t, "failed while it was cancelled");
        lua_settop(t->co, 0);
        unlink_live(L, s, t, TASK_CANCELLED);
    }
}

/* Takes t out of everything and has it closed as soon as possible. */
static void kill(lua_State *L, struct l_sched *s, struct l_task *t)
{
    l_wait_stop(s, &t->wait);
    t->state = TASK_CANCELLED;
    t->close_next = NULL;
    *(s->closing_last ? &s->closing_last->close_next : &s->closing) = t;
    s->closing_last = t;
    drain(L, s);
}

/* explain(task): its error with what there is to add, where that is a string. */
static int explain(lua_State *L)
{
    const struct l_task *t = lua_touserdata(L, 1);
    const char *advice = l_dot_advice(L, t->co, 0);
    lua_pushvalue(t->co, -1);
    lua_xmove(t->co, L, 1);
    lua_pushstring(L, advice);
    lua_concat(L, 2);
    return 1;
}

static void explain_error(lua_State *L, struct l_task *t)
{
    if (lua_type(t->co, -1) != LUA_TSTRING || !lua_checkstack(L, 3) || !lua_checkstack(t->co, 2))
        return;
    lua_pushcfunction(L, explain);
    lua_pushlightuserdata(L, t);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
        lua_pop(t->co, 1);
        lua_xmove(L, t->co, 1);
    } else {
        lua_pop(L, 1);
    }
}

static void fail(lua_State *L, struct l_sched *s, struct l_task *t)
{
    explain_error(L, t);
    if (!t->ended.first)
        report_error(L, t, "failed");
    if (!t->ended.first && l_context(L)->interrupted) /* nobody hands it on to the main thread */
        lunq_interrupted = 1;
    close_coroutine(L, s, t->co); /* leaves the error, or that of a variable, on its stack */
    unlink_live(L, s, t, TASK_FAILED);
    drain(L, s);
}

void l_task_resume(lua_State *L, struct l_task *t)
{
    struct l_sched *s = l_sched(L);
    struct l_context *ctx = l_context(L);
    lua_State *was = ctx->running;
    int status, n, narg = t->started ? 0 : lua_gettop(t->co) - 1;
    t->started = true;
    t->state = TASK_RUNNING;
    s->current = t;
    ctx->running = t->co;
    ctx->interrupted = false;
    status = lua_resume(t->co, L, narg, &n);
    ctx->running = was;
    s->current = NULL;
    if (status == LUA_OK) {
        unlink_live(L, s, t, TASK_DONE);
    } else if (status != LUA_YIELD) {
        fail(L, s, t);
    } else if (t->killed) {
        kill(L, s, t);
    } else if (l_is_waiting(t->co, n)) {
        lua_pop(t->co, 1);
        t->state = TASK_WAITING;
    } else { /* coroutine.yield() in a task: the others first */
        lua_pop(t->co, n);
        t->state = TASK_READY;
        l_ready(s, &t->wait);
    }
}

struct l_wait *l_task_stuck(lua_State *L, struct l_sched *s)
{
    struct l_wait *last = NULL;
    for (struct l_task *t = s->tasks; t; t = t->next) {
        struct l_wait *w = &t->wait;
        if (t->state == TASK_WAITING && !t->background && !lunq_loop_has_limit(&w->w) &&
            (!last || w->w.due.order > last->w.due.order))
            last = w;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    if (last)
        lua_rawgetp(L, -1, last->task);
    return last;
}

/* ---- waiting for a task ---------------------------------------------------------------------- */

/* Pushes the results of an ended task, or raises. */
static int outcome(lua_State *L, struct l_task *t)
{
    int n;
    if (t->state == TASK_CANCELLED)
        return l_fail(L, LUNQ_RUNTIME, "Task %llu was cancelled.", (unsigned long long)t->id);
    n = t->state == TASK_DONE ? lua_gettop(t->co) : 1;
    luaL_checkstack(L, n, "too many results of a task");
    if (!lua_checkstack(t->co, n))
        return l_fail(L, LUNQ_MEMORY, "too many results of a task");
    for (int i = 1; i <= n; i++)
        lua_pushvalue(t->co, i);
    lua_xmove(t->co, L, n);
    return t->state == TASK_DONE ? n : lua_error(L);
}

static int wait_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)count;
    (void)when;
    return outcome(L, *(struct l_task **)data);
}

static int wait_expired(lua_State *L, void *data, double seconds)
{
    struct l_task *t = *(struct l_task **)data;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    if (lua_rawgetp(L, -1, t) == LUA_TNIL) /* it ended while the time ran out */
        return outcome(L, t);
    if (t->state == TASK_WAITING)
        return l_fail(L, LUNQ_TIMEOUT, "%s did not finish within %g s: it waits for %s.",
                      push_name(L, lua_gettop(L)), seconds, t->wait.op->what);
    return l_fail(L, LUNQ_TIMEOUT, "%s did not finish within %g s.", push_name(L, lua_gettop(L)),
                  seconds);
}

static const struct l_op wait_op = {
    .what = "a task", .size = sizeof(struct l_task *), .push = wait_push, .expired = wait_expired};

static int join(lua_State *L, int idx, double seconds)
{
    struct l_task *t = lua_touserdata(L, idx);
    if (!alive(t))
        return outcome(L, t);
    if (t == l_sched(L)->current)
        return l_fail(L, LUNQ_RUNTIME, "A task can't wait for itself.");
    return l_wait(L, &wait_op, &t, l_time_device(L, seconds), seconds, &t->ended);
}

int l_task_join(lua_State *L, int idx)
{
    return join(L, idx, INFINITY);
}

static int task_wait(lua_State *L)
{
    l_check(L, 1, L_TASK);
    return join(L, 1, l_opttimeout(L, 2));
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static int never(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return l_fail(L, LUNQ_RUNTIME, "This task was cancelled.");
}

static int task_cancel(lua_State *L) /* and __close */
{
    struct l_sched *s = l_sched(L);
    struct l_task *t = l_check(L, 1, L_TASK);
    bool was = alive(t);
    if (was && t == s->current && s->draining) {
        /* By a task it has cancelled, which takes it along: as soon as it waits, as nothing of it
         * can be closed while it runs. */
        t->killed = true;
    } else if (was && t == s->current) {
        if (!lua_isyieldable(L))
            return l_fail(L, LUNQ_RUNTIME,
                          "A task can't cancel itself here: Lua can't suspend it.");
        t->killed = true;
        return l_yield(L, 0, never);
    } else if (was) {
        kill(L, s, t);
    }
    lua_pushboolean(L, was);
    return 1;
}

/* Collected: only a task that has ended, or one of a state that is closing. */
static int task_gc(lua_State *L)
{
    struct l_task *t = l_check(L, 1, L_TASK);
    l_wait_stop(l_sched(L), &t->wait);
    return 0;
}

size_t l_tasks_left(lua_State *L)
{
    return l_context(L)->sched ? l_context(L)->sched->counted : 0;
}

void l_tasks_close(lua_State *L)
{
    struct l_sched *s = l_context(L)->sched;
    struct l_task *t, *next;
    if (!s)
        return;
    l_wait_stop(s, &s->main);
    for (t = s->tasks; t; t = next) {
        next = t->next;
        if (t == s->current || t->state == TASK_CANCELLED)
            continue;
        l_wait_stop(s, &t->wait);
        t->state = TASK_CANCELLED;
        t->close_next = NULL;
        *(s->closing_last ? &s->closing_last->close_next : &s->closing) = t;
        s->closing_last = t;
    }
    drain(L, s);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int task_tostring(lua_State *L)
{
    struct l_task *t = l_check(L, 1, L_TASK);
    push_name(L, 1);
    if (t->state == TASK_WAITING)
        lua_pushfstring(L, "%s: waiting for %s", lua_tostring(L, -1), t->wait.op->what);
    else
        lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), state_name(t));
    return 1;
}

/* The first value on the coroutine's stack, where results and the error lie. */
static int push_first(lua_State *L, const struct l_task *t, enum l_task_state state)
{
    if (t->state != state || lua_gettop(t->co) == 0 || !lua_checkstack(t->co, 1)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushvalue(t->co, 1);
    lua_xmove(t->co, L, 1);
    return 1;
}

static int task_index(lua_State *L)
{
    struct l_task *t = l_check(L, 1, L_TASK);
    const char *key;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) /* a method */
        return 1;
    key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "done"))
        lua_pushboolean(L, !alive(t));
    else if (!strcmp(key, "state"))
        lua_pushstring(L, state_name(t));
    else if (!strcmp(key, "result"))
        return push_first(L, t, TASK_DONE);
    else if (!strcmp(key, "error"))
        return push_first(L, t, TASK_FAILED);
    else if (!strcmp(key, "name"))
        lua_getiuservalue(L, 1, NAME);
    else if (!strcmp(key, "id"))
        lua_pushinteger(L, (lua_Integer)t->id);
    else if (!strcmp(key, "background"))
        lua_pushboolean(L, t->background);
    else
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a task has no \"%s\": wait, cancel, done, state, result, "
                      "error, name, id, background",
                      luaL_tolstring(L, 2, NULL));
    return 1;
}

static int task_newindex(lua_State *L)
{
    struct l_task *t = l_check(L, 1, L_TASK);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (!strcmp(key, "name")) {
        l_checkstr(L, 3, "name", NULL);
        lua_setiuservalue(L, 1, NAME);
    } else if (!strcmp(key, "background")) {
        set_background(l_sched(L), t, lua_toboolean(L, 3));
    } else {
        return l_fail(L, LUNQ_ATTRIBUTE,
                      "a task has no field \"%s\" that can be set: name, "
                      "background",
                      luaL_tolstring(L, 2, NULL));
    }
    return 0;
}

/* ---- module functions ------------------------------------------------------------------------ */

/* core.spawn(f, ...): starts f(...) as a task and returns it: t:wait([timeout]) gives its results or
 * raises its error, t:cancel() ends it. It runs whenever whoever runs now waits: in a script at
 * lunq.run() or any wait, at the prompt while a person types. */
static int spawn(lua_State *L)
{
    int narg = lua_gettop(L) - 1;
    if (!lua_isfunction(L, 1) && luaL_getmetafield(L, 1, "__call") == LUA_TNIL)
        return l_fail(L, LUNQ_TYPE, "a task needs a function to run, not %s",
                      lua_isnone(L, 1) ? "nothing" : luaL_typename(L, 1));
    lua_settop(L, narg + 1);
    l_task_spawn(L, narg);
    return 1;
}

static const struct l_op sleep_op = {.what = "the end of a sleep"};

static int sleep_(lua_State *L)
{
    double seconds = l_optnum(L, 1, "seconds", 0);
    if (!(seconds >= 0))
        return l_fail(L, LUNQ_VALUE, "seconds should be at least 0, not %g", seconds);
    return l_wait(L, &sleep_op, NULL, l_time_device(L, seconds), seconds, NULL);
}

static int now(lua_State *L)
{
    lua_pushnumber(L, (double)lunq_loop_now(l_time_device(L, 0)) / 1e9);
    return 1;
}

static int current(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
    if (s->current)
        lua_rawgetp(L, -1, s->current);
    else
        lua_pushnil(L);
    return 1;
}

/* core.cancelling(): true while the variables of a cancelled task are closed. Their __close gets no error
 * then, but must not begin anything that takes time. */
static int cancelling(lua_State *L)
{
    lua_pushboolean(L, l_sched(L)->draining);
    return 1;
}

static int tasks(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    lua_Integer n = 0;
    lua_newtable(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key); /* list live */
    for (struct l_task *t = s->tasks; t; t = t->next) {
        lua_rawgetp(L, -1, t);
        lua_rawseti(L, -3, ++n);
    }
    lua_pop(L, 1);
    return 1;
}

static int all_never(lua_State *L, void *data, double seconds)
{
    (void)data;
    return l_fail(L, LUNQ_TIMEOUT, "%zu tasks did not finish within %g s.", l_tasks_left(L),
                  seconds);
}

static const struct l_op all_op = {.what = "all tasks", .expired = all_never};

/* core.run([seconds]): until no task is left but those in the background. */
static int run(lua_State *L)
{
    struct l_sched *s = l_sched(L);
    double seconds = l_optnum(L, 1, "seconds", INFINITY);
    uint64_t when;
    if (s->current)
        return l_fail(L, LUNQ_RUNTIME,
                      "run() waits for all tasks, and would wait for the one that "
                      "calls it: call it outside of tasks, or wait for one of them.");
    lunq_event_take(&s->idle, &when);
    if (s->counted == 0)
        return 0;
    return l_wait(L, &all_op, NULL, l_time_device(L, seconds), seconds, &s->idle);
}

static const luaL_Reg methods[] = {{"wait", task_wait}, {"cancel", task_cancel}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__gc", task_gc},
                                {"__close", task_cancel},
                                {"__tostring", task_tostring},
                                {"__newindex", task_newindex},
                                {NULL, NULL}};
static const luaL_Reg functions[] = {{"spawn", spawn},           {"sleep", sleep_}, {"now", now},
                                     {"current", current},       {"tasks", tasks},  {"run", run},
                                     {"cancelling", cancelling}, {NULL, NULL}};

static const char *const fields[] = {"background", "done",   "error", "id",
                                     "name",       "result", "state", NULL};

void l_open_task(lua_State *L)
{
    l_type(L, L_TASK, "lunq.Task", methods, meta);
    l_fields(L, "lunq.Task", task_index, fields);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key) == LUA_TNIL) {
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &live_key);
    }
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
