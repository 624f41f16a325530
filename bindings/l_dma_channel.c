/* l_dma_channel.c - one channel of an AXI DMA.
 *   ch:transfer(buffer [, start [, nbytes [, cyclic]]])   -- bytes; nbytes 0: to the end
 *   ch:transfer(buffer, { start = 0, nbytes = 0, cyclic = false })
 *   ch:wait([timeout])   --> bytes moved; timeout in seconds, math.huge: none
 *   ch:done()            --> boolean, checks once            (also ch:poll())
 *   ch:start()  ch:stop()
 *   ch:ring{ count = , bytes = }       --> lua/lunq/dma_ring.lua
 *   ch:coalesce(threshold [, delay])   -- scatter-gather: packets per interrupt, 125-cycle units
 *   ch.running  ch.halted  ch.idle  ch.error  ch.busy  ch.transferred  ch.buffer_max_size
 *   ch.progress          --> { state =, of =, done =, total =, transfers = }, as struct lunq_dma_progress
 *   ch.status            --> all of these in one table, with both registers
 * The buffer may be a row or a slice; it is held until the transfer ends. */
#include <inttypes.h>
#include <string.h>

#include "l_buffer.h"
#include "l_dma.h"
#include "l_wait.h"

typedef struct l_channel {
    l_dma *engine; /* lives as user value 1 */
    enum lunq_dma_dir dir;
} l_channel;

void l_push_dma_channel(lua_State *L, int idx, enum lunq_dma_dir dir)
{
    l_dma *engine = lua_touserdata(L, idx);
    l_channel *ch;
    idx = lua_absindex(L, idx);
    ch = l_new(L, L_DMA_CHANNEL, sizeof *ch, 1);
    ch->engine = engine;
    ch->dir = dir;
    lua_pushvalue(L, idx);
    lua_setiuservalue(L, -2, 1);
}

l_dma *l_checkdmachannel(lua_State *L, int idx, enum lunq_dma_dir *dir)
{
    l_channel *ch = l_check(L, idx, L_DMA_CHANNEL);
    *dir = ch->dir;
    return ch->engine;
}

/* ---- transfer ------------------------------------------------------------------------------ */

struct request {
    uint64_t start, nbytes;
    bool cyclic;
};

static bool checkflag(lua_State *L, int idx, const char *what)
{
    if (!lua_isnoneornil(L, idx) && !lua_isboolean(L, idx))
        l_fail(L, LUNQ_TYPE, "%s should be true or false, not %s", what, luaL_typename(L, idx));
    return lua_toboolean(L, idx);
}

static uint64_t optsize(lua_State *L, int idx, const char *what)
{
    return lua_isnoneornil(L, idx) ? 0 : l_checksize(L, idx, what);
}

/* The table form. A name that is none of ours is a typo that would move the wrong bytes. */
static void request_from_table(lua_State *L, int idx, struct request *q)
{
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        if (!strcmp(key, "start"))
            q->start = l_checksize(L, -1, "start");
        else if (!strcmp(key, "nbytes"))
            q->nbytes = l_checksize(L, -1, "nbytes");
        else if (!strcmp(key, "cyclic"))
            q->cyclic = checkflag(L, -1, "cyclic");
        else
            l_fail(L, LUNQ_VALUE, "transfer knows start, nbytes and cyclic, not \"%s\"", key);
        lua_pop(L, 1);
    }
}

/* ch:transfer(buffer[, start[, nbytes[, cyclic]]]): starts to move a buffer, or nbytes of it from byte
 * start on (0: to its end); also transfer(buffer, { start =, nbytes =, cyclic = }). cyclic, for senders
 * with scatter-gather, repeats until stop(). The memory is held until the transfer ends. Raises `value`
 * for a range or a length that can't be, `runtime` when the channel is busy or halted. */
