/* clocks.c - clocks on devices that Lua can't make: one that maps its registers, as /dev/mem does, and
 * one whose kernel has some of the clocks in its hands.
 *   clocks NAME    runs one test: "ok", or what is wrong and exit code 1
 * Built and run by clocks_device_spec.lua. */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "lunq.h"

/* ---- the device: a Zynq-7000 with a crystal of 33.333333 MHz in its device tree ------------- */

static struct {
    struct lunq_device dev;
    uint32_t slcr[0x200 / 4];
    int mapped, maps;
    bool refuse;     /* map: says no */
    uint64_t hz[2];  /* of the clocks that are the kernel's */
    uint64_t writes; /* kernel calls that set something */
    uint32_t lost[0x200 / 4];
} hw;

static void destroy(struct lunq_device *d)
{
    (void)d;
}

static volatile uint8_t *map(struct lunq_device *d, uint64_t addr, uint64_t size,
                             struct lunq_error *err)
{
    (void)d;
    if (hw.refuse || addr != 0xF8000000 || size > sizeof hw.slcr) {
        lunq_fail(err, LUNQ_PERMISSION, "/dev/mem can't be opened: Permission denied.");
        return NULL;
    }
    hw.mapped++;
    hw.maps++;
    return (uint8_t *)hw.slcr;
}

static void unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size)
{
    (void)d, (void)ptr, (void)size;
    hw.mapped--;
}

static int bus_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    (void)d, (void)width, (void)err;
    *value = hw.slcr[(addr - 0xF8000000) / 4];
    return 0;
}

static int bus_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    (void)d, (void)width, (void)err;
    hw.lost[(addr - 0xF8000000) / 4] = (uint32_t)value;
    return 0;
}

static enum lunq_ps ps(struct lunq_device *d, uint64_t *ref_hz)
{
    (void)d;
    *ref_hz = 33333333;
    return LUNQ_PS_ZYNQ7000;
}

/* Clocks 0 and 1 are the kernel's, in steps of 1 MHz; 2 and 3 are not. */
static int kernel_get(struct lunq_device *d, unsigned index, uint64_t *hz, struct lunq_error *err)
{
    (void)d;
    if (index > 1)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "no such clock");
    *hz = hw.hz[index];
    return 0;
}

static int kernel_set(struct lunq_device *d, unsigned index, uint64_t hz, struct lunq_error *err)
{
    (void)d;
    if (index > 1)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "no such clock");
    hw.hz[index] = (hz + 500000) / 1000000 * 1000000;
    hw.writes++;
    return 0;
}

static const struct lunq_device_ops mapping = {
    .kind = "mapping", .destroy = destroy, .map = map, .unmap = unmap, .ps = ps};
static const struct lunq_device_ops guarded = {
    .kind = "guarded", .destroy = destroy, .read = bus_read, .write = bus_write, .ps = ps};
static const struct lunq_device_ops kernel = {.kind = "kernel",
                                              .destroy = destroy,
                                              .map = map,
                                              .unmap = unmap,
                                              .ps = ps,
                                              .clock_get = kernel_get,
                                              .clock_set = kernel_set};
static const struct lunq_device_ops card = {.kind = "card", .destroy = destroy, .map = map};

static struct lunq_device *open_on(const struct lunq_device_ops *ops)
{
    lunq_device_init(&hw.dev, ops, ops->kind);
    hw.slcr[0x108 / 4] = 30 << 12;
    for (unsigned i = 0; i < 4; i++)
        hw.slcr[0x170 / 4 + 4 * i] = 0x00200500;
    return &hw.dev;
}

static char warned[512];

static void warning(void *ctx, const char *category, const char *text)
{
    (void)ctx, (void)category;
    snprintf(warned, sizeof warned, "%s", text);
}

/* ---- the tests ----------------------------------------------------------------------------- */

static void mapped_while_used(void)
{
    struct lunq_device *d = open_on(&mapping);
    struct lunq_clock_state c;
    struct lunq_error e;
    enum lunq_ps which;
    double mhz;
    const char *from;
    that("it is a Zynq", lunq_clocks_ps(d, &which, &e) == 0 && which == LUNQ_PS_ZYNQ7000);
    that("it has a reference", lunq_clocks_reference(d, &mhz, &from, &e) == 0);
    that("33.333333 MHz", mhz == 33.333333);
    that_text("which the device tree says", "device tree", from);
    that("no index is checked in the hardware", lunq_clocks_get(d, 4, &c, &e) == LUNQ_VALUE);
    that("nothing is mapped yet", hw.maps == 0);
    that("a clock is read", lunq_clocks_get(d, 0, &c, &e) == 0);
    that("99.999999 MHz", c.mhz == 99.999999);
    that("one window did it", hw.maps == 1);
    that("and is gone again", hw.mapped == 0);
}

static void set_through_a_mapping(void)
{
    struct lunq_device *d = open_on(&mapping);
    struct lunq_clock_ask ask = {.mhz = 50};
    struct lunq_clock_state c;
    struct lunq_error e;
    that("set", lunq_clocks_set(d, 3, &ask, &c, &e) == 0);
    that("50 MHz but for rounding", c.mhz > 49.99999 && c.on && c.asked_mhz == 50);
    that("20 and 1", c.div0 == 20 && c.div1 == 1 && hw.slcr[0x1A0 / 4] == 0x00101400);
    that("off", lunq_clocks_enable(d, 3, false, &e) == 0 && hw.slcr[0x1A8 / 4] == 1);
    that("forgotten", (lunq_clocks_forget(d), d->asked_mhz[3] == 0));
    that("nothing stays mapped", hw.mapped == 0);
}

