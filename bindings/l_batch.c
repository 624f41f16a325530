/* l_batch.c - lunq.Batch: register accesses compiled once and executed in one call, over
 * host/core/batch.h.
 *   local results = m:batch {                    -- compiled and run
 *     { "write", 0x00, 1 },                      -- offset, value
 *     { "update", 0x04, 0xff, 0x12 },            -- offset, mask, value
 *     { "poll", 0x08, 0x2, 0x2, 0.5 },           -- offset, mask, value, time limit in seconds
 *     { "read", 0x10, "sum" },                   -- offset, name of the result
 *   }
 *   results.sum, results[1] (the poll), results[2] (the read: reads and polls in order)
 *   local b = m:compile { ... }                  -- once; also core.batch(mmio, steps)
 *   b:set(1, 7)                                  -- step 1 writes 7 from now on
 *   b:run()    b:run(results)                    -- many times; fills a table again
 * In a task a poll lets others run while it waits, as m:poll does.
 * Steps may have width = 1, 2, 4, 8 and name =. Nothing is accessed unless all can be; an error
 * names the step, and has its number in the field `step`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../host/core/batch.h"
#include "l_mmio.h"
#include "l_wait.h"

enum { WINDOW = 1, NAMES = 2 }; /* user values: the MMIO; step -> name of its result */

struct l_batch {
    struct l_mmio *window;
    bool waiting;          /* somebody waits in one of its polls */
    struct lunq_error err; /* how the poll failed */
    int result;            /* 1: it did not */
    size_t n;
    struct lunq_batch_step steps[];
};

/* Raises *e for step i (from 0). */
static int fail_step(lua_State *L, const struct lunq_batch_step *s, size_t i, struct lunq_error *e)
{
    lunq_fail_in(e, "Batch step %zu (%s 0x%" PRIx64 ")", i + 1, lunq_batch_kind_name(s->kind),
                 s->off);
    l_push_error(L, e);
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_setfield(L, -2, "step");
    return lua_error(L);
}

/* ---- compiling ------------------------------------------------------------------------------ */

/* Raises an error about the text of step i. */
static int bad_step(lua_State *L, size_t i, int kind, const char *text)
{
    struct lunq_error e;
    lunq_fail(&e, kind, "Batch step %zu: %s", i + 1, text);
    l_push_error(L, &e);
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_setfield(L, -2, "step");
    return lua_error(L);
}

