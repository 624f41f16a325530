/* dma_ring.c - AXI DMA: a ring of blocks, and whose each of them is; dma_ring_wait.c waits for them. See
 * dma_ring.h. Descriptors: registers.md section 5. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dma_ring_internal.h"

/* For the accesses under way to end when the ring is closed; nothing else runs meanwhile. A block that
 * waits for data never ends by itself: then a reset halts the channel. */
#define CLOSE_SECONDS 100e-6
enum { LINE = 64 }; /* blocks share no cache line: each is synced for itself */

static size_t after(const struct lunq_dma_ring *r, size_t i, size_t n)
{
    return (i + n) % r->count;
}

/* ---- over ---------------------------------------------------------------------------------- */

void dma_ring_over(struct lunq_dma_ring *r, const char *why)
{
    r->dma = NULL;
    r->why = why;
}

int dma_ring_alive(struct lunq_dma_ring *r, struct lunq_error *err)
{
    if (r->dma)
        dma_channel(r->dma, r->ch->dir, NULL); /* another design? Then it is over */
    return r->dma ? 0
                  : lunq_fail(err, LUNQ_RUNTIME, "This ring is over: %s. Open a new one.", r->why);
}

int dma_ring_open_already(const struct lunq_dma *dma, const struct dma_channel *ch,
                          struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME,
                     "A ring is open on %s %s: its blocks are moved with %s, and close() ends it.",
                     dma->name, dma_dir_name(ch->dir), ch->dir == LUNQ_MM2S ? "write" : "read");
}

/* ---- opening ------------------------------------------------------------------------------- */

static int check(const struct lunq_dma *dma, enum lunq_dma_dir dir,
                 const struct lunq_dma_ring_options *o, struct lunq_error *err)
{
    size_t max = (size_t)dma_max(&dma->params, dir);
    size_t align = dma->params.dre[dir] ? 1 : dma->params.align[dir];
    if (!dma->params.sg)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "A ring needs scatter-gather, which %s does not have (c_include_sg): enable "
            "it in Vivado. Without it nobody listens between two transfers; a source "
            "that waits meanwhile loses nothing with two buffers in turn: transfer "
            "one, work on the other, wait.",
            dma->name);
    if (o->count < 2 || o->count > 65536)
        return lunq_fail(err, LUNQ_VALUE, "A ring has 2 to 65536 blocks, not %zu.", o->count);
    if (o->bytes == 0 || o->bytes > max)
        return lunq_fail(err, LUNQ_VALUE,
                         "A block of %zu bytes does not fit a descriptor: 1 to %zu (the length has "
                         "%u bits, c_sg_length_width).",
                         o->bytes, max, dma->params.length_width);
    if (o->bytes % align)
        return lunq_fail(
            err, LUNQ_VALUE,
            "Blocks of %zu bytes would not end at a multiple of %zu bytes, which the %s "
            "channel needs without a realignment engine (c_include_%s_dre).",
            o->bytes, align, dma_dir_name(dir), dir == LUNQ_MM2S ? "mm2s" : "s2mm");
    return 0;
}

static void describe_block(struct lunq_dma_ring *r, size_t i, uint32_t control)
{
    uint32_t *d = dma_sg_slot(r->ch, i);
    uint64_t next = dma_sg_address(r->ch, after(r, i, 1)), at = r->mem->address + i * r->stride;
    memset(d, 0, DESC_BYTES);
    d[DESC_NEXT] = (uint32_t)next;
    d[DESC_NEXT + 1] = (uint32_t)(next >> 32);
    d[DESC_BUFFER] = (uint32_t)at;
    d[DESC_BUFFER + 1] = (uint32_t)(at >> 32);
    d[DESC_CONTROL] = control;
}

