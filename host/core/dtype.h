/* dtype.h - element types of buffers: names, sizes, promotion, one value in and out. Names are
 * NumPy's. "u8" has 8 BYTES there, so that byte-count names (u1 u2 u4 u8, i1.., f4 f8) win
 * wherever they collide with bit-count names (u16 u32 u64, i16.., f32 f64). */
#ifndef LUNQ_DTYPE_H
#define LUNQ_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum lunq_dtype {
    LUNQ_U1,
    LUNQ_U2,
    LUNQ_U4,
    LUNQ_U8,
    LUNQ_I1,
    LUNQ_I2,
    LUNQ_I4,
    LUNQ_I8,
    LUNQ_F4,
    LUNQ_F8,
    LUNQ_DTYPES
};

/* A number as Lua has them: an integer (64 bits, two's complement) or a float. */
struct lunq_scalar {
    bool is_float;
    union {
        int64_t i;
        double f;
    };
};

static inline struct lunq_scalar lunq_int(int64_t i)
{
    return (struct lunq_scalar){.is_float = false, .i = i};
}

static inline struct lunq_scalar lunq_float(double f)
{
    return (struct lunq_scalar){.is_float = true, .f = f};
}

/* Understands "u4", "uint32", "u32", "<u4", "float32", "f32", "float" (C's: 4 bytes), "double", ...
 * LUNQ_TYPE with NumPy's message and the list of names otherwise. */
int lunq_dtype_from(enum lunq_dtype *out, const char *name, struct lunq_error *err);
const char *lunq_dtype_name(enum lunq_dtype t); /* "u4" */
size_t lunq_dtype_size(enum lunq_dtype t);      /* bytes: 1, 2, 4, 8 */

static inline bool lunq_dtype_is_float(enum lunq_dtype t)
{
    return t >= LUNQ_F4;
}

static inline bool lunq_dtype_is_signed(enum lunq_dtype t)
{
    return t >= LUNQ_I1;
}

/* The type in which values of both types are computed, as in NumPy: the smallest that holds all of
 * both; f8 for u8 with a signed type, and for f4 with integers of 4 bytes and more. */
enum lunq_dtype lunq_dtype_common(enum lunq_dtype a, enum lunq_dtype b);
/* The same for an array and a plain number: the array's type, except that a float number turns an
 * integer array into f8. */
enum lunq_dtype lunq_dtype_with_scalar(enum lunq_dtype a, struct lunq_scalar s);

/* The ends of 64-bit integers as doubles. (Not 0x1p63: cppcheck reads that as 0.) */
#define LUNQ_2_63 9223372036854775808.0
#define LUNQ_2_64 18446744073709551616.0

/* Truncates to an integer modulo 2^64; a value that is not finite gives 0 (callers refuse it). */
int64_t lunq_truncate(double v);

/* Puts a number into an element: integers modulo the width, floats truncated on the way to an
 * integer. LUNQ_VALUE when NaN or an infinity meets an integer type: nothing is written. p need
 * not be aligned. */
int lunq_store(void *p, enum lunq_dtype t, struct lunq_scalar s, struct lunq_error *err);
/* Reads an element; u8 above 2^63 - 1 comes out negative. */
struct lunq_scalar lunq_load(const void *p, enum lunq_dtype t);

#endif
