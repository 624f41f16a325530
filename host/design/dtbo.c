/* dtbo.c - fills a design from a device-tree overlay alone: packages for Kria boards bring a
 * bitstream, an overlay and shell.json, and no HWH (linux-boards.md A8). Each node with registers in
 * the CPU's memory is an IP. A device tree knows neither streams nor registers nor hierarchies. */
#include "dtbo.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdt_check.h"

/* ---- which family --------------------------------------------------------------------------- */

/* 1: Zynq-7000, 2: ZynqMP, 0: the label says nothing. */
static int family_of(const char *label)
{
    static const char *const zynq[] = {"intc", "clkc", "slcr", "devcfg", "ps7_intc"};
    if (!strncmp(label, "zynqmp", 6) || !strcmp(label, "gic"))
        return 2;
    for (size_t i = 0; i < sizeof zynq / sizeof *zynq; i++)
        if (!strcmp(label, zynq[i]))
            return 1;
    return 0;
}

/* By the labels of the board it names; else by its first address: the PL of a Zynq-7000 has the lower
 * two GiB from 0x40000000, that of a ZynqMP begins at 0x80000000. */
static bool is_zynq(const struct lunq_dtbo *r)
{
    const struct lunq_dt_node *fixups = lunq_dt_child(r->t->root, "__fixups__");
    const struct lunq_dtbo_unit *u = r->units.data;
    const char *own = lunq_dt_text(r->t->root, "lunq,arch");
    uint64_t base, size;
    if (own)
        return !strcmp(own, "zynq");
    for (size_t i = 0; fixups && i < fixups->n_properties; i++)
        if (family_of(fixups->properties[i].name))
            return family_of(fixups->properties[i].name) == 1;
    return r->units.n && lunq_dt_reg(u->node, 0, &base, &size) && base < 0x80000000;
}

/* ---- which nodes ---------------------------------------------------------------------------- */

static bool is_memory_pool(const struct lunq_dt_node *n)
{
    for (; n; n = n->parent)
        if (!strcmp(n->name, "reserved-memory"))
            return true;
    return false;
}

/* Its first range has bytes, it is no pool of memory, and not switched off. */
static bool is_ip(const struct lunq_dt_node *n)
{
    const char *status = lunq_dt_text(n, "status");
    uint64_t base, size;
    return lunq_dt_reg(n, 0, &base, &size) && size && !is_memory_pool(n) &&
           (!status || !strncmp(status, "ok", 2));
}

static size_t count_ranges(const struct lunq_dt_node *n)
{
    uint64_t base, size;
    size_t i = 0;
    while (i < LUNQ_MAX_RANGES && lunq_dt_reg(n, i, &base, &size))
        i++;
    return i;
}

static int collect(struct lunq_dtbo *r, const struct lunq_dt_node *n)
{
    int rc = 0;
    if (is_ip(n)) {
        struct lunq_dtbo_unit *u = lunq_design_push(r->d, &r->units, sizeof *u);
        if (r->units.n > LUNQ_MAX_MODULES)
            return lunq_fail(r->err, LUNQ_VALUE, "%s: more than %d nodes with registers",
                             r->d->file, LUNQ_MAX_MODULES);
        if (u)
            u->node = n;
        r->n_ranges += count_ranges(n);
    }
    for (const struct lunq_dt_node *c = n->child; rc == 0 && c; c = c->next)
        rc = collect(r, c);
    return rc;
}

/* ---- names and types ------------------------------------------------------------------------ */

static bool is_taken(const struct lunq_dtbo *r, const char *name,
                     const struct lunq_dtbo_unit *before)
{
    for (const struct lunq_dtbo_unit *u = r->units.data; u < before; u++)
        if (u->module && u->module->path == name)
            return true;
    return false;
}

/* "video/fir" as lunq dtbo writes it, or NULL: no part is empty. */
static const char *own_path(const struct lunq_dt_node *n)
{
    const char *path = lunq_dt_text(n, "lunq,path");
    if (!path || !*path || *path == '/' || path[strlen(path) - 1] == '/' || strstr(path, "//"))
        return NULL;
    return path;
}

/* LUNQ's own property, else what UIO will call it, else the label, else the node's name; of letters,
 * digits and '_', for scripts write it. */
static const char *name_of(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u)
{
    const struct lunq_dt_node *n = u->node;
    const char *own = own_path(n), *uio = lunq_dt_text(n, "linux,uio-name");
    const char *text = own ? own : uio ? uio : n->label ? n->label : n->name, *name;
    char buf[LUNQ_MAX_NAME];
    size_t i = 0;
    for (; text[i] && text[i] != '@' && i < sizeof buf - 24; i++)
        buf[i] = isalnum((unsigned char)text[i]) || (own && text[i] == '/') ? text[i] : '_';
    buf[i] = '\0';
    name = lunq_design_intern(r->d, i ? buf : "ip", SIZE_MAX);
    if (name && is_taken(r, name, u)) {
        uint64_t base = 0, size;
        lunq_dt_reg(n, 0, &base, &size);
        snprintf(buf + i, sizeof buf - i, "_%" PRIx64, base);
        name = lunq_design_intern(r->d, buf, SIZE_MAX);
    }
    return name;
}

