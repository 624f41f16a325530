/* function.c - functions of PCI as /sys/bus/pci/devices shows them (Documentation/ABI/testing/
 * sysfs-bus-pci). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/* The last part of what a link of the function leads to; "": there is no such link. */
static void link_name(const char *root, const char *address, const char *link, char *name,
                      size_t size)
{
    char path[LX_PATH], to[LX_PATH], *slash;
    ssize_t n = lx_path(path, root, "/sys/bus/pci/devices/%s/%s", address, link)
                    ? readlink(path, to, sizeof to - 1)
                    : -1;
    name[0] = 0;
    if (n < 0)
        return;
    to[n] = 0;
    slash = strrchr(to, '/');
    slash = slash ? slash + 1 : to;
    if (strlen(slash) < size)
        strcpy(name, slash);
}

static bool number(const char *root, const char *address, const char *file, unsigned *n)
{
    char path[LX_PATH];
    uint64_t value;
    if (!lx_path(path, root, "/sys/bus/pci/devices/%s/%s", address, file) ||
        !lx_read_number(path, &value) || value > UINT32_MAX)
        return false;
    *n = (unsigned)value;
    return true;
}

bool pci_function_read(const char *root, const char *address, struct lunq_pci_function *f)
{
    char path[LX_PATH], text[32];
    *f = (struct lunq_pci_function){.group = -1};
    if (strlen(address) >= sizeof f->address || !number(root, address, "vendor", &f->vendor) ||
        !number(root, address, "device", &f->device))
        return false;
    strcpy(f->address, address);
    number(root, address, "class", &f->class);
    link_name(root, address, "driver", f->driver, sizeof f->driver);
    link_name(root, address, "iommu_group", text, sizeof text);
    if (text[0] >= '0' && text[0] <= '9')
        f->group = (int)strtol(text, NULL, 10);
    f->noiommu = f->group >= 0 &&
                 lx_path(path, root, "/sys/kernel/iommu_groups/%d/name", f->group) &&
                 lx_read(path, text, sizeof text) && !strcmp(text, "vfio-noiommu");
    f->usable = !strcmp(f->driver, pci_vfio.name) || !strcmp(f->driver, pci_uio.name);
    return true;
}

/* IORESOURCE_IO, IORESOURCE_MEM of include/linux/ioport.h */
enum { PORTS = 0x100, MEMORY = 0x200 };

/* A line for each BAR: first and last address, flags. The upper half of a 64-bit BAR is all 0. */
void pci_bars_read(struct lunq_pci *p)
{
    char path[LX_PATH], text[2048], *line = text;
    bool read = lx_path(path, p->o.root, "/sys/bus/pci/devices/%s/resource", p->f.address) &&
                lx_read(path, text, sizeof text);
    for (unsigned i = 0; i < PCI_BARS; i++) {
        unsigned long long first = 0, last = 0, flags = 0;
        struct pci_bar *b = &p->bars[i];
        snprintf(b->name, sizeof b->name, "bar%u", i);
        b->fd = -1;
        if (!read || !line || sscanf(line, "%llx %llx %llx", &first, &last, &flags) != 3)
            continue;
        if (flags & (PORTS | MEMORY) && last >= first && last - first < PCI_BAR_STEP)
            b->size = last - first + 1;
        b->io = flags & PORTS;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
}

static int by_address(const void *a, const void *b)
{
    const struct lunq_pci_function *x = a, *y = b;
    size_t n = strlen(x->address), m = strlen(y->address); /* domains of more than four digits */
    return n != m ? (n > m) - (n < m) : strcmp(x->address, y->address);
}

size_t lunq_pci_functions(const char *root, struct lunq_pci_function *f, size_t max)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, root, "/sys/bus/pci/devices") ? opendir(path) : NULL;
    struct lunq_pci_function one;
    struct dirent *e;
    size_t n = 0;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.' || !pci_function_read(root, e->d_name, &one))
            continue;
        if (n < max)
            f[n] = one;
        n++;
    }
    if (d)
        closedir(d);
    qsort(f, n < max ? n : max, sizeof *f, by_address);
    return n;
}
