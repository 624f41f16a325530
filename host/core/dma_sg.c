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
    if (ch->chain)
        lunq_mem_free(ch->chain, NULL);
    lunq_mem_unref(ch->chain);
    ch->chain = NULL;
    ch->chain_slots = 0;
}

uint32_t *dma_sg_slot(const struct dma_channel *ch, size_t i)
{
    return (uint32_t *)(void *)(ch->chain->host + ch->chain_off + i * DESC_BYTES);
}

uint64_t dma_sg_address(const struct dma_channel *ch, size_t i)
{
    return ch->chain->address + ch->chain_off + i * DESC_BYTES;
}

int dma_sg_sync(struct dma_channel *ch, size_t i, size_t n, enum lunq_sync dir,
                struct lunq_error *err)
{
    return lunq_mem_sync(ch->chain, ch->chain_off + i * DESC_BYTES, n * DESC_BYTES, dir, err);
}

static int allocate(struct lunq_dma *dma, struct dma_channel *ch, size_t count,
                    struct lunq_error *err)
{
    size_t slots = count < MIN_SLOTS ? MIN_SLOTS : count;
    int r;
    if (count <= ch->chain_slots)
        return 0;
    if (slots > SIZE_MAX / DESC_BYTES - 1)
        return lunq_fail(err, LUNQ_VALUE, "A transfer of %zu descriptors is too long.", count);
    dma_sg_close(ch);
    r = lunq_mem_alloc(&ch->chain, dma->regs->dev, slots * DESC_BYTES + DESC_BYTES - 1, NULL, err);
    if (r < 0)
        return lunq_fail_in(err, "descriptors of %s", dma->name);
    ch->chain_off = (size_t)(-ch->chain->address & (DESC_BYTES - 1));
    ch->chain_slots = slots;
    return 0;
}

int dma_sg_reserve(struct lunq_dma *dma, struct dma_channel *ch, size_t count,
                   struct lunq_error *err)
{
    int r = allocate(dma, ch, count, err);
    return r < 0 ? r
                 : dma_check_width(dma, dma_sg_address(ch, 0), (count + 1) * DESC_BYTES,
                                   "The descriptor ring", err);
}

static void fill(struct dma_channel *ch, uint64_t addr, size_t n, size_t block)
{
    for (size_t i = 0; i < ch->descs; i++) {
        uint32_t *d = dma_sg_slot(ch, i);
        uint64_t next = dma_sg_address(ch, i + 1 < ch->descs ? i + 1 : 0);
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

int dma_write_pair(struct lunq_dma *dma, struct dma_channel *ch, uint32_t reg, uint64_t value,
                   struct lunq_error *err)
{
    int r = dma_write(dma, ch, reg, (uint32_t)value, err);
    return r < 0 ? r : dma_write(dma, ch, reg + 4, (uint32_t)(value >> 32), err);
}

int dma_sg_start(struct lunq_dma *dma, struct dma_channel *ch, uint32_t control,
                 struct lunq_error *err)
{
    int r = dma_sg_sync(ch, 0, ch->descs, LUNQ_TO_DEVICE, err);
    dma_barrier();
    if (r == 0)
        r = dma_write_pair(dma, ch, CURDESC, dma_sg_address(ch, 0), err);
    if (r == 0)
        r = dma_write(dma, ch, DMACR, dma_run_bits(dma, ch) | control, err);
    if (r == 0)
        r = dma_await_halted(dma, ch, false, FOLLOW_SECONDS, err);
    if (r == LUNQ_TIMEOUT)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    return r;
}

int dma_sg_begin(struct lunq_dma *dma, struct dma_channel *ch, uint64_t addr, size_t n, bool cyclic,
                 struct lunq_error *err)
{
    size_t block = dma_sg_block(&dma->params, ch->dir, n);
    size_t count = n / block + (n % block != 0);
    int r = dma_sg_reserve(dma, ch, count, err);
    if (r == 0)
        r = dma_write(dma, ch, DMACR, 0, err);
    if (r < 0)
        return r;
    ch->descs = count;
    fill(ch, addr, n, block);
    r = dma_sg_start(dma, ch, cyclic ? CR_CYCLIC : 0, err);
    /* A cyclic ring has no tail: the address just past it is never met. */
    return r < 0 ? r
                 : dma_write_pair(dma, ch, TAILDESC, dma_sg_address(ch, cyclic ? count : count - 1),
                                  err);
}

int dma_sg_result(struct dma_channel *ch, struct dma_sg_result *r, struct lunq_error *err)
{
    int e;
    memset(r, 0, sizeof *r);
    if (!ch->chain || !ch->descs)
        return 0;
    e = dma_sg_sync(ch, 0, ch->descs, LUNQ_FROM_DEVICE, err);
    if (e < 0)
        return e;
    dma_barrier();
    for (size_t i = 0; i < ch->descs; i++) {
        uint32_t status = ((volatile uint32_t *)dma_sg_slot(ch, i))[DESC_STATUS];
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
