/* tape.h - one end of a trace in use: each request is either answered out of it or kept in it. */
#ifndef LUNQ_DEVICE_TAPE_H
#define LUNQ_DEVICE_TAPE_H

#include "trace.h"

struct tape {
    char *file;
    FILE *out;                       /* recording */
    uint8_t *bytes;                  /* replaying: the whole file */
    struct lunq_trace_reader reader; /* in it */
    struct lunq_trace_record next;   /* the next one; more: there is one */
    bool more;
    uint64_t done, total;    /* requests so far; in the file */
    uint64_t now;            /* device time at the last record, ns */
    unsigned depth;          /* requests under way: a model may ask too, which is not recorded */
    struct lunq_error apart; /* the replay has diverged: what every request is told from then on */
};

int tape_record(struct tape *t, const char *file, size_t n, struct lunq_error *err);
/* Reads the file whole and checks every record of it. */
int tape_replay(struct tape *t, const char *file, struct lunq_error *err);
/* Closes it. A replay that has not been used up warns. */
void tape_close(struct tape *t);

/* Replaying: fills in the answer of *r, which has what was asked, and *result; true. Recording:
 * false, the device is to be asked, after which tape_keep is due. */
bool tape_answers(struct tape *t, struct lunq_trace_record *r, const struct lunq_design *design,
                  int *result, struct lunq_error *err);
/* Writes the request and its answer at device time `now`; returns result, or LUNQ_IO. */
int tape_keep(struct tape *t, struct lunq_trace_record *r, int result, uint64_t now,
              struct lunq_error *err);
/* The clock was looked at. Recording: at `now`. Returns the time to tell. */
uint64_t tape_time(struct tape *t, uint64_t now);

#endif