static int channel_transfer(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    struct request q = {0, 0, false};
    struct lunq_array *a;
    struct lunq_dma *dma;
    struct lunq_mem *mem;
    struct lunq_error e;
    size_t size;
    int r;
    if (lua_istable(L, 3)) {
        request_from_table(L, 3, &q);
    } else {
        q.start = optsize(L, 3, "start");
        q.nbytes = optsize(L, 4, "nbytes");
        q.cyclic = checkflag(L, 5, "cyclic");
    }
    a = l_checkdma(L, 2);
    size = lunq_array_nbytes(a);
    /* The view is what may be touched, not the memory behind it. */
    if (q.start > size || q.nbytes > size - q.start)
        return l_fail(L, LUNQ_VALUE,
                      "Transfer of %" PRIu64 " bytes from byte %" PRIu64
                      " is outside the buffer of %zu bytes.",
                      q.nbytes, q.start, size);
    if (q.start == size)
        return l_fail(L, LUNQ_VALUE,
                      "Nothing to transfer: 0 bytes from byte %" PRIu64
                      " of a buffer of %zu bytes.",
                      q.start, size);
    if (q.nbytes == 0)
        q.nbytes = size - q.start;
    dma = l_dma_begin(L, ch->engine);
    mem = lunq_mem_ref(a->mem); /* a model that runs meanwhile may close the buffer */
    r = lunq_dma_transfer(dma, ch->dir, mem, a->offset + (size_t)q.start, (size_t)q.nbytes,
                          q.cyclic, &e);
    lunq_mem_unref(mem);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

struct transfer_wait {
    l_dma *engine;        /* of the channel at 1 */
    struct lunq_dma *dma; /* lives on when the engine is closed */
    enum lunq_dma_dir dir;
    double seconds;
    struct lunq_dma_pending pending;
};

static int wait_look(void *data, bool late, struct lunq_error *err)
{
    struct transfer_wait *w = data;
    int r;
    if (!w->engine->dma)
        return lunq_fail(err, LUNQ_RUNTIME, "DMA is closed.");
    if (w->engine->working) /* a model looks at the engine that is moving its data */
        return late ? LUNQ_TIMEOUT : 0;
    w->engine->working = true;
    r = lunq_dma_wait_look(w->dma, w->dir, &w->pending, late ? &w->seconds : NULL, err);
    l_dma_end(w->engine);
    return r;
}

static int wait_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    struct transfer_wait *w = data;
    (void)count;
    (void)when;
    if (w->engine->dma) /* closed since: then w->dma is gone */
        lunq_dma_wait_end(w->dma, w->dir, &w->pending);
    lua_pushinteger(L, (lua_Integer)w->pending.bytes);
    return 1;
}

static void wait_hold(void *data, bool on)
{
    struct transfer_wait *w = data;
    if (on)
        w->engine->waiting++;
    lunq_dma_watch(w->dma, w->dir, on);
    if (!on)
        w->engine->waiting--;
}

static void wait_progress(void *data, uint64_t *done, uint64_t *total)
{
    struct transfer_wait *w = data;
    struct lunq_dma_progress p;
    struct lunq_error e;
    if (!w->engine->dma || w->engine->working)
        return;
    w->engine->working = true;
    if (lunq_dma_progress(w->dma, w->dir, &p, &e) == 0 && p.done) {
        *done = p.done;
        *total = p.of;
    }
    l_dma_end(w->engine);
}

static const struct l_op wait_op = {.what = "a DMA transfer",
                                    .size = sizeof(struct transfer_wait),
                                    .look = wait_look,
                                    .push = wait_push,
                                    .hold = wait_hold,
                                    .progress = wait_progress};

/* ch:wait([timeout]): waits until the transfer is over and gives the bytes moved; seconds,
 * lunq.time_limit when not said, math.huge: no limit. Raises `timeout` and, for what the engine reports,
 * `runtime` with both channels explained. */
