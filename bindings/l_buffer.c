/* l_buffer.c - lunq.Buffer: elements, properties, syncs, the end of its life.
 *   local b <close> = lunq.allocate({2, 3}, "u4")   -- device memory; lunq.array: host memory
 *   b[1]            --> row view        b[1][3] = 7           b:get(1, 3) --> 7
 *   b.shape, b.dtype, b.nbytes, b.device_address              #b --> 2
 *   b:flush(); b:invalidate(); b:close()                      -- close may be repeated
 * The rest: l_buffer_properties.c, l_buffer_views.c, l_buffer_lists.c, l_buffer_ops.c. */
#include "l_buffer.h"

#include <inttypes.h>
#include <string.h>

struct lunq_mem l_no_memory;

/* ---- checks and constructors for all ------------------------------------------------------- */

void l_checklive(lua_State *L, const struct lunq_array *a)
{
    if (lunq_mem_gone(a->mem))
        l_fail(L, LUNQ_RUNTIME, "Buffer was freed.");
}

static void check_host(lua_State *L, const struct lunq_array *a)
{
    struct lunq_error err;
    if (!a->mem->host && lunq_mem_check_host(a->mem, &err) < 0)
        l_raise(L, &err);
}

struct lunq_array *l_checkbuffer(lua_State *L, int idx)
{
    l_buffer *b = l_check(L, idx, L_BUFFER);
    check_host(L, &b->a);
    return &b->a;
}

struct lunq_array *l_checkview(lua_State *L, int idx)
{
    l_buffer *b = l_check(L, idx, L_BUFFER);
    l_checklive(L, &b->a);
    return &b->a;
}

struct lunq_array *l_testbuffer(lua_State *L, int idx)
{
    l_buffer *b = l_test(L, idx, L_BUFFER);
    if (!b)
        return NULL;
    check_host(L, &b->a);
    return &b->a;
}

struct lunq_array *l_checkdma(lua_State *L, int idx)
{
    l_buffer *b = l_check(L, idx, L_BUFFER);
    struct lunq_error err;
    l_buffer_check(L, lunq_array_check_dma(&b->a, &err), &err);
    return &b->a;
}

l_buffer *l_newbuffer(lua_State *L)
{
    l_buffer *b = l_new(L, L_BUFFER, sizeof *b, 0);
    b->a.mem = &l_no_memory;
    b->a.ndim = 1;
    return b;
}

void l_setview(lua_State *L, l_buffer *b, const struct lunq_array *a)
{
    l_checklive(L, a);
    lunq_mem_ref(a->mem);
    b->a = *a;
    b->view = true;
}

static l_buffer *new_array(lua_State *L, enum lunq_dtype t, unsigned ndim, const size_t *shape,
                           bool zeroed)
{
    struct lunq_mem_options opts = {.bank = LUNQ_NONE, .dirty = !zeroed};
    l_buffer *b = l_newbuffer(L);
    struct lunq_error err;
    struct lunq_mem *m;
    size_t bytes;
    l_buffer_check(L, lunq_array_bytes(&bytes, t, ndim, shape, &err), &err);
    l_buffer_check(L, l_buffer_memory(L, &m, NULL, bytes, &opts, &err), &err);
    lunq_array_init(&b->a, m, t, ndim, shape);
    return b;
}

l_buffer *l_newarray(lua_State *L, enum lunq_dtype t, unsigned ndim, const size_t *shape)
{
    return new_array(L, t, ndim, shape, true);
}

l_buffer *l_newresult(lua_State *L, enum lunq_dtype t, unsigned ndim, const size_t *shape)
{
    return new_array(L, t, ndim, shape, false);
}

size_t l_position(lua_Integer i, size_t n)
{
    lua_Unsigned back = 0 - (lua_Unsigned)i; /* right for the smallest integer too */
    if (i < 0)
        return back <= n ? n - (size_t)back : SIZE_MAX;
    return i > 0 && (lua_Unsigned)i <= n ? (size_t)i - 1 : SIZE_MAX;
}

