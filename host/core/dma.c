/* dma.c - AXI DMA: its channels: open, start, stop, reset, status. See dma_transfer.c for the rest. */
#include "dma.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "dma_internal.h"

/* ---- channels ------------------------------------------------------------------------------ */

void dma_let_go(struct dma_channel *ch)
{
    struct lunq_mem *mem = ch->mem;
    ch->mem = NULL;
    ch->cyclic = ch->orphan = false;
    ch->ring = NULL;
    if (mem)
        lunq_mem_release(mem);
}

static void end_ring(struct dma_channel *ch, const char *why)
{
    if (ch->ring)
        dma_ring_over(ch->ring, why);
}

/* Another design is loaded: this engine is no more, and touches no memory. */
static void forget(struct lunq_dma *dma)
{
    for (int d = 0; d < 2; d++) {
        dma->ch[d].state = DMA_NOTHING;
        end_ring(&dma->ch[d], "its design is no longer loaded");
        dma_let_go(&dma->ch[d]);
    }
}

struct dma_channel *dma_channel(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err)
{
    struct dma_channel *ch = &dma->ch[dir == LUNQ_S2MM];
    if (dma->regs->stale)
        forget(dma);
    if (ch->present)
        return ch;
    lunq_fail(err, LUNQ_UNSUPPORTED, "%s has no %s channel in this design.", dma->name,
              dma_dir_name(ch->dir));
    return NULL;
}

uint32_t dma_run_bits(const struct lunq_dma *dma, const struct dma_channel *ch)
{
    /* Err too: with IOC alone an error never wakes who waits for the interrupt. */
    return CR_RS | (dma->params.irq[ch->dir] ? CR_IOC | CR_ERR : 0) | ch->coalesce;
}

/* A channel that stays halted: is there an error that keeps it so? One of the other channel does, too
 * (axi_dma_register.vhd, error_in). */
static int hopeless(struct lunq_dma *dma, struct dma_channel *ch, uint32_t sr,
                    struct lunq_error *err)
{
    struct dma_channel *peer = &dma->ch[!ch->dir];
    uint32_t other = 0;
    int r = peer->present && !(sr & SR_ERRORS) ? dma_read(dma, peer, DMASR, &other, err) : 0;
    return r < 0 ? r : ((sr | other) & SR_ERRORS) != 0;
}

int dma_await_halted(struct lunq_dma *dma, struct dma_channel *ch, bool halted, double seconds,
                     struct lunq_error *err)
{
    struct lunq_wait w;
    bool last = false;
    lunq_wait_begin(&w, dma->regs->dev, seconds);
    for (;;) {
        uint32_t sr;
        int r = dma_read(dma, ch, DMASR, &sr, err);
        if (r < 0)
            return r;
        if (!(sr & SR_HALTED) == !halted)
            return 0;
        r = halted ? 0 : hopeless(dma, ch, sr, err);
        if (r < 0)
            return r;
        if (r > 0 || last)
            return LUNQ_TIMEOUT;
        r = lunq_wait_step(&w, err);
        if (r == LUNQ_TIMEOUT)
            last = true;
        else if (r < 0)
            return r;
    }
}

int lunq_dma_start(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    int r;
    if (!ch)
        return LUNQ_UNSUPPORTED;
    r = dma_write(dma, ch, DMACR, dma_run_bits(dma, ch), err);
    if (r == 0)
        r = dma_await_halted(dma, ch, false, FOLLOW_SECONDS, err);
    if (r == LUNQ_TIMEOUT)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    if (r == 0 && ch->state != DMA_BUSY)
        ch->first = true;
    return r;
}

static int start_simple(struct lunq_dma *dma, struct lunq_error *err)
{
    int r = 0;
    for (int d = 0; r == 0 && d < 2; d++)
        if (dma->ch[d].present && !dma->params.sg)
            r = lunq_dma_start(dma, dma->ch[d].dir, err);
    return r;
}

