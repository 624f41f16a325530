/* l_buffer_lists.c - between buffers and Lua's own values: nested lists, byte strings, text.
 *   b:set { {1, 2}, {3, 4} }   b:totable()   b:frombytes(s)   b:tobytes()   tostring(b) */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "l_buffer.h"

/* ---- lists into a buffer ------------------------------------------------------------------- */

/* How deep the lists at idx are nested, judged by their first elements. */
static unsigned list_depth(lua_State *L, int idx)
{
    unsigned depth = 0;
    int top = lua_gettop(L);
    lua_pushvalue(L, idx);
    while (depth <= LUNQ_MAX_DIMS && lua_istable(L, -1)) {
        depth++;
        lua_rawgeti(L, -1, 1);
        lua_remove(L, -2);
    }
    if (l_test(L, -1, L_BUFFER))
        depth += l_checkbuffer(L, -1)->ndim;
    lua_settop(L, top);
    return depth;
}

static void assign_list(lua_State *L, const struct lunq_array *dst, int idx, unsigned depth);

static void assign_item(lua_State *L, const struct lunq_array *dst, int idx, unsigned depth)
{
    struct lunq_error err;
    if (l_test(L, idx, L_BUFFER))
        l_buffer_check(L, lunq_array_copy(dst, l_checkbuffer(L, idx), &err), &err);
    else if (depth == 0)
        l_storeelement(L, lunq_array_data(dst), dst->dtype, idx);
    else if (lua_istable(L, idx))
        assign_list(L, dst, idx, depth);
    else
        l_fail(L, LUNQ_VALUE,
               "setting an array element with a sequence: the lists are not of one "
               "shape (%s where a list was expected)",
               luaL_typename(L, idx));
}

/* dst = the list at idx, nested `depth` deep. Only raw accesses: no Lua code runs that could close
 * the buffer meanwhile. At most LUNQ_MAX_DIMS levels, for depth <= dst->ndim. */
static void assign_list(lua_State *L, const struct lunq_array *dst, int idx, unsigned depth)
{
    size_t n = lua_rawlen(L, idx);
    struct lunq_array part;
    char want[LUNQ_MAX_DIMS * 24];
    bool repeat = depth < dst->ndim; /* the same list for each row */
    luaL_checkstack(L, 4, "nested lists");
    if (!repeat && n != 1 && n != dst->shape[0])
        l_fail(L, LUNQ_VALUE, "could not broadcast input array from shape (%zu,) into shape %s", n,
               lunq_shape_text(want, sizeof want, dst->ndim, dst->shape));
    for (size_t i = 0; i < dst->shape[0]; i++) {
        lunq_array_at(&part, dst, i);
        if (repeat) {
            assign_list(L, &part, idx, depth);
            continue;
        }
        lua_rawgeti(L, idx, n == 1 ? 1 : (lua_Integer)i + 1);
        if (depth == 1 && lua_type(L, -1) == LUA_TNUMBER)
            l_storeelement(L, lunq_array_data(&part), part.dtype, -1);
        else
            assign_item(L, &part, lua_gettop(L), depth - 1);
        lua_pop(L, 1);
    }
}

void l_buffer_assign(lua_State *L, const struct lunq_array *dst, int idx)
{
    struct lunq_error err;
    unsigned depth;
    idx = lua_absindex(L, idx);
    if (!lunq_array_data(dst))
        l_fail(L, LUNQ_RUNTIME, "Buffer was freed.");
    if (l_test(L, idx, L_BUFFER)) {
        l_buffer_check(L, lunq_array_copy(dst, l_checkbuffer(L, idx), &err), &err);
    } else if (lua_istable(L, idx)) {
        depth = list_depth(L, idx);
        if (depth > dst->ndim)
            l_fail(L, LUNQ_VALUE,
                   "setting an array element with a sequence: lists nested %u deep do "
                   "not fit %u dimension%s",
                   depth, dst->ndim, dst->ndim == 1 ? "" : "s");
        assign_list(L, dst, idx, depth);
    } else if (lua_type(L, idx) == LUA_TNUMBER) {
        l_buffer_check(L, lunq_array_fill(dst, l_checkscalar(L, idx, "a value"), &err), &err);
    } else {
        l_fail(L, LUNQ_TYPE, "a buffer takes numbers, lists of them and buffers, not %s%s",
               luaL_typename(L, idx),
               lua_type(L, idx) == LUA_TSTRING ? " (bytes: b:frombytes(s))" : "");
    }
}

