/* run.h - runs of kernels and the graph of what waits for what, executed here in C: the end of a run
 * starts its successors without passing through Lua (xrt.md 8). A run is used from the loop's thread;
 * only lunq_run_ended may be called from any thread. */
#ifndef LUNQ_RUN_H
#define LUNQ_RUN_H

#include "kernel.h"
#include "loop.h"

enum lunq_run_state {
    LUNQ_RUN_NEW,       /* arguments are being set */
    LUNQ_RUN_WAITING,   /* for its predecessors */
    LUNQ_RUN_RUNNING,   /* the device has it, in the queue of a compute unit or on it */
    LUNQ_RUN_COMPLETED, /* this and all below: it has ended */
    LUNQ_RUN_ERROR,     /* the kernel or the card failed */
    LUNQ_RUN_ABORTED,
    LUNQ_RUN_TIMEOUT,     /* of the card's scheduler */
    LUNQ_RUN_NO_RESPONSE, /* the compute unit does not answer */
    LUNQ_RUN_CANCELLED    /* never started: a predecessor failed, or it was cancelled */
};

struct lunq_run {
    struct lunq_kernel *kernel; /* with a reference, while it is no spare one */
    uint8_t *regs;          /* register image: arguments at their offsets, buffers as addresses */
    struct lunq_mem **mems; /* of argument i; NULL: a scalar. Held from start to end. */
    uint64_t set;           /* bit i: argument i was set */
    enum lunq_run_state state; /* of what the loop's thread has seen: lunq_run_look */
    struct lunq_event ended;   /* set on the loop's thread when it has ended */
    size_t cu;                 /* which of the kernel's units ran it; LUNQ_NONE: not known (yet) */
    unsigned refs;
    bool asked; /* in run_start: the device need not tell of its end by itself, see run_look */
    void *key;  /* the device's own, kept while the run is spare: e.g. an xrtRunHandle */

    struct lunq_run *prev, *next; /* all runs of the kernel */

    /* The graph's own (run_graph.c), under the device's lock. */
    int stage;                  /* enum stage of run_internal.h */
    enum lunq_run_state result; /* as it ended; LUNQ_RUN_NEW: it has not */
    struct lunq_reason *why;    /* it ended badly; NULL: nothing to add to the state */
    unsigned pending;           /* predecessors not ended */
    struct lunq_run **after;    /* successors: n_after, each with a reference */
    size_t n_after, room_after;
    struct lunq_run *few[2]; /* `after`, as long as they are enough */
    struct lunq_run
        *queue;     /* the next in one of the graph's queues, or of the kernel's spare ones */
    bool watched;   /* the loop's thread wants to be woken by its end */
    bool cancelled; /* asked for after the graph had taken it to be started */
    bool lost;      /* given up by lunq_runs_close; the device has it still */
};

/* A run with no argument set, one reference; its kernel's spare ones are used first.
 * LUNQ_RUNTIME: the kernel is stale. */
int lunq_run_new(struct lunq_run **out, struct lunq_kernel *k, struct lunq_error *err);
struct lunq_run *lunq_run_ref(struct lunq_run *r);
/* The last reference: a run under way goes on, and is let go when it has ended. NULL is allowed. */
void lunq_run_unref(struct lunq_run *r);

/* Sets argument i (index into kernel->args). Scalars: exactly args[i].size bytes, little endian, as
 * XRT packs them. LUNQ_TYPE: a buffer is wanted, or it is a stream; LUNQ_VALUE: another size;
 * LUNQ_INDEX: no such argument; LUNQ_RUNTIME: it was started already. */
int lunq_run_set(struct lunq_run *r, size_t i, const void *data, size_t n, struct lunq_error *err);
/* A buffer, from byte `offset` of its memory. LUNQ_TYPE: a scalar is wanted; LUNQ_VALUE: memory of
 * another card, or of a bank the argument is not connected to: the message names card, bank, argument
 * and what it is connected to; LUNQ_RUNTIME: freed; else as lunq_run_set. */
int lunq_run_set_buffer(struct lunq_run *r, size_t i, struct lunq_mem *m, uint64_t offset,
                        struct lunq_error *err);

/* Starts it when all of `after` (n; NULL entries are skipped) have completed. LUNQ_VALUE: an argument
 * is missing, or one of `after` belongs to another card; LUNQ_RUNTIME: the kernel is stale, a buffer
 * was freed, or one of `after` was never started, or it has failed already (the message says how).
 * On failure the run is as before. */
int lunq_run_start(struct lunq_run *r, struct lunq_run *const *after, size_t n,
                   struct lunq_error *err);

/* Brings r->state up to date; true when it has ended. Cheap: no system call. From the first look at a
 * run under way on, its end wakes the loop. */
bool lunq_run_look(struct lunq_run *r);
/* 0: completed; LUNQ_TIMEOUT: not in time (the run goes on); else why it did not. For C programs and
 * the main thread: it runs the loop. LUNQ_RUNTIME: it was never started. */
int lunq_run_wait(struct lunq_run *r, double seconds, struct lunq_error *err);
/* The error of a run that ended badly: LUNQ_RUNTIME with kernel, unit, state, and the reason; 0: it
 * did not. */
int lunq_run_failure(const struct lunq_run *r, struct lunq_error *err);
/* Cancels a run that waits for predecessors; asks the device to abort one that runs.
 * LUNQ_UNSUPPORTED: the device can't abort. Nothing when it has ended; LUNQ_RUNTIME: it was never
 * started. */
int lunq_run_cancel(struct lunq_run *r, struct lunq_error *err);
/* "completed", "no response", ... */
const char *lunq_run_state_name(enum lunq_run_state state);

/* For devices, from any thread, exactly once for each run_start that returned 0, also before it has
 * returned: it ended as `state` (COMPLETED ... NO_RESPONSE). `why` may be NULL. */
void lunq_run_ended(struct lunq_run *r, enum lunq_run_state state, const char *why);

/* Takes notice of all runs that have ended: lets their buffers go, wakes who waits. Looks and starts
 * do it, too. Cheap; NULL is allowed for a device. */
void lunq_runs_look(struct lunq_device *d);
/* Before another design is loaded and before the device goes: cancels what waits, waits (a limited
 * time) for what runs, asks the device to abort what is left, frees the device's part of all runs and
 * kernels in the order run, kernel (xrt.md 3.3), and ends the thread. What the device never gives
 * back stays, with its buffers and the device; a warning says so. */
void lunq_runs_close(struct lunq_device *d);

#endif
