/* uio.c - the lines of a processor by their UIO nodes, on the board of uio_board.h.
 *   uio CASE ROOT [read]  "ok", or what is wrong and exit code 1; read: the loop may sleep in reads
 *   uio find ROOT GIC  the node's number by all means, and the name in /proc/interrupts
 *   uio name ROOT NAME
 * Built and run by uio_spec.lua, which makes the tree. */
#include "uio_board.h"

/* ---- the cases ------------------------------------------------------------------------------ */

static void no_event(void)
{
    struct who a;
    begin(&a, 0);
    run(0.01);
    that_is("woken", 0, (uint64_t)a.result);
    that_text("words", "1", words(0));
    lunq_irq_end(&a.w);
    that_text("words", "0", words(0));
}

static void one_event(void)
{
    struct who a;
    begin(&a, 0);
    event(0, 1);
    hear(&a);
    that_is("woken", 1, (uint64_t)a.result);
    that_is("count", 1, a.w.count);
    that("when is of now", a.w.when > 0 && a.w.when <= lunq_device_now(NULL));
    that_text("words: not armed again by itself", "1", words(0));
}

static void two_waiters(void)
{
    struct who a, b;
    begin(&a, 0);
    begin(&b, 0);
    that_text("words: once for both", "1", words(0));
    event(0, 1);
    run(0.01);
    that_is("first", 1, (uint64_t)a.order);
    that_is("second", 2, (uint64_t)b.order);
}

static void two_events(void)
{
    struct who a;
    for (int i = 1; i <= 2; i++) {
        begin(&a, 0);
        event(0, i);
        run(0.01);
        that_is("count", 1, a.w.count);
    }
    that_text("words", "11", words(0));
}

static void merged_events(void)
{
    struct who a;
    begin(&a, 0);
    event(0, 1);
    run(0.01);
    begin(&a, 0);
    event(0, 4);
    run(0.01);
    that_is("count: two were lost", 3, a.w.count);
    begin(&a, 0);
    event(0, INT32_MIN); /* the count wraps */
    run(0.01);
    that_is("count", 0x80000000u - 4, a.w.count);
}

/* A call-back that waits again at once, while the first is being told. */
static struct who again;

static void wake_and_wait(struct lunq_irq_waiter *w, int result, const struct lunq_error *err)
{
    wake(w, result, err);
    begin(&again, 0);
}

static void wait_in_callback(void)
{
    struct who a, b;
    begin(&a, 0);
    a.w.wake = wake_and_wait;
    begin(&b, 0);
    event(0, 1);
    run(0.01);
    that("both are woken, the new one is not", a.result == 1 && b.result == 1 && !again.result);
    that_text("words: once for each list", "11", words(0));
    event(0, 2);
    run(0.01);
    that_is("again", 1, (uint64_t)again.result);
}

static void two_lines(void)
{
    struct who a, b;
    begin(&a, 0);
    begin(&b, 1);
    event(1, 1);
    run(0.01);
    that("only the second", !a.result && b.result == 1);
    begin(&b, 1);
    event(0, 1);
    event(1, 2);
    run(0.01);
    that("both", a.result == 1 && b.result == 1);
    that_text("words of the first", "1", words(0));
    that_text("words of the second", "11", words(1));
}

/* What comes after the last waiter has gone is nobody's, and does not keep the loop busy. */
static void nobody(void)
{
    struct who a;
    begin(&a, 0);
    lunq_irq_end(&a.w);
    event(0, 1);
    run(0.01);
    begin(&a, 0);
    run(0.01);
    that("not woken by the old one", !a.result);
    event(0, 2);
    run(0.01);
    that_is("count", 1, a.w.count);
}

/* uio1 of the tree has had 41 events before. */
static void baseline(void)
{
    struct who a;
    begin(&a, 1);
    event(1, 42);
    run(0.01);
    that_is("count", 1, a.w.count);
}