/* ---- elements ------------------------------------------------------------------------------ */

struct lunq_scalar l_checkscalar(lua_State *L, int idx, const char *what)
{
    if (lua_isinteger(L, idx))
        return lunq_int(lua_tointeger(L, idx));
    if (lua_type(L, idx) == LUA_TNUMBER)
        return lunq_float(lua_tonumber(L, idx));
    l_fail(L, LUNQ_TYPE, "%s should be a number, not %s", what,
           lua_isnone(L, idx) ? "nothing" : luaL_typename(L, idx));
    return lunq_int(0);
}

void l_storeelement(lua_State *L, uint8_t *p, enum lunq_dtype t, int idx)
{
    struct lunq_error err;
    struct lunq_scalar s;
    uint32_t v;
    if (t == LUNQ_U4 && lua_isinteger(L, idx)) {
        v = (uint32_t)lua_tointeger(L, idx);
        memcpy(p, &v, sizeof v);
        return;
    }
    s = l_checkscalar(L, idx, "an element");
    l_buffer_check(L, lunq_store(p, t, s, &err), &err);
}

static int no_such_index(lua_State *L, const struct lunq_array *a, unsigned axis, int idx)
{
    l_checklive(L, a);
    return l_fail(L, LUNQ_INDEX,
                  "index %s is out of bounds for axis %u with size %zu (both count from 1)",
                  luaL_tolstring(L, idx, NULL), axis + 1, a->shape[axis]);
}

/* Follows the n positions at idx, idx + 1, ... into a. Returns false when one lies outside:
 * *axis. */
static bool descend(lua_State *L, struct lunq_array *a, int idx, unsigned n, unsigned *axis)
{
    if (n > a->ndim)
        l_fail(L, LUNQ_INDEX, "too many indices: the buffer has %u dimension%s, but %u were given",
               a->ndim, a->ndim == 1 ? "" : "s", n);
    for (*axis = 0; *axis < n; ++*axis) {
        size_t i = l_position(l_checkint(L, idx + (int)*axis, "an index"), a->shape[0]);
        if (i == SIZE_MAX)
            return false;
        lunq_array_at(a, a, i);
    }
    return true;
}

/* b:get(i, j, ...): an element, or a view when fewer positions are given than there are dimensions.
 * Negative positions count from the end. nil outside, but `index` for 0. */
static int buffer_get(lua_State *L)
{
    struct lunq_array a = *l_checkview(L, 1);
    unsigned axis, n = (unsigned)lua_gettop(L) - 1;
    if (!descend(L, &a, 2, n, &axis)) {
        if (lua_tointeger(L, 2 + (int)axis) == 0)
            return no_such_index(L, l_checkview(L, 1), axis, 2 + (int)axis);
        lua_pushnil(L);
    } else if (a.ndim == 0) {
        check_host(L, &a);
        l_pushelement(L, lunq_array_data(&a), a.dtype);
    } else {
        l_buffer *out = l_newbuffer(L);
        a = *l_checkview(L, 1); /* the allocation may have closed it */
        descend(L, &a, 2, n, &axis);
        l_setview(L, out, &a);
    }
    return 1;
}

/* b:set(value, i, j, ...): element, row, or with no position everything. Raises `index` outside. */
static int buffer_set(lua_State *L)
{
    struct lunq_array whole = *l_checkbuffer(L, 1), a = whole;
    unsigned axis, n = (unsigned)lua_gettop(L);
    if (!descend(L, &a, 3, n < 2 ? 0 : n - 2, &axis))
        return no_such_index(L, &whole, axis, 3 + (int)axis);
    l_buffer_assign(L, &a, 2);
    lua_settop(L, 1);
    return 1;
}

