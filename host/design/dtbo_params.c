/* dtbo_params.c - parameters of an IP, and clocks, from its device-tree node. Vivado's generator turns
 * C_GPIO_WIDTH into xlnx,gpio-width; what belongs to a channel of a DMA stands in a child node, under
 * names of its own (Linux bindings dma/xilinx). */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtbo.h"

enum {
    CLOCK_DEPTH = 8, /* clocks made of clocks */
    MAX_OWN = 1024   /* parameters of one IP */
};

/* ---- parameters ----------------------------------------------------------------------------- */

static void add(struct lunq_design *d, struct lunq_vec *to, const char *name, const char *value)
{
    struct lunq_param *p = lunq_design_push(d, to, sizeof *p);
    if (!p)
        return;
    p->name = lunq_design_intern(d, name, SIZE_MAX);
    p->value = lunq_design_intern(d, value, SIZE_MAX);
    if (!p->name || !p->value)
        to->n--;
}

static void add_number(struct lunq_design *d, struct lunq_vec *to, const char *name, uint32_t value)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, value);
    add(d, to, name, text);
}

/* "xlnx,gpio-width" -> "C_GPIO_WIDTH"; false for another property. */
static bool parameter_name(const char *property, char *name, size_t size)
{
    size_t n = 0;
    if (strncmp(property, "xlnx,", 5) || strlen(property) + 3 > size)
        return false;
    name[n++] = 'C';
    name[n++] = '_';
    for (property += 5; *property; property++)
        name[n++] = (char)(*property == '-' ? '_' : toupper((unsigned char)*property));
    name[n] = '\0';
    return true;
}

/* A flag, one number or a text; lists of numbers are left out. */
static void add_property(struct lunq_design *d, const struct lunq_dt_node *n,
                         const struct lunq_dt_property *p, struct lunq_vec *to)
{
    char name[128];
    const char *text = lunq_dt_text(n, p->name);
    if (!parameter_name(p->name, name, sizeof name))
        return;
    if (!p->size)
        add(d, to, name, "1");
    else if (p->size == 4)
        add_number(d, to, name, lunq_dt_cell(p, 0));
    else if (text && isprint((unsigned char)*text) && strlen(text) < LUNQ_MAX_NAME)
        add(d, to, name, text);
}

const struct lunq_dt_node *lunq_dtbo_channel(const struct lunq_dt_node *n, const char *direction)
{
    for (const struct lunq_dt_node *c = n->child; c; c = c->next) {
        const char *s = lunq_dt_text(c, "compatible"), *at = s ? strstr(s, direction) : NULL;
        if (at && !strcmp(at + strlen(direction), "-channel"))
            return c;
    }
    return NULL;
}

static void add_channel(struct lunq_design *d, const struct lunq_dt_node *channel, bool mm2s,
                        struct lunq_vec *to)
{
    static const char *const names[2][4] = {{"C_INCLUDE_S2MM", "C_M_AXI_S2MM_DATA_WIDTH",
                                             "C_S_AXIS_S2MM_TDATA_WIDTH", "C_INCLUDE_S2MM_DRE"},
                                            {"C_INCLUDE_MM2S", "C_M_AXI_MM2S_DATA_WIDTH",
                                             "C_M_AXIS_MM2S_TDATA_WIDTH", "C_INCLUDE_MM2S_DRE"}};
    uint32_t width = channel ? lunq_dt_number(channel, "xlnx,datawidth", 0) : 0;
    add(d, to, names[mm2s][0], channel ? "1" : "0");
    if (width) {
        add_number(d, to, names[mm2s][1], width);
        add_number(d, to, names[mm2s][2], width);
    }
    if (channel && lunq_dt_property(channel, "xlnx,include-dre"))
        add(d, to, names[mm2s][3], "1");
}

/* What lunq dtbo writes: "C_GPIO_WIDTH=4". */
static void add_own(struct lunq_design *d, const struct lunq_dt_node *n, struct lunq_vec *to)
{
    char name[128];
    const char *s, *is;
    for (size_t i = 0; i < MAX_OWN && (s = lunq_dtbo_text(n, "lunq,params", i)); i++) {
        is = strchr(s, '=');
        if (!is || is == s || (size_t)(is - s) >= sizeof name)
            continue;
        memcpy(name, s, (size_t)(is - s));
        name[is - s] = '\0';
        add(d, to, name, is + 1);
    }
}

void lunq_dtbo_params(struct lunq_design *d, const struct lunq_dt_node *n, struct lunq_vec *to)
{
    const struct lunq_dt_node *mm2s = lunq_dtbo_channel(n, "mm2s");
    const struct lunq_dt_node *s2mm = lunq_dtbo_channel(n, "s2mm");
    uint32_t width = lunq_dt_number(n, "xlnx,addrwidth", 0);
    for (size_t i = 0; i < n->n_properties; i++)
        add_property(d, n, &n->properties[i], to);
    add_own(d, n, to);
    if (width)
        add_number(d, to, "C_ADDR_WIDTH", width);
    if (mm2s || s2mm) {
        add_channel(d, mm2s, true, to);
        add_channel(d, s2mm, false, to);
    }
}

/* ---- clocks --------------------------------------------------------------------------------- */

static struct lunq_dtbo_clock clock_at(const struct lunq_dt_property *p, size_t k, unsigned depth);

/* Numbers of the clock controllers' bindings: zynqmp-clk has PL0_REF as 71, clkc has fclk0 as 15. */
static struct lunq_dtbo_clock outside(const char *controller, uint32_t number)
{
    struct lunq_dtbo_clock c = {0};
    if (!strcmp(controller, "zynqmp_clk") && number >= 71 && number <= 74)
        c.pl_clock = (unsigned char)(number - 70);
    if (!strcmp(controller, "clkc") && number >= 15 && number <= 18)
        c.pl_clock = (unsigned char)(number - 14);
    return c;
}

/* A node of the overlay that makes a clock: of a fixed frequency, or out of another clock. */
static struct lunq_dtbo_clock inside(const struct lunq_dt_node *n, unsigned depth)
{
    const struct lunq_dt_property *from = lunq_dt_property(n, "clocks");
    struct lunq_dtbo_clock c = {0};
    uint64_t factor = lunq_dt_number(n, "clock-mult", 1), div = lunq_dt_number(n, "clock-div", 1);
    if (from && depth)
        c = clock_at(from, 0, depth - 1);
    c.hz = div ? c.hz * factor / div : 0;
    c.hz = lunq_dt_number(n, "clock-frequency", (uint32_t)c.hz);
    c.hz = lunq_dt_number(n, "assigned-clock-rates", (uint32_t)c.hz);
    return c;
}

static struct lunq_dtbo_clock clock_at(const struct lunq_dt_property *p, size_t k, unsigned depth)
{
    const struct lunq_dt_ref *ref = k < p->n_refs ? &p->refs[k] : NULL;
    if (ref && ref->node)
        return inside(ref->node, depth);
    if (ref && ref->label && ref->at % 4 == 0 && ref->at / 4 + 1 < p->size / 4)
        return outside(ref->label, lunq_dt_cell(p, ref->at / 4 + 1));
    return (struct lunq_dtbo_clock){0};
}

struct lunq_dtbo_clock lunq_dtbo_clock_of(const struct lunq_dt_property *p, size_t k)
{
    return clock_at(p, k, CLOCK_DEPTH);
}
