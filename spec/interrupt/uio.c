/* uio.c - UIO nodes in a fake tree: pseudo-terminals, so that open, poll, read and write are the
 * kernel's. The test holds the other end: it sees the words that arm and sends event counts.
 *   uio CASE ROOT      "ok", or what is wrong and exit code 1
 *   uio find ROOT GIC  the node's number by all means, and the name in /proc/interrupts
 *   uio name ROOT NAME
 * Built and run by uio_spec.lua, which makes the tree. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"
#include "device/uio.h"
#include "lunq.h"

enum { GIC0 = 61, GIC1 = 62 };

/* ---- a board with two lines ----------------------------------------------------------------- */

static struct {
    struct lunq_device dev;
    struct lunq_uio_lines lines;
    int kernel[2]; /* the kernel's ends of uio0 and uio1 */
    struct lunq_irq *pin[2];
} board;

static int arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err)
{
    (void)d;
    return lunq_uio_lines_arm(&board.lines, gic, on, err);
}

static int take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                struct lunq_error *err)
{
    (void)d;
    return lunq_uio_lines_take(&board.lines, gic, count, when, err);
}

static int line_fd(struct lunq_device *d, unsigned gic)
{
    (void)d;
    return lunq_uio_lines_fd(&board.lines, gic);
}

static void destroy(struct lunq_device *d)
{
    (void)d;
    lunq_uio_lines_close(&board.lines);
}

static const struct lunq_device_ops ops = {
    .kind = "board", .destroy = destroy, .irq_arm = arm, .irq_take = take, .irq_fd = line_fd};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    exit(1);
}

/* The end of a terminal that passes bytes as they are; ROOT/dev/uioN is the other. */
static int make_node(const char *root, int n)
{
    char link[256];
    struct termios t;
    int fd = posix_openpt(O_RDWR | O_NOCTTY), slave;
    must(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0, "pseudo-terminal");
    slave = open(ptsname(fd), O_RDWR | O_NOCTTY);
    must(slave >= 0 && tcgetattr(slave, &t) == 0, "its other end");
    cfmakeraw(&t);
    must(tcsetattr(slave, TCSANOW, &t) == 0, "raw mode");
    snprintf(link, sizeof link, "%s/dev/uio%d", root, n);
    unlink(link);
    must(symlink(ptsname(fd), link) == 0, link);
    close(slave);
    return fd;
}

static void open_board(const char *root)
{
    struct lunq_error e;
    struct lunq_design *design;
    for (int i = 0; i < 2; i++)
        board.kernel[i] = make_node(root, i);
    board.lines.root = root;
    lunq_device_init(&board.dev, &ops, "board");
    must(lunq_design_new(&design, "test", "table", &e) == 0, "design");
    must(lunq_design_finish(design, &e) == 0, "design");
    board.dev.design = design;
    for (int i = 0; i < 2; i++)
        must(lunq_irq_open_at(&board.pin[i], &board.dev, i ? "b/irq" : "a/irq", "", 0,
                              i ? GIC1 : GIC0, &e) == 0,
             e.message);
}

static void close_board(void)
{
    lunq_irq_close(board.pin[0]);
    lunq_irq_close(board.pin[1]);
    lunq_device_unref(&board.dev);
    lunq_loop_close();
}

/* An interrupt: the node's count of all events so far. */
static void event(int line, int32_t count)
{
    must(write(board.kernel[line], &count, sizeof count) == sizeof count, "event");
}

/* The words LUNQ has written since, as digits; they are integers of the host's order. */
static const char *words(int line)
{
    static char text[64];
    struct pollfd p = {.fd = board.kernel[line], .events = POLLIN};
    size_t n = 0;
    int32_t word;
    while (n < sizeof text - 1 && poll(&p, 1, 0) == 1 &&
           read(p.fd, &word, sizeof word) == sizeof word)
        text[n++] = word == 0 || word == 1 ? (char)('0' + word) : '?';
    text[n] = '\0';
    return text;
}

/* ---- who waits ------------------------------------------------------------------------------ */

struct who {
    struct lunq_irq_waiter w; /* first */
    int result, order;
    struct lunq_error err;
};

static int woken;

static void wake(struct lunq_irq_waiter *w, int result, const struct lunq_error *err)
{
    struct who *me = (struct who *)w;
    me->result = result;
    me->order = ++woken;
    if (err)
        me->err = *err;
    lunq_loop_news();
}

static void begin(struct who *me, int line)
{
    struct lunq_error e;
    *me = (struct who){.w.wake = wake};
    if (lunq_irq_begin(board.pin[line], &me->w, &e) < 0)
        that_text("begin", "", e.message);
}

static void slept(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    (void)w, (void)result, (void)err;
}

/* Lets the loop run for so many seconds. */
static void run(double seconds)
{
    struct lunq_waiter w = {.done = slept};
    struct lunq_error e;
    lunq_loop_add(&w, &board.dev, seconds, NULL, &e);
    lunq_loop_wait(&w, &e);
}

/* Lets it run until somebody was woken; a busy machine takes its time to pass on what a node was given. */
static void hear(const struct who *me)
{
    for (int i = 0; i < 200 && me->result == 0; i++)
        run(0.01);
}

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
    for (size_t i = 0; argc == 3 && i < sizeof cases / sizeof *cases; i++)
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
