/* bars.c - the BARs of a function as windows of registers. An address is in one by itself (PCI_BAR_BASE),
 * or because a design, or an option, says so. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

struct place {
    const struct pci_bar *bar;
    unsigned number;
    uint64_t offset;
};

/* "bar0 (1M), bar2 (64K)" */
static const char *list_bars(const struct lunq_pci *p, char *text, size_t size)
{
    size_t at = 0;
    text[0] = 0;
    for (unsigned i = 0; i < PCI_BARS && at < size; i++) {
        uint64_t n = p->bars[i].size;
        const char *unit = n % (1 << 20) == 0 ? "M" : n % (1 << 10) == 0 ? "K" : " bytes";
        if (n)
            at += (size_t)snprintf(text + at, size - at, "%s%s (%" PRIu64 "%s%s)", at ? ", " : "",
                                   p->bars[i].name,
                                   n >> (*unit == 'M'   ? 20
                                         : *unit == 'K' ? 10
                                                        : 0),
                                   unit, p->bars[i].io ? ", ports" : "");
    }
    return at ? text : "none";
}

static int not_there(const struct lunq_pci *p, uint64_t addr, uint64_t size, struct lunq_error *err)
{
    char text[256];
    list_bars(p, text, sizeof text);
    if (addr >= PCI_BAR_BASE && addr < PCI_BAR_BASE + PCI_BARS * PCI_BAR_STEP)
        return lunq_fail(err, LUNQ_INDEX,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " are not in bar%u of %s: it has %s.",
                         size, (addr - PCI_BAR_BASE) % PCI_BAR_STEP,
                         (unsigned)((addr - PCI_BAR_BASE) / PCI_BAR_STEP), p->dev.name, text);
    return lunq_fail(
        err, LUNQ_INDEX, "No BAR of %s leads to 0x%" PRIx64 " (0x%" PRIx64 " bytes): it has %s. %s",
        p->dev.name, addr, size, text,
        p->n_segments ? "What a PCIe bridge reaches by DMA alone is not there; bar=N&base=ADDRESS "
                        "in the device's name says where a BAR begins when the metadata is wrong."
                      : "No PCIe bridge of the design says where they lead: say it by "
                        "bar=N&base=ADDRESS in the device's name, or name the BAR: "
                        "lunq.MMIO(\"bar0\").");
}

static bool find(const struct lunq_pci *p, uint64_t addr, uint64_t size, struct place *at)
{
    uint64_t end = PCI_BAR_BASE + PCI_BARS * PCI_BAR_STEP;
    at->number = PCI_BARS;
    if (addr >= PCI_BAR_BASE && addr < end) {
        at->number = (unsigned)((addr - PCI_BAR_BASE) / PCI_BAR_STEP);
        at->offset = (addr - PCI_BAR_BASE) % PCI_BAR_STEP;
    }
    for (size_t i = 0; i < p->n_segments && at->number == PCI_BARS; i++) {
        const struct pci_segment *s = &p->segments[i];
        if (addr >= s->base && addr - s->base < s->size && s->size - (addr - s->base) >= size) {
            at->number = s->bar;
            at->offset = s->offset + (addr - s->base);
        }
    }
    if (at->number == PCI_BARS)
        return false;
    at->bar = &p->bars[at->number];
    return at->offset <= at->bar->size && at->bar->size - at->offset >= size;
}

bool pci_range(struct lunq_device *d, size_t i, struct lunq_device_range *range)
{
    const struct lunq_pci *p = pci_of(d);
    for (unsigned n = 0; n < PCI_BARS; n++)
        if (p->bars[n].size && i-- == 0) {
            *range = (struct lunq_device_range){p->bars[n].name, PCI_BAR_BASE + n * PCI_BAR_STEP,
                                                p->bars[n].size};
            return true;
        }
    return false;
}

/* ---- mapped -------------------------------------------------------------------------------- */

