/* array.h - n-dimensional typed views of memory: shape and strides, addresses, syncs.
 * A struct lunq_array is a plain value that says where elements lie; it does not own its memory.
 * Whoever keeps one keeps a reference on `mem` too (memory.h), and before touching bytes asks
 * lunq_array_data, which is NULL once the memory was freed, and where it is the device's alone.
 * Positions here count from 0. */
#ifndef LUNQ_ARRAY_H
#define LUNQ_ARRAY_H

#include "dtype.h"
#include "memory.h"

#define LUNQ_MAX_DIMS 8

struct lunq_array {
    struct lunq_mem *mem;
    size_t offset; /* bytes from the start of mem to the first element */
    enum lunq_dtype dtype;
    unsigned ndim; /* 1 .. LUNQ_MAX_DIMS; 0 only inside the core (a single element) */
    size_t shape[LUNQ_MAX_DIMS];
    ptrdiff_t strides[LUNQ_MAX_DIMS]; /* bytes; negative in reversed views */
};

/* Bytes of an array of this shape. LUNQ_VALUE: more than LUNQ_MAX_DIMS or no dimensions, or a size
 * that does not fit in memory. A dimension of 0 is legal: 0 bytes. */
int lunq_array_bytes(size_t *nbytes, enum lunq_dtype t, unsigned ndim, const size_t *shape,
                     struct lunq_error *err);
/* All of mem from its start as an array in C order. The caller knows that it fits. */
void lunq_array_init(struct lunq_array *a, struct lunq_mem *m, enum lunq_dtype t, unsigned ndim,
                     const size_t *shape);

size_t lunq_array_size(const struct lunq_array *a);   /* elements */
size_t lunq_array_nbytes(const struct lunq_array *a); /* of the elements, gaps not counted */
bool lunq_array_contiguous(const struct lunq_array *a);
bool lunq_array_reversed(const struct lunq_array *a); /* some stride is negative */
/* The first element, or NULL: lunq_mem_check_host says why. */
static inline uint8_t *lunq_array_data(const struct lunq_array *a)
{
    return a->mem->host ? a->mem->host + a->offset : NULL;
}
/* Bytes [*lo, *hi) of mem, from the lowest to behind the highest byte covered; lo == hi: none. */
void lunq_array_span(const struct lunq_array *a, size_t *lo, size_t *hi);
bool lunq_array_overlap(const struct lunq_array *a, const struct lunq_array *b);

/* ---- views; out may be the same struct as a ------------------------------------------------- */

/* Element i of the first dimension, which disappears. The caller checks i < shape[0]. */
void lunq_array_at(struct lunq_array *out, const struct lunq_array *a, size_t i);
/* n positions of a dimension: first, first + step, ... The caller checks that all lie inside. */
void lunq_array_slice(struct lunq_array *out, const struct lunq_array *a, unsigned dim,
                      size_t first, size_t n, ptrdiff_t step);
/* The same bytes as elements of another type. LUNQ_VALUE with NumPy's messages when sizes differ
 * and the last dimension is not contiguous or does not divide. */
int lunq_array_view(struct lunq_array *out, const struct lunq_array *a, enum lunq_dtype t,
                    struct lunq_error *err);
/* The same elements in another shape. LUNQ_VALUE: another number of elements, or a is not
 * contiguous (its elements can't be regrouped without a copy). */
int lunq_array_reshape(struct lunq_array *out, const struct lunq_array *a, unsigned ndim,
                       const size_t *shape, struct lunq_error *err);
void lunq_array_transpose(struct lunq_array *out, const struct lunq_array *a);
/* a repeated to another shape as NumPy does it: dimensions are aligned at the last one, and one
 * that is missing or 1 is repeated (stride 0). LUNQ_VALUE when it can't be. */
int lunq_array_broadcast(struct lunq_array *out, const struct lunq_array *a, unsigned ndim,
                         const size_t *shape, struct lunq_error *err);
/* The shape both broadcast to. */
int lunq_array_common_shape(unsigned *ndim, size_t *shape, const struct lunq_array *a,
                            const struct lunq_array *b, struct lunq_error *err);
/* "(3, 4)", as messages show shapes. Returns buf. */
const char *lunq_shape_text(char *buf, size_t size, unsigned ndim, const size_t *shape);

/* ---- the device's side ---------------------------------------------------------------------- */

/* Device address of the first element. LUNQ_RUNTIME: freed; LUNQ_VALUE: host memory, or a reversed
 * view, whose first element is not its lowest address. */
int lunq_array_address(const struct lunq_array *a, uint64_t *addr, struct lunq_error *err);
/* 0 when a DMA may read or write it as one block of lunq_array_nbytes bytes; LUNQ_VALUE with the
 * reason otherwise (host memory, gaps, reversed, empty), LUNQ_RUNTIME: freed. */
int lunq_array_check_dma(const struct lunq_array *a, struct lunq_error *err);
/* Makes exactly the bytes of the elements visible to the other side: a view with gaps syncs its
 * pieces one by one, for a sync of the gaps would overwrite what only one side has changed
 * there. */
int lunq_array_sync(const struct lunq_array *a, enum lunq_sync dir, struct lunq_error *err);

#endif
