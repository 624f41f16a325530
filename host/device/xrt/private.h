/* private.h - a card under XRT, shared by the files of this folder. */
#ifndef LUNQ_XRT_PRIVATE_H
#define LUNQ_XRT_PRIVATE_H

#include <pthread.h>
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

/* Behind lunq_run.key, and kept while the run is spare; see runs.c. */
struct xrt_run {
    struct lunq_run *run;
    struct xrt_card *card;
    void *told, *asked;   /* xrtRunHandle with a callback, and without one; NULL: not opened yet */
    void *handle;         /* the one that was started */
    atomic_bool armed;    /* started, and its end not told */
    struct xrt_run *next; /* waiter.c */
};

struct xrt_waiter {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    bool has_thread, stop;
    struct xrt_run *first;
};

struct xrt_card {
    struct lunq_device dev; /* first */
    const struct xrt_api *xrt;
    void *handle;               /* xrtDeviceHandle */
    char platform[64];          /* of the card, as it says; "": it does not */
    struct lunq_design *design; /* what dev.banks are of, with a reference */
    uint64_t *used;             /* bytes of live buffers in each of dev.banks */
    struct xrt_window *windows; /* of each compute unit of the design; NULL: none opened */

    atomic_int running;           /* runs XRT has */
    atomic_bool started;          /* a run with a callback was */
    _Atomic uint64_t called_back; /* when XRT's thread last did, ns */
    struct xrt_waiter waiter;
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

/* kernels.c */
int xrt_kernel_open(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err);
void xrt_kernel_close(struct lunq_device *d, struct lunq_kernel *k);

/* runs.c */
int xrt_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
void xrt_run_look(struct lunq_device *d, struct lunq_run *r);
void xrt_run_watch(struct lunq_device *d, struct lunq_run *r);
void xrt_run_free(struct lunq_device *d, struct lunq_run *r);
/* Any thread: it is in this state (enum xrt_state). Of an end lunq_run_ended tells, once; x may be gone
 * then. */
void xrt_run_tell(struct xrt_run *x, unsigned state);
/* LUNQ_DEVICE "a run of kernel vadd WHAT." with XRT's reason. */
int xrt_run_refused(const struct lunq_run *r, const char *what, struct lunq_error *err);

/* arguments.c: gives XRT's run the arguments. */
int xrt_run_arguments(const struct lunq_run *r, void *handle, struct lunq_error *err);

/* waiter.c. start: false when there is no thread to be had. take: x->handle is waited for in XRT. */
void xrt_waiter_init(struct xrt_waiter *w);
bool xrt_waiter_start(struct xrt_card *c);
void xrt_waiter_take(struct xrt_card *c, struct xrt_run *x);
void xrt_waiter_close(struct xrt_waiter *w);

/* exit.c: cards that are still open when the process ends are closed in the order XRT needs. */
enum xrt_part {
    XRT_PART_DEVICE,
    XRT_PART_LOAD,
    XRT_PART_BUFFER,
    XRT_PART_KERNEL,
    XRT_PART_RUN,
    XRT_PART_THREAD
};
void xrt_exit_add(struct xrt_card *c);
void xrt_exit_forget(struct xrt_card *c);
/* After the first call of each part; cheap then. */
void xrt_exit_after(enum xrt_part part);

#endif
