/* batch.h - a list of reads, writes, updates and polls of one window, executed in one call.
 * What a driver does the same way each time costs one call instead of ten, and is checked as a
 * whole: when the last step can't be done, the first is not done either. */
#ifndef LUNQ_BATCH_H
#define LUNQ_BATCH_H

#include "mmio.h"

enum lunq_batch_kind { LUNQ_BATCH_READ, LUNQ_BATCH_WRITE, LUNQ_BATCH_UPDATE, LUNQ_BATCH_POLL };

struct lunq_batch_step {
    enum lunq_batch_kind kind;
    unsigned width; /* bytes: 1, 2, 4, 8; update and poll: 4 */
    uint64_t off;
    uint64_t value;  /* written, or waited for */
    uint32_t mask;   /* update, poll */
    double seconds;  /* poll: time limit, as lunq_wait_begin */
    uint64_t result; /* read, update, poll: the word read or written last */
};

/* Checks every step against the window without accessing it. <0 with *err set and *bad, the index
 * of the step that can't be done: errors as lunq_mmio_check, LUNQ_VALUE for a poll that can't be
 * met. */
int lunq_batch_check(const struct lunq_mmio *m, const struct lunq_batch_step *steps, size_t n,
                     size_t *bad, struct lunq_error *err);

/* Checks, then executes in order up to the first failure. *bad as above; LUNQ_TIMEOUT from a poll,
 * LUNQ_IO from the bus. */
int lunq_batch_run(struct lunq_mmio *m, struct lunq_batch_step *steps, size_t n, size_t *bad,
                   struct lunq_error *err);

/* One of them. Each checks again: a behavioural model may have closed the window meanwhile. */
int lunq_batch_step(struct lunq_mmio *m, struct lunq_batch_step *s, struct lunq_error *err);

/* "read", "write", "update", "poll" */
const char *lunq_batch_kind_name(enum lunq_batch_kind kind);

#endif
