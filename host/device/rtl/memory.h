/* memory.h - what a master port of the RTL sees: AXI4 or AXI4-Lite memory, straight in the buffers of the
 * host, and registers of other IP (rtl.md 4.7). Bursts INCR, FIXED and WRAP, narrow and unaligned
 * beats, any strobes. 63 reads and 7 writes may be out at once; in which order they are answered says
 * requests.h. Memory knows no exclusive accesses: it answers OKAY to them, which says so (A7.2.5). */
#ifndef LUNQ_RTL_MEMORY_H
#define LUNQ_RTL_MEMORY_H

#include "requests.h"

/* Where a master's addresses lead; the bus of the device. */
struct rtl_target {
    void *ctx;
    /* The bytes at `addr` when they are plain memory, and how many follow, *n; NULL: they are not. */
    uint8_t *(*bytes)(void *ctx, uint64_t addr, uint64_t *n);
    /* At most the bytes of the bus, inside one naturally aligned block of that size. Says itself what
     * went wrong. */
    enum rtl_response (*read)(void *ctx, uint64_t addr, uint8_t *data, unsigned n);
    enum rtl_response (*write)(void *ctx, uint64_t addr, const uint8_t *data, unsigned n);
    /* Whether a slave port of RTL is there. If so the burst goes as a transfer, a write when all its data
     * are there: send takes a reference, and in time the transfer is done. */
    bool (*is_port)(void *ctx, uint64_t addr);
    void (*send)(void *ctx, struct rtl_transfer *t);
    /* The RTL has all of the answer to a burst as it asked for it. */
    void (*over)(void *ctx, const struct rtl_burst *b, const struct rtl_transfer *t);
};

enum { RTL_WRITES = 8 }; /* a power of two */

/* Plain memory: [base, base+size) of the bus. */
struct rtl_span {
    uint8_t *mem;
    uint64_t base, size;
};

struct rtl_memory {
    const struct rtl_bus *bus;
    const struct rtl_target *target;
    struct rtl_stress *stress;
    struct rtl_checks *checks;
    struct rtl_watch seen_ar, seen_aw, seen_w;
    struct rtl_requests reads, answers;    /* answers: to writes */
    struct rtl_request writes[RTL_WRITES]; /* not all of their data are there */
    unsigned first_write, end_write;
    struct rtl_request *read_now, *answer_now; /* what is on the pins; NULL: nothing */
    bool arready, awready, wready;             /* as driven */
    struct rtl_span read, written;             /* where the last accesses were */
    uint64_t cycle;                            /* that it had, of its own clock */
    uint64_t beats; /* both ways, for those who ask whether anything moves */
};

void rtl_memory_init(struct rtl_memory *m, const struct rtl_bus *bus, struct rtl_stress *stress,
                     struct rtl_checks *checks);
void rtl_memory_reset(struct rtl_memory *m); /* what was out is forgotten; the RTL is in reset */
void rtl_memory_free(struct rtl_memory *m);
/* Buffers may have come or gone. */
static inline void rtl_memory_look_again(struct rtl_memory *m)
{
    m->read.size = m->written.size = 0;
}

void rtl_memory_sample(struct rtl_memory *m); /* before the rising edge */
void rtl_memory_drive(struct rtl_memory *m);  /* and after it */

#endif