static void set_type(struct lunq_dtbo *r, struct lunq_dtbo_unit *u)
{
    struct lunq_module *m = u->module;
    const char *colon, *name;
    lunq_dtbo_type_of(u->node, m->path, &u->type);
    if (!*u->type.vlnv)
        return;
    m->vlnv = lunq_design_intern(r->d, u->type.vlnv, SIZE_MAX);
    name = strchr(strchr(u->type.vlnv, ':') + 1, ':') + 1;
    colon = strchr(name, ':');
    m->modtype = lunq_design_intern(r->d, name, (size_t)(colon - name));
    if (u->type.by_name)
        lunq_design_warn(r->d, m->path,
                         "%s: %s says nothing of its type; by its name it is taken for %s",
                         r->d->file, m->path, u->type.vlnv);
    else if (*u->type.vlnv == '*')
        lunq_design_warn(
            r->d, "vendor",
            "%s: a device tree does not say the vendor of custom IP: %s is %s, and gets "
            "the driver that is bound to this name and version, if there is one",
            r->d->file, m->path, u->type.vlnv);
}

/* ---- parameters, address ranges ------------------------------------------------------------- */

/* True for text that a terminal may show. */
static bool is_shown(const char *s)
{
    for (; *s; s++)
        if (*s < ' ' || *s > '~')
            return false;
    return true;
}

const char *lunq_dtbo_text(const struct lunq_dt_node *n, const char *name, size_t i)
{
    const struct lunq_dt_property *p = lunq_dt_property(n, name);
    const char *s = p ? (const char *)p->value : NULL, *end = p ? s + p->size : NULL, *nul;
    for (; s && s < end && (nul = memchr(s, 0, (size_t)(end - s))); s = nul + 1)
        if (!i--)
            return *s && is_shown(s) ? s : NULL;
    return NULL;
}

static bool is_uio(const struct lunq_dt_node *n)
{
    const char *s;
    for (size_t i = 0; (s = lunq_dtbo_text(n, "compatible", i)); i++)
        if (!strcmp(s, "generic-uio"))
            return true;
    return false;
}

/* What the node itself says, and what UIO calls it. */
static void set_params(struct lunq_dtbo *r, struct lunq_dtbo_unit *u)
{
    const char *name = lunq_dt_text(u->node, "linux,uio-name");
    struct lunq_param *p;
    lunq_dtbo_params(r->d, u->node, &r->params);
    if (is_uio(u->node) && (p = lunq_design_push(r->d, &r->params, sizeof *p))) {
        name = name ? name : u->node->name;
        p->name = lunq_design_intern(r->d, "UIO_NAME", SIZE_MAX);
        p->value = lunq_design_intern(r->d, name, strcspn(name, "@"));
    }
    u->module->params = lunq_vec_keep(&r->params, sizeof(struct lunq_param), &r->d->priv->arena,
                                      &u->module->n_params);
}

static bool is_memory(const struct lunq_module *m)
{
    return lunq_module_is(m, "axi_bram_ctrl") || lunq_module_is(m, "ddr4") ||
           lunq_module_is(m, "mig_7series");
}

static struct lunq_range *set_ranges(struct lunq_dtbo *r, struct lunq_dtbo_unit *u,
                                     struct lunq_range *to)
{
    uint64_t base, size;
    for (size_t i = 0; lunq_dt_reg(u->node, i, &base, &size); i++) {
        const char *name = lunq_dtbo_text(u->node, "reg-names", i);
        if (!size || size - 1 > UINT64_MAX - base) {
            lunq_design_warn(r->d, "range", "%s: range %zu of %s is left out: it has no end",
                             r->d->file, i, u->module->path);
            continue;
        }
        *to++ =
            (struct lunq_range){.instance = u->module->path,
                                .memtype = lunq_design_intern(
                                    r->d, is_memory(u->module) ? "MEMORY" : "REGISTER", SIZE_MAX),
                                .slave = name ? lunq_design_intern(r->d, name, SIZE_MAX) : NULL,
                                .base = base,
                                .high = base + (size - 1)};
    }
    return to;
}

/* ---- the processing system ------------------------------------------------------------------ */

