/* run_graph.c - what waits for what. The end of a run is told by the device, from whatever thread; its
 * successors are then started by the graph's own thread where the device has threads, else on the spot;
 * last, the loop's thread takes notice (run_loop.c). Everything goes through queues: a chain of 100,000
 * runs that end at once needs no more stack than one. */
#include "run_graph.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- queues and reasons ----------------------------------------------------------------------- */

static void put(struct run_queue *q, struct lunq_run *r)
{
    r->queue = NULL;
    *(q->last ? &q->last->queue : &q->first) = r;
    q->last = r;
}

struct lunq_run *lunq_graph_take(struct run_queue *q)
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
struct lunq_reason *lunq_graph_reason(const char *text)
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
    return lunq_graph_reason(text);
}

/* ---- what ends, and what starts then: with the lock ------------------------------------------- */

void lunq_graph_tell(struct lunq_runs *g, struct lunq_run *r, enum lunq_run_state result,
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
            lunq_graph_tell(g, s, LUNQ_RUN_CANCELLED, share(why));
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
        lunq_graph_tell(g, r, LUNQ_RUN_CANCELLED,
                        lunq_graph_reason(g->closing ? "the kernels of the card were closed before"
                                                     : "it was cancelled before"));
        return;
    }
    r->stage = STAGE_RUNNING;
    pthread_mutex_unlock(&g->lock);
    e = g->dev->ops->run_start(g->dev, r, &err);
    pthread_mutex_lock(&g->lock);
    if (e < 0)
        lunq_graph_tell(g, r, LUNQ_RUN_ERROR, lunq_graph_reason(err.message));
}

static void dispatch(struct lunq_runs *g)
{
    struct lunq_run *r;
    while (!g->stop) {
        if ((r = lunq_graph_take(&g->ready)))
            launch(g, r);
        else if ((r = lunq_graph_take(&g->told)))
            settle(g, r);
        else
            return;
    }
}

/* What was put into the queues is somebody's: without threads it is ours. */
void lunq_graph_hand_over(struct lunq_runs *g)
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
    struct lunq_reason *because = lunq_graph_reason(why);
    bool threads = g->dev->ops->threads;
    pthread_mutex_lock(&g->lock);
    if (threads && r->n_after == 0) {
        r->result = state;
        r->why = because;
        settle(g, r);
    } else {
        lunq_graph_tell(g, r, state, because);
        lunq_graph_hand_over(g);
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
int lunq_graph_start_thread(struct lunq_runs *g, struct lunq_error *err)
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

void lunq_graph_end_thread(struct lunq_runs *g)
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
