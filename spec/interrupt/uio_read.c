/* uio_read.c - the event loop asleep in the read of the one UIO node it waits for, on the board of uio_board.h:
 * that it wakes for everything it would wake for elsewhere.
 *   uio_read CASE ROOT   "ok", or what is wrong and exit code 1
 *   uio_read node ROOT   makes uio0, to which nothing happens, and prints the process that keeps it
 * Built and run by uio_read_spec.lua. A case that hangs ends by SIGALRM. */
#include <pthread.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "uio_board.h"

/* Called by the library instead of libc's: for signals at the worst moments. */
static bool before_read, at_fcntl, signal_first;

ssize_t read(int fd, void *data, size_t n)
{
    if (before_read && fd == lunq_uio_lines_fd(&board.lines, GIC0)) {
        before_read = false;
        raise(SIGUSR1);
    }
    return syscall(SYS_read, fd, data, n);
}

/* What fcntl is called where files may be large. */
int fcntl64(int fd, int command, ...)
{
    va_list args;
    long value;
    int r;
    va_start(args, command);
    value = va_arg(args, long);
    va_end(args);
    if (at_fcntl && command == F_SETFL && !(value & O_NONBLOCK)) {
        at_fcntl = false;
        if (signal_first)
            raise(SIGUSR1);
        r = (int)syscall(SYS_fcntl, fd, command, value);
        if (!signal_first)
            raise(SIGUSR1);
        return r;
    }
    return (int)syscall(SYS_fcntl, fd, command, value);
}

static bool blocks(void)
{
    return !(fcntl(lunq_uio_lines_fd(&board.lines, GIC0), F_GETFL) & O_NONBLOCK);
}

/* An event after so many us, from another process. */
static pid_t event_after(unsigned us, int32_t count)
{
    pid_t child = fork();
    if (child == 0) {
        usleep(us);
        event(0, count);
        _exit(0);
    }
    return child;
}

/* Waits for line 0 in one step after the other, at most `seconds`; how it ended: 1, or LUNQ_TIMEOUT. */
static int ended;

static void over(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    (void)w, (void)err;
    ended = result;
}

static int await(struct who *me, double seconds)
{
    struct lunq_waiter w = {.done = over};
    struct lunq_error e;
    ended = 0;
    lunq_loop_add(&w, &board.dev, seconds, NULL, &e);
    while (!ended && !me->result)
        if (lunq_loop_step(true, &e) < 0) {
            lunq_loop_remove(&w);
            return LUNQ_RUNTIME;
        }
    lunq_loop_remove(&w);
    return me->result ? me->result : ended;
}

static void event_wakes(void)
{
    struct who a;
    begin(&a, 0);
    pid_t child = event_after(20000, 1);
    that_is("woken", 1, (uint64_t)await(&a, 10));
    that_is("count", 1, a.w.count);
    that("out of a read", blocks());
    waitpid(child, NULL, 0);
}

static void limit(void)
{
    struct who a;
    begin(&a, 0);
    uint64_t from = lunq_device_now(NULL);
    that_is("time is over", (uint64_t)LUNQ_TIMEOUT, (uint64_t)await(&a, 0.05));
    that("and was not before", lunq_device_now(NULL) - from >= 50000000);
    lunq_irq_end(&a.w);
}

/* The alarm of the first wait is still set, for later. */
static void earlier_limit(void)
{
    struct who a;
    begin(&a, 0);
    pid_t child = event_after(20000, 1);
    that_is("woken", 1, (uint64_t)await(&a, 1000));
    waitpid(child, NULL, 0);
    limit();
}

/* The alarm of the first wait rings during the second. */
static void later_limit(void)
{
    struct who a;
    begin(&a, 0);
    pid_t child = event_after(10000, 1);
    that_is("woken", 1, (uint64_t)await(&a, 0.05));
    waitpid(child, NULL, 0);
    begin(&a, 0);
    child = event_after(150000, 2);
    that_is("woken again", 1, (uint64_t)await(&a, 1000));
    waitpid(child, NULL, 0);
}

static void second_line(void)
{
    struct who a, b;
    event_wakes();
    begin(&a, 0);
    begin(&b, 1);
    event(1, 1);
    that_is("the second", 1, (uint64_t)await(&b, 10));
    event(0, 2);
    that_is("the first", 1, (uint64_t)await(&a, 10));
}

static void other_watch_ready(struct lunq_watch *w)
{
    char c;
    ended = read(w->fd, &c, 1) == 1;
}

