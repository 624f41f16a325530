/* run_graph.c - what waits for what. The end of a run is told by the device, from whatever thread; its
 * successors are then started by the device's own thread where it has threads, else on the spot; last,
 * the loop's thread takes notice. Everything goes through queues: a chain of 100,000 runs that end at
 * once needs no more stack than one.
 *
 * One lock for each device guards stage, result, why, pending, after, queue and the flags of its runs.
 * It is never held while the device is called. References, states and the kernels' lists belong to
 * the loop's thread: a run stays until that has seen its end. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "flight.h"
#include "run_internal.h"

/* How long lunq_runs_close waits for what runs, and then for what it aborted, seconds. */
#define CLOSE_SECONDS 10
#define ABORT_SECONDS 1

struct queue {
    struct lunq_run *first, *last;
};

struct lunq_runs {
    struct lunq_device *dev;
    pthread_mutex_t lock;
    struct queue ready, told, settled; /* STAGE_READY, STAGE_TOLD, STAGE_SETTLED */
    bool any;                          /* something is settled; atomic: read without the lock */
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
    size_t watched;         /* runs whose end wakes the loop */
    struct lunq_run *asked; /* whose end the device does not tell of by itself */
    bool pausing;           /* somebody walks along the runs: none may go */
};

/* ---- queues and reasons ----------------------------------------------------------------------- */

static void put(struct queue *q, struct lunq_run *r)
{
    r->queue = NULL;
    *(q->last ? &q->last->queue : &q->first) = r;
    q->last = r;
}

static struct lunq_run *take(struct queue *q)
{
    struct lunq_run *r = q->first;
    if (!r)
        return NULL;
    q->first = r->queue;
    if (!q->first)
        q->last = NULL;
    r->queue = NULL;
    return r;
}

/* NULL without memory: then the state alone says what happened. */
static struct lunq_reason *reason(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    struct lunq_reason *why = n ? malloc(sizeof *why + n + 1) : NULL;
    if (!why)
        return NULL;
    why->refs = 1;
    memcpy(why->text, text, n + 1);
    if (why->text[n - 1] == '.') /* it becomes part of a sentence */
        why->text[n - 1] = 0;
    return why;
}

static struct lunq_reason *share(struct lunq_reason *why)
{
    if (why)
        why->refs++;
    return why;
}

static void drop(struct lunq_reason *why)
{
    if (why && --why->refs == 0)
        free(why);
}

void lunq_graph_forgive(struct lunq_run *r)
{
    struct lunq_runs *g = r->kernel->dev->runs;
    if (!r->why)
        return;
    if (g) /* else it was freed, and nobody shares it with another thread */
        pthread_mutex_lock(&g->lock);
    drop(r->why);
    r->why = NULL;
    if (g)
        pthread_mutex_unlock(&g->lock);
}

/* Why the successors of a run that ended badly do not start. Those behind them say the same: the run
 * that failed is what a person looks for. */
static struct lunq_reason *reason_of(const struct lunq_run *r)
{
    const struct lunq_kernel *k = r->kernel;
    const char *unit = r->cu < k->n_cus ? k->cus[r->cu]->name
                       : k->n_cus == 1  ? k->cus[0]->name
                                        : "";
    char text[2048];
    if (r->result == LUNQ_RUN_CANCELLED && r->why)
        return share(r->why);
    snprintf(text, sizeof text, "it waited for a run of kernel %s%s%s, which ended as \"%s\"%s%s",
             k->cus[0]->kernel, *unit ? " on " : "", unit, lunq_run_state_name(r->result),
             r->why ? ": " : "", r->why ? r->why->text : "");
    return reason(text);
}

/* ---- what ends, and what starts then: with the lock ------------------------------------------- */

static void tell(struct lunq_runs *g, struct lunq_run *r, enum lunq_run_state result,
                 struct lunq_reason *why)
{
    r->result = result;
    r->why = why;
    r->stage = STAGE_TOLD;
    put(&g->told, r);
}

static void wake_loop(struct lunq_runs *g)
{
    uint64_t one = 1;
    ssize_t n;
    if (!g->watch.on || g->signalled)
        return;
    g->signalled = true;
    n = write(g->watch.fd, &one, sizeof one);
    (void)n; /* it can't be full: it is read before it is written again */
}

