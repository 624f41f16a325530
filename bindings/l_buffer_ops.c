/* l_buffer_ops.c - whole-buffer work in C (host/core/array_ops.h).
 *   b:fill(0)  b:copyfrom(x)  b:copyto(d)  b:copy()  b:astype("f4")      in place: returns b
 *   b:add(x)   b:sub(x)   b:mul(x)   b:div(x)   b:scale(0.5)             b = b op x
 *   d:add(a, x) ...                                                     d = a op x, no allocation
 *   a + b   a - 1   2 * a   a / b   -a          new host arrays, which have no device address
 *   b:sum()  b:min()  b:max()  b:mean()  a:equal(b, tolerance)
 * Operands broadcast as in NumPy. Types meet as in NumPy too; a plain number takes the type of the
 * buffer, but a float makes of integers f8. */
#include <string.h>

#include "l_buffer.h"

static int self(lua_State *L)
{
    lua_settop(L, 1);
    return 1;
}

/* ---- fill and copy ------------------------------------------------------------------------- */

/* b:fill(x): every element becomes x. Returns b. */
static int op_fill(lua_State *L)
{
    const struct lunq_array *a = l_checkbuffer(L, 1);
    struct lunq_error err;
    l_buffer_check(L, lunq_array_fill(a, l_checkscalar(L, 2, "the value"), &err), &err);
    return self(L);
}

/* b:copyfrom(x): b[...] = x; a number, nested lists or a buffer, broadcast to b's shape. */
static int op_copyfrom(lua_State *L)
{
    const struct lunq_array a = *l_checkbuffer(L, 1);
    l_buffer_assign(L, &a, 2);
    return self(L);
}

/* b:copyto(d): d[...] = b. Returns d. */
static int op_copyto(lua_State *L)
{
    const struct lunq_array *src = l_checkbuffer(L, 1);
    struct lunq_error err;
    l_buffer_check(L, lunq_array_copy(l_checkbuffer(L, 2), src, &err), &err);
    lua_settop(L, 2);
    return 1;
}

/* b:copy([dtype]) = b:astype(dtype): the elements in a new host array. */
static int op_copy(lua_State *L)
{
    const struct lunq_array *a = l_checkbuffer(L, 1);
    struct lunq_error err;
    l_buffer *out = l_newresult(L, l_checkdtype(L, 2, a->dtype), a->ndim, a->shape);
    l_buffer_check(L, lunq_array_copy(&out->a, l_checkbuffer(L, 1), &err), &err);
    return 1;
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

static struct lunq_operand operand(lua_State *L, int idx)
{
    struct lunq_operand o = {.array = l_testbuffer(L, idx)};
    if (!o.array)
        o.scalar = l_checkscalar(L, idx, "an operand");
    return o;
}

/* d:op(x): d = d op x; d:op(a, x): d = a op x. */
static int in_place(lua_State *L, enum lunq_op op)
{
    const struct lunq_array *dst = l_checkbuffer(L, 1);
    struct lunq_error err;
    int first = lua_gettop(L) > 2 ? 2 : 1;
    struct lunq_operand a, b;
    if (lua_gettop(L) < 2)
        return l_fail(L, LUNQ_TYPE, "an operand is missing (a number or a buffer)");
    a = operand(L, first);
    b = operand(L, first + 1);
    l_buffer_check(L, lunq_array_binary(op, dst, &a, &b, &err), &err);
    return self(L);
}

/* b:add(x): adds a number or a buffer to each element in place; b:add(a, x): b = a + x. Returns b. */
static int op_add(lua_State *L)
{
    return in_place(L, LUNQ_ADD);
}

/* b:sub(x): b = b - x in place; b:sub(a, x): b = a - x. Returns b. */
static int op_sub(lua_State *L)
{
    return in_place(L, LUNQ_SUB);
}

/* b:mul(x): b = b * x in place; b:mul(a, x): b = a * x. Returns b. */
static int op_mul(lua_State *L)
{
    return in_place(L, LUNQ_MUL);
}

/* b:div(x): b = b / x in place; b:div(a, x): b = a / x. Returns b. */
static int op_div(lua_State *L)
{
    return in_place(L, LUNQ_DIV);
}

/* b:scale(k): each element times a number. */
static int op_scale(lua_State *L)
{
    lua_settop(L, 2);
    l_checkbuffer(L, 1);
    l_checkscalar(L, 2, "the factor");
    return in_place(L, LUNQ_MUL);
}

/* a op b as a new host array. At least one of slots 1 and 2 is a buffer. */
static int operator(lua_State *L, enum lunq_op op)
{
    struct lunq_operand a = operand(L, 1), b = operand(L, 2);
    size_t shape[LUNQ_MAX_DIMS];
    unsigned ndim;
    struct lunq_error err;
    l_buffer *out;
    l_buffer_check(L,
                   lunq_array_common_shape(&ndim, shape, a.array ? a.array : b.array,
                                           b.array ? b.array : a.array, &err),
                   &err);
    out = l_newresult(L, lunq_array_result_type(op, &a, &b), ndim, shape);
    a = operand(L, 1); /* again: the allocation may have run finalizers */
    b = operand(L, 2);
    l_buffer_check(L, lunq_array_binary(op, &out->a, &a, &b, &err), &err);
    return 1;
}

static int meta_add(lua_State *L)
{
    return operator(L, LUNQ_ADD);
}

static int meta_sub(lua_State *L)
{
    return operator(L, LUNQ_SUB);
}

static int meta_mul(lua_State *L)
{
    return operator(L, LUNQ_MUL);
}

static int meta_div(lua_State *L)
{
    return operator(L, LUNQ_DIV);
}

static int meta_unm(lua_State *L)
{
    bool is_float = lunq_dtype_is_float(l_checkbuffer(L, 1)->dtype);
    lua_settop(L, 1);
    if (is_float)
        lua_pushnumber(L, -1.0); /* not 0 - x, which loses the sign of zero */
    else
        lua_pushinteger(L, -1);
    return operator(L, LUNQ_MUL);
}

/* ---- reductions and comparison ------------------------------------------------------------- */

typedef int reduction(const struct lunq_array *a, struct lunq_scalar *v, struct lunq_error *err);

static int reduce(lua_State *L, reduction *fn)
{
    struct lunq_scalar v;
    struct lunq_error err;
    l_buffer_check(L, fn(l_checkbuffer(L, 1), &v, &err), &err);
    l_pushscalar(L, v);
    return 1;
}

/* b:sum(): of all elements; integers modulo 2^64, floats in double precision. */
static int op_sum(lua_State *L)
{
    return reduce(L, lunq_array_sum);
}

/* b:min(): the smallest element; a NaN wins, as in NumPy. Raises `value` without elements. */
static int op_min(lua_State *L)
{
    return reduce(L, lunq_array_min);
}

/* b:max(): the largest element; a NaN wins, as in NumPy. Raises `value` without elements. */
static int op_max(lua_State *L)
{
    return reduce(L, lunq_array_max);
}

/* b:mean(): of all elements, in double precision. Raises `value` without elements. */
static int op_mean(lua_State *L)
{
    const struct lunq_array *a = l_checkbuffer(L, 1);
    struct lunq_error err;
    double sum;
    if (lunq_array_size(a) == 0)
        return l_fail(L, LUNQ_VALUE, "mean of an empty buffer");
    l_buffer_check(L, lunq_array_sum_double(a, &sum, &err), &err);
    lua_pushnumber(L, sum / (double)lunq_array_size(a));
    return 1;
}

/* Pushes the indices of position `at` in C order. */
static int push_indices(lua_State *L, const struct lunq_array *a, size_t at)
{
    size_t i[LUNQ_MAX_DIMS] = {0};
    for (unsigned d = a->ndim; d-- > 0; at /= a->shape[d])
        i[d] = at % a->shape[d];
    for (unsigned d = 0; d < a->ndim; d++)
        lua_pushinteger(L, (lua_Integer)i[d] + 1);
    return (int)a->ndim;
}

/* True when a number in the lists at idx, at most `levels` deep, is a float. */
static bool has_float(lua_State *L, int idx, unsigned levels)
{
    bool found = lua_type(L, idx) == LUA_TNUMBER && !lua_isinteger(L, idx);
    const struct lunq_array *a = l_testbuffer(L, idx);
    if (a)
        return lunq_dtype_is_float(a->dtype);
    if (!lua_istable(L, idx) || levels == 0)
        return found;
    luaL_checkstack(L, 4, "nested lists");
    for (size_t i = 1, n = lua_rawlen(L, idx); i <= n && !found; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i);
        found = has_float(L, lua_gettop(L), levels - 1);
        lua_pop(L, 1);
    }
    return found;
}

