/* l_dma_ring.c - the ring of a DMA channel, the Lua face of host/core/dma_ring.h. lua/lunq/dma_ring.lua
 * makes the class of it that scripts use.
 *   local r = core.dma_ring(channel, count, bytes [, dtype [, cacheable]])
 *   r:take([timeout]) --> view, n, last     -- receiving: n bytes; sending: a block to fill
 *   r:give([n [, last]])                    -- the view is closed; sending: its first n bytes go out
 *   r:put(data, from, last [, timeout]) --> position of what is left of a string or a buffer
 *   r:flush([timeout])   r:stats() --> table   r:out() --> boolean   r:sends() --> boolean
 *   r:closed() --> boolean                  r:close()          -- may be repeated */
#include <string.h>

#include "../host/core/dma_ring.h"
#include "l_buffer.h"
#include "l_dma.h"
#include "l_wait.h"

typedef struct l_ring {
    struct lunq_dma_ring *ring; /* NULL: closed */
    l_dma *engine;              /* user value ENGINE */
    struct lunq_dma *dma;
    enum lunq_dma_dir dir;
    enum lunq_dtype dtype;
    l_buffer *view; /* user value VIEW; NULL: no block is out, or nobody has seen it */
    bool out;
} l_ring;

enum { ENGINE = 1, VIEW = 2 };

static l_ring *check_open(lua_State *L, int idx)
{
    l_ring *u = l_check(L, idx, L_DMA_RING);
    if (!u->ring)
        l_fail(L, LUNQ_RUNTIME, "The ring is closed.");
    return u;
}

