#include "array.h"

#include <stdio.h>
#include <string.h>

#include "flight.h"

int lunq_array_bytes(size_t *nbytes, enum lunq_dtype t, unsigned ndim, const size_t *shape,
                     struct lunq_error *err)
{
    size_t n = lunq_dtype_size(t);
    bool empty = false;
    char text[LUNQ_MAX_DIMS * 24];
    if (ndim == 0 || ndim > LUNQ_MAX_DIMS)
        return lunq_fail(err, LUNQ_VALUE, "A buffer has 1 to %d dimensions, not %u.", LUNQ_MAX_DIMS,
                         ndim);
    /* Strides are signed, and an empty dimension must not hide others that overflow them. */
    for (unsigned d = 0; d < ndim; d++) {
        empty = empty || shape[d] == 0;
        if (shape[d] && __builtin_mul_overflow(n, shape[d], &n))
            n = SIZE_MAX;
        if (n > PTRDIFF_MAX)
            return lunq_fail(err, LUNQ_VALUE, "A buffer of shape %s does not fit in memory.",
                             lunq_shape_text(text, sizeof text, ndim, shape));
    }
    *nbytes = empty ? 0 : n;
    return 0;
}

static void c_order_strides(struct lunq_array *a)
{
    size_t step = lunq_dtype_size(a->dtype);
    for (unsigned d = a->ndim; d-- > 0;) {
        a->strides[d] = (ptrdiff_t)step;
        step *= a->shape[d] ? a->shape[d] : 1;
    }
}

void lunq_array_init(struct lunq_array *a, struct lunq_mem *m, enum lunq_dtype t, unsigned ndim,
                     const size_t *shape)
{
    memset(a, 0, sizeof *a);
    a->mem = m;
    a->dtype = t;
    a->ndim = ndim;
    memcpy(a->shape, shape, ndim * sizeof *shape);
    c_order_strides(a);
}

size_t lunq_array_size(const struct lunq_array *a)
{
    size_t n = 1; /* no overflow: views never have more elements than lunq_array_bytes allowed */
    for (unsigned d = 0; d < a->ndim; d++)
        n *= a->shape[d];
    return n;
}

size_t lunq_array_nbytes(const struct lunq_array *a)
{
    return lunq_array_size(a) * lunq_dtype_size(a->dtype);
}

bool lunq_array_contiguous(const struct lunq_array *a)
{
    ptrdiff_t step = (ptrdiff_t)lunq_dtype_size(a->dtype);
    if (lunq_array_size(a) == 0)
        return true;
    for (unsigned d = a->ndim; d-- > 0;) {
        if (a->shape[d] != 1 && a->strides[d] != step)
            return false;
        step *= (ptrdiff_t)a->shape[d];
    }
    return true;
}

bool lunq_array_reversed(const struct lunq_array *a)
{
    for (unsigned d = 0; d < a->ndim; d++)
        if (a->shape[d] > 1 && a->strides[d] < 0)
            return true;
    return false;
}

void lunq_array_span(const struct lunq_array *a, size_t *lo, size_t *hi)
{
    *lo = *hi = a->offset;
    if (lunq_array_size(a) == 0)
        return;
    *hi += lunq_dtype_size(a->dtype);
    for (unsigned d = 0; d < a->ndim; d++) {
        ptrdiff_t reach = (ptrdiff_t)(a->shape[d] - 1) * a->strides[d];
        if (reach < 0)
            *lo -= (size_t)-reach;
        else
            *hi += (size_t)reach;
    }
}

bool lunq_array_overlap(const struct lunq_array *a, const struct lunq_array *b)
{
    size_t alo, ahi, blo, bhi;
    if (a->mem != b->mem)
        return false;
    lunq_array_span(a, &alo, &ahi);
    lunq_array_span(b, &blo, &bhi);
    return alo < bhi && blo < ahi;
}

/* ---- views --------------------------------------------------------------------------------- */

void lunq_array_at(struct lunq_array *out, const struct lunq_array *a, size_t i)
{
    struct lunq_array v = *a;
    v.offset += i * (size_t)a->strides[0]; /* modulo 2^n: right for negative strides too */
    v.ndim--;
    memmove(v.shape, a->shape + 1, v.ndim * sizeof *v.shape);
    memmove(v.strides, a->strides + 1, v.ndim * sizeof *v.strides);
    *out = v;
}