/* The successors of r are told; the loop's thread has it next. */
static void settle(struct lunq_runs *g, struct lunq_run *r)
{
    struct lunq_reason *why =
        r->result != LUNQ_RUN_COMPLETED && r->n_after > 0 ? reason_of(r) : NULL;
    for (size_t i = 0; i < r->n_after; i++) {
        struct lunq_run *s = r->after[i];
        s->pending--;
        if (s->stage != STAGE_WAITING) /* cancelled meanwhile */
            continue;
        if (r->result != LUNQ_RUN_COMPLETED) {
            tell(g, s, LUNQ_RUN_CANCELLED, share(why));
        } else if (s->pending == 0) {
            s->stage = STAGE_READY;
            put(&g->ready, s);
        }
    }
    drop(why);
    r->stage = STAGE_SETTLED;
    put(&g->settled, r);
    __atomic_store_n(&g->any, true, __ATOMIC_RELEASE);
    if (r->watched)
        wake_loop(g);
}

/* Starts a run all of whose predecessors have completed. The device may end it, and the loop's thread
 * let it go, before run_start has returned: only a refused run is touched afterwards. */
static void launch(struct lunq_runs *g, struct lunq_run *r)
{
    struct lunq_error err;
    int e;
    if (g->closing || r->cancelled) {
        tell(g, r, LUNQ_RUN_CANCELLED,
             reason(g->closing ? "the kernels of the card were closed before"
                               : "it was cancelled before"));
        return;
    }
    r->stage = STAGE_RUNNING;
    pthread_mutex_unlock(&g->lock);
    e = g->dev->ops->run_start(g->dev, r, &err);
    pthread_mutex_lock(&g->lock);
    if (e < 0)
        tell(g, r, LUNQ_RUN_ERROR, reason(err.message));
}

static void dispatch(struct lunq_runs *g)
{
    struct lunq_run *r;
    while (!g->stop) {
        if ((r = take(&g->ready)))
            launch(g, r);
        else if ((r = take(&g->told)))
            settle(g, r);
        else
            return;
    }
}

/* What was put into the queues is somebody's: without threads it is ours. */
static void hand_over(struct lunq_runs *g)
{
    if (g->has_thread) {
        pthread_cond_signal(&g->work);
    } else if (!g->dispatching) {
        g->dispatching = true;
        dispatch(g);
        g->dispatching = false;
    }
}

void lunq_run_ended(struct lunq_run *r, enum lunq_run_state state, const char *why)
{
    struct lunq_runs *g = r->kernel->dev->runs;
    struct lunq_reason *because = reason(why);
    bool threads = g->dev->ops->threads;
    pthread_mutex_lock(&g->lock);
    if (threads && r->n_after == 0) {
        r->result = state;
        r->why = because;
        settle(g, r);
    } else {
        tell(g, r, state, because);
        hand_over(g);
    }
    pthread_mutex_unlock(&g->lock);
    if (!threads)
        lunq_runs_look(g->dev);
}

