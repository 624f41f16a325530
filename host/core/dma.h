/* dma.h - the engine for an AXI DMA 7.1: simple, scatter-gather and cyclic transfers.
 * Registers and rules: registers.md section 5 (PG021, embeddedsw). The engine programs only
 * addresses inside live memory, holds that memory until the transfer ends, and explains every
 * failure: both channels' status decoded, bytes moved, what to look at.
 *
 * Life of a transfer: lunq_dma_transfer starts it, lunq_dma_wait (or poll) ends it. After a
 * time-out it is still under way: wait again, or reset. After an error both channels' registers
 * keep the error until lunq_dma_reset, and so does the engine keep its hold on the memory. */
#ifndef LUNQ_DMA_H
#define LUNQ_DMA_H

#include "memory.h"
#include "mmio.h"

enum lunq_dma_dir { LUNQ_MM2S, LUNQ_S2MM };

/* What the design's parameters say; by direction where it stands twice. */
struct lunq_dma_params {
    bool include[2];        /* C_INCLUDE_MM2S, C_INCLUDE_S2MM; 1 when not said */
    bool sg, micro;         /* C_INCLUDE_SG, C_MICRO_DMA; 0 when not said */
    bool dre[2];            /* C_INCLUDE_*_DRE: unaligned addresses allowed */
    unsigned length_width;  /* C_SG_LENGTH_WIDTH, bits; 26 when not said */
    unsigned addr_width;    /* C_ADDR_WIDTH, bits; 32 when not said */
    unsigned data_bytes[2]; /* C_M_AXI_*_DATA_WIDTH / 8; 4 when not said */
    unsigned align[2];      /* what a start address is a multiple of without DRE: the wider one of
                             * memory and stream side */
    unsigned burst[2];      /* C_*_BURST_SIZE, beats; 16 when not said */
    bool irq[2];            /* mm2s_introut, s2mm_introut lead somewhere: enable IOC and Err.
                             * Not a parameter: the caller sets it. lunq_dma_wire says where to */
};

/* One parameter as a number, in whichever case the design spells its name. */
typedef int64_t lunq_dma_get_param(void *ctx, const char *name, int64_t otherwise);

/* Reads them through `get`. LUNQ_UNSUPPORTED: micro and scatter-gather together; LUNQ_VALUE: a
 * width no such core can have. */
int lunq_dma_params_read(struct lunq_dma_params *p, lunq_dma_get_param *get, void *ctx,
                         struct lunq_error *err);
/* The same from a module of a design. */
int lunq_dma_params_from(struct lunq_dma_params *p, const struct lunq_module *m,
                         struct lunq_error *err);

struct lunq_dma;
struct lunq_event;

/* Opens an engine on its registers (the caller keeps `regs` open as long). Simple channels are
 * started, scatter-gather ones stopped, as PYNQ does; an engine found halted on an old error is
 * reset. `name` stands in messages. */
int lunq_dma_open(struct lunq_dma **out, struct lunq_mmio *regs, const char *name,
                  const struct lunq_dma_params *params, struct lunq_error *err);
/* Stops the channels (resets the engine when a transfer is still running) and releases memory.
 * NULL is allowed. */
void lunq_dma_close(struct lunq_dma *dma);

/* One transfer from or to bytes [off, off+n) of mem. Checked, in this order, before any register
 * is written: channel state (LUNQ_RUNTIME), range inside the memory and n > 0 (LUNQ_VALUE), n
 * against the length register (LUNQ_VALUE, simple mode), alignment without DRE (LUNQ_RUNTIME),
 * address width (LUNQ_VALUE). The range is synced to the device first. cyclic: the transfer
 * repeats until lunq_dma_stop; MM2S with scatter-gather only (LUNQ_RUNTIME). */
int lunq_dma_transfer(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_mem *mem, size_t off,
                      size_t n, bool cyclic, struct lunq_error *err);

/* Waits until the transfer is done; seconds < 0: no limit. S2MM then syncs what was received. It
 * looks for as long as a short transfer takes, then it sleeps until the interrupt, where the channel
 * has one (lunq_dma_wire). LUNQ_TIMEOUT, LUNQ_RUNTIME with an explanation; "nothing to wait for" is
 * LUNQ_RUNTIME; what the bus and the interrupt controllers say. */
int lunq_dma_wait(struct lunq_dma *dma, enum lunq_dma_dir dir, double seconds,
                  struct lunq_error *err);

/* The same for whoever has an event loop: a lunq_waiter (loop.h) whose look is lunq_dma_wait_look
 * and whose event is lunq_dma_event, between lunq_dma_watch on and off. */
struct lunq_dma_pending { /* zero before the first look */
    uint64_t order;       /* which transfer it waits for: another one may be started meanwhile */
    uint64_t bytes;       /* moved by it, once it is done */
};
/* One look: 1 done, 0 not yet, <0 as lunq_dma_wait. late: the limit of so many seconds is over, and
 * a transfer under way is LUNQ_TIMEOUT. Work that is done although no interrupt came is done then,
 * with a warning. */
