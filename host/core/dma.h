/* dma.h - the engine for an AXI DMA 7.1: simple, scatter-gather and cyclic transfers.
 * Registers and rules: registers.md section 5 (PG021, embeddedsw). The engine programs only
 * addresses inside live memory, holds that memory until the transfer ends, and explains every
 * failure: both channels' status decoded, bytes moved, what to look at. */
#ifndef LUNQ_DMA_H
#define LUNQ_DMA_H

#include "memory.h"
#include "mmio.h"

enum lunq_dma_dir { LUNQ_MM2S, LUNQ_S2MM };

/* What the design's parameters say; see lunq_dma_params_from for their names. */
struct lunq_dma_params {
    bool include[2];       /* by direction: C_INCLUDE_MM2S, C_INCLUDE_S2MM */
    bool sg, micro;        /* C_INCLUDE_SG, C_MICRO_DMA */
    bool dre[2];           /* C_INCLUDE_*_DRE: unaligned addresses allowed */
    unsigned length_width; /* C_SG_LENGTH_WIDTH, bits; 26 when not said */
    unsigned addr_width;   /* C_ADDR_WIDTH, bits; 32 when not said */
    unsigned align[2];     /* bytes a start address must be a multiple of without DRE */
    unsigned burst[2];     /* C_*_BURST_SIZE, beats */
};

/* Reads them from a module's parameters (either case). LUNQ_UNSUPPORTED: micro and SG together. */
int lunq_dma_params_from(struct lunq_dma_params *p, const struct lunq_module *m,
                         struct lunq_error *err);

struct lunq_dma;

/* Opens an engine on its registers (the caller keeps `regs` open as long). Simple channels are
 * started, scatter-gather ones stopped, as PYNQ does. `name` stands in messages. */
int lunq_dma_open(struct lunq_dma **out, struct lunq_mmio *regs, const char *name,
                  const struct lunq_dma_params *params, struct lunq_error *err);
/* Stops the channels (resets the engine when a transfer is still running) and releases memory. */
void lunq_dma_close(struct lunq_dma *dma);

/* One transfer from or to bytes [off, off+n) of mem. Checked, in this order, before any register
 * is written: channel state (LUNQ_RUNTIME), range inside the memory and n > 0 (LUNQ_VALUE), n against
 * the length register (LUNQ_VALUE), alignment without DRE (LUNQ_RUNTIME), address width (LUNQ_VALUE).
 * MM2S syncs the range to the device first. cyclic: MM2S with scatter-gather only. */
int lunq_dma_transfer(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_mem *mem, size_t off,
                      size_t n, bool cyclic, struct lunq_error *err);

/* Waits until the transfer is done; seconds < 0: no limit. S2MM then syncs what was received.
 * LUNQ_TIMEOUT, LUNQ_RUNTIME with an explanation; "nothing to wait for" is LUNQ_RUNTIME. */
int lunq_dma_wait(struct lunq_dma *dma, enum lunq_dma_dir dir, double seconds,
                  struct lunq_error *err);
/* Checks once: 1 done, 0 not yet, <0 as lunq_dma_wait. */
int lunq_dma_poll(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);

int lunq_dma_start(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);
int lunq_dma_stop(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err);
/* Resets the whole engine (both channels), releases their memory; simple channels start again. */
int lunq_dma_reset(struct lunq_dma *dma, struct lunq_error *err);

struct lunq_dma_status {
    bool running, halted, idle, error, busy; /* busy: a transfer of ours is under way */
    uint32_t control, status;                /* DMACR, DMASR */
    uint64_t transferred;                    /* bytes of the last finished transfer */
    uint64_t max;                            /* largest simple transfer, bytes */
};
int lunq_dma_status(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_status *s,
                    struct lunq_error *err);
/* The lines an error carries: both channels' registers decoded. Returns buf. */
const char *lunq_dma_explain(struct lunq_dma *dma, char *buf, size_t size);

#endif
