/* progress.h - how far something long is, for a person who waits for it.
 * Whoever takes long says what it does, and how far it is, in the pieces it works in anyway; whoever has a
 * terminal (the lunq program) shows that, from half a second on. Where nobody shows anything, all of it does
 * nothing. One at a time: what begins inside of another says nothing. */
#ifndef LUNQ_PROGRESS_H
#define LUNQ_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LUNQ_PROGRESS_BYTES = 4 << 20 /* what takes less than this is not worth a word */
};

struct lunq_progress {
    const char *what;     /* "reading design.bit" */
    uint64_t total, done; /* bytes, or whatever is counted; total 0: nobody knows how much it is */
    const char *unit;     /* of both, "" for none; NULL: bytes */
    const char *note;     /* what else to say, or NULL */
    bool wait;            /* it is waited for, somebody else does it */
    double limit;         /* seconds after which that ends; 0: none */
    uint64_t begun;       /* wall clock, ns */
    uint64_t next;        /* the next time to show it */
    uint64_t unsaid;      /* done since the clock was looked at */
    bool on;              /* it is the one that is shown */
    bool blocks;          /* the sink watches it */
};

/* Whoever shows it. */
struct lunq_progress_sink {
    bool (*ready)(void); /* there is somebody to show it to */
    void (*show)(const struct lunq_progress *p, double seconds);
    void (*hide)(void); /* what was shown goes away */
    /* Shows p by itself when it is due (p), and no longer (NULL); p does not change meanwhile. */
    void (*watch)(const struct lunq_progress *p);
};
/* The sink stays where it is; NULL: nobody any more. */
void lunq_progress_to(const struct lunq_progress_sink *sink);

/* `what`, and note and unit if set later, live until the end. */
void lunq_progress_begin(struct lunq_progress *p, const char *what, uint64_t total);
/* The same for what does not come back before it is over: a call of the kernel, or of code that is not ours.
 * Nothing of p may be changed. */
void lunq_progress_block(struct lunq_progress *p, const char *what);
/* So much is done in all. Looks at the clock: for pieces that take longer than that. */
void lunq_progress_at(struct lunq_progress *p, uint64_t done);
/* So many bytes more; looks at the clock now and then. */
static inline void lunq_progress_add(struct lunq_progress *p, uint64_t bytes)
{
    if (p->on && (p->unsaid += bytes) >= LUNQ_PROGRESS_BYTES)
        lunq_progress_at(p, p->done + p->unsaid);
}
void lunq_progress_end(struct lunq_progress *p);
/* Showing it is due. Looks at the clock. */
bool lunq_progress_due(const struct lunq_progress *p);
/* What begins now would be shown to somebody. */
bool lunq_progress_wanted(void);
/* The one under way, or NULL. */
struct lunq_progress *lunq_progress_current(void);

#endif