/* ---- a buffer into lists ------------------------------------------------------------------- */

/* Pushes a as nested lists. a's memory is kept by a view of ours on the stack, but may be freed
 * by a finalizer each time a table is made. */
static void push_list(lua_State *L, const struct lunq_array *a)
{
    struct lunq_array part;
    const uint8_t *p;
    luaL_checkstack(L, 3, "nested lists");
    if (a->shape[0] > INT_MAX / 2)
        l_fail(L, LUNQ_VALUE, "%zu elements are too many for a table", a->shape[0]);
    lua_createtable(L, (int)a->shape[0], 0);
    p = lunq_array_data(a);
    l_checklive(L, a);
    for (size_t i = 0; i < a->shape[0]; i++) {
        if (a->ndim == 1) {
            l_pushelement(L, p + (ptrdiff_t)i * a->strides[0], a->dtype);
        } else {
            lunq_array_at(&part, a, i);
            push_list(L, &part);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1); /* in the part made above: allocates nothing */
    }
}

/* b:totable(): the elements as nested lists. */
static int list_totable(lua_State *L)
{
    l_buffer *own = l_newbuffer(L);
    l_setview(L, own, l_checkbuffer(L, 1));
    push_list(L, &own->a);
    return 1;
}

/* ---- bytes --------------------------------------------------------------------------------- */

/* A plain array around bytes of somebody else; *m stands for their memory. */
static struct lunq_array around(struct lunq_mem *m, const void *p, const struct lunq_array *like)
{
    struct lunq_array a;
    *m = (struct lunq_mem){.host = (uint8_t *)(uintptr_t)p, .size = lunq_array_nbytes(like)};
    lunq_array_init(&a, m, like->dtype, like->ndim, like->shape);
    return a;
}

void l_buffer_frombytes(lua_State *L, const struct lunq_array *dst, int idx)
{
    struct lunq_error err;
    struct lunq_mem m;
    struct lunq_array src;
    size_t n;
    const char *s = l_checkstr(L, idx, "bytes", &n);
    if (n != lunq_array_nbytes(dst))
        l_fail(L, LUNQ_VALUE,
               "%zu bytes do not fill a buffer of %zu exactly (a part: "
               "b:slice(i, j):frombytes(s))",
               n, lunq_array_nbytes(dst));
    src = around(&m, s, dst);
    l_buffer_check(L, lunq_array_copy(dst, &src, &err), &err);
}

/* b:frombytes(s): the elements as they lie in memory, little endian. Exactly b.nbytes. Returns
 * b. */
static int list_frombytes(lua_State *L)
{
    lua_settop(L, 2);
    l_buffer_frombytes(L, l_checkbuffer(L, 1), 2);
    lua_settop(L, 1);
    return 1;
}