int lunq_dma_wait_look(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_pending *p,
                       const double *late, struct lunq_error *err);
/* Who waited has the result: the transfer was waited for. (One who is stopped between the last look and
 * this leaves it to the next.) */
void lunq_dma_wait_end(struct lunq_dma *dma, enum lunq_dma_dir dir,
                       const struct lunq_dma_pending *p);
/* Says when a wait should look; NULL: nothing does, it looks again and again. */
struct lunq_event *lunq_dma_event(struct lunq_dma *dma, enum lunq_dma_dir dir);
/* A wait of a channel begins (on), with a look due right after, and is over. While any is under way
 * the interrupt is enabled in DMACR, in the controllers and at the processor; then all of that is as
 * it was. What fails there the next look tells. An engine that is closed meanwhile sets the event and
 * lives until the last wait is over. */
void lunq_dma_watch(struct lunq_dma *dma, enum lunq_dma_dir dir, bool on);
/* Where the interrupt output of a channel is wired, as lunq_irq_open_at has it; controller NULL: the
 * loaded design knows the pin by this name. Without it waits look again and again. LUNQ_MEMORY. */
int lunq_dma_wire(struct lunq_dma *dma, enum lunq_dma_dir dir, const char *pin,
                  const char *controller, unsigned index, int raw_irq, struct lunq_error *err);
/* Interrupt coalescing, scatter-gather only, from the next transfer on: one interrupt for `threshold`
 * packets (1 to 255), or when `delay` x C_DLYTMR_RESOLUTION (125) clock cycles have passed since the
 * last one (0 to 255, 0: never). LUNQ_VALUE: a threshold above 1 without the delay would never tell of
 * the last packets. */
int lunq_dma_coalesce(struct lunq_dma *dma, enum lunq_dma_dir dir, unsigned threshold,
                      unsigned delay, struct lunq_error *err);

/* Checks once: 1 done (also when it was done already), 0 not yet, <0 as lunq_dma_wait. */
int lunq_dma_poll(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);

/* Start and stop a channel and wait (at most a second) until the hardware has followed. A stopped
 * channel touches no memory, so stop releases it; LUNQ_TIMEOUT: it does not halt, memory stays
 * held. A cyclic transfer that only a reset ends is reset, unless that would break a transfer of
 * the other channel (LUNQ_RUNTIME). */
int lunq_dma_start(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);
int lunq_dma_stop(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);
/* Resets the whole engine: a transfer of either channel is over, its memory released, its data
 * undefined. Simple channels start again. LUNQ_TIMEOUT: the reset bit stays; memory stays held. */
int lunq_dma_reset(struct lunq_dma *dma, struct lunq_error *err);
/* Before the design is replaced: ends transfers under way with a reset, does nothing when there are
 * none. Errors as lunq_dma_reset. */
int lunq_dma_release(struct lunq_dma *dma, struct lunq_error *err);

struct lunq_dma_status {
    bool running, halted, idle, error;
    bool busy; /* a transfer of ours is under way or has failed: its memory is held */
    uint32_t control, status; /* DMACR, DMASR */
    uint64_t transferred;     /* bytes of the last finished transfer */
    uint64_t max;             /* largest simple transfer, bytes */
};
/* Reads both registers of a channel. LUNQ_UNSUPPORTED: the channel is not included. */
int lunq_dma_status(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_status *s,
                    struct lunq_error *err);
/* How far a channel is, for people who watch it. Reads DMASR and, with scatter-gather, descriptors:
 * nothing changes by that. */
struct lunq_dma_progress {
    /* error; halted, ready (started, and none yet), idle; busy, done (nobody has waited for it yet),
     * cyclic, ring: a transfer is under way */
    const char *state;
    uint64_t of, done; /* of the one under way: its bytes, and those moved, 0 where only the
                                * end tells; of a ring: its blocks, and those full */
    uint64_t total,
        transfers; /* bytes of all that ended well, blocks of rings too; how many ended */
};
int lunq_dma_progress(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_progress *p,
                      struct lunq_error *err);
/* Bytes of the last finished transfer, and the largest simple transfer, of a channel. */
uint64_t lunq_dma_transferred(const struct lunq_dma *dma, enum lunq_dma_dir dir);
uint64_t lunq_dma_max(const struct lunq_dma *dma, enum lunq_dma_dir dir);
const struct lunq_dma_params *lunq_dma_params(const struct lunq_dma *dma);

/* The lines an error carries: both channels' registers decoded bit by bit, bytes moved, and one
 * sentence on the likely cause when something is wrong. Returns buf. */
const char *lunq_dma_explain(struct lunq_dma *dma, char *buf, size_t size);

#endif