static int set_tail(struct lunq_dma_ring *r, size_t i, struct lunq_error *err)
{
    uint64_t at = dma_sg_address(r->ch, i);
    dma_barrier();
    if (r->dma->params.addr_width > 32)
        return dma_write_pair(r->dma, r->ch, TAILDESC, at, err);
    return dma_write(r->dma, r->ch, TAILDESC, (uint32_t)at, err);
}

static int allocate(struct lunq_dma_ring *r, const struct lunq_dma_ring_options *o,
                    struct lunq_error *err)
{
    struct lunq_mem_options mo = {.bank = LUNQ_NONE, .cacheable = o->cacheable};
    int e;
    r->count = o->count;
    r->bytes = o->bytes;
    r->stride = (o->bytes + LINE - 1) / LINE * LINE;
    e = lunq_mem_alloc(&r->mem, r->dma->regs->dev, r->count * r->stride, &mo, err);
    if (e < 0)
        return lunq_fail_in(err, "ring of %s", r->dma->name);
    if (r->mem->address % LINE)
        return lunq_fail(err, LUNQ_MEMORY, "Memory at 0x%" PRIx64 " is no place for a ring.",
                         r->mem->address);
    return dma_check_width(r->dma, r->mem->address, r->mem->size, "The ring", err);
}

static int start(struct lunq_dma_ring *r, struct lunq_error *err)
{
    struct lunq_dma *dma = r->dma;
    struct dma_channel *ch = r->ch;
    int e = dma_sg_reserve(dma, ch, r->count, err);
    if (e == 0)
        e = lunq_mem_sync(r->mem, 0, r->mem->size, LUNQ_TO_DEVICE, err);
    if (e == 0)
        e = dma_write(dma, ch, DMACR, 0, err);
    if (e < 0)
        return e;
    ch->descs = r->count;
    for (size_t i = 0; i < r->count; i++)
        describe_block(r, i, (uint32_t)r->bytes);
    e = dma_sg_start(dma, ch, 0, err);
    if (e < 0 || dma_ring_sends(r))
        return e;
    r->engines = r->count;
    return set_tail(r, r->count - 1, err);
}

int lunq_dma_ring_open(struct lunq_dma_ring **out, struct lunq_dma *dma, enum lunq_dma_dir dir,
                       const struct lunq_dma_ring_options *o, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    struct lunq_dma_ring *r;
    int e;
    *out = NULL;
    if (!ch)
        return LUNQ_UNSUPPORTED;
    e = check(dma, ch->dir, o, err);
    if (e == 0)
        e = dma_ready_sg(dma, ch, err);
    if (e < 0)
        return e;
    r = calloc(1, sizeof *r);
    if (!r)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    r->dma = dma;
    r->ch = ch;
    e = allocate(r, o, err);
    if (e < 0) {
        lunq_dma_ring_close(r);
        return e;
    }
    lunq_mem_hold(r->mem);
    ch->mem = r->mem;
    ch->ring = r;
    ch->state = DMA_BUSY;
    ch->off = 0;
    ch->n = r->mem->size;
    ch->transferred = 0;
    ch->was_reset = false;
    ch->order = ++dma->transfers;
    e = start(r, err);
    if (e < 0) {
        lunq_dma_ring_close(r);
        return e;
    }
    *out = r;
    return 0;
}

/* ---- closing ------------------------------------------------------------------------------- */

/* Halts the channel, if need be with a reset. While the other channel is at work that has to wait, and
 * the memory stays the engine's. */
static void halt(struct lunq_dma *dma, struct dma_channel *ch)
{
    ch->ring = NULL;
    if (!dma->regs->stale && (dma_write(dma, ch, DMACR, 0, NULL) < 0 ||
                              dma_await_halted(dma, ch, true, CLOSE_SECONDS, NULL) < 0)) {
        ch->state = DMA_FAILED;
        ch->orphan = true;
        if (dma_reset_orphan(dma, NULL) < 0 || ch->orphan)
            return;
    }
    ch->state = DMA_NOTHING;
    ch->was_reset = false; /* what a reset may have ended was over */
    dma_let_go(ch);
    dma_reset_orphan(dma, NULL); /* the other channel may have waited for this one */
}

