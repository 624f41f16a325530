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
    return b->last < rtl_most_beats(bus, t->write) &&
           (b->size == widest(bus) || has(bus, t, AWSIZE)) &&
           (b->type == RTL_INCR || has(bus, t, AWBURST));
}

/* The last beat where its beats go as whole words of the bus. */
static uint32_t last_word(const struct rtl_bus *bus, const struct rtl_transfer *t)
{
    uint64_t block = rtl_beat_block(&t->burst, 0);
    return (uint32_t)(((block & (bus->bytes - 1)) + rtl_transfer_size(t) - 1) >> widest(bus));
}

/* Whether they do. */
static bool packs(const struct rtl_bus *bus, const struct rtl_transfer *t)
{
    const struct rtl_burst *b = &t->burst;
    uint32_t most = rtl_most_beats(bus, t->write);
    return rtl_is_modifiable(b) && !b->exclusive && b->type == RTL_INCR && b->last > 0 &&
           b->size < widest(bus) && most > 1 && last_word(bus, t) < most;
}

static void pack(const struct rtl_bus *bus, struct rtl_transfer *t, struct rtl_piece *p)
{
    p->burst.size = widest(bus);
    p->burst.last = last_word(bus, t);
    p->offset = -(int64_t)(rtl_beat_block(&t->burst, 0) & (bus->bytes - 1));
    t->cut = true;
}

/* How many beats of this size can go in one burst from data offset `at`, address `addr` on. */
static uint32_t beats(const struct rtl_bus *bus, const struct rtl_transfer *t, uint32_t size,
                      uint32_t at, uint64_t addr)
{
    uint32_t left = (rtl_transfer_size(t) - at) >> size,
             page = (4096 - (uint32_t)(addr & 4095)) >> size, most = rtl_most_beats(bus, t->write);
    if (t->burst.type != RTL_INCR || (size < widest(bus) && !has(bus, t, AWSIZE)))
        return 1;
    left = left < page ? left : page;
    return left < most ? left : most;
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
    n = beats(bus, t, size, at, word);
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
