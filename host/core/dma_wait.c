/* dma_wait.c - AXI DMA: waiting for transfers: by looking for as long as a short one takes, then
 * asleep until the channel's interrupt (dma_watch.c), or looking on where none is wired. */
#include <inttypes.h>
#include <string.h>

#include "dma_internal.h"

/* A transfer of a page is over by then; arming an interrupt would take longer than the rest. */
#define SPIN_NS 20000

/* ---- one look ------------------------------------------------------------------------------ */

static int nothing_to_wait_for(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    uint32_t sr;
    int r = dma_read(dma, ch, DMASR, &sr, err);
    if (r < 0)
        return r;
    if (dma->params.sg)
        return lunq_fail(
            err, LUNQ_RUNTIME, "DMA transfer not started: nothing to wait for on %s %s%s.",
            dma->name, dma_dir_name(ch->dir), ch->was_reset ? ", a reset ended the transfer" : "");
    if (sr & SR_HALTED)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    return lunq_fail(err, LUNQ_RUNTIME, "Nothing to wait for on %s %s: %s.", dma->name,
                     dma_dir_name(ch->dir),
                     ch->was_reset ? "a reset ended the transfer"
                     : ch->done    ? "the last transfer was waited for already"
                                   : "no transfer was started");
}

int dma_status_check(struct lunq_dma *dma, struct dma_channel *ch, uint32_t *sr,
                     struct lunq_error *err)
{
    int r = dma_read(dma, ch, DMASR, sr, err);
    if (r < 0 || !(*sr & SR_ERRORS))
        return r;
    ch->state = DMA_FAILED;
    dma_fail(dma, ch, LUNQ_RUNTIME, err, "%s", dma_error_text(*sr));
    return lunq_fault(err);
}

/* 1 done, 0 not yet, <0 failed. *sr: what DMASR was. */
static int check(struct lunq_dma *dma, struct dma_channel *ch, uint32_t *sr, struct lunq_error *err)
{
    int r = dma_status_check(dma, ch, sr, err);
    if (r < 0)
        return r;
    if ((*sr & SR_HALTED) && !dma->params.sg) {
        ch->state = DMA_FAILED;
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    }
    return (*sr & (SR_IDLE | SR_HALTED)) != 0;
}

static int check_and_finish(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    uint32_t sr;
    int r = check(dma, ch, &sr, err);
    if (r <= 0)
        return r;
    r = dma_finish(dma, ch, err);
    return r < 0 ? r : 1;
}

/* The look of who sleeps: only after news, so nothing may be overlooked. The interrupt is armed again
 * before the status is read for good, or what comes in between would wake nobody. */
static int watched_look(struct lunq_dma *dma, struct dma_channel *ch, bool late,
                        struct lunq_error *err)
{
    char lost[1024];
    uint32_t sr;
    int r = dma_watch_failure(ch, err);
    if (r < 0)
        return r;
    dma_watch_lost(ch, late, lost, sizeof lost);
    r = check(dma, ch, &sr, err);
    if (r == 0 && !late && (r = dma_watch_again(ch, sr, err)) > 0)
        r = check(dma, ch, &sr, err);
    if (r <= 0)
        return r;
    if (dma_watch_comes(ch, sr, late)) /* the interrupt is on its way, or lost */
        return 0;
    if (*lost && (sr & SR_IRQS))
        lunq_warn("user", "%s", lost);
    r = dma_finish(dma, ch, err);
    return r < 0 ? r : 1;
}

static int did_not_finish(struct lunq_dma *dma, struct dma_channel *ch, double seconds,
                          struct lunq_error *err)
{
    return dma_fail(dma, ch, LUNQ_TIMEOUT, err, "DMA %s did not finish within %g s",
                    dma_dir_name(ch->dir), seconds);
}

/* The transfer this wait is for is not the last one any more, or not under way: how did it end? */
static int ended(struct lunq_dma *dma, struct dma_channel *ch, const struct lunq_dma_pending *p,
                 struct lunq_error *err)
{
    if (p->order && ch->ended >= p->order) /* well: somebody else looked first */
        return 1;
    if (p->order && ch->order != p->order)
        return lunq_fail(
            err, LUNQ_RUNTIME,
            "Nothing to wait for on %s %s: the transfer was ended by a reset or a stop.", dma->name,
            dma_dir_name(ch->dir));
    return ch->state == DMA_NOTHING ? nothing_to_wait_for(dma, ch, err) : 0;
}

