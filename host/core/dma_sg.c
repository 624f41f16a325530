/* dma_sg.c - descriptors of an AXI DMA: sizes and bus order of pynq-behaviour B5. */
#include <inttypes.h>
#include <string.h>

#include "dma_internal.h"

#define MIN_SLOTS 64 /* 4 KiB: an allocation is a page anyway */

size_t dma_sg_block(const struct lunq_dma_params *p, enum lunq_dma_dir dir, size_t n)
{
    size_t align = p->align[dir], max = ((size_t)1 << p->length_width) - 1;
    size_t block = max - max % align;
    if (block <= n)
        return block;
    block = n / 2 - n / 2 % align; /* at least two, where there is room for two */
    return block ? block : n;      /* PYNQ divides by zero here */
}

void dma_sg_close(struct dma_channel *ch)
{
    if (ch->ring)
        lunq_mem_free(ch->ring, NULL);
    lunq_mem_unref(ch->ring);
    ch->ring = NULL;
    ch->ring_slots = 0;
}

static int reserve(struct lunq_dma *dma, struct dma_channel *ch, size_t count,
                   struct lunq_error *err)
{
    size_t slots = count < MIN_SLOTS ? MIN_SLOTS : count;
    int r;
    if (count <= ch->ring_slots)
        return 0;
    if (slots > SIZE_MAX / DESC_BYTES - 1)
        return lunq_fail(err, LUNQ_VALUE, "A transfer of %zu descriptors is too long.", count);
    dma_sg_close(ch);
    r = lunq_mem_alloc(&ch->ring, dma->regs->dev, slots * DESC_BYTES + DESC_BYTES - 1, NULL, err);
    if (r < 0)
        return lunq_fail_in(err, "descriptors of %s", dma->name);
    ch->ring_off = (size_t)(-ch->ring->address & (DESC_BYTES - 1));
    ch->ring_slots = slots;
    return 0;
}

static uint32_t *slot(const struct dma_channel *ch, size_t i)
{
    return (uint32_t *)(void *)(ch->ring->host + ch->ring_off + i * DESC_BYTES);
}

static uint64_t slot_address(const struct dma_channel *ch, size_t i)
{
    return ch->ring->address + ch->ring_off + i * DESC_BYTES;
}

static void fill(struct dma_channel *ch, uint64_t addr, size_t n, size_t block)
{
    for (size_t i = 0; i < ch->descs; i++) {
        uint32_t *d = slot(ch, i);
        uint64_t next = slot_address(ch, i + 1 < ch->descs ? i + 1 : 0);
        size_t length = n < block ? n : block;
        memset(d, 0, DESC_BYTES);
        d[DESC_NEXT] = (uint32_t)next;
        d[DESC_NEXT + 1] = (uint32_t)(next >> 32);
        d[DESC_BUFFER] = (uint32_t)addr;
        d[DESC_BUFFER + 1] = (uint32_t)(addr >> 32);
        d[DESC_CONTROL] =
            (uint32_t)length | (i == 0 ? DESC_SOF : 0) | (i + 1 == ch->descs ? DESC_EOF : 0);
        addr += length;
        n -= length;
    }
}

static int write_pair(struct lunq_dma *dma, struct dma_channel *ch, uint32_t reg, uint64_t value,
                      struct lunq_error *err)
{
    int r = dma_write(dma, ch, reg, (uint32_t)value, err);
    return r < 0 ? r : dma_write(dma, ch, reg + 4, (uint32_t)(value >> 32), err);
}

int dma_sg_begin(struct lunq_dma *dma, struct dma_channel *ch, uint64_t addr, size_t n, bool cyclic,
                 struct lunq_error *err)
{
    size_t block = dma_sg_block(&dma->params, ch->dir, n);
    size_t count = n / block + (n % block != 0);
    int r = reserve(dma, ch, count, err);
    if (r == 0)
        r = dma_check_width(dma, slot_address(ch, 0), (count + 1) * DESC_BYTES,
                            "The descriptor ring", err);
    if (r == 0)
        r = dma_write(dma, ch, DMACR, 0, err);
    if (r < 0)
        return r;
    ch->descs = count;
    fill(ch, addr, n, block);
    r = lunq_mem_sync(ch->ring, ch->ring_off, count * DESC_BYTES, LUNQ_TO_DEVICE, err);
    dma_barrier();
    if (r == 0)
        r = write_pair(dma, ch, CURDESC, slot_address(ch, 0), err);
    if (r == 0)
        r = dma_write(dma, ch, DMACR, dma_run_bits(dma, ch) | (cyclic ? CR_CYCLIC : 0), err);
    if (r == 0)
        r = dma_await_halted(dma, ch, false, err);
    if (r == LUNQ_TIMEOUT)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    /* A cyclic ring has no tail: the address just past it is never met. */
    return r < 0 ? r
                 : write_pair(dma, ch, TAILDESC, slot_address(ch, cyclic ? count : count - 1), err);
}

int dma_sg_result(struct dma_channel *ch, struct dma_sg_result *r, struct lunq_error *err)
{
    int e;
    memset(r, 0, sizeof *r);
    if (!ch->ring || !ch->descs)
        return 0;
    e = lunq_mem_sync(ch->ring, ch->ring_off, ch->descs * DESC_BYTES, LUNQ_FROM_DEVICE, err);
    if (e < 0)
        return e;
    dma_barrier();
    for (size_t i = 0; i < ch->descs; i++) {
        uint32_t status = ((volatile uint32_t *)slot(ch, i))[DESC_STATUS];
        if ((status & DESC_ERRORS) && !r->errors)
            r->bad = i;
        r->errors |= status & DESC_ERRORS;
        if (!(status & DESC_COMPLETE))
            continue;
        r->complete++;
        r->bytes += status & DESC_LENGTH;
        r->packets += ch->dir == LUNQ_S2MM && (status & DESC_RXEOF);
    }
    return 0;
}
