/* open.c - which devices this build has, and how the string that names one is read. */
#include <stdio.h>
#include <string.h>

#include "../core/device.h"
#include "linux/linux.h"
#include "pci/pci.h"
#include "qtest/qtest.h"
#include "record/record.h"
#include "rtl/rtl.h"
#include "sim/sim.h"
#include "xrt/xrt.h"

struct opener {
    const char *prefix;
    int (*open)(struct lunq_device **out, const char *spec, struct lunq_error *err);
    const char *what;
    /* As lunq_device_list; NULL: a text stands for one device, itself. */
    int (*list)(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                struct lunq_error *err);
};

/* A new kind of device is a folder beside this file and a line here. */
static const struct opener openers[] = {
    {"sim", lunq_sim_open,
     "sim, sim:zynq7000, sim:zynqmp, sim:alveo, sim:alveo*4 (simulated, with options such as "
     "?seed=7&coherent=0&ddr=512M)",
     lunq_sim_list},
    {"linux", lunq_linux_open, "linux (the board this runs on)", NULL},
    {"qtest", lunq_qtest_open,
     "qtest:petalogix-ml605, qtest:petalogix-s3adsp1800 (models of QEMU, which must be installed)",
     NULL},
    {"pci", lunq_pci_open,
     "pci:65:00.0 (a function of PCI Express, through vfio-pci or uio_pci_generic)", lunq_pci_list},
#ifndef LUNQ_STATIC /* which can't load libraries */
    {"xrt", lunq_xrt_open, "xrt:0, xrt:0000:65:00.1 (cards under AMD's XRT)", lunq_xrt_list},
    {"rtl", lunq_rtl_open, "rtl:FILE (RTL that lunq rtl build compiled)", NULL},
#endif
    {"record", lunq_record_open, "record:FILE:DEVICE (writes down what DEVICE is asked)", NULL},
    {"replay", lunq_replay_open, "replay:FILE (answers as that was)", NULL},
};
#define N_OPENERS (sizeof openers / sizeof *openers)

/* Kinds that other builds may have: they get a better answer than a typing mistake. */
static const char *const known_kinds[] = {
#ifdef LUNQ_STATIC
    "xrt", "rtl",
#endif
    NULL};

static int no_such_kind(const char *spec, int n, struct lunq_error *err)
{
    char list[512] = "";
    for (size_t i = 0; i < N_OPENERS; i++) {
        size_t at = strlen(list);
        snprintf(list + at, sizeof list - at, "%s%s", i ? "; " : "", openers[i].what);
    }
    for (size_t i = 0; known_kinds[i]; i++)
        if ((int)strlen(known_kinds[i]) == n && !memcmp(known_kinds[i], spec, (size_t)n))
            return lunq_fail(err, LUNQ_DEVICE,
                             "No Devices Found: this build has no \"%.*s\" devices (asked for "
                             "\"%s\"). It has: %s. lunq doctor says what this machine has.",
                             n, spec, spec, list);
    return lunq_fail(err, LUNQ_VALUE,
                     "\"%s\" names no device: there is no kind \"%.*s\". This build has: %s.", spec,
                     n, spec, list);
}

const char *lunq_device_kind(size_t i)
{
    return i < N_OPENERS ? openers[i].prefix : NULL;
}

const char *lunq_device_kind_elsewhere(size_t i)
{
    size_t n = 0;
    while (n < i && known_kinds[n])
        n++;
    return known_kinds[n];
}

static int find_opener(const char *spec, const struct opener **o, struct lunq_error *err)
{
    size_t n = strcspn(spec, ":?");
    if (strlen(spec) >= LUNQ_DEVICE_NAME)
        return lunq_fail(err, LUNQ_VALUE, "The name of a device has at most %d characters.",
                         LUNQ_DEVICE_NAME - 1);
    for (size_t i = 0; i < N_OPENERS; i++) {
        *o = &openers[i];
        if (strlen(openers[i].prefix) == n && !memcmp(openers[i].prefix, spec, n))
            return 0;
    }
    return no_such_kind(spec, (int)n, err);
}

int lunq_device_choose(struct lunq_choice *c, const char *asked, const char *root,
                       struct lunq_error *err)
{
    int n, here;
    if (!root)
        root = "";
    *c = (struct lunq_choice){.spec = asked, .why = "as asked for"};
    if (asked && *asked)
        return 0;
    c->spec = "sim";
    here = lunq_linux_here(root, c->why, sizeof c->why, err);
    if (here == 0)
        return 0;
    n = snprintf(c->buffer, sizeof c->buffer, *root ? "linux?root=%s" : "linux", root);
    c->spec = c->buffer;
    if (here > 0 && (size_t)n >= sizeof c->buffer)
        return lunq_fail(err, LUNQ_VALUE, "The folder to look for a board in is too long: %s.",
                         root);
    return here < 0 ? here : 0;
}

int lunq_device_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    const struct opener *o;
    int r = find_opener(spec, &o, err);
    *out = NULL;
    return r < 0 ? r : o->open(out, spec, err);
}

int lunq_device_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                     struct lunq_error *err)
{
    const struct opener *o;
    int r = find_opener(spec, &o, err);
    if (r < 0)
        return r;
    if (o->list)
        return o->list(spec, names, max, err);
    if (max > 0)
        snprintf(names[0], sizeof names[0], "%s", spec);
    return 1;
}
