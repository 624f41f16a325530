/* dma_watch.c - AXI DMA: the interrupt of a channel while somebody waits for a transfer.
 * Line = ((DMASR & DMACR) & 0x7000) != 0, a level (registers.md section 5). PYNQ enables only IOC,
 * so that an error wakes nobody; here both are on. Whoever wakes looks at DMASR: the interrupt says
 * when, never what. So an interrupt too many costs a look, and one too few ends at the time limit. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dma_internal.h"

enum { MOST_FRUITLESS = 8 };
/* Looks without an interrupt: soon at first, so that a short transfer is not kept waiting. */
enum { FIRST_TICK_NS = 20000, LONGEST_TICK_NS = 10000000 };

static struct dma_channel *channel_of(struct dma_watch *w)
{
    return (struct dma_channel *)((char *)w - offsetof(struct dma_channel, watch));
}

void dma_watch_news(struct dma_channel *ch)
{
    if (ch->watch.news.first)
        lunq_event_set(&ch->watch.news, 0);
}

static void fail(struct dma_watch *w, const struct lunq_error *err)
{
    if (!w->failure && (w->failure = malloc(sizeof *err)))
        *w->failure = *err;
    w->polled = true; /* also without memory for the words */
}

/* ---- ticks --------------------------------------------------------------------------------- */

static void tick_done(struct lunq_waiter *waiter, int result, const struct lunq_error *err);

static void tick(struct dma_watch *w)
{
    struct lunq_error e;
    if (w->tick.line)
        return;
    w->tick.done = tick_done;
    w->tick.background = true; /* where nothing is under way, looking again changes nothing */
    if (lunq_loop_add(&w->tick, w->dma->regs->dev, (double)w->pause * 1e-9, NULL, &e) < 0)
        fail(w, &e);
    if (w->pause < LONGEST_TICK_NS)
        w->pause *= 2;
}

static void tick_done(struct lunq_waiter *waiter, int result, const struct lunq_error *err)
{
    struct dma_watch *w = (struct dma_watch *)((char *)waiter - offsetof(struct dma_watch, tick));
    w->ticked = true;
    if (result != LUNQ_TIMEOUT && err) /* the device failed, and told nobody else */
        fail(w, err);
    else if (!w->dma->regs->stale)
        tick(w);
    dma_watch_news(channel_of(w));
}

/* ---- the pin ------------------------------------------------------------------------------- */

static void woken(struct lunq_irq_waiter *irq, int result, const struct lunq_error *err)
{
    struct dma_watch *w = (struct dma_watch *)irq;
    w->fired = true;
    w->ticked = false;
    if (result < 0 && err)
        fail(w, err);
    dma_watch_news(channel_of(w));
}

static int open_pin(struct dma_watch *w, struct lunq_error *err)
{
    struct lunq_device *d = w->dma->regs->dev;
    if (w->pin)
        return 0;
    return w->controller
               ? lunq_irq_open_at(&w->pin, d, w->name, w->controller, w->index, w->raw_irq, err)
               : lunq_irq_open(&w->pin, d, w->name, err);
}

static void arm(struct dma_watch *w)
{
    struct lunq_error e;
    int r = open_pin(w, &e);
    if (r == 0)
        r = lunq_irq_begin(w->pin, &w->irq, &e);
    if (r == LUNQ_UNSUPPORTED || r == LUNQ_VALUE) /* wired to where nobody can listen */
        w->polled = true;
    else if (r < 0)
        fail(w, &e);
}

/* It fires and DMASR knows nothing of it: a wire that is stuck, or shared with somebody else. */
static void give_up(struct dma_watch *w)
{
    char text[1024];
    lunq_warn(
        "user",
        "%s %s: its interrupt comes again and again while DMASR has none, so the wait goes on "
        "without it. Is %s wired to the right pin, and nothing else to the same input?\n%s",
        w->dma->name, dma_dir_name(channel_of(w)->dir), w->name,
        lunq_irq_explain(w->pin, text, sizeof text));
    w->polled = true;
    tick(w);
}

/* ---- enables ------------------------------------------------------------------------------- */

/* Those of DMACR that are missing; start() sets them, and who has taken them away wants that back. */
static int enable(struct dma_watch *w, struct lunq_error *err)
{
    struct dma_channel *ch = channel_of(w);
    uint32_t cr, missing;
    int r = dma_read(w->dma, ch, DMACR, &cr, err);
    if (r < 0)
        return r;
    missing = (CR_IOC | CR_ERR | (cr >> 24 ? CR_DLY : 0)) & ~cr;
    if (!missing)
        return 0;
    w->added = missing;
    return dma_write(w->dma, ch, DMACR, cr | missing, err);
}

