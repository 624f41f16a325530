/* run_close.c - the end of all runs and kernels of a device: before another design is loaded, and before it
 * goes. */
#include "run_graph.h"

/* How long to wait for what runs, and then for what was aborted, seconds. */
#define CLOSE_SECONDS 10
#define ABORT_SECONDS 1

/* Runs under way that are worth waiting for: not those an earlier closing has given up. */
static bool is_busy(const struct lunq_runs *g)
{
    return g->under_way > g->lost;
}

static void await_all(struct lunq_runs *g, double seconds)
{
    struct lunq_wait w;
    lunq_wait_begin(&w, g->dev, seconds);
    do
        lunq_runs_look(g->dev);
    while (is_busy(g) && lunq_wait_step(&w, NULL) == 0);
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
        k->dev->runs->lost++;
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
    lunq_graph_have_told(g, g->asked);
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
