/* graph.c - kernels, runs and the graph of what waits for what (host/core/kernel.h, run.h) on a card
 * that does nothing: what can't be seen from Lua on the simulated device. Threads, order, what a start
 * costs, what is let go when.
 *   graph NAME    runs one test: "ok", or what differs and exit code 1
 * Built and run by graph_spec.lua, once more under ThreadSanitizer. */
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "fake_card.h"

static struct fake_card card;
static struct lunq_kernel *vadd;
static struct lunq_mem *buf;
static struct lunq_error err;

static struct lunq_kernel *open_kernel(size_t cu)
{
    struct lunq_kernel *k;
    if (lunq_kernel_open(&k, &card.dev, card.dev.design, &cu, 1, &err) < 0)
        printf("%s\n", err.message), exit(1);
    return k;
}

static void open_card(enum fake_mode mode, bool threads)
{
    fake_open(&card, "fake", mode, threads);
    vadd = open_kernel(VADD_1);
    if (lunq_mem_alloc(&buf, &card.dev, 4096, NULL, &err) < 0)
        printf("%s\n", err.message), exit(1);
}

static void close_card(void)
{
    lunq_mem_unref(buf);
    lunq_kernel_unref(vadd);
    fake_close(&card);
    lunq_loop_close();
    that("the card is closed", card.destroyed);
}

/* A run with its arguments set; its number is argument n. */
static struct lunq_run *new_run(uint32_t number)
{
    struct lunq_run *r;
    if (lunq_run_new(&r, vadd, &err) < 0 || lunq_run_set_buffer(r, 0, buf, 0, &err) < 0 ||
        lunq_run_set(r, 1, &number, 4, &err) < 0)
        printf("%s\n", err.message), exit(1);
    return r;
}

static uint32_t number_of(const struct lunq_run *r)
{
    uint32_t n;
    memcpy(&n, r->regs + 0x1c, sizeof n);
    return n;
}

static struct lunq_run *start(struct lunq_run *r, struct lunq_run *after)
{
    if (lunq_run_start(r, &after, 1, &err) < 0)
        printf("%s\n", err.message), exit(1);
    return r;
}

static void state_is(const char *what, const char *want, struct lunq_run *r)
{
    lunq_run_look(r);
    that_text(what, want, lunq_run_state_name(r->state));
}

/* ---- one run -------------------------------------------------------------------------------- */

static void arguments_are_packed(void)
{
    struct lunq_run *r;
    uint64_t address;
    open_card(FAKE_HOLDS, false);
    r = new_run(7);
    that("at most one copy is needed", lunq_run_set_buffer(r, 0, buf, 64, &err) == 0);
    memcpy(&address, r->regs + 0x10, 8);
    that_is("the address, with the offset", buf->address + 64, address);
    that_is("the number", 7, number_of(r));
    that_is("bytes of the registers", 0x20, vadd->regs_size);
    lunq_run_unref(r);
    close_card();
}

static void refusal(const char *text, int kind, int got)
{
    that_is(text, (uint64_t)-kind, (uint64_t)-got);
    that_text("message", text, got < 0 ? err.message : "");
}