int lunq_dma_reset(struct lunq_dma *dma, struct lunq_error *err)
{
    struct dma_channel *ch = &dma->ch[dma->ch[LUNQ_MM2S].present ? LUNQ_MM2S : LUNQ_S2MM];
    uint32_t cr;
    struct lunq_wait w;
    int r = dma_write(dma, ch, DMACR, CR_RESET, err);
    if (r < 0)
        return r;
    lunq_wait_begin(&w, dma->regs->dev, FOLLOW_SECONDS);
    while ((r = dma_read(dma, ch, DMACR, &cr, err)) == 0 && (cr & CR_RESET)) {
        r = lunq_wait_step(&w, err);
        if (r == LUNQ_TIMEOUT)
            return lunq_fail(err, LUNQ_TIMEOUT,
                             "%s: the reset did not end within %g s (DMACR 0x%08" PRIx32
                             "). A memory port that never answers keeps it: are its clock and the "
                             "HP port enabled?",
                             dma->name, FOLLOW_SECONDS, cr);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    for (int d = 0; d < 2; d++) {
        dma->ch[d].was_reset = dma->ch[d].mem != NULL;
        dma->ch[d].state = DMA_NOTHING;
        dma->ch[d].watch.added = 0; /* all enables are off now */
        end_ring(&dma->ch[d], "a reset ended it");
        dma_let_go(&dma->ch[d]);
        dma_watch_news(&dma->ch[d]);
    }
    return start_simple(dma, err);
}

int dma_reset_orphan(struct lunq_dma *dma, struct lunq_error *err)
{
    for (int d = 0; d < 2; d++)
        if (dma->ch[d].orphan && !dma->ch[!d].mem)
            return lunq_dma_reset(dma, err);
    return 0;
}

/* ---- opening and closing ------------------------------------------------------------------- */

static int bring_up(struct lunq_dma *dma, struct lunq_error *err)
{
    int r = 0;
    for (int d = 0; r == 0 && d < 2; d++) {
        struct dma_channel *ch = &dma->ch[d];
        uint32_t sr = 0;
        if (!ch->present)
            continue;
        r = dma_write(dma, ch, DMACR, dma->params.sg ? 0 : dma_run_bits(dma, ch), err);
        if (r == 0)
            r = dma_await_halted(dma, ch, dma->params.sg, FOLLOW_SECONDS, err);
        ch->first = true;
        /* Left over from whoever used it before: halted on an error, or a transfer that never
         * ended. Only a reset (of both channels) helps. */
        if (r == LUNQ_TIMEOUT)
            return lunq_dma_reset(dma, err);
        if (r == 0 && dma->params.sg && (r = dma_read(dma, ch, DMASR, &sr, err)) == 0 &&
            (sr & SR_ERRORS))
            return lunq_dma_reset(dma, err);
    }
    return r;
}

int lunq_dma_open(struct lunq_dma **out, struct lunq_mmio *regs, const char *name,
                  const struct lunq_dma_params *params, struct lunq_error *err)
{
    struct lunq_dma *dma;
    int r;
    *out = NULL;
    if (!params->include[LUNQ_MM2S] && !params->include[LUNQ_S2MM])
        return lunq_fail(err, LUNQ_UNSUPPORTED, "%s has neither an MM2S nor an S2MM channel.",
                         name);
    dma = calloc(1, sizeof *dma);
    if (!dma)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    dma->regs = regs;
    dma->params = *params;
    snprintf(dma->name, sizeof dma->name, "%s", name);
    for (int d = 0; d < 2; d++) {
        dma->ch[d].dir = d ? LUNQ_S2MM : LUNQ_MM2S;
        dma->ch[d].base = d ? CHANNEL_BYTES : 0;
        dma->ch[d].present = params->include[d];
        dma->ch[d].watch.dma = dma;
    }
    r = bring_up(dma, err);
    if (r < 0) {
        lunq_dma_close(dma);
        return r;
    }
    *out = dma;
    return 0;
}

int lunq_dma_release(struct lunq_dma *dma, struct lunq_error *err)
{
    if (dma->regs->stale)
        forget(dma);
    if (!dma->ch[LUNQ_MM2S].mem && !dma->ch[LUNQ_S2MM].mem)
        return 0;
    return lunq_dma_reset(dma, err);
}

void lunq_dma_close(struct lunq_dma *dma)
{
    bool safe;
    if (!dma)
        return;
    lunq_dma_release(dma, NULL);
    safe = !dma->ch[LUNQ_MM2S].mem && !dma->ch[LUNQ_S2MM].mem;
    if (!safe)
        lunq_warn("resource", "%s does not stop: the memory of its transfer is kept.", dma->name);
    dma->closed = true;
    for (int d = 0; d < 2; d++) {
        struct dma_channel *ch = &dma->ch[d];
        if (ch->present && safe && !dma->regs->stale)
            dma_write(dma, ch, DMACR, 0, NULL);
        end_ring(ch, "its DMA was closed");
        if (safe) {
            dma_let_go(ch);
            dma_sg_close(ch);
        }
        dma_watch_close(ch);
    }
    if (dma->watches == 0)
        dma_free(dma);
}

void dma_free(struct lunq_dma *dma)
{
    for (int d = 0; d < 2; d++) {
        free(dma->ch[d].watch.name);
        free(dma->ch[d].watch.controller);
    }
    free(dma);
}

/* ---- stop, status -------------------------------------------------------------------------- */

/* Clearing RS lets a cyclic ring run on in some versions of the core: PYNQ resets the engine, and
 * with it the other channel, every time. We do it when it is needed and harmless. */
static int stop_cyclic(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    struct dma_channel *peer = &dma->ch[!ch->dir];
    if (peer->mem)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err,
                        "DMA channel not halted: only a reset ends the cyclic transfer, and it "
                        "would end the transfer of %s too; wait for that, or call reset()",
                        dma_dir_name(peer->dir));
    return lunq_dma_reset(dma, err);
}

