/* uio.c - one UIO node, and the lines of a processor by their nodes; see uio.h. */
#include "uio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/device.h"
#include "../core/loop.h"
#include "files.h"

/* ---- one node -------------------------------------------------------------------------------- */

/* The count of before: else the first event would seem to be all since the node was made. */
static void read_baseline(struct lunq_uio *u, const char *root)
{
    char path[LX_PATH];
    uint64_t events;
    u->known = lx_path(path, root, "/sys/class/uio/uio%u/event", u->index) &&
               lx_read_number(path, &events);
    if (u->known)
        u->events = (uint32_t)events;
}

int lunq_uio_open(struct lunq_uio *u, const char *root, unsigned index, struct lunq_error *err)
{
    char path[LX_PATH];
    bool fits = lx_path(path, root, "/dev/uio%u", index);
    *u = (struct lunq_uio){.fd = -1, .index = index};
    if (!fits)
        return lunq_fail(err, LUNQ_VALUE, "The path of uio%u is too long.", index);
    u->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (u->fd >= 0) {
        read_baseline(u, root);
        return 0;
    }
    if (errno == EACCES || errno == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "%s can't be opened: %s. Interrupts need read and write access to it: a "
                         "udev rule for the subsystem uio, or root.",
                         path, strerror(errno));
    return lunq_fail(err, LUNQ_DEVICE, "%s can't be opened: %s.", path, strerror(errno));
}

void lunq_uio_adopt(struct lunq_uio *u, int fd)
{
    *u = (struct lunq_uio){.fd = fd, .known = true};
}

void lunq_uio_close(struct lunq_uio *u)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
}

static int failed(const struct lunq_uio *u, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "UIO device %u can't be %s: %s.", u->index, what,
                     strerror(errno));
}

int lunq_uio_arm(struct lunq_uio *u, bool on, struct lunq_error *err)
{
    int32_t word = on;
    ssize_t n;
    do
        n = write(u->fd, &word, sizeof word);
    while (n < 0 && errno == EINTR);
    if (n == sizeof word)
        return 0;
    if (n >= 0)
        errno = EIO;
    return failed(u, on ? "armed" : "disarmed", err);
}

/* What a read gave: 0 with *count 0 when there is nothing yet. */
static int counted(struct lunq_uio *u, int32_t word, ssize_t n, uint64_t *count,
                   struct lunq_error *err)
{
    *count = 0;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (n != sizeof word) {
        errno = n < 0 ? errno : ENODEV; /* its driver has let go of it */
        return failed(u, "read", err);
    }
    *count = u->known ? (uint32_t)((uint32_t)word - u->events) : 1;
    if (*count == 0) /* somebody else has read the same event's count from sysfs */
        *count = 1;
    u->events = (uint32_t)word;
    u->known = true;
    return 0;
}

int lunq_uio_take(struct lunq_uio *u, uint64_t *count, struct lunq_error *err)
{
    struct pollfd p = {.fd = u->fd, .events = POLLIN};
    int32_t word = 0;
    ssize_t n;
    *count = 0;
    if (u->blocking && poll(&p, 1, 0) == 0)
        return 0;
    do
        n = read(u->fd, &word, sizeof word);
    while (n < 0 && errno == EINTR);
    return counted(u, word, n, count, err);
}

int lunq_uio_read(struct lunq_uio *u, uint64_t *count, struct lunq_error *err)
{
    int32_t word = 0;
    ssize_t n;
    *count = 0;
    if (!u->blocking && fcntl(u->fd, F_SETFL, fcntl(u->fd, F_GETFL) & ~O_NONBLOCK) < 0)
        return failed(u, "read", err);
    u->blocking = true;
    if (!lunq_loop_may_read())
        return 0;
    n = read(u->fd, &word, sizeof word);
    if (n < 0) /* whoever cut it short has made it not blocking */
        u->blocking = false;
    return counted(u, word, n, count, err);
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct lunq_uio_line {
    struct lunq_uio uio;
    unsigned gic;
    struct lunq_uio_line *next;
};

static struct lunq_uio_line *find(const struct lunq_uio_lines *lines, unsigned gic)
{
    struct lunq_uio_line *l = lines->first;
    while (l && l->gic != gic)
        l = l->next;
    return l;
}

static struct lunq_uio_line *open_line(struct lunq_uio_lines *lines, unsigned gic,
                                       struct lunq_error *err)
{
    struct lunq_uio_line *l;
    int index = lunq_uio_find(lines->root, gic);
    if (index < 0) {
        lunq_fail(err, LUNQ_VALUE,
                  "Could not find UIO device for interrupt pin for IRQ number %u: the device tree "
                  "needs a node with that interrupt, compatible with generic-uio, and the kernel "
                  "uio_pdrv_genirq.of_id=generic-uio.",
                  gic);
        return NULL;
    }
    if (!(l = calloc(1, sizeof *l))) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    if (lunq_uio_open(&l->uio, lines->root, (unsigned)index, err) < 0) {
        free(l);
        return NULL;
    }
    l->gic = gic;
    l->next = lines->first;
    return lines->first = l;
}

static void close_line(struct lunq_uio_lines *lines, struct lunq_uio_line *l)
{
    struct lunq_uio_line **at = &lines->first;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    lunq_uio_close(&l->uio);
    free(l);
}

/* A node goes with the device-tree overlay that brought it (write gives EINVAL then, uio.c of Linux); when
 * the design is loaded again another one has the interrupt. The new node is opened before the old one is
 * closed, so that their descriptors differ. */
int lunq_uio_lines_arm(struct lunq_uio_lines *lines, unsigned gic, bool on, struct lunq_error *err)
{
    struct lunq_uio_line *old = find(lines, gic), *l;
    struct lunq_error e;
    int r = old ? lunq_uio_arm(&old->uio, on, err) : 0;
    if (old && (r == 0 || !on))
        return r;
    l = open_line(lines, gic, &e);
    if (!l) {
        if (err)
            *err = e;
        return e.kind;
    }
    if (old)
        close_line(lines, old);
    return lunq_uio_arm(&l->uio, on, err);
}

static int lines_take(struct lunq_uio_lines *lines, unsigned gic,
                      int (*take)(struct lunq_uio *, uint64_t *, struct lunq_error *),
                      uint64_t *count, uint64_t *when, struct lunq_error *err)
{
    struct lunq_uio_line *l = find(lines, gic);
    int r;
    *count = *when = 0;
    r = l ? take(&l->uio, count, err) : 0;
    if (*count)
        *when = lunq_device_now(NULL);
    return r;
}

int lunq_uio_lines_take(struct lunq_uio_lines *lines, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err)
{
    return lines_take(lines, gic, lunq_uio_take, count, when, err);
}

int lunq_uio_lines_read(struct lunq_uio_lines *lines, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err)
{
    return lines_take(lines, gic, lunq_uio_read, count, when, err);
}

int lunq_uio_lines_fd(struct lunq_uio_lines *lines, unsigned gic)
{
    const struct lunq_uio_line *l = find(lines, gic);
    return l ? l->uio.fd : -1;
}

void lunq_uio_lines_close(struct lunq_uio_lines *lines)
{
    while (lines->first)
        close_line(lines, lines->first);
}
