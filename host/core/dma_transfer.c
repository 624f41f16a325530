/* dma_transfer.c - AXI DMA: starting transfers and finishing them; dma_wait.c waits for them.
 * Order of checks and bus accesses: pynq-behaviour B4 and B5. */
#include <inttypes.h>
#include <stdio.h>

#include "dma_internal.h"
#include "flight.h"

/* ---- transfer ------------------------------------------------------------------------------ */

uint64_t dma_max(const struct lunq_dma_params *p, enum lunq_dma_dir dir)
{
    uint64_t max = (UINT64_C(1) << p->length_width) - 1;
    uint64_t micro = (uint64_t)p->data_bytes[dir] * p->burst[dir];
    return p->micro && micro < max ? micro : max;
}

static unsigned bits_for(uint64_t n)
{
    return n ? 64 - (unsigned)__builtin_clzll(n) : 0;
}

int dma_check_width(const struct lunq_dma *dma, uint64_t addr, size_t n, const char *what,
                    struct lunq_error *err)
{
    unsigned width = dma->params.addr_width;
    uint64_t limit = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    if (addr <= limit && limit - addr >= n - 1)
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "%s at 0x%" PRIx64 " is out of reach of %s, whose addresses have %u bits "
                     "(c_addr_width): allocate it below 0x%" PRIx64
                     ", or give the core a wider address in Vivado.",
                     what, addr, dma->name, width, limit);
}

static int check_range(const struct lunq_dma *dma, const struct lunq_mem *mem, size_t off, size_t n,
                       struct lunq_error *err)
{
    int r = lunq_mmio_check(dma->regs, 0, 4, 1, false, err);
    if (r < 0) /* closed or stale: then regs->dev may be gone */
        return r;
    if (lunq_mem_gone(mem) || mem->freed) /* freed, but another transfer holds it: going too */
        return lunq_fail(err, LUNQ_RUNTIME, "Buffer was freed.");
    if (mem->dev != dma->regs->dev)
        return lunq_fail(
            err, LUNQ_VALUE, "The buffer is not in memory of device %s: %s. Make it with allocate.",
            dma->regs->dev->name,
            mem->dev ? "it belongs to another device" : "a host array has no device address");
    if (n == 0)
        return lunq_fail(err, LUNQ_VALUE,
                         "Nothing to transfer: 0 bytes from byte %zu of a buffer of %zu bytes.",
                         off, mem->size);
    if (off > mem->size || mem->size - off < n)
        return lunq_fail(err, LUNQ_VALUE,
                         "Transfer of %zu bytes from byte %zu is outside the buffer of %zu bytes.",
                         n, off, mem->size);
    return 0;
}

static int check_size(const struct lunq_dma *dma, const struct dma_channel *ch, size_t n,
                      struct lunq_error *err)
{
    uint64_t max = dma_max(&dma->params, ch->dir);
    if (n <= max)
        return 0;
    if (dma->params.micro)
        return lunq_fail(err, LUNQ_VALUE,
                         "Transfer size is %zu bytes, which exceeds the maximum DMA buffer size "
                         "%" PRIu64 ". In micro mode that is one burst: %u beats of %u bytes.",
                         n, max, dma->params.burst[ch->dir], dma->params.data_bytes[ch->dir]);
    return lunq_fail(err, LUNQ_VALUE,
                     "Transfer size is %zu bytes, which exceeds the maximum DMA buffer size "
                     "%" PRIu64 ". The length register has %u bits (c_sg_length_width), this needs "
                     "%u%s.",
                     n, max, dma->params.length_width, bits_for(n),
                     bits_for(n) <= 26 ? ": set them in Vivado, or transfer in parts"
                                       : ", more than the core can have: transfer in parts");
}