/* For work that touches registers, until l_dma_end. A ring whose engine was closed says so itself. */
static l_ring *begin(lua_State *L)
{
    l_ring *u = check_open(L, 1);
    if (u->engine->dma)
        l_dma_begin(L, u->engine);
    return u;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static int ring_new(lua_State *L)
{
    enum lunq_dma_dir dir;
    l_dma *engine = l_checkdmachannel(L, 1, &dir);
    struct lunq_dma_ring_options o = {0};
    enum lunq_dtype dtype;
    struct lunq_error e;
    l_ring *u;
    int r;
    o.count = l_checkcount(L, 2, "count");
    o.bytes = l_checkcount(L, 3, "bytes");
    dtype = l_checkdtype(L, 4, LUNQ_U1);
    o.cacheable = lua_toboolean(L, 5);
    u = l_new(L, L_DMA_RING, sizeof *u, 2);
    lua_getiuservalue(L, 1, 1);
    lua_setiuservalue(L, -2, ENGINE);
    u->engine = engine;
    u->dir = dir;
    u->dtype = dtype;
    u->dma = l_dma_begin(L, engine);
    r = lunq_dma_ring_open(&u->ring, u->dma, dir, &o, &e);
    l_dma_end(engine);
    return r < 0 ? l_raise(L, &e) : 1;
}

static void drop_view(l_ring *u)
{
    if (u->view)
        l_dropview(u->view);
    u->view = NULL;
    u->out = false;
}

static int ring_close(lua_State *L) /* :close(), __close and __gc */
{
    l_ring *u = l_check(L, 1, L_DMA_RING);
    struct lunq_dma_ring *ring = u->ring;
    if (!ring)
        return 0;
    if (u->engine->dma)
        l_dma_begin(L, u->engine);
    u->ring = NULL;
    drop_view(u);
    lunq_dma_ring_close(ring);
    l_dma_end(u->engine);
    return 0;
}

/* ---- waits ----------------------------------------------------------------------------------- */

struct ring_wait {
    l_ring *u; /* at index 1 */
    double seconds;
};

static int look(l_ring *u, bool flush, const double *late, struct lunq_error *err)
{
    int r;
    if (!u->ring)
        return lunq_fail(err, LUNQ_RUNTIME, "The ring is closed.");
    if (u->engine->working) /* a model looks at the engine that is moving its data */
        return late ? LUNQ_TIMEOUT : 0;
    u->engine->working = true;
    r = flush ? lunq_dma_ring_flush_look(u->ring, late, err)
              : lunq_dma_ring_take_look(u->ring, late, err);
    l_dma_end(u->engine);
    return r;
}

static int take_look(void *data, bool late, struct lunq_error *err)
{
    struct ring_wait *w = data;
    return look(w->u, false, late ? &w->seconds : NULL, err);
}

static int flush_look(void *data, bool late, struct lunq_error *err)
{
    struct ring_wait *w = data;
    return look(w->u, true, late ? &w->seconds : NULL, err);
}

static void hold(void *data, bool on)
{
    l_ring *u = ((struct ring_wait *)data)->u;
    if (on)
        u->engine->waiting++;
    lunq_dma_watch(u->dma, u->dir, on);
    if (!on)
        u->engine->waiting--;
}

/* Waits for op. A block is taken by who goes on with it, in op->push: one who is cancelled in between
 * takes none. */
static int wait_for(lua_State *L, const struct l_op *op, bool flush, double seconds)
{
    l_ring *u = begin(L);
    struct ring_wait w = {u, seconds};
    struct lunq_device *d = u->engine->regs ? u->engine->regs->dev : NULL;
    struct lunq_error e;
    int r;
    if (!u->engine->dma || l_wait_shared(L)) {
        l_dma_end(u->engine);
        return l_wait(L, op, &w, d, seconds,
                      u->engine->dma ? lunq_dma_event(u->dma, u->dir) : NULL);
    }
    r = lunq_dma_ring_wait(u->ring, flush, seconds, &e);
    l_dma_end(u->engine);
    return r < 0 ? l_raise(L, &e) : op->push(L, &w, 0, 0);
}

/* Takes a block that a look has seen. 0: somebody else was faster. */
static int take_now(lua_State *L, struct lunq_dma_block *b)
{
    l_ring *u = begin(L);
    struct lunq_error e;
    int r = lunq_dma_ring_take_now(u->ring, b, &e);
    l_dma_end(u->engine);
    if (r < 0)
        return l_raise(L, &e);
    u->out = r > 0;
    return r;
}

/* ---- take and give --------------------------------------------------------------------------- */

static int take_push(lua_State *L, void *data, uint64_t count, uint64_t when);

static const struct l_op take_op = {.what = "a block of a DMA ring",
                                    .size = sizeof(struct ring_wait),
                                    .look = take_look,
                                    .push = take_push,
                                    .hold = hold};

static int take_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    double seconds = ((struct ring_wait *)data)->seconds;
    l_buffer *view = l_newbuffer(L); /* before the block: memory for it may be short */
    l_ring *u = check_open(L, 1);
    struct lunq_dma_block b;
    struct lunq_array a;
    size_t shape;
    (void)count, (void)when;
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, VIEW);
    if (!take_now(L, &b))
        return wait_for(L, &take_op, false, seconds);
    shape = b.n / lunq_dtype_size(u->dtype);
    lunq_array_init(&a, lunq_dma_ring_memory(u->ring), u->dtype, 1, &shape);
    a.offset = b.offset;
    l_setview(L, view, &a);
    u->view = view;
    lua_pushinteger(L, (lua_Integer)b.n);
    lua_pushboolean(L, b.last);
    return 3;
}

static int ring_take(lua_State *L)
{
    double seconds = l_opttimeout(L, 2);
    lua_settop(L, 2);
    return wait_for(L, &take_op, false, seconds);
}

static void give(lua_State *L, size_t n, bool last)
{
    l_ring *u = begin(L);
    struct lunq_error e;
    int r = lunq_dma_ring_give(u->ring, n, last, &e);
    l_dma_end(u->engine);
    if (r < 0)
        l_raise(L, &e);
    drop_view(u);
}

static int ring_give(lua_State *L)
{
    size_t n = lua_isnoneornil(L, 2) ? 0 : l_checkcount(L, 2, "n");
    give(L, n, lua_toboolean(L, 3));
    return 0;
}

/* ---- put ------------------------------------------------------------------------------------- */

/* The bytes of the string or buffer at idx. */
static const uint8_t *bytes(lua_State *L, int idx, size_t *n)
{
    const struct lunq_array *a;
    if (lua_type(L, idx) == LUA_TSTRING)
        return (const uint8_t *)lua_tolstring(L, idx, n);
    if (!l_test(L, idx, L_BUFFER))
        l_fail(L, LUNQ_TYPE, "data should be a string or a buffer, not %s", luaL_typename(L, idx));
    a = l_checkbuffer(L, idx);
    if (!lunq_array_contiguous(a) || lunq_array_reversed(a))
        l_fail(L, LUNQ_VALUE, "data should be a buffer without gaps: take a copy of this view");
    *n = lunq_array_nbytes(a);
    return lunq_array_data(a);
}

