/* uio_board.h - UIO nodes in a fake tree: pseudo-terminals, so that open, poll, read and write are the
 * kernel's. The test holds the other end: it sees the words that arm and sends event counts. */
#ifndef SPEC_UIO_BOARD_H
#define SPEC_UIO_BOARD_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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
    pid_t process; /* whose board it is */
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

static struct lunq_device_ops ops = {
    .kind = "board", .destroy = destroy, .irq_arm = arm, .irq_take = take, .irq_fd = line_fd};

static int take_asleep(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                       struct lunq_error *err)
{
    (void)d;
    return lunq_uio_lines_read(&board.lines, gic, count, when, err);
}

/* From now on the loop sleeps in the read of a line that is alone, as in the program. */
static inline void sleep_in_reads(void)
{
    ops.irq_read = take_asleep;
    lunq_loop_alarm(SIGRTMIN + 5);
}

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
    board.process = getpid();
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

/* An interrupt: the node's count of all events so far. A busy machine takes its time to pass it on. */
static inline void event(int line, int32_t count)
{
    struct pollfd p = {.fd = lunq_uio_lines_fd(&board.lines, line ? GIC1 : GIC0), .events = POLLIN};
    must(write(board.kernel[line], &count, sizeof count) == sizeof count, "event");
    if (p.fd >= 0 && getpid() == board.process) /* in another one it may be taken at once */
        must(poll(&p, 1, 10000) == 1, "the event at the node");
}

/* The words LUNQ has written since, as digits; they are integers of the host's order. */
static inline const char *words(int line)
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

static inline void begin(struct who *me, int line)
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
static inline void run(double seconds)
{
    struct lunq_waiter w = {.done = slept};
    struct lunq_error e;
    lunq_loop_add(&w, &board.dev, seconds, NULL, &e);
    lunq_loop_wait(&w, &e);
}

/* Lets it run until somebody was woken; a busy machine takes its time to pass on what a node was given. */
static inline void hear(const struct who *me)
{
    for (int i = 0; i < 200 && me->result == 0; i++)
        run(0.01);
}

#endif
