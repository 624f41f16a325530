/* dma_progress.c - AXI DMA: how far a channel is, for people who watch it. */
#include <string.h>

#include "dma_internal.h"
#include "dma_ring.h"

static void look_at_ring(const struct dma_channel *ch, struct lunq_dma_progress *p)
{
    struct lunq_dma_ring_stats s;
    lunq_dma_ring_stats(ch->ring, &s);
    p->state = "ring";
    p->of = s.count;
    p->done = ch->dir == LUNQ_S2MM ? s.ready : s.count - s.ready;
}

/* In simple mode the hardware says nothing before the end. */
static int look_at_transfer(struct lunq_dma *dma, struct dma_channel *ch,
                            struct lunq_dma_progress *p, struct lunq_error *err)
{
    struct dma_sg_result sg;
    int r;
    p->state = ch->cyclic ? "cyclic" : "busy";
    p->of = ch->n;
    if (!dma->params.sg || ch->cyclic)
        return 0;
    r = dma_sg_result(ch, &sg, err);
    if (r == 0)
        p->done = sg.bytes;
    return r;
}

/* With scatter-gather a channel is halted between its transfers. */
static void name_state(const struct dma_channel *ch, bool sg, uint32_t sr,
                       struct lunq_dma_progress *p)
{
    if (sr & SR_ERRORS)
        p->state = "error";
    else if (ch->mem && !ch->ring && !ch->cyclic && (sr & (SR_IDLE | SR_HALTED)))
        p->state = sr & SR_IDLE ? "done" : "halted";
    else if (!ch->mem)
        p->state = sg || sr & SR_IDLE ? "idle" : sr & SR_HALTED ? "halted" : "ready";
}

int lunq_dma_progress(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_dma_progress *p,
                      struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    uint32_t sr;
    int r;
    memset(p, 0, sizeof *p);
    if (!ch)
        return LUNQ_UNSUPPORTED;
    r = dma_read(dma, ch, DMASR, &sr, err);
    if (r == 0 && ch->ring)
        look_at_ring(ch, p);
    else if (r == 0 && ch->mem)
        r = look_at_transfer(dma, ch, p, err);
    if (r < 0)
        return r;
    name_state(ch, dma->params.sg, sr, p);
    p->total = ch->total;
    p->transfers = ch->done;
    return 0;
}
