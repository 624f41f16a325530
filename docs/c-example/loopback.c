/* loopback.c - LUNQ from C, without Lua: load a design, move data through its DMA, check it.
 *
 *   cc loopback.c -I$PREFIX/include/lunq -L$PREFIX/lib -llunq -o loopback     (after `make install`)
 *   ./loopback dma_loopback.hwh [IP [DEVICE]]
 *
 * Every call of liblunq that can fail returns a negative number and fills a struct lunq_error. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lunq.h"

#define WORDS 1024

/* What the program holds; all of it is given back in the end, whatever went wrong. */
struct loopback {
    struct lunq_design *design;
    struct lunq_device *device;
    struct lunq_mmio *regs;
    struct lunq_dma *dma;
    struct lunq_mem *src, *dst;
};

/* Metadata into a design, the design onto the device. */
static int load(struct loopback *lb, const char *file, const char *device, struct lunq_error *err)
{
    struct lunq_program program = {0};
    int r = lunq_design_read(&lb->design, file, err);
    if (r == 0)
        r = lunq_device_open(&lb->device, device, err);
    if (r < 0)
        return r;
    program.design = lb->design;
    return lunq_device_program(lb->device, &program, err);
}

/* An engine for the AXI DMA of that name: its registers, and its limits from the parameters. */
static int open_dma(struct loopback *lb, const char *name, struct lunq_error *err)
{
    const struct lunq_ip *ip = lunq_design_ip(lb->design, name);
    struct lunq_dma_params params;
    int r;
    if (!ip || !ip->has_address)
        return lunq_fail(err, LUNQ_ATTRIBUTE, "The design has no IP %s.", name);
    r = lunq_dma_params_from(&params, ip->module, err);
    if (r == 0)
        r = lunq_mmio_open(&lb->regs, lb->device, ip->phys_addr, ip->addr_range, true, err);
    if (r == 0)
        r = lunq_dma_open(&lb->dma, lb->regs, name, &params, err);
    return r;
}

/* Sends WORDS words and receives them back. The receiver starts first, so that nothing is lost. */
static int move(struct loopback *lb, struct lunq_error *err)
{
    uint32_t *words;
    int r = lunq_mem_alloc(&lb->src, lb->device, WORDS * 4, NULL, err);
    if (r == 0)
        r = lunq_mem_alloc(&lb->dst, lb->device, WORDS * 4, NULL, err);
    if (r < 0)
        return r;
    words = (uint32_t *)(void *)lb->src->host;
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = i * i;
    r = lunq_dma_transfer(lb->dma, LUNQ_S2MM, lb->dst, 0, WORDS * 4, false, err);
    if (r == 0)
        r = lunq_dma_transfer(lb->dma, LUNQ_MM2S, lb->src, 0, WORDS * 4, false, err);
    if (r == 0)
        r = lunq_dma_wait(lb->dma, LUNQ_MM2S, 1.0, err);
    if (r == 0)
        r = lunq_dma_wait(lb->dma, LUNQ_S2MM, 1.0, err);
    if (r == 0 && memcmp(lb->src->host, lb->dst->host, WORDS * 4))
        r = lunq_fail(err, LUNQ_RUNTIME, "What came back differs from what was sent.");
    return r;
}

static void give_back(struct loopback *lb)
{
    lunq_dma_close(lb->dma); /* first: it stops the hardware and lets the memory go */
    lunq_mem_unref(lb->src);
    lunq_mem_unref(lb->dst);
    lunq_mmio_unref(lb->regs);
    lunq_device_unref(lb->device);
    lunq_design_unref(lb->design);
}

int main(int argc, char **argv)
{
    struct loopback lb = {0};
    struct lunq_error err;
    uint64_t start;
    int r;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE.hwh [IP [DEVICE]]\n", argv[0]);
        return 2;
    }
    r = load(&lb, argv[1], argc > 3 ? argv[3] : "sim", &err);
    if (r == 0)
        r = open_dma(&lb, argc > 2 ? argv[2] : "axi_dma", &err);
    if (r == 0) {
        start = lunq_device_now(lb.device);
        r = move(&lb, &err);
        if (r == 0)
            printf("%u words sent and received on %s, %" PRIu64 " ns of device time\n", WORDS,
                   lb.device->name, lunq_device_now(lb.device) - start);
    }
    if (r < 0)
        fprintf(stderr, "%s error: %s\n", lunq_kind_name(err.kind), err.message);
    give_back(&lb);
    return r < 0;
}