static int put_push(lua_State *L, void *data, uint64_t count, uint64_t when);

static const struct l_op put_op = {.what = "room in a DMA ring",
                                   .size = sizeof(struct ring_wait),
                                   .look = take_look,
                                   .push = put_push,
                                   .hold = hold};

static int put_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    double seconds = ((struct ring_wait *)data)->seconds;
    size_t n, from = (size_t)lua_tointeger(L, 3) - 1;
    const uint8_t *p = bytes(L, 2, &n);
    struct lunq_dma_block b;
    (void)count, (void)when;
    if (from >= n) /* a buffer was closed meanwhile */
        return l_fail(L, LUNQ_VALUE, "There is nothing to send.");
    if (!take_now(L, &b))
        return wait_for(L, &put_op, false, seconds);
    n = n - from < b.n ? n - from : b.n;
    memcpy(lunq_dma_ring_memory(check_open(L, 1)->ring)->host + b.offset, p + from, n);
    bytes(L, 2, &b.n);
    give(L, n, lua_toboolean(L, 4) && from + n == b.n);
    lua_pushinteger(L, (lua_Integer)(from + n + 1));
    return 1;
}

static int ring_put(lua_State *L)
{
    double seconds = l_opttimeout(L, 5);
    size_t n;
    bytes(L, 2, &n);
    if (l_checkint(L, 3, "from") < 1 || (lua_Unsigned)lua_tointeger(L, 3) > n)
        return l_fail(L, LUNQ_VALUE, "There is nothing to send.");
    lua_settop(L, 5);
    return wait_for(L, &put_op, false, seconds);
}

static int flush_push(lua_State *L, void *data, uint64_t count, uint64_t when)
{
    (void)L, (void)data, (void)count, (void)when;
    return 0;
}

static const struct l_op flush_op = {.what = "a DMA ring to be sent",
                                     .size = sizeof(struct ring_wait),
                                     .look = flush_look,
                                     .push = flush_push,
                                     .hold = hold};

static int ring_flush(lua_State *L)
{
    double seconds = l_opttimeout(L, 2);
    return wait_for(L, &flush_op, true, seconds);
}

/* ---- what it says ---------------------------------------------------------------------------- */

static int ring_stats(lua_State *L)
{
    l_ring *u = begin(L);
    struct lunq_dma_ring_stats s;
    lunq_dma_ring_stats(u->ring, &s);
    l_dma_end(u->engine);
    lua_createtable(L, 0, 9);
    l_set_integer(L, "blocks", s.blocks);
    l_set_integer(L, "bytes", s.bytes);
    l_set_integer(L, "packets", s.packets);
    l_set_integer(L, "stalls", s.stalls);
    l_set_integer(L, "waits", s.waits);
    l_set_integer(L, "overruns", s.overruns);
    l_set_integer(L, "ready", s.ready);
    return 1;
}

static int ring_out(lua_State *L)
{
    lua_pushboolean(L, check_open(L, 1)->out);
    return 1;
}

static int ring_sends(lua_State *L)
{
    lua_pushboolean(L, ((l_ring *)l_check(L, 1, L_DMA_RING))->dir == LUNQ_MM2S);
    return 1;
}

static int ring_closed(lua_State *L)
{
    lua_pushboolean(L, !((l_ring *)l_check(L, 1, L_DMA_RING))->ring);
    return 1;
}

static const luaL_Reg methods[] = {
    {"take", ring_take},   {"give", ring_give}, {"put", ring_put},     {"flush", ring_flush},
    {"stats", ring_stats}, {"out", ring_out},   {"sends", ring_sends}, {"closed", ring_closed},
    {"close", ring_close}, {NULL, NULL},
};
static const luaL_Reg meta[] = {{"__gc", ring_close}, {"__close", ring_close}, {NULL, NULL}};

void l_open_dma_ring(lua_State *L)
{
    l_type(L, L_DMA_RING, "lunq.DMARingCore", methods, meta);
    lua_pushcfunction(L, ring_new);
    lua_setfield(L, -2, "dma_ring");
}
