/* Loops the compiler vectorises: compiled with -O3, and on x86-64 for three instruction sets,
 * chosen when the program starts (figures: lua-c.md 1.4). clang-format reads lists of macros as
 * expressions, so that it stays off here. */
// clang-format off
#include "kernels.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

/* No iteration needs what another wrote, though rows may be the same. */
#ifdef __clang__
#define IVDEP /* clang looks for itself, and warns where it is told to and can't */
#else
#define IVDEP _Pragma("GCC ivdep")
#endif

/* Element types: views may give bytes any type at any address. */
#define ELEMENT(NAME, TYPE) typedef TYPE NAME __attribute__((aligned(1), may_alias))
ELEMENT(u1, uint8_t);
ELEMENT(u2, uint16_t);
ELEMENT(u4, uint32_t);
ELEMENT(u8, uint64_t);
ELEMENT(i1, int8_t);
ELEMENT(i2, int16_t);
ELEMENT(i4, int32_t);
ELEMENT(i8, int64_t);
ELEMENT(f4, float);
ELEMENT(f8, double);

/* ---- fill ---------------------------------------------------------------------------------- */

#define FILL(T)                                                                                    \
    WIDE static void fill_##T(void *p, const void *value, size_t n)                                \
    {                                                                                              \
        T *d = p;                                                                                  \
        T v = *(const T *)value;                                                                   \
        for (size_t i = 0; i < n; i++)                                                             \
            d[i] = v;                                                                              \
    }
FILL(u2)
FILL(u4)
FILL(u8)

void lunq_row_fill(struct lunq_row d, enum lunq_dtype t, const void *value, size_t n)
{
    size_t width = lunq_dtype_size(t);
    if (d.step != (ptrdiff_t)width)
        for (; n > 0; n--, d.p += d.step)
            memcpy(d.p, value, width);
    else if (width == 1)
        memset(d.p, *(const uint8_t *)value, n);
    else if (width == 2)
        fill_u2(d.p, value, n);
    else if (width == 4)
        fill_u4(d.p, value, n);
    else
        fill_u8(d.p, value, n);
}

/* ---- conversion ---------------------------------------------------------------------------- */

static inline int64_t to_int(double v)
{
    return v >= -LUNQ_2_63 && v < LUNQ_2_63 ? (int64_t)v : lunq_truncate(v);
}

#define SAME(v) (v)
/* One function for each pair of types; adjacent elements get a loop of their own. */
#define CONVERT(D, S, VIA)                                                                         \
    static void convert_##D##_##S(uint8_t *d, ptrdiff_t ds, const uint8_t *s, ptrdiff_t ss,        \
                                  size_t n)                                                        \
    {                                                                                              \
        if (ds == sizeof(D) && ss == sizeof(S)) {                                                  \
            IVDEP for (size_t i = 0; i < n; i++)                                                   \
                ((D *)(void *)d)[i] = (D)VIA(((const S *)(const void *)s)[i]);                     \
        } else {                                                                                   \
            for (; n > 0; n--, d += ds, s += ss)                                                   \
                *(D *)(void *)d = (D)VIA(*(const S *)(const void *)s);                             \
        }                                                                                          \
    }
/* Conversions between integers of one width are copies: only the wider need the sign. */
#define FROM_ALL(D, VIA)                                                                           \
    CONVERT(D, u1, SAME) CONVERT(D, u2, SAME) CONVERT(D, u4, SAME) CONVERT(D, u8, SAME)            \
    CONVERT(D, i1, SAME) CONVERT(D, i2, SAME) CONVERT(D, i4, SAME) CONVERT(D, i8, SAME)            \
    CONVERT(D, f4, VIA) CONVERT(D, f8, VIA)
FROM_ALL(u1, to_int)
FROM_ALL(u2, to_int)
FROM_ALL(u4, to_int)
FROM_ALL(u8, to_int)
FROM_ALL(f4, SAME)
FROM_ALL(f8, SAME)

typedef void convert_fn(uint8_t *d, ptrdiff_t ds, const uint8_t *s, ptrdiff_t ss, size_t n);
#define ROW_OF(D)                                                                                  \
    {                                                                                              \
        convert_##D##_u1, convert_##D##_u2, convert_##D##_u4, convert_##D##_u8,                    \
            convert_##D##_i1, convert_##D##_i2, convert_##D##_i4, convert_##D##_i8,                \
            convert_##D##_f4, convert_##D##_f8                                                     \
    }