static void arguments_are_checked(void)
{
    struct fake_card other;
    struct lunq_mem *far, *wrong, *plain;
    struct lunq_run *r;
    uint32_t n = 1;
    open_card(FAKE_HOLDS, false);
    fake_open(&other, "fake:1", FAKE_HOLDS, false);
    lunq_mem_alloc(&far, &other.dev, 64, NULL, &err);
    lunq_mem_alloc(&wrong, &card.dev, 64, &(struct lunq_mem_options){.bank = 1}, &err);
    lunq_mem_alloc_host(&plain, 64, &err);
    lunq_run_new(&r, vadd, &err);
    refusal("Argument a of vadd (int*) should be a buffer.", LUNQ_TYPE,
            lunq_run_set(r, 0, &n, 4, &err));
    refusal("Argument n of vadd should be a number (uint), not a buffer.", LUNQ_TYPE,
            lunq_run_set_buffer(r, 1, buf, 0, &err));
    refusal("Argument n of vadd (uint) has 4 bytes, not 2.", LUNQ_VALUE,
            lunq_run_set(r, 1, &n, 2, &err));
    refusal("Argument out of vadd is a stream, connected in the card: it can't be set.", LUNQ_TYPE,
            lunq_run_set(r, 2, &n, 4, &err));
    refusal("Kernel vadd has no argument 3: it has 3.", LUNQ_INDEX,
            lunq_run_set(r, 3, &n, 4, &err));
    refusal("Argument a of vadd: the buffer is on fake:1, the kernel on fake. A buffer can be "
            "passed to "
            "kernels of its own card only.",
            LUNQ_VALUE, lunq_run_set_buffer(r, 0, far, 0, &err));
    refusal("Argument a of vadd: the buffer is in bank bank1 of fake, where the kernel can't reach "
            "it: the "
            "argument is connected to bank0. Allocate the buffer there.",
            LUNQ_VALUE, lunq_run_set_buffer(r, 0, wrong, 0, &err));
    refusal("Argument a of vadd: the buffer is memory of the host alone. Allocate it on the card, "
            "fake.",
            LUNQ_VALUE, lunq_run_set_buffer(r, 0, plain, 0, &err));
    refusal("Argument a of vadd: offset 4096 is outside a buffer of 4096 bytes.", LUNQ_INDEX,
            lunq_run_set_buffer(r, 0, buf, 4096, &err));
    refusal("Argument a of vadd is missing.", LUNQ_VALUE, lunq_run_start(r, NULL, 0, &err));
    that("what is right is taken", lunq_run_set_buffer(r, 0, buf, 0, &err) == 0);
    refusal("Argument n of vadd is missing.", LUNQ_VALUE, lunq_run_start(r, NULL, 0, &err));
    refusal("This run of vadd was never started: a wait for it would never end.", LUNQ_RUNTIME,
            lunq_run_wait(r, -1, &err));
    lunq_run_set(r, 1, &n, 4, &err);
    lunq_mem_free(buf, &err);
    refusal("Buffer was freed. (Argument a of vadd.)", LUNQ_RUNTIME,
            lunq_run_start(r, NULL, 0, &err));
    that("nothing was started", card.started == 0);
    lunq_run_unref(r);
    lunq_mem_unref(plain);
    lunq_mem_unref(wrong);
    lunq_mem_unref(far);
    fake_close(&other);
    close_card();
}

static void kernels_are_checked(void)
{
    struct lunq_kernel *k;
    struct lunq_design *d;
    size_t mixed[] = {VADD_1, COPY_1}, both[] = {VADD_1, VADD_2}, wild = 9, always = FREE_1;
    open_card(FAKE_HOLDS, false);
    d = card.dev.design;
    refusal("vadd_1 and copy_1 are compute units of different kernels (vadd and copy): open each "
            "by itself.",
            LUNQ_VALUE, lunq_kernel_open(&k, &card.dev, d, mixed, 2, &err));
    refusal("There is no compute unit 9: the design has 4.", LUNQ_INDEX,
            lunq_kernel_open(&k, &card.dev, d, &wild, 1, &err));
    refusal("free_1 (free) can't be started: it always runs (ap_ctrl_none). Its registers can be "
            "read and "
            "written.",
            LUNQ_UNSUPPORTED, lunq_kernel_open(&k, &card.dev, d, &always, 1, &err));
    that_is("two units of one kernel", 0,
            (uint64_t)lunq_kernel_open(&k, &card.dev, d, both, 2, &err));
    that_is("units", 2, k->n_cus);
    lunq_kernel_unref(k);
    card.ops.kernel_open = NULL;
    refusal("Device fake runs no kernels of cards.", LUNQ_UNSUPPORTED,
            lunq_kernel_open(&k, &card.dev, d, both, 2, &err));
    close_card();
}

static uint64_t virtual_now;

static uint64_t fake_now(struct lunq_device *d)
{
    (void)d;
    return virtual_now;
}

/* Within the strictest sandbox there is: any system call but read, write and exit kills. */
static void costs_nothing(void)
{
    int status;
    open_card(FAKE_AT_ONCE, true);
    card.ops.now = fake_now; /* the clock is a system call on some machines */
    lunq_run_unref(start(new_run(0), NULL));
    lunq_runs_look(&card.dev);
    if (fork() == 0) {
        struct lunq_run *spare = vadd->spares;
        bool same = spare && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0;
        for (int i = 0; i < 1000 && same; i++) {
            struct lunq_run *r = start(new_run(1), NULL);
            same = r == spare && lunq_run_look(r);
            lunq_run_unref(r);
        }
        syscall(SYS_exit, same ? 0 : 2);
    }
    wait(&status);
    that_is("exit code", 0, (uint64_t)status);
    close_card();
}

