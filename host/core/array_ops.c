#include "array_ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "progress.h"

/* ---- taking views apart into rows ---------------------------------------------------------- */

#define MAX_OPERANDS 3

/* Walks views of one shape together, in C order, a row at a time. Dimensions along which all of
 * them continue without a step are one row. */
struct walk {
    unsigned n_ops, ndim; /* outer dimensions */
    size_t length;        /* elements of a row */
    size_t left;          /* rows still to come, this one included */
    size_t shape[LUNQ_MAX_DIMS], at[LUNQ_MAX_DIMS];
    ptrdiff_t outer[MAX_OPERANDS][LUNQ_MAX_DIMS];
    struct lunq_row row[MAX_OPERANDS];
};

static bool joins(const struct walk *w, const struct lunq_array *const *ops, unsigned d)
{
    for (unsigned k = 0; k < w->n_ops; k++)
        if (ops[k]->strides[d] != w->row[k].step * (ptrdiff_t)w->length)
            return false;
    return true;
}

static void walk_begin(struct walk *w, unsigned n_ops, const struct lunq_array *const *ops)
{
    unsigned d = ops[0]->ndim;
    memset(w, 0, sizeof *w);
    w->n_ops = n_ops;
    w->left = lunq_array_size(ops[0]) ? 1 : 0;
    w->length = 1;
    for (unsigned k = 0; k < n_ops; k++) {
        w->row[k].p = lunq_array_data(ops[k]);
        w->row[k].step = (ptrdiff_t)lunq_dtype_size(ops[k]->dtype);
    }
    while (d > 0 && ops[0]->shape[d - 1] == 1)
        d--;
    if (d > 0) {
        d--;
        w->length = ops[0]->shape[d];
        for (unsigned k = 0; k < n_ops; k++)
            w->row[k].step = ops[k]->strides[d];
    }
    while (d > 0 && (ops[0]->shape[d - 1] == 1 || joins(w, ops, d - 1)))
        w->length *= ops[0]->shape[--d];
    w->ndim = d;
    for (; d > 0; d--) {
        w->shape[d - 1] = ops[0]->shape[d - 1];
        w->left *= w->shape[d - 1];
        for (unsigned k = 0; k < n_ops; k++)
            w->outer[k][d - 1] = ops[k]->strides[d - 1];
    }
}

static void walk_next(struct walk *w)
{
    if (--w->left == 0)
        return;
    for (unsigned d = w->ndim; d > 0; d--) {
        bool wrapped = ++w->at[d - 1] == w->shape[d - 1];
        ptrdiff_t steps = wrapped ? -(ptrdiff_t)(w->shape[d - 1] - 1) : 1;
        for (unsigned k = 0; k < w->n_ops; k++)
            w->row[k].p += steps * w->outer[k][d - 1];
        if (!wrapped)
            return;
        w->at[d - 1] = 0;
    }
}

/* ---- scratch arrays ------------------------------------------------------------------------ */

/* A contiguous array of a's shape in memory of its own; release with drop_scratch. */
static int make_scratch(struct lunq_array *out, const struct lunq_array *a, enum lunq_dtype t,
                        struct lunq_error *err)
{
    struct lunq_mem *m;
    size_t bytes;
    int r = lunq_array_bytes(&bytes, t, a->ndim, a->shape, err);
    if (r == 0)
        r = lunq_mem_alloc_dirty(&m, bytes, err);
    if (r == 0)
        lunq_array_init(out, m, t, a->ndim, a->shape);
    return r;
}

static void drop_scratch(struct lunq_array *a)
{
    lunq_mem_unref(a->mem);
}

/* ---- fill and copy ------------------------------------------------------------------------- */

/* What is larger is done in pieces of so many bytes, so that it can say how far it is. They are large enough
 * for memcpy to go past the caches. */
enum { PIECE = 32 << 20 };

static struct lunq_row advance(struct lunq_row s, size_t n)
{
    s.p += (ptrdiff_t)n * s.step;
    return s;
}

static bool is_long(const struct lunq_array *a)
{
    return a->mem->size > PIECE && lunq_array_nbytes(a) > PIECE;
}