/* What is watched beside the line, also from another task on. */
static void other_descriptor(void)
{
    struct lunq_watch w = {.ready = other_watch_ready};
    struct lunq_error e;
    struct who a;
    int ends[2];
    event_wakes();
    must(pipe(ends) == 0 && write(ends[1], "x", 1) == 1, "pipe");
    w.fd = ends[0];
    begin(&a, 0);
    that_is("watched", 0, (uint64_t)lunq_loop_watch(&w, &e));
    that_is("it is served", 1, (uint64_t)await(&a, 10));
    that("not the line", !a.result);
    lunq_loop_unwatch(&w);
    event(0, 2);
    that_is("and the line then", 1, (uint64_t)await(&a, 10));
}

static void stop(int sig)
{
    (void)sig;
    lunq_interrupted = 1;
    lunq_loop_interrupt();
}

static void on_signals(void)
{
    struct sigaction sa = {.sa_handler = stop, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &sa, NULL);
}

/* The last instruction before the kernel sleeps. */
static void signal_before_read(void)
{
    struct who a;
    on_signals();
    begin(&a, 0);
    for (int i = 0; i < 3; i++) {
        before_read = true;
        that_is("interrupted", (uint64_t)LUNQ_RUNTIME, (uint64_t)await(&a, 1000));
        that("at the read", !before_read);
    }
    lunq_irq_end(&a.w);
}

/* The descriptor is made blocking, which undoes what the handler does: just before and just after that. */
static void signal_at_fcntl(bool first)
{
    struct who a;
    on_signals();
    begin(&a, 0);
    at_fcntl = true;
    signal_first = first;
    that_is("interrupted", (uint64_t)LUNQ_RUNTIME, (uint64_t)await(&a, 1000));
    that("at the fcntl", !at_fcntl);
    lunq_irq_end(&a.w);
}

static void signal_before_fcntl(void)
{
    signal_at_fcntl(true);
}

static void signal_after_fcntl(void)
{
    signal_at_fcntl(false);
}

/* Signals at random moments. The other process is told when a wait begins. */
static void signals(void)
{
    volatile int *begun =
        mmap(NULL, sizeof *begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum { ROUNDS = 300 };
    pid_t me = getpid(), child;
    struct who a;
    must(begun != MAP_FAILED, "mmap");
    on_signals();
    begin(&a, 0);
    if ((child = fork()) == 0) {
        for (int i = 1; i <= ROUNDS; i++) {
            while (*begun < i)
                if (getppid() != me)
                    _exit(1);
            for (volatile int k = rand() % 20000; k > 0; k--) {
            }
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    for (int i = 1; i <= ROUNDS && !failed; i++) {
        *begun = i;
        that_is("interrupted", (uint64_t)LUNQ_RUNTIME, (uint64_t)await(&a, 1000));
    }
    waitpid(child, NULL, 0);
    lunq_irq_end(&a.w);
}

static void *from_thread(void *arg)
{
    usleep(20000);
    *(volatile bool *)arg = true;
    lunq_loop_interrupt();
    return NULL;
}

static void thread(void)
{
    volatile bool told = false;
    pthread_t t;
    struct who a;
    begin(&a, 0);
    must(pthread_create(&t, NULL, from_thread, (void *)&told) == 0, "thread");
    while (!told) /* before it is told the loop has no reason to look up, but may */
        that_is("step", 1, (uint64_t)lunq_loop_step(true, NULL));
    pthread_join(t, NULL);
    that("nothing has come", !a.result);
    lunq_irq_end(&a.w);
}

/* A program that has not given the loop a signal. */
static void no_signal(void)
{
    struct who a;
    begin(&a, 0);
    pid_t child = event_after(20000, 1);
    that_is("woken", 1, (uint64_t)await(&a, 10));
    that("not out of a read", !blocks());
    waitpid(child, NULL, 0);
}

static void keep_node(const char *root)
{
    int fd = make_node(root, 0);
    pid_t child = fork();
    if (child > 0)
        printf("%d\n", (int)child);
    for (int i = 0; child == 0 && i < 3; i++)
        if (i != fd)
            close(i);
    if (child == 0)
        pause();
    exit(0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"event_wakes", event_wakes},
                 {"limit", limit},
                 {"earlier_limit", earlier_limit},
                 {"later_limit", later_limit},
                 {"second_line", second_line},
                 {"other_descriptor", other_descriptor},
                 {"signals", signals},
                 {"signal_before_read", signal_before_read},
                 {"signal_before_fcntl", signal_before_fcntl},
                 {"signal_after_fcntl", signal_after_fcntl},
                 {"thread", thread},
                 {"no_signal", no_signal}};
    if (argc == 3 && !strcmp(argv[1], "node"))
        keep_node(argv[2]);
    alarm(30);
    for (size_t i = 0; argc == 3 && i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].name, argv[1])) {
            open_board(argv[2]);
            ops.irq_read = take_asleep;
            if (cases[i].run != no_signal)
                sleep_in_reads();
            cases[i].run();
            close_board();
            puts(failed ? "failed" : "ok");
            return failed;
        }
    puts("no such case");
    return 1;
}