static void refused_start_can_be_repeated(void)
{
    struct lunq_run *r;
    open_card(FAKE_HOLDS, false);
    r = new_run(1);
    card.refuses = true;
    refusal("The card is full.", LUNQ_DEVICE, lunq_run_start(r, NULL, 0, &err));
    that_is("holds", 0, buf->holds);
    card.refuses = false;
    start(r, NULL);
    state_is("then", "running", r);
    refusal("This run of vadd was started already.", LUNQ_RUNTIME,
            lunq_run_start(r, NULL, 0, &err));
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    state_is("at last", "completed", r);
    that_is("its failure", 0, (uint64_t)lunq_run_failure(r, &err));
    lunq_run_unref(r);
    close_card();
}

static void buffers_are_held(void)
{
    struct lunq_run *a, *b;
    open_card(FAKE_HOLDS, false);
    a = start(new_run(1), NULL);
    b = start(new_run(2), a);
    that_is("holds", 2, buf->holds);
    that_is("freed while in use", (uint64_t)-LUNQ_RUNTIME, (uint64_t)-lunq_mem_free(buf, &err));
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    that("the successor holds it", buf->size > 0);
    lunq_run_unref(a);
    lunq_run_unref(b); /* goes on */
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    that("given back with the last", buf->size == 0);
    close_card();
}

/* With threads nobody looks at once: freeing does it. */
static void free_looks_for_ended_runs(void)
{
    open_card(FAKE_AT_ONCE, true);
    lunq_run_unref(start(new_run(1), NULL));
    that_is("freed", 0, (uint64_t)lunq_mem_free(buf, &err));
    close_card();
}

static void waits(void)
{
    struct lunq_run *r;
    open_card(FAKE_HOLDS, false);
    r = start(new_run(1), NULL);
    refusal("Kernel vadd is not done in time: it is running. It goes on.", LUNQ_TIMEOUT,
            lunq_run_wait(r, 0.001, &err));
    fake_end(&card, LUNQ_RUN_NO_RESPONSE, NULL);
    refusal("Kernel vadd on vadd_1 does not respond: its compute unit never said that it is done.",
            LUNQ_RUNTIME, lunq_run_wait(r, 1, &err));
    that("a fault of the device", err.fault);
    lunq_run_unref(r);
    close_card();
}

/* For the report of a test that failed: core/flight.h. */
static void is_noted(void)
{
    struct lunq_run *r;
    open_card(FAKE_HOLDS, false);
    that_is("started", 0, (uint64_t)lunq_flight_start(4, &err));
    r = start(new_run(1), NULL);
    fake_end(&card, LUNQ_RUN_ERROR, NULL);
    that("failed", lunq_run_wait(r, 1, &err) < 0);
    that_is("records", 2, lunq_flight_count());
    that_is("first", LUNQ_FLIGHT_RUN, lunq_flight_at(0)->what);
    that("its name", !strcmp(lunq_flight_at(0)->name, "vadd"));
    that_is("second", LUNQ_FLIGHT_ENDED, lunq_flight_at(1)->what);
    that("its state", !strcmp(lunq_flight_at(1)->name, "vadd, error"));
    lunq_flight_stop();
    lunq_run_unref(r);
    close_card();
}

static void sleeps_until_woken(void)
{
    struct lunq_run *r = NULL;
    open_card(FAKE_THREAD, true);
    for (uint32_t i = 0; i < 200; i++) {
        struct lunq_run *next = start(new_run(i), r);
        lunq_run_unref(r);
        r = next;
        that_is("waited", 0, (uint64_t)lunq_run_wait(r, -1, &err));
    }
    lunq_run_unref(r);
    close_card();
}

/* ---- chains and graphs ----------------------------------------------------------------------- */

/* The first is held while the others queue up behind it; they end within their start. */
static void long_chain(bool threads)
{
    enum { N = 100000 };
    struct lunq_run *first, *r;
    open_card(FAKE_HOLDS, threads);
    first = r = start(new_run(0), NULL);
    lunq_run_ref(first);
    for (uint32_t i = 1; i < N; i++) {
        struct lunq_run *next = start(new_run(i), r);
        lunq_run_unref(r);
        r = next;
    }
    state_is("the last", "waiting", r);
    card.mode = FAKE_AT_ONCE;
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    that_is("waited", 0, (uint64_t)lunq_run_wait(r, -1, &err));
    that_is("started", N, card.started);
    that_is("holds", 0, buf->holds);
    that("few are kept", vadd->n_spares <= 1024);
    lunq_run_unref(first);
    lunq_run_unref(r);
    close_card();
}

