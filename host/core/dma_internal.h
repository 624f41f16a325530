/* dma_internal.h - what dma.c, dma_sg.c and dma_explain.c share; nobody else includes it.
 * Register facts: registers.md section 5. */
#ifndef LUNQ_DMA_INTERNAL_H
#define LUNQ_DMA_INTERNAL_H

#include "dma.h"
#include "irq.h"
#include "loop.h"

/* Offsets from the base of a channel: MM2S 0x00, S2MM 0x30. */
enum {
    DMACR = 0x00,
    DMASR = 0x04,
    CURDESC = 0x08,
    CURDESC_MSB = 0x0c,
    TAILDESC = 0x10,
    TAILDESC_MSB = 0x14,
    ADDR = 0x18,
    ADDR_MSB = 0x1c,
    LENGTH = 0x28,
    CHANNEL_BYTES = 0x30
};

enum {
    CR_RS = 1 << 0,
    CR_RESET = 1 << 2,
    CR_CYCLIC = 1 << 4,
    CR_IOC = 1 << 12,
    CR_DLY = 1 << 13,
    CR_ERR = 1 << 14
};

enum {
    SR_HALTED = 1 << 0,
    SR_IDLE = 1 << 1,
    SR_INT_ERR = 1 << 4,
    SR_SLV_ERR = 1 << 5,
    SR_DEC_ERR = 1 << 6,
    SR_SG_INT_ERR = 1 << 8,
    SR_SG_SLV_ERR = 1 << 9,
    SR_SG_DEC_ERR = 1 << 10,
    SR_ERRORS = 0x770,
    SR_IOC = 1 << 12,
    SR_DLY = 1 << 13,
    SR_ERR = 1 << 14,
    SR_IRQS = SR_IOC | SR_DLY | SR_ERR
};

/* Scatter-gather descriptors: 16 words of 32 bits, 64-byte aligned. */
enum { DESC_BYTES = 64, DESC_NEXT = 0, DESC_BUFFER = 2, DESC_CONTROL = 6, DESC_STATUS = 7 };
#define DESC_SOF (UINT32_C(1) << 27)
#define DESC_EOF (UINT32_C(1) << 26)
#define DESC_RXEOF (UINT32_C(1) << 26)
#define DESC_LENGTH UINT32_C(0x03ffffff)
#define DESC_ERRORS UINT32_C(0x70000000) /* PYNQ's 0x30000000 misses DecErr */
#define DESC_COMPLETE (UINT32_C(1) << 31)

enum dma_state {
    DMA_NOTHING, /* no transfer, or it was waited for */
    DMA_BUSY,    /* started; the memory is held */
    DMA_DONE,    /* seen to be done by a poll, not yet waited for */
    DMA_FAILED   /* the hardware halted on an error; the memory is held until reset or stop */
};

/* The interrupt of a channel: dma_watch.c. One for all who wait. */
struct dma_watch {
    struct lunq_irq_waiter irq; /* first; waits while the interrupt is armed */
    struct lunq_waiter tick;    /* looks now and then where no interrupt may come */
    struct lunq_event news;     /* wakes those who wait: they look at the registers */
    struct lunq_dma *dma;
    char *name, *controller; /* where it is wired, as lunq_irq_open_at; name NULL: nowhere */
    unsigned index;
    int raw_irq;
    struct lunq_irq *pin;       /* opened at the first wait */
    unsigned waits;             /* under way */
    bool polled;                /* by ticks: the pin can't be had, or is stuck */
    bool fired, ticked;         /* it came at least once; the last news was a tick */
    unsigned fruitless;         /* times it came and DMASR knew nothing of it, in a row */
    uint32_t added;             /* enables of DMACR to take back */
    uint64_t pause;             /* to the next tick, ns */
    struct lunq_error *failure; /* of the bus or the controllers: for those who wait */
};

