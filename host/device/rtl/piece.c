/* piece.c - see piece.h. */
#include "piece.h"

static uint32_t widest(const struct rtl_bus *bus)
{
    return (uint32_t)__builtin_ctz(bus->bytes);
}

static bool has(const struct rtl_bus *bus, const struct rtl_transfer *t, enum rtl_signal k)
{
    return bus->s[rtl_signal_for(k, t->write)].at;
}

/* Whether the port can take it as it is. */
static bool fits(const struct rtl_bus *bus, const struct rtl_transfer *t)
{
    const struct rtl_burst *b = &t->burst;
    if (b->last == 0 || b->size > widest(bus))
        return b->size <= widest(bus);
    return rtl_has_bursts(bus, t->write) && (b->size == widest(bus) || has(bus, t, AWSIZE)) &&
           (b->type == RTL_INCR || has(bus, t, AWBURST));
}

/* Whether its beats go as whole words of the bus. */
static bool packs(const struct rtl_bus *bus, const struct rtl_transfer *t)
{
    const struct rtl_burst *b = &t->burst;
    return rtl_is_modifiable(b) && !b->exclusive && b->type == RTL_INCR && b->last > 0 &&
           b->size < widest(bus) && rtl_has_bursts(bus, t->write);
}

static void pack(const struct rtl_bus *bus, struct rtl_transfer *t, struct rtl_piece *p)
{
    const struct rtl_burst *b = &t->burst;
    uint64_t block = rtl_beat_block(b, 0), first = block & ~(uint64_t)(bus->bytes - 1);
    p->burst.size = widest(bus);
    p->burst.last = (uint32_t)((block + rtl_transfer_size(t) - 1 - first) >> widest(bus));
    p->offset = -(int64_t)(block - first);
    t->cut = true;
}

/* How many words of the bus can go in one burst from data offset `at`, address `addr` on. */
static uint32_t words(const struct rtl_bus *bus, const struct rtl_transfer *t, uint32_t at,
                      uint64_t addr)
{
    uint32_t left = (rtl_transfer_size(t) - at) >> widest(bus),
             page = (4096 - (uint32_t)(addr & 4095)) >> widest(bus);
    if (t->burst.type != RTL_INCR || t->burst.size <= widest(bus) || !rtl_has_bursts(bus, t->write))
        return 1;
    left = left < page ? left : page;
    return left < RTL_MOST_BEATS ? left : RTL_MOST_BEATS;
}

/* The next piece of a transfer that doesn't fit. */
static void cut(const struct rtl_bus *bus, struct rtl_transfer *t, struct rtl_piece *p)
{
    struct rtl_burst *b = &t->burst;
    uint32_t size = b->size < widest(bus) ? b->size : widest(bus), step = 1u << size, n, at;
    uint64_t address = rtl_beat_address(b, b->beat), block = rtl_beat_block(b, b->beat), word;
    if (t->word == 0) /* what lies before an address that is not aligned is left out */
        t->word = (uint32_t)(address - block) & ~(step - 1);
    word = block + t->word;
    at = (b->beat << b->size) + t->word;
    n = words(bus, t, at, word);
    p->burst = (struct rtl_burst){.address = word > address ? word : address,
                                  .id = b->id,
                                  .last = n - 1,
                                  .size = size,
                                  .type = RTL_INCR,
                                  .cache = b->cache,
                                  .prot = b->prot};
    p->offset = at;
    at += n << size;
    b->beat = at >> b->size;
    t->word = at & ((1u << b->size) - 1);
    t->cut = b->beat > b->last;
}

void rtl_piece_cut(struct rtl_piece *p, const struct rtl_bus *bus, struct rtl_transfer *t)
{
    *p = (struct rtl_piece){.burst = t->burst, .transfer = t};
    if (packs(bus, t))
        pack(bus, t, p);
    else if (t->burst.beat == 0 && t->word == 0 && fits(bus, t))
        t->cut = true;
    else
        cut(bus, t, p);
}

struct rtl_part rtl_piece_part(const struct rtl_piece *p, const struct rtl_bus *bus)
{
    const struct rtl_burst *b = &p->burst;
    uint64_t block = rtl_beat_block(b, b->beat);
    int64_t n = INT64_C(1) << b->size, at = p->offset + b->beat * n, end = at + n,
            most = rtl_transfer_size(p->transfer), from = at < 0 ? 0 : at;
    return (struct rtl_part){.at = (uint32_t)from,
                             .n = (uint32_t)((end < most ? end : most) - from),
                             .lane =
                                 (unsigned)((block & (bus->bytes - 1)) + (uint64_t)(from - at))};
}
