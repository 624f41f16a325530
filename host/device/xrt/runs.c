/* runs.c - runs of kernels (xrt.md 2 and 3). XRT has two kinds of them, and which one a run is is settled
 * when it starts:
 *   - with a callback XRT's own thread watches it, and holds on to it: 5 to 15 us to wake that thread, many
 *     runs at a time.
 *   - without one nobody watches. Of a run that is alone on the card the graph asks for the state, which
 *     takes 0.1 us and sees the end at once; when that goes on for more than a moment, or somebody else
 *     depends on it, our thread waits in XRT (waiter.c).
 * To ask after a run of the first kind is no way out: the end is delivered then before XRT's thread has
 * seen it, and to close the run crashes that thread (2.13). */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "../../core/device.h"
#include "private.h"

/* How long XRT's thread may still be on its way out of a callback, ns: a run is not closed then. */
#define LEAVING UINT64_C(1000000)

/* ---- the end of a run ---------------------------------------------------------------------- */

static enum lunq_run_state state_of(unsigned state)
{
    switch (state) {
    case XRT_STATE_COMPLETED: return LUNQ_RUN_COMPLETED;
    case XRT_STATE_ABORT: return LUNQ_RUN_ABORTED;
    case XRT_STATE_TIMEOUT: return LUNQ_RUN_TIMEOUT;
    case XRT_STATE_NO_RESPONSE: return LUNQ_RUN_NO_RESPONSE;
    default: /* 10 and 11 are soft kernels that failed */ return LUNQ_RUN_ERROR;
    }
}

void xrt_run_tell(struct xrt_run *x, unsigned state)
{
    struct lunq_run *run = x->run;
    if (state < XRT_STATE_COMPLETED || state == XRT_STATE_SUBMITTED ||
        !atomic_exchange(&x->armed, false))
        return;
    atomic_fetch_sub(&x->card->running, 1);
    lunq_run_ended(run, state_of(state), NULL);
}

/* On XRT's thread. */
static void called_back(void *handle, unsigned state, void *data)
{
    struct xrt_run *x = data;
    (void)handle;
    atomic_store(&x->card->called_back, lunq_device_now(NULL));
    xrt_run_tell(x, state);
}

void xrt_run_look(struct lunq_device *d, struct lunq_run *r)
{
    struct xrt_run *x = r->key;
    if (atomic_load(&x->armed))
        xrt_run_tell(x, (unsigned)xrt_card(d)->xrt->run_state(x->handle));
}

void xrt_run_watch(struct lunq_device *d, struct lunq_run *r)
{
    struct xrt_run *x = r->key;
    if (atomic_load(&x->armed))
        xrt_waiter_take(xrt_card(d), x);
}

/* ---- starting ------------------------------------------------------------------------------ */

int xrt_run_refused(const struct lunq_run *r, const char *what, struct lunq_error *err)
{
    char said[512];
    lunq_fail(err, LUNQ_DEVICE, "Card %s: a run of kernel %s %s. %s", r->kernel->dev->name,
              r->kernel->cus[0]->kernel, what, xrt_said(said, sizeof said));
    return lunq_fault(err);
}

static int make(struct xrt_card *c, struct lunq_run *r, struct lunq_error *err)
{
    struct xrt_run *x = calloc(1, sizeof *x);
    if (!x)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    x->run = r;
    x->card = c;
    r->key = x;
    return 0;
}

/* The run of XRT's that this start needs, in x->handle. */
static int choose(struct xrt_card *c, struct lunq_run *r, struct xrt_run *x, struct lunq_error *err)
{
    bool alone = r->asked && xrt_waiter_start(c);
    void **handle = alone ? &x->asked : &x->told;
    r->asked = alone;
    if (!*handle) {
        *handle = c->xrt->run_open(r->kernel->key);
        if (*handle && !alone &&
            c->xrt->run_callback(*handle, XRT_STATE_COMPLETED, called_back, x) != 0) {
            c->xrt->run_close(*handle);
            *handle = NULL;
        }
    }
    x->handle = *handle;
    return x->handle ? 0 : xrt_run_refused(r, "can't be opened", err);
}

/* The first run with a callback makes XRT start a thread, which is not to take the program's signals. */
static int start(struct xrt_card *c, const struct xrt_run *x)
{
    sigset_t all, before;
    int r;
    if (x->handle != x->told || atomic_exchange(&c->started, true))
        return c->xrt->run_start(x->handle);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = c->xrt->run_start(x->handle);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    xrt_exit_after(XRT_PART_THREAD);
    return r;
}

/* XRT takes a run that did not start for running: it is of no use any more. */
static int not_started(struct xrt_card *c, struct lunq_run *r, struct xrt_run *x,
                       struct lunq_error *err)
{
    atomic_fetch_sub(&c->running, 1);
    xrt_run_refused(r, "can't be started", err);
    c->xrt->run_close(x->handle);
    *(x->handle == x->told ? &x->told : &x->asked) = NULL;
    return LUNQ_DEVICE;
}

int xrt_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    struct xrt_run *x;
    int e = r->key ? 0 : make(c, r, err);
    if (e < 0)
        return e;
    x = r->key;
    if ((e = choose(c, r, x, err)) < 0 || (e = xrt_run_arguments(r, x->handle, err)) < 0)
        return e;
    atomic_store(&x->armed, true);
    atomic_fetch_add(&c->running, 1);
    e = start(c, x);
    xrt_exit_after(XRT_PART_RUN);
    if (e == 0 || !atomic_exchange(&x->armed, false))
        return 0; /* it may have ended, and r be gone */
    return not_started(c, r, x, err);
}

/* ---- closing ------------------------------------------------------------------------------- */

static void let_leave(const struct xrt_card *c)
{
    const struct timespec t = {0, (long)LEAVING};
    if (lunq_device_now(NULL) - atomic_load(&c->called_back) < LEAVING)
        nanosleep(&t, NULL);
}

void xrt_run_free(struct lunq_device *d, struct lunq_run *r)
{
    struct xrt_card *c = xrt_card(d);
    struct xrt_run *x = r->key;
    if (x->told)
        let_leave(c);
    if (x->told)
        c->xrt->run_close(x->told);
    if (x->asked)
        c->xrt->run_close(x->asked);
    free(x);
    r->key = NULL;
}