static void gone(void)
{
    struct who a, b;
    begin(&a, 0);
    begin(&b, 1);
    close(board.kernel[0]);
    hear(&a);
    that_is("error", (uint64_t)(int64_t)LUNQ_IO, (uint64_t)(int64_t)a.result);
    that("names the node", strncmp(a.err.message, "UIO device 0 can't be read: ", 28) == 0);
    that_is("all who wait hear of it", (uint64_t)(int64_t)LUNQ_IO, (uint64_t)(int64_t)b.result);
}

/* As gone, but with another node at once, before the loop has heard of it. */
static void replaced(void)
{
    struct who a;
    begin(&a, 0);
    event(0, 1);
    hear(&a);
    that_is("the first", 1, (uint64_t)a.result);
    close(board.kernel[0]);
    board.kernel[0] = make_node(board.lines.root, 0);
    begin(&a, 0);
    that_text("armed", "1", words(0));
    event(0, 1);
    hear(&a);
    that_is("the second", 1, (uint64_t)a.result);
    that_is("count", 1, a.w.count);
}

static void alone(void)
{
    struct lunq_error e;
    uint64_t count, when;
    int r;
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        event(0, 1);
        _exit(0);
    }
    r = lunq_irq_wait(board.pin[0], 5, &count, &when, &e);
    that_text("a wait without the loop", "", r < 0 ? e.message : "");
    waitpid(child, NULL, 0);
    r = lunq_irq_wait(board.pin[0], 0.01, &count, &when, &e);
    that_is("time is over", (uint64_t)(int64_t)LUNQ_TIMEOUT, (uint64_t)(int64_t)r);
    that("and explains", strstr(e.message, "interrupt 61 of the processor") != NULL);
}

/* Sleeping costs no CPU time: the process waits in poll, and wakes at once. */
static void sleeps(void)
{
    struct who a;
    clock_t before;
    pid_t child;
    begin(&a, 0);
    if ((child = fork()) == 0) {
        usleep(200000);
        event(0, 1);
        _exit(0);
    }
    before = clock();
    for (int i = 0; i < 100 && !a.result; i++)
        lunq_loop_step(true, NULL);
    that_is("woken", 1, (uint64_t)a.result);
    that("by sleeping", clock() - before < CLOCKS_PER_SEC / 20);
    waitpid(child, NULL, 0);
}

static void not_there(void)
{
    struct lunq_irq *pin;
    struct who a = {.w.wake = wake};
    struct lunq_error e;
    lunq_irq_open_at(&pin, &board.dev, "c/irq", "", 0, 99, &e);
    that_is("kind", (uint64_t)(int64_t)LUNQ_VALUE,
            (uint64_t)(int64_t)lunq_irq_begin(pin, &a.w, &e));
    that_text("text", "Could not find UIO device for interrupt pin for IRQ number 99",
              strtok(e.message, ":"));
    lunq_irq_close(pin);
}

static void lookup(int argc, char **argv)
{
    char name[64] = "none";
    if (argc == 4 && !strcmp(argv[1], "name")) {
        printf("%d\n", lunq_uio_by_name(argv[2], argv[3]));
        exit(0);
    }
    if (argc != 4 || strcmp(argv[1], "find"))
        return;
    lunq_uio_proc_name(argv[2], (unsigned)atoi(argv[3]), name, sizeof name);
    printf("%d %s\n", lunq_uio_find(argv[2], (unsigned)atoi(argv[3])), name);
    exit(0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"no_event", no_event},
                 {"one_event", one_event},
                 {"two_waiters", two_waiters},
                 {"two_events", two_events},
                 {"merged_events", merged_events},
                 {"wait_in_callback", wait_in_callback},
                 {"two_lines", two_lines},
                 {"nobody", nobody},
                 {"baseline", baseline},
                 {"gone", gone},
                 {"replaced", replaced},
                 {"alone", alone},
                 {"sleeps", sleeps},
                 {"not_there", not_there}};
    lookup(argc, argv);
    if (argc == 4 && !strcmp(argv[3], "read"))
        sleep_in_reads();
    for (size_t i = 0; argc >= 3 && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].name, argv[1])) {
            open_board(argv[2]);
            cases[i].run();
            close_board();
            puts(failed ? "failed" : "ok");
            return failed;
        }
    puts("no such case");
    return 1;
}