int lunq_dma_wait_look(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_pending *p,
                       const double *late, struct lunq_error *err)
{
    struct dma_channel *ch;
    int r;
    if (dma->closed)
        return lunq_fail(err, LUNQ_RUNTIME, "DMA is closed.");
    ch = dma_channel(dma, dir, err);
    if (!ch)
        return LUNQ_UNSUPPORTED;
    if (ch->cyclic)
        return lunq_fail(err, LUNQ_RUNTIME, "Cannot wait in cyclic BD mode");
    if (ch->ring)
        return dma_ring_open_already(dma, ch, err);
    r = ended(dma, ch, p, err);
    if (r < 0)
        return r;
    p->order = ch->order;
    if (r == 0 && ch->state == DMA_DONE)
        r = 1;
    else if (r == 0)
        r = ch->watch.waits ? watched_look(dma, ch, late != NULL, err)
                            : check_and_finish(dma, ch, err);
    p->bytes = ch->ended_bytes;
    return r == 0 && late ? did_not_finish(dma, ch, *late, err) : r;
}

void lunq_dma_wait_end(struct lunq_dma *dma, enum lunq_dma_dir dir,
                       const struct lunq_dma_pending *p)
{
    struct dma_channel *ch = &dma->ch[dir == LUNQ_S2MM];
    if (ch->state == DMA_DONE && ch->order == p->order)
        ch->state = DMA_NOTHING;
}

/* ---- the wait of a C program, and of a script without tasks ----------------------------------- */

struct sleeper {
    struct lunq_waiter w; /* first */
    dma_look *look;
    void *ctx;
    double seconds;
};

static int sleeper_look(struct lunq_waiter *w, bool late, struct lunq_error *err)
{
    struct sleeper *s = (struct sleeper *)w;
    return s->look(s->ctx, late ? &s->seconds : NULL, err);
}

static void sleeper_done(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    (void)w, (void)result, (void)err; /* lunq_loop_wait hears it */
}

static int sleep_for_it(struct lunq_dma *dma, enum lunq_dma_dir dir, struct sleeper *s, double left,
                        struct lunq_error *err)
{
    int r = lunq_loop_add(&s->w, dma->regs->dev, left, lunq_dma_event(dma, dir), err);
    lunq_dma_watch(dma, dir, true);
    if (r == 0)
        r = lunq_loop_wait(&s->w, err);
    if (r == LUNQ_TIMEOUT && !(left >= 0)) /* nothing is under way: what does the engine say? */
        r = s->look(s->ctx, &s->seconds, err);
    lunq_dma_watch(dma, dir, false);
    return r;
}

/* Time to sleep: where a wait can, and once a short transfer would be over. */
static bool sleepy(const struct lunq_dma *dma, enum lunq_dma_dir dir, const struct lunq_wait *w,
                   uint64_t begun)
{
    return dma->ch[dir].watch.name && w->now - begun >= SPIN_NS && w->now < w->deadline &&
           !lunq_loop_serving();
}

int dma_wait_for(struct lunq_dma *dma, enum lunq_dma_dir dir, dma_look *look, void *ctx,
                 double seconds, struct lunq_error *err)
{
    struct lunq_wait w;
    uint64_t begun;
    int r = 0;
    lunq_wait_begin(&w, dma->regs->dev, seconds);
    begun = w.now;
    while (r == 0) {
        int step = lunq_wait_step(&w, err);
        if (step < 0 && step != LUNQ_TIMEOUT)
            return step;
        r = look(ctx, step < 0 ? &seconds : NULL, err);
        if (r == 0 && sleepy(dma, dir, &w, begun)) {
            struct sleeper s = {{.look = sleeper_look, .done = sleeper_done}, look, ctx, seconds};
            double left = w.deadline == UINT64_MAX ? -1 : (double)(w.deadline - w.now) * 1e-9;
            return sleep_for_it(dma, dir, &s, left, err);
        }
    }
    return r < 0 ? r : 0;
}

struct transfer_wait {
    struct lunq_dma *dma;
    enum lunq_dma_dir dir;
    struct lunq_dma_pending pending;
};

static int transfer_look(void *ctx, const double *late, struct lunq_error *err)
{
    struct transfer_wait *t = ctx;
    return lunq_dma_wait_look(t->dma, t->dir, &t->pending, late, err);
}

int lunq_dma_wait(struct lunq_dma *dma, enum lunq_dma_dir dir, double seconds,
                  struct lunq_error *err)
{
    struct transfer_wait t = {dma, dir == LUNQ_S2MM ? LUNQ_S2MM : LUNQ_MM2S, {0, 0}};
    int r = transfer_look(&t, NULL, err);
    if (r == 0)
        r = dma_wait_for(dma, t.dir, transfer_look, &t, seconds, err);
    if (r < 0)
        return r;
    lunq_dma_wait_end(dma, t.dir, &t.pending);
    return 0;
}

int lunq_dma_poll(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    if (!ch)
        return LUNQ_UNSUPPORTED;
    if (ch->cyclic)
        return lunq_fail(err, LUNQ_RUNTIME, "Cannot wait in cyclic BD mode");
    if (ch->ring)
        return dma_ring_open_already(dma, ch, err);
    if (ch->state == DMA_DONE || (ch->state == DMA_NOTHING && ch->done && !ch->was_reset))
        return 1;
    return ch->state == DMA_NOTHING ? nothing_to_wait_for(dma, ch, err)
                                    : check_and_finish(dma, ch, err);
}
