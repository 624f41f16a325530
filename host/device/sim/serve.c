#include "serve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../qtest/link.h"
#include "private.h"

enum {
    GIC_LINES = 1020, /* interrupts a GIC can have; those from 1020 on mean other things */
    SPI_FIRST = 32,   /* shared ones, the inputs of QEMU's models */
    TURN = 64,        /* accesses served before others have their turn */
    ERRORS_TOLD = 8,  /* bus errors that are told of; a guest can make a million a second */
    MORE = 11         /* characters behind a path, while nobody listens there yet: "." and a pid */
};

/* A path where somebody connects, and who has. */
struct door {
    struct lunq_watch waiting, guest; /* fd -1: closed */
    char path[sizeof((struct sockaddr_un *)0)->sun_path - MORE];
    struct lunq_serve *serve;
};

struct lunq_serve {
    struct lunq_sim *sim;
    struct sim_listener lines;
    struct door bus, qemu;
    struct lunq_serve_access access; /* as far as it has come */
    size_t have;
    struct qt_link link;
    char gic[128];
    bool high[GIC_LINES];
    struct lunq_event gone;
    struct lunq_serve_info info;
};

/* ---- doors ------------------------------------------------------------------------------------- */

static int cannot(const char *path, int e, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "%s can't be listened at: %s.", path, strerror(e));
}

/* Whether nobody answers at a path that is there: a server that was killed left it. */
static bool is_left(const struct sockaddr_un *a)
{
    struct stat st;
    int fd, e;
    if (lstat(a->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    e = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof *a) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return e == ECONNREFUSED;
}

/* The path is there once somebody listens: a client that waits for it is not refused. False with errno. */
static bool listen_at(int fd, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int e = 0;
    snprintf(a.sun_path, sizeof a.sun_path, "%s.%d", path, (int)getpid());
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) < 0)
        return false;
    if (listen(fd, 1) < 0 || link(a.sun_path, path) < 0)
        e = errno == EEXIST ? EADDRINUSE : errno;
    unlink(a.sun_path);
    errno = e;
    return e == 0;
}

static int door_open(struct door *d, struct lunq_serve *v, const char *path,
                     void (*arrived)(struct lunq_watch *w), struct lunq_error *err)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int r;
    d->serve = v;
    if (!*path || strlen(path) >= sizeof d->path)
        return lunq_fail(err, LUNQ_VALUE,
                         "The path of a socket has 1 to %zu characters, not \"%s\".",
                         sizeof d->path - 1, path);
    strcpy(a.sun_path, path);
    if (is_left(&a))
        unlink(path);
    d->waiting = (struct lunq_watch){
        .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), .ready = arrived};
    if (d->waiting.fd < 0 || !listen_at(d->waiting.fd, path))
        return cannot(path, errno, err);
    strcpy(d->path, path); /* it is ours from here on */
    if ((r = lunq_loop_watch(&d->waiting, err)) < 0)
        return r;
    lunq_loop_expect(&d->waiting, true);
    return 0;
}

