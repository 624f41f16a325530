/* packets.h - a FIFO of stream packets, as block RAM holds them: whole words, TLAST with the last. */
#ifndef LUNQ_SIM_PACKETS_H
#define LUNQ_SIM_PACKETS_H

#include "../../../core/axis.h"

/* A packet, or a part of one: what is beside the data is the same in all of it. */
struct packet {
    size_t bytes;
    bool closed; /* its TLAST is in */
    bool part;   /* it goes on in the next one */
    struct lunq_axis_side side;
};

struct packets {
    uint8_t *data; /* ring of `room` bytes */
    size_t room, head, used;
    size_t word;         /* bytes per beat */
    struct packet *list; /* ring of at most `max` packets, from `first` on */
    size_t n, first, max;
};

bool packets_init(struct packets *f, size_t word, size_t words); /* false: no memory */
void packets_free(struct packets *f);
void packets_clear(struct packets *f);
struct packet *packets_at(const struct packets *f, size_t k);
/* Bytes in use, every packet rounded up to whole words. */
size_t packets_occupied(const struct packets *f);
/* Adds what fits of n bytes to the packet under way and closes it with `last` when all fit. */
size_t packets_put(struct packets *f, const uint8_t *data, size_t n, bool last);
size_t packets_put_side(struct packets *f, const uint8_t *data, size_t n, bool last,
                        const struct lunq_axis_side *side);
bool packets_is_whole(const struct packets *f); /* the TLAST of the first is in */
/* The bytes at the head that lie in one piece, of the first packet; 0 when there are none. */
size_t packets_head(const struct packets *f, const uint8_t **data, bool *last);
/* Takes n bytes (at most what packets_head gave); a closed packet that is empty goes. */
void packets_take(struct packets *f, size_t n);

#endif
