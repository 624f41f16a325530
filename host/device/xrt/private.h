/* private.h - a card under XRT, shared by the files of this folder. */
#ifndef LUNQ_XRT_PRIVATE_H
#define LUNQ_XRT_PRIVATE_H

#include <stdatomic.h>

#include "../../core/kernel.h"
#include "../../core/run.h"
#include "library.h"

/* Access to the registers of a compute unit: its place is that of the unit in the design. */
struct xrt_window {
    void *kernel; /* shared, of a unit XRT runs; NULL: not open */
    bool context; /* exclusive, of one XRT does not run: `ip` */
    unsigned ip;
};

struct xrt_card {
    struct lunq_device dev; /* first */
    const struct xrt_api *xrt;
    void *handle;               /* xrtDeviceHandle */
    char platform[64];          /* of the card, as it says; "": it does not */
    struct lunq_design *design; /* what dev.banks are of, with a reference */
    uint64_t *used;             /* bytes of live buffers in each of dev.banks */
    struct xrt_window *windows; /* of each compute unit of the design; NULL: none opened */

    atomic_int running;    /* runs XRT has */
    atomic_bool started;   /* a run was */
    struct xrt_card *next; /* open cards: exit.c */
};

static inline struct xrt_card *xrt_card(struct lunq_device *d)
{
    return (struct xrt_card *)d;
}

/* load.c */
int xrt_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err);
void xrt_forget_design(struct xrt_card *c);

/* memory.c */
int xrt_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
void xrt_free(struct lunq_device *d, struct lunq_mem *m);
int xrt_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
             struct lunq_error *err);

/* registers.c */
int xrt_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
             struct lunq_error *err);
int xrt_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
              struct lunq_error *err);
void xrt_close_windows(struct xrt_card *c);

/* runs.c */
int xrt_kernel_open(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err);
void xrt_kernel_close(struct lunq_device *d, struct lunq_kernel *k);
int xrt_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
void xrt_run_free(struct lunq_device *d, struct lunq_run *r);

/* exit.c: cards that are still open when the process ends are closed in the order XRT needs. */
void xrt_exit_watch(struct xrt_card *c);
void xrt_exit_forget(struct xrt_card *c);

#endif
