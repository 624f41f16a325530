/* dt_bus.c - addresses and interrupts of a device-tree node (Devicetree Specification 0.4, 2.3 and
 * 2.4). */
#include <stdlib.h>
#include <string.h>

#include "dt.h"

enum { GIC_CELLS = 3, MAX_ADDRESS_CELLS = 4 };

/* ---- addresses ------------------------------------------------------------------------------ */

struct cells {
    uint32_t address, size;
};

/* n cells from the i-th as one number; false when it has more than 64 bits. */
static bool number(const struct lunq_dt_property *p, size_t i, uint32_t n, uint64_t *value)
{
    for (*value = 0; n; n--, i++) {
        if (*value >> 32)
            return false;
        *value = *value << 32 | lunq_dt_cell(p, i);
    }
    return true;
}

/* The node's own top of an overlay: its properties are added to a target that we don't see. */
static bool is_fragment_top(const struct lunq_dt_node *n)
{
    return !strcmp(n->name, "__overlay__");
}

/* True when these cells make `reg` begin with the unit address. */
static bool fits_unit_address(const struct lunq_dt_node *n, const struct lunq_dt_property *reg,
                              struct cells c)
{
    const char *unit = strchr(n->name, '@');
    uint64_t base;
    if (reg->size % (4 * (c.address + c.size)))
        return false;
    return !unit || (number(reg, 0, c.address, &base) && base == strtoull(unit + 1, NULL, 16));
}

/* PL overlays say how many cells they use, or have those of their board: 2+2 on 64-bit ones, 1+1 on
 * Zynq-7000 (linux-boards.md B4). */
static struct cells guess(const struct lunq_dt_node *n, const struct lunq_dt_property *reg)
{
    static const struct cells usual[] = {{2, 2}, {1, 1}, {2, 1}, {1, 0}, {2, 0}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (fits_unit_address(n, reg, usual[i]))
            return usual[i];
    return usual[0];
}

/* The cells that the children of a bus use. */
static struct cells child_cells(const struct lunq_dt_node *bus)
{
    return (struct cells){lunq_dt_number(bus, "#address-cells", 2),
                          lunq_dt_number(bus, "#size-cells", 1)};
}

static struct cells reg_cells(const struct lunq_dt_node *n, const struct lunq_dt_property *reg)
{
    if (is_fragment_top(n->parent) && !lunq_dt_property(n->parent, "#address-cells"))
        return guess(n, reg);
    return child_cells(n->parent);
}

/* One entry of `ranges` of the bus: address in the bus, address above, size. */
static bool map_through(const struct lunq_dt_property *ranges, struct cells inside, uint32_t above,
                        uint64_t *address)
{
    size_t step = inside.address + above + inside.size;
    for (size_t i = 0; step && i + step <= ranges->size / 4; i += step) {
        uint64_t from, to, size;
        if (number(ranges, i, inside.address, &from) &&
            number(ranges, i + inside.address, above, &to) &&
            number(ranges, i + inside.address + above, inside.size, &size) && *address >= from &&
            *address - from < size)
            return !__builtin_add_overflow(to, *address - from, address);
    }
    return false;
}

/* From an address in the bus to one of the CPU. */
static bool translate(const struct lunq_dt_node *bus, uint64_t *address)
{
    for (; bus->parent && !is_fragment_top(bus); bus = bus->parent) {
        const struct lunq_dt_property *ranges = lunq_dt_property(bus, "ranges");
        uint32_t above = child_cells(bus->parent).address;
        if (!ranges)
            return false;
        if (is_fragment_top(bus->parent) && !lunq_dt_property(bus->parent, "#address-cells"))
            above = child_cells(bus).address;
        if (ranges->size && !map_through(ranges, child_cells(bus), above, address))
            return false;
    }
    return true;
}

bool lunq_dt_reg(const struct lunq_dt_node *n, size_t i, uint64_t *base, uint64_t *size)
{
    const struct lunq_dt_property *reg = lunq_dt_property(n, "reg");
    struct cells c;
    size_t step;
    if (!reg || !n->parent)
        return false;
    c = reg_cells(n, reg);
    if (!c.address || c.address > MAX_ADDRESS_CELLS || c.size > MAX_ADDRESS_CELLS)
        return false;
    step = c.address + c.size;
    if (i >= reg->size / 4 / step || !number(reg, i * step, c.address, base) ||
        !number(reg, i * step + c.address, c.size, size))
        return false;
    return translate(n->parent, base);
}

/* ---- interrupts ----------------------------------------------------------------------------- */

/* `interrupt-parent` of the node or of the nearest node above that has one. */
static void find_parent(const struct lunq_dt *t, const struct lunq_dt_node *n,
                        struct lunq_dt_interrupt *out)
{
    for (; n; n = n->parent) {
        const struct lunq_dt_property *p = lunq_dt_property(n, "interrupt-parent");
        const struct lunq_dt_ref *ref = p ? lunq_dt_ref_at(p, 0) : NULL;
        if (!p || p->size < 4)
            continue;
        out->node = ref ? ref->node : lunq_dt_phandle(t, lunq_dt_cell(p, 0));
        out->label = ref ? ref->label : out->node ? out->node->label : NULL;
        return;
    }
}

static size_t interrupt_cells(const struct lunq_dt_node *controller)
{
    uint32_t n = controller ? lunq_dt_number(controller, "#interrupt-cells", 1) : GIC_CELLS;
    return n >= 1 && n <= 4 ? n : 1;
}

static bool take(const struct lunq_dt_property *p, size_t at, size_t n,
                 struct lunq_dt_interrupt *out)
{
    if (at > p->size / 4 || n > p->size / 4 - at || n > sizeof out->cells / sizeof *out->cells)
        return false;
    for (size_t k = 0; k < n; k++)
        out->cells[k] = lunq_dt_cell(p, at + k);
    out->n_cells = n;
    return true;
}

/* Each entry begins with its controller. */
static bool take_extended(const struct lunq_dt_property *p, size_t i, struct lunq_dt_interrupt *out)
{
    uint32_t at, end;
    if (i >= p->n_refs)
        return false;
    at = p->refs[i].at / 4 + 1;
    end = i + 1 < p->n_refs ? p->refs[i + 1].at / 4 : p->size / 4;
    out->node = p->refs[i].node;
    out->label = p->refs[i].label;
    return end >= at && take(p, at, end - at, out);
}

bool lunq_dt_interrupt(const struct lunq_dt *t, const struct lunq_dt_node *n, size_t i,
                       struct lunq_dt_interrupt *out)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, "interrupts-extended");
    size_t each;
    *out = (struct lunq_dt_interrupt){0};
    if (p) /* it counts when there are both */
        return take_extended(p, i, out);
    p = lunq_dt_property(n, "interrupts");
    if (!p)
        return false;
    find_parent(t, n, out);
    each = interrupt_cells(out->node);
    return i < p->size / 4 && take(p, i * each, each, out);
}
