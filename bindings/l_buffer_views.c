/* l_buffer_views.c - other ways to look at the same memory. A view holds the memory, knows its own
 * device address, and syncs only its own bytes.
 *   b:row(2)   b:slice(2, -2)   b:slice(1, -1, 2)   m:slice({1, 10}, {2, 3}, 5)
 *   b:view("u1")   b:reshape{4, -1}   m.T */
#include <string.h>

#include "l_buffer.h"

/* b:row(i): as b[i] of a buffer with several dimensions; i may be negative. Raises `index`. */
static int view_row(lua_State *L)
{
    l_buffer *out = (lua_settop(L, 2), l_newbuffer(L));
    const struct lunq_array *a = l_checkview(L, 1);
    lua_Integer i = l_checkint(L, 2, "a row");
    size_t at = l_position(i, a->shape[0]);
    struct lunq_array row;
    if (a->ndim < 2)
        return l_fail(L, LUNQ_VALUE,
                      "a buffer of one dimension has no rows: b[i] is an element, "
                      "b:slice(i, j) a view");
    if (at == SIZE_MAX)
        return l_fail(L, LUNQ_INDEX, "row %lld is out of bounds for %zu rows (they count from 1)",
                      (long long)i, a->shape[0]);
    lunq_array_at(&row, a, at);
    l_setview(L, out, &row);
    return 1;
}

/* Where an end of a slice lies, from 1, as string.sub has it: negative from the end. */
static lua_Integer bound(lua_Integer i, size_t n)
{
    if (i >= 0)
        return i;
    return i < -(lua_Integer)n ? 0 : (lua_Integer)n + 1 + i;
}

/* Takes positions i, i + step, ... up to j (or down to j) of dimension dim, cut to what is
 * there. */
static void slice(lua_State *L, struct lunq_array *a, unsigned dim, lua_Integer i, lua_Integer j,
                  lua_Integer step)
{
    lua_Integer n = (lua_Integer)a->shape[dim];
    i = bound(i, a->shape[dim]);
    j = bound(j, a->shape[dim]);
    if (step == 0)
        l_fail(L, LUNQ_VALUE, "slice step cannot be zero");
    if (step > 0) {
        i = i < 1 ? 1 : i;
        j = j > n ? n : j;
        lunq_array_slice(a, a, dim, (size_t)(i - 1),
                         i > j ? 0 : (size_t)((lua_Unsigned)(j - i) / (lua_Unsigned)step) + 1,
                         (ptrdiff_t)step);
    } else {
        i = i > n ? n : i;
        j = j < 1 ? 1 : j;
        lunq_array_slice(a, a, dim, (size_t)(i - 1),
                         i < j ? 0 : (size_t)((lua_Unsigned)(i - j) / -(lua_Unsigned)step) + 1,
                         (ptrdiff_t)step);
    }
}

/* The slice of dimension dim that argument idx describes: {i, j, step}, true or {} for all of
 * it, or a position. Returns true when it was a position: the dimension is to go. */
static bool slice_argument(lua_State *L, struct lunq_array *a, unsigned dim, int idx)
{
    lua_Integer part[3];
    if (lua_istable(L, idx)) {
        bool back;
        lua_rawgeti(L, idx, 3);
        part[2] = l_optint(L, -1, "a slice's step", 1);
        back = part[2] < 0;
        lua_rawgeti(L, idx, 1);
        part[0] = l_optint(L, -1, "a slice's start", back ? -1 : 1);
        lua_rawgeti(L, idx, 2);
        part[1] = l_optint(L, -1, "a slice's end", back ? 1 : -1);
        lua_pop(L, 3);
        slice(L, a, dim, part[0], part[1], part[2]);
    } else if (!(lua_isboolean(L, idx) && lua_toboolean(L, idx))) {
        lua_Integer i = l_checkint(L, idx, "a slice (a position, a list or true)");
        size_t at = l_position(i, a->shape[dim]);
        if (at == SIZE_MAX)
            l_fail(L, LUNQ_INDEX,
                   "index %lld is out of bounds for axis %u with size %zu (both "
                   "count from 1)",
                   (long long)i, dim + 1, a->shape[dim]);
        lunq_array_slice(a, a, dim, at, 1, 1);
        return true;
    }
    return false;
}

