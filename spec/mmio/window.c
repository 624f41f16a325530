/* window.c - register windows on devices that Lua can't make: one that only maps, one that only has
 * register access, one that has neither, one whose time is the real one.
 *   window NAME    runs one test: "ok", or what is wrong and exit code 1
 * Built and run by window_spec.lua. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../check.h"
#include "lunq.h"

/* ---- the device ---------------------------------------------------------------------------- */

static struct {
    struct lunq_device dev;
    uint8_t memory[64];
    volatile uint8_t *elsewhere; /* what is mapped instead of memory */
    int mapped, maps, reads, writes, destroyed;
    unsigned width; /* of the last access */
    bool refuse;    /* map: says no */
    int looks;      /* at the clock; at the tenth the first word becomes 1 */
} hw;

static void destroy(struct lunq_device *d)
{
    (void)d;
    hw.destroyed++;
}

static volatile uint8_t *map(struct lunq_device *d, uint64_t addr, uint64_t size,
                             struct lunq_error *err)
{
    (void)d, (void)size;
    if (hw.refuse) {
        lunq_fail(err, LUNQ_IO, "Nothing can be mapped here.");
        return NULL;
    }
    hw.mapped++;
    hw.maps++;
    return hw.elsewhere ? hw.elsewhere : hw.memory + addr % sizeof hw.memory;
}

static void unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size)
{
    (void)d, (void)ptr, (void)size;
    hw.mapped--;
}

static int bus_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    (void)d, (void)err;
    hw.reads++;
    hw.width = width;
    *value = 0;
    memcpy(value, hw.memory + addr % sizeof hw.memory, width);
    return 0;
}

static int bus_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    (void)d, (void)err;
    hw.writes++;
    hw.width = width;
    memcpy(hw.memory + addr % sizeof hw.memory, &value, width);
    return 0;
}

static int program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    (void)d, (void)p, (void)err;
    return 0;
}

static uint64_t now(struct lunq_device *d)
{
    (void)d;
    if (++hw.looks == 10)
        hw.memory[0] = 1;
    return (uint64_t)hw.looks * 1000;
}

static struct lunq_device_ops mapping = {
    .kind = "mapping", .destroy = destroy, .map = map, .unmap = unmap, .program = program};
static struct lunq_device_ops registers = {
    .kind = "registers", .destroy = destroy, .read = bus_read, .write = bus_write};
static struct lunq_device_ops nothing = {.kind = "nothing", .destroy = destroy, .read = bus_read};
static struct lunq_device_ops ticking = {
    .kind = "ticking", .destroy = destroy, .map = map, .unmap = unmap, .now = now};

static struct lunq_mmio *open_on(const struct lunq_device_ops *ops, uint64_t size, bool bound)
{
    struct lunq_mmio *m = NULL;
    struct lunq_error e;
    lunq_device_init(&hw.dev, ops, ops->kind);
    if (lunq_mmio_open(&m, &hw.dev, 0x1000, size, bound, &e) < 0)
        that_text("opening", "", e.message);
    return m;
}

/* ---- the tests ----------------------------------------------------------------------------- */

static void no_capability(void)
{
    struct lunq_mmio *m;
    struct lunq_error e;
    lunq_device_init(&hw.dev, &nothing, "nothing");
    that("it is refused", lunq_mmio_open(&m, &hw.dev, 0, 4, false, &e) == LUNQ_VALUE && !m);
    that_text("message", "Device does not have capabilities for MMIO", e.message);
    that("the device is not held", hw.dev.refs == 1);
}

static void wraps(void)
{
    struct lunq_mmio *m;
    struct lunq_error e;
    lunq_device_init(&hw.dev, &registers, "registers");
    that("the last byte may be the last of all",
         lunq_mmio_open(&m, &hw.dev, UINT64_MAX - 3, 4, false, &e) == 0);
    lunq_mmio_unref(m);
    that("one more is refused",
         lunq_mmio_open(&m, &hw.dev, UINT64_MAX - 2, 4, false, &e) == LUNQ_VALUE);
    that("no size is never too much", lunq_mmio_open(&m, &hw.dev, UINT64_MAX, 0, false, &e) == 0);
    that("and has no byte", lunq_mmio_check(m, 0, 1, 1, false, &e) == LUNQ_INDEX);
    lunq_mmio_unref(m);
}

