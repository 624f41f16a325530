/* run_internal.h - what kernel.c, run.c and run_graph.c share. Not for others. */
#ifndef LUNQ_RUN_INTERNAL_H
#define LUNQ_RUN_INTERNAL_H

#include "run.h"

/* Where a run is in the graph. */
enum stage {
    STAGE_NEW,     /* not in the graph */
    STAGE_WAITING, /* for predecessors */
    STAGE_READY,   /* in the queue of those to be started */
    STAGE_RUNNING, /* run_start was called */
    STAGE_TOLD,    /* it has ended; its successors are not told yet */
    STAGE_SETTLED  /* they are; the rest is the loop's thread's */
};

/* Why a run ended badly: shared by all the runs that were cancelled for it. */
struct lunq_reason {
    size_t refs; /* under the lock */
    char text[];
};

/* ---- run_graph.c, run_loop.c ------------------------------------------------------------------- */

/* Makes the graph of a device with its first kernel. LUNQ_MEMORY, LUNQ_RUNTIME. */
int lunq_graph_open(struct lunq_device *d, struct lunq_error *err);
/* Ends its thread, and frees it unless the device still has runs of it. */
void lunq_graph_free(struct lunq_device *d);
/* Puts r behind the n runs of `after` that have not ended, or starts it. */
int lunq_graph_start(struct lunq_run *r, struct lunq_run *const *after, size_t n,
                     struct lunq_error *err);
/* As lunq_run_look, for a run under way; peek asks for no wake-up of the loop. */
bool lunq_graph_peek(struct lunq_run *r);
bool lunq_graph_look(struct lunq_run *r);
int lunq_graph_cancel(struct lunq_run *r, struct lunq_error *err);
/* Lets go of the reason of a run. */
void lunq_graph_forgive(struct lunq_run *r);

/* ---- run.c ------------------------------------------------------------------------------------ */

/* A start: the graph's reference and the buffers' holds. */
void lunq_run_hold(struct lunq_run *r);
/* The other way round, with what was written to buffers let go; r may be gone. */
void lunq_run_let_go(struct lunq_run *r);
/* Frees the device's part of a run. */
void lunq_run_drop_key(struct lunq_run *r);
/* Frees a run that is in no list but its kernel's. */
void lunq_run_destroy(struct lunq_run *r);

/* ---- kernel.c --------------------------------------------------------------------------------- */

/* Frees the device's part of a kernel and of its runs. */
void lunq_kernel_shut(struct lunq_kernel *k);

#endif
