/* sim_kernel.c - kernels of a simulated card from C: models in C, long graphs, closing in the middle.
 *   sim_kernel FILE.xclbin NAME    runs one test: "ok", or what differs and exit code 1
 * The design has kernel step (int *c, uint n), units step_1 and step_2 on bank0, and banks bank0 and bank1.
 * Built and run by sim_c_spec.lua. */
#include <stdlib.h>

#include "../check.h"
#include "device/sim/sim.h"
#include "lunq.h"

static struct lunq_device *card;
static struct lunq_design *design;
static struct lunq_kernel *step;
static struct lunq_mem *buf;
static struct lunq_error err;

static void must(int r)
{
    if (r >= 0)
        return;
    printf("%s\n", err.message);
    exit(1);
}

/* Adds n to the first word; n = 99 fails. */
static int add(struct lunq_sim_call *c, struct lunq_error *e)
{
    uint32_t n = (uint32_t)lunq_sim_call_scalar(c, 1), *p;
    size_t bytes;
    if (n == 99)
        return lunq_fail(e, LUNQ_RUNTIME, "ninety-nine is too many");
    p = lunq_sim_call_buffer(c, 0, &bytes, e);
    if (!p)
        return LUNQ_IO;
    that("a word at least", bytes >= 4);
    *p += n + (uint32_t)(uintptr_t)c->ctx;
    return 0;
}

static void load(const char *file)
{
    struct lunq_program p = {0};
    must(lunq_design_read(&p.design, file, &err));
    must(lunq_device_program(card, &p, &err));
    lunq_design_unref(design);
    design = p.design;
}

static void open_card(const char *file)
{
    const struct lunq_sim_kernel old = {.name = "step", .run = add, .ctx = (void *)5};
    const struct lunq_sim_kernel model = {.name = "xilinx.com:hls:step", .run = add};
    size_t units[] = {0, 1};
    must(lunq_device_open(&card, "sim:alveo?seed=5", &err));
    must(lunq_sim_bind_kernel(lunq_sim_of(card), &old, &err));
    must(lunq_sim_bind_kernel(lunq_sim_of(card), &model, &err)); /* the newest counts */
    load(file);
    must(lunq_kernel_open(&step, card, design, units, 2, &err));
    must(lunq_mem_alloc(&buf, card, 4096, &(struct lunq_mem_options){.bank = 0}, &err));
}

static void close_card(void)
{
    lunq_mem_unref(buf);
    lunq_kernel_unref(step);
    lunq_design_unref(design);
    lunq_runs_close(card);
    lunq_device_unref(card);
    lunq_loop_close();
}

static struct lunq_run *start(uint32_t n, struct lunq_run *after)
{
    struct lunq_run *r;
    must(lunq_run_new(&r, step, &err));
    must(lunq_run_set_buffer(r, 0, buf, 0, &err));
    must(lunq_run_set(r, 1, &n, sizeof n, &err));
    must(lunq_run_start(r, &after, 1, &err));
    return r;
}

static uint32_t word(void)
{
    uint32_t v;
    must(lunq_mem_sync(buf, 0, 4, LUNQ_FROM_DEVICE, &err));
    memcpy(&v, buf->host, sizeof v);
    return v;
}

