/* kernels.h - the loops over elements in a row, one for each type. Internal to host/core:
 * array_ops.c takes views apart into rows, converts where types differ, and calls these. Data
 * need not be aligned. Operands may be the same row as the result, but not overlap otherwise. */
#ifndef LUNQ_KERNELS_H
#define LUNQ_KERNELS_H

#include "array_ops.h"
#include "dtype.h"

/* Elements of one row: address, and bytes from one to the next. */
struct lunq_row {
    uint8_t *p;
    ptrdiff_t step;
};

/* n elements with the bytes of *value. */
void lunq_row_fill(struct lunq_row d, enum lunq_dtype t, const void *value, size_t n);
/* Copies with conversion: integers modulo the width, floats truncated (NaN and infinity give 0). */
void lunq_row_convert(struct lunq_row d, enum lunq_dtype dt, struct lunq_row s, enum lunq_dtype st,
                      size_t n);
/* False when one of n adjacent floats of type t is NaN or infinite. */
bool lunq_row_finite(const void *p, enum lunq_dtype t, size_t n);

/* d = a op b on n adjacent elements; LUNQ_DIV only for floats. */
void lunq_row_binary(enum lunq_op op, enum lunq_dtype t, void *d, const void *a, const void *b,
                     size_t n);
/* The same with one number *b for all n. */
void lunq_row_binary_number(enum lunq_op op, enum lunq_dtype t, void *d, const void *a,
                            const void *b, size_t n);
/* Adds n adjacent elements to *sum: integers modulo 2^64, floats in double precision. */
void lunq_row_sum(struct lunq_scalar *sum, const void *p, enum lunq_dtype t, size_t n);
/* The smallest and the largest of n > 0 adjacent elements, joined with *lo and *hi (elements of
 * type t). A NaN wins, as in NumPy. */
void lunq_row_min(void *lo, const void *p, enum lunq_dtype t, size_t n);
void lunq_row_max(void *hi, const void *p, enum lunq_dtype t, size_t n);
/* Position of the first of n adjacent elements with |a - b| > tol (or NaN on one side), or n.
 * tol 0 compares exactly; a tolerance counts for integers too. */
size_t lunq_row_differ(const void *a, const void *b, enum lunq_dtype t, size_t n, double tol);

#endif
