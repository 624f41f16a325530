/* engine.c - the DMA engine on a device made of a register list: what can't be seen from Lua on the
 * simulated device. Which registers are touched in which order, what is synced, addresses beyond
 * 32 bits, a bus that fails, a reset that never ends.
 *   engine NAME    runs one test: "ok", or what differs and exit code 1
 * Built and run by engine_spec.lua. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lunq.h"

#define REGS UINT64_C(0x40400000)

/* The device: words that read as they were set, a log of all that was asked of it. */
static struct {
    struct lunq_device dev;
    struct lunq_bank bank;
    uint32_t reg[0x60 / 4];
    char log[8192];
    size_t logged;
    uint64_t now, next; /* next: where the next allocation goes */
    int fail_at;        /* register that answers with an error; -1: none */
    bool stuck;         /* the reset bit stays */
} hw;

static void note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    hw.logged += (size_t)vsnprintf(hw.log + hw.logged, sizeof hw.log - hw.logged, fmt, ap);
    va_end(ap);
}

static void destroy(struct lunq_device *d)
{
    (void)d;
}

static int bus(uint64_t addr, struct lunq_error *err)
{
    if ((int)(addr - REGS) == hw.fail_at)
        return lunq_fail(err, LUNQ_IO, "Bus error at 0x%" PRIx64 ".", addr);
    return 0;
}

static int hw_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                   struct lunq_error *err)
{
    (void)d, (void)width;
    hw.now += 100;
    *value = hw.reg[(addr - REGS) / 4];
    note("r%02x ", (unsigned)(addr - REGS));
    return bus(addr, err);
}

/* RS follows DMACR at once; a reset ends at once unless stuck; everything else just stays. */
static int hw_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                    struct lunq_error *err)
{
    unsigned off = (unsigned)(addr - REGS);
    (void)d, (void)width;
    hw.now += 100;
    note("%02x=%" PRIx64 " ", off, value);
    if (bus(addr, err) < 0)
        return LUNQ_IO;
    hw.reg[off / 4] = (uint32_t)value;
    if (off == 0x00 || off == 0x30) {
        uint32_t *status = &hw.reg[off / 4 + 1];
        *status = value & 1 ? *status & ~1u : (*status & ~2u) | 1;
        if (value & 4 && !hw.stuck) {
            hw.reg[off / 4] = 0;
            hw.reg[1] = hw.reg[13] = 1;
        }
    }
    return 0;
}

static int hw_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    (void)d;
    m->host = calloc(1, m->size);
    if (!m->host)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->address = hw.next;
    hw.next += (m->size + 4095) & ~(size_t)4095;
    return 0;
}

static void hw_free(struct lunq_device *d, struct lunq_mem *m)
{
    (void)d;
    free(m->host);
}

static int hw_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                   enum lunq_sync dir, struct lunq_error *err)
{
    (void)d, (void)err;
    note("%s(%" PRIx64 ",%zx) ", dir == LUNQ_TO_DEVICE ? "flush" : "invalidate", m->address + off,
         n);
    return 0;
}

static uint64_t hw_now(struct lunq_device *d)
{
    (void)d;
    return hw.now;
}

static int hw_advance(struct lunq_device *d, uint64_t until, struct lunq_error *err)
{
    (void)d, (void)err;
    hw.now = until;
    return 0;
}

static const struct lunq_device_ops ops = {
    .kind = "list",
    .destroy = destroy,
    .read = hw_read,
    .write = hw_write,
    .alloc = hw_alloc,
    .free = hw_free,
    .sync = hw_sync,
    .now = hw_now,
    .advance = hw_advance,
};

/* ---- a test's surroundings ------------------------------------------------------------------ */

static struct lunq_mmio *regs;
static struct lunq_dma *dma;
static struct lunq_mem *buf;
static struct lunq_error err;
static bool failed;

