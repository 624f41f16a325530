/* l_buffer_allocate.c - how buffers come into being, and the byte budget that brings garbage back.
 *   core.allocate(shape, dtype = "u4", { target =, device =, cacheable =, device_only = })
 *   core.allocate { shape = {32, 32}, dtype = "f4", cacheable = true }
 *   core.array(shape, dtype = "u4", init)      -- host memory; init: number, lists, buffer, bytes
 *   core.array(nil, "f4", {1, 2, 3})           -- the shape comes from init
 *   core.buffer_budget(bytes) --> bytes before */
#include <ctype.h>
#include <string.h>

#include "l_buffer.h"

/* ---- the budget ---------------------------------------------------------------------------- */

/* Lua sees a few dozen bytes where a buffer holds megabytes, so its collector would let garbage
 * pile up. Live bytes are counted; a request that would pass the budget collects first (lua-c.md
 * 2.7). */
#define DEFAULT_BUDGET (UINT64_C(256) << 20)

static uint64_t budget_of(const struct l_context *ctx)
{
    return ctx->buffer_budget ? ctx->buffer_budget : DEFAULT_BUDGET;
}

static void keep_budget(lua_State *L, size_t bytes)
{
    struct l_context *ctx = l_context(L);
    uint64_t live = lunq_mem_live_bytes(), budget = budget_of(ctx);
    uint64_t limit = ctx->buffer_mark > budget ? ctx->buffer_mark : budget;
    if (live <= budget && budget - live >= bytes) {
        ctx->buffer_mark = 0;
        return;
    }
    if (live <= limit && limit - live >= bytes)
        return;
    lua_gc(L, LUA_GCCOLLECT);
    /* A script that really uses more must not pay a collection for every buffer: the next one is
     * due after another half of what is in use. */
    live = lunq_mem_live_bytes();
    ctx->buffer_mark = live / 2 * 3 + bytes;
}

/* Collecting may run a finalizer that closes a device nobody else uses. */
static bool is_open(lua_State *L, const struct lunq_device *d)
{
    const struct l_context *ctx = l_context(L);
    for (size_t i = 0; i < ctx->n_devices; i++)
        if (ctx->devices[i] == d)
            return true;
    return false;
}

static int ask(lua_State *L, struct lunq_mem **out, struct lunq_device *d, size_t bytes,
               const struct lunq_mem_options *opts, struct lunq_error *err)
{
    if (d && !is_open(L, d))
        return lunq_fail(err, LUNQ_RUNTIME, "Device is closed.");
    if (d)
        return lunq_mem_alloc(out, d, bytes, opts, err);
    return opts && opts->dirty ? lunq_mem_alloc_dirty(out, bytes, err)
                               : lunq_mem_alloc_host(out, bytes, err);
}

int l_buffer_memory(lua_State *L, struct lunq_mem **out, struct lunq_device *d, size_t bytes,
                    const struct lunq_mem_options *opts, struct lunq_error *err)
{
    int r;
    keep_budget(L, bytes);
    r = ask(L, out, d, bytes, opts, err);
    if (r == LUNQ_MEMORY) {
        lua_gc(L, LUA_GCCOLLECT);
        r = ask(L, out, d, bytes, opts, err);
    }
    return r;
}

/* core.buffer_budget([bytes]): bytes of live buffers, device and host together, beyond which an
 * allocation first collects garbage. Returns the budget until now. */
static int buffer_budget(lua_State *L)
{
    struct l_context *ctx = l_context(L);
    uint64_t was = budget_of(ctx);
    if (!lua_isnoneornil(L, 1)) {
        int64_t bytes = l_checkint(L, 1, "the budget");
        if (bytes <= 0)
            return l_fail(L, LUNQ_VALUE, "the budget should be a positive number of bytes");
        ctx->buffer_budget = (uint64_t)bytes;
        ctx->buffer_mark = 0;
    }
    lua_pushinteger(L, (lua_Integer)was);
    return 1;
}

/* ---- shapes and types ---------------------------------------------------------------------- */

enum lunq_dtype l_checkdtype(lua_State *L, int idx, enum lunq_dtype otherwise)
{
    enum lunq_dtype t;
    struct lunq_error err;
    if (lua_isnoneornil(L, idx))
        return otherwise;
    l_buffer_check(L, lunq_dtype_from(&t, l_checkstr(L, idx, "dtype", NULL), &err), &err);
    return t;
}

