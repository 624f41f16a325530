/* gpio.c - GPIO lines of the processor by the character device, version 2 (linux-boards.md A10,
 * include/uapi/linux/gpio.h): one descriptor for each line that is taken. Lines have a chip's base and
 * their number on the chip; the kernel tells bases in the sysfs interface only, which new kernels leave
 * out: there chips count from multiples of 1024, in the order of their nodes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../core/gpio.h"
#include "private.h"

enum { MAX_CHIPS = 64, NO_SYSFS_STEP = 1024 };

/* N of the i-th node /dev/gpiochipN, by rising N; -1: there are fewer. */
static int node(const struct lunq_linux *x, size_t i)
{
    char path[LX_PATH];
    int found[MAX_CHIPS], t;
    size_t n = 0;
    DIR *d = lx_path(path, x->root, "/dev") ? opendir(path) : NULL;
    struct dirent *e;
    while (d && n < MAX_CHIPS && (e = readdir(d)))
        if ((found[n] = lx_index(e->d_name, "gpiochip")) >= 0)
            n++;
    if (d)
        closedir(d);
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            if (found[b] < found[a])
                t = found[a], found[a] = found[b], found[b] = t;
    return i < n ? found[i] : -1;
}

/* The base of the chip with this label and number of lines, in sysfs. False: not there. */
static bool sysfs_base(const struct lunq_linux *x, const char *label, unsigned lines,
                       unsigned *base)
{
    char path[LX_PATH], text[64];
    DIR *d = lx_path(path, x->root, "/sys/class/gpio") ? opendir(path) : NULL;
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d))) {
        int n = lx_index(e->d_name, "gpiochip");
        uint64_t count;
        found = n >= 0 && lx_path(path, x->root, "/sys/class/gpio/%s/label", e->d_name) &&
                lx_read(path, text, sizeof text) && !strcmp(text, label) &&
                lx_path(path, x->root, "/sys/class/gpio/%s/ngpio", e->d_name) &&
                lx_read_number(path, &count) && count == lines;
        if (found)
            *base = (unsigned)n;
    }
    if (d)
        closedir(d);
    return found;
}

static int open_chip(const struct lunq_linux *x, size_t i, char path[LX_PATH])
{
    int n = node(x, i);
    if (n < 0 || !lx_path(path, x->root, "/dev/gpiochip%d", n)) {
        errno = ENOENT;
        return -1;
    }
    return open(path, O_RDWR | O_CLOEXEC);
}

bool lx_gpio_chip(struct lunq_device *d, size_t i, struct lunq_gpio_chip *chip)
{
    const struct lunq_linux *x = lx_of(d);
    struct gpiochip_info info = {0};
    char path[LX_PATH];
    int fd;
    memset(chip, 0, sizeof *chip);
    if (node(x, i) < 0)
        return false;
    fd = open_chip(x, i, path);
    if (fd >= 0 && ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) < 0)
        info = (struct gpiochip_info){0};
    if (fd >= 0)
        close(fd); /* one that this user may not open has no lines, and keeps its place */
    memcpy(chip->label, info.label, sizeof chip->label - 1);
    snprintf(chip->path, sizeof chip->path, "%.*s", (int)sizeof chip->path - 1, path);
    chip->lines = info.lines;
    chip->emio = lunq_gpio_emio(chip->label);
    if (!sysfs_base(x, chip->label, chip->lines, &chip->base))
        chip->base = (unsigned)i * NO_SYSFS_STEP;
    return true;
}

static int refused(const struct lunq_gpio_line *l, const char *path, struct lunq_error *err)
{
    int e = errno;
    if (e == EBUSY)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "GPIO %u (line %u of %s) is in use by a driver or another program: gpioinfo "
            "names it.",
            l->index, l->line, path);
    if (e == EACCES || e == EPERM)
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "GPIO %u: %s can't be opened: %s. Become a member of its group (udev rules "
            "of LUNQ: group lunq), or root.",
            l->index, path, strerror(e));
    return lunq_fail(err, LUNQ_IO, "GPIO %u (line %u of %s): %s.", l->index, l->line, path,
                     strerror(e));
}

static int fd_of(const struct lunq_gpio_line *l)
{
    return (int)l->key;
}

int lx_gpio_open(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct gpio_v2_line_request q = {.offsets = {l->line}, .consumer = "lunq", .num_lines = 1};
    char path[LX_PATH];
    int fd = open_chip(lx_of(d), l->chip, path), r;
    if (fd < 0)
        return refused(l, path, err);
    q.config.flags = l->out ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT;
    r = ioctl(fd, GPIO_V2_GET_LINE_IOCTL, &q);
    if (r < 0) {
        r = refused(l, path, err);
        close(fd);
        return r;
    }
    close(fd);
    fcntl(q.fd, F_SETFL, O_NONBLOCK); /* edges are looked at, not waited for */
    l->key = (uint64_t)q.fd;
    return 0;
}

void lx_gpio_close(struct lunq_device *d, struct lunq_gpio_line *l)
{
    (void)d;
    close(fd_of(l));
}

static int failed(const struct lunq_gpio_line *l, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "GPIO %u can't be %s: %s.", l->index, what, strerror(errno));
}

int lx_gpio_read(struct lunq_device *d, struct lunq_gpio_line *l, bool *level,
                 struct lunq_error *err)
{
    struct gpio_v2_line_values v = {.mask = 1};
    (void)d;
    if (ioctl(fd_of(l), GPIO_V2_LINE_GET_VALUES_IOCTL, &v) < 0)
        return failed(l, "read", err);
    *level = v.bits & 1;
    return 0;
}

int lx_gpio_write(struct lunq_device *d, struct lunq_gpio_line *l, bool level,
                  struct lunq_error *err)
{
    struct gpio_v2_line_values v = {.bits = level, .mask = 1};
    (void)d;
    return ioctl(fd_of(l), GPIO_V2_LINE_SET_VALUES_IOCTL, &v) < 0 ? failed(l, "written", err) : 0;
}

int lx_gpio_watch(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct gpio_v2_line_config c = {.flags = GPIO_V2_LINE_FLAG_INPUT |
                                             GPIO_V2_LINE_FLAG_EDGE_RISING |
                                             GPIO_V2_LINE_FLAG_EDGE_FALLING};
    (void)d;
    return ioctl(fd_of(l), GPIO_V2_LINE_SET_CONFIG_IOCTL, &c) < 0
               ? failed(l, "watched for edges", err)
               : 0;
}

int lx_gpio_edges(struct lunq_device *d, struct lunq_gpio_line *l, struct lunq_error *err)
{
    struct gpio_v2_line_event e[16];
    ssize_t n;
    (void)d;
    while ((n = read(fd_of(l), e, sizeof e)) > 0)
        for (size_t i = 0; i < (size_t)n / sizeof *e; i++) {
            bool rise = e[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE;
            *(rise ? &l->rises : &l->falls) += 1;
            *(rise ? &l->rise_when : &l->fall_when) = e[i].timestamp_ns;
        }
    return n < 0 && errno != EAGAIN && errno != EINTR ? failed(l, "read", err) : 0;
}