static void slice_dimensions(lua_State *L, struct lunq_array *a, unsigned n)
{
    bool gone[LUNQ_MAX_DIMS] = {false};
    unsigned kept = 0;
    if (n > a->ndim)
        l_fail(L, LUNQ_INDEX, "too many slices: the buffer has %u dimensions, but %u were given",
               a->ndim, n);
    for (unsigned d = 0; d < n; d++)
        gone[d] = slice_argument(L, a, d, (int)d + 2);
    for (unsigned d = 0; d < a->ndim; d++) {
        if (gone[d])
            continue;
        a->shape[kept] = a->shape[d];
        a->strides[kept++] = a->strides[d];
    }
    if (kept == 0)
        l_fail(L, LUNQ_VALUE, "slice of single positions only: use b:get(i, j, ...)");
    a->ndim = kept;
}

/* b:slice(i, j, step): positions i to j, both included, of the first dimension; negative from the
 * end, cut to what is there. With lists, one argument per dimension: {i, j, step}, true (all), or a
 * position, which drops the dimension. */
static int view_slice(lua_State *L)
{
    unsigned n = (unsigned)lua_gettop(L) - 1;
    l_buffer *out = l_newbuffer(L);
    struct lunq_array a = *l_checkview(L, 1);
    bool lists = false;
    for (unsigned k = 0; k < n && !lists; k++)
        lists = lua_istable(L, (int)k + 2) || lua_isboolean(L, (int)k + 2);
    if (lists) {
        slice_dimensions(L, &a, n);
    } else {
        lua_Integer step = n > 2 ? l_optint(L, 4, "a slice's step", 1) : 1;
        lua_Integer i = n > 0 ? l_optint(L, 2, "a slice's start", step < 0 ? -1 : 1) : 1;
        lua_Integer j = n > 1 ? l_optint(L, 3, "a slice's end", step < 0 ? 1 : -1) : -1;
        slice(L, &a, 0, i, j, step);
    }
    l_setview(L, out, &a);
    return 1;
}

/* b:view(dtype): the same bytes as elements of another type. */
static int view_dtype(lua_State *L)
{
    l_buffer *out = (lua_settop(L, 2), l_newbuffer(L));
    const struct lunq_array *a = l_checkview(L, 1);
    struct lunq_array v;
    struct lunq_error err;
    l_buffer_check(L, lunq_array_view(&v, a, l_checkdtype(L, 2, a->dtype), &err), &err);
    l_setview(L, out, &v);
    return 1;
}

/* Replaces the dimension given as -1 by what the others leave. */
static void infer_dimension(lua_State *L, size_t *shape, unsigned ndim, size_t size)
{
    size_t known = 1;
    unsigned at = ndim;
    for (unsigned d = 0; d < ndim; d++) {
        if (shape[d] != SIZE_MAX) {
            if (__builtin_mul_overflow(known, shape[d], &known))
                known = 0;
        } else if (at != ndim) {
            l_fail(L, LUNQ_VALUE, "can only specify one unknown dimension");
        } else {
            at = d;
        }
    }
    if (at == ndim)
        return;
    if (known != 0 && size % known == 0)
        shape[at] = size / known;
    else
        l_fail(L, LUNQ_VALUE,
               "cannot reshape array of size %zu: the other dimensions don't divide it", size);
}

/* b:reshape{n, m} or b:reshape(n, m): one dimension may be -1. */
static int view_reshape(lua_State *L)
{
    size_t shape[LUNQ_MAX_DIMS];
    unsigned ndim;
    int n = lua_gettop(L) - 1;
    l_buffer *out = l_newbuffer(L);
    const struct lunq_array *a = l_checkview(L, 1);
    struct lunq_array v;
    struct lunq_error err;
    if (n > 1) {
        if (n > LUNQ_MAX_DIMS)
            return l_fail(L, LUNQ_VALUE, "A buffer has 1 to %d dimensions, not %d.", LUNQ_MAX_DIMS,
                          n);
        for (int d = 0; d < n; d++)
            l_checkshape(L, d + 2, shape + d, true);
        ndim = (unsigned)n;
    } else {
        ndim = l_checkshape(L, 2, shape, true);
    }
    infer_dimension(L, shape, ndim, lunq_array_size(a));
    l_buffer_check(L, lunq_array_reshape(&v, a, ndim, shape, &err), &err);
    l_setview(L, out, &v);
    return 1;
}

/* b:transpose() = b.T: dimensions in the opposite order. */
static int view_transpose(lua_State *L)
{
    l_buffer *out = l_newbuffer(L);
    struct lunq_array v;
    lunq_array_transpose(&v, l_checkview(L, 1));
    l_setview(L, out, &v);
    return 1;
}

const luaL_Reg l_buffer_views[] = {
    {"row", view_row},         {"slice", view_slice},         {"view", view_dtype},
    {"reshape", view_reshape}, {"transpose", view_transpose}, {NULL, NULL},
};
