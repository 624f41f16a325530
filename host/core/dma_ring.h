/* dma_ring.h - a ring of blocks on a channel of an AXI DMA, for streams that go on.
 * Needs scatter-gather. Each block has a descriptor; the descriptors form a circle, and TAILDESC is
 * moved only when the host is done with a block. So the engine never writes a block the host has not
 * given back: when all are full it stops, and TREADY low holds the stream (nothing is lost as long
 * as the source can wait). Simple mode can't do that: between two transfers nobody listens.
 *
 * A block belongs to the engine or to the host. take waits for the next one that is the host's (full
 * when receiving, empty when sending), give hands it over. One block is out at a time, in order. */
#ifndef LUNQ_DMA_RING_H
#define LUNQ_DMA_RING_H

#include "dma.h"

struct lunq_dma_ring;

struct lunq_dma_ring_options {
    size_t count, bytes; /* blocks, and how much each holds */
    bool cacheable;      /* memory the host reads faster; the ring does the syncs */
};

/* Opens a ring on a channel that is halted and has no transfer; a receiving one starts at once.
 * LUNQ_UNSUPPORTED: no scatter-gather; LUNQ_VALUE: fewer than two blocks, more bytes than a
 * descriptor can say, no multiple of the alignment; LUNQ_RUNTIME as for lunq_dma_transfer. */
int lunq_dma_ring_open(struct lunq_dma_ring **out, struct lunq_dma *dma, enum lunq_dma_dir dir,
                       const struct lunq_dma_ring_options *o, struct lunq_error *err);
/* Ends it: the channel is halted. What was not sent or not taken is dropped. Where only a reset halts
 * the channel and the other one is at work, the memory stays held until that is over. NULL is
 * allowed. */
void lunq_dma_ring_close(struct lunq_dma_ring *ring);

struct lunq_dma_block {
    size_t index;
    size_t offset; /* in lunq_dma_ring_memory */
    size_t n;      /* bytes received; when sending, room */
    bool last;     /* received: the packet ended here (TLAST) */
};

/* Waits for the next block of the host and takes it. LUNQ_TIMEOUT and LUNQ_RUNTIME explain themselves;
 * what was complete before an error comes first. */
int lunq_dma_ring_take(struct lunq_dma_ring *ring, double seconds, struct lunq_dma_block *b,
                       struct lunq_error *err);
/* The same without waiting: 1, or 0 when there is none. */
int lunq_dma_ring_take_now(struct lunq_dma_ring *ring, struct lunq_dma_block *b,
                           struct lunq_error *err);
/* Gives the block that was taken to the engine: to be filled again or, sending, to send its first n
 * bytes; last: with TLAST on the last of them. */
int lunq_dma_ring_give(struct lunq_dma_ring *ring, size_t n, bool last, struct lunq_error *err);
/* Waits until all that was given has been sent. */
int lunq_dma_ring_flush(struct lunq_dma_ring *ring, double seconds, struct lunq_error *err);

/* One look of such waits, as lunq_dma_wait_look; between them the channel is watched
 * (lunq_dma_watch, lunq_dma_event). 1: take_now would give a block; 1: all is sent. */
int lunq_dma_ring_take_look(struct lunq_dma_ring *ring, const double *late, struct lunq_error *err);
int lunq_dma_ring_flush_look(struct lunq_dma_ring *ring, const double *late,
                             struct lunq_error *err);
/* Waits for such a look to be 1. */
int lunq_dma_ring_wait(struct lunq_dma_ring *ring, bool flush, double seconds,
                       struct lunq_error *err);

/* All blocks; they lie `stride` bytes apart. */
struct lunq_mem *lunq_dma_ring_memory(struct lunq_dma_ring *ring);

struct lunq_dma_ring_stats {
    uint64_t blocks, bytes, packets; /* taken, or sent: those the engine is done with */
    uint64_t stalls;   /* times the engine stood still: all blocks full, or none to send */
    uint64_t waits;    /* times the host had to wait for a block */
    uint64_t overruns; /* blocks written over before they were taken: 0, as the above says */
    size_t count, size, ready; /* blocks, bytes in each, and how many take would give at once */
};
void lunq_dma_ring_stats(struct lunq_dma_ring *ring, struct lunq_dma_ring_stats *s);

#endif