static void life(void)
{
    struct lunq_mmio *m = open_on(&mapping, 16, false), *other = lunq_mmio_ref(m);
    struct lunq_error e;
    uint64_t v;
    that("it is mapped", hw.mapped == 1 && m->ptr && m->direct_end == 13);
    that("and holds the device", hw.dev.refs == 2 && hw.dev.windows == m);
    lunq_mmio_close(m);
    lunq_mmio_close(m);
    that("closing unmaps once", hw.mapped == 0 && hw.dev.refs == 1 && !hw.dev.windows);
    lunq_mmio_unref(m);
    that("who shares it gets an error", lunq_mmio_read(other, 0, 4, &v, &e) == LUNQ_RUNTIME);
    that_text("message", "MMIO at 0x1000 is closed.", e.message);
    lunq_mmio_unref(other);
    lunq_mmio_unref(NULL);
    lunq_mmio_close(NULL);
    lunq_device_unref(&hw.dev);
    that("the device goes last", hw.destroyed == 1);
}

static void outlives_the_device(void)
{
    struct lunq_mmio *m = open_on(&mapping, 16, false);
    uint32_t v = 0;
    lunq_device_unref(&hw.dev);
    that("the window keeps it", hw.destroyed == 0);
    that("and works",
         lunq_mmio_write32(m, 4, 7, NULL) == 0 && lunq_mmio_read32(m, 4, &v, NULL) == 0);
    that("as before", v == 7);
    lunq_mmio_unref(m);
    that("until it goes", hw.destroyed == 1 && hw.mapped == 0);
}

static void mapping_refused(void)
{
    struct lunq_mmio *m;
    struct lunq_error e;
    uint64_t v;
    hw.refuse = true;
    m = open_on(&mapping, 16, false);
    that("shows at the first access", lunq_mmio_read(m, 0, 4, &v, &e) == LUNQ_IO);
    that_text("message", "Nothing can be mapped here.", e.message);
    that("for writes too", lunq_mmio_write(m, 0, 4, 1, &e) == LUNQ_IO);
    lunq_mmio_unref(m);
    that("nothing was unmapped", hw.mapped == 0);
}

static void new_design(void)
{
    struct lunq_mmio *bound = open_on(&mapping, 16, true), *plain;
    struct lunq_design *design;
    struct lunq_error e;
    lunq_mmio_open(&plain, &hw.dev, 0x1000, 16, false, &e);
    that("both are mapped", hw.mapped == 2);
    if (lunq_design_new(&design, "test", "table", &e) < 0 || lunq_design_finish(design, &e) < 0)
        that_text("design", "", e.message);
    lunq_device_program(&hw.dev, &(struct lunq_program){.design = design}, &e);
    that("the bound one is stale and unmapped", bound->stale && !bound->ptr && !bound->direct_end);
    that("the other is mapped again", plain->ptr && hw.mapped == 1 && hw.maps == 3);
    that("stale", lunq_mmio_write(bound, 0, 4, 1, &e) == LUNQ_RUNTIME);
    lunq_mmio_unref(bound);
    lunq_mmio_unref(plain);
    lunq_design_unref(design);
    lunq_design_unref(hw.dev.design);
    that("all are unmapped", hw.mapped == 0);
}