static struct lunq_dma_params params(bool sg)
{
    struct lunq_dma_params p = {.include = {true, true},
                                .sg = sg,
                                .length_width = 14,
                                .addr_width = 32,
                                .data_bytes = {4, 4},
                                .align = {4, 4},
                                .burst = {16, 16}};
    return p;
}

static void open_engine(struct lunq_dma_params p, uint64_t memory)
{
    lunq_device_init(&hw.dev, &ops, "list");
    hw.dev.direct = false;
    hw.bank = (struct lunq_bank){"DDR", memory, UINT64_C(1) << 30, false};
    hw.dev.banks = &hw.bank;
    hw.dev.n_banks = 1;
    hw.next = memory;
    hw.fail_at = -1;
    hw.reg[1] = hw.reg[13] = 1; /* halted */
    if (lunq_mmio_open(&regs, &hw.dev, REGS, 0x60, false, &err) < 0 ||
        lunq_mem_alloc(&buf, &hw.dev, 40000, NULL, &err) < 0 ||
        lunq_dma_open(&dma, regs, "dma", &p, &err) < 0) {
        printf("can't begin: %s\n", err.message);
        exit(1);
    }
}

/* The log since the last call is exactly this. */
static void logged(const char *what, const char *expected)
{
    if (hw.logged && hw.log[hw.logged - 1] == ' ')
        hw.log[--hw.logged] = 0;
    if (strcmp(hw.log, expected)) {
        printf("%s\n  expected: %s\n  was:      %s\n", what, expected, hw.log);
        failed = true;
    }
    hw.logged = 0;
    hw.log[0] = 0;
}

static void result(const char *what, int r, int kind, const char *text)
{
    if (r != kind || (r < 0 && !strstr(err.message, text))) {
        printf("%s gave %s: %s\n", what, lunq_kind_name(r), r < 0 ? err.message : "");
        failed = true;
    }
}

static void that(const char *what, bool ok)
{
    if (!ok)
        printf("not so: %s\n", what);
    failed = failed || !ok;
}

static int transfer(enum lunq_dma_dir dir, size_t off, size_t n)
{
    return lunq_dma_transfer(dma, dir, buf, off, n, false, &err);
}

