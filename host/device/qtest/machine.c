#include "machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Addresses and lines: hw/microblaze/petalogix_{ml605_mmu,s3adsp1800_mmu}.c of QEMU 7.2, and its
 * "info mtree". park: `mbar 16` (sleep) and a branch back to it, in the byte order of the machine. */
static const struct qt_machine machines[] = {
    {.name = "petalogix-ml605",
     .binary = "qemu-system-microblazeel",
     .park = "data=0xb800fffcba020004,data-len=8",
     .cpu = "/machine/unattached/device[0]",
     .intc = "/machine/unattached/device[2]",
     .dma = 0x84600000,
     .ethernet = 0x82780000,
     .ram = 0x50000000,
     .ram_mib = 128,
     .windows = {{"ram", 0x50000000, 128u << 20},
                 {"axi_intc", 0x81800000, 0x20},
                 {"axi_timer", 0x83c00000, 0x20},
                 {"axi_dma", 0x84600000, 0x60},
                 {"axi_ethernet", 0x82780000, 0x40000},
                 {"axi_quad_spi", 0x40a00000, 0x7c},
                 {"axi_uart16550", 0x83e01000, 0x20}}},
    {.name = "petalogix-s3adsp1800",
     .binary = "qemu-system-microblaze",
     .park = "data=0xba020004b800fffc,data-len=8,data-be=on",
     .cpu = "/machine/unattached/device[0]",
     .intc = "/machine/unattached/device[2]",
     .ram = 0x90000000,
     .ram_mib = 128,
     .windows = {{"ram", 0x90000000, 128u << 20},
                 {"axi_intc", 0x81800000, 0x20},
                 {"axi_timer", 0x83c00000, 0x20},
                 {"axi_uartlite", 0x84000000, 0x10},
                 {"axi_ethernetlite", 0x81000000, 0x2000}}},
};
#define N_MACHINES (sizeof machines / sizeof *machines)
#define N_WINDOWS (sizeof machines[0].windows / sizeof machines[0].windows[0])

static bool is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && !memcmp(s, word, n);
}

static int parse_machine(struct qt_config *c, const char *s, size_t n, const char *spec,
                         struct lunq_error *err)
{
    char list[256] = "";
    for (size_t i = 0; i < N_MACHINES; i++) {
        size_t at = strlen(list);
        if (is(s, n, machines[i].name)) {
            c->machine = &machines[i];
            return 0;
        }
        snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", machines[i].name);
    }
    return lunq_fail(err, LUNQ_VALUE, "Device \"%s\": unknown machine \"%.*s\". There are %s.",
                     spec, (int)n, s, list);
}

static int parse_option(struct qt_config *c, const char *s, size_t n, const char *spec,
                        struct lunq_error *err)
{
    const char *eq = memchr(s, '=', n);
    size_t k = eq ? (size_t)(eq - s) : n, m = eq ? n - k - 1 : 0;
    if (is(s, k, "raw") && m == 1 && (eq[1] == '0' || eq[1] == '1')) {
        c->raw = eq[1] == '1';
        return 0;
    }
    /* QEMU takes the path as part of a list that commas separate. */
    if (is(s, k, "serial") && m > 0 && m < sizeof c->serial && !memchr(eq + 1, ',', m)) {
        memcpy(c->serial, eq + 1, m);
        c->serial[m] = 0;
        return 0;
    }
    return lunq_fail(err, LUNQ_VALUE,
                     "Device \"%s\": \"%.*s\" is no option of a qtest device, which knows raw=0|1 "
                     "and serial=PATH (of a socket; without commas).",
                     spec, (int)n, s);
}

int qt_config_parse(struct qt_config *c, const char *spec, struct lunq_error *err)
{
    const char *s = spec + strlen("qtest");
    int r = 0;
    *c = (struct qt_config){.machine = machines};
    if (*s == ':') {
        size_t n = strcspn(++s, "?");
        r = parse_machine(c, s, n, spec, err);
        s += n;
    }
    for (; r == 0 && *s; s += strcspn(s, "&")) {
        s++; /* the ? or & */
        r = parse_option(c, s, strcspn(s, "&"), spec, err);
    }
    return r;
}

const struct qt_window *qt_machine_window(const struct qt_machine *m, uint64_t addr, uint64_t n)
{
    for (size_t i = 0; i < N_WINDOWS && m->windows[i].name; i++) {
        const struct qt_window *w = &m->windows[i];
        if (addr >= w->base && addr - w->base < w->size && w->size - (addr - w->base) >= n)
            return w;
    }
    return NULL;
}

const char *qt_machine_list(const struct qt_machine *m, char *text, size_t size)
{
    size_t at = 0;
    text[0] = 0;
    for (size_t i = 0; i < N_WINDOWS && m->windows[i].name && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s 0x%" PRIx64, i ? ", " : "",
                               m->windows[i].name, m->windows[i].base);
    return text;
}