/* Everything about the arguments; the channel's state was checked before. */
static int check_transfer(const struct lunq_dma *dma, const struct dma_channel *ch,
                          const struct lunq_mem *mem, size_t off, size_t n, bool cyclic,
                          struct lunq_error *err)
{
    int r = check_range(dma, mem, off, n, err);
    if (r == 0 && !dma->params.sg)
        r = check_size(dma, ch, n, err);
    if (r < 0)
        return r;
    if (!dma->params.dre[ch->dir] && (mem->address + off) % dma->params.align[ch->dir])
        return lunq_fail(err, LUNQ_RUNTIME,
                         "DMA does not support unaligned transfers; Starting address must be "
                         "aligned to %u bytes. It is 0x%" PRIx64 "; the %s channel has no "
                         "realignment engine (c_include_%s_dre).",
                         dma->params.align[ch->dir], mem->address + off, dma_dir_name(ch->dir),
                         ch->dir == LUNQ_MM2S ? "mm2s" : "s2mm");
    if (cyclic && ch->dir != LUNQ_MM2S)
        return lunq_fail(err, LUNQ_RUNTIME, "Cyclic BD mode only valid in sendchannel");
    if (cyclic && !dma->params.sg)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Cyclic BD mode needs scatter-gather, which %s does not have "
                         "(c_include_sg).",
                         dma->name);
    if (dma->params.micro && (mem->address + off) / 4096 != (mem->address + off + n - 1) / 4096)
        return lunq_fail(err, LUNQ_VALUE,
                         "Transfer of %zu bytes at 0x%" PRIx64 " crosses a 4 KiB boundary, which "
                         "an AXI DMA in micro mode does not handle: align the buffer.",
                         n, mem->address + off);
    return dma_check_width(dma, mem->address + off, n, "The buffer", err);
}

/* ---- finishing ----------------------------------------------------------------------------- */

static void note(struct lunq_dma *dma, const struct dma_channel *ch, enum lunq_flight_what what,
                 uint64_t bytes)
{
    char name[128];
    if (!lunq_flight_on)
        return;
    snprintf(name, sizeof name, "%s %s", dma->name, dma_dir_name(ch->dir));
    lunq_flight_note(dma->regs->dev, what, name, ch->mem->address + ch->off, bytes);
}

/* The transfer ended well: brings in what the device wrote (all of it within the first `reach`
 * bytes), lets the memory go. */
static int finish(struct lunq_dma *dma, struct dma_channel *ch, uint64_t bytes, uint64_t reach,
                  struct lunq_error *err)
{
    int r = 0;
    note(dma, ch, LUNQ_FLIGHT_MOVED, bytes);
    if (reach > ch->n)
        reach = ch->n;
    dma_barrier();
    if (ch->dir == LUNQ_S2MM)
        r = lunq_mem_sync(ch->mem, ch->off, (size_t)reach, LUNQ_FROM_DEVICE, err);
    ch->transferred = bytes;
    ch->total += bytes;
    ch->state = DMA_DONE;
    ch->done++;
    ch->ended = ch->order;
    ch->ended_bytes = bytes;
    dma_let_go(ch);
    dma_watch_news(ch); /* whoever ends it, all who wait for it go on */
    if (r == 0 && dma->params.irq[ch->dir])
        r = dma_write(dma, ch, DMASR, ch->coalesce >> 24 ? SR_IOC | SR_DLY : SR_IOC, err);
    return r;
}

static int finish_simple(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    uint32_t length = (uint32_t)ch->n;
    /* MM2S sends what it was told; S2MM says how much came before TLAST. */
    int r = ch->dir == LUNQ_S2MM ? dma_read(dma, ch, LENGTH, &length, err) : 0;
    return r < 0 ? r : finish(dma, ch, length, length, err);
}

/* A scatter-gather transfer is over: halt the channel (then the last status is written), read the
 * descriptors, finish. */
static int finish_sg(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    struct dma_sg_result sg;
    int r = dma_write(dma, ch, DMACR, 0, err);
    if (r == 0)
        r = dma_await_halted(dma, ch, true, FOLLOW_SECONDS, err);
    if (r == LUNQ_TIMEOUT)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not halted");
    if (r == 0)
        r = dma_sg_result(ch, &sg, err);
    if (r < 0)
        return r;
    if (sg.errors) {
        ch->state = DMA_FAILED;
        dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA Error in descriptor");
        return lunq_fault(err);
    }
    if (sg.complete < ch->descs) {
        ch->state = DMA_FAILED;
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA transfer was stopped before its end");
    }
    /* A packet that ends early leaves a gap up to the next descriptor. */
    return finish(dma, ch, sg.bytes, sg.packets > 1 ? ch->n : sg.bytes, err);
}

