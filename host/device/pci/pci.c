#include "pci.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lockfile.h"
#include "private.h"

static const struct pci_driver *const drivers[] = {&pci_vfio, &pci_uio};
#define N_DRIVERS (sizeof drivers / sizeof *drivers)

/* ---- its text ------------------------------------------------------------------------------- */

/* "65:00.1" and "0000:65:00.1" as sysfs writes it. */
static bool read_address(const char *s, size_t n, char address[16])
{
    unsigned domain = 0, bus, slot, function;
    char text[16], more;
    if (n >= sizeof text)
        return false;
    memcpy(text, s, n);
    text[n] = 0;
    if (text[strspn(text, "0123456789abcdefABCDEF:.")])
        return false;
    if (sscanf(text, "%x:%x:%x.%x%c", &domain, &bus, &slot, &function, &more) != 4) {
        domain = 0;
        if (sscanf(text, "%x:%x.%x%c", &bus, &slot, &function, &more) != 3)
            return false;
    }
    if (domain > 0xffffff || bus > 0xff || slot > 0x1f || function > 7)
        return false;
    snprintf(address, 16, "%04x:%02x:%02x.%x", domain, bus, slot, function);
    return true;
}

/* One of the words of a colon list. */
static bool one_of(const char *s, size_t n, const char *words)
{
    for (const char *w = words; *w; w += strcspn(w, ":"), w += *w == ':')
        if (strcspn(w, ":") == n && !memcmp(w, s, n))
            return true;
    return false;
}

static bool word(const char *s, size_t n, const char *name, const char *words, char *value)
{
    size_t len = strlen(name);
    if (n <= len || memcmp(s, name, len) || !one_of(s + len, n - len, words))
        return false;
    memcpy(value, s + len, n - len);
    value[n - len] = 0;
    return true;
}

static bool number(const char *s, size_t n, const char *name, uint64_t max, uint64_t *value)
{
    size_t len = strlen(name);
    char text[32], *end;
    if (n <= len || n - len >= sizeof text || memcmp(s, name, len) || !isdigit(s[len]))
        return false;
    memcpy(text, s + len, n - len);
    text[n - len] = 0;
    *value = strtoull(text, &end, 0);
    return *end == 0 && *value <= max;
}

static bool option(struct pci_options *o, const char *s, size_t n)
{
    uint64_t value;
    if (n > 5 && !memcmp(s, "root=", 5) && n - 5 < sizeof o->root) {
        memcpy(o->root, s + 5, n - 5);
        o->root[n - 5] = 0;
    } else if (number(s, n, "bar=", PCI_BARS - 1, &value)) {
        o->bar = (int)value;
    } else if (number(s, n, "base=", PCI_BAR_BASE - 1, &value)) {
        o->base = value;
        o->has_base = true;
    } else {
        return word(s, n, "driver=", "vfio:uio", o->driver) ||
               word(s, n, "memory=", "iommu:hugetlb", o->memory) ||
               word(s, n, "irq=", "msix:msi:intx", o->irq);
    }
    return true;
}

/* address "": none is said. */
static int parse(struct pci_options *o, char address[16], const char *spec, struct lunq_error *err)
{
    const char *s = spec + strlen("pci");
    size_t n = strcspn(s, "?");
    *o = (struct pci_options){.bar = -1};
    address[0] = 0;
    if (n > 1 && !(*s == ':' && read_address(s + 1, n - 1, address)))
        return lunq_fail(
            err, LUNQ_VALUE,
            "\"%s\" names no PCI function: write pci:BUS:DEVICE.FUNCTION as lspci shows "
            "it, as in pci:65:00.0 or pci:0000:65:00.0.",
            spec);
    for (s += n; *s; s += strcspn(s, "&")) {
        s++;
        if (!option(o, s, strcspn(s, "&")))
            return lunq_fail(
                err, LUNQ_VALUE,
                "Device \"%s\": unknown option \"%.*s\". It knows driver=vfio or uio, irq=msix, "
                "msi "
                "or intx, memory=iommu or hugetlb, bar=N and base=ADDRESS (the address in the "
                "design "
                "that BAR N begins at), and root=DIR (/proc, /sys and /dev below a folder, for "
                "tests).",
                spec, (int)strcspn(s, "&"), s);
    }
    return 0;
}

int lunq_pci_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err)
{
    enum { MOST = 256 };
    struct lunq_pci_function f[MOST];
    const char *options = spec + strcspn(spec, "?");
    struct pci_options o;
    char address[16];
    size_t n, used = 0;
    int r = parse(&o, address, spec, err);
    if (r < 0)
        return r;
    if (*address) {
        if (max > 0)
            snprintf(names[0], sizeof names[0], "%s", spec);
        return 1;
    }
    n = lunq_pci_functions(o.root, f, MOST);
    for (size_t i = 0; i < n && i < MOST; i++) {
        int len = !f[i].usable || used++ >= max ? 0
                                                : snprintf(names[used - 1], sizeof names[0],
                                                           "pci:%s%s", f[i].address, options);
        if (len >= (int)sizeof names[0])
            return lunq_fail(err, LUNQ_VALUE, "The name of a device has at most %d characters.",
                             LUNQ_DEVICE_NAME - 1);
    }
    return used ? (int)used : pci_refuse_absent(o.root, "", err);
}

/* ---- a design -------------------------------------------------------------------------------- */

