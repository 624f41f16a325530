#include "line.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../core/device.h"

/* A rise while the line is armed is kept until it is taken, whatever the level does then. */
static void rise(struct qt_line *l)
{
    uint64_t one = 1;
    if (!l->armed || l->fired)
        return;
    l->fired = true;
    l->when = lunq_device_now(NULL);
    if (write(l->kept, &one, sizeof one) < 0)
        l->when = lunq_device_now(NULL); /* full: it is readable, which is all that counts */
}

static void forget(struct qt_line *l)
{
    uint64_t n;
    l->fired = false;
    if (read(l->kept, &n, sizeof n) < 0)
        n = 0; /* it was empty */
}

/* Input 1 is for fast interrupts; nothing is wired there. */
static void hear(void *ctx, unsigned line, bool high)
{
    struct qt_line *l = ctx;
    if (line != 0)
        return;
    l->high = high;
    if (high)
        rise(l);
}

static int add(struct qt_line *l, int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    return epoll_ctl(l->ready, EPOLL_CTL_ADD, fd, &e);
}

int qt_line_open(struct qt_line *l, struct qt_link *link, struct lunq_error *err)
{
    *l = (struct qt_line){.link = link};
    l->kept = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->ready = epoll_create1(EPOLL_CLOEXEC);
    if (l->kept < 0 || l->ready < 0 || add(l, l->kept) < 0 || add(l, link->fd) < 0)
        return lunq_fail(err, LUNQ_DEVICE, "Device %s: no descriptors: %s.", link->name,
                         strerror(errno));
    link->irq = hear;
    link->ctx = l;
    return 0;
}

void qt_line_close(struct qt_line *l)
{
    if (l->kept > 0)
        close(l->kept);
    if (l->ready > 0)
        close(l->ready);
    l->kept = l->ready = 0;
}

static int check(unsigned gic, struct lunq_error *err)
{
    if (gic == QT_LINE)
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "A qtest machine has one processor line, %d: interrupt 0 of a design for "
                     "\"zynq\". There is no line %u.",
                     QT_LINE, gic);
}

int qt_line_arm(struct qt_line *l, unsigned gic, bool on, struct lunq_error *err)
{
    int r = check(gic, err);
    if (r < 0)
        return r;
    l->armed = on;
    if (!on) {
        forget(l);
        return 0;
    }
    r = qt_listen(l->link, err);
    if (r == 0 && l->high)
        rise(l);
    return r;
}

int qt_line_take(struct qt_line *l, unsigned gic, uint64_t *count, uint64_t *when,
                 struct lunq_error *err)
{
    int r = check(gic, err);
    *count = 0;
    if (r == 0)
        r = qt_listen(l->link, err);
    if (r < 0 || !l->fired)
        return r;
    *count = 1;
    *when = l->when;
    l->armed = false;
    forget(l);
    return 0;
}

int qt_line_level(struct qt_line *l, unsigned gic)
{
    return gic != QT_LINE || qt_listen(l->link, NULL) < 0 ? -1 : l->high;
}
