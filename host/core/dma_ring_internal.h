/* dma_ring_internal.h - what dma_ring.c and dma_ring_wait.c share; nobody else includes it. */
#ifndef LUNQ_DMA_RING_INTERNAL_H
#define LUNQ_DMA_RING_INTERNAL_H

#include "dma_internal.h"
#include "dma_ring.h"

struct lunq_dma_ring {
    struct lunq_dma *dma; /* NULL: over */
    struct dma_channel *ch;
    struct lunq_mem *mem;
    const char *why; /* it is over */
    size_t count, bytes, stride;
    size_t first;    /* the oldest block of the engine, or the one to come */
    size_t engines;  /* blocks of the engine, complete ones too */
    bool out;        /* the host has one */
    bool in_packet;  /* sending: the last block had no TLAST */
    bool waiting;    /* a wait has begun, and was counted */
    unsigned silent; /* blocks no interrupt told of, in a row */
    struct lunq_dma_ring_stats stats;
};

static inline bool dma_ring_sends(const struct lunq_dma_ring *r)
{
    return r->ch->dir == LUNQ_MM2S;
}

/* dma_ring.c. 0, or LUNQ_RUNTIME: the ring is over. */
int dma_ring_alive(struct lunq_dma_ring *r, struct lunq_error *err);
/* LUNQ_RUNTIME: the host has a block. */
int dma_ring_none_out(const struct lunq_dma_ring *r, struct lunq_error *err);
/* 1 or 0: there is an empty block to fill, all has been sent, a block has come; or an error. */
int dma_ring_room(struct lunq_dma_ring *r, struct lunq_error *err);
int dma_ring_sent(struct lunq_dma_ring *r, struct lunq_error *err);
int dma_ring_received(struct lunq_dma_ring *r, struct lunq_error *err);

#endif
