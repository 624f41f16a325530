#include "dtype.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *bits, *spelled;
    uint8_t size;
} types[LUNQ_DTYPES] = {
    [LUNQ_U1] = {"u1", NULL, "uint8", 1},    [LUNQ_U2] = {"u2", "u16", "uint16", 2},
    [LUNQ_U4] = {"u4", "u32", "uint32", 4},  [LUNQ_U8] = {"u8", "u64", "uint64", 8},
    [LUNQ_I1] = {"i1", NULL, "int8", 1},     [LUNQ_I2] = {"i2", "i16", "int16", 2},
    [LUNQ_I4] = {"i4", "i32", "int32", 4},   [LUNQ_I8] = {"i8", "i64", "int64", 8},
    [LUNQ_F4] = {"f4", "f32", "float32", 4}, [LUNQ_F8] = {"f8", "f64", "float64", 8},
};

int lunq_dtype_from(enum lunq_dtype *out, const char *name, struct lunq_error *err)
{
    /* "<" little endian and "=" native are what we have; "|" stands before single bytes. */
    const char *s = *name && strchr("<=|", *name) ? name + 1 : name;
    for (int t = 0; t < LUNQ_DTYPES; t++) {
        if (!strcmp(s, types[t].name) || !strcmp(s, types[t].spelled) ||
            (types[t].bits && !strcmp(s, types[t].bits))) {
            *out = (enum lunq_dtype)t;
            return 0;
        }
    }
    if (!strcmp(s, "float") || !strcmp(s, "double")) {
        *out = *s == 'f' ? LUNQ_F4 : LUNQ_F8;
        return 0;
    }
    return lunq_fail(
        err, LUNQ_TYPE,
        "data type '%.40s' not understood (there are u1 u2 u4 u8 i1 i2 i4 i8 f4 f8, the "
        "digit counting bytes, and names such as uint32, int16, float32, u32, f64)",
        name);
}

const char *lunq_dtype_name(enum lunq_dtype t)
{
    return types[t].name;
}

size_t lunq_dtype_size(enum lunq_dtype t)
{
    return types[t].size;
}

enum lunq_dtype lunq_dtype_common(enum lunq_dtype a, enum lunq_dtype b)
{
    enum lunq_dtype hi = a > b ? a : b, lo = a > b ? b : a;
    if (lunq_dtype_is_float(hi))
        return lo == LUNQ_F4 || hi == LUNQ_F8 || types[lo].size < 4 ? hi : LUNQ_F8;
    if (lunq_dtype_is_signed(lo) == lunq_dtype_is_signed(hi) || types[hi].size > types[lo].size)
        return hi;
    /* lo is unsigned and at least as wide: the next wider signed type holds both. */
    return lo == LUNQ_U8 ? LUNQ_F8 : (enum lunq_dtype)(lo - LUNQ_U1 + LUNQ_I1 + 1);
}

enum lunq_dtype lunq_dtype_with_scalar(enum lunq_dtype a, struct lunq_scalar s)
{
    return s.is_float && !lunq_dtype_is_float(a) ? LUNQ_F8 : a;
}

int64_t lunq_truncate(double v)
{
    double r;
    if (v >= -LUNQ_2_63 && v < LUNQ_2_63)
        return (int64_t)v;
    if (!isfinite(v))
        return 0;
    r = fmod(v, LUNQ_2_64); /* exact; |v| >= 2^63, so that there is no fraction left to drop */
    return (int64_t)(uint64_t)(r < 0 ? r + LUNQ_2_64 : r);
}

int lunq_store(void *p, enum lunq_dtype t, struct lunq_scalar s, struct lunq_error *err)
{
    float f;
    double d;
    int64_t i;
    if (lunq_dtype_is_float(t)) {
        d = s.is_float ? s.f : (double)s.i;
        f = s.is_float ? (float)s.f : (float)s.i; /* one rounding from the integer, not two */
        if (t == LUNQ_F4)
            memcpy(p, &f, sizeof f);
        else
            memcpy(p, &d, sizeof d);
        return 0;
    }
    if (s.is_float && !isfinite(s.f))
        return lunq_fail(err, LUNQ_VALUE, "cannot convert float %s to integer",
                         isnan(s.f) ? "NaN" : "infinity");
    i = s.is_float ? lunq_truncate(s.f) : s.i;
    switch (types[t].size) {
    case 1: memcpy(p, &(uint8_t){(uint8_t)i}, 1); break;
    case 2: memcpy(p, &(uint16_t){(uint16_t)i}, 2); break;
    case 4: memcpy(p, &(uint32_t){(uint32_t)i}, 4); break;
    default: memcpy(p, &i, 8); break;
    }
    return 0;
}

#define LOAD(TYPE, MAKE)                                                                           \
    {                                                                                              \
        TYPE v;                                                                                    \
        memcpy(&v, p, sizeof v);                                                                   \
        return MAKE(v);                                                                            \
    }

struct lunq_scalar lunq_load(const void *p, enum lunq_dtype t)
{
    switch (t) {
    case LUNQ_U1: LOAD(uint8_t, lunq_int)
    case LUNQ_U2: LOAD(uint16_t, lunq_int)
    case LUNQ_U4: LOAD(uint32_t, lunq_int)
    case LUNQ_I1: LOAD(int8_t, lunq_int)
    case LUNQ_I2: LOAD(int16_t, lunq_int)
    case LUNQ_I4: LOAD(int32_t, lunq_int)
    case LUNQ_F4: LOAD(float, lunq_float)
    case LUNQ_F8: LOAD(double, lunq_float)
    default: LOAD(int64_t, lunq_int) /* u8 and i8 */
    }
}
