/* array_ops.h - whole-array work: fill, copy, reductions, arithmetic, comparison. Any views, any
 * element types; values meet in the type lunq_dtype_common gives. Stored are integers modulo the
 * width; floats are truncated on the way to an integer, and a NaN or an infinity there is
 * LUNQ_VALUE with nothing written. Every function fails with LUNQ_RUNTIME after free. */
#ifndef LUNQ_ARRAY_OPS_H
#define LUNQ_ARRAY_OPS_H

#include "array.h"

enum lunq_op { LUNQ_ADD, LUNQ_SUB, LUNQ_MUL, LUNQ_DIV };

/* An operand: an array, or a plain number when `array` is NULL. */
struct lunq_operand {
    const struct lunq_array *array;
    struct lunq_scalar scalar;
};

int lunq_array_fill(const struct lunq_array *dst, struct lunq_scalar v, struct lunq_error *err);
/* dst[...] = src, broadcast to dst's shape (LUNQ_VALUE when that is impossible). The two may
 * overlap. */
int lunq_array_copy(const struct lunq_array *dst, const struct lunq_array *src,
                    struct lunq_error *err);

/* Type of a op b. LUNQ_DIV of integers gives f8. */
enum lunq_dtype lunq_array_result_type(enum lunq_op op, const struct lunq_operand *a,
                                       const struct lunq_operand *b);
/* dst = a op b, operands broadcast to dst's shape; dst may overlap them. */
int lunq_array_binary(enum lunq_op op, const struct lunq_array *dst, const struct lunq_operand *a,
                      const struct lunq_operand *b, struct lunq_error *err);

/* Sum of all elements: integers modulo 2^64, floats as double. 0 when there are none. */
int lunq_array_sum(const struct lunq_array *a, struct lunq_scalar *sum, struct lunq_error *err);
/* Sum in double precision, whatever the type. */
int lunq_array_sum_double(const struct lunq_array *a, double *sum, struct lunq_error *err);
/* Smallest or largest element. LUNQ_VALUE when there are none. A NaN wins. */
int lunq_array_min(const struct lunq_array *a, struct lunq_scalar *v, struct lunq_error *err);
int lunq_array_max(const struct lunq_array *a, struct lunq_scalar *v, struct lunq_error *err);

/* Compares arrays of one shape (LUNQ_VALUE otherwise), element by element by value. *first gets the
 * position in C order of the first pair with |a - b| > tol, or the number of elements when there is
 * none. NaN equals nothing. With tol 0 integers of any two types compare exactly. */
int lunq_array_compare(const struct lunq_array *a, const struct lunq_array *b, double tol,
                       size_t *first, struct lunq_error *err);

#endif