static enum lunq_batch_kind step_kind(lua_State *L, int step, size_t i)
{
    const char *s = lua_rawgeti(L, step, 1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    for (int k = LUNQ_BATCH_READ; k <= LUNQ_BATCH_POLL; k++)
        if (!strcmp(s, lunq_batch_kind_name(k))) {
            lua_pop(L, 1);
            return k;
        }
    bad_step(L, i, LUNQ_VALUE,
             lua_pushfstring(L, "unknown operation \"%s\" (read, write, update, poll)", s));
    return LUNQ_BATCH_READ;
}

/* The name of a step's result: { "read", off, "name" } or name = "name". Kept in NAMES. */
static void step_name(lua_State *L, int step, int batch, size_t i, enum lunq_batch_kind kind)
{
    if (lua_getfield(L, step, "name") == LUA_TNIL && kind == LUNQ_BATCH_READ) {
        lua_pop(L, 1);
        lua_rawgeti(L, step, 3);
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        bad_step(L, i, LUNQ_TYPE, "the name of a result is a string");
    lua_getiuservalue(L, batch, NAMES);
    lua_insert(L, -2);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
    lua_pop(L, 1);
}

static unsigned step_width(lua_State *L, int step)
{
    int64_t width;
    lua_getfield(L, step, "width");
    width = l_optint(L, -1, "width", 4);
    lua_pop(L, 1);
    return width == 1 || width == 2 || width == 4 || width == 8 ? (unsigned)width : 0;
}

/* "Batch step 2: value" for messages; stays on the stack. */
static const char *what_of(lua_State *L, size_t i, const char *what)
{
    return lua_pushfstring(L, "Batch step %I: %s", (lua_Integer)i + 1, what);
}

/* The word at position `at` of the step. */
static uint64_t step_word(lua_State *L, int step, size_t i, int at, unsigned width,
                          const char *what)
{
    what = what_of(L, i, what);
    lua_rawgeti(L, step, at);
    return l_checkword(L, -1, width, what);
}

static uint64_t step_offset(lua_State *L, int step, size_t i)
{
    const char *what = what_of(L, i, "offset");
    lua_rawgeti(L, step, 2);
    return l_checksize(L, -1, what);
}

/* Fills a step from the table at `step`; leaves values on the stack. */
static void compile_step(lua_State *L, int step, int batch, size_t i, struct lunq_batch_step *s)
{
    s->kind = step_kind(L, step, i);
    s->width = step_width(L, step);
    if (s->width == 0)
        bad_step(L, i, LUNQ_VALUE, "width is 1, 2, 4 or 8 bytes");
    s->off = step_offset(L, step, i);
    step_name(L, step, batch, i, s->kind);
    if (s->kind == LUNQ_BATCH_WRITE) {
        s->value = step_word(L, step, i, 3, s->width, "value");
    } else if (s->kind != LUNQ_BATCH_READ) {
        s->mask = (uint32_t)step_word(L, step, i, 3, 4, "mask");
        s->value = step_word(L, step, i, 4, 4, "value");
        lua_rawgeti(L, step, 5);
        s->seconds = l_opttimeout(L, -1);
    }
}

/* m:compile(steps): the steps as a lunq.Batch that can run many times; nothing is accessed yet. */
static int batch_compile(lua_State *L)
{
    struct lunq_mmio *m = l_checkmmio(L, 1);
    struct lunq_error e;
    struct l_batch *b;
    lua_Unsigned n;
    size_t bad;
    if (!lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE, "steps should be a table, not %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    n = lua_rawlen(L, 2);
    if (n > SIZE_MAX / 2 / sizeof *b->steps)
        return l_fail(L, LUNQ_VALUE, "too many steps");
    b = l_new(L, L_BATCH, sizeof *b + (size_t)n * sizeof *b->steps, 2);
    b->window = l_testmmio(L, 1);
    b->n = (size_t)n;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, WINDOW);
    lua_newtable(L);
    lua_setiuservalue(L, 3, NAMES);
    for (size_t i = 0; i < b->n; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TTABLE)
            return bad_step(L, i, LUNQ_TYPE, "a step is a table like { \"read\", 0x10 }");
        compile_step(L, 4, 3, i, &b->steps[i]);
        lua_settop(L, 3);
    }
    if (lunq_batch_check(m, b->steps, b->n, &bad, &e) < 0)
        return fail_step(L, &b->steps[bad], bad, &e);
    return 1;
}

/* ---- running -------------------------------------------------------------------------------- */

/* Fills the table on top with the results. */
static void push_results(lua_State *L, const struct l_batch *b)
{
    lua_Integer k = 0;
    lua_getiuservalue(L, 1, NAMES);
    for (size_t i = 0; i < b->n; i++) { /* results, names */
        const struct lunq_batch_step *s = &b->steps[i];
        if (s->kind == LUNQ_BATCH_WRITE || s->kind == LUNQ_BATCH_UPDATE)
            continue;
        lua_pushinteger(L, (lua_Integer)s->result);
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            lua_rawset(L, -5);
        } else {
            lua_pop(L, 1);
        }
        lua_rawseti(L, -3, ++k);
    }
    lua_pop(L, 1);
}

/* A poll that lets others run. What goes wrong is kept for whoever goes on, with the step's number. */
struct batch_wait {
    struct l_batch *b;
    size_t step;
    bool looked; /* a moment ago */
    bool go_on;  /* with the steps that follow */
};

static int poll_look(void *data, bool late, struct lunq_error *err)
{
    const struct batch_wait *w = data;
    struct lunq_batch_step *s = &w->b->steps[w->step];
    uint32_t last = 0;
    if (w->looked)
        return 0;
    if (late)
        w->b->err = *err;
    w->b->result = lunq_mmio_poll_look(w->b->window->m, s->off, s->mask, (uint32_t)s->value,
                                       late ? &s->seconds : NULL, &last, &w->b->err);
    s->result = last;
    return w->b->result != 0 || late;
}

static void poll_hold(void *data, bool on)
{
    struct batch_wait *w = data;
    w->looked = false;
    w->b->waiting = on;
}

static int run_from(lua_State *L, struct l_batch *b, size_t i);

static int poll_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    struct batch_wait w = *(struct batch_wait *)data;
    (void)count, (void)when;
    if (w.b->result < 0)
        return fail_step(L, &w.b->steps[w.step], w.step, &w.b->err);
    return w.go_on ? run_from(L, w.b, w.step + 1) : 0;
}