/* The frequency a node asks for a clock of the processor: assigned-clocks and assigned-clock-rates. */
static void add_rates(struct lunq_dtbo *r, const struct lunq_dt_node *n, struct lunq_vec *to)
{
    const struct lunq_dt_property *clocks = lunq_dt_property(n, "assigned-clocks");
    const struct lunq_dt_property *rates = lunq_dt_property(n, "assigned-clock-rates");
    for (size_t k = 0; clocks && rates && k < clocks->n_refs && k < rates->size / 4; k++) {
        struct lunq_dtbo_clock c = lunq_dtbo_clock_of(clocks, k);
        char name[64], value[32];
        struct lunq_param *p;
        if (!c.pl_clock || !(p = lunq_design_push(r->d, to, sizeof *p)))
            continue;
        snprintf(name, sizeof name,
                 r->zynq ? "PCW_FPGA%d_PERIPHERAL_FREQMHZ" : "PSU__CRL_APB__PL%d_REF_CTRL__FREQMHZ",
                 c.pl_clock - 1);
        snprintf(value, sizeof value, "%.9g", lunq_dt_cell(rates, k) / 1e6);
        p->name = lunq_design_intern(r->d, name, SIZE_MAX);
        p->value = lunq_design_intern(r->d, value, SIZE_MAX);
    }
    for (const struct lunq_dt_node *c = n->child; c; c = c->next)
        add_rates(r, c, to);
}

/* ---- putting it together -------------------------------------------------------------------- */

static void make_ps(struct lunq_dtbo *r, struct lunq_module *ps, struct lunq_range *ranges,
                    size_t n)
{
    struct lunq_design *d = r->d;
    ps->path = ps->instance =
        lunq_design_intern(d, r->zynq ? "processing_system7_0" : "zynq_ultra_ps_e_0", SIZE_MAX);
    ps->modtype =
        lunq_design_intern(d, r->zynq ? "processing_system7" : "zynq_ultra_ps_e", SIZE_MAX);
    ps->vlnv = lunq_design_intern(
        d, r->zynq ? "xilinx.com:ip:processing_system7:5.5" : "xilinx.com:ip:zynq_ultra_ps_e:3.5",
        SIZE_MAX);
    ps->ranges = ranges;
    ps->n_ranges = n;
    add_rates(r, r->t->root, &r->params);
    ps->params = lunq_vec_keep(&r->params, sizeof *ps->params, &d->priv->arena, &ps->n_params);
}

/* "dir/base.v2.dtbo" -> "base" */
static void set_name(struct lunq_design *d)
{
    const char *slash = strrchr(d->file, '/'), *name = slash ? slash + 1 : d->file;
    d->name = lunq_design_intern(d, name, strcspn(name, "."));
}

static const char *find_firmware(const struct lunq_dt_node *n)
{
    const char *name = lunq_dtbo_text(n, "firmware-name", 0);
    for (const struct lunq_dt_node *c = n->child; !name && c; c = c->next)
        name = find_firmware(c);
    return name && *name && strlen(name) < LUNQ_MAX_NAME ? name : NULL;
}

static int fill(struct lunq_dtbo *r)
{
    struct lunq_design *d = r->d;
    size_t n = r->units.n;
    struct lunq_range *ranges = lunq_design_alloc(d, (r->n_ranges + 1) * sizeof *ranges);
    struct lunq_range *end = ranges;
    struct lunq_dtbo_unit *u = r->units.data;
    const char *firmware = find_firmware(r->t->root);
    int rc = 0;
    d->modules = lunq_design_alloc(d, (n + 1) * sizeof *d->modules);
    r->zynq = is_zynq(r);
    d->arch = lunq_design_intern(d, r->zynq ? "zynq" : "zynquplus", SIZE_MAX);
    d->firmware = firmware ? lunq_design_intern(d, firmware, SIZE_MAX) : NULL;
    set_name(d);
    for (size_t i = 0; i < n && !d->priv->arena.failed; i++) {
        struct lunq_module *m = &d->modules[i];
        m->path = m->instance = name_of(r, &u[i]);
        u[i].module = m;
        if (d->priv->arena.failed)
            break;
        set_type(r, &u[i]);
        set_params(r, &u[i]);
        end = set_ranges(r, &u[i], end);
        lunq_dtbo_ports(r, &u[i]);
    }
    if (d->priv->arena.failed)
        return lunq_fail(r->err, LUNQ_MEMORY, "%s: no memory", d->file);
    make_ps(r, &d->modules[n], ranges, (size_t)(end - ranges));
    d->n_modules = n + 1;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = lunq_dtbo_wire(r, &u[i]);
    return rc;
}

int lunq_dtbo_read(struct lunq_design *d, const void *data, size_t size, struct lunq_error *err)
{
    struct lunq_dtbo r = {.d = d, .err = err};
    int rc = lunq_dt_parse(&r.t, d->file, data, size, err);
    if (rc < 0)
        return rc;
    if (!r.t->overlay)
        rc = lunq_fail(
            err, LUNQ_VALUE,
            "%s: the device tree of a board, no overlay of a design; lunq fdt %s shows it", d->file,
            d->file);
    if (rc == 0)
        rc = collect(&r, r.t->root);
    if (rc == 0)
        rc = fill(&r);
    lunq_vec_free(&r.units);
    lunq_vec_free(&r.params);
    lunq_vec_free(&r.ports);
    lunq_dt_free(r.t);
    return rc;
}