static void chain(void)
{
    long_chain(false);
}

static void chain_threads(void)
{
    long_chain(true);
}

/* A thousand after one, one after a thousand, ten times. */
static void wide(void)
{
    enum { N = 1000 };
    struct lunq_run *all[N], *knot;
    open_card(FAKE_THREAD, true);
    knot = start(new_run(0), NULL);
    for (int round = 0; round < 10; round++) {
        struct lunq_run *next = new_run(0);
        for (int i = 0; i < N; i++)
            all[i] = start(new_run(1), knot);
        lunq_run_unref(knot);
        if (lunq_run_start(next, all, N, &err) < 0)
            printf("%s\n", err.message), exit(1);
        knot = next;
        for (int i = 0; i < N; i++)
            lunq_run_unref(all[i]);
    }
    that_is("waited", 0, (uint64_t)lunq_run_wait(knot, -1, &err));
    that_is("started", 10 * (N + 1) + 1, card.started);
    lunq_run_unref(knot);
    close_card();
}

/* Random graphs, ended in random order by another thread: nobody starts before all it waits for. */
enum { NODES = 3000, EDGES = 4 };
static struct {
    uint32_t after[EDGES];
    bool ended, early;
} nodes[NODES];

static void node_starts(struct lunq_run *r)
{
    uint32_t n = number_of(r);
    for (int i = 0; i < EDGES; i++)
        if (nodes[n].after[i] < n &&
            !__atomic_load_n(&nodes[nodes[n].after[i]].ended, __ATOMIC_ACQUIRE))
            nodes[n].early = true;
    __atomic_store_n(&nodes[n].ended, true, __ATOMIC_RELEASE); /* only its successors ask, later */
}

static void random_order(void)
{
    static struct lunq_run *runs[NODES];
    size_t bad = 0, cancelled = 0, failures = 0, completed = 0;
    open_card(FAKE_THREAD, true);
    card.on_start = node_starts;
    card.failures_every = 200;
    for (uint32_t i = 0; i < NODES; i++) {
        struct lunq_run *after[EDGES] = {0};
        for (int k = 0; k < EDGES; k++) {
            nodes[i].after[k] = i > 8 ? i - 1 - (uint32_t)rand() % 8 : i;
            after[k] = i > 8 && runs[nodes[i].after[k]] ? runs[nodes[i].after[k]] : NULL;
        }
        runs[i] = new_run(i);
        if (lunq_run_start(runs[i], after, EDGES, &err) < 0) { /* one has failed already */
            lunq_run_unref(runs[i]);
            runs[i] = NULL;
            __atomic_store_n(&nodes[i].ended, true, __ATOMIC_RELEASE);
        }
    }
    for (uint32_t i = 0; i < NODES; i++) {
        int e = runs[i] ? lunq_run_wait(runs[i], -1, &err) : 0;
        bad += nodes[i].early;
        if (!runs[i])
            continue;
        that("as it ended", (e == 0) == (runs[i]->state == LUNQ_RUN_COMPLETED));
        completed += runs[i]->state == LUNQ_RUN_COMPLETED;
        cancelled += runs[i]->state == LUNQ_RUN_CANCELLED;
        failures += runs[i]->state == LUNQ_RUN_ERROR;
        lunq_run_unref(runs[i]);
    }
    that_is("started too early", 0, bad);
    that("some of each", completed > 0 && failures > 0);
    that_is("holds", 0, buf->holds);
    (void)cancelled;
    close_card();
}

/* ---- failures --------------------------------------------------------------------------------- */