static int channel_wait(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    double seconds = l_opttimeout(L, 2);
    struct lunq_dma *dma = l_dma_begin(L, ch->engine);
    struct transfer_wait w = {ch->engine, dma, ch->dir, seconds, {0, 0}};
    struct lunq_error e;
    int r;
    if (l_wait_shared(L)) {
        l_dma_end(ch->engine);
        return l_wait(L, &wait_op, &w, ch->engine->regs->dev, seconds,
                      lunq_dma_event(dma, ch->dir));
    }
    r = lunq_dma_wait(dma, ch->dir, seconds, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    lua_pushinteger(L, (lua_Integer)lunq_dma_transferred(dma, ch->dir));
    return 1;
}

/* ch:done(): true when the transfer is over, without waiting. */
static int channel_done(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    struct lunq_error e;
    int r = lunq_dma_poll(l_dma_begin(L, ch->engine), ch->dir, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    lua_pushboolean(L, r);
    return 1;
}

/* ch:start(): lets it run again after stop(). */
static int channel_start(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    struct lunq_error e;
    int r = lunq_dma_start(l_dma_begin(L, ch->engine), ch->dir, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

/* ch:stop(): halts it, a second at most, and lets go of its buffer. Raises `timeout`. */
static int channel_stop(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    struct lunq_error e;
    int r = lunq_dma_stop(l_dma_begin(L, ch->engine), ch->dir, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

/* ch:coalesce(threshold[, delay]): with scatter-gather, an interrupt for so many packets, or so many times
 * 125 clock cycles after the last one. */
static int channel_coalesce(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    uint64_t threshold = l_checksize(L, 2, "threshold"), delay = optsize(L, 3, "delay");
    struct lunq_error e;
    int r = lunq_dma_coalesce(l_dma_begin(L, ch->engine), ch->dir,
                              threshold > 256 ? 256 : (unsigned)threshold,
                              delay > 256 ? 256 : (unsigned)delay, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    return 0;
}

/* ch:ring{ count =, bytes = }: a stream that goes on, block by block, see lunq.dma_ring. */
static int channel_ring(lua_State *L)
{
    l_check(L, 1, L_DMA_CHANNEL);
    lua_settop(L, 2);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "lunq.dma_ring");
    lua_call(L, 1, 1);
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

/* ---- fields -------------------------------------------------------------------------------- */

static void read_status(lua_State *L, const l_channel *ch, struct lunq_dma_status *s)
{
    struct lunq_error e;
    int r = lunq_dma_status(l_dma_begin(L, ch->engine), ch->dir, s, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        l_raise(L, &e);
}

static int push_status(lua_State *L, const struct lunq_dma_status *s)
{
    lua_createtable(L, 0, 9);
    l_set_boolean(L, "running", s->running);
    l_set_boolean(L, "halted", s->halted);
    l_set_boolean(L, "idle", s->idle);
    l_set_boolean(L, "error", s->error);
    l_set_boolean(L, "busy", s->busy);
    l_set_integer(L, "control", s->control);
    l_set_integer(L, "status", s->status);
    l_set_integer(L, "transferred", s->transferred);
    l_set_integer(L, "buffer_max_size", s->max);
    return 1;
}

static int push_progress(lua_State *L, const l_channel *ch)
{
    struct lunq_dma_progress p;
    struct lunq_error e;
    int r = lunq_dma_progress(l_dma_begin(L, ch->engine), ch->dir, &p, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        return l_raise(L, &e);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, p.state);
    lua_setfield(L, -2, "state");
    l_set_integer(L, "of", p.of);
    l_set_integer(L, "done", p.done);
    l_set_integer(L, "total", p.total);
    l_set_integer(L, "transfers", p.transfers);
    return 1;
}

static int push_bool(lua_State *L, bool v)
{
    lua_pushboolean(L, v);
    return 1;
}

static int push_number(lua_State *L, uint64_t v)
{
    lua_pushinteger(L, (lua_Integer)v);
    return 1;
}

static int channel_index(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    struct lunq_dma_status s;
    const char *key;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) /* a method */
        return 1;
    if (lua_type(L, 2) != LUA_TSTRING)
        return 1;
    key = lua_tostring(L, 2);
    if (!strcmp(key, "transferred"))
        return push_number(L, lunq_dma_transferred(l_dma_open(L, ch->engine), ch->dir));
    if (!strcmp(key, "buffer_max_size"))
        return push_number(L, lunq_dma_max(l_dma_open(L, ch->engine), ch->dir));
    if (!strcmp(key, "name")) {
        lua_pushstring(L, ch->dir == LUNQ_MM2S ? "MM2S" : "S2MM");
        return 1;
    }
    if (!strcmp(key, "progress"))
        return push_progress(L, ch);
    if (!strcmp(key, "running") || !strcmp(key, "halted") || !strcmp(key, "idle") ||
        !strcmp(key, "error") || !strcmp(key, "busy") || !strcmp(key, "status"))
        read_status(L, ch, &s);
    else
        return l_fail(
            L, LUNQ_ATTRIBUTE,
            "a DMA channel has no \"%s\": transfer, wait, done, start, stop, ring, coalesce, "
            "running, halted, idle, error, busy, transferred, buffer_max_size, progress, status",
            key);
    switch (key[0]) {
    case 'r': return push_bool(L, s.running);
    case 'h': return push_bool(L, s.halted);
    case 'i': return push_bool(L, s.idle);
    case 'e': return push_bool(L, s.error);
    case 'b': return push_bool(L, s.busy);
    default: return push_status(L, &s);
    }
}

static int channel_tostring(lua_State *L)
{
    l_channel *ch = l_check(L, 1, L_DMA_CHANNEL);
    const char *dir = ch->dir == LUNQ_MM2S ? "MM2S (send)" : "S2MM (receive)";
    struct lunq_dma_status s;
    struct lunq_error e;
    int r;
    if (!ch->engine->dma || l_dma_at_work(L, ch->engine)) {
        lua_pushfstring(L, "DMA channel %s (%s)", dir, ch->engine->dma ? "at work" : "closed");
        return 1;
    }
    r = lunq_dma_status(l_dma_begin(L, ch->engine), ch->dir, &s, &e);
    l_dma_end(ch->engine);
    if (r < 0)
        lua_pushfstring(L, "DMA channel %s (not readable)", dir);
    else
        lua_pushfstring(L, "DMA channel %s: %s%s%s", dir, s.running ? "running" : "halted",
                        s.idle ? ", idle" : "", s.error ? ", error" : "");
    return 1;
}

static const luaL_Reg methods[] = {
    {"transfer", channel_transfer}, {"wait", channel_wait},   {"done", channel_done},
    {"poll", channel_done},         {"start", channel_start}, {"stop", channel_stop},
    {"coalesce", channel_coalesce}, {"ring", channel_ring},   {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", channel_tostring}, {NULL, NULL}};

static const char *const fields[] = {
    "buffer_max_size", "busy",    "error",  "halted",      "idle", "name",
    "progress",        "running", "status", "transferred", NULL};

void l_open_dma_channel(lua_State *L)
{
    l_type(L, L_DMA_CHANNEL, "lunq.DMAChannel", methods, meta);
    l_fields(L, "lunq.DMAChannel", channel_index, fields);
}