static void no_access(void)
{
    struct lunq_device *d = open_on(&mapping);
    struct lunq_clock_state c;
    struct lunq_clock_ask ask = {.mhz = 50};
    struct lunq_error e;
    hw.refuse = true;
    that("get", lunq_clocks_get(d, 0, &c, &e) == LUNQ_PERMISSION);
    that_text("message", "/dev/mem can't be opened: Permission denied.", e.message);
    that("set", lunq_clocks_set(d, 0, &ask, NULL, &e) == LUNQ_PERMISSION);
    that("nothing was asked for", d->asked_mhz[0] == 0);
    that("off", lunq_clocks_enable(d, 0, false, &e) == LUNQ_PERMISSION);
    that("the CPU's", lunq_clocks_cpu(d, &c.mhz, &e) == LUNQ_PERMISSION);
}

static void a_write_that_is_lost(void)
{
    struct lunq_device *d = open_on(&guarded);
    struct lunq_clock_ask ask = {.mhz = 50};
    struct lunq_error e;
    hw.slcr[0x00C / 4] = 1;
    that("set", lunq_clocks_set(d, 0, &ask, NULL, &e) == LUNQ_IO);
    that_text(
        "message",
        "The clock register at 0xf8000170 does not take 0x00101400: it reads 0x00200500. Is it "
        "protected by the firmware, or in the kernel's hands?",
        e.message);
    that("the lock was opened", hw.lost[0x008 / 4] == 0xDF0D);
    that("and closed in spite of it", hw.lost[0x004 / 4] == 0x767B);
}

static void by_the_kernel(void)
{
    struct lunq_device *d = open_on(&kernel);
    int64_t five = 5;
    struct lunq_clock_ask ask = {.mhz = 66.6}, dividers = {.div0 = &five, .div1 = &five};
    struct lunq_clock_state c;
    struct lunq_error e;
    hw.hz[0] = 100000000;
    that("get", lunq_clocks_get(d, 0, &c, &e) == 0 && c.mhz == 100 && c.on && !c.source);
    that("set", lunq_clocks_set(d, 0, &ask, &c, &e) == 0 && c.mhz == 67 && c.asked_mhz == 66.6);
    that("no warning below 1 %", !*warned);
    ask.mhz = 1.4;
    that("far off", lunq_clocks_set(d, 0, &ask, &c, &e) == 0 && c.mhz == 1);
    that_text(
        "warning",
        "Setting frequency to the closest possible value 1.0MHz. 1.4 MHz were asked of clock 0.",
        warned);
    that("dividers", lunq_clocks_set(d, 0, &dividers, &c, &e) == LUNQ_VALUE);
    that_text("message",
              "PL clock 0 is the kernel's on kernel, which takes a frequency and no dividers: name "
              "one in MHz.",
              e.message);
    dividers.mhz = 40;
    that("with a frequency", lunq_clocks_set(d, 0, &dividers, &c, &e) == 0 && c.mhz == 40);
    that("off", lunq_clocks_enable(d, 0, false, &e) == 0 && hw.hz[0] == 0);
    that("on again", lunq_clocks_enable(d, 0, true, &e) == 0 && hw.hz[0] == 40000000);
    that("twice", lunq_clocks_enable(d, 0, true, &e) == 0 && hw.writes == 5);
    that("unknown", lunq_clocks_enable(d, 1, true, &e) == LUNQ_VALUE);
    that_text(
        "message",
        "PL clock 1 is off, and the kernel of kernel wants to know how fast it should be: set "
        "its frequency.",
        e.message);
    that("no register was touched", hw.maps == 0);
    that("another is a register", lunq_clocks_get(d, 2, &c, &e) == 0 && c.mhz == 99.999999);
    ask.mhz = 50;
    that("and is set there", lunq_clocks_set(d, 2, &ask, &c, &e) == 0 && c.div0 == 20);
    that("and stopped there",
         lunq_clocks_enable(d, 2, false, &e) == 0 && hw.slcr[0x198 / 4] == 1 && hw.writes == 5);
}

static void other_device(void)
{
    struct lunq_device *d = open_on(&card);
    struct lunq_clock_state c;
    struct lunq_error e;
    that("refused", lunq_clocks_get(d, 0, &c, &e) == LUNQ_RUNTIME);
    that_text(
        "message",
        "Architecture not supported for Clocks: card has no processing system of a Zynq, and no "
        "design is loaded that brings one.",
        e.message);
    that("nothing is mapped", hw.maps == 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"mapped_while_used", mapped_while_used},
        {"set_through_a_mapping", set_through_a_mapping},
        {"no_access", no_access},
        {"a_write_that_is_lost", a_write_that_is_lost},
        {"by_the_kernel", by_the_kernel},
        {"other_device", other_device},
    };
    lunq_set_warning_hook(warning, NULL);
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            if (!failed)
                puts("ok");
            return failed;
        }
    fprintf(stderr, "clocks: no such test\n");
    return 2;
}