int dma_finish(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    return dma->params.sg ? finish_sg(dma, ch, err) : finish_simple(dma, ch, err);
}

/* ---- starting ------------------------------------------------------------------------------ */

/* May a simple transfer start? Ends the one before when nobody waited for it. */
static int ready_simple(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    uint32_t sr;
    int r = dma_read(dma, ch, DMASR, &sr, err);
    if (r < 0)
        return r;
    if (sr & SR_HALTED)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    if (!(sr & SR_IDLE) && !ch->first)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not idle");
    return ch->state == DMA_BUSY && (sr & SR_IDLE) ? finish_simple(dma, ch, err) : 0;
}

int dma_ready_sg(struct lunq_dma *dma, struct dma_channel *ch, struct lunq_error *err)
{
    uint32_t sr = 0;
    int r;
    if (ch->ring)
        return dma_ring_open_already(dma, ch, err);
    r = dma_reset_orphan(dma, err);
    if (r == 0)
        r = dma_read(dma, ch, DMASR, &sr, err);
    if (r < 0)
        return r;
    if (!(sr & SR_HALTED))
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not halted");
    if ((sr & SR_ERRORS) || ch->mem)
        return dma_fail(dma, ch, LUNQ_RUNTIME, err, "DMA channel not started");
    return 0;
}

static int begin_simple(struct lunq_dma *dma, struct dma_channel *ch, uint64_t addr, size_t n,
                        struct lunq_error *err)
{
    int r = dma_write(dma, ch, ADDR, (uint32_t)addr, err);
    if (r == 0)
        r = dma_write(dma, ch, ADDR_MSB, (uint32_t)(addr >> 32), err);
    if (r == 0)
        r = dma_write(dma, ch, LENGTH, (uint32_t)n, err);
    return r;
}

/* A register write failed on the way. LENGTH is the last one, so a simple transfer has not begun;
 * with scatter-gather half of TAILDESC may be written: the memory goes back if the channel halts. */
static void abandon(struct lunq_dma *dma, struct dma_channel *ch)
{
    ch->state = DMA_NOTHING;
    if (dma->params.sg && !dma->regs->stale &&
        (dma_write(dma, ch, DMACR, 0, NULL) < 0 ||
         dma_await_halted(dma, ch, true, FOLLOW_SECONDS, NULL) < 0))
        ch->state = DMA_FAILED;
    else
        dma_let_go(ch);
}

int lunq_dma_transfer(struct lunq_dma *dma, enum lunq_dma_dir dir, struct lunq_mem *mem, size_t off,
                      size_t n, bool cyclic, struct lunq_error *err)
{
    struct dma_channel *ch = dma_channel(dma, dir, err);
    bool sg = dma->params.sg;
    int r;
    if (!ch)
        return LUNQ_UNSUPPORTED;
    r = sg ? dma_ready_sg(dma, ch, err) : ready_simple(dma, ch, err);
    if (r == 0)
        r = check_transfer(dma, ch, mem, off, n, cyclic, err);
    /* Also for S2MM: a line the host left dirty in its cache would later be written over what the
     * device put there. */
    if (r == 0)
        r = lunq_mem_sync(mem, off, n, LUNQ_TO_DEVICE, err);
    if (r < 0)
        return r;
    lunq_mem_hold(mem);
    ch->mem = mem;
    ch->off = off;
    ch->n = n;
    ch->cyclic = cyclic;
    ch->transferred = 0;
    ch->was_reset = false;
    dma_barrier();
    r = sg ? dma_sg_begin(dma, ch, mem->address + off, n, cyclic, err)
           : begin_simple(dma, ch, mem->address + off, n, err);
    if (r < 0) {
        abandon(dma, ch);
        return r;
    }
    note(dma, ch, LUNQ_FLIGHT_TRANSFER, n);
    ch->state = DMA_BUSY;
    ch->order = ++dma->transfers;
    ch->first = false;
    return 0;
}
