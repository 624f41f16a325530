/* xrt.c - a C program on a card under XRT, without Lua: kernels, runs and the end of the process. The
 * design is made here; what stands in XRT's place takes any image (xrt_fake.c).
 *   xrt CASE     "ok", or what is wrong and exit code 1
 * Built and run by xrt_device_spec.lua. */
#include <stdlib.h>

#include "../check.h"
#include "core/memory.h"
#include "core/run.h"
#include "lunq.h"

/* ---- a design: vadd(a, b, c, n) in two units, on two banks ------------------------------------ */

static const size_t bank0[] = {0}, bank1[] = {1};
static const struct lunq_arg vadd_args[] = {
    {.name = "a",
     .type = "int*",
     .kind = LUNQ_ARG_GLOBAL,
     .index = 0,
     .offset = 0x10,
     .size = 8,
     .memories = bank0,
     .n_memories = 1},
    {.name = "b",
     .type = "int*",
     .kind = LUNQ_ARG_GLOBAL,
     .index = 1,
     .offset = 0x1c,
     .size = 8,
     .memories = bank0,
     .n_memories = 1},
    {.name = "c",
     .type = "int*",
     .kind = LUNQ_ARG_GLOBAL,
     .index = 2,
     .offset = 0x28,
     .size = 8,
     .memories = bank1,
     .n_memories = 1},
    {.name = "n", .type = "uint", .kind = LUNQ_ARG_SCALAR, .index = 3, .offset = 0x34, .size = 4},
};
#define VADD(unit, address)                                                                        \
    {                                                                                              \
        .kernel = "vadd", .name = unit, .full = "vadd:" unit, .control = LUNQ_CTRL_CHAIN,          \
        .has_address = true, .base = address, .range = 0x1000, .args = vadd_args, .n_args = 4      \
    }
static struct lunq_cu cus[] = {VADD("vadd_1", 0x1800000), VADD("vadd_2", 0x1810000)};
static struct lunq_memory memories[] = {
    {.tag = "bank0", .type = LUNQ_MEM_DDR4, .used = true, .size = 1 << 20, .row = 0},
    {.tag = "bank1",
     .type = LUNQ_MEM_DDR4,
     .used = true,
     .base = 1 << 20,
     .size = 1 << 20,
     .row = 3},
};
static uint8_t image[512];

static struct lunq_error err;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    printf("%s: %s\n", what, err.message);
    exit(1);
}

static struct lunq_design *make_design(void)
{
    struct lunq_design *d;
    must(lunq_design_new(&d, "vadd.xclbin", "xclbin", &err) == 0, "a design");
    for (size_t i = 0; i < 16; i++)
        d->card.uuid[i] = image[416 + i] = (uint8_t)(i + 1);
    d->card.has_uuid = true;
    d->card.platform = "test";
    d->card.cus = cus;
    d->card.n_cus = 2;
    d->card.memories = memories;
    d->card.n_memories = 2;
    d->card.image = image;
    d->card.image_size = sizeof image;
    return d;
}

static struct lunq_device *dev;
static struct lunq_kernel *kernel;
static struct lunq_mem *a, *b, *c;

static void open_kernel(void)
{
    const size_t units[] = {0, 1};
    must(lunq_kernel_open(&kernel, dev, dev->design, units, 2, &err) == 0, "kernel");
}

static void open_all(void)
{
    struct lunq_design *d = make_design();
    struct lunq_program p = {.design = d};
    must(lunq_device_open(&dev, "xrt", &err) == 0, "open");
    must(lunq_device_program(dev, &p, &err) == 0, "load");
    open_kernel();
    lunq_design_unref(d);
    struct lunq_mem_options first = {.bank = 0}, second = {.bank = 1};
    must(lunq_mem_alloc(&a, dev, 64, &first, &err) == 0, "a");
    must(lunq_mem_alloc(&b, dev, 64, &first, &err) == 0, "b");
    must(lunq_mem_alloc(&c, dev, 64, &second, &err) == 0, "c");
}

static void close_all(void)
{
    lunq_mem_unref(a);
    lunq_mem_unref(b);
    lunq_mem_unref(c);
    lunq_kernel_unref(kernel);
    lunq_device_unref(dev);
}

static struct lunq_run *make_run(void)
{
    struct lunq_run *r;
    uint32_t n = 16;
    must(lunq_run_new(&r, kernel, &err) == 0, "run");
    must(lunq_run_set_buffer(r, 0, a, 0, &err) == 0, "argument a");
    must(lunq_run_set_buffer(r, 1, b, 0, &err) == 0, "argument b");
    must(lunq_run_set_buffer(r, 2, c, 16, &err) == 0, "argument c");
    must(lunq_run_set(r, 3, &n, sizeof n, &err) == 0, "argument n");
    return r;
}

