/* run_loop.c - the loop's thread's side of the graph: starting runs, and taking notice of their ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "flight.h"
#include "run_graph.h"

/* ---- start ----------------------------------------------------------------- */

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

static bool make_room(struct lunq_run *a)
{
    bool few = a->after == a->few;
    size_t room = 2 * a->room_after;
    struct lunq_run **list = realloc(few ? NULL : a->after, room * sizeof(struct lunq_run *));
    if (!list)
        return false;
    if (few)
        memcpy(list, a->few, sizeof a->few);
    a->after = list;
    a->room_after = room;
    return true;
}

static bool link_to(struct lunq_run *a, struct lunq_run *r)
{
    if (a->n_after == a->room_after && !make_room(a))
        return false;
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
        int e = lunq_graph_start_thread(g, err);
        if (e < 0)
            unlink_from(after, n, r);
        return e;
    }
    return 0;
}

void lunq_graph_have_told(struct lunq_runs *g, const struct lunq_run *r)
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
            lunq_graph_have_told(g, after[i]);
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

/* ---- end ------------------------------------------------------------------- */

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
    g->lost -= r->lost;
    r->lost = false;
    lunq_run_let_go(r);
}

void lunq_runs_look(struct lunq_device *d)
{
    struct lunq_runs *g = d ? d->runs : NULL;
    struct run_queue ended;
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
    g->settled = (struct run_queue){0};
    __atomic_store_n(&g->any, false, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&g->lock);
    while ((r = lunq_graph_take(&ended)))
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
    lunq_graph_have_told(g, r);
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
        lunq_graph_tell(g, r, LUNQ_RUN_CANCELLED, lunq_graph_reason("it was cancelled before"));
        lunq_graph_hand_over(g);
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

void lunq_graph_free(struct lunq_device *d)
{
    struct lunq_runs *g = d->runs;
    if (!g)
        return;
    lunq_graph_end_thread(g);
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