void lunq_dma_ring_close(struct lunq_dma_ring *r)
{
    struct dma_channel *ch;
    if (!r)
        return;
    ch = r->dma ? r->ch : NULL;
    if (ch && ch->ring == r) {
        halt(r->dma, ch);
        dma_watch_news(ch);
    }
    if (r->mem)
        lunq_mem_free(r->mem, NULL); /* goes when the engine lets go of it */
    lunq_mem_unref(r->mem);
    free(r);
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* The status word of a block; the engine is done with it when DESC_COMPLETE is set. */
static int block_status(struct lunq_dma_ring *r, size_t i, uint32_t *status, struct lunq_error *err)
{
    int e = dma_sg_sync(r->ch, i, 1, LUNQ_FROM_DEVICE, err);
    *status = ((volatile uint32_t *)dma_sg_slot(r->ch, i))[DESC_STATUS];
    dma_barrier();
    return e;
}

static int bad_block(struct lunq_dma_ring *r, struct lunq_error *err)
{
    r->ch->state = DMA_FAILED;
    dma_fail(r->dma, r->ch, LUNQ_RUNTIME, err, "DMA Error in descriptor");
    return lunq_fault(err);
}

/* The oldest block of the engine is done: it is nobody's now. */
static void retire(struct lunq_dma_ring *r, uint32_t status, bool last)
{
    r->first = after(r, r->first, 1);
    r->engines--;
    r->stats.blocks++;
    r->stats.bytes += status & DESC_LENGTH;
    r->ch->total += status & DESC_LENGTH;
    r->stats.packets += last;
    r->ch->transferred = r->stats.bytes;
}

/* Retires what has been sent. */
static int collect(struct lunq_dma_ring *r, struct lunq_error *err)
{
    while (r->engines > 0) {
        uint32_t status, *d = dma_sg_slot(r->ch, r->first);
        int e = block_status(r, r->first, &status, err);
        if (e < 0)
            return e;
        if (status & DESC_ERRORS)
            return bad_block(r, err);
        if (!(status & DESC_COMPLETE))
            return 0;
        retire(r, status, d[DESC_CONTROL] & DESC_EOF);
    }
    return 0;
}

int dma_ring_room(struct lunq_dma_ring *r, struct lunq_error *err)
{
    int e = collect(r, err);
    return e < 0 ? e : r->engines < r->count;
}

int dma_ring_sent(struct lunq_dma_ring *r, struct lunq_error *err)
{
    int e = collect(r, err);
    return e < 0 ? e : r->engines == 0;
}

int dma_ring_received(struct lunq_dma_ring *r, struct lunq_error *err)
{
    uint32_t status;
    int e = block_status(r, r->first, &status, err);
    if (e < 0)
        return e;
    /* More than there is room for: memory the engine writes says nonsense. */
    if ((status & DESC_ERRORS) || ((status & DESC_COMPLETE) && (status & DESC_LENGTH) > r->bytes))
        return bad_block(r, err);
    return (status & DESC_COMPLETE) != 0;
}

static int take_received(struct lunq_dma_ring *r, struct lunq_dma_block *b, struct lunq_error *err)
{
    uint32_t status = dma_sg_slot(r->ch, r->first)[DESC_STATUS];
    b->index = r->first;
    b->n = status & DESC_LENGTH;
    b->last = status & DESC_RXEOF;
    if (lunq_mem_sync(r->mem, b->index * r->stride, b->n, LUNQ_FROM_DEVICE, err) < 0)
        return err ? err->kind : LUNQ_RUNTIME;
    retire(r, status, b->last);
    return 0;
}

int dma_ring_none_out(const struct lunq_dma_ring *r, struct lunq_error *err)
{
    return r->out ? lunq_fail(err, LUNQ_RUNTIME,
                              "A block of the ring is out: give it back before the next one.")
                  : 0;
}

int lunq_dma_ring_take_now(struct lunq_dma_ring *r, struct lunq_dma_block *b,
                           struct lunq_error *err)
{
    int e = dma_ring_none_out(r, err);
    if (e == 0)
        e = dma_ring_alive(r, err);
    if (e == 0)
        e = dma_ring_sends(r) ? dma_ring_room(r, err) : dma_ring_received(r, err);
    if (e <= 0)
        return e;
    if (dma_ring_sends(r))
        *b = (struct lunq_dma_block){.index = after(r, r->first, r->engines), .n = r->bytes};
    else if ((e = take_received(r, b, err)) < 0)
        return e;
    b->offset = b->index * r->stride;
    r->out = true;
    return 1;
}

int lunq_dma_ring_give(struct lunq_dma_ring *r, size_t n, bool last, struct lunq_error *err)
{
    uint32_t status = 0;
    size_t i, tail;
    int e = dma_ring_alive(r, err);
    if (e < 0)
        return e;
    if (!r->out)
        return lunq_fail(err, LUNQ_RUNTIME, "No block of the ring is out: take one first.");
    if (dma_ring_sends(r) && (n == 0 || n > r->bytes))
        return lunq_fail(err, LUNQ_VALUE, "A block holds 1 to %zu bytes, not %zu.", r->bytes, n);
    i = after(r, r->first, r->engines);
    tail = after(r, i, r->count - 1);
    e = block_status(r, tail, &status, err);
    if (e < 0)
        return e;
    r->stats.stalls += (status & DESC_COMPLETE) != 0; /* done with its last one: it stands still */
    describe_block(r, i,
                   dma_ring_sends(r)
                       ? (uint32_t)n | (r->in_packet ? 0 : DESC_SOF) | (last ? DESC_EOF : 0)
                       : (uint32_t)r->bytes);
    e = lunq_mem_sync(r->mem, i * r->stride, dma_ring_sends(r) ? n : r->bytes, LUNQ_TO_DEVICE, err);
    if (e == 0)
        e = dma_sg_sync(r->ch, i, 1, LUNQ_TO_DEVICE, err);
    if (e == 0)
        e = set_tail(r, i, err);
    if (e < 0)
        return e;
    r->in_packet = !last;
    r->out = false;
    r->engines++;
    return 0;
}

/* ---- what it says -------------------------------------------------------------------------- */

struct lunq_mem *lunq_dma_ring_memory(struct lunq_dma_ring *r)
{
    return r->mem;
}

/* Blocks of the engine that are complete. */
static size_t complete(struct lunq_dma_ring *r)
{
    size_t n = 0;
    uint32_t status;
    while (n < r->engines && block_status(r, after(r, r->first, n), &status, NULL) == 0 &&
           (status & DESC_COMPLETE))
        n++;
    return n;
}

void lunq_dma_ring_stats(struct lunq_dma_ring *r, struct lunq_dma_ring_stats *s)
{
    *s = r->stats;
    s->count = r->count;
    s->size = r->bytes;
    s->ready = 0;
    if (dma_ring_alive(r, NULL) < 0)
        return;
    s->ready = complete(r) + (dma_ring_sends(r) ? r->count - r->engines - r->out : 0);
}

void dma_ring_describe(struct lunq_dma_ring *r, char *text, size_t size)
{
    size_t done = complete(r);
    snprintf(text, size,
             "ring of %zu blocks of %zu bytes: %zu %s, %zu %s; so far %" PRIu64 " blocks, %" PRIu64
             " bytes, stood still %" PRIu64 " times",
             r->count, r->bytes, done, dma_ring_sends(r) ? "sent" : "full", r->engines - done,
             dma_ring_sends(r) ? "to be sent" : "empty", r->stats.blocks, r->stats.bytes,
             r->stats.stalls);
}