static void *thread_main(void *arg)
{
    struct lunq_runs *g = arg;
    pthread_mutex_lock(&g->lock);
    while (!g->stop) {
        dispatch(g);
        if (!g->stop)
            pthread_cond_wait(&g->work, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* Signals are for the program's own thread. */
static int start_thread(struct lunq_runs *g, struct lunq_error *err)
{
    sigset_t all, before;
    int e;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    e = pthread_create(&g->thread, NULL, thread_main, g);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (e)
        return lunq_fail(err, LUNQ_RUNTIME, "No thread for the runs of %s: %s.", g->dev->name,
                         strerror(e));
    g->has_thread = true;
    return 0;
}

/* ---- the loop's thread: start ----------------------------------------------------------------- */

static int check_predecessor(const struct lunq_run *r, const struct lunq_run *a,
                             struct lunq_error *err)
{
    const char *kernel = a->kernel->cus[0]->kernel;
    if (a->kernel->dev != r->kernel->dev)
        return lunq_fail(
            err, LUNQ_VALUE,
            "waitfor: a run of kernel %s on %s can't be waited for by %s on %s: cards do "
            "not know of each other. Wait for it first.",
            kernel, a->kernel->dev->name, r->kernel->cus[0]->kernel, r->kernel->dev->name);
    if (a->stage == STAGE_NEW)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "waitfor: a run of kernel %s was never started: start it first.", kernel);
    if (a->result > LUNQ_RUN_COMPLETED)
        return lunq_fail(err, LUNQ_RUNTIME, "waitfor: a run of kernel %s has ended as \"%s\"%s%s.",
                         kernel, lunq_run_state_name(a->result), a->why ? ": " : "",
                         a->why ? a->why->text : "");
    return 0;
}

static bool link_to(struct lunq_run *a, struct lunq_run *r)
{
    if (a->n_after == a->room_after) {
        size_t room = a->room_after ? 2 * a->room_after : 2;
        struct lunq_run **list = realloc(a->after, room * sizeof(struct lunq_run *));
        if (!list)
            return false;
        a->after = list;
        a->room_after = room;
    }
    a->after[a->n_after++] = lunq_run_ref(r);
    r->pending++;
    return true;
}

/* Takes r, which was linked last, away from the first n of `after`. */
static void unlink_from(struct lunq_run *const *after, size_t n, struct lunq_run *r)
{
    for (size_t i = n; i > 0; i--) {
        struct lunq_run *a = after[i - 1];
        if (!a || a->n_after == 0 || a->after[a->n_after - 1] != r)
            continue;
        a->n_after--;
        r->refs--; /* the caller has another */
        r->pending--;
    }
}

static int link_all(struct lunq_runs *g, struct lunq_run *r, struct lunq_run *const *after,
                    size_t n, struct lunq_error *err)
{
    for (size_t i = 0; i < n; i++) {
        int e = after[i] ? check_predecessor(r, after[i], err) : 0;
        if (e < 0)
            return e;
    }
    for (size_t i = 0; i < n; i++) {
        if (!after[i] || after[i]->result != LUNQ_RUN_NEW || link_to(after[i], r))
            continue;
        unlink_from(after, i, r);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    if (r->pending > 0 && g->dev->ops->threads && !g->has_thread) {
        int e = start_thread(g, err);
        if (e < 0)
            unlink_from(after, n, r);
        return e;
    }
    return 0;
}

/* From now on the device tells of its end by itself. */
static void have_told(struct lunq_runs *g, const struct lunq_run *r)
{
    struct lunq_run *asked = g->asked;
    if (!asked || asked != r)
        return;
    g->asked = NULL;
    g->dev->ops->run_watch(g->dev, asked);
}

/* A run that is alone on the card: most are waited for, and then asking is quicker than being told. */
static int start_now(struct lunq_runs *g, struct lunq_run *r, struct lunq_error *err)
{
    const struct lunq_device_ops *ops = g->dev->ops;
    int e;
    r->asked = g->under_way == 1 && ops->run_look;
    e = ops->run_start(g->dev, r, err);
    if (e == 0 && r->asked) /* nobody else can have told of its end */
        g->asked = r;
    return e;
}

int lunq_graph_start(struct lunq_run *r, struct lunq_run *const *after, size_t n,
                     struct lunq_error *err)
{
    struct lunq_device *d = r->kernel->dev;
    struct lunq_runs *g = d->runs;
    bool waits;
    int e;
    lunq_runs_look(d);
    for (size_t i = 0; i < n; i++)
        if (after[i])
            have_told(g, after[i]);
    pthread_mutex_lock(&g->lock);
    e = link_all(g, r, after, n, err);
    waits = r->pending > 0;
    if (e == 0) {
        r->stage = waits ? STAGE_WAITING : STAGE_RUNNING;
        r->state = waits ? LUNQ_RUN_WAITING : LUNQ_RUN_RUNNING;
        g->under_way++;
    }
    pthread_mutex_unlock(&g->lock);
    if (e < 0 || waits)
        return e;
    e = start_now(g, r, err);
    if (e == 0)
        return 0;
    r->stage = STAGE_NEW; /* nobody else knows of it */
    r->state = LUNQ_RUN_NEW;
    g->under_way--;
    return e;
}

/* ---- the loop's thread: end ------------------------------------------------------------------- */

static void expect(struct lunq_runs *g)
{
    if (g->watch.on)
        lunq_loop_expect(&g->watch, g->watched > 0);
}

static void note_end(const struct lunq_run *r)
{
    char text[80];
    if (!lunq_flight_on)
        return;
    snprintf(text, sizeof text, "%.48s, %s", r->kernel->cus[0]->kernel,
             lunq_run_state_name(r->state));
    lunq_flight_note(r->kernel->dev, LUNQ_FLIGHT_ENDED, text, 0, 0);
}

static void finish(struct lunq_runs *g, struct lunq_run *r)
{
    if (g->asked == r)
        g->asked = NULL;
    g->under_way--;
    g->watched -= r->watched;
    r->watched = false;
    for (size_t i = 0; i < r->n_after; i++)
        lunq_run_unref(r->after[i]);
    r->n_after = 0;
    r->kernel->ended++;
    if (!r->lost) {
        r->state = r->result;
        note_end(r);
        lunq_event_set(&r->ended, lunq_device_now(g->dev));
    }
    r->lost = false;
    lunq_run_let_go(r);
}

void lunq_runs_look(struct lunq_device *d)
{
    struct lunq_runs *g = d ? d->runs : NULL;
    struct queue ended;
    struct lunq_run *r;
    if (!g || g->pausing)
        return;
    if (g->asked)
        d->ops->run_look(d, g->asked);
    if (!__atomic_load_n(&g->any, __ATOMIC_ACQUIRE))
        return;
    lunq_device_ref(d); /* the last run may have the last reference */
    pthread_mutex_lock(&g->lock);
    ended = g->settled;
    g->settled = (struct queue){0};
    __atomic_store_n(&g->any, false, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&g->lock);
    while ((r = take(&ended)))
        finish(g, r);
    expect(g);
    lunq_device_unref(d);
}

static void loop_wakes(struct lunq_watch *w)
{
    struct lunq_runs *g = (struct lunq_runs *)((char *)w - offsetof(struct lunq_runs, watch));
    uint64_t count;
    ssize_t n = read(w->fd, &count, sizeof count);
    (void)n;
    pthread_mutex_lock(&g->lock);
    g->signalled = false;
    pthread_mutex_unlock(&g->lock);
    lunq_runs_look(g->dev);
}

bool lunq_graph_peek(struct lunq_run *r)
{
    lunq_runs_look(r->kernel->dev);
    return r->state >= LUNQ_RUN_COMPLETED;
}

bool lunq_graph_look(struct lunq_run *r)
{
    struct lunq_runs *g = r->kernel->dev->runs;
    bool settled;
    if (lunq_graph_peek(r))
        return true;
    have_told(g, r);
    if (r->watched && r->state == LUNQ_RUN_RUNNING)
        return false;
    pthread_mutex_lock(&g->lock);
    settled = r->stage == STAGE_SETTLED;
    if (r->stage == STAGE_RUNNING)
        r->state = LUNQ_RUN_RUNNING;
    if (!settled && !r->watched) {
        r->watched = true;
        g->watched++;
    }
    pthread_mutex_unlock(&g->lock);
    if (settled)
        lunq_runs_look(g->dev);
    else
        expect(g);
    return r->state >= LUNQ_RUN_COMPLETED;
}

int lunq_graph_cancel(struct lunq_run *r, struct lunq_error *err)
{
    struct lunq_device *d = r->kernel->dev;
    struct lunq_runs *g = d->runs;
    bool running;
    pthread_mutex_lock(&g->lock);
    running = r->stage == STAGE_RUNNING;
    if (r->stage == STAGE_WAITING) {
        tell(g, r, LUNQ_RUN_CANCELLED, reason("it was cancelled before"));
        hand_over(g);
    } else if (r->stage == STAGE_READY) {
        r->cancelled = true;
    }
    pthread_mutex_unlock(&g->lock);
    if (running && !d->ops->run_abort)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Kernel %s runs, and %s can't abort what runs: wait for it.",
                         r->kernel->cus[0]->kernel, d->name);
    if (running)
        return d->ops->run_abort(d, r, err);
    lunq_runs_look(d);
    return 0;
}

/* ---- life ------------------------------------------------------------------------------------- */

/* The descriptor that wakes the loop. */
static int watch(struct lunq_runs *g, struct lunq_error *err)
{
    int e;
    g->watch =
        (struct lunq_watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = loop_wakes};
    if (g->watch.fd < 0)
        return lunq_fail(err, LUNQ_RUNTIME, "No descriptor for the runs of %s: %s.", g->dev->name,
                         strerror(errno));
    e = lunq_loop_watch(&g->watch, err);
    if (e < 0)
        close(g->watch.fd);
    return e;
}

int lunq_graph_open(struct lunq_device *d, struct lunq_error *err)
{
    struct lunq_runs *g;
    int e;
    if (d->runs)
        return 0;
    g = calloc(1, sizeof *g);
    if (!g)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    g->dev = d;
    if (d->ops->threads && (e = watch(g, err)) < 0) {
        free(g);
        return e;
    }
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->work, NULL);
    d->runs = g;
    return 0;
}

static void end_thread(struct lunq_runs *g)
{
    if (!g->has_thread)
        return;
    pthread_mutex_lock(&g->lock);
    g->stop = true;
    pthread_cond_signal(&g->work);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
    g->has_thread = g->stop = false;
}

void lunq_graph_free(struct lunq_device *d)
{
    struct lunq_runs *g = d->runs;
    if (!g)
        return;
    end_thread(g);
    if (g->under_way > 0) /* the device may still tell of their end */
        return;
    if (g->watch.on) {
        lunq_loop_unwatch(&g->watch);
        close(g->watch.fd);
    }
    pthread_cond_destroy(&g->work);
    pthread_mutex_destroy(&g->lock);
    free(g);
    d->runs = NULL;
}

/* ---- closing ---------------------------------------------------------------------------------- */

/* Runs under way that are worth waiting for: not those an earlier closing has given up. */
static bool is_busy(const struct lunq_runs *g)
{
    size_t lost = 0;
    for (const struct lunq_kernel *k = g->dev->kernels; k; k = k->next)
        for (const struct lunq_run *r = k->runs; r; r = r->next)
            lost += r->lost;
    return g->under_way > lost;
}

static void await_all(struct lunq_runs *g, double seconds)
{
    struct lunq_wait w;
    lunq_wait_begin(&w, g->dev, seconds);
    do
        lunq_runs_look(g->dev);
    while (g->under_way > 0 && is_busy(g) && lunq_wait_step(&w, NULL) == 0);
}

static bool is_under_way(const struct lunq_run *r)
{
    return r->state == LUNQ_RUN_WAITING || r->state == LUNQ_RUN_RUNNING;
}

static void abort_all(struct lunq_runs *g)
{
    g->pausing = true;
    for (struct lunq_kernel *k = g->dev->kernels; k; k = k->next)
        for (struct lunq_run *r = k->runs; r; r = r->next)
            if (is_under_way(r))
                lunq_graph_cancel(r, NULL);
    g->pausing = false;
}

/* What the device does not give back: whoever waits for it is told, and it keeps its buffers. True when
 * the kernel has such runs, from an earlier closing perhaps. */
static bool give_up(struct lunq_kernel *k)
{
    size_t lost = 0;
    bool any = false;
    for (struct lunq_run *r = k->runs; r; r = r->next) {
        any = any || r->lost || is_under_way(r);
        if (!is_under_way(r))
            continue;
        lost++;
        r->lost = true;
        r->state = LUNQ_RUN_NO_RESPONSE;
        lunq_event_set(&r->ended, lunq_device_now(k->dev));
    }
    if (lost > 0)
        lunq_warn(
            "resource",
            "%zu run%s of kernel %s on %s %s under way when its design was closed, and %s not "
            "end: the buffers stay in use.",
            lost, lost == 1 ? "" : "s", k->cus[0]->kernel, k->dev->name, lost == 1 ? "was" : "were",
            lost == 1 ? "does" : "do");
    return any;
}

static void set_closing(struct lunq_runs *g, bool on)
{
    pthread_mutex_lock(&g->lock);
    g->closing = on;
    pthread_mutex_unlock(&g->lock);
}

void lunq_runs_close(struct lunq_device *d)
{
    struct lunq_runs *g = d->runs;
    if (!g)
        return;
    lunq_device_ref(d);
    set_closing(g, true);
    have_told(g, g->asked);
    await_all(g, CLOSE_SECONDS);
    if (is_busy(g)) {
        abort_all(g);
        await_all(g, ABORT_SECONDS);
    }
    for (struct lunq_kernel *k = d->kernels; k; k = k->next) {
        k->stale = true;
        if (!give_up(k))
            lunq_kernel_shut(k);
    }
    set_closing(g, false);
    lunq_graph_free(d);
    lunq_device_unref(d);
}
