/* xclbin_fill.c - from the tables and the XML of an xclbin to modules and compute units. What stands in
 * both is compared; what XRT goes by (IP_LAYOUT) counts. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "card.h"
#include "xclbin.h"

/* ---- one kernel ---------------------------------------------------------------------------- */

static const struct xclbin_port *find_port(const struct xclbin_kernel *k, const char *name)
{
    for (size_t i = 0; i < k->n_ports; i++)
        if (!strcasecmp(k->ports[i].name, name))
            return &k->ports[i];
    return NULL;
}

/* The largest slave port, whose range is the kernel's; NULL: it has none. */
static const struct xclbin_port *slave_port(const struct xclbin_kernel *k)
{
    const struct xclbin_port *best = NULL;
    for (size_t i = 0; i < k->n_ports; i++)
        if (!strcmp(k->ports[i].mode, "slave") && (!best || k->ports[i].range > best->range))
            best = &k->ports[i];
    return best;
}

static int kernel_fail(struct xclbin *x, const struct xclbin_kernel *k, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int kernel_fail(struct xclbin *x, const struct xclbin_kernel *k, const char *fmt, ...)
{
    const struct lunq_card_section *s = xclbin_find(x, XCLBIN_METADATA);
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return xclbin_fail(x, s, s->offset, "line %lu: kernel %.64s: %s", k->line, k->name, text);
}

static int check_arg(struct xclbin *x, const struct xclbin_kernel *k, const struct xclbin_arg *a,
                     const struct xclbin_port *slave)
{
    if (a->qualifier == LUNQ_ARG_STREAM || !slave)
        return 0;
    if (a->offset > slave->range || slave->range - a->offset < a->size)
        return kernel_fail(x, k,
                           "argument %.64s, %" PRIu64 " bytes at 0x%" PRIx64
                           ", lies outside the 0x%" PRIx64
                           " bytes of port %.64s: build the file again",
                           a->name, a->size, a->offset, slave->range, slave->name);
    if (a->offset + a->size > XCLBIN_MAX_REGS)
        return kernel_fail(
            x, k, "argument %.64s ends at 0x%" PRIx64 ", beyond the 0x%x bytes a call may have",
            a->name, a->offset + a->size, (unsigned)XCLBIN_MAX_REGS);
    return 0;
}

/* Parts of vectors and structures share an id and become one argument: sizes add up, the lowest offset
 * counts, as XRT does it. The ids of a kernel have to be 0, 1, 2, ...: XRT refuses others. */
static int merge_args(struct xclbin *x, struct xclbin_kernel *k)
{
    k->merged = lunq_design_alloc(x->d, k->n_args * sizeof *k->merged + 1);
    if (!k->merged)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    for (size_t i = 0; i < k->n_args && k->args[i].has_id; i++) {
        const struct xclbin_arg *a = &k->args[i];
        struct lunq_arg *to = k->n_merged ? &k->merged[k->n_merged - 1] : NULL;
        const struct xclbin_port *port;
        if (to && to->index == a->id) {
            to->size += a->size;
            to->host_size += a->host_size;
            if (a->offset < to->offset)
                to->offset = a->offset;
            if (to->size > XCLBIN_MAX_REGS)
                return kernel_fail(x, k, "the parts of an argument add up to too much");
            continue;
        }
        if (a->id != k->n_merged)
            return kernel_fail(
                x, k, "the ids of its arguments are not 0, 1, 2, ...: build the file again");
        port = find_port(k, a->port);
        k->merged[k->n_merged++] = (struct lunq_arg){
            .name = a->name,
            .type = a->type,
            .port = a->port,
            .index = a->id,
            .kind = (enum lunq_arg_kind)a->qualifier,
            .output = port && !strcmp(port->mode, "write_only"),
            .offset = a->offset,
            .size = a->size,
            .host_offset = a->host_offset,
            .host_size = a->host_size,
        };
    }
    return 0;
}

static enum lunq_control control_of(struct xclbin *x, const struct xclbin_kernel *k,
                                    const struct xclbin_ip *ip)
{
    if (!strcmp(k->protocol, "user_managed"))
        return LUNQ_CTRL_USER;
    if (!strcmp(k->protocol,
                "ap_ctrl_none")) /* whatever IP_LAYOUT says: there is no such register */
        return LUNQ_CTRL_NONE;
    if (!ip)
        return strcmp(k->protocol, "ap_ctrl_chain") ? LUNQ_CTRL_HS : LUNQ_CTRL_CHAIN;
    if (ip->control > LUNQ_CTRL_NONE) { /* AI engine and the adapters of old platforms */
        lunq_design_warn(x->d, "control",
                         "%s: kernel %s has control protocol %u, which is not known: it can't be "
                         "called, its registers can be used",
                         x->d->file, k->name, ip->control);
        return LUNQ_CTRL_USER;
    }
    return (enum lunq_control)ip->control;
}

/* ---- one compute unit ---------------------------------------------------------------------- */

static struct xclbin_ip *find_ip(struct xclbin *x, const char *kernel, const char *unit)
{
    size_t n = strlen(kernel);
    for (size_t i = 0; i < x->n_ips; i++) {
        struct xclbin_ip *ip = &x->ips[i];
        if (ip->type == 1 && !strncmp(ip->name, kernel, n) && ip->name[n] == ':' &&
            !strcmp(ip->name + n + 1, unit))
            return ip;
    }
    return NULL;
}

static int set_address(struct xclbin *x, const struct xclbin_kernel *k,
                       const struct xclbin_instance *i, const struct xclbin_ip *ip,
                       struct lunq_cu *cu)
{
    const struct xclbin_port *slave = slave_port(k);
    cu->range = slave ? slave->range : 0;
    if (!cu->range || (ip ? ip->base == UINT64_MAX : !i->has_base))
        return 0;
    cu->has_address = true;
    cu->base = ip ? ip->base : i->base;
    if (ip && i->has_base && ip->base != i->base)
        lunq_design_warn(x->d, "base",
                         "%s: unit %s is at 0x%" PRIx64 " in IP_LAYOUT and at 0x%" PRIx64
                         " in the XML; the first counts",
                         x->d->file, i->name, ip->base, i->base);
    if (cu->range - 1 > UINT64_MAX - cu->base)
        return kernel_fail(x, k,
                           "unit %.64s: 0x%" PRIx64 " bytes at 0x%" PRIx64
                           " end beyond the address space: build the file again",
                           i->name, cu->range, cu->base);
    return 0;
}

static int by_row(const void *a, const void *b)
{
    const struct xclbin_connection *x = a, *y = b;
    if (x->ip != y->ip)
        return x->ip < y->ip ? -1 : 1;
    if (x->arg != y->arg)
        return x->arg < y->arg ? -1 : 1;
    return x->memory < y->memory ? -1 : x->memory > y->memory;
}

/* The first connection of an IP; they are sorted. */
static size_t first_of(const struct xclbin *x, size_t ip)
{
    size_t low = 0, high = x->n_connections;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->connections[middle].ip < ip)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What CONNECTIVITY says of this unit; doubled rows (xclbinutil 2.13 to 2.16) count once. */
static void connect(struct xclbin *x, const struct lunq_cu *cu, struct lunq_arg *args)
{
    size_t i = first_of(x, cu->row), end = i, *to;
    while (end < x->n_connections && x->connections[end].ip == cu->row)
        end++;
    to = lunq_design_alloc(x->d, (end - i) * sizeof *to + 1);
    for (; to && i < end; i++) {
        const struct xclbin_connection *c = &x->connections[i];
        struct lunq_arg *a = c->arg < cu->n_args ? &args[c->arg] : NULL;
        if (!a) {
            lunq_design_warn(x->d, "connection",
                             "%s: argument %u of %s is connected to a memory, but there is no such "
                             "argument; skipped",
                             x->d->file, c->arg, cu->full);
            continue;
        }
        if (a->n_memories && to[-1] == c->memory)
            continue;
        if (!a->n_memories)
            a->memories = to;
        a->n_memories++;
        *to++ = c->memory;
    }
}

static int add_unit(struct xclbin *x, const struct xclbin_kernel *k,
                    const struct xclbin_instance *i, struct card_unit *u)
{
    struct lunq_design *d = x->d;
    struct xclbin_ip *ip = find_ip(x, k->name, i->name);
    struct lunq_arg *args = lunq_design_alloc(d, k->n_merged * sizeof *args + 1);
    struct lunq_cu *cu = &u->cu;
    *cu = (struct lunq_cu){.kernel = k->name,
                           .name = i->name,
                           .full = lunq_design_join(d, k->name, ":", i->name),
                           .control = control_of(x, k, ip),
                           .protocol = k->protocol,
                           .interrupt = ip && ip->interrupt,
                           .row = ip ? (size_t)(ip - x->ips) : LUNQ_NONE,
                           .args = args,
                           .n_args = k->n_merged};
    u->vlnv = *k->vlnv ? k->vlnv : NULL;
    if (!args || !cu->full)
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", d->file);
    memcpy(args, k->merged, k->n_merged * sizeof *args);
    if (ip) {
        ip->taken = true;
        connect(x, cu, args);
    } else {
        lunq_design_warn(d, "layout",
                         "%s: unit %s of kernel %s is not in IP_LAYOUT: XRT can't run it", d->file,
                         i->name, k->name);
    }
    return set_address(x, k, i, ip, cu);
}

/* ---- registers and ports ------------------------------------------------------------------- */

/* One register for each element, also those of an argument in parts and those that XRT leaves out. */
static void add_registers(struct lunq_design *d, const struct xclbin_kernel *k, struct card_unit *u)
{
    u->registers = lunq_design_alloc(d, k->n_args * sizeof *u->registers + 1);
    for (size_t i = 0; u->registers && i < k->n_args; i++) {
        const struct xclbin_arg *a = &k->args[i];
        if (a->qualifier != LUNQ_ARG_STREAM && a->size)
            u->registers[u->n_registers++] =
                (struct card_register){.name = a->name, .offset = a->offset, .size = a->size};
    }
}

static void add_ports(struct lunq_design *d, const struct xclbin_kernel *k, struct card_unit *u)
{
    const struct xclbin_port *first = slave_port(k);
    u->ports = lunq_design_alloc(d, k->n_ports * sizeof *u->ports + 1);
    if (u->ports && first) /* the one the registers are behind */
        u->ports[u->n_ports++] = (struct card_port){first->name, true, first->width};
    for (size_t i = 0; u->ports && i < k->n_ports; i++) {
        const struct xclbin_port *p = &k->ports[i];
        bool master = !strcmp(p->mode, "master"), slave = !strcmp(p->mode, "slave");
        if ((master || slave) && p != first)
            u->ports[u->n_ports++] =
                (struct card_port){.name = p->name, .slave = slave, .width = p->width};
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* XRT takes the first of two kernels of a name, for the units of both. */
static int check_kernel(struct xclbin *x, const struct xclbin_kernel *k)
{
    const struct xclbin_port *slave = slave_port(k);
    int rc = 0;
    for (const struct xclbin_kernel *other = x->kernels; other < k; other++)
        if (!strcmp(other->name, k->name))
            return kernel_fail(x, k, "there is another one of this name: link the design again");
    for (size_t i = 0; i < k->n_args && rc == 0; i++)
        rc = check_arg(x, k, &k->args[i], slave);
    return rc;
}

static void warn_of_unused(struct xclbin *x)
{
    for (size_t i = 0; i < x->n_ips; i++)
        if (x->ips[i].type == 1 && !x->ips[i].taken)
            lunq_design_warn(x->d, "unknown kernel",
                             "%s: IP_LAYOUT has %s, which the metadata of the kernels does not "
                             "describe; skipped",
                             x->d->file, x->ips[i].name);
        else if (x->ips[i].type == 7)
            lunq_design_warn(x->d, "ps kernel",
                             "%s: skipped: %s is a kernel in software of the card's processor",
                             x->d->file, x->ips[i].name);
}

int xclbin_fill(struct xclbin *x)
{
    struct card_unit *units;
    size_t n = 0, at = 0;
    int rc = 0;
    for (size_t i = 0; i < x->n_kernels; i++)
        n += x->kernels[i].n_instances;
    if (n > XCLBIN_MAX_KERNELS) {
        const struct lunq_card_section *s = xclbin_find(x, XCLBIN_METADATA);
        return xclbin_fail(x, s, s->offset, "more than %d compute units", XCLBIN_MAX_KERNELS);
    }
    if (x->d->priv->arena.failed || !(units = calloc(n + 1, sizeof *units)))
        return lunq_fail(x->err, LUNQ_MEMORY, "%s: no memory", x->d->file);
    if (x->n_connections)
        qsort(x->connections, x->n_connections, sizeof *x->connections, by_row);
    for (size_t i = 0; i < x->n_kernels && rc == 0; i++) {
        struct xclbin_kernel *k = &x->kernels[i];
        rc = check_kernel(x, k);
        if (rc == 0)
            rc = merge_args(x, k);
        for (size_t m = 0; m < k->n_instances && rc == 0; m++) {
            rc = add_unit(x, k, &k->instances[m], &units[at]);
            add_registers(x->d, k, &units[at]);
            add_ports(x->d, k, &units[at++]);
        }
    }
    warn_of_unused(x);
    if (rc == 0)
        rc = lunq_card_build(x->d, units, n, x->err);
    free(units);
    return rc;
}