static void shut(struct lunq_watch *w)
{
    lunq_loop_unwatch(w);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

static void door_close(struct door *d)
{
    shut(&d->guest);
    shut(&d->waiting);
    if (d->path[0])
        unlink(d->path);
    d->path[0] = 0;
}

/* Lets the next one in, unless somebody is there. False: nobody new. */
static bool let_in(struct door *d, void (*ready)(struct lunq_watch *w))
{
    int fd = accept4(d->waiting.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct lunq_error e;
    if (fd < 0)
        return false;
    d->guest = (struct lunq_watch){.fd = fd, .ready = ready};
    if (lunq_loop_watch(&d->guest, &e) == 0) {
        lunq_loop_unwatch(&d->waiting); /* one at a time: the next one waits outside */
        lunq_loop_expect(&d->guest, true);
        return true;
    }
    lunq_warn("serve", "%s", e.message);
    shut(&d->guest);
    return false;
}

static void let_out(struct door *d)
{
    struct lunq_error e;
    shut(&d->guest);
    if (lunq_loop_watch(&d->waiting, &e) == 0)
        lunq_loop_expect(&d->waiting, true);
    else
        lunq_warn("serve", "%s", e.message);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static void no_news(void *ctx, unsigned line, bool high)
{
    (void)ctx, (void)line, (void)high; /* QEMU tells only who asks */
}

static void say(struct lunq_serve *v, unsigned gic, bool high)
{
    struct lunq_error e;
    if (v->qemu.guest.fd < 0 || gic < SPI_FIRST)
        return;
    if (qt_command(&v->link, NULL, &e, "set_irq_in %s unnamed-gpio-in %u %d\n", v->gic,
                   gic - SPI_FIRST, high) == 0)
        return;
    lunq_warn("serve", "Interrupt %u can't be told: %s", gic, e.message);
    let_out(&v->qemu);
}

/* Before the access that changed them is answered: what the guest does next, it does with the lines
 * as they are then. */
static void lines_changed(struct sim_listener *l)
{
    struct lunq_serve *v = (struct lunq_serve *)((char *)l - offsetof(struct lunq_serve, lines));
    bool now[GIC_LINES] = {false}, level; /* a line the design has no more is low */
    unsigned gic;
    for (size_t i = 0; sim_irq_line(v->sim, i, &gic, &level); i++)
        if (gic < GIC_LINES)
            now[gic] = level;
    for (gic = 0; gic < GIC_LINES; gic++) {
        if (now[gic] == v->high[gic])
            continue;
        v->high[gic] = now[gic];
        v->info.interrupts += now[gic];
        say(v, gic, now[gic]);
    }
}

static void qemu_ready(struct lunq_watch *w)
{
    struct door *d = (struct door *)((char *)w - offsetof(struct door, guest));
    struct lunq_error e;
    if (qt_listen(&d->serve->link, &e) < 0)
        let_out(d);
}

static void qemu_arrived(struct lunq_watch *w)
{
    struct door *d = (struct door *)((char *)w - offsetof(struct door, waiting));
    struct lunq_serve *v = d->serve;
    if (!let_in(d, qemu_ready))
        return;
    v->link =
        (struct qt_link){.fd = d->guest.fd, .name = v->sim->dev.name, .irq = no_news, .ctx = v};
    for (unsigned gic = SPI_FIRST; gic < GIC_LINES; gic++)
        if (v->high[gic])
            say(v, gic, true);
}

/* ---- accesses ---------------------------------------------------------------------------------- */

static void client_left(struct lunq_serve *v)
{
    v->have = 0;
    let_out(&v->bus);
    lunq_event_set(&v->gone, lunq_device_now(&v->sim->dev));
}

static void cut_off(struct lunq_serve *v, const char *why)
{
    lunq_warn("serve", "The client at %s %s: it was cut off.", v->bus.path, why);
    client_left(v);
}

static bool is_access(const struct lunq_serve_access *a)
{
    bool width = a->width == 1 || a->width == 2 || a->width == 4 || a->width == 8;
    return (a->kind == 'r' || a->kind == 'w') && width && a->address % a->width == 0;
}

static void carry_out(struct lunq_serve *v, const struct lunq_serve_access *a,
                      struct lunq_serve_answer *answer)
{
    struct lunq_device *d = &v->sim->dev;
    struct lunq_error e;
    int r = a->kind == 'r' ? d->ops->read(d, a->address, a->width, &answer->value, &e)
                           : d->ops->write(d, a->address, a->width, a->value, &e);
    *(a->kind == 'r' ? &v->info.reads : &v->info.writes) += 1;
    if (r >= 0)
        return;
    *answer = (struct lunq_serve_answer){.failed = 1};
    if (++v->info.failed <= ERRORS_TOLD)
        lunq_warn("serve", "%s%s", e.message,
                  v->info.failed == ERRORS_TOLD ? " No more such errors are told." : "");
}

/* One access, if it is there. False: nothing more to do now. */
static bool serve_one(struct lunq_serve *v)
{
    struct lunq_serve_answer answer = {0};
    ssize_t n = recv(v->bus.guest.fd, (char *)&v->access + v->have, sizeof v->access - v->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        client_left(v);
        return false;
    }
    v->have += (size_t)n;
    if (v->have < sizeof v->access)
        return true;
    v->have = 0;
    if (!is_access(&v->access)) {
        cut_off(v, "sent what is no access");
        return false;
    }
    carry_out(v, &v->access, &answer);
    if (v->bus.guest.fd < 0)
        return false; /* a model has ended it all */
    n = send(v->bus.guest.fd, &answer, sizeof answer, MSG_NOSIGNAL);
    if (n == sizeof answer)
        return true;
    if (n >= 0 || errno == EAGAIN)
        cut_off(v, "does not read its answers");
    else
        client_left(v);
    return false;
}

static void bus_ready(struct lunq_watch *w)
{
    struct lunq_serve *v = ((struct door *)((char *)w - offsetof(struct door, guest)))->serve;
    for (int i = 0; i < TURN && serve_one(v);)
        i++;
}

static void bus_arrived(struct lunq_watch *w)
{
    struct door *d = (struct door *)((char *)w - offsetof(struct door, waiting));
    d->serve->info.clients += let_in(d, bus_ready);
}

/* ---- life -------------------------------------------------------------------------------------- */

static int open_doors(struct lunq_serve *v, const struct lunq_serve_options *o,
                      struct lunq_error *err)
{
    int r = door_open(&v->bus, v, o->socket, bus_arrived, err);
    if (r < 0 || !o->qtest)
        return r;
    if (!o->gic || !*o->gic || strlen(o->gic) >= sizeof v->gic || strpbrk(o->gic, " \n"))
        return lunq_fail(err, LUNQ_VALUE,
                         "QEMU has to be told whose inputs interrupts are: gic is the QOM path of "
                         "its interrupt controller, as in \"gic\" or \"/machine/unattached/"
                         "device[1]\", without blanks.");
    strcpy(v->gic, o->gic);
    return door_open(&v->qemu, v, o->qtest, qemu_arrived, err);
}

int lunq_serve_open(struct lunq_serve **out, struct lunq_device *d,
                    const struct lunq_serve_options *o, struct lunq_error *err)
{
    struct lunq_sim *s = lunq_sim_of(d);
    struct lunq_serve *v;
    int r;
    if (!s || s->card)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "Device %s can't be served: only a simulated board can.", d->name);
    if (s->listener)
        return lunq_fail(err, LUNQ_RUNTIME, "Device %s is being served already.", d->name);
    v = calloc(1, sizeof *v);
    if (!v)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    v->sim = s;
    v->bus.guest.fd = v->bus.waiting.fd = v->qemu.guest.fd = v->qemu.waiting.fd = -1;
    if ((r = open_doors(v, o, err)) < 0) {
        door_close(&v->bus);
        door_close(&v->qemu);
        free(v);
        return r;
    }
    v->lines.changed = lines_changed;
    s->listener = &v->lines;
    lunq_device_ref(d);
    lines_changed(&v->lines);
    *out = v;
    return 0;
}

void lunq_serve_stop(struct lunq_serve *v)
{
    door_close(&v->bus);
    door_close(&v->qemu);
    if (v->sim->listener == &v->lines)
        v->sim->listener = NULL;
    lunq_event_set(&v->gone, lunq_device_now(&v->sim->dev));
}

void lunq_serve_close(struct lunq_serve *v)
{
    if (!v)
        return;
    lunq_serve_stop(v);
    lunq_device_unref(&v->sim->dev);
    free(v);
}

struct lunq_device *lunq_serve_device(struct lunq_serve *v)
{
    return &v->sim->dev;
}

void lunq_serve_info(const struct lunq_serve *v, struct lunq_serve_info *info)
{
    *info = v->info;
    info->client = v->bus.guest.fd >= 0;
    info->qemu = v->qemu.guest.fd >= 0;
}

struct lunq_event *lunq_serve_gone(struct lunq_serve *v)
{
    return &v->gone;
}