void lunq_array_slice(struct lunq_array *out, const struct lunq_array *a, unsigned dim,
                      size_t first, size_t n, ptrdiff_t step)
{
    struct lunq_array v = *a;
    v.shape[dim] = n;
    if (n > 0)
        v.offset += first * (size_t)a->strides[dim];
    /* With one position or none the step is never taken, and may be anything. */
    if (n > 1)
        v.strides[dim] = a->strides[dim] * step;
    *out = v;
}

int lunq_array_view(struct lunq_array *out, const struct lunq_array *a, enum lunq_dtype t,
                    struct lunq_error *err)
{
    struct lunq_array v = *a;
    size_t was = lunq_dtype_size(a->dtype), is = lunq_dtype_size(t), row;
    unsigned last = a->ndim - 1;
    v.dtype = t;
    if (was != is) {
        if (a->shape[last] != 1 && a->strides[last] != (ptrdiff_t)was)
            return lunq_fail(err, LUNQ_VALUE,
                             "To change to a dtype of a different size, the last "
                             "axis must be contiguous");
        row = a->shape[last] * was;
        if (row % is)
            return lunq_fail(err, LUNQ_VALUE,
                             "When changing to a larger dtype, its size must be a divisor of the "
                             "total size in bytes of the last axis of the array.");
        v.shape[last] = row / is;
        v.strides[last] = (ptrdiff_t)is;
    }
    *out = v;
    return 0;
}

int lunq_array_reshape(struct lunq_array *out, const struct lunq_array *a, unsigned ndim,
                       const size_t *shape, struct lunq_error *err)
{
    struct lunq_array v = *a;
    size_t bytes;
    char text[LUNQ_MAX_DIMS * 24];
    int r = lunq_array_bytes(&bytes, a->dtype, ndim, shape, err);
    if (r < 0)
        return r;
    if (bytes != lunq_array_nbytes(a))
        return lunq_fail(err, LUNQ_VALUE, "cannot reshape array of size %zu into shape %s",
                         lunq_array_size(a), lunq_shape_text(text, sizeof text, ndim, shape));
    if (!lunq_array_contiguous(a))
        return lunq_fail(err, LUNQ_VALUE,
                         "cannot reshape a view with gaps, reversed or transposed: "
                         "take a copy first, b:copy():reshape(...)");
    v.ndim = ndim;
    memcpy(v.shape, shape, ndim * sizeof *shape);
    c_order_strides(&v);
    *out = v;
    return 0;
}

void lunq_array_transpose(struct lunq_array *out, const struct lunq_array *a)
{
    struct lunq_array v = *a;
    for (unsigned d = 0; d < a->ndim; d++) {
        v.shape[d] = a->shape[a->ndim - 1 - d];
        v.strides[d] = a->strides[a->ndim - 1 - d];
    }
    *out = v;
}

int lunq_array_broadcast(struct lunq_array *out, const struct lunq_array *a, unsigned ndim,
                         const size_t *shape, struct lunq_error *err)
{
    struct lunq_array v = *a;
    char from[LUNQ_MAX_DIMS * 24], to[LUNQ_MAX_DIMS * 24];
    bool fits = a->ndim <= ndim;
    v.ndim = ndim;
    for (unsigned d = 0; fits && d < ndim; d++) {
        unsigned missing = ndim - a->ndim;
        size_t have = d < missing ? 1 : a->shape[d - missing];
        v.shape[d] = shape[d];
        v.strides[d] = have == 1 ? 0 : a->strides[d - missing];
        fits = have == 1 || have == shape[d];
    }
    if (!fits)
        return lunq_fail(err, LUNQ_VALUE,
                         "could not broadcast input array from shape %s into shape %s",
                         lunq_shape_text(from, sizeof from, a->ndim, a->shape),
                         lunq_shape_text(to, sizeof to, ndim, shape));
    *out = v;
    return 0;
}

int lunq_array_common_shape(unsigned *ndim, size_t *shape, const struct lunq_array *a,
                            const struct lunq_array *b, struct lunq_error *err)
{
    unsigned n = a->ndim > b->ndim ? a->ndim : b->ndim;
    char at[LUNQ_MAX_DIMS * 24], bt[LUNQ_MAX_DIMS * 24];
    for (unsigned k = 1; k <= n; k++) { /* from the last dimension */
        size_t x = k <= a->ndim ? a->shape[a->ndim - k] : 1;
        size_t y = k <= b->ndim ? b->shape[b->ndim - k] : 1;
        if (x != y && x != 1 && y != 1)
            return lunq_fail(err, LUNQ_VALUE,
                             "operands could not be broadcast together with shapes %s %s",
                             lunq_shape_text(at, sizeof at, a->ndim, a->shape),
                             lunq_shape_text(bt, sizeof bt, b->ndim, b->shape));
        shape[n - k] = x == 1 ? y : x;
    }
    *ndim = n;
    return 0;
}