/* Signed results are the unsigned ones modulo the width. */
static convert_fn *const conversions[LUNQ_DTYPES][LUNQ_DTYPES] = {
    [LUNQ_U1] = ROW_OF(u1), [LUNQ_U2] = ROW_OF(u2), [LUNQ_U4] = ROW_OF(u4), [LUNQ_U8] = ROW_OF(u8),
    [LUNQ_I1] = ROW_OF(u1), [LUNQ_I2] = ROW_OF(u2), [LUNQ_I4] = ROW_OF(u4), [LUNQ_I8] = ROW_OF(u8),
    [LUNQ_F4] = ROW_OF(f4), [LUNQ_F8] = ROW_OF(f8),
};

void lunq_row_convert(struct lunq_row d, enum lunq_dtype dt, struct lunq_row s, enum lunq_dtype st,
                      size_t n)
{
    ptrdiff_t width = (ptrdiff_t)lunq_dtype_size(dt);
    if (dt == st && d.step == width && s.step == width)
        memmove(d.p, s.p, n * (size_t)width);
    else
        conversions[dt][st](d.p, d.step, s.p, s.step, n);
}

/* Adds up 0 * v, which is 0 for finite values and NaN for the others. */
#define FINITE(T)                                                                                  \
    WIDE static bool finite_##T(const void *p, size_t n)                                           \
    {                                                                                              \
        const T *v = p;                                                                            \
        T bad[8] = {0};                                                                            \
        size_t i = 0;                                                                              \
        for (; n - i >= 8; i += 8)                                                                 \
            for (int k = 0; k < 8; k++)                                                            \
                bad[k] += 0 * v[i + (size_t)k];                                                    \
        for (; i < n; i++)                                                                         \
            bad[0] += 0 * v[i];                                                                    \
        for (int k = 1; k < 8; k++)                                                                \
            bad[0] += bad[k];                                                                      \
        return bad[0] == 0;                                                                        \
    }
FINITE(f4)
FINITE(f8)