static int wait_for(enum lunq_dma_dir dir)
{
    return lunq_dma_wait(dma, dir, 1, &err);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* pynq-behaviour B4: address low, address high, LENGTH last. */
static void simple_order(void)
{
    open_engine(params(false), 0x10000000);
    logged("open", "00=1 r04 30=1 r34");
    result("send", transfer(LUNQ_MM2S, 16, 64), 0, "");
    logged("send", "r04 flush(10000010,40) 18=10000010 1c=0 28=40");
    result("receive", transfer(LUNQ_S2MM, 128, 256), 0, "");
    logged("receive", "r34 flush(10000080,100) 48=10000080 4c=0 58=100");
    hw.reg[1] = hw.reg[13] = 2; /* idle */
    hw.reg[0x58 / 4] = 100;     /* TLAST came early */
    result("wait", wait_for(LUNQ_MM2S), 0, "");
    logged("wait for send", "r04");
    result("wait", wait_for(LUNQ_S2MM), 0, "");
    logged("wait for receive", "r34 r58 invalidate(10000080,64)");
    that("100 bytes received", lunq_dma_transferred(dma, LUNQ_S2MM) == 100);
}

/* B5: DMACR 0, data and descriptors, CURDESC, run, TAILDESC; status is read after a sync. */
static void sg_order(void)
{
    uint32_t *ring;
    open_engine(params(true), 0x10000000);
    logged("open", "00=0 r04 r04 30=0 r34 r34");
    result("send", transfer(LUNQ_MM2S, 4, 12), 0, "");
    logged("send", "r04 flush(10000004,c) 00=0 flush(1000a000,c0) 08=1000a000 0c=0 00=1 r04 "
                   "10=1000a080 14=0");
    ring = (uint32_t *)(void *)lunq_mem_find(&hw.dev, 0x1000a000, 192)->host;
    for (int i = 0; i < 3; i++) {
        that("ring", ring[16 * i] == 0x1000a000u + 64u * (unsigned)((i + 1) % 3));
        that("address", ring[16 * i + 2] == 0x10000004u + 4u * (unsigned)i);
        that("length",
             ring[16 * i + 6] == (4u | (i == 0 ? 1u << 27 : 0) | (i == 2 ? 1u << 26 : 0)));
        ring[16 * i + 7] = 0x80000004u;
    }
    hw.reg[1] |= 2;
    result("wait", wait_for(LUNQ_MM2S), 0, "");
    logged("wait", "r04 00=0 r04 invalidate(1000a000,c0)");
    that("12 bytes sent", lunq_dma_transferred(dma, LUNQ_MM2S) == 12);
}

/* B5: a cyclic ring's tail is the address just past it; stopping it leaves the peer alone (C22). */
static void cyclic_order(void)
{
    open_engine(params(true), 0x10000000);
    hw.logged = 0;
    result("send", lunq_dma_transfer(dma, LUNQ_MM2S, buf, 0, 16, true, &err), 0, "");
    logged("send", "r04 flush(10000000,10) 00=0 flush(1000a000,80) 08=1000a000 0c=0 00=11 r04 "
                   "10=1000a080 14=0");
    result("stop", lunq_dma_stop(dma, LUNQ_MM2S, &err), 0, "");
    logged("stop", "00=0 r04");
}

/* C17: with an interrupt wired, errors wake who waits; done is acknowledged. */
static void interrupt_order(void)
{
    struct lunq_dma_params p = params(false);
    p.irq[LUNQ_MM2S] = true;
    open_engine(p, 0x10000000);
    logged("open", "00=5001 r04 30=1 r34");
    result("send", transfer(LUNQ_MM2S, 0, 4), 0, "");
    hw.logged = 0;
    hw.reg[1] = 0x1002;
    result("wait", wait_for(LUNQ_MM2S), 0, "");
    logged("wait", "r04 04=1000");
}

/* C20: DecErr of a descriptor is bit 30. */
static void descriptor_error(void)
{
    uint32_t *ring;
    open_engine(params(true), 0x10000000);
    transfer(LUNQ_S2MM, 0, 8);
    ring = (uint32_t *)(void *)lunq_mem_find(&hw.dev, 0x1000a000, 128)->host;
    ring[7] = 0x80000004u;
    ring[23] = 0xc0000000u;
    hw.reg[13] |= 2;
    result("wait", wait_for(LUNQ_S2MM), LUNQ_RUNTIME, "DMA Error in descriptor: dma S2MM.");
    that("says which", strstr(err.message, "Descriptor 2 of 2 says decode error"));
    that("is a fault of the device", err.fault);
    that("memory is held", buf->holds == 1);
    result("reset", lunq_dma_reset(dma, &err), 0, "");
    that("memory is free", buf->holds == 0);
}

/* C11: PYNQ cuts such an address off and writes somewhere else. */
static void beyond_32_bits(void)
{
    open_engine(params(false), UINT64_C(0x180000000));
    hw.logged = 0;
    result("send", transfer(LUNQ_MM2S, 0, 64), LUNQ_VALUE,
           "The buffer at 0x180000000 is out of reach of dma, whose addresses have 32 bits");
    logged("nothing but the state was looked at", "r04");
}

static void last_byte_beyond(void)
{
    open_engine(params(false), UINT64_C(0xffffff00));
    result("the last bytes within reach", transfer(LUNQ_MM2S, 0, 256), 0, "");
    result("one more", transfer(LUNQ_S2MM, 0, 257), LUNQ_VALUE, "out of reach");
}

static void wide_addresses(void)
{
    struct lunq_dma_params p = params(true);
    p.addr_width = 40;
    open_engine(p, UINT64_C(0x180000000));
    hw.logged = 0;
    result("send", transfer(LUNQ_MM2S, 0, 4), 0, "");
    logged("send", "r04 flush(180000000,4) 00=0 flush(18000a000,40) 08=8000a000 0c=1 00=1 r04 "
                   "10=8000a000 14=1");
}

static void ring_beyond(void)
{
    open_engine(params(true),
                UINT64_C(0xffff6000)); /* the buffer still fits, what follows doesn't */
    result("send", transfer(LUNQ_MM2S, 0, 4), LUNQ_VALUE, "The descriptor ring at 0x100000000");
    that("memory is free", buf->holds == 0);
}

/* LENGTH is written last: when that fails nothing has started. */
static void bus_fails_at_start(void)
{
    open_engine(params(false), 0x10000000);
    hw.fail_at = 0x28;
    result("send", transfer(LUNQ_MM2S, 0, 64), LUNQ_IO, "Bus error at 0x40400028.");
    that("memory is free", buf->holds == 0);
    result("wait", wait_for(LUNQ_MM2S), LUNQ_RUNTIME, "Nothing to wait for");
}

static void bus_fails_in_wait(void)
{
    open_engine(params(false), 0x10000000);
    transfer(LUNQ_MM2S, 0, 64);
    hw.fail_at = 0x04;
    result("wait", wait_for(LUNQ_MM2S), LUNQ_IO, "Bus error at 0x40400004.");
    that("memory is held", buf->holds == 1);
    hw.fail_at = -1;
    hw.reg[1] = 2;
    result("wait again", wait_for(LUNQ_MM2S), 0, "");
}

static const char *warned;
static void on_warning(void *ctx, const char *category, const char *message)
{
    (void)ctx, (void)category;
    warned = strstr(message, "does not stop") ? "does not stop" : "something else";
}

/* Memory a device may still write is never given back, not even when the engine is closed. */
static void reset_never_ends(void)
{
    open_engine(params(false), 0x10000000);
    transfer(LUNQ_S2MM, 0, 64);
    hw.stuck = true;
    result("reset", lunq_dma_reset(dma, &err), LUNQ_TIMEOUT, "the reset did not end within 1 s");
    that("memory is held", buf->holds == 1);
    lunq_set_warning_hook(on_warning, NULL);
    lunq_dma_close(dma);
    dma = NULL;
    that("a warning says so", warned && !strcmp(warned, "does not stop"));
    that("memory is held", buf->holds == 1);
    lunq_mem_release(buf); /* so that the leak checker finds nothing of ours */
}

/* An engine left over in an error from another program is reset when it is opened. */
static void found_in_error(void)
{
    struct lunq_dma_params p = params(true);
    open_engine(p, 0x10000000);
    lunq_dma_close(dma);
    hw.reg[1] = 0x101;
    hw.logged = 0;
    result("open", lunq_dma_open(&dma, regs, "dma", &p, &err), 0, "");
    logged("open", "00=0 r04 r04 00=4 r00");
}

static void give_back(void)
{
    lunq_dma_close(dma);
    lunq_mem_unref(buf);
    lunq_mmio_unref(regs);
    that("all memory was given back", hw.dev.mem_count == 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"simple_order", simple_order},
        {"sg_order", sg_order},
        {"cyclic_order", cyclic_order},
        {"interrupt_order", interrupt_order},
        {"descriptor_error", descriptor_error},
        {"beyond_32_bits", beyond_32_bits},
        {"last_byte_beyond", last_byte_beyond},
        {"wide_addresses", wide_addresses},
        {"ring_beyond", ring_beyond},
        {"bus_fails_at_start", bus_fails_at_start},
        {"bus_fails_in_wait", bus_fails_in_wait},
        {"reset_never_ends", reset_never_ends},
        {"found_in_error", found_in_error},
    };
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            give_back();
            if (!failed)
                puts("ok");
            return failed;
        }
    fprintf(stderr, "engine: no such test\n");
    return 2;
}