static void failure_spreads(void)
{
    struct lunq_run *a, *b, *c, *other, *late;
    open_card(FAKE_HOLDS, false);
    a = start(new_run(1), NULL);
    b = start(new_run(2), a);
    c = start(new_run(3), b);
    other = start(new_run(4), NULL);
    fake_end(&card, LUNQ_RUN_ERROR, "DECERR at 0x10.");
    state_is("the first", "error", a);
    state_is("its successor", "cancelled", b);
    state_is("the next", "cancelled", c);
    state_is("another", "running", other);
    refusal("Kernel vadd on vadd_1 ended with an error: DECERR at 0x10.", LUNQ_RUNTIME,
            lunq_run_failure(a, &err));
    refusal("Kernel vadd on vadd_1 was not started: it waited for a run of kernel vadd on vadd_1, "
            "which "
            "ended as \"error\": DECERR at 0x10.",
            LUNQ_RUNTIME, lunq_run_wait(c, 1, &err));
    that("no fault of the device", !err.fault);
    that_is("started", 2, card.started);
    late = new_run(5);
    refusal("waitfor: a run of kernel vadd has ended as \"error\": DECERR at 0x10.", LUNQ_RUNTIME,
            lunq_run_start(late, &a, 1, &err));
    lunq_run_unref(late);
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    lunq_run_unref(a);
    lunq_run_unref(b);
    lunq_run_unref(c);
    lunq_run_unref(other);
    close_card();
}

static void predecessors_are_checked(void)
{
    struct fake_card other;
    struct lunq_kernel *k;
    struct lunq_run *r, *fresh, *far;
    size_t cu = COPY_1;
    open_card(FAKE_HOLDS, false);
    fake_open(&other, "fake:1", FAKE_HOLDS, false);
    lunq_kernel_open(&k, &other.dev, other.dev.design, &cu, 1, &err);
    lunq_run_new(&far, k, &err);
    r = new_run(1);
    fresh = new_run(2);
    refusal("waitfor: a run of kernel vadd was never started: start it first.", LUNQ_RUNTIME,
            lunq_run_start(r, &fresh, 1, &err));
    refusal("waitfor: a run of kernel copy on fake:1 can't be waited for by vadd on fake: cards do "
            "not know "
            "of each other. Wait for it first.",
            LUNQ_VALUE, lunq_run_start(r, &far, 1, &err));
    start(fresh, NULL);
    {
        struct lunq_run *list[] = {fresh, NULL, fresh, r};
        refusal("waitfor: a run of kernel vadd was never started: start it first.", LUNQ_RUNTIME,
                lunq_run_start(r, list, 4, &err));
        that_is("twice the same, and nothing", 0, (uint64_t)lunq_run_start(r, list, 3, &err));
    }
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    state_is("then", "running", r);
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    lunq_run_unref(r);
    lunq_run_unref(fresh);
    lunq_run_unref(far);
    lunq_kernel_unref(k);
    fake_close(&other);
    close_card();
}

static int abort_oldest(struct lunq_device *d, struct lunq_run *r, struct lunq_error *e)
{
    (void)r, (void)e;
    fake_end(fake_of(d), LUNQ_RUN_ABORTED, NULL);
    return 0;
}

static void cancels(void)
{
    struct lunq_run *a, *b, *c;
    open_card(FAKE_HOLDS, false);
    a = start(new_run(1), NULL);
    b = start(new_run(2), a);
    c = start(new_run(3), b);
    that_is("one that waits", 0, (uint64_t)lunq_run_cancel(b, &err));
    state_is("the one", "cancelled", b);
    state_is("its successor", "cancelled", c);
    refusal("Kernel vadd on vadd_1 was not started: it was cancelled before.", LUNQ_RUNTIME,
            lunq_run_failure(b, &err));
    refusal("Kernel vadd runs, and fake can't abort what runs: wait for it.", LUNQ_UNSUPPORTED,
            lunq_run_cancel(a, &err));
    card.ops.run_abort = abort_oldest;
    that_is("one that runs", 0, (uint64_t)lunq_run_cancel(a, &err));
    state_is("aborted", "aborted", a);
    that_is("again", 0, (uint64_t)lunq_run_cancel(a, &err));
    that_is("started", 1, card.started);
    lunq_run_unref(a);
    lunq_run_unref(b);
    lunq_run_unref(c);
    close_card();
}

/* ---- closing ----------------------------------------------------------------------------------- */

