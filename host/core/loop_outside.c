/* loop_outside.c - what comes from outside: descriptors on one epoll, and libuv, whose own
 * descriptor is on it too. We keep no handle of ours in libuv's loop: lua-luv 1.44 ends the process
 * when its uv.walk meets one that is not its own. And libuv counts milliseconds; we sleep to the
 * nanosecond. */
#include "loop_outside.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include "loop_read.h"

enum {
    MS = 1000000,
    BATCH = 32,
    SHORT = 2 * MS,    /* sleeps that don't pay for setting the alarm of loop_read.c */
    EPOLL_PWAIT2 = 441 /* on every architecture Linux runs LUNQ on */
};

static struct {
    int ep; /* 0: not open yet */
    struct lunq_watch awake, uv_ready;
    uv_loop_t *uv; /* NULL until needed */
    struct lunq_event uv_idle;
    bool turning;
    size_t watched, expected;  /* descriptors */
    struct lunq_watch *reader; /* the last of them that can read; NULL also when it has gone */
    bool hidden;               /* reader is not on the epoll: its wake-ups would cost both ways */
    struct epoll_event ready[BATCH];
    int n_ready;
} out;

/* ---- descriptors ------------------------------------------------------------------------------ */

static void awoken(struct lunq_watch *w)
{
    uint64_t count;
    ssize_t n = read(w->fd, &count, sizeof count);
    (void)n;
}

static int add(struct lunq_watch *w)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = w};
    return epoll_ctl(out.ep, EPOLL_CTL_ADD, w->fd, &e);
}

/* Where the kernel has no memory for it now, the next step tries again; a wait that ends meanwhile has its
 * last look. */
static void show_reader(void)
{
    if (out.hidden && add(out.reader) == 0)
        out.hidden = false;
}

static void hide_reader(void)
{
    if (!out.hidden)
        epoll_ctl(out.ep, EPOLL_CTL_DEL, out.reader->fd, NULL);
    out.hidden = true;
}

static int open_epoll(struct lunq_error *err)
{
    int fd;
    if (out.ep > 0)
        return 0;
    fd = epoll_create1(EPOLL_CLOEXEC);
    out.awake = (struct lunq_watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = awoken};
    out.ep = fd;
    if (fd >= 0 && out.awake.fd >= 0 && add(&out.awake) == 0)
        return 0;
    lunq_fail(err, LUNQ_RUNTIME, "The event loop can't start: %s.", strerror(errno));
    if (out.awake.fd >= 0)
        close(out.awake.fd);
    if (fd >= 0)
        close(fd);
    out.ep = out.awake.fd = 0;
    return LUNQ_RUNTIME;
}

int lunq_loop_watch(struct lunq_watch *w, struct lunq_error *err)
{
    int r = open_epoll(err);
    if (r < 0)
        return r;
    show_reader();
    if (out.hidden || add(w) < 0)
        return lunq_fail(err, LUNQ_RUNTIME, "Descriptor %d can't be waited for: %s.", w->fd,
                         strerror(errno));
    w->on = true;
    out.watched++;
    if (w->read)
        out.reader = w;
    return 0;
}

void lunq_loop_expect(struct lunq_watch *w, bool on)
{
    out.expected += (size_t)on - (size_t)w->expected;
    w->expected = on;
}

void lunq_loop_unwatch(struct lunq_watch *w)
{
    if (!w->on)
        return;
    w->on = false;
    out.watched--;
    if (out.reader == w) {
        out.reader = NULL;
        out.hidden = false;
    }
    lunq_loop_expect(w, false);
    epoll_ctl(out.ep, EPOLL_CTL_DEL, w->fd, NULL);
    for (int i = 0; i < out.n_ready; i++) /* being served right now */
        if (out.ready[i].data.ptr == w)
            out.ready[i].data.ptr = NULL;
}

void lunq_loop_interrupt(void)
{
    uint64_t one = 1;
    lunq_read_cut();
    ssize_t n = out.ep > 0 ? write(out.awake.fd, &one, sizeof one) : 0;
    (void)n; /* full: it is awake already */
}

/* Serves the n of out.ready. */
static int serve(int n)
{
    out.n_ready = n;
    for (int i = 0; i < n; i++) {
        struct lunq_watch *w = out.ready[i].data.ptr;
        if (w)
            w->ready(w);
    }
    out.n_ready = 0;
    return n;
}

static int serve_ready(void)
{
    show_reader();
    return serve(epoll_wait(out.ep, out.ready, BATCH, 0));
}

/* epoll_pwait2, which knows nanoseconds and says at once what is ready; neither libc of our boards has it
 * everywhere. -1: this kernel, older than 5.11, has not. */