const char *lunq_shape_text(char *buf, size_t size, unsigned ndim, const size_t *shape)
{
    size_t n = 0;
    snprintf(buf, size, "()");
    for (unsigned d = 0; d < ndim && d < LUNQ_MAX_DIMS && n < size; d++)
        n += (size_t)snprintf(buf + n, size - n, "%s%zu%s", d ? ", " : "(", shape[d],
                              d + 1 < ndim ? ""
                              : ndim == 1  ? ",)"
                                           : ")");
    return buf;
}

/* ---- the device's side --------------------------------------------------------------------- */

int lunq_array_address(const struct lunq_array *a, uint64_t *addr, struct lunq_error *err)
{
    if (lunq_mem_gone(a->mem))
        return lunq_fail(err, LUNQ_RUNTIME, "Buffer was freed.");
    if (!a->mem->dev)
        return lunq_fail(err, LUNQ_VALUE,
                         "This array lies in host memory and has no device address: "
                         "use a buffer from allocate().");
    if (lunq_array_reversed(a))
        return lunq_fail(err, LUNQ_VALUE,
                         "A reversed view has no device address: its first element "
                         "is not its lowest address.");
    *addr = a->mem->address + a->offset;
    return 0;
}

int lunq_array_check_dma(const struct lunq_array *a, struct lunq_error *err)
{
    uint64_t addr;
    int r = lunq_array_address(a, &addr, err);
    if (r < 0)
        return r;
    if (lunq_array_size(a) == 0)
        return lunq_fail(err, LUNQ_VALUE, "Buffer is empty: a transfer needs at least one byte.");
    if (!lunq_array_contiguous(a))
        return lunq_fail(err, LUNQ_VALUE,
                         "Buffer is a view with gaps (strided or transposed), which "
                         "a DMA can't transfer as one block: copy it into a "
                         "contiguous buffer first.");
    return 0;
}

/* One dimension of a walk over bytes: n pieces, step bytes apart. */
struct level {
    size_t n, step;
};

/* The elements as bytes in rising order: dimensions by falling step, all steps positive, those that
 * join merged. *run gets the length of one piece, the return value is the number of levels. */
static unsigned sort_levels(const struct lunq_array *a, struct level *lv, size_t *run)
{
    unsigned n = 0;
    *run = lunq_dtype_size(a->dtype);
    for (unsigned d = 0; d < a->ndim; d++) {
        struct level l = {a->shape[d],
                          (size_t)(a->strides[d] < 0 ? -a->strides[d] : a->strides[d])};
        unsigned at = n;
        if (l.n == 1)
            continue;
        for (; at > 0 && lv[at - 1].step < l.step; at--)
            lv[at] = lv[at - 1];
        lv[at] = l;
        n++;
    }
    while (n > 0 && lv[n - 1].step == *run)
        *run *= lv[--n].n;
    return n;
}

int lunq_array_sync(const struct lunq_array *a, enum lunq_sync dir, struct lunq_error *err)
{
    struct level lv[LUNQ_MAX_DIMS];
    size_t at[LUNQ_MAX_DIMS] = {0}, run, lo, hi;
    unsigned n, d;
    int r = lunq_mem_check_host(a->mem, err);
    if (r < 0 || a->mem->coherent || lunq_array_size(a) == 0)
        return r;
    n = sort_levels(a, lv, &run);
    lunq_array_span(a, &lo, &hi);
    if (lunq_flight_on && a->mem->dev)
        lunq_flight_note(a->mem->dev, LUNQ_FLIGHT_SYNC,
                         dir == LUNQ_TO_DEVICE ? "to the device" : "from the device",
                         a->mem->address + lo, lunq_array_nbytes(a));
    for (;;) {
        r = lunq_mem_sync(a->mem, lo, run, dir, err);
        if (r < 0)
            return r;
        for (d = n; d > 0; d--) { /* the next piece */
            lo += lv[d - 1].step;
            if (++at[d - 1] < lv[d - 1].n)
                break;
            lo -= lv[d - 1].step * lv[d - 1].n;
            at[d - 1] = 0;
        }
        if (d == 0)
            return 0;
    }
}
