/* transfer.h - a burst with its data on the way to a slave port of the RTL: from the host, from a model
 * or from a master port of RTL. Who made it and the port that carries it out both hold it. */
#ifndef LUNQ_RTL_TRANSFER_H
#define LUNQ_RTL_TRANSFER_H

#include "axil.h"
#include "burst.h"

#define RTL_MOST_BEATS 256u

struct rtl_transfer {
    struct rtl_burst burst; /* as it was asked for; its beat is the next to be cut off */
    bool write, done;
    uint8_t *data;                     /* block of beat k (rtl_beat_block) at k << size */
    uint8_t *strobes;                  /* of a write: 1 for each byte of data that counts */
    uint32_t got;                      /* of a read: so many bytes of data are there */
    uint32_t word;                     /* of that beat: bytes that are cut off */
    uint32_t out;                      /* pieces at the port without an answer */
    uint8_t responses[RTL_MOST_BEATS]; /* of a read: enum rtl_response, beat by beat */
    enum rtl_response response;        /* the worst */
    bool cut;                          /* all of it is at the port, or was */
    unsigned refs;
    struct rtl_transfer *next; /* in its queue */
};

/* One reference; all zero, no strobe set. NULL: no memory. */
struct rtl_transfer *rtl_transfer_new(const struct rtl_burst *b, bool write);
void rtl_transfer_unref(struct rtl_transfer *t); /* NULL is allowed */
/* Bytes of its data. */
static inline uint32_t rtl_transfer_size(const struct rtl_transfer *t)
{
    return (t->burst.last + 1) << t->burst.size;
}
/* It is over, with this answer for all that has none. */
void rtl_transfer_end(struct rtl_transfer *t, enum rtl_response r);

#endif
