/* fuzz_fdt.c - any bytes as a device tree: a tree or a clean error; a tree can be asked, written and
 * read again; an overlay is applied to a small board or refused with a reason, and is a design.
 * Seeds: spec/design/fixtures and the corpus, compiled by dtc (tools/test.sh). */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "design/design.h"
#include "design/dt.h"

static struct lunq_dt *board;

/* A board with the labels that overlays for ZynqMP and Zynq-7000 name. */
static void *make_board(void *blob, int size)
{
    static const char *const nodes[] = {"fpga_full", "amba", "gic",          "intc", "zynqmp_clk",
                                        "gpio",      "clkc", "zynqmp_reset", "axi"};
    const size_t n = sizeof nodes / sizeof *nodes;
    int rc = fdt_create(blob, size) | fdt_finish_reservemap(blob) | fdt_begin_node(blob, "");
    for (size_t i = 0; i < n; i++)
        rc |= fdt_begin_node(blob, nodes[i]) | fdt_property_u32(blob, "phandle", (uint32_t)i + 1) |
              fdt_property_u32(blob, "#address-cells", 2) |
              fdt_property_u32(blob, "#interrupt-cells", 3) | fdt_end_node(blob);
    rc |= fdt_begin_node(blob, "__symbols__");
    for (size_t i = 0; i < n; i++) {
        char path[64] = "/";
        rc |= fdt_property_string(blob, nodes[i], strcat(path, nodes[i]));
    }
    rc |= fdt_end_node(blob) | fdt_end_node(blob) | fdt_finish(blob);
    return rc ? NULL : blob;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static _Alignas(8) char room[4096];
    struct lunq_error e;
    (void)argc, (void)argv;
    if (!make_board(room, sizeof room) ||
        lunq_dt_parse(&board, "board", room, fdt_totalsize(room), &e) < 0)
        abort();
    return 0;
}

/* Asks everything, so that a bad pointer shows. */
static size_t walk(const struct lunq_dt *t, const struct lunq_dt_node *n)
{
    char path[1024];
    uint64_t base, size;
    struct lunq_dt_interrupt irq;
    size_t sum = strlen(n->name) + strlen(lunq_dt_path(n, path, sizeof path));
    for (size_t i = 0; lunq_dt_reg(n, i, &base, &size); i++)
        sum += base & 1;
    for (size_t i = 0; lunq_dt_interrupt(t, n, i, &irq); i++)
        sum += irq.n_cells;
    for (size_t i = 0; i < n->n_properties; i++) {
        const struct lunq_dt_property *p = &n->properties[i];
        sum += strlen(p->name) + (p->size ? p->value[p->size - 1] : 0);
        for (size_t k = 0; k < p->n_refs; k++)
            if (p->refs[k].at > p->size - 4 || (k && p->refs[k].at <= p->refs[k - 1].at))
                abort();
    }
    for (const struct lunq_dt_node *c = n->child; c; c = c->next) {
        if (c->parent != n)
            abort();
        sum += walk(t, c);
    }
    return sum;
}

static void write_and_read(const struct lunq_dt *t)
{
    struct lunq_error e;
    struct lunq_dt *again;
    void *blob;
    size_t size;
    if (lunq_dt_to_blob(t, &blob, &size, &e) < 0)
        abort();
    if (lunq_dt_parse(&again, "again", blob, size, &e) < 0 || again->n_nodes != t->n_nodes)
        abort();
    lunq_dt_free(again);
    free(blob);
}

static void read_design(const uint8_t *data, size_t size)
{
    struct lunq_error e = {0};
    struct lunq_design *d;
    if (lunq_design_read_mem(&d, "fuzz", data, size, &e) < 0) {
        if (d || strncmp(e.message, "fuzz", 4))
            abort();
        return;
    }
    for (size_t i = 0; i < d->n_ip; i++)
        if (d->ip[i].has_address && d->ip[i].addr_range - 1 > UINT64_MAX - d->ip[i].phys_addr)
            abort();
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].controller != LUNQ_NONE && d->pins[i].controller >= d->n_controllers)
            abort();
    lunq_design_unref(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lunq_error e = {0};
    struct lunq_dt *t, *both;
    if (lunq_dt_parse(&t, "fuzz", data, size, &e) < 0) {
        if (t || strncmp(e.message, "fuzz", 4))
            abort();
        return 0;
    }
    if (walk(t, t->root) == SIZE_MAX)
        abort();
    write_and_read(t);
    read_design(data, size);
    if (lunq_dt_apply(&both, board, t, &e) == 0) {
        walk(both, both->root);
        lunq_dt_free(both);
    } else if (both || !e.message[0]) {
        abort();
    }
    lunq_dt_free(t);
    return 0;
}
