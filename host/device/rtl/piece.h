/* piece.h - what goes over a slave port of a transfer at once. As protocol and width converters of an
 * interconnect do it (IHI 0022, A3.4 and A4.4), what the port can't take as it is, because its bus is
 * narrower or has no bursts, is cut into pieces; beats narrower than the bus are packed into whole words
 * where their master allows that. */
#ifndef LUNQ_RTL_PIECE_H
#define LUNQ_RTL_PIECE_H

#include "transfer.h"

/* A burst as it is on the pins. */
struct rtl_piece {
    struct rtl_burst burst;
    struct rtl_transfer *transfer;
    int64_t
        offset; /* of the block of its first beat in the data of the transfer, which may begin later */
    uint64_t from, w;    /* cycles from which on its address and its data are shown */
    bool accepted, sent; /* its address; all of its data */
};

/* The next one of a transfer that has some left; t->cut: it was the last. */
void rtl_piece_cut(struct rtl_piece *p, const struct rtl_bus *bus, struct rtl_transfer *t);

/* What its beat has of the data of the transfer. */
struct rtl_part {
    uint32_t at, n; /* bytes of the data */
    unsigned lane;  /* where the first of them is */
};
struct rtl_part rtl_piece_part(const struct rtl_piece *p, const struct rtl_bus *bus);

/* Of a signal of AW the one for this direction: both address channels are in the same order. */
static inline enum rtl_signal rtl_signal_for(enum rtl_signal k, bool write)
{
    return write ? k : (enum rtl_signal)(k + (ARADDR - AWADDR));
}
/* Most beats of a burst there: AxLEN of AXI3 has four bits. */
static inline uint32_t rtl_most_beats(const struct rtl_bus *bus, bool write)
{
    const struct rtl_pin *len = &bus->s[rtl_signal_for(AWLEN, write)];
    if (bus->kind != RTL_FULL_SLAVE || !len->at)
        return 1;
    return len->width < 8 ? 1u << len->width : RTL_MOST_BEATS;
}

#endif