static int buffer_newindex(lua_State *L)
{
    const l_buffer *b = lua_touserdata(L, 1);
    struct lunq_array row;
    lua_Unsigned i;
    if (!lua_isinteger(L, 2)) {
        lua_Integer k;
        int whole;
        if (lua_type(L, 2) == LUA_TSTRING)
            return l_fail(L, LUNQ_ATTRIBUTE, "can't set '%s' of a buffer", lua_tostring(L, 2));
        k = lua_tointegerx(L, 2, &whole);
        if (!whole)
            return no_such_index(L, &b->a, 0, 2);
        lua_pushinteger(L, k);
        lua_replace(L, 2);
    }
    i = (lua_Unsigned)lua_tointeger(L, 2) - 1;
    if (i >= b->a.shape[0] || !b->a.mem->host) {
        check_host(L, &b->a);
        return no_such_index(L, &b->a, 0, 2);
    }
    if (b->a.ndim == 1) {
        uint8_t *p = b->a.mem->host + b->a.offset + (ptrdiff_t)i * b->a.strides[0];
        l_storeelement(L, p, b->a.dtype, 3);
        return 0;
    }
    lunq_array_at(&row, &b->a, (size_t)i);
    l_buffer_assign(L, &row, 3);
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Row i of a buffer with several dimensions. */
static int push_row(lua_State *L, const l_buffer *b, size_t i)
{
    l_buffer *out = l_newbuffer(L);
    struct lunq_array row;
    l_checklive(L, &b->a);
    lunq_array_at(&row, &b->a, i);
    l_setview(L, out, &row);
    return 1;
}

/* b[i] and b.name: nil past the end, so that ipairs ends there; `index` below 1. Lua calls it with a buffer in slot 1 (__metatable guards that). Upvalue 1:
 * methods as functions, properties as their numbers. */
static int buffer_index(lua_State *L)
{
    const l_buffer *b = lua_touserdata(L, 1);
    if (lua_isinteger(L, 2)) {
        lua_Unsigned i = (lua_Unsigned)lua_tointeger(L, 2) - 1; /* one compare for both ends */
        if (i < b->a.shape[0] && b->a.mem->host) {
            const uint8_t *p = b->a.mem->host + b->a.offset + (ptrdiff_t)i * b->a.strides[0];
            if (b->a.ndim > 1)
                return push_row(L, b, (size_t)i);
            l_pushelement(L, p, b->a.dtype);
            return 1;
        }
        if (i < b->a.shape[0] && b->a.ndim > 1)
            return push_row(L, b, (size_t)i);
        check_host(L, &b->a);
        if (i >= INT64_MAX) /* below 1: somebody counts from 0, or back from the end */
            return no_such_index(L, &b->a, 0, 2);
        lua_pushnil(L);
        return 1;
    }
    if (lua_type(L, 2) == LUA_TNUMBER) {
        int whole;
        lua_Integer k = lua_tointegerx(L, 2, &whole);
        if (!whole)
            return no_such_index(L, &b->a, 0, 2);
        lua_pushinteger(L, k); /* b[1.0] is b[1], as in a table */
        lua_replace(L, 2);
        return buffer_index(L);
    }
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER)
        return l_buffer_property(L, (int)lua_tointeger(L, -1));
    if (lua_isnil(L, -1) && lua_type(L, 2) == LUA_TSTRING)
        return l_no_such_name(L, "lunq.Buffer", 2, lua_upvalueindex(1));
    return 1;
}

static int buffer_len(lua_State *L)
{
    const l_buffer *b = lua_touserdata(L, 1);
    lua_pushinteger(L, (lua_Integer)b->a.shape[0]);
    return 1;
}

static int next_element(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, 2) + 1;
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