struct dma_channel {
    enum lunq_dma_dir dir;
    bool present;
    uint32_t base;
    enum dma_state state;
    bool first;           /* none since start: Idle reads 0 before the first simple transfer */
    bool cyclic;          /* the transfer under way repeats */
    struct lunq_mem *mem; /* held in DMA_BUSY and DMA_FAILED, else NULL */
    size_t off, n;        /* of the last transfer */
    uint64_t order;       /* of the last transfer among those of both channels, from 1 */
    uint64_t done;        /* transfers that ended well */
    uint64_t transferred;
    uint64_t total;              /* bytes of all that ended well */
    uint64_t ended, ended_bytes; /* `order` and bytes of the last one that ended well */
    uint32_t
        coalesce; /* IRQThreshold and IRQDelay where DMACR has them, and Dly_IrqEn; 0: as they are */
    bool was_reset; /* a reset ended the last transfer */
    /* scatter-gather: one allocation, used again by each transfer */
    struct lunq_mem *chain;
    size_t chain_off;   /* of the first descriptor: its address is a multiple of 64 */
    size_t chain_slots; /* descriptors it has room for */
    size_t descs;       /* descriptors of the last transfer */
    /* An open ring: `mem` is its memory, and the state is DMA_BUSY as long as it lives. */
    struct lunq_dma_ring *ring;
    bool orphan; /* `mem` was a ring's, closed while the engine could not be stopped */
    struct dma_watch watch;
};

struct lunq_dma {
    struct lunq_mmio *regs;
    struct lunq_dma_params params;
    struct dma_channel ch[2];
    uint64_t transfers; /* started so far */
    unsigned watches;   /* waits under way: they keep the struct */
    bool closed;
    char name[96];
};

static inline const char *dma_dir_name(enum lunq_dma_dir dir)
{
    return dir == LUNQ_MM2S ? "MM2S" : "S2MM";
}

static inline int dma_read(struct lunq_dma *dma, const struct dma_channel *ch, uint32_t reg,
                           uint32_t *value, struct lunq_error *err)
{
    *value = 0;
    return lunq_mmio_read32(dma->regs, ch->base + reg, value, err);
}

static inline int dma_write(struct lunq_dma *dma, const struct dma_channel *ch, uint32_t reg,
                            uint32_t value, struct lunq_error *err)
{
    return lunq_mmio_write32(dma->regs, ch->base + reg, value, err);
}

/* Orders the host's accesses to memory against its accesses to registers: a store to the buffer
 * comes before the register write that starts the engine, a load from it after the register read
 * that said "done". */
static inline void dma_barrier(void)
{
#if defined(__arm__) || defined(__aarch64__)
    __asm__ volatile("dsb sy" ::: "memory");
#else
    __sync_synchronize();
#endif
}

/* dma.c: the channel, or NULL with LUNQ_UNSUPPORTED when the design leaves it out. */
struct dma_channel *dma_channel(struct lunq_dma *dma, enum lunq_dma_dir dir,
                                struct lunq_error *err);
/* dma.c: releases the memory of the channel's transfer, if it holds any. */
void dma_let_go(struct dma_channel *ch);
/* dma_transfer.c: ends a transfer the hardware is done with: state, bytes, sync, memory. */
int dma_finish(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err);
/* dma_transfer.c: may a scatter-gather transfer, or a ring, start? LUNQ_RUNTIME. */
int dma_ready_sg(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err);
/* dma_transfer.c: the largest simple transfer. */
uint64_t dma_max(const struct lunq_dma_params *p, enum lunq_dma_dir dir);
#define FOLLOW_SECONDS 1.0 /* for the hardware to start, stop or reset: microseconds when it can */
/* dma.c: waits for DMASR.Halted to be 0 or 1, at most so long. LUNQ_TIMEOUT without text. */
int dma_await_halted(struct lunq_dma *dma, struct dma_channel *ch, bool halted, double seconds,
                     struct lunq_error *err);
/* dma.c: resets the engine when a channel waits for that and the other one does nothing. */
int dma_reset_orphan(struct lunq_dma *dma, struct lunq_error *err);
/* dma.c: the DMACR value that runs a channel. */
uint32_t dma_run_bits(const struct lunq_dma *dma, const struct dma_channel *ch);
/* dma_transfer.c: addr .. addr+n-1 fit the address width, else LUNQ_VALUE; `what` begins the message. */
int dma_check_width(const struct lunq_dma *dma, uint64_t addr, size_t n, const char *what,
                    struct lunq_error *err);

/* dma_watch.c. What a look of a wait under way does with the interrupt: */
/* The error of the bus that woke it, or 0. */
int dma_watch_failure(const struct dma_channel *ch, struct lunq_error *err);
/* The last look is due and no interrupt has come: what to say if it turns out that one should have,
 * else "". */