static size_t check_dimension(lua_State *L, int idx, bool infer)
{
    int64_t n = l_checkint(L, idx, "a dimension");
    if (n == -1 && infer)
        return SIZE_MAX;
    if (n < 0)
        l_fail(L, LUNQ_VALUE, "negative dimensions are not allowed");
    if (n > PTRDIFF_MAX)
        l_fail(L, LUNQ_VALUE, "a dimension of %lld does not fit in memory", (long long)n);
    return (size_t)n;
}

unsigned l_checkshape(lua_State *L, int idx, size_t *shape, bool infer)
{
    size_t n;
    if (!lua_istable(L, idx)) {
        if (lua_type(L, idx) != LUA_TNUMBER)
            l_fail(L, LUNQ_TYPE, "a shape should be a whole number or a list of them, not %s",
                   luaL_typename(L, idx));
        shape[0] = check_dimension(L, idx, infer);
        return 1;
    }
    idx = lua_absindex(L, idx);
    n = lua_rawlen(L, idx);
    if (n == 0 || n > LUNQ_MAX_DIMS)
        l_fail(L, LUNQ_VALUE, "A buffer has 1 to %d dimensions, not %d.", LUNQ_MAX_DIMS,
               n > 1000 ? 1000 : (int)n);
    for (size_t d = 0; d < n; d++) {
        lua_rawgeti(L, idx, (lua_Integer)d + 1);
        shape[d] = check_dimension(L, -1, infer);
        lua_pop(L, 1);
    }
    return (unsigned)n;
}

/* ---- allocate ------------------------------------------------------------------------------ */

struct request {
    size_t shape[LUNQ_MAX_DIMS];
    unsigned ndim;
    enum lunq_dtype dtype;
    struct lunq_device *dev;
    struct lunq_mem_options opts;
};

/* The name of a bank, or what is left of it as a field of an overlay: "HBM[3]" is ol.HBM3. */
static bool same_bank(const char *bank, const char *name)
{
    const char *b = bank, *n = name;
    if (!strcmp(bank, name))
        return true;
    for (; *b; b++)
        if (isalnum((unsigned char)*b) || *b == '_') {
            if (*b != *n)
                return false;
            n++;
        }
    return !*n;
}

/* Streams stand among the memories of a card's design, and are none. */
static void refuse_stream(lua_State *L, const struct lunq_device *d, const char *name)
{
    const struct lunq_card *card = d->design ? &d->design->card : NULL;
    for (size_t i = 0; card && i < card->n_memories; i++)
        if (card->memories[i].streaming && same_bank(card->memories[i].tag, name))
            l_fail(L, LUNQ_TYPE,
                   "%.60s is a stream from kernel to kernel, no memory: a buffer needs a memory "
                   "bank as its target.",
                   name);
}

static size_t bank_by_name(lua_State *L, const struct lunq_device *d, const char *name)
{
    luaL_Buffer all;
    if (!is_open(L, d)) /* looking at target may have run code of the script's */
        l_fail(L, LUNQ_RUNTIME, "Device is closed.");
    for (size_t i = 0; i < d->n_banks; i++)
        if (same_bank(d->banks[i].name, name))
            return i;
    refuse_stream(L, d, name);
    luaL_buffinit(L, &all);
    for (size_t i = 0; i < d->n_banks; i++) {
        luaL_addstring(&all, i ? ", " : "");
        luaL_addstring(&all, d->banks[i].name);
    }
    luaL_pushresult(&all);
    l_fail(L, LUNQ_INDEX, "Device %s has no memory bank '%.60s' (it has: %s).", d->name, name,
           d->n_banks ? lua_tostring(L, -1) : "none");
    return 0;
}

/* The field of the table at idx itself: an object that is no memory would complain about the name. */
static int raw_field(lua_State *L, int idx, const char *name)
{
    lua_pushstring(L, name);
    return lua_rawget(L, idx);
}

/* target at the top of the stack: a device, or a bank by name, by index, or as a description with
 * name or idx and perhaps device (an entry of mem_dict, ol.bank1). */
