/* run_graph.h - the graph of a device's runs, between run_graph.c (what ends, and what starts then; any
 * thread), run_loop.c (the loop's thread) and run_close.c.
 *
 * One lock for each device guards stage, result, why, pending, after, queue and the flags of its runs.
 * It is never held while the device is called. References, states and the kernels' lists belong to
 * the loop's thread: a run stays until that has seen its end. */
#ifndef LUNQ_RUN_GRAPH_H
#define LUNQ_RUN_GRAPH_H

#include <pthread.h>

#include "run_internal.h"

struct run_queue {
    struct lunq_run *first, *last;
};

struct lunq_runs {
    struct lunq_device *dev;
    pthread_mutex_t lock;
    struct run_queue ready, told, settled; /* STAGE_READY, STAGE_TOLD, STAGE_SETTLED */
    bool any;                              /* something is settled; atomic: read without the lock */
    bool closing;
    bool dispatching; /* without threads: further up the stack */

    /* With threads. */
    pthread_cond_t work; /* for the thread */
    pthread_t thread;
    bool has_thread, stop;
    struct lunq_watch watch; /* wakes the loop */
    bool signalled;          /* it will wake */

    /* The loop's thread's own. */
    size_t under_way;
    size_t lost;            /* of them, those that lunq_runs_close has given up */
    size_t watched;         /* runs whose end wakes the loop */
    struct lunq_run *asked; /* whose end the device does not tell of by itself */
    bool pausing;           /* somebody walks along the runs: none may go */
};

/* ---- run_graph.c: with the lock, but for the threads --------------------------------------------- */

struct lunq_run *lunq_graph_take(struct run_queue *q); /* NULL: it is empty */
/* A copy of the text, as a part of a sentence; NULL: none, or no memory. */
struct lunq_reason *lunq_graph_reason(const char *text);
/* r has ended; its successors are told by whoever has the queues: lunq_graph_hand_over. */
void lunq_graph_tell(struct lunq_runs *g, struct lunq_run *r, enum lunq_run_state result,
                     struct lunq_reason *why);
void lunq_graph_hand_over(struct lunq_runs *g);
int lunq_graph_start_thread(struct lunq_runs *g, struct lunq_error *err);
void lunq_graph_end_thread(struct lunq_runs *g);

/* ---- run_loop.c ---------------------------------------------------------------------------------- */

/* From now on the device tells of the end of r, which may be NULL, by itself. */
void lunq_graph_have_told(struct lunq_runs *g, const struct lunq_run *r);

#endif
