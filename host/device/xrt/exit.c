/* exit.c - the end of the process. XRT crashes in its destructors when a run, kernel or buffer is still
 * open then (xrt.md 3.3), so whatever nobody closed is closed here: a script's state closes its devices
 * itself, but a library may call exit(), and a C program may forget. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "place.h"
#include "private.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct xrt_card *cards;

static void close_card(struct xrt_card *c)
{
    struct lunq_device *d = lunq_device_ref(&c->dev); /* its runs may have the last one */
    lunq_runs_close(d);
    if (atomic_load(&c->running) > 0)
        return;
    while (d->memory) {
        struct lunq_mem *m = d->memory;
        d->memory = m->next;
        xrt_free(d, m);
    }
    xrt_close_windows(c);
    c->xrt->device_close(c->handle);
    c->handle = NULL;
}

/* A run that does not end can't be closed: XRT's destructors would wait for it for ever. */
static void leave_hard(const struct xrt_card *c, int status)
{
    fprintf(stderr, "lunq: card %s still runs a kernel; it is left as it is.\n", c->dev.name);
    fflush(NULL);
    _exit(status);
}

static void at_exit(int status, void *unused)
{
    (void)unused;
    for (struct xrt_card *c = cards; c; c = c->next)
        if (c->handle)
            close_card(c);
    xrt_place_leave();
    for (const struct xrt_card *c = cards; c; c = c->next)
        if (c->handle)
            leave_hard(c, status);
}

void xrt_exit_add(struct xrt_card *c)
{
    pthread_mutex_lock(&lock);
    c->next = cards;
    cards = c;
    pthread_mutex_unlock(&lock);
}

/* Handlers run last in, first out, among them the destructors of what XRT made up to then. Its parts
 * make theirs with the first call: hence a handler after the first call of each. */
void xrt_exit_after(enum xrt_part part)
{
    static atomic_uint done;
    unsigned bit = 1u << part;
    if (!(atomic_load(&done) & bit) && !(atomic_fetch_or(&done, bit) & bit))
        on_exit(at_exit, NULL);
}

void xrt_exit_forget(struct xrt_card *c)
{
    pthread_mutex_lock(&lock);
    for (struct xrt_card **at = &cards; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    if (!cards)
        xrt_place_leave();
    pthread_mutex_unlock(&lock);
}