static int wait_ready(uint64_t ns)
{
    static bool missing;
    int64_t t[2] = {(int64_t)(ns / 1000000000u), (int64_t)(ns % 1000000000u)};
    int n;
    show_reader();
    n = missing ? -1
                : (int)syscall(EPOLL_PWAIT2, out.ep, out.ready, BATCH, ns == UINT64_MAX ? NULL : t,
                               NULL, (size_t)0);
    if (n >= 0 || (!missing && errno == EINTR))
        return n > 0 ? n : 0;
    missing = true;
    return -1;
}

void lunq_outside_look_watches(void)
{
    if (out.watched)
        serve_ready();
}

bool lunq_outside_reads(void)
{
    return out.hidden;
}

/* ---- libuv ------------------------------------------------------------------------------------ */

void lunq_loop_uv_turn(void)
{
    if (!out.uv || out.turning)
        return;
    out.turning = true;
    uv_run(out.uv, UV_RUN_NOWAIT);
    out.turning = false;
}

static void uv_is_ready(struct lunq_watch *w)
{
    (void)w;
    lunq_loop_uv_turn();
}

uv_loop_t *lunq_loop_uv(void)
{
    uv_loop_t *uv = out.uv;
    if (uv || open_epoll(NULL) < 0 || !(uv = uv_default_loop()))
        return uv;
    out.uv_ready = (struct lunq_watch){.fd = uv_backend_fd(uv), .ready = uv_is_ready};
    if (add(&out.uv_ready) < 0)
        return NULL;
    return out.uv = uv;
}

bool lunq_loop_uv_alive(void)
{
    return out.uv && uv_loop_alive(out.uv);
}

struct lunq_event *lunq_loop_uv_idle(void)
{
    return &out.uv_idle;
}

bool lunq_loop_uv_turning(void)
{
    return out.turning;
}

void lunq_loop_finish(void)
{
    if (out.uv && !out.turning)
        uv_run(out.uv, UV_RUN_DEFAULT);
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

void lunq_loop_close(void)
{
    if (out.turning) /* out of a callback: the process ends in the middle of it */
        return;
    if (out.uv) {
        uv_walk(out.uv, close_handle, NULL);
        while (uv_run(out.uv, UV_RUN_DEFAULT)) {
        }
        uv_loop_close(out.uv);
    }
    if (out.ep > 0) {
        close(out.awake.fd);
        close(out.ep);
    }
    memset(&out, 0, sizeof out);
}

/* ---- for loop.c ------------------------------------------------------------------------------- */

bool lunq_outside_alive(void)
{
    bool alive = lunq_loop_uv_alive();
    if (!alive && out.uv_idle.first) /* whoever waits for the last handle */
        lunq_event_set(&out.uv_idle, 0);
    return alive || out.expected;
}

void lunq_outside_look(void)
{
    lunq_loop_uv_turn();
    lunq_outside_look_watches();
}

/* False: something besides one descriptor could end the sleep. */
static bool sleep_in_read(uint64_t now, uint64_t ns)
{
    struct lunq_watch *w = out.reader;
    uint64_t until = ns < UINT64_MAX - now ? now + ns : UINT64_MAX;
    if (!w || out.watched > 1 || out.uv || !now || ns < SHORT || !lunq_read_begin(w->fd, until))
        return false;
    hide_reader();
    w->read(w);
    lunq_read_end();
    return true;
}

/* libuv looks at handles that were started since its last turn only in the next one: so it has one
 * before. What is ready needs no sleep. */
void lunq_outside_sleep(uint64_t now, uint64_t ns)
{
    uint64_t ended = lunq_loop_ended();
    struct pollfd p = {.events = POLLIN};
    struct timespec t;
    int n;
    if (open_epoll(NULL) < 0)
        return;
    if (out.uv) {
        int ms;
        lunq_loop_uv_turn();
        ms = uv_backend_timeout(out.uv);
        if (ms >= 0 && (uint64_t)ms < ns / MS)
            ns = (uint64_t)ms * MS;
    }
    if (lunq_loop_ended() != ended || lunq_interrupted)
        return;
    if (ns == 0) {
        serve_ready();
        return;
    }
    if (sleep_in_read(now, ns))
        return;
    lunq_read_forget(); /* the descriptor `awake` tells of it */
    n = wait_ready(ns);
    if (n >= 0) {
        serve(n);
        return;
    }
    if (serve_ready() > 0)
        return;
    p.fd = out.ep;
    t = (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    if (ppoll(&p, 1, ns == UINT64_MAX ? NULL : &t, NULL) > 0)
        serve_ready();
}