volatile uint8_t *pci_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                          struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    struct lunq_mapping *m;
    struct place at;
    uint64_t start, skip;
    int fd;
    if (size == 0 || !find(p, addr, size, &at)) {
        not_there(p, addr, size, err);
        return NULL;
    }
    if (!at.bar->mappable)
        return NULL; /* accesses go through read and write */
    start = at.bar->offset + at.offset;
    skip = start % lunq_page_size();
    fd = fcntl(at.bar->fd, F_DUPFD_CLOEXEC, 0);
    m = fd < 0 ? NULL
               : lunq_mapping_add(&p->maps, fd, start - skip, skip, size, addr, at.bar->name);
    if (m)
        return m->ptr;
    lunq_fail(err, LUNQ_IO, "0x%" PRIx64 " bytes of %s of %s can't be mapped: %s.", size,
              at.bar->name, p->dev.name, strerror(errno));
    return NULL;
}

void pci_unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size)
{
    (void)size;
    lunq_mapping_remove(&pci_of(d)->maps, ptr);
}

int pci_bus_error(struct lunq_device *d, const void *host, struct lunq_error *err)
{
    const struct lunq_pci *p = pci_of(d);
    uint64_t addr = 0;
    const struct lunq_mapping *m = lunq_mapping_find(p->maps, host, &addr);
    struct place at;
    if (!m)
        lunq_fail(err, LUNQ_IO, "Bus error in a window of %s that is closed.", d->name);
    else
        lunq_fail(
            err, LUNQ_IO,
            "Bus error (SIGBUS) at 0x%" PRIx64 ", offset 0x%" PRIx64
            " of %s of %s: nothing answers there. Is something at this address of the BAR, does "
            "it have its clock, has the card lost its link?",
            addr, find(p, addr, 1, &at) ? at.offset : 0, m->how, p->f.address);
    return lunq_fault(err);
}

/* ---- by system calls ------------------------------------------------------------------------ */

/* Ports, and BARs the kernel does not let anybody map: one read or write of the driver's file is one
 * access of that width, of 4 bytes at most. A BAR that can be mapped comes here when that has failed. */
static int reach(struct lunq_pci *p, uint64_t addr, unsigned width, struct place *at,
                 struct lunq_error *err)
{
    if (!find(p, addr, width, at))
        return not_there(p, addr, width, err);
    if (at->bar->mappable)
        return lunq_fail(err, LUNQ_IO, "The window at 0x%" PRIx64 " of %s could not be mapped.",
                         addr, p->dev.name);
    if (width > 4)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "%s of %s can't be mapped: it is accessed in 1, 2 or 4 bytes, not %u.",
                         at->bar->name, p->dev.name, width);
    return 0;
}

static int failed(const struct lunq_pci *p, const struct place *at, const char *what,
                  struct lunq_error *err)
{
    lunq_fail(err, LUNQ_IO, "Offset 0x%" PRIx64 " of %s of %s can't be %s: %s.", at->offset,
              at->bar->name, p->dev.name, what, strerror(errno ? errno : EIO));
    return lunq_fault(err);
}

int pci_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
             struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    struct place at;
    uint8_t b[4] = {0};
    int r = reach(p, addr, width, &at, err);
    if (r < 0)
        return r;
    errno = 0;
    if (pread(at.bar->fd, b, width, (off_t)(at.bar->offset + at.offset)) != (ssize_t)width)
        return failed(p, &at, "read", err);
    *value = 0;
    for (unsigned i = 0; i < width; i++) /* PCI is little endian, and so are these files */
        *value |= (uint64_t)b[i] << 8 * i;
    return 0;
}

int pci_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
              struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    struct place at;
    uint8_t b[4];
    int r = reach(p, addr, width, &at, err);
    if (r < 0)
        return r;
    for (unsigned i = 0; i < width; i++)
        b[i] = (uint8_t)(value >> 8 * i);
    errno = 0;
    if (pwrite(at.bar->fd, b, width, (off_t)(at.bar->offset + at.offset)) != (ssize_t)width)
        return failed(p, &at, "written", err);
    return 0;
}
