/* dma_ring_wait.c - AXI DMA: waiting for the blocks of a ring, as dma_wait.c waits for transfers. */
#include "dma_ring_internal.h"

/* Blocks in a row that were found by looking, longer after an interrupt should have told than one can
 * take, before that is said. */
enum { MOST_SILENT = 4, LATE_NS = 4000000 };

/* ---- looks --------------------------------------------------------------------------------- */

typedef int ready_fn(struct lunq_dma_ring *r, struct lunq_error *err);

/* A block was there; did the interrupt tell? One that never does is worth a word. */
static void listen(struct lunq_dma_ring *r)
{
    struct dma_watch *w = &r->ch->watch;
    uint32_t sr = 0;
    char text[1024];
    if (w->fired)
        r->silent = 0;
    if (!w->waits || !w->ticked || w->pause < LATE_NS || !w->irq.irq || r->silent >= MOST_SILENT ||
        dma_read(r->dma, r->ch, DMASR, &sr, NULL) < 0 || !(sr & (SR_IOC | SR_DLY)) ||
        ++r->silent < MOST_SILENT)
        return;
    lunq_warn(
        "user",
        "%s %s: %d blocks were done and no interrupt came, so they were found by looking, which "
        "takes longer. Check how %s is wired.\n%s",
        r->dma->name, dma_dir_name(r->ch->dir), MOST_SILENT, w->name,
        lunq_irq_explain(w->pin, text, sizeof text));
}

static int too_late(struct lunq_dma_ring *r, double seconds, struct lunq_error *err)
{
    return dma_fail(r->dma, r->ch, LUNQ_TIMEOUT, err,
                    dma_ring_sends(r) ? "DMA MM2S has sent no block of its ring within %g s"
                                      : "DMA S2MM has filled no block of its ring within %g s",
                    seconds);
}

/* The order is that of watched_look in dma_wait.c: nothing that comes in between is overlooked. */
static int look(struct lunq_dma_ring *r, ready_fn *ready, const double *late,
                struct lunq_error *err)
{
    uint32_t sr;
    int e = dma_ring_alive(r, err);
    if (e < 0)
        return e;
    e = ready(r, err); /* before any error: what is complete is good */
    if (e == 0)
        e = dma_watch_failure(r->ch, err);
    if (e == 0)
        e = dma_status_check(r->dma, r->ch, &sr, err);
    if (e == 0 && (sr & SR_HALTED))
        e = dma_fail(r->dma, r->ch, LUNQ_RUNTIME, err, "DMA channel not started");
    if (e == 0 && r->ch->watch.waits && (e = dma_watch_again(r->ch, sr, err)) > 0)
        e = ready(r, err);
    if (e > 0)
        listen(r);
    if (e == 0 && !r->waiting)
        r->stats.waits++;
    r->waiting = e == 0 && !late;
    return e == 0 && late ? too_late(r, *late, err) : e;
}

int lunq_dma_ring_take_look(struct lunq_dma_ring *r, const double *late, struct lunq_error *err)
{
    int e = dma_ring_none_out(r, err);
    if (e == 0)
        e = dma_ring_alive(r, err);
    return e < 0 ? e : look(r, dma_ring_sends(r) ? dma_ring_room : dma_ring_received, late, err);
}

int lunq_dma_ring_flush_look(struct lunq_dma_ring *r, const double *late, struct lunq_error *err)
{
    int e = dma_ring_alive(r, err);
    if (e == 0 && !dma_ring_sends(r))
        e = lunq_fail(err, LUNQ_VALUE, "Only what is sent can be flushed; this ring receives.");
    return e < 0 ? e : look(r, dma_ring_sent, late, err);
}

/* ---- waits --------------------------------------------------------------------------------- */

struct ring_wait {
    struct lunq_dma_ring *ring;
    bool flush;
};

static int wait_look(void *ctx, const double *late, struct lunq_error *err)
{
    struct ring_wait *w = ctx;
    return w->flush ? lunq_dma_ring_flush_look(w->ring, late, err)
                    : lunq_dma_ring_take_look(w->ring, late, err);
}

int lunq_dma_ring_wait(struct lunq_dma_ring *r, bool flush, double seconds, struct lunq_error *err)
{
    struct ring_wait w = {r, flush};
    int e = wait_look(&w, NULL, err);
    if (e == 0)
        e = dma_wait_for(r->dma, r->ch->dir, wait_look, &w, seconds, err);
    return e < 0 ? e : 0;
}

int lunq_dma_ring_take(struct lunq_dma_ring *r, double seconds, struct lunq_dma_block *b,
                       struct lunq_error *err)
{
    int e = lunq_dma_ring_wait(r, false, seconds, err);
    if (e == 0)
        e = lunq_dma_ring_take_now(r, b, err);
    return e < 0 ? e : 0;
}

int lunq_dma_ring_flush(struct lunq_dma_ring *r, double seconds, struct lunq_error *err)
{
    return lunq_dma_ring_wait(r, true, seconds, err);
}
