/* bridge.c - where the IP of a design are in the BARs. A PCIe bridge adds a constant to the offset in a BAR
 * to make an AXI address of it; the constants are parameters of the IP:
 *   xdma (PG195)           BAR of M_AXI_LITE when axilite_master_en, then its own DMA registers, then
 *                          M_AXI_BYPASS when axist_bypass_en, in the BARs there are, in this order;
 *                          pciebar2axibar_axil_master, pciebar2axibar_axist_bypass
 *   xdma as AXI_Bridge     BAR n: pciebar2axibar_n
 *   axi_pcie, axi_pcie3 (PG055, PG194)   BAR n: C_PCIEBAR2AXIBAR_n
 *   qdma (PG302)           BAR n: pf0_pciebar2axibar_n, unless pf0_barn_type_qdma is DMA
 * None of this has met such a card yet. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

/* What a BAR leads to. */
struct way {
    unsigned bar;
    uint64_t base;         /* AXI address of its first byte */
    const char *interface; /* of the bridge it comes out at; NULL: any */
};

struct ways {
    struct way list[PCI_BARS];
    size_t n;
};

static bool is_true(const struct lunq_module *m, const char *name)
{
    return lunq_module_param_int(m, name, 0) != 0;
}

/* A parameter that is an address, as 0x0000000040000000. */
static bool address(const struct lunq_module *m, const char *name, uint64_t *base)
{
    const char *text = lunq_module_param(m, name, NULL);
    char *end;
    if (!text || !*text)
        return false;
    *base = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    return *end == 0;
}

static void add(struct ways *w, unsigned bar, uint64_t base, const char *interface)
{
    if (w->n < PCI_BARS)
        w->list[w->n++] = (struct way){bar, base, interface};
}

/* The next BAR of memory from *at on; PCI_BARS: there is none. */
static unsigned next_bar(const struct lunq_pci *p, unsigned *at)
{
    while (*at < PCI_BARS && (p->bars[*at].size == 0 || p->bars[*at].io))
        ++*at;
    return *at < PCI_BARS ? (*at)++ : PCI_BARS;
}

static void of_xdma(const struct lunq_pci *p, const struct lunq_module *m, struct ways *w)
{
    unsigned at = 0, bar;
    uint64_t base;
    if (is_true(m, "axilite_master_en") && (bar = next_bar(p, &at)) < PCI_BARS) {
        base = 0;
        address(m, "pciebar2axibar_axil_master", &base);
        add(w, bar, base, "M_AXI_LITE");
    }
    next_bar(p, &at); /* its own registers */
    if (is_true(m, "axist_bypass_en") && (bar = next_bar(p, &at)) < PCI_BARS) {
        base = 0;
        address(m, "pciebar2axibar_axist_bypass", &base);
        add(w, bar, base, "M_AXI_BYPASS");
    }
}

static void of_each_bar(const struct lunq_pci *p, const struct lunq_module *m, const char *format,
                        struct ways *w)
{
    for (unsigned i = 0; i < PCI_BARS; i++) {
        char name[40], type[40];
        uint64_t base;
        snprintf(name, sizeof name, "%s_%u", format, i);
        snprintf(type, sizeof type, "pf0_bar%u_type_qdma", i);
        if (p->bars[i].size && !p->bars[i].io && address(m, name, &base) &&
            strcasecmp(lunq_module_param(m, type, ""), "DMA") != 0)
            add(w, i, base, NULL);
    }
}

static void find_ways(const struct lunq_pci *p, const struct lunq_module *m, struct ways *w)
{
    w->n = 0;
    if (lunq_module_is(m, "xdma") &&
        strcasecmp(lunq_module_param(m, "functional_mode", "DMA"), "AXI_Bridge") != 0)
        of_xdma(p, m, w);
    else if (lunq_module_is(m, "xdma"))
        of_each_bar(p, m, "pciebar2axibar", w);
    else if (lunq_module_is(m, "axi_pcie") || lunq_module_is(m, "axi_pcie3"))
        of_each_bar(p, m, "C_PCIEBAR2AXIBAR", w);
    else if (lunq_module_is(m, "qdma"))
        of_each_bar(p, m, "pf0_pciebar2axibar", w);
}

static int push(struct lunq_pci *p, uint64_t base, uint64_t size, unsigned bar, uint64_t offset,
                struct lunq_error *err)
{
    struct pci_segment *s = realloc(p->segments, (p->n_segments + 1) * sizeof *s);
    if (!s)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    p->segments = s;
    s[p->n_segments++] = (struct pci_segment){base, size, bar, offset};
    return 0;
}

/* The part of a range that is within the BAR. */
static int push_range(struct lunq_pci *p, const struct lunq_range *g, const struct way *w,
                      struct lunq_error *err)
{
    uint64_t offset = g->base - w->base, size = g->high - g->base + 1;
    if (g->base < w->base || offset >= p->bars[w->bar].size)
        return 0;
    if (size == 0 || size > p->bars[w->bar].size - offset)
        size = p->bars[w->bar].size - offset;
    return push(p, g->base, size, w->bar, offset, err);
}

/* First what the bridge sees at the interface a BAR leads to: two interfaces may have something else at
 * one address. Then the whole of each BAR, for addresses the metadata does not list. */
static int of_bridge(struct lunq_pci *p, const struct lunq_module *m, struct lunq_error *err)
{
    struct ways w;
    int r = 0;
    find_ways(p, m, &w);
    for (size_t i = 0; r == 0 && i < m->n_ranges; i++)
        for (size_t k = 0; r == 0 && k < w.n; k++)
            if (!w.list[k].interface || !m->ranges[i].master ||
                !strcmp(w.list[k].interface, m->ranges[i].master))
                r = push_range(p, &m->ranges[i], &w.list[k], err);
    for (size_t k = 0; r == 0 && k < w.n; k++) {
        uint64_t size = p->bars[w.list[k].bar].size, room = UINT64_MAX - w.list[k].base;
        r = push(p, w.list[k].base, size - 1 < room ? size : room, w.list[k].bar, 0, err);
    }
    return r;
}

/* bar= and base=; without a bridge the only BAR there is begins at 0. */
static int of_options(struct lunq_pci *p, struct lunq_error *err)
{
    unsigned at = 0, bar;
    bool said = p->o.bar >= 0 || p->o.has_base;
    if (p->o.bar >= 0 && (p->bars[p->o.bar].size == 0 || p->bars[p->o.bar].io))
        return lunq_fail(err, LUNQ_VALUE, "Device \"%s\": the function has no memory in BAR %d.",
                         p->dev.name, p->o.bar);
    if (!said && p->n_segments)
        return 0;
    bar = p->o.bar >= 0 ? (unsigned)p->o.bar : next_bar(p, &at);
    if (bar == PCI_BARS || (!said && next_bar(p, &at) < PCI_BARS))
        return 0;
    return push(p, p->o.base, p->bars[bar].size, bar, 0, err);
}

int pci_segments_find(struct lunq_pci *p, const struct lunq_design *design, struct lunq_error *err)
{
    int r = 0;
    free(p->segments);
    p->segments = NULL;
    p->n_segments = 0;
    if (p->o.bar < 0 && !p->o.has_base)
        for (size_t i = 0; design && r == 0 && i < design->n_modules; i++)
            r = of_bridge(p, &design->modules[i], err);
    return r < 0 ? r : of_options(p, err);
}