static void closes_in_order(void)
{
    struct lunq_run *a, *b;
    open_card(FAKE_AT_ONCE, true);
    a = start(new_run(1), NULL);
    lunq_run_look(a);
    b = new_run(2);
    fake_load(&card);
    that_text("runs, then the kernel, then the design",
              "program open vadd free close vadd program ", card.log);
    that("stale", lunq_kernel_is_stale(vadd));
    refusal("Kernel vadd was closed when another design was loaded on fake.", LUNQ_RUNTIME,
            lunq_run_start(b, NULL, 0, &err));
    state_is("the other", "completed", a);
    lunq_run_unref(a);
    lunq_run_unref(b);
    refusal("Kernel vadd was closed when another design was loaded on fake: take it from the "
            "overlay that is "
            "loaded now.",
            LUNQ_RUNTIME, lunq_run_new(&a, vadd, &err));
    close_card();
}

static void closes_a_chain(void)
{
    struct lunq_run *all[100];
    size_t n = 0;
    open_card(FAKE_THREAD, true);
    for (uint32_t i = 0; i < 100; i++)
        all[i] = start(new_run(i), i ? all[i - 1] : NULL);
    lunq_runs_close(&card.dev);
    for (int i = 0; i < 100; i++) {
        that("ended", lunq_run_look(all[i]));
        n += all[i]->state == LUNQ_RUN_COMPLETED;
        lunq_run_unref(all[i]);
    }
    that_is("those that were not started are not counted", card.started, n);
    that_is("holds", 0, buf->holds);
    close_card();
}

static char warning[512];

static void on_warning(void *ctx, const char *category, const char *message)
{
    (void)ctx;
    snprintf(warning, sizeof warning, "%s: %s", category, message);
}

static int fake_advance(struct lunq_device *d, uint64_t until, struct lunq_error *e)
{
    (void)d, (void)e;
    virtual_now = until;
    return 0;
}

/* A kernel that never ends keeps its buffers and the card, also when it ends after all. */
static void gives_up(void)
{
    struct lunq_run *a, *b;
    open_card(FAKE_HOLDS, false);
    card.ops.now = fake_now;
    card.ops.advance = fake_advance;
    lunq_set_warning_hook(on_warning, NULL);
    a = start(new_run(1), NULL);
    b = start(new_run(2), a);
    lunq_runs_close(&card.dev);
    that_text("warning",
              "resource: 1 run of kernel vadd on fake was under way when its design was closed, "
              "and does not end: the buffers stay in use.",
              warning);
    state_is("the one", "no response", a);
    state_is("its successor", "cancelled", b);
    that_is("holds", 1, buf->holds);
    lunq_run_unref(a);
    lunq_run_unref(b);
    lunq_kernel_unref(vadd);
    lunq_device_unref(&card.dev);
    that("the card stays", !card.destroyed);
    fake_end(&card, LUNQ_RUN_COMPLETED, NULL);
    that_is("holds, at last", 0, buf->holds);
    lunq_mem_unref(buf);
    that("the card goes", card.destroyed);
    lunq_loop_close();
}

/* Handles given up in the middle of a graph: it goes on, and everything is let go in the end. */
static void forgotten(void)
{
    struct lunq_run *a;
    open_card(FAKE_THREAD, true);
    a = NULL;
    for (uint32_t i = 0; i < 5000; i++) {
        struct lunq_run *next = start(new_run(i), i % 3 ? a : NULL);
        lunq_run_unref(a);
        a = next;
    }
    lunq_run_unref(a);
    close_card();
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"arguments_are_packed", arguments_are_packed},
    {"arguments_are_checked", arguments_are_checked},
    {"kernels_are_checked", kernels_are_checked},
    {"costs_nothing", costs_nothing},
    {"refused_start_can_be_repeated", refused_start_can_be_repeated},
    {"buffers_are_held", buffers_are_held},
    {"free_looks_for_ended_runs", free_looks_for_ended_runs},
    {"waits", waits},
    {"is_noted", is_noted},
    {"sleeps_until_woken", sleeps_until_woken},
    {"chain", chain},
    {"chain_threads", chain_threads},
    {"wide", wide},
    {"random_order", random_order},
    {"failure_spreads", failure_spreads},
    {"predecessors_are_checked", predecessors_are_checked},
    {"cancels", cancels},
    {"closes_in_order", closes_in_order},
    {"closes_a_chain", closes_a_chain},
    {"gives_up", gives_up},
    {"forgotten", forgotten},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (argc == 2 && !strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            if (!failed)
                puts("ok");
            return failed;
        }
    }
    fprintf(stderr, "no test \"%s\"\n", argc > 1 ? argv[1] : "");
    return 2;
}
