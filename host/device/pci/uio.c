/* uio.c - a function through uio_pci_generic: BARs and configuration space are files of sysfs, the only
 * interrupt is INTx. The kernel's handler sets INTx Disable in the command register, and arming clears it
 * again (Documentation/driver-api/uio-howto.rst). No IOMMU translates for the function, and nothing keeps
 * it from memory. */
#include "../uio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

struct uio {
    struct lunq_uio node;
};

/* N of the UIO device of the function; -1: none. */
static int find_node(const struct lunq_pci *p)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, p->o.root, "/sys/bus/pci/devices/%s/uio", p->f.address) ? opendir(path)
                                                                                   : NULL;
    struct dirent *e;
    int n = -1;
    while (d && n < 0 && (e = readdir(d)))
        n = lx_index(e->d_name, "uio");
    if (d)
        closedir(d);
    return n;
}

static int open_file(const struct lunq_pci *p, const char *file, int *fd, struct lunq_error *err)
{
    char path[LX_PATH];
    if (!lx_path(path, p->o.root, "/sys/bus/pci/devices/%s/%s", p->f.address, file))
        return lunq_fail(err, LUNQ_VALUE, "The path of %s of %s is too long.", file, p->f.address);
    *fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
    return *fd >= 0 ? 0 : pci_refuse_node(p, path, errno, err);
}

static int open_bars(struct lunq_pci *p, struct lunq_error *err)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i < PCI_BARS; i++) {
        char file[16];
        snprintf(file, sizeof file, "resource%u", i);
        if (p->bars[i].size)
            r = open_file(p, file, &p->bars[i].fd, err);
        p->bars[i].mappable = !p->bars[i].io;
    }
    return r;
}

/* What an earlier program left behind. Not every function can be reset, and not everybody may. */
static void reset(const struct lunq_pci *p)
{
    char path[LX_PATH];
    if (lx_path(path, p->o.root, "/sys/bus/pci/devices/%s/reset", p->f.address))
        lx_write(path, "1");
}

static void find_interrupt(struct lunq_pci *p)
{
    char path[LX_PATH];
    uint64_t irq = 0;
    if (!lx_path(path, p->o.root, "/sys/bus/pci/devices/%s/irq", p->f.address) ||
        !lx_read_number(path, &irq) || irq == 0)
        return;
    p->n_lines = 1;
    p->irq_kind = "INTx";
}

static int uio_open(struct lunq_pci *p, struct lunq_error *err)
{
    char path[LX_PATH];
    int n = find_node(p), r;
    if (n < 0)
        return lunq_fail(err, LUNQ_DEVICE,
                         "%s has the driver uio_pci_generic, but no UIO device: dmesg says why.",
                         p->f.address);
    if (p->o.irq[0] && strcmp(p->o.irq, "intx"))
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": uio_pci_generic has irq=intx alone; vfio-pci has msi and "
                         "msix.",
                         p->dev.name);
    if (!(p->uio = calloc(1, sizeof *p->uio)))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    p->uio->node.fd = -1;
    if (lx_path(path, p->o.root, "/dev/uio%d", n) && access(path, R_OK | W_OK) < 0)
        return pci_refuse_node(p, path, errno, err);
    r = lunq_uio_open(&p->uio->node, p->o.root, (unsigned)n, err);
    if (r == 0)
        r = open_file(p, "config", &p->config_fd, err);
    if (r == 0)
        r = open_bars(p, err);
    if (r < 0)
        return r;
    reset(p);
    find_interrupt(p);
    return 0;
}

static void uio_close(struct lunq_pci *p)
{
    if (!p->uio)
        return;
    if (p->config_fd >= 0) {
        reset(p);
        close(p->config_fd);
    }
    for (unsigned i = 0; i < PCI_BARS; i++)
        if (p->bars[i].fd >= 0)
            close(p->bars[i].fd);
    lunq_uio_close(&p->uio->node);
    free(p->uio);
    p->uio = NULL;
}

/* ---- interrupts ----------------------------------------------------------------------------- */

static int irq_open(struct lunq_pci *p, unsigned line, struct lunq_error *err)
{
    (void)err;
    p->lines[line].event = p->uio->node.fd;
    return 0;
}

static int irq_enable(struct lunq_pci *p, unsigned line, bool on, struct lunq_error *err)
{
    uint64_t stale;
    int r = on ? lunq_uio_take(&p->uio->node, &stale, err) : 0;
    (void)line;
    return r < 0 ? r : pci_intx(p, on, err);
}

static int irq_count(struct lunq_pci *p, unsigned line, uint64_t *count, struct lunq_error *err)
{
    (void)line;
    return lunq_uio_take(&p->uio->node, count, err);
}

static void irq_close(struct lunq_pci *p)
{
    if (p->uio && p->lines[0].event >= 0)
        pci_intx(p, false, NULL);
    p->lines[0].event = -1;
}

const struct pci_driver pci_uio = {
    .name = "uio_pci_generic",
    .option = "uio",
    .open = uio_open,
    .close = uio_close,
    .irq_open = irq_open,
    .irq_enable = irq_enable,
    .irq_count = irq_count,
    .irq_close = irq_close,
};