int lunq_dma_stop(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    uint32_t sr;
    int r;
    if (!ch)
        return LUNQ_UNSUPPORTED;
    if (ch->ring)
        return dma_ring_open_already(dma, ch, err);
    if (ch->state == DMA_BUSY && !ch->cyclic) { /* done by now? Then its data counts */
        r = dma_read(dma, ch, DMASR, &sr, err);
        if (r == 0 && (sr & SR_IDLE) && !(sr & SR_ERRORS))
            r = dma_finish(dma, ch, err);
        if (r < 0)
            return r;
    }
    r = dma_write(dma, ch, DMACR, 0, err);
    if (r == 0)
        r = dma_await_halted(dma, ch, true, FOLLOW_SECONDS, err);
    if (r == LUNQ_TIMEOUT && ch->cyclic)
        r = stop_cyclic(dma, ch, err);
    if (r == LUNQ_TIMEOUT)
        return dma_fail(dma, ch, LUNQ_TIMEOUT, err,
                        "%s %s does not halt within %g s: its transfer is stuck", dma->name,
                        dma_dir_name(ch->dir), FOLLOW_SECONDS);
    if (r < 0)
        return r;
    if (ch->state != DMA_DONE)
        ch->state = DMA_NOTHING;
    dma_let_go(ch);
    dma_watch_news(ch);
    return 0;
}

int lunq_dma_coalesce(struct lunq_dma *dma, enum lunq_dma_dir dir, unsigned threshold,
                      unsigned delay, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    if (!ch)
        return LUNQ_UNSUPPORTED;
    if (!dma->params.sg)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Interrupts are coalesced with scatter-gather, which %s does not have "
                         "(c_include_sg): each transfer gives one.",
                         dma->name);
    if (threshold < 1 || threshold > 255 || delay > 255)
        return lunq_fail(err, LUNQ_VALUE,
                         "The interrupt threshold is 1 to 255 packets and the delay 0 to 255, not "
                         "%u and %u.",
                         threshold, delay);
    if (threshold > 1 && delay == 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "A threshold of %u packets needs a delay: without it the last packets of "
                         "a stream give no interrupt.",
                         threshold);
    ch->coalesce = threshold << 16 | delay << 24 | (delay && dma->params.irq[dir] ? CR_DLY : 0);
    return 0;
}

int lunq_dma_status(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_status *s,
                    struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    int r;
    if (!ch)
        return LUNQ_UNSUPPORTED;
    r = dma_read(dma, ch, DMACR, &s->control, err);
    if (r == 0)
        r = dma_read(dma, ch, DMASR, &s->status, err);
    if (r < 0)
        return r;
    s->halted = s->status & SR_HALTED;
    s->running = !s->halted;
    s->idle = s->status & SR_IDLE;
    s->error = s->status & SR_ERRORS;
    s->busy = ch->mem != NULL;
    s->transferred = ch->transferred;
    s->max = dma_max(&dma->params, dir);
    return 0;
}

uint64_t lunq_dma_transferred(const struct lunq_dma *dma, enum lunq_dma_dir dir)
{
    return dma->ch[dir == LUNQ_S2MM].transferred;
}

uint64_t lunq_dma_max(const struct lunq_dma *dma, enum lunq_dma_dir dir)
{
    return dma_max(&dma->params, dir == LUNQ_S2MM ? LUNQ_S2MM : LUNQ_MM2S);
}

const struct lunq_dma_params *lunq_dma_params(const struct lunq_dma *dma)
{
    return &dma->params;
}
