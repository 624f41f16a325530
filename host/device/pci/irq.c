/* irq.c - interrupt lines of a function, "irq0" and on: MSI-X or MSI vectors, or INTx as the only one.
 * The driver's descriptor of a line counts also while nobody has armed it (an MSI that comes meanwhile is
 * kept); so others wait for an epoll, which looks at it only while the line is armed. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "private.h"

unsigned pci_irq_lines(struct lunq_device *d)
{
    return pci_of(d)->n_lines;
}

static int check(const struct lunq_pci *p, unsigned line, struct lunq_error *err)
{
    if (line < p->n_lines)
        return 0;
    if (p->n_lines == 0)
        return lunq_fail(err, LUNQ_VALUE, "%s has no interrupts.", p->dev.name);
    return lunq_fail(err, LUNQ_VALUE, "%s has no interrupt %u: it has %u, irq0 to irq%u (%s).",
                     p->dev.name, line, p->n_lines, p->n_lines - 1, p->irq_kind);
}

static int gate(const struct pci_line *l, int op, bool open)
{
    struct epoll_event e = {.events = open ? EPOLLIN : 0};
    return epoll_ctl(l->gate, op, l->event, &e);
}

static int open_line(struct lunq_pci *p, unsigned line, struct lunq_error *err)
{
    struct pci_line *l = &p->lines[line];
    int r = l->event < 0 ? p->driver->irq_open(p, line, err) : 0; /* else the gate failed before */
    if (r < 0)
        return r;
    l->gate = epoll_create1(EPOLL_CLOEXEC);
    if (l->gate >= 0 && gate(l, EPOLL_CTL_ADD, false) == 0)
        return 0;
    r = lunq_fail(err, LUNQ_IO, "Interrupt %u of %s can't be waited for: %s.", line, p->dev.name,
                  strerror(errno));
    if (l->gate >= 0)
        close(l->gate);
    l->gate = -1;
    return r;
}

static void set_armed(struct pci_line *l, bool on)
{
    if (l->armed != on)
        gate(l, EPOLL_CTL_MOD, on);
    l->armed = on;
}

int pci_irq_arm(struct lunq_device *d, unsigned line, bool on, struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    int r = check(p, line, err);
    if (r == 0 && on)
        r = pci_master_on(p, err); /* a message is a write to memory */
    if (r == 0 && on && p->lines[line].gate < 0)
        r = open_line(p, line, err);
    if (r < 0 || p->lines[line].gate < 0)
        return r;
    r = p->driver->irq_enable(p, line, on, err);
    if (r == 0 || !on)
        set_armed(&p->lines[line], on);
    return r;
}

int pci_irq_take(struct lunq_device *d, unsigned line, uint64_t *count, uint64_t *when,
                 struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    int r;
    *count = *when = 0;
    if (line >= p->n_lines || !p->lines[line].armed)
        return 0;
    r = p->driver->irq_count(p, line, count, err);
    if (r < 0 || *count == 0)
        return r;
    *when = lunq_device_now(NULL);
    set_armed(&p->lines[line], false);
    return 0;
}

int pci_irq_fd(struct lunq_device *d, unsigned line)
{
    const struct lunq_pci *p = pci_of(d);
    return line < p->n_lines ? p->lines[line].gate : -1;
}

void pci_irqs_close(struct lunq_pci *p)
{
    for (unsigned i = 0; i < PCI_LINES; i++) {
        if (p->lines[i].gate >= 0)
            close(p->lines[i].gate);
        p->lines[i].gate = -1;
        p->lines[i].armed = false;
    }
    if (p->driver)
        p->driver->irq_close(p);
}