static int dev_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    if (p->region)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "Device %s can't load a partial design: a bitstream gets to a card by JTAG, "
            "its flash memory, or an IP of its own.",
            d->name);
    if (p->bitstream)
        lunq_warn(
            "user",
            "The bitstream is not loaded: %s takes the card as it is (JTAG, flash memory), and "
            "the metadata for what is in it.",
            d->name);
    return pci_segments_find(pci_of(d), p->design, err);
}

/* ---- those that are open ---------------------------------------------------------------------- */

/* A function is one thing: two handles would reset it under each other. */
static struct lunq_pci *open_ones;

static int remember(struct lunq_pci *p, struct lunq_error *err)
{
    for (const struct lunq_pci *o = open_ones; o; o = o->next)
        if (!strcmp(o->f.address, p->f.address) && !strcmp(o->o.root, p->o.root))
            return lunq_fail(err, LUNQ_DEVICE,
                             "%s is open in this program already, as %s: use that device "
                             "(lunq.Device.devices), or close it first.",
                             p->f.address, o->dev.name);
    p->next = open_ones;
    open_ones = p;
    return 0;
}

static void forget(struct lunq_pci *p)
{
    struct lunq_pci **o = &open_ones;
    while (*o && *o != p)
        o = &(*o)->next;
    if (*o)
        *o = p->next;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* In this order: nothing interrupts any more, the function writes no more, and only then goes what it
 * could have written to. */
static void dev_destroy(struct lunq_device *d)
{
    struct lunq_pci *p = pci_of(d);
    pci_irqs_close(p);
    pci_config_close(p);
    lunq_mapping_close(&p->maps);
    if (p->memory)
        p->memory->close(p);
    if (p->driver)
        p->driver->close(p);
    forget(p);
    lunq_lockfile_release(p->lock);
    free(p->segments);
    free(p);
}

static const struct lunq_device_ops ops = {
    .kind = "pci",
    .destroy = dev_destroy,
    .program = dev_program,
    .read = pci_read,
    .write = pci_write,
    .map = pci_map,
    .unmap = pci_unmap,
    .bus_error = pci_bus_error,
    .range = pci_range,
    .alloc = pci_alloc,
    .free = pci_free,
    .sync = pci_sync,
    .irq_lines = pci_irq_lines,
    .irq_arm = pci_irq_arm,
    .irq_take = pci_irq_take,
    .irq_fd = pci_irq_fd,
};

/* Where every BAR can be mapped nothing else is needed: a window that could not be mapped says why then. */
static const struct lunq_device_ops *table(const struct lunq_pci *p)
{
    static struct lunq_device_ops mapped;
    for (unsigned i = 0; i < PCI_BARS; i++)
        if (p->bars[i].size && !p->bars[i].mappable)
            return &ops;
    mapped = ops;
    mapped.read = NULL;
    mapped.write = NULL;
    return &mapped;
}

/* Which driver reaches it: the one it has. */
static int choose(struct lunq_pci *p, struct lunq_error *err)
{
    for (size_t i = 0; i < N_DRIVERS; i++)
        if (!strcmp(p->f.driver, drivers[i]->name) &&
            (!p->o.driver[0] || !strcmp(p->o.driver, drivers[i]->option)))
            p->driver = drivers[i];
    return p->driver ? 0 : pci_refuse_driver(p, err);
}

/* Another program's handle would do the same: uio_pci_generic lets any number open the function, and stops
 * its DMA when one of them goes. Where there is no folder for locks there is none. */
static int lock(struct lunq_pci *p, struct lunq_error *err)
{
    char folder[LX_PATH], name[32], what[48];
    bool shared;
    if (!lunq_run_folder(p->o.root, folder, &shared))
        return 0;
    snprintf(name, sizeof name, "pci/%s", p->f.address);
    snprintf(what, sizeof what, "PCI function %s", p->f.address);
    return lunq_lockfile_take(&p->lock, folder, name, what, true, err) == LUNQ_DEVICE ? LUNQ_DEVICE
                                                                                      : 0;
}

static int set_up(struct lunq_pci *p, const char *address, struct lunq_error *err)
{
    int r;
    if (!pci_function_read(p->o.root, address, &p->f))
        return pci_refuse_absent(p->o.root, address, err);
    if ((r = choose(p, err)) < 0 || (r = remember(p, err)) < 0 || (r = lock(p, err)) < 0)
        return r;
    pci_bars_read(p);
    if ((r = p->driver->open(p, err)) < 0 || (r = pci_config_open(p, err)) < 0)
        return r;
    p->dev.ops = table(p);
    return pci_segments_find(p, NULL, err);
}

static int open_function(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    char address[16], name[1][LUNQ_DEVICE_NAME];
    struct pci_options o;
    struct lunq_pci *p;
    int r = lunq_pci_list(spec, name, 1, err);
    if (r >= 0)
        r = parse(&o, address, name[0], err);
    if (r < 0)
        return r;
    p = calloc(1, sizeof *p);
    if (!p)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&p->dev, &ops, name[0]);
    p->o = o;
    p->config_fd = -1;
    for (unsigned i = 0; i < PCI_BARS; i++)
        p->bars[i].fd = -1;
    for (unsigned i = 0; i < PCI_LINES; i++)
        p->lines[i].event = p->lines[i].gate = -1;
    p->bank.name = "HOST";
    p->dev.banks = &p->bank;
    p->dev.n_banks = 1;
    r = set_up(p, address, err);
    if (r < 0) {
        dev_destroy(&p->dev);
        return r;
    }
    *out = &p->dev;
    return 0;
}

int lunq_pci_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct lunq_error e; /* what is called looks into it */
    int r = open_function(out, spec, &e);
    if (r < 0 && err)
        *err = e;
    return r;
}