static void restore(struct dma_watch *w)
{
    struct dma_channel *ch = channel_of(w);
    uint32_t cr;
    if (w->added && !w->dma->closed && !w->dma->regs->stale &&
        dma_read(w->dma, ch, DMACR, &cr, NULL) == 0)
        dma_write(w->dma, ch, DMACR, cr & ~w->added, NULL);
    w->added = 0;
}

/* ---- a wait begins and ends ------------------------------------------------------------------ */

static void begin(struct dma_watch *w)
{
    struct lunq_error e;
    w->polled = w->fired = w->ticked = false;
    w->fruitless = 0;
    w->pause = FIRST_TICK_NS;
    w->irq.wake = woken;
    w->news.count = 0;
    if (w->dma->regs->stale) /* the look says so */
        return;
    if (channel_of(w)->ring) /* what came while nobody waited */
        dma_write(w->dma, channel_of(w), DMASR, SR_IOC | SR_DLY, NULL);
    arm(w); /* before the source is enabled */
    if (!w->failure && enable(w, &e) < 0)
        fail(w, &e);
    /* Scatter-gather: a receive whose source never says TLAST fills its descriptors and ends without an
     * interrupt, and so does what stays below a threshold. */
    if (w->polled || w->dma->params.sg)
        tick(w);
}

static void finish(struct dma_watch *w)
{
    lunq_irq_end(&w->irq);
    lunq_loop_remove(&w->tick);
    restore(w);
    free(w->failure);
    w->failure = NULL;
}

void lunq_dma_watch(struct lunq_dma *dma, enum lunq_dma_dir dir, bool on)
{
    struct dma_watch *w = &dma->ch[dir == LUNQ_S2MM].watch;
    if (on) {
        dma->watches++;
        if (w->name && w->waits++ == 0 && !dma->closed)
            begin(w);
        return;
    }
    if (w->name && --w->waits == 0)
        finish(w);
    if (--dma->watches == 0 && dma->closed)
        dma_free(dma);
}

struct lunq_event *lunq_dma_event(struct lunq_dma *dma, enum lunq_dma_dir dir)
{
    struct dma_watch *w = &dma->ch[dir == LUNQ_S2MM].watch;
    return w->name ? &w->news : NULL;
}

void dma_watch_close(struct dma_channel *ch)
{
    struct dma_watch *w = &ch->watch;
    lunq_irq_end(&w->irq);
    lunq_loop_remove(&w->tick);
    lunq_irq_close(w->pin);
    w->pin = NULL;
    dma_watch_news(ch);
}

int lunq_dma_wire(struct lunq_dma *dma, enum lunq_dma_dir dir, const char *pin,
                  const char *controller, unsigned index, int raw_irq, struct lunq_error *err)
{
    struct dma_watch *w = &dma->ch[dir == LUNQ_S2MM].watch;
    char *name = strdup(pin), *owner = controller ? strdup(controller) : NULL;
    if (!name || (controller && !owner)) {
        free(name);
        free(owner);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    free(w->name);
    free(w->controller);
    w->name = name;
    w->controller = owner;
    w->index = index;
    w->raw_irq = raw_irq;
    return 0;
}

/* ---- looks --------------------------------------------------------------------------------- */

int dma_watch_failure(const struct dma_channel *ch, struct lunq_error *err)
{
    const struct lunq_error *e = ch->watch.failure;
    if (!e)
        return 0;
    if (err)
        *err = *e;
    return e->kind;
}

void dma_watch_lost(struct dma_channel *ch, bool late, char *text, size_t size)
{
    struct dma_watch *w = &ch->watch;
    char way[768];
    *text = 0;
    if (!late || !w->irq.irq)
        return;
    lunq_irq_service(w->dma->regs->dev, NULL); /* it may have come this moment */
    if (w->irq.irq && !w->fired)
        snprintf(
            text, size,
            "%s %s was done, but its interrupt did not come: the wait ended with its time limit. "
            "Check how %s is wired.\n%s",
            w->dma->name, dma_dir_name(ch->dir), w->name,
            lunq_irq_explain(w->pin, way, sizeof way));
}

bool dma_watch_comes(const struct dma_channel *ch, uint32_t sr, bool late)
{
    const struct dma_watch *w = &ch->watch;
    return !late && w->ticked && w->irq.irq && (sr & SR_IRQS);
}

int dma_watch_again(struct dma_channel *ch, uint32_t sr, struct lunq_error *err)
{
    struct dma_watch *w = &ch->watch;
    uint32_t came = sr & (SR_IOC | SR_DLY);
    int r = 0;
    if (w->irq.irq || w->polled)
        return 0;
    if (came) {
        w->fruitless = 0;
        r = dma_write(w->dma, ch, DMASR, came, err); /* a level: cleared before it is armed */
    } else if (++w->fruitless >= MOST_FRUITLESS) {
        give_up(w);
        return 0;
    }
    if (r == 0)
        r = lunq_irq_begin(w->pin, &w->irq, err);
    return r < 0 ? r : 1;
}