void dma_watch_lost(struct dma_channel *ch, bool late, char *text, size_t size);
/* After a look that found DMASR to be sr and the transfer under way: acknowledges what woke it and arms
 * the interrupt again. 1: then look again; 0: nothing to do. */
int dma_watch_again(struct dma_channel *ch, uint32_t sr, struct lunq_error *err);
/* The transfer is over, but its interrupt is still to come: wait for that. */
bool dma_watch_comes(const struct dma_channel *ch, uint32_t sr, bool late);
/* All who wait look. */
void dma_watch_news(struct dma_channel *ch);
/* Lets go of the pin; whoever waits still has the event. */
void dma_watch_close(struct dma_channel *ch);
/* dma.c: the end of a closed engine nobody waits for any more. */
void dma_free(struct lunq_dma *dma);

/* dma_wait.c: looks until it is done, as lunq_dma_wait does. late as in lunq_dma_wait_look. */
typedef int dma_look(void *ctx, const double *late, struct lunq_error *err);
int dma_wait_for(struct lunq_dma *dma, enum lunq_dma_dir dir, dma_look *look, void *ctx,
                 double seconds, struct lunq_error *err);
/* dma_wait.c: reads DMASR; <0 when it has an error, and then the channel has failed. */
int dma_status_check(struct lunq_dma *dma, struct dma_channel *ch, uint32_t *sr,
                     struct lunq_error *err);

/* dma_ring.c: the ring of a channel whose transfer is over: reset, closed, another design. */
void dma_ring_over(struct lunq_dma_ring *ring, const char *why);
/* dma_ring.c: one line on it for explain. */
void dma_ring_describe(struct lunq_dma_ring *ring, char *text, size_t size);
/* dma_ring.c: "a ring is open", LUNQ_RUNTIME. */
int dma_ring_open_already(const struct lunq_dma *dma, const struct dma_channel *ch,
                          struct lunq_error *err);

int dma_write_pair(struct lunq_dma *dma, struct dma_channel *ch, uint32_t reg, uint64_t value,
                   struct lunq_error *err);
/* dma_sg.c: room for `count` descriptors, within reach of the core. */
int dma_sg_reserve(struct lunq_dma *dma, struct dma_channel *ch, size_t count,
                   struct lunq_error *err);
uint32_t *dma_sg_slot(const struct dma_channel *ch, size_t i);
uint64_t dma_sg_address(const struct dma_channel *ch, size_t i);
int dma_sg_sync(struct dma_channel *ch, size_t i, size_t n, enum lunq_sync dir,
                struct lunq_error *err);
/* dma_sg.c: runs the channel on its ch->descs descriptors from the first on, up to no tail as yet. */
int dma_sg_start(struct lunq_dma *dma, struct dma_channel *ch, uint32_t control,
                 struct lunq_error *err);
/* dma_sg.c: makes the descriptors and starts the channel (everything was checked). */
int dma_sg_begin(struct lunq_dma *dma, struct dma_channel *ch, uint64_t addr, size_t n, bool cyclic,
                 struct lunq_error *err);
/* dma_sg.c: what the descriptors say, after a sync from the device. */
struct dma_sg_result {
    size_t complete; /* descriptors with Cmplt */
    uint64_t bytes;  /* in them */
    size_t packets;  /* with RXEOF (S2MM) */
    uint32_t errors; /* DESC_ERRORS seen */
    size_t bad;      /* index of the first descriptor with an error */
};
int dma_sg_result(struct dma_channel *ch, struct dma_sg_result *r, struct lunq_error *err);
/* dma_sg.c: gives the descriptors back. */
void dma_sg_close(struct dma_channel *ch);
/* dma_sg.c: bytes per descriptor for a transfer of n (pynq-behaviour B5). */
size_t dma_sg_block(const struct lunq_dma_params *p, enum lunq_dma_dir dir, size_t n);

/* dma_explain.c: fills *err with `kind`, PYNQ's text, both channels decoded, and advice. */
int dma_fail(struct lunq_dma *dma, struct dma_channel *ch, int kind, struct lunq_error *err,
             const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* dma_explain.c: PYNQ's sentence for the error bits of a DMASR; NULL when there is none. */
const char *dma_error_text(uint32_t status);

#endif
