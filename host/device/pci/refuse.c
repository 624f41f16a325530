/* refuse.c - why a function can't be used, in words that say what to type. Nothing is bound here: a driver
 * that is taken from a function may be the one the disk or the display hangs on. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../core/text.h"
#include "private.h"

enum { TEXT_SIZE = 1200 };

/* Bridges are part of the way, and no card. */
static bool is_bridge(const struct lunq_pci_function *f)
{
    return f->class >> 16 == 0x06;
}

static void say_functions(struct lunq_text *t, const char *root)
{
    enum { MOST = 256, SHOWN = 8 };
    struct lunq_pci_function f[MOST];
    size_t n = lunq_pci_functions(root, f, MOST), shown = 0, more = 0;
    for (size_t i = 0; i < n && i < MOST; i++) {
        if (is_bridge(&f[i]))
            continue;
        if (shown == SHOWN) {
            more++;
            continue;
        }
        lunq_text_add(t, "%s%s (%04x:%04x, %s)", shown++ ? ", " : "", f[i].address, f[i].vendor,
                      f[i].device, f[i].driver[0] ? f[i].driver : "no driver");
    }
    if (more)
        lunq_text_add(t, " and %zu more", more);
    if (!shown)
        lunq_text_add(t, "none");
}

int pci_refuse_absent(const char *root, const char *address, struct lunq_error *err)
{
    char text[TEXT_SIZE] = "";
    struct lunq_text t = {text, sizeof text};
    say_functions(&t, root);
    if (!*address)
        return lunq_fail(err, LUNQ_DEVICE,
                         "No Devices Found: no PCI function has the driver vfio-pci or "
                         "uio_pci_generic. There are: %s. pci:ADDRESS says how to change that.",
                         text);
    return lunq_fail(
        err, LUNQ_DEVICE,
        "No Devices Found: there is no PCI function %s. There are: %s. A card that was "
        "loaded after the boot is seen after echo 1 > /sys/bus/pci/rescan.",
        address, text);
}

/* The commands that give the function to another driver. */
static void say_binding(struct lunq_text *t, const struct lunq_pci_function *f, const char *driver)
{
    const char *a = f->address;
    lunq_text_add(t, "\n  modprobe %s\n  driverctl set-override %s %s", driver, a, driver);
    lunq_text_add(
        t,
        "\nor, where there is no driverctl:\n  echo %s > /sys/bus/pci/devices/%s/driver_override",
        driver, a);
    if (f->driver[0])
        lunq_text_add(t, "\n  echo %s > /sys/bus/pci/devices/%s/driver/unbind", a, a);
    lunq_text_add(t, "\n  echo %s > /sys/bus/pci/drivers_probe", a);
}

/* Where there is a device tree a function has its group only while it has a driver. */
static bool has_iommu(const struct lunq_pci *p)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, p->o.root, "/sys/class/iommu") ? opendir(path) : NULL;
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d)))
        found = e->d_name[0] != '.';
    if (d)
        closedir(d);
    return found || (p->f.group >= 0 && !p->f.noiommu);
}

/* How a user who is not root may open it then. */
static void say_node(struct lunq_text *t, const struct lunq_pci *p)
{
    char group[16] = "GROUP";
    if (p->f.group >= 0)
        snprintf(group, sizeof group, "%d", p->f.group);
    if (has_iommu(p))
        lunq_text_add(t, "\n  chgrp lunq /dev/vfio/%s; chmod 660 /dev/vfio/%s", group, group);
    else
        lunq_text_add(
            t, "\nThis machine has no IOMMU that is on (boot argument intel_iommu=on or "
               "amd_iommu=on): "
               "without one use uio_pci_generic in place of vfio-pci, or, with all that means, "
               "echo 1 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode.");
    if (has_iommu(p) && p->f.group < 0)
        lunq_text_add(t,
                      "\n(GROUP is what readlink /sys/bus/pci/devices/%s/iommu_group ends with.)",
                      p->f.address);
}

int pci_refuse_driver(const struct lunq_pci *p, struct lunq_error *err)
{
    const struct lunq_pci_function *f = &p->f;
    const char *driver = !strcmp(p->o.driver, "uio") ? pci_uio.name : pci_vfio.name;
    char text[TEXT_SIZE] = "";
    struct lunq_text t = {text, sizeof text};
    lunq_text_add(
        &t,
        "%s (%04x:%04x) has %s%s: a program can use it through %s, and LUNQ takes it from nobody "
        "by itself. As root:",
        f->address, f->vendor, f->device, f->driver[0] ? "the driver " : "no driver", f->driver,
        driver);
    say_binding(&t, f, driver);
    if (driver == pci_vfio.name)
        say_node(&t, p);
    return lunq_fail(err, LUNQ_DEVICE, "%s", text);
}

int pci_refuse_node(const struct lunq_pci *p, const char *path, int e, struct lunq_error *err)
{
    const char *a = p->f.address;
    if (e == EACCES || (e == EPERM && !p->f.noiommu))
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "%s can't be opened: %s. %s needs it: chgrp lunq %s; chmod 660 %s (as root, "
            "or by a udev rule), or run as root.",
            path, strerror(e), a, path, path);
    if (e == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "%s can't be opened: %s. Without an IOMMU a program needs CAP_SYS_RAWIO: "
                         "run as root.",
                         path, strerror(e));
    if (e == EBUSY)
        return lunq_fail(err, LUNQ_DEVICE,
                         "%s is in use: another program has %s, or a function of the same IOMMU "
                         "group (fuser -v %s).",
                         path, a, path);
    if (e == ENOENT)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "%s is not there, though %s has the driver %s: is /dev a devtmpfs, or does "
            "this container lack the node?",
            path, a, p->f.driver);
    return lunq_fail(err, LUNQ_DEVICE, "%s can't be opened: %s.", path, strerror(e));
}