/* b:tobytes(): the elements in C order as a string, little endian. */
static int list_tobytes(lua_State *L)
{
    const struct lunq_array *a = l_checkbuffer(L, 1);
    size_t n = lunq_array_nbytes(a);
    struct lunq_error err;
    struct lunq_array dst;
    struct lunq_mem m;
    luaL_Buffer out;
    char *p;
    if (lunq_array_contiguous(a)) { /* the string is made and filled before any finalizer runs */
        lua_pushlstring(L, n ? (const char *)lunq_array_data(a) : "", n);
        return 1;
    }
    p = luaL_buffinitsize(L, &out, n);
    a = l_checkbuffer(L, 1);
    if (lunq_array_nbytes(a) != n)
        return l_fail(L, LUNQ_RUNTIME, "Buffer was freed.");
    dst = around(&m, p, a);
    l_buffer_check(L, lunq_array_copy(&dst, a, &err), &err);
    luaL_pushresultsize(&out, n);
    return 1;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void add_element(luaL_Buffer *out, const uint8_t *p, enum lunq_dtype t)
{
    char s[40];
    struct lunq_scalar v = lunq_load(p, t);
    if (v.is_float)
        snprintf(s, sizeof s, t == LUNQ_F4 ? "%.7g" : "%.14g", v.f);
    else
        snprintf(s, sizeof s, t == LUNQ_U8 ? "%" PRIu64 : "%" PRId64, v.i);
    if (v.is_float && s[strspn(s, "-0123456789")] == 0)
        strcat(s, ".0"); /* looks like an integer */
    luaL_addstring(out, s);
}

/* Elements shown at each end of a dimension, the less the more dimensions there are. */
static size_t shown_edge(unsigned ndim)
{
    return ndim < 3 ? 3 : ndim == 3 ? 2 : 1;
}

static void add_values(luaL_Buffer *out, const struct lunq_array *a, unsigned level, size_t edge)
{
    bool shorten = a->shape[0] > 2 * edge + 2;
    struct lunq_array part;
    luaL_addchar(out, '{');
    for (size_t i = 0; i < a->shape[0]; i++) {
        if (a->ndim > 1) {
            luaL_addchar(out, '\n');
            for (unsigned k = 0; k <= level; k++)
                luaL_addstring(out, "  ");
        } else if (i > 0) {
            luaL_addchar(out, ' ');
        }
        if (shorten && i == edge) {
            luaL_addstring(out, "...,");
            i = a->shape[0] - edge - 1;
            continue;
        }
        lunq_array_at(&part, a, i);
        if (!lunq_array_data(&part)) /* freed by a finalizer while the text grew */
            return;
        if (a->ndim > 1)
            add_values(out, &part, level + 1, edge);
        else
            add_element(out, lunq_array_data(&part), part.dtype);
        if (i + 1 < a->shape[0])
            luaL_addchar(out, ',');
    }
    if (a->ndim > 1 && a->shape[0] > 0) {
        luaL_addchar(out, '\n');
        for (unsigned k = 0; k < level; k++)
            luaL_addstring(out, "  ");
    }
    luaL_addchar(out, '}');
}

/* Buffer u4[1024] at 0x10000000 (sim): {0, 1, 2, ..., 1021, 1022, 1023} */
int l_buffer_tostring(lua_State *L)
{
    const l_buffer *b = l_check(L, 1, L_BUFFER);
    const struct lunq_mem *m;
    luaL_Buffer out;
    char s[200];
    l_buffer *own = l_newbuffer(L);
    bool freed = lunq_mem_gone(b->a.mem);
    struct lunq_array a = b->a;
    if (!freed)
        l_setview(L, own, &a);
    m = own->a.mem;
    luaL_buffinit(L, &out);
    luaL_addstring(&out, freed || m->dev ? "Buffer " : "Array ");
    luaL_addstring(&out, lunq_dtype_name(a.dtype));
    for (unsigned d = 0; d < a.ndim; d++) {
        snprintf(s, sizeof s, "%s%zu%s", d ? ", " : "[", a.shape[d], d + 1 < a.ndim ? "" : "]");
        luaL_addstring(&out, s);
    }
    if (freed) {
        luaL_addstring(&out, " (freed)");
    } else {
        if (m->dev) {
            snprintf(s, sizeof s, " at 0x%" PRIx64 " (%s)", m->address + a.offset, m->dev->name);
            luaL_addstring(&out, s);
        }
        if (m->host) {
            luaL_addstring(&out, ": ");
            add_values(&out, &a, 0, shown_edge(a.ndim));
        } else {
            luaL_addstring(&out, ", only on the device");
        }
    }
    luaL_pushresult(&out);
    return 1;
}

const luaL_Reg l_buffer_lists[] = {
    {"totable", list_totable},
    {"frombytes", list_frombytes},
    {"tobytes", list_tobytes},
    {NULL, NULL},
};