/* The type that holds the values at idx as Lua has them, to compare them with a buffer of type t:
 * u8 above 2^63 - 1 is negative there. */
static enum lunq_dtype type_of_values(lua_State *L, int idx, enum lunq_dtype t)
{
    if (has_float(L, idx, LUNQ_MAX_DIMS))
        return LUNQ_F8;
    return t == LUNQ_U8 ? LUNQ_U8 : LUNQ_I8;
}

/* a:equal(b[, tolerance]): true, or false and the indices of the first difference. b is a buffer
 * (of another shape: false), a number or nested lists. Elements differ when |a - b| > tolerance. */
static int op_equal(lua_State *L)
{
    double tol = l_optnum(L, 3, "the tolerance", 0);
    const struct lunq_array *a, *b;
    struct lunq_error err;
    size_t first;
    l_checkbuffer(L, 1);
    if (!(tol >= 0))
        return l_fail(L, LUNQ_VALUE, "the tolerance should not be negative");
    lua_settop(L, 2);
    if (!l_test(L, 2, L_BUFFER)) {
        struct lunq_array like = *l_checkbuffer(L, 1);
        l_buffer *other = l_newarray(L, type_of_values(L, 2, like.dtype), like.ndim, like.shape);
        l_buffer_assign(L, &other->a, 2);
        lua_replace(L, 2);
    }
    a = l_checkbuffer(L, 1);
    b = l_checkbuffer(L, 2);
    if (a->ndim != b->ndim || memcmp(a->shape, b->shape, a->ndim * sizeof *a->shape) != 0) {
        lua_pushboolean(L, false);
        return 1;
    }
    l_buffer_check(L, lunq_array_compare(a, b, tol, &first, &err), &err);
    lua_pushboolean(L, first == lunq_array_size(a));
    return first == lunq_array_size(a) ? 1 : 1 + push_indices(L, a, first);
}

const luaL_Reg l_buffer_ops[] = {
    {"fill", op_fill},     {"copy", op_copy},   {"astype", op_copy}, {"copyfrom", op_copyfrom},
    {"copyto", op_copyto}, {"add", op_add},     {"sub", op_sub},     {"mul", op_mul},
    {"div", op_div},       {"scale", op_scale}, {"sum", op_sum},     {"min", op_min},
    {"max", op_max},       {"mean", op_mean},   {"equal", op_equal}, {NULL, NULL},
};

const luaL_Reg l_buffer_operators[] = {
    {"__add", meta_add}, {"__sub", meta_sub}, {"__mul", meta_mul},
    {"__div", meta_div}, {"__unm", meta_unm}, {NULL, NULL},
};