static void fill_long(const struct lunq_array *dst, const void *value)
{
    size_t width = lunq_dtype_size(dst->dtype), most = PIECE / width;
    struct lunq_progress p;
    struct walk w;
    lunq_progress_begin(&p, "filling a buffer", lunq_array_nbytes(dst));
    for (walk_begin(&w, 1, &dst); w.left > 0; walk_next(&w))
        for (size_t i = 0, n; i < w.length; i += n) {
            n = w.length - i < most ? w.length - i : most;
            lunq_row_fill(advance(w.row[0], i), dst->dtype, value, n);
            lunq_progress_add(&p, n * width);
        }
    lunq_progress_end(&p);
}

int lunq_array_fill(const struct lunq_array *dst, struct lunq_scalar v, struct lunq_error *err)
{
    struct walk w;
    uint64_t bits = 0;
    int r = lunq_mem_check_host(dst->mem, err);
    if (r == 0)
        r = lunq_store(&bits, dst->dtype, v, err);
    if (r < 0)
        return r;
    if (is_long(dst)) {
        fill_long(dst, &bits);
        return 0;
    }
    for (walk_begin(&w, 1, &dst); w.left > 0; walk_next(&w))
        lunq_row_fill(w.row[0], dst->dtype, &bits, w.length);
    return 0;
}

/* Elements of a row handled at a time where they must be gathered: 8 KiB stay in the first
 * cache. */
#define BLOCK 1024
typedef union {
    uint8_t bytes[BLOCK * 8];
    uint64_t align;
} block;

/* Calls of this kind see rows as adjacent elements of type t: in place where they lie so, else
 * gathered into *tmp. n <= BLOCK in the second case. */
static const void *gather(struct lunq_row s, enum lunq_dtype st, enum lunq_dtype t, block *tmp,
                          size_t n)
{
    ptrdiff_t width = (ptrdiff_t)lunq_dtype_size(t);
    if (st == t && s.step == width)
        return s.p;
    lunq_row_convert((struct lunq_row){tmp->bytes, width}, t, s, st, n);
    return tmp->bytes;
}

static bool in_place(struct lunq_row s, enum lunq_dtype st, enum lunq_dtype t)
{
    return st == t && s.step == (ptrdiff_t)lunq_dtype_size(t);
}

static int check_finite(const struct lunq_array *a, struct lunq_error *err)
{
    struct walk w;
    block tmp;
    for (walk_begin(&w, 1, &a); w.left > 0; walk_next(&w)) {
        size_t most = in_place(w.row[0], a->dtype, a->dtype) ? w.length : BLOCK;
        for (size_t i = 0, n; i < w.length; i += n) {
            n = w.length - i < most ? w.length - i : most;
            if (!lunq_row_finite(gather(advance(w.row[0], i), a->dtype, a->dtype, &tmp, n),
                                 a->dtype, n))
                return lunq_fail(err, LUNQ_VALUE,
                                 "cannot convert float NaN or infinity to integer");
        }
    }
    return 0;
}

static void copy_long(const struct lunq_array *dst, const struct lunq_array *src)
{
    size_t width = lunq_dtype_size(dst->dtype), most = PIECE / width;
    struct lunq_progress p;
    struct walk w;
    const struct lunq_array *ops[] = {dst, src};
    lunq_progress_begin(&p, "copying a buffer", lunq_array_nbytes(dst));
    for (walk_begin(&w, 2, ops); w.left > 0; walk_next(&w))
        for (size_t i = 0, n; i < w.length; i += n) {
            n = w.length - i < most ? w.length - i : most;
            lunq_row_convert(advance(w.row[0], i), dst->dtype, advance(w.row[1], i), src->dtype, n);
            lunq_progress_add(&p, n * width);
        }
    lunq_progress_end(&p);
}

/* As long as it is a memmove, the two may overlap. */
static void copy_apart(const struct lunq_array *dst, const struct lunq_array *src)
{
    struct walk w;
    const struct lunq_array *ops[] = {dst, src};
    if (is_long(dst) && !lunq_array_overlap(dst, src)) {
        copy_long(dst, src);
        return;
    }
    for (walk_begin(&w, 2, ops); w.left > 0; walk_next(&w))
        lunq_row_convert(w.row[0], dst->dtype, w.row[1], src->dtype, w.length);
}

/* dst and src have one shape. */
static int copy_same_shape(const struct lunq_array *dst, const struct lunq_array *src,
                           struct lunq_error *err)
{
    struct lunq_array tmp;
    bool moves = dst->dtype == src->dtype && lunq_array_contiguous(dst) &&
                 lunq_array_contiguous(src); /* a memmove */
    int r;
    if (moves || !lunq_array_overlap(dst, src)) {
        copy_apart(dst, src);
        return 0;
    }
    r = make_scratch(&tmp, dst, src->dtype, err);
    if (r < 0)
        return r;
    copy_apart(&tmp, src);
    copy_apart(dst, &tmp);
    drop_scratch(&tmp);
    return 0;
}

