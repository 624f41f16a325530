/* vfio_irq.c - interrupts of a function through vfio-pci: each vector makes an eventfd readable. All
 * vectors are allocated at once, for most kernels add none later. INTx is masked by the kernel when it
 * comes. */
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio.h"

static const struct {
    unsigned index;
    const char *kind, *option;
} kinds[] = {
    {VFIO_PCI_MSIX_IRQ_INDEX, "MSI-X", "msix"},
    {VFIO_PCI_MSI_IRQ_INDEX, "MSI", "msi"},
    {VFIO_PCI_INTX_IRQ_INDEX, "INTx", "intx"},
};

int vfio_irq_find(struct lunq_pci *p, struct lunq_error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !p->n_lines; i++) {
        struct vfio_irq_info info = {.argsz = sizeof info, .index = kinds[i].index};
        if (p->o.irq[0] && strcmp(p->o.irq, kinds[i].option))
            continue;
        if (ioctl(p->vfio->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0 || info.count == 0)
            continue;
        p->n_lines = info.count < PCI_LINES ? info.count : PCI_LINES;
        p->irq_kind = kinds[i].kind;
        p->vfio->irq_index = kinds[i].index;
    }
    if (p->n_lines || !p->o.irq[0])
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "Device \"%s\": the function has no interrupts of the kind %s.", p->dev.name,
                     p->o.irq);
}

/* Vectors [first, first+n) get descriptors, or none where it is -1. */
static int route(const struct lunq_pci *p, unsigned first, const int *fds, unsigned n)
{
    union {
        struct vfio_irq_set set;
        char room[sizeof(struct vfio_irq_set) + PCI_LINES * sizeof(int)];
    } u = {.set = {.argsz = (uint32_t)(sizeof u.set + n * sizeof *fds),
                   .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                   .index = p->vfio->irq_index,
                   .start = first,
                   .count = n}};
    memcpy(u.room + sizeof u.set, fds, n * sizeof *fds);
    return ioctl(p->vfio->fd, VFIO_DEVICE_SET_IRQS, &u);
}

static int failed(const struct lunq_pci *p, unsigned line, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_IO, "irq%u of %s (%s) can't be %s: %s.", line, p->dev.name,
                     p->irq_kind, what, strerror(errno));
}

int vfio_irq_open(struct lunq_pci *p, unsigned line, struct lunq_error *err)
{
    struct vfio *v = p->vfio;
    int fds[PCI_LINES], r;
    p->lines[line].event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->lines[line].event < 0)
        return failed(p, line, "opened", err);
    for (unsigned i = 0; i < p->n_lines; i++)
        fds[i] = p->lines[i].event;
    r = v->routed ? route(p, line, &fds[line], 1) : route(p, 0, fds, p->n_lines);
    if (r < 0) {
        r = failed(p, line, "opened", err);
        close(p->lines[line].event);
        p->lines[line].event = -1;
        return r;
    }
    v->routed = true;
    return 0;
}

static int mask(const struct lunq_pci *p, bool on)
{
    struct vfio_irq_set set = {
        .argsz = sizeof set,
        .flags =
            VFIO_IRQ_SET_DATA_NONE | (on ? VFIO_IRQ_SET_ACTION_MASK : VFIO_IRQ_SET_ACTION_UNMASK),
        .index = VFIO_PCI_INTX_IRQ_INDEX,
        .count = 1,
    };
    return ioctl(p->vfio->fd, VFIO_DEVICE_SET_IRQS, &set);
}

static uint64_t drain(const struct lunq_pci *p, unsigned line)
{
    uint64_t n = 0;
    return read(p->lines[line].event, &n, sizeof n) == sizeof n ? n : 0;
}

/* A message is an edge: one that comes while nobody waits stays in the eventfd. A level that has gone
 * meanwhile is not told any more. */
int vfio_irq_enable(struct lunq_pci *p, unsigned line, bool on, struct lunq_error *err)
{
    struct vfio *v = p->vfio;
    if (v->irq_index != VFIO_PCI_INTX_IRQ_INDEX || v->masked == !on)
        return 0;
    if (on)
        drain(p, line);
    if (mask(p, !on) < 0)
        return failed(p, line, on ? "unmasked" : "masked", err);
    v->masked = !on;
    return 0;
}

int vfio_irq_count(struct lunq_pci *p, unsigned line, uint64_t *count, struct lunq_error *err)
{
    (void)err;
    *count = drain(p, line);
    if (*count && p->vfio->irq_index == VFIO_PCI_INTX_IRQ_INDEX)
        p->vfio->masked = true;
    return 0;
}

void vfio_irq_close(struct lunq_pci *p)
{
    struct vfio_irq_set set = {.argsz = sizeof set,
                               .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER};
    if (!p->vfio || p->vfio->fd < 0)
        return;
    set.index = p->vfio->irq_index;
    if (p->vfio->routed)
        ioctl(p->vfio->fd, VFIO_DEVICE_SET_IRQS, &set); /* count 0: all off */
    p->vfio->routed = false;
    for (unsigned i = 0; i < PCI_LINES; i++) {
        if (p->lines[i].event >= 0)
            close(p->lines[i].event);
        p->lines[i].event = -1;
    }
}