static void register_access(void)
{
    struct lunq_mmio *m = open_on(&registers, 16, false);
    struct lunq_register_view r = {.off = 4, .width = 64, .readable = true, .writable = true};
    uint8_t bytes[16];
    uint64_t v;
    lunq_mmio_write(m, 8, 8, 5, NULL);
    that("one access of 8 bytes", hw.writes == 1 && hw.width == 8);
    lunq_mmio_read_block(m, 0, 2, bytes, 8, false, NULL);
    that("eight of two", hw.reads == 8 && hw.width == 2 && bytes[8] == 5);
    hw.reads = 0;
    that("past the end there is none",
         lunq_mmio_read_block(m, 8, 4, bytes, 3, false, NULL) < 0 && !hw.reads);
    that("64 bits on a word boundary",
         lunq_register_read(m, &r, &v, NULL) == 0 && hw.reads == 2 && hw.width == 4);
    hw.reads = hw.writes = 0;
    r.act = ~(uint64_t)0;
    lunq_register_update(m, &r, 1, 1, NULL);
    that("are two writes, and no read when nothing is to be kept", hw.reads == 0 && hw.writes == 2);
    lunq_mmio_unref(m);
}

static sigjmp_buf at_the_wall;

static void hit(int signal)
{
    siglongjmp(at_the_wall, signal);
}

/* C5, and c-periphery's memcpy: the compiler may make wide accesses of a copy, which registers answer
 * with a bus error or by losing words. Behind the first word stands a page nobody may touch: an
 * access of that word alone succeeds, a wider one touches the wall and does nothing. */
static void word_by_word(void)
{
    static const uint8_t data[64] = "abcdefgh";
    static uint8_t read[64];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *word = pages + page - 4;
    struct lunq_mmio *m;
    that("there is a wall", pages != MAP_FAILED && !mprotect(pages + page, page, PROT_NONE));
    hw.elsewhere = word;
    m = open_on(&mapping, 64, false);
    signal(SIGSEGV, hit);
    if (!sigsetjmp(at_the_wall, 1))
        that("writing ends at the wall", lunq_mmio_write_block(m, 0, 4, data, 16, false, NULL) > 0);
    that("the first word was written alone", !memcmp(word, "abcd", 4));
    if (!sigsetjmp(at_the_wall, 1))
        that("reading ends at the wall", lunq_mmio_read_block(m, 0, 4, read, 16, false, NULL) > 0);
    that("the first word was read alone", !memcmp(read, "abcd\0", 5));
    if (!sigsetjmp(at_the_wall, 1))
        that("filling ends at the wall", lunq_mmio_fill(m, 0, 4, 0x2e2e2e2e, 16, NULL) > 0);
    that("the first word was filled alone", !memcmp(word, "....", 4));
    signal(SIGSEGV, SIG_DFL);
    lunq_mmio_unref(m);
    munmap(pages, 2 * page);
}

static void poll_in_real_time(void)
{
    struct lunq_mmio *m = open_on(&ticking, 16, false);
    struct lunq_error e;
    uint32_t last = 0;
    that("it ends when the word changes",
         lunq_mmio_poll(m, 0, 1, 1, 1, &last, &e) == 0 && last == 1);
    that("after ten looks at the clock", hw.looks == 10);
    that("or with the time",
         lunq_mmio_poll(m, 0, 3, 2, 20e-6, &last, &e) == LUNQ_TIMEOUT && last == 1);
    that_text("message",
              "0x1000 still reads 0x00000001 after 2e-05 s: waited for 0x2 under mask 0x3.",
              e.message);
    lunq_mmio_unref(m);
}

static void interrupted(void)
{
    struct lunq_mmio *m = open_on(&ticking, 16, false);
    struct lunq_error e;
    uint32_t last;
    lunq_interrupted = 1;
    that("Ctrl-C ends a poll", lunq_mmio_poll(m, 0, 2, 2, -1, &last, &e) == LUNQ_RUNTIME);
    lunq_mmio_unref(m);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"no_capability", no_capability},
        {"wraps", wraps},
        {"life", life},
        {"outlives_the_device", outlives_the_device},
        {"mapping_refused", mapping_refused},
        {"new_design", new_design},
        {"register_access", register_access},
        {"word_by_word", word_by_word},
        {"poll_in_real_time", poll_in_real_time},
        {"interrupted", interrupted},
    };
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            if (!failed)
                puts("ok");
            return failed;
        }
    fprintf(stderr, "window: no such test\n");
    return 2;
}