/* pairs(b) gives what ipairs(b) gives. */
static int buffer_pairs(lua_State *L)
{
    lua_pushcfunction(L, next_element);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* ---- syncs --------------------------------------------------------------------------------- */

static int sync(lua_State *L, enum lunq_sync dir, const char *what)
{
    const struct lunq_array *a = l_checkview(L, 1);
    struct lunq_error err;
    if (lunq_array_sync(a, dir, &err) < 0) {
        lunq_fail_in(&err, "Buffer %s Failed", what);
        return l_raise(L, &err);
    }
    lua_settop(L, 1);
    return 1;
}

/* b:flush() = b:sync_to_device(): what the host wrote into these elements becomes visible to the
 * device. Nothing when coherent. Returns b. */
static int buffer_flush(lua_State *L)
{
    return sync(L, LUNQ_TO_DEVICE, "Flush");
}

/* b:invalidate() = b:sync_from_device(): the host sees what the device wrote. Returns b. */
static int buffer_invalidate(lua_State *L)
{
    return sync(L, LUNQ_FROM_DEVICE, "Invalidate");
}

/* ---- the end ------------------------------------------------------------------------------- */

/* Lets go of the memory and, if asked, gives it back. Returns <0 when a transfer still holds it: it
 * goes back when that ends. The buffer is closed in any case. */
static int let_go(l_buffer *b, bool give_back, struct lunq_error *err)
{
    struct lunq_mem *m = b->a.mem;
    int r = 0;
    if (m == &l_no_memory)
        return 0;
    b->a.mem = &l_no_memory; /* first: nothing gets in twice */
    if (give_back)
        r = lunq_mem_free(m, err);
    lunq_mem_unref(m);
    return r;
}

void l_dropview(l_buffer *b)
{
    let_go(b, false, NULL);
}

/* b:close(): gives the memory back; a view only lets go of it. May be repeated. Raises `runtime`
 * when a transfer still uses the memory, which then goes back when the transfer ends. */
static int buffer_close(lua_State *L)
{
    l_buffer *b = l_check(L, 1, L_BUFFER);
    struct lunq_error err;
    l_buffer_check(L, let_go(b, !b->view, &err), &err);
    return 0;
}

/* b:freebuffer(): as PYNQ's, gives the memory back whoever still has views, and from a view too. */
static int buffer_free(lua_State *L)
{
    l_buffer *b = l_check(L, 1, L_BUFFER);
    struct lunq_error err;
    l_buffer_check(L, let_go(b, true, &err), &err);
    return 0;
}

/* The end of a scope: must not raise, for that would hide the error that may be ending it. */
static int buffer_scope_end(lua_State *L)
{
    l_buffer *b = lua_touserdata(L, 1);
    struct lunq_error err;
    if (let_go(b, !b->view, &err) < 0)
        lunq_warn("resource", "%s", err.message);
    return 0;
}

static int buffer_gc(lua_State *L)
{
    /* Not lunq_mem_free: views hold the memory, and the last one gives it back. */
    let_go(lua_touserdata(L, 1), false, NULL);
    return 0;
}

/* ---- registration -------------------------------------------------------------------------- */

static const luaL_Reg methods[] = {
    {"get", buffer_get},
    {"set", buffer_set},
    {"flush", buffer_flush},
    {"sync_to_device", buffer_flush},
    {"invalidate", buffer_invalidate},
    {"sync_from_device", buffer_invalidate},
    {"close", buffer_close},
    {"freebuffer", buffer_free},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__newindex", buffer_newindex},
    {"__len", buffer_len},
    {"__pairs", buffer_pairs},
    {"__tostring", l_buffer_tostring},
    {"__close", buffer_scope_end},
    {"__gc", buffer_gc},
    {NULL, NULL},
};

/* Completes the metatable: the other files' methods, and __index with the one table of all names,
 * methods and properties. */
static void complete(lua_State *L)
{
    luaL_getmetatable(L, "lunq.Buffer");
    luaL_setfuncs(L, l_buffer_operators, 0);
    lua_getfield(L, -1, "methods");
    luaL_setfuncs(L, l_buffer_views, 0);
    luaL_setfuncs(L, l_buffer_lists, 0);
    luaL_setfuncs(L, l_buffer_ops, 0);
    l_buffer_properties(L);
    lua_pushcclosure(L, buffer_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

void l_open_buffer(lua_State *L)
{
    l_type(L, L_BUFFER, "lunq.Buffer", methods, meta);
    complete(L);
    l_open_allocate(L);
}