static const struct l_op poll_op = {.what = "a register to change, in a batch",
                                    .size = sizeof(struct batch_wait),
                                    .look = poll_look,
                                    .push = poll_push,
                                    .hold = poll_hold};

/* Runs the steps from i on; in a task a poll that has to wait yields, and comes back by its push. */
static int run_from(lua_State *L, struct l_batch *b, size_t i)
{
    for (; i < b->n; i++) {
        struct lunq_batch_step *s = &b->steps[i];
        struct lunq_mmio *m = b->window->m;
        struct batch_wait w = {b, i, false, l_wait_yields(L)};
        struct lunq_error e;
        if (s->kind != LUNQ_BATCH_POLL) {
            if (lunq_batch_step(m, s, &e) < 0)
                return fail_step(L, s, i, &e);
            continue;
        }
        w.looked = poll_look(&w, false, NULL) == 0;
        if (!w.looked && b->result < 0)
            return fail_step(L, s, i, &b->err);
        if (w.looked)
            l_wait(L, &poll_op, &w, m->closed ? NULL : m->dev, s->seconds, NULL);
    }
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    push_results(L, b);
    return 1;
}

static struct l_batch *check_idle(lua_State *L)
{
    struct l_batch *b = l_check(L, 1, L_BATCH);
    if (b->waiting)
        l_fail(L, LUNQ_RUNTIME,
               "This batch is being run by a task that waits in one of its polls: compile another "
               "one.");
    return b;
}

/* b:run([results]) --> results */
static int batch_run(lua_State *L)
{
    struct l_batch *b = check_idle(L);
    struct lunq_error e;
    size_t bad = 0;
    bool shared = l_wait_shared(L);
    lua_settop(L, 2);
    if (!lua_isnil(L, 2) && !lua_istable(L, 2))
        return l_fail(L, LUNQ_TYPE, "results should be a table, not %s", luaL_typename(L, 2));
    if ((shared ? lunq_batch_check(b->window->m, b->steps, b->n, &bad, &e)
                : lunq_batch_run(b->window->m, b->steps, b->n, &bad, &e)) < 0)
        return fail_step(L, &b->steps[bad], bad, &e);
    return run_from(L, b, shared ? 0 : b->n);
}

/* m:batch(steps) --> results */
static int batch_once(lua_State *L)
{
    batch_compile(L);
    lua_replace(L, 1);
    lua_settop(L, 1);
    return batch_run(L);
}

/* b:set(step, value): what the step writes or waits for from now on. */
static int batch_set(lua_State *L)
{
    struct l_batch *b = check_idle(L);
    int64_t i = l_checkint(L, 2, "step");
    struct lunq_batch_step *s;
    if (i < 1 || (uint64_t)i > b->n)
        return l_fail(L, LUNQ_INDEX, "step %" PRId64 " is not one of the %zu", i, b->n);
    s = &b->steps[i - 1];
    if (s->kind == LUNQ_BATCH_READ)
        return l_fail(L, LUNQ_VALUE, "step %" PRId64 " is a read: it has no value", i);
    s->value = l_checkword(L, 3, s->width, "value");
    lua_settop(L, 1);
    return 1;
}

static int batch_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)((struct l_batch *)l_check(L, 1, L_BATCH))->n);
    return 1;
}

static int batch_tostring(lua_State *L)
{
    struct l_batch *b = l_check(L, 1, L_BATCH);
    lua_getiuservalue(L, 1, WINDOW);
    lua_pushfstring(L, "Batch of %I steps on %s", (lua_Integer)b->n, luaL_tolstring(L, -1, NULL));
    return 1;
}

const luaL_Reg l_batch_methods[] = {
    {"compile", batch_compile}, {"batch", batch_once}, {NULL, NULL}};

static const luaL_Reg methods[] = {{"run", batch_run}, {"set", batch_set}, {NULL, NULL}};

static const luaL_Reg meta[] = {{"__len", batch_len}, {"__tostring", batch_tostring}, {NULL, NULL}};

void l_open_batch(lua_State *L)
{
    l_type(L, L_BATCH, "lunq.Batch", methods, meta);
    lua_pushcfunction(L, batch_compile); /* core.batch(mmio, steps) */
    lua_setfield(L, -2, "batch");
}