int lunq_array_copy(const struct lunq_array *dst, const struct lunq_array *src,
                    struct lunq_error *err)
{
    struct lunq_array s = *src;
    int r = lunq_mem_check_host(dst->mem, err);
    if (r == 0)
        r = lunq_mem_check_host(src->mem, err);
    if (r == 0)
        r = lunq_array_broadcast(&s, src, dst->ndim, dst->shape, err);
    if (r == 0 && lunq_dtype_is_float(src->dtype) && !lunq_dtype_is_float(dst->dtype))
        r = check_finite(src, err);
    return r < 0 ? r : copy_same_shape(dst, &s, err);
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

enum lunq_dtype lunq_array_result_type(enum lunq_op op, const struct lunq_operand *a,
                                       const struct lunq_operand *b)
{
    enum lunq_dtype t;
    if (a->array && b->array)
        t = lunq_dtype_common(a->array->dtype, b->array->dtype);
    else if (a->array)
        t = lunq_dtype_with_scalar(a->array->dtype, b->scalar);
    else if (b->array)
        t = lunq_dtype_with_scalar(b->array->dtype, a->scalar);
    else
        t = a->scalar.is_float || b->scalar.is_float ? LUNQ_F8 : LUNQ_I8;
    return op == LUNQ_DIV && !lunq_dtype_is_float(t) ? LUNQ_F8 : t;
}

/* An operand as an array of the result's shape. A number becomes a block of its copies, repeated
 * along all dimensions by its stride of 0. */
struct source {
    struct lunq_array array;
    struct lunq_mem number; /* stands for memory around `value` */
    uint64_t value;
    bool owned; /* array is a scratch copy */
};

static int open_source(struct source *s, const struct lunq_operand *o, enum lunq_dtype t,
                       const struct lunq_array *dst, struct lunq_error *err)
{
    struct lunq_array one = {.mem = &s->number, .dtype = t, .ndim = 0};
    int r;
    s->owned = false;
    if (!o->array) {
        r = lunq_store(&s->value, t, o->scalar, err);
        s->number = (struct lunq_mem){.host = (uint8_t *)&s->value, .size = sizeof s->value};
        return r < 0 ? r : lunq_array_broadcast(&s->array, &one, dst->ndim, dst->shape, err);
    }
    r = lunq_mem_check_host(o->array->mem, err);
    if (r == 0)
        r = lunq_array_broadcast(&s->array, o->array, dst->ndim, dst->shape, err);
    return r;
}

/* True when writing dst row by row would change elements of src that are still to be read. */
static bool disturbs(const struct lunq_array *dst, const struct lunq_array *src)
{
    bool same = dst->offset == src->offset && dst->dtype == src->dtype;
    if (!lunq_array_overlap(dst, src))
        return false;
    for (unsigned d = 0; same && d < dst->ndim; d++)
        same = dst->shape[d] == 1 || dst->strides[d] == src->strides[d];
    return !same;
}

/* One row of d = a op b; d has type t, a and b have types of their own. Where b is one number
 * for all (step 0) it is not spread out. */
static void binary_row(enum lunq_op op, enum lunq_dtype t, struct lunq_row d, struct lunq_row a,
                       enum lunq_dtype at, struct lunq_row b, enum lunq_dtype bt, size_t length)
{
    ptrdiff_t width = (ptrdiff_t)lunq_dtype_size(t);
    bool straight = d.step == width, number = b.step == 0;
    size_t most = BLOCK;
    block ta, tb, td;
    if (straight && in_place(a, at, t) && (number || in_place(b, bt, t)))
        most = length;
    for (size_t i = 0, n; i < length; i += n) {
        void *out = straight ? advance(d, i).p : td.bytes;
        const void *pa, *pb;
        n = length - i < most ? length - i : most;
        pa = gather(advance(a, i), at, t, &ta, n);
        pb = gather(advance(b, i), bt, t, &tb, number ? 1 : n);
        (number ? lunq_row_binary_number : lunq_row_binary)(op, t, out, pa, pb, n);
        if (!straight)
            lunq_row_convert(advance(d, i), t, (struct lunq_row){td.bytes, width}, t, n);
    }
}

/* dst has type t; the sources are views of its shape that writing does not disturb. */
static void binary_rows(enum lunq_op op, enum lunq_dtype t, const struct lunq_array *dst,
                        const struct lunq_array *a, const struct lunq_array *b)
{
    const struct lunq_array *ops[] = {dst, a, b};
    struct walk w;
    for (walk_begin(&w, 3, ops); w.left > 0; walk_next(&w)) {
        bool swap = w.row[1].step == 0 && (op == LUNQ_ADD || op == LUNQ_MUL);
        unsigned x = swap ? 2 : 1, y = swap ? 1 : 2;
        binary_row(op, t, w.row[0], w.row[x], ops[x]->dtype, w.row[y], ops[y]->dtype, w.length);
    }
}

int lunq_array_binary(enum lunq_op op, const struct lunq_array *dst, const struct lunq_operand *a,
                      const struct lunq_operand *b, struct lunq_error *err)
{
    enum lunq_dtype t = lunq_array_result_type(op, a, b);
    struct source sa, sb;
    struct lunq_array tmp;
    int r = lunq_mem_check_host(dst->mem, err);
    if (r == 0)
        r = open_source(&sa, a, t, dst, err);
    if (r == 0)
        r = open_source(&sb, b, t, dst, err);
    if (r < 0)
        return r;
    if (dst->dtype == t && !disturbs(dst, &sa.array) && !disturbs(dst, &sb.array)) {
        binary_rows(op, t, dst, &sa.array, &sb.array);
        return 0;
    }
    r = make_scratch(&tmp, dst, t, err);
    if (r < 0)
        return r;
    binary_rows(op, t, &tmp, &sa.array, &sb.array);
    r = lunq_array_copy(dst, &tmp, err);
    drop_scratch(&tmp);
    return r;
}

/* ---- reductions ---------------------------------------------------------------------------- */

typedef void reduce_fn(void *state, const void *p, enum lunq_dtype t, size_t n);

static int reduce(const struct lunq_array *a, enum lunq_dtype t, reduce_fn *fn, void *state,
                  struct lunq_error *err)
{
    struct walk w;
    block tmp;
    int r = lunq_mem_check_host(a->mem, err);
    if (r < 0)
        return r;
    for (walk_begin(&w, 1, &a); w.left > 0; walk_next(&w)) {
        size_t most = in_place(w.row[0], a->dtype, t) ? w.length : BLOCK;
        for (size_t i = 0, n; i < w.length; i += n) {
            n = w.length - i < most ? w.length - i : most;
            fn(state, gather(advance(w.row[0], i), a->dtype, t, &tmp, n), t, n);
        }
    }
    return 0;
}

static void add_up(void *state, const void *p, enum lunq_dtype t, size_t n)
{
    lunq_row_sum(state, p, t, n);
}

int lunq_array_sum(const struct lunq_array *a, struct lunq_scalar *sum, struct lunq_error *err)
{
    *sum = lunq_dtype_is_float(a->dtype) ? lunq_float(0) : lunq_int(0);
    return reduce(a, a->dtype, add_up, sum, err);
}

int lunq_array_sum_double(const struct lunq_array *a, double *sum, struct lunq_error *err)
{
    struct lunq_scalar s = lunq_float(0);
    enum lunq_dtype t = a->dtype == LUNQ_F4 ? LUNQ_F4 : LUNQ_F8;
    int r = reduce(a, t, add_up, &s, err);
    *sum = s.f;
    return r;
}

static int extreme(const struct lunq_array *a, reduce_fn *fn, const char *name,
                   struct lunq_scalar *v, struct lunq_error *err)
{
    uint64_t best = 0;
    int r = lunq_mem_check_host(a->mem, err);
    if (r < 0)
        return r;
    if (lunq_array_size(a) == 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "zero-size array to reduction operation %s which has no identity", name);
    memcpy(&best, lunq_array_data(a), lunq_dtype_size(a->dtype));
    r = reduce(a, a->dtype, fn, &best, err);
    *v = lunq_load(&best, a->dtype);
    return r;
}

int lunq_array_min(const struct lunq_array *a, struct lunq_scalar *v, struct lunq_error *err)
{
    return extreme(a, lunq_row_min, "minimum", v, err);
}

int lunq_array_max(const struct lunq_array *a, struct lunq_scalar *v, struct lunq_error *err)
{
    return extreme(a, lunq_row_max, "maximum", v, err);
}

/* ---- comparison ---------------------------------------------------------------------------- */

/* True when every value of both types survives the way into type t. */
static bool holds(enum lunq_dtype t, enum lunq_dtype part)
{
    return lunq_dtype_common(t, part) == t &&
           !(t == LUNQ_F8 && (part == LUNQ_U8 || part == LUNQ_I8));
}

/* Exact comparison of two numbers: an integer and a float are never rounded to meet. */
static bool same_number(struct lunq_scalar a, bool a_unsigned, struct lunq_scalar b,
                        bool b_unsigned)
{
    struct lunq_scalar i = a.is_float ? b : a, f = a.is_float ? a : b;
    bool is_unsigned = a.is_float ? b_unsigned : a_unsigned;
    if (a.is_float && b.is_float)
        return a.f == b.f;
    if (!a.is_float && !b.is_float)
        return a.i == b.i && (a_unsigned == b_unsigned || a.i >= 0);
    if (f.f != floor(f.f) || f.f < (is_unsigned ? 0 : -LUNQ_2_63) ||
        f.f >= (is_unsigned ? LUNQ_2_64 : LUNQ_2_63))
        return false;
    return lunq_truncate(f.f) == i.i;
}

/* The slow way, for pairs such as u8 and i4 that no type of ours holds. */
static size_t differ_mixed(struct lunq_row a, enum lunq_dtype at, struct lunq_row b,
                           enum lunq_dtype bt, size_t n, double tol)
{
    for (size_t i = 0; i < n; i++, a.p += a.step, b.p += b.step) {
        struct lunq_scalar x = lunq_load(a.p, at), y = lunq_load(b.p, bt);
        if (same_number(x, at == LUNQ_U8, y, bt == LUNQ_U8))
            continue;
        if (tol > 0) {
            double u = x.is_float ? x.f : at == LUNQ_U8 ? (double)(uint64_t)x.i : (double)x.i;
            double v = y.is_float ? y.f : bt == LUNQ_U8 ? (double)(uint64_t)y.i : (double)y.i;
            if (fabs(u - v) <= tol)
                continue;
        }
        return i;
    }
    return n;
}

static size_t differ_row(struct lunq_row a, enum lunq_dtype at, struct lunq_row b,
                         enum lunq_dtype bt, enum lunq_dtype t, size_t length, double tol)
{
    block ta, tb;
    size_t most = in_place(a, at, t) && in_place(b, bt, t) ? length : BLOCK;
    for (size_t i = 0, n; i < length; i += n) {
        size_t k;
        n = length - i < most ? length - i : most;
        k = lunq_row_differ(gather(advance(a, i), at, t, &ta, n),
                            gather(advance(b, i), bt, t, &tb, n), t, n, tol);
        if (k < n)
            return i + k;
    }
    return length;
}

int lunq_array_compare(const struct lunq_array *a, const struct lunq_array *b, double tol,
                       size_t *first, struct lunq_error *err)
{
    const struct lunq_array *ops[] = {a, b};
    enum lunq_dtype t = lunq_dtype_common(a->dtype, b->dtype);
    bool exact = holds(t, a->dtype) && holds(t, b->dtype);
    char at[LUNQ_MAX_DIMS * 24], bt[LUNQ_MAX_DIMS * 24];
    struct walk w;
    int r = lunq_mem_check_host(a->mem, err);
    if (r == 0)
        r = lunq_mem_check_host(b->mem, err);
    if (r < 0)
        return r;
    if (a->ndim != b->ndim || memcmp(a->shape, b->shape, a->ndim * sizeof *a->shape) != 0)
        return lunq_fail(err, LUNQ_VALUE, "buffers of shapes %s and %s can't be compared",
                         lunq_shape_text(at, sizeof at, a->ndim, a->shape),
                         lunq_shape_text(bt, sizeof bt, b->ndim, b->shape));
    *first = 0;
    for (walk_begin(&w, 2, ops); w.left > 0; walk_next(&w)) {
        size_t k = exact ? differ_row(w.row[0], a->dtype, w.row[1], b->dtype, t, w.length, tol)
                         : differ_mixed(w.row[0], a->dtype, w.row[1], b->dtype, w.length, tol);
        *first += k;
        if (k < w.length)
            return 0;
    }
    return 0;
}