static void inject(const char *kind)
{
    struct lunq_sim_fault f = {.kind = kind, .offset = UINT64_MAX, .count = 1};
    must(lunq_sim_inject(lunq_sim_of(card), &f, &err));
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void computes(const char *file)
{
    struct lunq_run *r;
    (void)file;
    r = start(3, NULL);
    must(lunq_run_wait(r, 1, &err));
    that_is("the word", 3, word());
    that("on the host only after a sync", buf->host[0] == 3);
    lunq_run_unref(r);
    r = start(99, NULL);
    that_is("fails", (uint64_t)-LUNQ_RUNTIME, (uint64_t)-lunq_run_wait(r, 1, &err));
    that_text(
        "message",
        "Kernel step on step_1 ended with an error: Model of step_1: ninety-nine is too many.",
        err.message);
    lunq_run_unref(r);
}

static void long_chain(const char *file)
{
    enum { N = 20000 };
    struct lunq_run *last = NULL;
    (void)file;
    for (int i = 0; i < N; i++) {
        struct lunq_run *r = start(1, last);
        lunq_run_unref(last);
        last = r;
    }
    must(lunq_run_wait(last, -1, &err));
    that_is("the word", N, word());
    that_is("holds", 0, buf->holds);
    lunq_run_unref(last);
}

/* Handles let go of at once, and the card as well. */
static void left_alone(const char *file)
{
    struct lunq_run *last = NULL;
    (void)file;
    for (int i = 0; i < 1000; i++) {
        struct lunq_run *r = start(1, i % 7 ? last : NULL);
        lunq_run_unref(last);
        last = r;
    }
    lunq_run_unref(last);
}

/* A unit that hangs is reset when another design is loaded, and what waits is not started. */
static void reload_ends_what_hangs(const char *file)
{
    struct lunq_run *a, *b, *c;
    inject("no_done");
    a = start(1, NULL);
    b = start(1, a);
    c = start(1, NULL);
    must(lunq_run_wait(c, 1, &err));
    lunq_mem_unref(buf);
    buf = NULL;
    load(file);
    that_text("the one", "aborted", lunq_run_state_name(a->state));
    that_text("its successor", "cancelled", lunq_run_state_name(b->state));
    that_is("its failure", (uint64_t)-LUNQ_RUNTIME, (uint64_t)-lunq_run_failure(b, &err));
    that("stale", lunq_kernel_is_stale(step));
    that_is("buffers", 0, card->mem_count);
    lunq_run_unref(a);
    lunq_run_unref(b);
    lunq_run_unref(c);
}

static void aborts_in_the_queue(const char *file)
{
    struct lunq_run *r[4];
    (void)file;
    for (int i = 0; i < 4; i++)
        r[i] = start(1, NULL); /* two on the units, two behind them */
    must(lunq_run_cancel(r[2], &err));
    must(lunq_run_cancel(r[1], &err));
    that_text("in the queue", "aborted", lunq_run_state_name(r[2]->state));
    that_text("on the unit", "aborted", lunq_run_state_name(r[1]->state));
    must(lunq_run_wait(r[3], 1, &err));
    must(lunq_run_wait(r[0], 1, &err));
    that_is("the word", 2, word());
    for (int i = 0; i < 4; i++)
        lunq_run_unref(r[i]);
}

static void boards_have_none(const char *file)
{
    struct lunq_device *board;
    const struct lunq_sim_kernel model = {.name = "step", .run = add};
    (void)file;
    must(lunq_device_open(&board, "sim", &err));
    that_is("refused", (uint64_t)-LUNQ_UNSUPPORTED,
            (uint64_t)-lunq_sim_bind_kernel(lunq_sim_of(board), &model, &err));
    that_text("message", "Device sim is no card: it has no kernels.", err.message);
    lunq_device_unref(board);
}

static const struct {
    const char *name;
    void (*run)(const char *file);
} tests[] = {
    {"computes", computes},
    {"long_chain", long_chain},
    {"left_alone", left_alone},
    {"reload_ends_what_hangs", reload_ends_what_hangs},
    {"aborts_in_the_queue", aborts_in_the_queue},
    {"boards_have_none", boards_have_none},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof tests / sizeof *tests; i++) {
        if (strcmp(argv[2], tests[i].name) != 0)
            continue;
        open_card(argv[1]);
        tests[i].run(argv[1]);
        close_card();
        if (!failed)
            puts("ok");
        return failed;
    }
    fprintf(stderr, "no test \"%s\"\n", argc > 2 ? argv[2] : "");
    return 2;
}
