/* burst.h - a burst of AXI: where its beats are (IHI 0022, A3.4.1). */
#ifndef LUNQ_RTL_BURST_H
#define LUNQ_RTL_BURST_H

#include <stdbool.h>
#include <stdint.h>

enum { RTL_FIXED, RTL_INCR, RTL_WRAP }; /* AxBURST */

struct rtl_burst {
    uint64_t address, id;
    uint32_t last, beat; /* number of the last beat, and of the next */
    uint32_t size, type; /* log2 of the bytes of a beat */
    bool exclusive;
    uint8_t cache, prot; /* AxCACHE, AxPROT: as they were asked for */
};

/* Its beats may become others on the way (A4.4). */
static inline bool rtl_is_modifiable(const struct rtl_burst *b)
{
    return b->cache >> 1 & 1;
}

/* Of a beat; all but the first of INCR are aligned to its size. */
static inline uint64_t rtl_beat_address(const struct rtl_burst *b, uint32_t beat)
{
    uint64_t size = UINT64_C(1) << b->size, whole, low;
    if (b->type == RTL_FIXED || beat == 0)
        return b->address;
    if (b->type != RTL_WRAP)
        return (b->address & ~(size - 1)) + beat * size;
    whole = size * (b->last + 1);
    low = b->address & ~(whole - 1);
    return low + ((b->address - low + beat * size) & (whole - 1));
}

/* The aligned block of bytes a beat is in. */
static inline uint64_t rtl_beat_block(const struct rtl_burst *b, uint32_t beat)
{
    return rtl_beat_address(b, beat) & ~((UINT64_C(1) << b->size) - 1);
}

#endif