static void read_target(lua_State *L, struct request *r)
{
    int top = lua_gettop(L);
    uint64_t bank = 0;
    if (l_test(L, top, L_DEVICE)) {
        r->dev = l_device(L, top);
        return;
    }
    if (lua_istable(L, top)) {
        if (raw_field(L, top, "device") != LUA_TNIL)
            r->dev = l_device(L, -1);
        if (raw_field(L, top, "name") == LUA_TNIL)
            raw_field(L, top, "idx");
    }
    if (!r->dev)
        r->dev = l_device(L, lua_gettop(L) + 1); /* none given: the active one */
    if (lua_isinteger(L, -1))
        bank = l_checksize(L, -1, "target: a bank's index");
    else if (lua_type(L, -1) == LUA_TSTRING)
        bank = bank_by_name(L, r->dev, lua_tostring(L, -1));
    else
        l_fail(L, LUNQ_TYPE,
               "target should be a device or a memory (name, index, or an object with "
               "name or idx), not %s",
               luaL_typename(L, top));
    r->opts.bank = bank < LUNQ_NONE ? (size_t)bank : LUNQ_NONE - 1; /* none has that index */
    lua_settop(L, top);
}

static void read_cacheable(lua_State *L, struct request *r)
{
    if (lua_isboolean(L, -1))
        r->opts.cacheable = lua_toboolean(L, -1);
    else
        r->opts.cacheable = l_checkint(L, -1, "cacheable") != 0; /* PYNQ: 0 or 1 */
}

/* { device_only = true } and the like. */
static bool read_place(lua_State *L, const char *key, struct request *r)
{
    static const struct {
        const char *key;
        enum lunq_place place;
    } places[] = {
        {"device_only", LUNQ_DEVICE_ONLY}, {"host_only", LUNQ_HOST_ONLY}, {"p2p", LUNQ_P2P}};
    size_t i = 0;
    while (i < 3 && strcmp(key, places[i].key) != 0)
        i++;
    if (i == 3)
        return false;
    if (!lua_isboolean(L, -1))
        l_fail(L, LUNQ_TYPE, "%s should be true or false, not %s", key, luaL_typename(L, -1));
    if (!lua_toboolean(L, -1))
        return true;
    if (r->opts.place != LUNQ_BOTH)
        l_fail(L, LUNQ_VALUE, "a buffer is one of device_only, host_only and p2p");
    r->opts.place = places[i].place;
    return true;
}

/* Options of the table at idx; shape and dtype stand there in the form with one table. */
static void read_options(lua_State *L, int idx, struct request *r, bool named)
{
    if (lua_getfield(L, idx, "device") != LUA_TNIL)
        r->dev = l_device(L, -1);
    lua_pop(L, 1);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(not a name)";
        if (!strcmp(key, "target"))
            read_target(L, r);
        else if (!strcmp(key, "cacheable"))
            read_cacheable(L, r);
        else if (named && !strcmp(key, "shape"))
            r->ndim = l_checkshape(L, -1, r->shape, false);
        else if (!strcmp(key, "dtype"))
            r->dtype = l_checkdtype(L, -1, LUNQ_U4);
        else if (!read_place(L, key, r) && strcmp(key, "device") != 0)
            l_fail(L, LUNQ_VALUE,
                   "allocate: unknown option '%.60s' (there are target, device, "
                   "cacheable, device_only, host_only, p2p, dtype)",
                   key);
        lua_pop(L, 1);
    }
}

static bool is_named_form(lua_State *L)
{
    bool named = lua_istable(L, 1) && lua_getfield(L, 1, "shape") != LUA_TNIL;
    lua_settop(L, 3);
    return named;
}

static void read_request(lua_State *L, struct request *r)
{
    memset(r, 0, sizeof *r);
    r->opts.bank = LUNQ_NONE;
    r->dtype = LUNQ_U4;
    lua_settop(L, 3);
    if (is_named_form(L)) {
        read_options(L, 1, r, true);
        return;
    }
    r->ndim = l_checkshape(L, 1, r->shape, false);
    r->dtype = l_checkdtype(L, 2, LUNQ_U4);
    if (lua_istable(L, 3) &&
        lua_getmetatable(L, 3)) /* ol.bank1 as it is: PYNQ's third argument is the target */
        l_fail(L, LUNQ_TYPE,
               "the options of allocate should be a table, not an object: "
               "{ target = ol.bank1 } says where the buffer goes");
    if (lua_istable(L, 3))
        read_options(L, 3, r, false);
    else if (!lua_isnil(L, 3))
        l_fail(L, LUNQ_TYPE, "the options of allocate should be a table, not %s",
               luaL_typename(L, 3));
}

/* core.allocate(shape, dtype = "u4", { target =, device =, cacheable = false }): a buffer in memory that
 * the device reaches, in one piece: shape is a number of elements or a list of dimensions, target a
 * memory of the overlay (ol.PSDDR, ol.bank1) or its name. On cards also device_only, host_only or
 * p2p = true: where its bytes are. `local b <close> = ...` gives it back at the end of the block.
 * Raises `memory` when there is no room, `type` and `value` for what is no shape, dtype or target,
 * `runtime` when a card has several banks and none is said, `unsupported` for a place it has not. */
