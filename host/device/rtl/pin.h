/* pin.h - one pin of a compiled model, read and written where the model keeps it. */
#ifndef LUNQ_RTL_PIN_H
#define LUNQ_RTL_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "rtl_model.h"

struct rtl_pin {
    uint8_t *at;       /* its storage in an instance; NULL: the RTL has no such pin */
    const char *name;  /* as in the source; NULL: no such pin */
    uint32_t index;    /* in the table of the model */
    uint32_t width;    /* bits */
    uint8_t bytes;     /* of the storage, as in struct lunq_rtl_pin */
    uint8_t direction; /* enum lunq_rtl_dir */
};

static inline size_t rtl_pin_size(const struct rtl_pin *p) /* bytes of the storage */
{
    return p->bytes ? p->bytes : (p->width + 31u) / 32 * 4;
}

/* A pin of one bit, which the caller knows to be there. */
static inline bool rtl_is_high(const struct rtl_pin *p)
{
    return *p->at & 1;
}

static inline void rtl_set(const struct rtl_pin *p, bool level)
{
    *p->at = level;
}

/* The low 64 bits; `otherwise` when there is no such pin. Each size by itself: what is read in the width it was
 * written in does not wait for memory. */
static inline uint64_t rtl_get(const struct rtl_pin *p, uint64_t otherwise)
{
    uint64_t v = 0;
    size_t n;
    if (!p->at)
        return otherwise;
    switch (p->bytes) {
    case 1: return *p->at;
    case 2: memcpy(&v, p->at, 2); return v;
    case 4: memcpy(&v, p->at, 4); return v;
    case 8: memcpy(&v, p->at, 8); return v;
    }
    n = rtl_pin_size(p);
    memcpy(&v, p->at, n < 8 ? n : 8);
    return v;
}

/* Bits above the width are cut off; a pin that is not there takes nothing. */
static inline void rtl_put(const struct rtl_pin *p, uint64_t v)
{
    size_t n;
    if (!p->at)
        return;
    if (p->width < 64)
        v &= (UINT64_C(1) << p->width) - 1;
    switch (p->bytes) {
    case 1: *p->at = (uint8_t)v; return;
    case 2: memcpy(p->at, &v, 2); return;
    case 4: memcpy(p->at, &v, 4); return;
    case 8: memcpy(p->at, &v, 8); return;
    }
    n = rtl_pin_size(p);
    memcpy(p->at, &v, n < 8 ? n : 8);
    if (n > 8)
        memset(p->at + 8, 0, n - 8);
}

/* n strobes from lane `first` on, of a pin that may have 128 bits. */
static inline void rtl_put_strobes(const struct rtl_pin *p, unsigned first, unsigned n)
{
    if (!p->at)
        return;
    if (first + n < 64) {
        rtl_put(p, ((UINT64_C(1) << n) - 1) << first);
        return;
    }
    memset(p->at, 0, rtl_pin_size(p));
    for (unsigned i = first; i < first + n && i < p->width; i++)
        p->at[i / 8] |= (uint8_t)(1u << i % 8);
}

#endif