bool lunq_row_finite(const void *p, enum lunq_dtype t, size_t n)
{
    return t == LUNQ_F4 ? finite_f4(p, n) : finite_f8(p, n);
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

/* W is the type to compute in: unsigned, so that nothing overflows, and not narrower than int. */
#define BINARY(NAME, T, W, OP)                                                                     \
    WIDE static void NAME##_##T(void *dp, const void *ap, const void *bp, size_t n)                \
    {                                                                                              \
        T *d = dp;                                                                                 \
        const T *a = ap, *b = bp;                                                                  \
        IVDEP for (size_t i = 0; i < n; i++)                                                       \
            d[i] = (T)((W)a[i] OP (W)b[i]);                                                        \
    }
/* b is one number for all. */
#define BINARY_NUMBER(NAME, T, W, OP)                                                              \
    WIDE static void NAME##_number_##T(void *dp, const void *ap, const void *bp, size_t n)         \
    {                                                                                              \
        T *d = dp;                                                                                 \
        const T *a = ap, b = *(const T *)bp;                                                       \
        IVDEP for (size_t i = 0; i < n; i++)                                                       \
            d[i] = (T)((W)a[i] OP (W)b);                                                           \
    }
#define BOTH(NAME, T, W, OP) BINARY(NAME, T, W, OP) BINARY_NUMBER(NAME, T, W, OP)
#define ALL_TYPES(NAME, OP)                                                                        \
    BOTH(NAME, u1, uint32_t, OP) BOTH(NAME, u2, uint32_t, OP)                                      \
    BOTH(NAME, u4, uint32_t, OP) BOTH(NAME, u8, uint64_t, OP)                                      \
    BOTH(NAME, f4, float, OP) BOTH(NAME, f8, double, OP)
ALL_TYPES(add, +)
ALL_TYPES(sub, -)
ALL_TYPES(mul, *)
BOTH(div, f4, float, /)
BOTH(div, f8, double, /)

typedef void binary_fn(void *d, const void *a, const void *b, size_t n);
#define BY_TYPE(NAME)                                                                              \
    {                                                                                              \
        NAME##_u1, NAME##_u2, NAME##_u4, NAME##_u8,                                                \
            NAME##_u1, NAME##_u2, NAME##_u4, NAME##_u8, NAME##_f4, NAME##_f8                       \
    }
static binary_fn *const binaries[][LUNQ_DTYPES] = {
    [LUNQ_ADD] = BY_TYPE(add),
    [LUNQ_SUB] = BY_TYPE(sub),
    [LUNQ_MUL] = BY_TYPE(mul),
    [LUNQ_DIV] = {[LUNQ_F4] = div_f4, [LUNQ_F8] = div_f8},
};
static binary_fn *const with_number[][LUNQ_DTYPES] = {
    [LUNQ_ADD] = BY_TYPE(add_number),
    [LUNQ_SUB] = BY_TYPE(sub_number),
    [LUNQ_MUL] = BY_TYPE(mul_number),
    [LUNQ_DIV] = {[LUNQ_F4] = div_number_f4, [LUNQ_F8] = div_number_f8},
};

void lunq_row_binary(enum lunq_op op, enum lunq_dtype t, void *d, const void *a, const void *b,
                     size_t n)
{
    binaries[op][t](d, a, b, n);
}

void lunq_row_binary_number(enum lunq_op op, enum lunq_dtype t, void *d, const void *a,
                            const void *b, size_t n)
{
    with_number[op][t](d, a, b, n);
}

/* ---- reductions ---------------------------------------------------------------------------- */

#define SUM_INT(T)                                                                                 \
    WIDE static uint64_t sum_##T(const void *p, size_t n)                                          \
    {                                                                                              \
        const T *v = p;                                                                            \
        uint64_t s = 0;                                                                            \
        for (size_t i = 0; i < n; i++)                                                             \
            s += (uint64_t)v[i];                                                                   \
        return s;                                                                                  \
    }
SUM_INT(u1)
SUM_INT(u2)
SUM_INT(u4)
SUM_INT(u8)
SUM_INT(i1)
SUM_INT(i2)
SUM_INT(i4)

/* LANES partial sums: an order the compiler may keep in vectors without changing a result, and
 * enough of them that additions need not wait for one another. */
#define LANES 32
#define SUM_FLOAT(T)                                                                               \
    WIDE static double sum_##T(const void *p, size_t n)                                            \
    {                                                                                              \
        const T *v = p;                                                                            \
        double s[LANES] = {0}, total = 0;                                                          \
        size_t i = 0;                                                                              \
        for (; n - i >= LANES; i += LANES)                                                         \
            for (size_t k = 0; k < LANES; k++)                                                     \
                s[k] += v[i + k];                                                                  \
        for (; i < n; i++)                                                                         \
            total += v[i];                                                                         \
        for (size_t k = 0; k < LANES; k++)                                                         \
            total += s[k];                                                                         \
        return total;                                                                              \
    }
SUM_FLOAT(f4)
SUM_FLOAT(f8)

void lunq_row_sum(struct lunq_scalar *sum, const void *p, enum lunq_dtype t, size_t n)
{
    uint64_t s;
    switch (t) {
    case LUNQ_F4: *sum = lunq_float(sum->f + sum_f4(p, n)); return;
    case LUNQ_F8: *sum = lunq_float(sum->f + sum_f8(p, n)); return;
    case LUNQ_U1: s = sum_u1(p, n); break;
    case LUNQ_U2: s = sum_u2(p, n); break;
    case LUNQ_U4: s = sum_u4(p, n); break;
    case LUNQ_I1: s = sum_i1(p, n); break;
    case LUNQ_I2: s = sum_i2(p, n); break;
    case LUNQ_I4: s = sum_i4(p, n); break;
    default: s = sum_u8(p, n); break;
    }
    *sum = lunq_int((int64_t)((uint64_t)sum->i + s));
}

#define EXTREME(NAME, T, BETTER)                                                                   \
    WIDE static void NAME##_##T(void *best, const void *p, size_t n)                               \
    {                                                                                              \
        const T *v = p;                                                                            \
        T b = *(T *)best;                                                                          \
        for (size_t i = 0; i < n; i++)                                                             \
            b = v[i] BETTER b ? v[i] : b;                                                          \
        *(T *)best = b;                                                                            \
    }
/* Floats in lanes, as the sums above. A NaN is never better, so that it is looked for aside. */
#define EXTREME_FLOAT(NAME, T, MASK, BETTER)                                                       \
    WIDE static void NAME##_##T(void *best, const void *p, size_t n)                               \
    {                                                                                              \
        const T *v = p;                                                                            \
        T m[LANES], b = *(T *)best;                                                                \
        MASK nan[LANES] = {0};                                                                     \
        size_t i = 0;                                                                              \
        for (size_t k = 0; k < LANES; k++)                                                         \
            m[k] = b;                                                                              \
        for (; n - i >= LANES; i += LANES)                                                         \
            for (size_t k = 0; k < LANES; k++) {                                                   \
                T x = v[i + k];                                                                    \
                m[k] = x BETTER m[k] ? x : m[k];                                                   \
                nan[k] |= x != x;                                                                  \
            }                                                                                      \
        for (size_t k = 0; i < n; i++, k++) {                                                      \
            m[k] = v[i] BETTER m[k] ? v[i] : m[k];                                                 \
            nan[k] |= v[i] != v[i];                                                                \
        }                                                                                          \
        for (size_t k = 0; k < LANES; k++) {                                                       \
            b = m[k] BETTER b ? m[k] : b;                                                          \
            b = nan[k] ? (T)NAN : b;                                                               \
        }                                                                                          \
        *(T *)best = b;                                                                            \
    }
#define EXTREMES(NAME, BETTER)                                                                     \
    EXTREME(NAME, u1, BETTER) EXTREME(NAME, u2, BETTER) EXTREME(NAME, u4, BETTER)                  \
    EXTREME(NAME, u8, BETTER) EXTREME(NAME, i1, BETTER) EXTREME(NAME, i2, BETTER)                  \
    EXTREME(NAME, i4, BETTER) EXTREME(NAME, i8, BETTER)                                            \
    EXTREME_FLOAT(NAME, f4, uint32_t, BETTER) EXTREME_FLOAT(NAME, f8, uint64_t, BETTER)
EXTREMES(min, <)
EXTREMES(max, >)

typedef void extreme_fn(void *best, const void *p, size_t n);

void lunq_row_min(void *lo, const void *p, enum lunq_dtype t, size_t n)
{
    static extreme_fn *const fn[LUNQ_DTYPES] = {min_u1, min_u2, min_u4, min_u8, min_i1,
                                                min_i2, min_i4, min_i8, min_f4, min_f8};
    fn[t](lo, p, n);
}

void lunq_row_max(void *hi, const void *p, enum lunq_dtype t, size_t n)
{
    static extreme_fn *const fn[LUNQ_DTYPES] = {max_u1, max_u2, max_u4, max_u8, max_i1,
                                                max_i2, max_i4, max_i8, max_f4, max_f8};
    fn[t](hi, p, n);
}

/* ---- comparison ---------------------------------------------------------------------------- */

/* Blocks without an early exit inside, which vectorise; the block that differs is searched. */
#define DIFFER(NAME, T, DIFFERS)                                                                   \
    WIDE static size_t NAME##_##T(const void *ap, const void *bp, size_t n, double tol)            \
    {                                                                                              \
        const T *a = ap, *b = bp;                                                                  \
        size_t i = 0;                                                                              \
        for (; n - i >= 64; i += 64) {                                                             \
            unsigned any = 0;                                                                      \
            for (size_t k = i; k < i + 64; k++)                                                    \
                any |= (unsigned)(DIFFERS(a[k], b[k], tol));                                       \
            if (any)                                                                               \
                break;                                                                             \
        }                                                                                          \
        while (i < n && !(DIFFERS(a[i], b[i], tol)))                                               \
            i++;                                                                                   \
        return i;                                                                                  \
    }
#define UNEQUAL(a, b, tol) ((a) != (b))
#define FAR(a, b, tol) (!(fabs((double)(a) - (double)(b)) <= (tol)) & ((a) != (b)))
/* Exact distance of two 64-bit integers: a double would round both first. */
#define FAR_U8(a, b, tol) ((double)((a) > (b) ? (a) - (b) : (b) - (a)) > (tol))
#define FAR_I8(a, b, tol)                                                                          \
    ((double)((a) > (b) ? (uint64_t)(a) - (uint64_t)(b) : (uint64_t)(b) - (uint64_t)(a)) > (tol))
DIFFER(unequal, u1, UNEQUAL)
DIFFER(unequal, u2, UNEQUAL)
DIFFER(unequal, u4, UNEQUAL)
DIFFER(unequal, u8, UNEQUAL)
DIFFER(unequal, f4, UNEQUAL)
DIFFER(unequal, f8, UNEQUAL)
DIFFER(far, u1, FAR)
DIFFER(far, u2, FAR)
DIFFER(far, u4, FAR)
DIFFER(far, u8, FAR_U8)
DIFFER(far, i1, FAR)
DIFFER(far, i2, FAR)
DIFFER(far, i4, FAR)
DIFFER(far, i8, FAR_I8)
DIFFER(far, f4, FAR)
DIFFER(far, f8, FAR)

typedef size_t differ_fn(const void *a, const void *b, size_t n, double tol);

size_t lunq_row_differ(const void *a, const void *b, enum lunq_dtype t, size_t n, double tol)
{
    static differ_fn *const exact[LUNQ_DTYPES] = BY_TYPE(unequal);
    static differ_fn *const near[LUNQ_DTYPES] = {far_u1, far_u2, far_u4, far_u8, far_i1,
                                                 far_i2, far_i4, far_i8, far_f4, far_f8};
    return (tol == 0 ? exact : near)[t](a, b, n, tol);
}