static int allocate(lua_State *L)
{
    struct request r;
    struct lunq_error err;
    struct lunq_mem *m;
    size_t bytes;
    l_buffer *b;
    read_request(L, &r);
    if (!r.dev)
        r.dev = l_device(L, 4); /* nothing there: the active device */
    l_buffer_check(L, lunq_array_bytes(&bytes, r.dtype, r.ndim, r.shape, &err), &err);
    b = l_newbuffer(L);
    l_buffer_check(L, l_buffer_memory(L, &m, r.dev, bytes, &r.opts, &err), &err);
    lunq_array_init(&b->a, m, r.dtype, r.ndim, r.shape);
    return 1;
}

/* ---- array --------------------------------------------------------------------------------- */

/* The shape of nested lists (or a buffer in them) at idx, taken from the first elements. */
static unsigned shape_of_lists(lua_State *L, int idx, size_t *shape)
{
    unsigned ndim = 0;
    int top = lua_gettop(L);
    lua_pushvalue(L, idx);
    while (lua_istable(L, -1)) {
        if (ndim == LUNQ_MAX_DIMS)
            l_fail(L, LUNQ_VALUE, "lists are nested deeper than %d levels", LUNQ_MAX_DIMS);
        shape[ndim++] = lua_rawlen(L, -1);
        lua_rawgeti(L, -1, 1);
        lua_remove(L, -2);
    }
    lua_settop(L, top);
    return ndim;
}

static unsigned shape_of_bytes(lua_State *L, int idx, enum lunq_dtype t, size_t *shape)
{
    size_t n = lua_rawlen(L, idx), item = lunq_dtype_size(t);
    if (n % item)
        l_fail(L, LUNQ_VALUE, "buffer size must be a multiple of element size (%d bytes for %s)",
               (int)item, lunq_dtype_name(t));
    shape[0] = n / item;
    return 1;
}

static unsigned shape_of_init(lua_State *L, int idx, enum lunq_dtype t, size_t *shape)
{
    const struct lunq_array *a = l_testbuffer(L, idx);
    if (a)
        memcpy(shape, a->shape, a->ndim * sizeof *shape);
    if (a)
        return a->ndim;
    if (lua_type(L, idx) == LUA_TSTRING)
        return shape_of_bytes(L, idx, t, shape);
    if (!lua_istable(L, idx))
        l_fail(L, LUNQ_TYPE,
               "array: without a shape the values should be lists, a buffer or a "
               "string, not %s",
               luaL_typename(L, idx));
    return shape_of_lists(L, idx, shape);
}

static bool is_nested(lua_State *L, int idx)
{
    bool nested = lua_istable(L, idx) && lua_rawgeti(L, idx, 1) == LUA_TTABLE;
    lua_settop(L, 3);
    return nested;
}

/* core.array(shape, dtype = "u4", init): the same kind of buffer in the host's own memory. init: a
 * number, nested lists, a buffer, or bytes; with a shape of nil the shape comes from it. */
static int array(lua_State *L)
{
    size_t shape[LUNQ_MAX_DIMS];
    unsigned ndim;
    enum lunq_dtype t = LUNQ_U4;
    l_buffer *b;
    lua_settop(L, 3);
    if (l_test(L, 1, L_BUFFER) || is_nested(L, 1)) { /* values in the place of the shape */
        lua_pushvalue(L, 1);
        lua_replace(L, 3);
        lua_pushnil(L);
        lua_replace(L, 1);
    }
    if (l_test(L, 3, L_BUFFER))
        t = l_checkbuffer(L, 3)->dtype;
    t = l_checkdtype(L, 2, t);
    ndim = lua_isnil(L, 1) ? shape_of_init(L, 3, t, shape) : l_checkshape(L, 1, shape, false);
    b = l_newarray(L, t, ndim, shape);
    if (lua_type(L, 3) == LUA_TSTRING)
        l_buffer_frombytes(L, &b->a, 3);
    else if (!lua_isnil(L, 3))
        l_buffer_assign(L, &b->a, 3);
    return 1;
}

static const luaL_Reg functions[] = {
    {"allocate", allocate},
    {"array", array},
    {"buffer_budget", buffer_budget},
    {NULL, NULL},
};

void l_open_allocate(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
