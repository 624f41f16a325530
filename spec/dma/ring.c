/* ring.c - streaming and sleeping with liblunq, without Lua: what host/core/dma.h and dma_ring.h say.
 * Run by ring_spec.lua with the name of a case; prints "ok", or what is wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lunq.h"

static struct lunq_design *design;
static struct lunq_device *device;
static struct lunq_mmio *regs;
static struct lunq_dma *dma;
static struct lunq_error err;
static int failures;

static void that(const char *what, int ok)
{
    if (!ok) {
        printf("not so: %s\n", what);
        failures++;
    }
}

static void works(const char *what, int r)
{
    if (r < 0) {
        printf("%s: %s\n", what, err.message);
        failures++;
    }
}

static int open_all(void)
{
    static const char *const pins[] = {"axi_dma_sg/mm2s_introut", "axi_dma_sg/s2mm_introut"};
    struct lunq_program program = {0};
    const struct lunq_ip *ip;
    struct lunq_dma_params params;
    int r = lunq_design_read(&design, "overlays/dma_loopback/dma_loopback.hwh", &err);
    if (r == 0)
        r = lunq_device_open(&device, "sim", &err);
    if (r < 0)
        return r;
    program.design = design;
    r = lunq_device_program(device, &program, &err);
    ip = lunq_design_ip(design, "axi_dma_sg");
    if (r < 0 || !ip)
        return -1;
    r = lunq_dma_params_from(&params, ip->module, &err);
    params.irq[LUNQ_MM2S] = params.irq[LUNQ_S2MM] = true;
    if (r == 0)
        r = lunq_mmio_open(&regs, device, ip->phys_addr, ip->addr_range, true, &err);
    if (r == 0)
        r = lunq_dma_open(&dma, regs, "axi_dma_sg", &params, &err);
    for (int d = 0; r == 0 && d < 2; d++)
        r = lunq_dma_wire(dma, d ? LUNQ_S2MM : LUNQ_MM2S, pins[d], NULL, 0, -1, &err);
    return r;
}

static void close_all(void)
{
    lunq_dma_close(dma);
    lunq_mmio_unref(regs);
    if (device)
        that("all memory went back", device->mem_count == 0);
    lunq_device_unref(device);
    lunq_design_unref(design);
}

/* 64 packets through a ring of four blocks: a block is filled, sent, received and compared. */
static void stream(void)
{
    struct lunq_dma_ring_options o = {.count = 4, .bytes = 4096};
    struct lunq_dma_ring *in = NULL, *out = NULL;
    struct lunq_dma_ring_stats s;
    struct lunq_dma_block b;
    works("open", lunq_dma_ring_open(&in, dma, LUNQ_S2MM, &o, &err));
    works("open", lunq_dma_ring_open(&out, dma, LUNQ_MM2S, &o, &err));
    for (unsigned i = 0; in && out && !failures && i < 64; i++) {
        size_t n = 64 * (i + 1), same = 0;
        works("take", lunq_dma_ring_take(out, 1, &b, &err));
        memset(lunq_dma_ring_memory(out)->host + b.offset, (int)i, n);
        works("give", lunq_dma_ring_give(out, n, true, &err));
        works("receive", lunq_dma_ring_take(in, 1, &b, &err));
        while (same < b.n && lunq_dma_ring_memory(in)->host[b.offset + same] == i)
            same++;
        that("the packet came whole", b.n == n && same == n && b.last);
        works("give back", lunq_dma_ring_give(in, 0, false, &err));
    }
    if (out)
        works("flush", lunq_dma_ring_flush(out, 1, &err));
    if (in) {
        lunq_dma_ring_stats(in, &s);
        that("64 packets", s.packets == 64 && s.blocks == 64 && s.overruns == 0);
        that("a time-out is one", lunq_dma_ring_take(in, 1e-3, &b, &err) == LUNQ_TIMEOUT);
    }
    lunq_dma_ring_close(out);
    lunq_dma_ring_close(in);
}

/* The engine is closed before its rings. */
static void engine_first(void)
{
    struct lunq_dma_ring_options o = {.count = 4, .bytes = 4096};
    struct lunq_dma_ring *in = NULL;
    struct lunq_dma_block b;
    works("open", lunq_dma_ring_open(&in, dma, LUNQ_S2MM, &o, &err));
    lunq_dma_close(dma);
    dma = NULL;
    that("a ring without an engine is over", lunq_dma_ring_take(in, 1, &b, &err) == LUNQ_RUNTIME);
    lunq_dma_ring_close(in);
}

/* A transfer that takes 1.3 ms: the wait sleeps until the interrupt. */
static void sleeping(void)
{
    enum { BYTES = 1 << 20 };
    struct lunq_mem *src = NULL, *dst = NULL;
    works("alloc", lunq_mem_alloc(&src, device, BYTES, NULL, &err));
    works("alloc", lunq_mem_alloc(&dst, device, BYTES, NULL, &err));
    if (!failures) {
        memset(src->host, 0x5a, BYTES);
        works("receive", lunq_dma_transfer(dma, LUNQ_S2MM, dst, 0, BYTES, false, &err));
        works("send", lunq_dma_transfer(dma, LUNQ_MM2S, src, 0, BYTES, false, &err));
        works("wait", lunq_dma_wait(dma, LUNQ_S2MM, 1, &err));
        works("wait", lunq_dma_wait(dma, LUNQ_MM2S, 1, &err));
        that("all came", !memcmp(src->host, dst->host, BYTES));
        that("a second wait has nothing to wait for",
             lunq_dma_wait(dma, LUNQ_S2MM, 1, &err) == LUNQ_RUNTIME);
    }
    lunq_mem_unref(src);
    lunq_mem_unref(dst);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    works("open", open_all());
    if (!failures && !strcmp(name, "stream"))
        stream();
    else if (!failures && !strcmp(name, "engine_first"))
        engine_first();
    else if (!failures && !strcmp(name, "sleeping"))
        sleeping();
    else
        that("there is such a case", 0);
    close_all();
    lunq_loop_close();
    if (!failures)
        puts("ok");
    return failures != 0;
}