static struct lunq_run *started(struct lunq_run *after)
{
    struct lunq_run *r = make_run();
    must(lunq_run_start(r, &after, 1, &err) == 0, "start");
    return r;
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void one(void)
{
    struct lunq_run *r = started(NULL);
    must(lunq_run_wait(r, 5, &err) == 0, "wait");
    that_is("state", LUNQ_RUN_COMPLETED, r->state);
    lunq_run_unref(r);
    for (int i = 0; i < 100; i++) { /* XRT's run is used again */
        r = started(NULL);
        must(lunq_run_wait(r, 5, &err) == 0, "wait again");
        lunq_run_unref(r);
    }
    close_all();
}

/* One run at a time, waited for. */
static void call(void)
{
    for (int i = 0; i < 20; i++) {
        struct lunq_run *r = started(NULL);
        must(lunq_run_wait(r, 5, &err) == 0, "wait");
        lunq_run_unref(r);
    }
    close_all();
}

/* A run that is alone, until others depend on it. */
static void call_then_chain(void)
{
    struct lunq_run *first = started(NULL), *second = started(first);
    must(lunq_run_wait(second, 5, &err) == 0, "wait");
    that("the first completed", lunq_run_look(first) && first->state == LUNQ_RUN_COMPLETED);
    lunq_run_unref(first);
    lunq_run_unref(second);
    close_all();
}

/* Nobody looks before the card is closed. */
static void call_then_close(void)
{
    struct lunq_run *r = started(NULL);
    lunq_runs_close(dev);
    that("it completed", lunq_run_look(r) && r->state == LUNQ_RUN_COMPLETED);
    lunq_run_unref(r);
    close_all();
}

/* The buffers of a run that nobody waited for go back when it has ended. */
static void call_then_free(void)
{
    lunq_run_unref(started(NULL));
    while (lunq_mem_free(a, &err) == LUNQ_RUNTIME) {
    }
    that("it was given back", lunq_mem_gone(a));
    close_all();
}

static void chain(void)
{
    struct lunq_run *runs[100];
    for (int i = 0; i < 100; i++)
        runs[i] = started(i ? runs[i - 1] : NULL);
    must(lunq_run_wait(runs[99], 20, &err) == 0, "wait");
    for (int i = 0; i < 100; i++) {
        that("completed", lunq_run_look(runs[i]) && runs[i]->state == LUNQ_RUN_COMPLETED);
        lunq_run_unref(runs[i]);
    }
    close_all();
}

static void fails(void)
{
    struct lunq_run *r = started(NULL);
    int e = lunq_run_wait(r, 5, &err);
    printf("%s %s\n", lunq_kind_name(e), err.message);
    lunq_run_unref(r);
    close_all();
}

/* A second run is one that XRT's thread watches. */
static void refused_second(void)
{
    struct lunq_run *first = started(NULL), *r = make_run();
    int e = lunq_run_start(r, NULL, 0, &err);
    printf("%s %s\n", lunq_kind_name(e), err.message);
    lunq_run_unref(first);
    lunq_run_unref(r);
    close_all();
}

static void refused(void)
{
    struct lunq_run *r = make_run();
    int e = lunq_run_start(r, NULL, 0, &err);
    printf("%s %s\n", lunq_kind_name(e), err.message);
    lunq_run_unref(r);
    close_all();
}

/* One argument of each kind the C call tells apart. */
static void types(void)
{
    static const struct lunq_arg args[] = {
        {.name = "a",
         .type = "int*",
         .kind = LUNQ_ARG_GLOBAL,
         .index = 0,
         .offset = 0x10,
         .size = 8,
         .memories = bank0,
         .n_memories = 1},
        {.name = "i", .type = "int", .index = 1, .offset = 0x1c, .size = 4},
        {.name = "f", .type = "float", .index = 2, .offset = 0x24, .size = 4},
        {.name = "d", .type = "double", .index = 3, .offset = 0x2c, .size = 8},
        {.name = "l", .type = "long", .index = 4, .offset = 0x38, .size = 8},
    };
    const uint32_t i = 7;
    const float f = 1.5f;
    const double number = 2.5;
    const uint64_t l = 0x1122334455667788;
    struct lunq_run *r;
    lunq_kernel_unref(kernel);
    cus[0].args = cus[1].args = args;
    cus[0].n_args = cus[1].n_args = 5;
    open_kernel();
    must(lunq_run_new(&r, kernel, &err) == 0, "run");
    must(lunq_run_set_buffer(r, 0, a, 0, &err) == 0, "a");
    must(lunq_run_set(r, 1, &i, 4, &err) == 0, "i");
    must(lunq_run_set(r, 2, &f, 4, &err) == 0, "f");
    must(lunq_run_set(r, 3, &number, 8, &err) == 0, "d");
    must(lunq_run_set(r, 4, &l, 8, &err) == 0, "l");
    must(lunq_run_start(r, NULL, 0, &err) == 0, "start");
    must(lunq_run_wait(r, 5, &err) == 0, "wait");
    lunq_run_unref(r);
    close_all();
}

/* Nothing is closed: exit has to do it, in the order XRT needs. */
static void left_open(void)
{
    for (int i = 0; i < 1000; i++) {
        struct lunq_mem *m;
        must(lunq_mem_alloc(&m, dev, 64, &(struct lunq_mem_options){.bank = 0}, &err) == 0,
             "a leak");
    }
    for (int i = 0; i < 10000; i++)
        started(NULL);
}

/* Given up when the kernels are closed (Ctrl-C ends the ten seconds it is waited for), and not waited for
 * or closed at the end of the process. */
static void never_ends(void)
{
    started(NULL);
    lunq_interrupted = 1;
    lunq_runs_close(dev);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"one", one},
                 {"chain", chain},
                 {"call", call},
                 {"call_then_chain", call_then_chain},
                 {"call_then_close", call_then_close},
                 {"call_then_free", call_then_free},
                 {"refused_second", refused_second},
                 {"fails", fails},
                 {"refused", refused},
                 {"types", types},
                 {"left_open", left_open},
                 {"never_ends", never_ends}};
    open_all();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (argc > 1 && !strcmp(cases[i].name, argv[1]))
            cases[i].run();
    if (!failed)
        puts("ok");
    fflush(stdout);
    return failed;
}
