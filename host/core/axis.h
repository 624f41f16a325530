/* axis.h - a test bench's own end of an AXI4-Stream of the loaded design: a source stands in for the
 * master, a sink for the slave, a monitor looks on. Packets wait here; the device moves them, in
 * beats with random pauses, as its time passes. Which streams a bench can reach is the device's
 * business; most can't let it reach any. */
#ifndef LUNQ_AXIS_H
#define LUNQ_AXIS_H

#include "device.h"
#include "loop.h"

enum lunq_axis_role { LUNQ_AXIS_SOURCE, LUNQ_AXIS_SINK, LUNQ_AXIS_MONITOR };

struct lunq_axis_options {
    double pauses; /* share of the beats without TVALID (source) or TREADY (sink): 0 to below 1 */
    uint64_t seed; /* of the pauses */
    size_t length; /* sink, monitor: a packet ends after so many elements too; 0: only with TLAST */
    size_t element; /* bytes of one; 0: a beat */
};

/* What goes beside the data of a beat: TID, TDEST, TUSER, the low 64 bits of each; 0 where a stream has none. */
struct lunq_axis_side {
    uint64_t id, dest, user;
};

static inline bool lunq_axis_same_side(const struct lunq_axis_side *a,
                                       const struct lunq_axis_side *b)
{
    return a->id == b->id && a->dest == b->dest && a->user == b->user;
}

/* TUSER of each beat of a packet, where it is not the same in all. */
struct lunq_axis_users {
    uint64_t *list;
    size_t n;
};

/* A packet that waits. */
struct lunq_axis_packet {
    size_t n;                   /* bytes */
    size_t total;               /* of a source: what was put, of which n have not gone */
    bool last;                  /* with TLAST */
    struct lunq_axis_side side; /* of its first beat */
    struct lunq_axis_users users;
};

struct lunq_axis {
    struct lunq_device *dev; /* with a reference */
    enum lunq_axis_role role;
    char *port;              /* as asked for: "filter/fir/x" */
    struct lunq_event news;  /* a packet has arrived, or everything was taken, or it is over */
    uint64_t bytes, packets; /* that came through so far */
    bool paused;             /* on request: nothing moves */

    /* Set by the device's axis_attach. */
    void *end;
    char *master, *slave; /* "filter/dma/M_AXIS_MM2S"; NULL: outside the design */
    unsigned width;       /* bytes of a beat */
    bool keep, last;      /* it has TKEEP, TLAST */

    /* axis.c */
    double pauses;
    uint64_t random;
    size_t length;       /* in bytes */
    bool over, detached; /* another design is there; it was taken off */
    uint8_t *data;       /* of the packets, from `at` on */
    size_t at, n, room;
    struct lunq_axis_packet *queue; /* whole packets, from `first` on */
    size_t first, n_queue, queue_room;
    size_t
        open; /* bytes of the packet under way: at the end of `data`, or of a source sent already */
    struct lunq_axis_side side; /* and what is beside it */
    struct lunq_axis_users users;
};

/* Puts one on the stream with `port` at one of its ends ("hier/ip/INTERFACE", or an external port
 * of the design). What else is at that end gets nothing through while it is there. LUNQ_VALUE: no
 * such stream, options that make no sense, no TLAST and no length; LUNQ_RUNTIME: somebody is there; LUNQ_UNSUPPORTED: no
 * stream of this device can be reached. */
int lunq_axis_open(struct lunq_axis **out, struct lunq_device *d, enum lunq_axis_role role,
                   const char *port, const struct lunq_axis_options *o, struct lunq_error *err);
/* Takes it off; whoever waits is told. May be repeated. */
void lunq_axis_detach(struct lunq_axis *x);
/* Does that and frees it; nobody may wait. NULL is allowed. */
void lunq_axis_close(struct lunq_axis *x);
/* Nothing is offered or taken from now on, or again. */
void lunq_axis_pause(struct lunq_axis *x, bool on);

/* Source: queues a packet, or data without TLAST, with this beside it (NULL: zeros; users: of each beat, or NULL for
 * side->user in all). LUNQ_VALUE: nothing, a last beat that is not full where there is no TKEEP, or another number of
 * users than of beats; LUNQ_RUNTIME: the design has gone; LUNQ_MEMORY. */
int lunq_axis_put(struct lunq_axis *x, const void *data, size_t n, bool last,
                  const struct lunq_axis_side *side, const struct lunq_axis_users *users,
                  struct lunq_error *err);
/* Bytes that wait: of a source to be taken, of others for the end of their packet. */
size_t lunq_axis_waiting(const struct lunq_axis *x);
/* Sinks and monitors: whole packets that wait; the first one, good until the device is used again;
 * and taking it away. */
size_t lunq_axis_count(const struct lunq_axis *x);
const uint8_t *lunq_axis_packet(const struct lunq_axis *x, size_t *n,
                                const struct lunq_axis_packet **packet);
void lunq_axis_drop(struct lunq_axis *x);
/* Forgets what waits. Of a packet a source has begun the rest is forgotten too. */
void lunq_axis_clear(struct lunq_axis *x);

/* One look of a wait: 1: a packet is there, or of a source everything was taken; 0: not yet.
 * late: then it is LUNQ_TIMEOUT with an explanation. LUNQ_RUNTIME: the design has gone. */
int lunq_axis_look(struct lunq_axis *x, const double *late, struct lunq_error *err);

/* ---- for devices --------------------------------------------------------------------------- */

/* Source: what is to be sent next, of one packet and with one thing beside it; 0 bytes: nothing, or it is paused. */
size_t lunq_axis_head(const struct lunq_axis *x, const uint8_t **data, bool *last,
                      struct lunq_axis_side *side);
/* Source: n bytes of it were taken. */
void lunq_axis_taken(struct lunq_axis *x, size_t n);
/* Sink, monitor: data has come, with this beside all of it; last: with TLAST. False: no memory, none of it was kept. */
bool lunq_axis_arrived(struct lunq_axis *x, const uint8_t *data, size_t n, bool last,
                       const struct lunq_axis_side *side);
/* How many of the next `most` beats go without a pause: 0, one is due now. Then how long it is. */
size_t lunq_axis_run(struct lunq_axis *x, size_t most);
size_t lunq_axis_gap(struct lunq_axis *x);
/* The design has gone: whoever waits is told. */
void lunq_axis_over(struct lunq_axis *x);

#endif
